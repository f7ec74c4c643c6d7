/** What a voter may do to one contest's choice; pure. A choice is candidate indexes in the order chosen, or blank. */
import type { BallotView, VoterView } from '../../contract/voting.ts';

export type Contest = BallotView['contests'][number];
export type Choice = VoterView['choices'][number]['choice'];

export const chosen = (choice: Choice): readonly number[] => (Array.isArray(choice) ? choice : []);

export const remaining = (contest: Contest, choice: Choice): number =>
  contest.choices_max - chosen(choice).length;

export type Toggled =
  | { readonly kind: 'changed'; readonly choice: number[] }
  | { readonly kind: 'full' }
  | { readonly kind: 'withdrawn' };

/** Chooses a candidate, or takes the choice back. A deliberate blank ends with the first choice. */
export function toggled(contest: Contest, choice: Choice, candidate: number): Toggled {
  const now = chosen(choice);
  if (now.includes(candidate)) return { kind: 'changed', choice: now.filter((each) => each !== candidate) };
  if (contest.candidates[candidate]?.withdrawn !== false) return { kind: 'withdrawn' };
  // With one choice a new one replaces the old, as a voter who changes her mind expects.
  if (contest.choices_max === 1) return { kind: 'changed', choice: [candidate] };
  if (now.length >= contest.choices_max) return { kind: 'full' };
  return { kind: 'changed', choice: [...now, candidate] };
}

export type Left =
  | { readonly kind: 'complete' }
  /** asked once a contest */
  | { readonly kind: 'undervote'; readonly left: number }
  | { readonly kind: 'nothing' };

/** What is left to decide when the voter wants to go on. */
export function leftOf(contest: Contest, choice: Choice): Left {
  if (choice === 'blank') return { kind: 'complete' };
  const count = chosen(choice).length;
  if (count === 0) return { kind: 'nothing' };
  return count < contest.choices_max
    ? { kind: 'undervote', left: contest.choices_max - count }
    : { kind: 'complete' };
}

/** The candidate of a whole code, or undefined. */
export function candidateOfCode(contest: Contest, code: string): number | undefined {
  const index = contest.candidates.findIndex((candidate) => candidate.code === code);
  return index === -1 ? undefined : index;
}
