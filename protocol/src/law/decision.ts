/** What a rule decides, and the pieces that rules share. */
import type {
  AlternatePlace,
  ListReport,
  Runoff,
  Seat,
  TallyLine,
  Tie,
  Vacancy,
  VacancyReason,
} from './outcome.ts';
import type { Filled } from './ranking.ts';

/** What a rule decides; the rest of the certificate is the same for all. */
export interface Decision {
  readonly elected: readonly Seat[];
  readonly alternates: readonly AlternatePlace[];
  readonly runoff: Runoff | null;
  readonly vacant: readonly Vacancy[];
  readonly ties: readonly Tie[];
  readonly undecided: number;
  readonly lists: ListReport | null;
}

export function standing(tally: readonly TallyLine[]): TallyLine[] {
  return tally.filter(({ withdrawn }) => withdrawn !== 'before_vote');
}

export function toAlternates(filled: Filled): AlternatePlace[] {
  return filled.alternates.map(({ place, candidate, votes, by }) => ({
    place,
    candidate,
    votes,
    by,
    article: 'alternates',
  }));
}

/** Reasons for `open` empty seats of `seats`: too few candidates first, then candidates without a vote. */
export function vacancies(open: number, seats: number, candidates: number): Vacancy[] {
  const noCandidate = Math.min(open, Math.max(0, seats - candidates));
  const reasons: [number, VacancyReason][] = [
    [noCandidate, 'no_candidate'],
    [open - noCandidate, 'no_votes'],
  ];
  return reasons
    .filter(([count]) => count > 0)
    .map(([count, reason]) => ({ seats: count, reason, article: 'vacant' }));
}
