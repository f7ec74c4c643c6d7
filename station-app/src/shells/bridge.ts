/**
 * One window ↔ the cores that its role may reach. The same for both shells; a transport only carries it. It checks
 * name, role and input once more before a core is asked, and drops from a view whatever the contract does not name.
 */
import { admissionCalls, admissionViewSchema } from '../contract/admission.ts';
import type { CallDescription, Calls, ScreenRole } from '../contract/contract.ts';
import { dispatch, type Handlers, Refused } from '../contract/socket.ts';
import { officerViewSchema, voterViewSchema, votingCalls } from '../contract/voting.ts';
import { type CoreAddress, type CoreLink, linkCore } from './core-link.ts';
import { CALLS_WAITING_MAX, type Core, type Reply, type ShellMessage } from './window-protocol.ts';

export interface BridgeOptions {
  readonly role: ScreenRole;
  readonly locale: 'fa' | 'en';
  readonly px_per_mm: number;
  readonly guide?: boolean | undefined;
  readonly addresses: Readonly<Record<Core, CoreAddress>>;
  readonly send: (message: ShellMessage) => void;
  readonly onFailure: (call: string, cause: unknown) => void;
}

export interface WindowBridge {
  call(name: unknown, input: unknown): Promise<Reply>;
  close(): void;
}

/** The voter's window knows of no admission side; an inspector watches the voting side only. */
export const CORES_OF_ROLE: Readonly<Record<ScreenRole, readonly Core[]>> = {
  executive: ['voting', 'admission'],
  supervisor: ['voting', 'admission'],
  voter: ['voting'],
  inspector: ['voting'],
};

const CALLS: Readonly<Record<Core, Calls>> = { voting: votingCalls, admission: admissionCalls };
const ALL_CALLS: Readonly<Record<string, CallDescription>> = { ...votingCalls, ...admissionCalls };

const coreOf = (name: string): Core => (Object.hasOwn(CALLS.voting, name) ? 'voting' : 'admission');

export function openBridge(options: BridgeOptions): WindowBridge {
  const { role, send } = options;
  const cores = CORES_OF_ROLE[role];
  send({
    event: 'hello',
    role,
    locale: options.locale,
    px_per_mm: options.px_per_mm,
    guide: options.guide === true,
    cores,
  });
  const links = new Map<Core, CoreLink>();
  const onState = (core: Core) => (state: 'connected' | 'lost') => send({ event: 'core', core, state });
  const votingView = role === 'voter' ? voterViewSchema : officerViewSchema;
  links.set(
    'voting',
    linkCore({
      address: options.addresses.voting,
      role,
      parseView: (raw) => votingView.safeParse(raw).data,
      onView: (view) => send({ event: 'view', core: 'voting', view }),
      onState: onState('voting'),
    }),
  );
  if (cores.includes('admission')) {
    links.set(
      'admission',
      linkCore({
        address: options.addresses.admission,
        role,
        parseView: (raw) => admissionViewSchema.safeParse(raw).data,
        onView: (view) => send({ event: 'view', core: 'admission', view }),
        onState: onState('admission'),
      }),
    );
  }
  const forward = (name: string) => (input: unknown) => {
    const link = links.get(coreOf(name));
    if (link === undefined) throw new Refused('forbidden');
    return link.call(name, input);
  };
  const handlers = Object.fromEntries(
    Object.keys(ALL_CALLS).map((name) => [name, forward(name)]),
  ) as Handlers<Calls>;
  let waiting = 0;
  return {
    async call(name, input) {
      if (typeof name !== 'string') return { ok: false, refusal: { code: 'bad_request' } };
      if (waiting >= CALLS_WAITING_MAX) return { ok: false, refusal: { code: 'busy' } };
      waiting += 1;
      try {
        return await dispatch(
          { calls: ALL_CALLS, handlers, onFailure: options.onFailure },
          role,
          name,
          input ?? {},
        );
      } finally {
        waiting -= 1;
      }
    },
    close() {
      for (const link of links.values()) link.close();
      links.clear();
    },
  };
}
