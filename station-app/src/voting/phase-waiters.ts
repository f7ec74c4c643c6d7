/** Callers that wait for the voter's phase to change: a bounded number, each at most for AWAIT_MAX_MS. */
import { Refused } from '../contract/socket.ts';
import type { Clock } from '../devices/clock.ts';

export const AWAIT_MAX_MS = 30_000;
export const AWAITS_MAX = 64;

export interface PhaseWaiters<Phase> {
  /** @returns at once where the phase is none of these already. @throws Refused above AWAITS_MAX */
  changeFrom(from: readonly Phase[]): Promise<Phase>;
  changed(): void;
}

export function createPhaseWaiters<Phase>(clock: Clock, current: () => Phase): PhaseWaiters<Phase> {
  const waiters = new Set<{ readonly from: readonly Phase[]; readonly settle: () => void }>();
  return {
    changeFrom(from) {
      if (!from.includes(current())) return Promise.resolve(current());
      if (waiters.size >= AWAITS_MAX) throw new Refused('request_too_many');
      return new Promise((resolve) => {
        const settle = (): void => {
          cancel();
          waiters.delete(waiter);
          resolve(current());
        };
        const waiter = { from, settle };
        const cancel = clock.after(AWAIT_MAX_MS, settle);
        waiters.add(waiter);
      });
    },
    changed() {
      for (const waiter of waiters) if (!waiter.from.includes(current())) waiter.settle();
    },
  };
}
