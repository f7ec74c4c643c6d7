/** A deed that is done at once when it is asked for, and no more often than an interval: asked again too soon, it waits. */
import type { Clock } from '../devices/clock.ts';

/**
 * After a vote the box is asked for its ledgers at once, not at the next beat; after another vote that is this near, when
 * this time is over. No two people vote so near, and a bench's people would have the box speak of little else.
 */
export const LEDGERS_INTERVAL_MS = 250;

export interface SpacedDeed {
  ask(): void;
  /** What waits is not done any more. */
  cancel(): void;
}

export function createSpacedDeed(
  clock: Pick<Clock, 'after'>,
  intervalMs: number,
  deed: () => void,
): SpacedDeed {
  let cancelTimer: (() => void) | undefined;
  let waits = false;
  const act = (): void => {
    waits = false;
    cancelTimer = clock.after(intervalMs, () => {
      cancelTimer = undefined;
      if (waits) act();
    });
    deed();
  };
  return {
    ask() {
      if (cancelTimer === undefined) act();
      else waits = true;
    },
    cancel() {
      cancelTimer?.();
      cancelTimer = undefined;
      waits = false;
    },
  };
}
