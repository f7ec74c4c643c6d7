/** The page's end of the WebSocket: connects, connects again, asks and is told. */
import type { DeedInput, StationState } from '../../control/deeds.ts';
import type { PeoplePage, PeopleQuery, ToPage } from '../protocol.ts';

const RECONNECT_MS = 1_000;

export interface PanelView {
  readonly connected: boolean;
  readonly stations: readonly string[];
  readonly state: StationState | null;
}

export interface PanelLink {
  view(): PanelView;
  subscribe(listener: () => void): () => void;
  show(station: string): void;
  /** @returns the refusal's code, or null where it was done. */
  perform(deed: DeedInput): Promise<string | null>;
  people(query: PeopleQuery): Promise<PeoplePage | null>;
}

type Reply = Extract<ToPage, { readonly id: number }>;

export function createPanelLink(url: string): PanelLink {
  let view: PanelView = { connected: false, stations: [], state: null };
  let socket: WebSocket | undefined;
  let shown: string | undefined;
  let nextId = 1;
  const listeners = new Set<() => void>();
  const waiting = new Map<number, (reply: Reply | null) => void>();

  const change = (next: Partial<PanelView>): void => {
    view = { ...view, ...next };
    for (const listener of listeners) listener();
  };
  const ask = (body: object): Promise<Reply | null> =>
    new Promise((resolve) => {
      if (socket?.readyState !== WebSocket.OPEN) {
        resolve(null);
        return;
      }
      const id = nextId++;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, ...body }));
    });
  const show = (station: string): void => {
    shown = station;
    void ask({ show: station });
  };
  const take = (message: ToPage): void => {
    if (!('event' in message)) {
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    } else if (message.event === 'state') change({ state: message.state });
    else {
      change({ stations: message.stations });
      const first = message.stations[0];
      const still = shown !== undefined && message.stations.includes(shown);
      if (first === undefined) change({ state: null });
      else show(still ? (shown as string) : first);
    }
  };
  const connect = (): void => {
    const opened = new WebSocket(url);
    socket = opened;
    opened.onopen = () => change({ connected: true });
    opened.onmessage = (event) => take(JSON.parse(String(event.data)) as ToPage);
    opened.onclose = () => {
      for (const resolve of waiting.values()) resolve(null);
      waiting.clear();
      change({ connected: false });
      setTimeout(connect, RECONNECT_MS);
    };
  };
  connect();
  return {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show,
    async perform(deed) {
      const reply = await ask({ deed });
      if (reply === null) return 'failed';
      return reply.ok ? null : reply.code;
    },
    async people(query) {
      const reply = await ask({ people: query });
      return reply?.ok === true ? (reply.value as PeoplePage) : null;
    },
  };
}
