/** Whether a person may be admitted here and now. Pure; the order of refusals is from the person's to the place's. */
import { failure, type Result, success } from '@sandoq/protocol';
import type { StyleRefusal } from '@sandoq/protocol/roll';
import { type Admission, cardsOut } from './journal-cell.ts';
import type { RollEntry } from './roll.ts';

export type EligibilityRefusal =
  | 'not_on_roll'
  | 'dead'
  | 'under_age'
  | 'not_eligible'
  | StyleRefusal
  | 'already_admitted_here';

export interface Eligible {
  readonly style: number;
  readonly visiting: boolean;
  /** admitted before, and without a card: hers was spoiled, or never armed */
  readonly replacement: boolean;
}

export interface Asked {
  /** undefined: not on the roll */
  readonly entry: RollEntry | undefined;
  readonly before: Admission | undefined;
  /** by her document and the law's age, where both are known */
  readonly isUnderAge: boolean;
}

/**
 * | journal | cards out | verdict |
 * | --- | --- | --- |
 * | no line | – | by the roll |
 * | released | 0 | by the roll: she may come again |
 * | admitted | 0 | a replacement, with the style of the first card |
 * | admitted | 1 | already_admitted_here |
 *
 * | roll | verdict |
 * | --- | --- |
 * | no line | under_age by her document, else not_on_roll: nobody below the age is on a roll |
 * | dead, not_eligible | the same |
 * | eligible | the style, or why there is none for her here |
 */
export function judge({ entry, before, isUnderAge }: Asked): Result<Eligible, EligibilityRefusal> {
  if (before?.state === 'admitted')
    return cardsOut(before) > 0
      ? failure('already_admitted_here')
      : success({ style: before.style, visiting: before.visiting, replacement: true });
  if (entry === undefined) return failure(isUnderAge ? 'under_age' : 'not_on_roll');
  if (entry.status !== 'eligible') return failure(entry.status);
  return entry.style.ok
    ? success({ style: entry.style.value, visiting: entry.visiting, replacement: false })
    : entry.style;
}
