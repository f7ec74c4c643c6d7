/**
 * The totals as CSV (RFC 4180), one row a station and choice with votes. With one contest the columns are
 * `precinct,choice,ballots`, the form that `npm run day -- --ballots` reads; with several the contest stands between.
 */
import type { Provisioning, StationId } from '@sandoq/protocol';
import { CONTEST_COLUMNS, PEOPLE_COLUMNS } from '../intake/counts.ts';
import { countsIn, type HeldSlip } from '../intake/held.ts';

/** Choices not made: blank ballots and, with several choices, names that were not filled in. */
export const UNDERVOTE = 'undervote';
export const INVALID = 'invalid';

const BLANK_AT = CONTEST_COLUMNS.indexOf('blank');
const UNDERVOTES_AT = CONTEST_COLUMNS.indexOf('undervotes');
const INVALID_AT = CONTEST_COLUMNS.indexOf('invalid');

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
    const counts = countsIn(checked);
    let at: number = PEOPLE_COLUMNS.length;
    contests.forEach(({ choicesMax, candidatesCount }, i) => {
      const choice = choices[i] as readonly string[];
      const candidatesAt = at + CONTEST_COLUMNS.length;
      for (let k = 0; k < candidatesCount; k++) {
        const votes = counts[candidatesAt + k] as number;
        if (votes > 0) rows += `${precinct}${choice[k]}${votes}\r\n`;
      }
      const unmade = (counts[at + BLANK_AT] as number) * choicesMax + (counts[at + UNDERVOTES_AT] as number);
      if (unmade > 0) rows += `${precinct}${choice[candidatesCount]}${unmade}\r\n`;
      const invalid = counts[at + INVALID_AT] as number;
      if (invalid > 0) rows += `${precinct}${choice[candidatesCount + 1]}${invalid}\r\n`;
      at = candidatesAt + candidatesCount;
    });
    pieces.push(rows);
  }
  return pieces.join('');
}
