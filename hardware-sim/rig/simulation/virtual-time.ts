/**
 * Time that passes only when nothing is left to do at this moment: one queue of events for a whole world. Between two
 * events everything that was promised runs to its end, so that the same seed gives the same order on every machine.
 */
export interface VirtualTime {
  elapsedMs(): number;
  after(delayMs: number, run: () => void): () => void;
  sleep(ms: number): Promise<void>;
  /** Runs the world until `main` has ended. @throws Stuck where nothing can happen any more, or too much time has passed */
  run<Value>(main: () => Promise<Value>, limitMs: number): Promise<Value>;
  /** events so far: a trace of the same seed has the same number */
  readonly events: number;
}

export class Stuck extends Error {}

interface Entry {
  readonly dueMs: number;
  readonly number: number;
  run: (() => void) | undefined;
}

const earlier = (a: Entry, b: Entry): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.number < b.number);

class Queue {
  readonly #heap: Entry[] = [];

  push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!earlier(entry, heap[above] as Entry)) break;
      heap[at] = heap[above] as Entry;
      at = above;
    }
    heap[at] = entry;
  }

  pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && earlier(heap[below + 1] as Entry, heap[below] as Entry)) below++;
      if (!earlier(heap[below] as Entry, last)) break;
      heap[at] = heap[below] as Entry;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

/** Lets everything run that was promised, and whatever that promises. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createVirtualTime(): VirtualTime {
  const queue = new Queue();
  let nowMs = 0;
  let number = 0;
  let events = 0;

  const after = (delayMs: number, run: () => void): (() => void) => {
    const entry: Entry = { dueMs: nowMs + Math.max(0, delayMs), number: number++, run };
    queue.push(entry);
    return () => {
      entry.run = undefined;
    };
  };
  const step = (): boolean => {
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      if (entry.run === undefined) continue;
      nowMs = Math.max(nowMs, entry.dueMs);
      events++;
      entry.run();
      return true;
    }
    return false;
  };
  return {
    elapsedMs: () => nowMs,
    after,
    sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
    async run(main, limitMs) {
      const untilMs = nowMs + limitMs;
      let ended = false;
      const result = main().finally(() => {
        ended = true;
      });
      result.catch(() => undefined);
      for (;;) {
        await settle();
        if (ended) return result;
        if (nowMs > untilMs) throw new Stuck(`after ${limitMs / 1000} s of virtual time`);
        if (!step()) throw new Stuck('nothing is left that could happen');
      }
    },
    get events() {
      return events;
    },
  };
}
