/**
 * The window's only way out: calls to the cores and the views that they push, over whatever carries them. What is
 * shown lives here in memory and nowhere else: no storage, no history, no address.
 */
import type { z } from 'zod';
import type { AdmissionCalls, AdmissionView } from '../contract/admission.ts';
import type { CallRefusal, ScreenRole } from '../contract/contract.ts';
import type { OfficerView, VoterView, VotingCalls } from '../contract/voting.ts';
import type { Core, PreloadBridge, Reply, ShellMessage } from '../shells/window-protocol.ts';

export type StationCalls = VotingCalls & AdmissionCalls;
export type CallName = keyof StationCalls & string;
export type CallInput<Name extends CallName> = z.input<StationCalls[Name]['input']>;
export type CallOutput<Name extends CallName> = z.output<StationCalls[Name]['output']>;

export interface StationState {
  readonly link: 'connecting' | 'open' | 'lost';
  readonly role: ScreenRole | null;
  readonly locale: 'fa' | 'en';
  readonly px_per_mm: number | null;
  /** the launcher wants the rehearsal walked step by step */
  readonly guide: boolean;
  readonly cores: Readonly<Partial<Record<Core, 'connecting' | 'connected' | 'lost'>>>;
  readonly voting: OfficerView | VoterView | null;
  readonly admission: AdmissionView | null;
}

/** Thrown by `call` where a core, or the way to it, refuses. */
export class CallRefused extends Error {
  readonly refusal: CallRefusal;
  constructor(refusal: CallRefusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

export interface StationLink {
  readonly getState: () => StationState;
  readonly subscribe: (listener: () => void) => () => void;
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
}

/** What a shell offers underneath: Electron's preload or a WebSocket. */
interface Carrier {
  call(name: string, input: unknown): Promise<Reply>;
  start(onMessage: (message: ShellMessage) => void, onLink: (link: 'open' | 'lost') => void): void;
}

const RECONNECT_MS_MIN = 200;
const RECONNECT_MS_MAX = 2_000;
const GONE: Reply = { ok: false, refusal: { code: 'screen_link_lost' } };

const START: StationState = {
  link: 'connecting',
  role: null,
  locale: 'fa',
  px_per_mm: null,
  guide: false,
  cores: {},
  voting: null,
  admission: null,
};

/** The next state of the screen after a message of its shell; pure. */
export function stateAfter(state: StationState, message: ShellMessage): StationState {
  switch (message.event) {
    case 'hello':
      return {
        ...START,
        link: 'open',
        role: message.role,
        locale: message.locale,
        px_per_mm: message.px_per_mm,
        guide: message.guide === true,
        cores: Object.fromEntries(message.cores.map((core) => [core, 'connecting' as const])),
      };
    case 'core': {
      const cores = { ...state.cores, [message.core]: message.state };
      // A voter's choices are not left standing on a screen that nobody is behind.
      const isVoterLost = state.role === 'voter' && message.state === 'lost';
      return { ...state, cores, voting: isVoterLost ? null : state.voting };
    }
    case 'view':
      return message.core === 'voting'
        ? { ...state, voting: message.view }
        : { ...state, admission: message.view };
  }
}

export function createStationLink(carrier: Carrier): StationLink {
  let state = START;
  const listeners = new Set<() => void>();
  const set = (next: StationState): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  carrier.start(
    (message) => set(stateAfter(state, message)),
    (link) =>
      set(link === 'lost' && state.role === 'voter' ? { ...state, link, voting: null } : { ...state, link }),
  );
  return {
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async call(name, input) {
      const reply = await carrier.call(name, input);
      if (!reply.ok) throw new CallRefused(reply.refusal);
      return reply.value as never;
    },
  };
}

/** A carrier over the WebSocket beside this page; the window's cookie says whose it is. */
export function webSocketCarrier(address: string): Carrier {
  let socket: WebSocket | undefined;
  let nextId = 1;
  const waiting = new Map<number, (reply: Reply) => void>();
  return {
    start(onMessage, onLink) {
      let wait_ms = RECONNECT_MS_MIN;
      const connect = (): void => {
        const made = new WebSocket(address);
        socket = made;
        made.onmessage = (event: MessageEvent<string>) => {
          wait_ms = RECONNECT_MS_MIN;
          const message = JSON.parse(event.data) as ShellMessage | ({ readonly id: number } & Reply);
          if ('event' in message) return onMessage(message);
          waiting.get(message.id)?.(message);
          waiting.delete(message.id);
        };
        made.onopen = () => onLink('open');
        made.onclose = () => {
          for (const resolve of waiting.values()) resolve(GONE);
          waiting.clear();
          onLink('lost');
          setTimeout(connect, wait_ms);
          wait_ms = Math.min(wait_ms * 2, RECONNECT_MS_MAX);
        };
      };
      connect();
    },
    call: (name, input) =>
      new Promise((resolve) => {
        if (socket?.readyState !== WebSocket.OPEN) return resolve(GONE);
        const id = nextId++;
        waiting.set(id, resolve);
        socket.send(JSON.stringify({ id, call: name, input }));
      }),
  };
}

/** A carrier over what Electron's preload exposes. */
export const preloadCarrier = (bridge: PreloadBridge): Carrier => ({
  start(onMessage, onLink) {
    onLink('open');
    bridge.attach(onMessage);
  },
  call: (name, input) => bridge.call(name, input),
});
