/**
 * The one place where a voter's choices and nonces are: made when the box has begun her ballot, wiped when it is
 * printed, left, timed out or lost. Numbers sit in one typed array, so that wiping overwrites them where they lie.
 */
import { type Bytes, CHOICES_MAX, CONTESTS_MAX, encodeBallot, type records, wipe } from '@sandoq/protocol';
import { type Choice, isUntouched, KEYPAD_START, type KeypadState } from './selection.ts';

const UNTOUCHED = 0;
const BLANK = 1;
const MARKED = 2;

export interface BallotInHand {
  readonly style: number;
  /** contest indexes of the style */
  readonly contests: readonly number[];
  keypad: KeypadState;
  stationNonce: Bytes;
  boxNonce: Bytes;
  choice(contest: number): Choice;
  choose(contest: number, choice: Choice): void;
  /** the first contest of the style without a choice */
  untouched(): number | undefined;
  /** One plaintext a contest of the election; the caller wipes them. */
  plaintexts(election: Pick<records.Package, 'contests'>): readonly Bytes[];
  wipe(): void;
}

export function createBallotInHand(begun: {
  readonly style: number;
  readonly contests: readonly number[];
  readonly stationNonce: Bytes;
  readonly boxNonce: Bytes;
}): BallotInHand {
  const states = new Uint8Array(CONTESTS_MAX);
  const counts = new Uint8Array(CONTESTS_MAX);
  const chosen = new Uint16Array(CONTESTS_MAX * CHOICES_MAX);
  const choice = (contest: number): Choice => {
    if (states[contest] === UNTOUCHED) return null;
    if (states[contest] === BLANK) return 'blank';
    return [...chosen.subarray(contest * CHOICES_MAX, contest * CHOICES_MAX + (counts[contest] as number))];
  };
  return {
    ...begun,
    keypad: KEYPAD_START,
    choice,
    choose(contest, next) {
      chosen.fill(0, contest * CHOICES_MAX, (contest + 1) * CHOICES_MAX);
      counts[contest] = 0;
      if (next === null || next === 'blank') {
        states[contest] = next === null ? UNTOUCHED : BLANK;
        return;
      }
      states[contest] = MARKED;
      counts[contest] = next.length;
      chosen.set(next, contest * CHOICES_MAX);
    },
    untouched: () => begun.contests.find((contest) => isUntouched(choice(contest))),
    plaintexts: (election) =>
      election.contests.map((_, contest) => {
        if (!begun.contests.includes(contest))
          return encodeBallot(election, { contest, class: 'not_in_style', choices: [] });
        const made = choice(contest);
        if (made === 'blank') return encodeBallot(election, { contest, class: 'blank', choices: [] });
        const choices = [...(made ?? [])].sort((a, b) => a - b);
        const plaintext = encodeBallot(election, { contest, class: 'marked', choices });
        choices.fill(0);
        return plaintext;
      }),
    wipe() {
      states.fill(0);
      counts.fill(0);
      chosen.fill(0);
      wipe(this.stationNonce);
      wipe(this.boxNonce);
      this.keypad = KEYPAD_START;
    },
  };
}
