/**
 * The results as one table for spreadsheets: a row for each place or station, contest and choice. Codes and ids are
 * text and stay text (tables/csv.ts): a leading zero survives opening and saving. Pure.
 */
import { csvText } from '../tables/csv.ts';
import { type ContestSum, PLACE_LEVELS, type Scope, scopePath, sumsByPlace } from '../totals/totals.ts';
import { NIST_STATIONS_MAX } from './nist.ts';
import type { Snapshot } from './results.ts';

export const RESULTS_CSV_COLUMNS = [
  'level',
  ...PLACE_LEVELS,
  'station',
  'state',
  'expected',
  'received',
  'missing',
  'disputed',
  'contest',
  'choice',
  'name_fa',
  'votes',
] as const;

/** Lines of a contest that are no candidate's; a code is digits, so that none can be taken for another. */
const COUNTS = ['records', 'valid', 'blank', 'invalid', 'undervotes'] as const;

type Cell = string | number;

export function resultsCsv({ provisioning, stations, sums }: Snapshot): string {
  const { contests } = provisioning.package;
  const rows: Cell[][] = [[...RESULTS_CSV_COLUMNS]];
  const lines = (head: readonly Cell[], of: readonly ContestSum[]): void => {
    of.forEach((sum, i) => {
      const contest = contests[i]?.id ?? '';
      for (const kind of COUNTS) rows.push([...head, contest, kind, '', sum[kind]]);
      provisioning.candidateLists[i]?.candidates.forEach(({ code, name }, k) => {
        rows.push([...head, contest, code, name.fa, sum.candidates[k] ?? 0]);
      });
    });
  };
  const places = (scope: Scope): readonly string[] => PLACE_LEVELS.map((level) => scope[level] ?? '');
  const slipCells = ({ expected, received, missing, disputed }: typeof sums.slips): readonly Cell[] => [
    expected,
    received,
    missing,
    disputed,
  ];
  lines(['nation', ...places({}), '', '', ...slipCells(sums.slips)], sums.contests);
  for (const { sums: of, ...place } of sumsByPlace(provisioning.package, stations)) {
    const level = PLACE_LEVELS[scopePath(place).length - 1] as string;
    lines([level, ...places(place), '', '', ...slipCells(of.slips)], of.contests);
  }
  // Beyond this the stations' own numbers are in totals.csv and in the slips: a spreadsheet would not open them.
  for (const { station, state, slip } of stations.length <= NIST_STATIONS_MAX ? stations : []) {
    const received = slip === undefined ? 0 : 1;
    const head = [
      'station',
      ...places(station.place),
      station.id,
      state,
      1,
      received,
      1 - received,
      state === 'disputed' ? 1 : 0,
    ];
    if (slip === undefined) rows.push([...head, '', '', '', '']);
    else lines(head, slip.checked.slip.totals);
  }
  return csvText(rows);
}
