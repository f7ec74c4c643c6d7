/** Whether a person may be admitted here and now. Pure; the order of refusals is from the person's to the place's. */
import { failure, type Result, success } from '@sandoq/protocol';
import { type Admission, cardsOut } from './journal-cell.ts';
import type { RollEntry } from './roll.ts';

export type EligibilityRefusal =
  | 'not_on_roll'
  | 'dead'
  | 'under_age'
  | 'not_eligible'
  | 'no_ballot_style'
  | 'already_admitted_here';

export interface Eligible {
  readonly style: number;
  readonly visiting: boolean;
  /** admitted before, and without a card: hers was spoiled, or never armed */
  readonly replacement: boolean;
}

/**
 * | journal | cards out | verdict |
 * | --- | --- | --- |
 * | no line | – | by the roll |
 * | released | 0 | by the roll: she may come again |
 * | admitted | 0 | a replacement, with the style of the first card |
 * | admitted | 1 | already_admitted_here |
 */
export function judge(
  entry: RollEntry | undefined,
  before: Admission | undefined,
): Result<Eligible, EligibilityRefusal> {
  if (before?.state === 'admitted')
    return cardsOut(before) > 0
      ? failure('already_admitted_here')
      : success({ style: before.style, visiting: before.visiting, replacement: true });
  if (entry === undefined) return failure('not_on_roll');
  if (entry.status !== 'eligible') return failure(entry.status);
  if (entry.style === undefined) return failure('no_ballot_style');
  return success({ style: entry.style, visiting: entry.visiting, replacement: false });
}
