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

/** Everything of a row but its station and its number: written once an election, not once a slip. */
function choicesOf(provisioning: Provisioning): readonly (readonly string[])[] {
  const { contests } = provisioning.package;
  return contests.map((contest, i) => {
    const names = (provisioning.candidateLists[i]?.candidates ?? []).map(({ name }) => name.en);
    const of = contests.length > 1 ? `,${field(contest.id)}` : '';
    return [...names, UNDERVOTE, INVALID].map((choice) => `${of},${field(choice)},`);
  });
}

export function totalsCsv(provisioning: Provisioning, held: readonly HeldSlip[]): string {
  const { contests } = provisioning.package;
  const choices = choicesOf(provisioning);
  const head = ['precinct', ...(contests.length > 1 ? ['contest'] : []), 'choice', 'ballots'].join(',');
  const pieces: string[] = [`${head}\r\n`];
  for (const { station, checked } of held) {
    const precinct = field(provisioning.stations.get(station as StationId)?.name.en ?? station);
    let rows = '';
    checked.slip.totals.forEach(({ candidates, blank, undervotes, invalid }, i) => {
      const contest = contests[i];
      const choice = choices[i];
      if (contest === undefined || choice === undefined) return;
      const rest = choice.length - 2;
      for (let k = 0; k < rest; k++) {
        const votes = candidates[k] ?? 0;
        if (votes > 0) rows += `${precinct}${choice[k]}${votes}\r\n`;
      }
      const unmade = blank * contest.choicesMax + undervotes;
      if (unmade > 0) rows += `${precinct}${choice[rest]}${unmade}\r\n`;
      if (invalid > 0) rows += `${precinct}${choice[rest + 1]}${invalid}\r\n`;
    });
    pieces.push(rows);
  }
  return pieces.join('');
}
