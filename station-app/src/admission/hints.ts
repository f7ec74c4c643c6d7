/**
 * What the board should look at: admissions faster than people can come, and codes that come as a list does and people
 * do not. Hints, never refusals: a bus from one village also comes with neighbouring codes. Pure; it remembers the last
 * code and the lengths of runs, in memory only, so that no order of voters is kept anywhere.
 */
import { ADMISSION_HINTS, type AdmissionHint } from '../contract/codes-admission.ts';

/** A document, a finger, two presses, a card: nobody does that six times in a minute at one desk for long. */
export const FAST_COUNT = 6;
export const FAST_MS = 60_000;
/** One in 8! = 40,320 eighths of a queue stands in the order of its codes by chance, and as many backwards. */
export const ORDERED_RUN = 8;
/** Of the first nine digits: a village's births of some years. */
export const ADJACENT_DISTANCE = 1_000;
export const ADJACENT_RUN = 4;
/** No chip in so many admissions on end: a broken reader, or a list. */
export const BY_HAND_RUN = 12;
/** How long a hint stands after its cause. */
export const HINT_STAYS_MS = 15 * 60_000;

export interface SeenAdmission {
  readonly nationalCode: string;
  readonly byHand: boolean;
  /** of the clock that nobody sets */
  readonly elapsedMs: number;
}

export interface Hints {
  admitted(one: SeenAdmission): void;
  standing(elapsedMs: number): readonly AdmissionHint[];
  /** how often each was raised since this process started */
  times(): ReadonlyMap<AdmissionHint, number>;
}

export function createHints(): Hints {
  const times: number[] = [];
  const raised = new Map<AdmissionHint, number>();
  const counts = new Map<AdmissionHint, number>();
  let last: number | undefined;
  const runs = { upwards: 1, downwards: 1, adjacent: 1, byHand: 0 };
  return {
    admitted({ nationalCode, byHand, elapsedMs }) {
      const number = Number(nationalCode.slice(0, 9));
      const raise = (hint: AdmissionHint, holds: boolean): void => {
        if (!holds) return;
        if (elapsedMs - (raised.get(hint) ?? -HINT_STAYS_MS) >= HINT_STAYS_MS)
          counts.set(hint, (counts.get(hint) ?? 0) + 1);
        raised.set(hint, elapsedMs);
      };
      times.push(elapsedMs);
      if (times.length > FAST_COUNT) times.shift();
      runs.upwards = last !== undefined && number > last ? runs.upwards + 1 : 1;
      runs.downwards = last !== undefined && number < last ? runs.downwards + 1 : 1;
      const isNear = last !== undefined && Math.abs(number - last) <= ADJACENT_DISTANCE;
      runs.adjacent = isNear ? runs.adjacent + 1 : 1;
      runs.byHand = byHand ? runs.byHand + 1 : 0;
      last = number;
      raise('admissions_too_fast', times.length === FAST_COUNT && elapsedMs - (times[0] as number) < FAST_MS);
      raise('codes_in_order', Math.max(runs.upwards, runs.downwards) >= ORDERED_RUN);
      raise('codes_adjacent', runs.adjacent >= ADJACENT_RUN);
      raise('by_hand_run', runs.byHand >= BY_HAND_RUN);
    },
    times: () => counts,
    standing: (elapsedMs) =>
      ADMISSION_HINTS.filter((hint) => elapsedMs - (raised.get(hint) ?? -HINT_STAYS_MS) < HINT_STAYS_MS),
  };
}
