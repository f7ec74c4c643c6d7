/** The bench's hand for rigs and tests: typed deeds over the control socket. */
import { createConnection, type Socket } from 'node:net';
import { BENCH_REFUSALS, BenchRefusal, type BenchRefusalCode } from '../bench/refusal.ts';
import {
  CONTROL_LINE_BYTES_MAX,
  type DeedInput,
  type DeedValues,
  type RoomView,
  WAITING_DEEDS_MAX,
} from './deeds.ts';
import { createLineReader, writeLine } from './lines.ts';

export interface BenchClient {
  /** Rejects with BenchRefusal (`code`, `detail`) where the deed is impossible, with Error where the bench is gone. */
  perform<Name extends keyof DeedValues>(
    deed: Extract<DeedInput, { readonly do: Name }>,
  ): Promise<DeedValues[Name]>;
  /** The same, where its value is of no interest: a room's view is most of what a deed costs. */
  performQuietly(deed: DeedInput): Promise<void>;
  /**
   * Says nothing where it was done: for a deed whose effect the asker sees elsewhere. Never resolves; rejects where it is
   * refused. Deeds of one client are carried out in the order in which they are asked.
   */
  unlessRefused(deed: DeedInput): Promise<never>;
  /** Room views of stations that this client has asked to `watch`. */
  onRoom(listener: (view: RoomView) => void): void;
  close(): void;
  readonly closed: Promise<void>;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (cause: Error) => void;
}

interface Line {
  readonly id?: number | null;
  readonly ok?: boolean;
  readonly value?: unknown;
  readonly refusal?: { readonly code: string; readonly detail?: string };
  readonly event?: string;
  readonly view?: RoomView;
}

const refusalOf = (refusal: Line['refusal']): Error => {
  const code = BENCH_REFUSALS.find((known) => known === refusal?.code);
  return new BenchRefusal(code ?? ('failed' satisfies BenchRefusalCode), refusal?.detail ?? refusal?.code);
};

function connect(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

export async function createBenchClient(path: string): Promise<BenchClient> {
  const socket = await connect(path);
  const waiting = new Map<number, Waiting>();
  const listeners: ((view: RoomView) => void)[] = [];
  let nextId = 1;
  const take = (text: string): void => {
    const line = JSON.parse(text) as Line;
    if (line.event === 'room' && line.view !== undefined) {
      for (const listener of listeners) listener(line.view);
      return;
    }
    const asked = waiting.get(line.id ?? -1);
    if (asked === undefined) return;
    waiting.delete(line.id as number);
    if (line.ok === true) asked.resolve(line.value as never);
    else asked.reject(refusalOf(line.refusal));
  };
  // Papers come in pages below the line bound; a state with a picture is the longest line otherwise.
  const read = createLineReader(CONTROL_LINE_BYTES_MAX, take, () => socket.destroy());
  socket.on('data', read);
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  void closed.then(() => {
    for (const asked of waiting.values()) asked.reject(new Error('the bench has gone'));
    waiting.clear();
  });
  const ask = (words: Readonly<Record<string, unknown>>): Promise<never> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) {
        reject(new Error('the bench has gone'));
        return;
      }
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      writeLine(socket, { ...words, id });
    });
  const unanswered: number[] = [];
  const askUnlessRefused = (deed: DeedInput): Promise<never> => {
    unanswered.push(nextId);
    // A refusal comes at once: what is so many deeds past was done.
    if (unanswered.length > WAITING_DEEDS_MAX) waiting.delete(unanswered.shift() as number);
    return ask({ ...deed, quiet: 'refusal_only' });
  };
  return {
    perform: (deed) => ask(deed),
    performQuietly: (deed) => ask({ ...deed, quiet: true }),
    unlessRefused: askUnlessRefused,
    onRoom: (listener) => {
      listeners.push(listener);
    },
    close: () => socket.destroy(),
    closed,
  };
}
