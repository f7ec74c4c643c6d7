/** One window's connection to one core, made again when the core restarts. */
import type { Calls, ScreenRole } from '../contract/contract.ts';
import { type ContractClient, connectContract, Refused } from '../contract/socket.ts';

/** Waits between attempts: doubling from the first to the second. A restarted core is back within a second or two. */
export const RECONNECT_MS_MIN = 100;
export const RECONNECT_MS_MAX = 2_000;

export interface CoreAddress {
  readonly socket: string;
  readonly token: string;
}

export interface CoreLink {
  /** @throws Refused with the core's named reason, `core_gone` while there is no connection. */
  call(name: string, input: unknown): Promise<unknown>;
  close(): void;
}

export interface CoreLinkOptions<View> {
  readonly address: CoreAddress;
  readonly role: ScreenRole;
  /** undefined: not a view of this contract; the link is dropped and tried again */
  readonly parseView: (raw: unknown) => View | undefined;
  readonly onView: (view: View) => void;
  /** `connected` with the first view, `lost` when the socket closes; never the same twice. */
  readonly onState: (state: 'connected' | 'lost') => void;
}

export function linkCore<Contract extends Calls, View>(options: CoreLinkOptions<View>): CoreLink {
  let client: ContractClient<Contract, View | undefined> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wait_ms = RECONNECT_MS_MIN;
  let ended = false;
  let state: 'connected' | 'lost' | undefined;
  const say = (next: 'connected' | 'lost'): void => {
    if (ended || next === state) return;
    state = next;
    options.onState(next);
  };
  const connect = (): void => {
    const made = connectContract<Contract, View | undefined>(
      options.address.socket,
      options.address.token,
      options.role,
      options.parseView,
      'answer_after_view',
    );
    client = made;
    made.onView((view) => {
      if (ended) return;
      if (view === undefined) return made.close();
      wait_ms = RECONNECT_MS_MIN;
      say('connected');
      options.onView(view);
    });
    void made.closed.then(() => {
      if (ended) return;
      say('lost');
      timer = setTimeout(connect, wait_ms);
      wait_ms = Math.min(wait_ms * 2, RECONNECT_MS_MAX);
    });
  };
  connect();
  return {
    async call(name, input) {
      if (client === undefined || state !== 'connected') throw new Refused('core_gone');
      return client.call(name, input as never);
    },
    close() {
      ended = true;
      clearTimeout(timer);
      client?.close();
    },
  };
}
