/** Time that passes only when a test says so. */
import type { Clock } from '../src/devices/clock.ts';

export interface VirtualClock extends Clock {
  /** Runs what falls due within `ms`, in order. */
  advance(ms: number): void;
  readonly pending: number;
}

export function virtualClock(startMs = 1_800_000_000_000): VirtualClock {
  let now = startMs;
  const timers = new Map<number, { readonly dueMs: number; readonly run: () => void }>();
  let next = 1;
  return {
    nowMs: () => now,
    elapsedMs: () => now - startMs,
    after(delayMs, run) {
      const id = next++;
      timers.set(id, { dueMs: now + delayMs, run });
      return () => timers.delete(id);
    },
    advance(ms) {
      const untilMs = now + ms;
      for (;;) {
        let first: [number, { readonly dueMs: number; readonly run: () => void }] | undefined;
        for (const entry of timers)
          if (entry[1].dueMs <= untilMs && (first === undefined || entry[1].dueMs < first[1].dueMs))
            first = entry;
        if (first === undefined) break;
        timers.delete(first[0]);
        now = Math.max(now, first[1].dueMs);
        first[1].run();
      }
      now = untilMs;
    },
    get pending() {
      return timers.size;
    },
  };
}
