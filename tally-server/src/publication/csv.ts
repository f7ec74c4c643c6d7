/**
 * The totals as CSV (RFC 4180), one row a station and choice with votes. With one contest the columns are
 * `precinct,choice,ballots`, the form that `npm run day -- --ballots` reads; with several the contest stands between.
 */
import type { Provisioning, StationId } from '@sandoq/protocol';
import type { HeldSlip } from '../intake/intake.ts';

/** Choices not made: blank ballots and, with several choices, names that were not filled in. */
export const UNDERVOTE = 'undervote';
export const INVALID = 'invalid';

const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export function totalsCsv(provisioning: Provisioning, held: readonly HeldSlip[]): string {
  const { contests } = provisioning.package;
  const several = contests.length > 1;
  const rows: string[] = [['precinct', ...(several ? ['contest'] : []), 'choice', 'ballots'].join(',')];
  for (const { station, checked } of held) {
    const precinct = provisioning.stations.get(station as StationId)?.name.en ?? station;
    const add = (contest: string, choice: string, votes: number): void => {
      if (votes === 0) return;
      rows.push([precinct, ...(several ? [contest] : []), choice, String(votes)].map(field).join(','));
    };
    checked.slip.totals.forEach((total, i) => {
      const contest = contests[i];
      if (contest === undefined) return;
      provisioning.candidateLists[i]?.candidates.forEach((candidate, k) => {
        add(contest.id, candidate.name.en, total.candidates[k] ?? 0);
      });
      add(contest.id, UNDERVOTE, total.blank * contest.choicesMax + total.undervotes);
      add(contest.id, INVALID, total.invalid);
    });
  }
  return `${rows.join('\r\n')}\r\n`;
}
