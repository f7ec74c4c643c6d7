/**
 * What the roll says of a person, as one class: five for each constituency, and one more for "taken off" in a delta. A
 * class with the constituency of a first-round vote elsewhere is followed by that constituency's index.
 */
import { ROLL_CONSTITUENCIES_MAX } from '../records/bounds.ts';

export type RollStanding =
  | { readonly status: 'eligible' | 'dead' | 'not_eligible'; readonly home: number }
  /** she voted in the first round, in the constituency with this index */
  | { readonly status: 'voted'; readonly home: number; readonly firstRound: number };

export type RollChange = RollStanding | { readonly status: 'off_roll' };

const KINDS = 5;
const ELIGIBLE = 0;
const VOTED_AT_HOME = 1;
const VOTED_ELSEWHERE = 2;
const DEAD = 3;
const NOT_ELIGIBLE = 4;

export const classCount = (constituencies: number): number => KINDS * constituencies + 1;
/** Bits of a constituency's index behind a class that has one. */
export const indexBits = (constituencies: number): number =>
  Math.max(1, Math.ceil(Math.log2(constituencies)));
export const hasFirstRoundIndex = (cls: number): boolean => cls % KINDS === VOTED_ELSEWHERE;

const INDEX_FACTOR = 2 ** Math.ceil(Math.log2(ROLL_CONSTITUENCIES_MAX + 1));
/** Class and index in one number below PACKED_FACTOR: what builder and reader carry beside a position. */
export const PACKED_FACTOR = 2 ** 13 * INDEX_FACTOR;
export const packClass = (cls: number, firstRound: number): number => cls * INDEX_FACTOR + firstRound;
export const packedClass = (packed: number): number => Math.floor(packed / INDEX_FACTOR);
export const packedFirstRound = (packed: number): number => packed % INDEX_FACTOR;

export function packChange(change: RollChange, constituencies: number): number {
  if (change.status === 'off_roll') return packClass(KINDS * constituencies, 0);
  const base = KINDS * change.home;
  switch (change.status) {
    case 'eligible':
      return packClass(base + ELIGIBLE, 0);
    case 'dead':
      return packClass(base + DEAD, 0);
    case 'not_eligible':
      return packClass(base + NOT_ELIGIBLE, 0);
    case 'voted':
      return change.firstRound === change.home
        ? packClass(base + VOTED_AT_HOME, 0)
        : packClass(base + VOTED_ELSEWHERE, change.firstRound);
  }
}

/** @returns undefined where there is no such constituency: the file is not what its maker meant. */
export function unpackChange(packed: number, constituencies: number): RollChange | undefined {
  const cls = packedClass(packed);
  if (cls === KINDS * constituencies) return { status: 'off_roll' };
  const home = Math.floor(cls / KINDS);
  if (home >= constituencies) return undefined;
  switch (cls % KINDS) {
    case ELIGIBLE:
      return { status: 'eligible', home };
    case VOTED_AT_HOME:
      return { status: 'voted', home, firstRound: home };
    case VOTED_ELSEWHERE: {
      const firstRound = packedFirstRound(packed);
      return firstRound < constituencies ? { status: 'voted', home, firstRound } : undefined;
    }
    case DEAD:
      return { status: 'dead', home };
    default:
      return { status: 'not_eligible', home };
  }
}
