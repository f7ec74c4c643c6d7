/**
 * The slips that are held, put to the same reconciliation as any reported results: each slip's own figures against
 * each other, and the sums of wider places against the sum of their stations. Pure.
 */
import type { records } from '@sandoq/protocol';
import { PLACE_LEVELS, type PlaceSums, type StationStanding, scopePath } from '../totals/totals.ts';
import { type Equation, type Finding, type Report, reconcile } from './reconcile.ts';

const COLUMNS = [
  'admitted',
  'local',
  'visiting',
  'issued',
  'cast',
  'returned',
  'spoiled',
  'abandoned',
  'outstanding',
  'printed',
  'inBin',
  'rejected',
  'retained',
  'slotsBox',
  'slotsStation',
  'slotsTallied',
] as const;
type Column = (typeof COLUMNS)[number];
const at = (column: Column): number => COLUMNS.indexOf(column);
const equation = (name: string, left: Column, ...right: readonly Column[]): Equation => ({
  name,
  left: at(left),
  right: right.map(at),
});

/** The ledgers of a slip as equations; their names have words in the catalogue. */
export const SLIP_EQUATIONS: readonly Equation[] = [
  equation('admitted', 'admitted', 'local', 'visiting'),
  equation('tarefe', 'issued', 'cast', 'returned', 'spoiled', 'abandoned', 'outstanding'),
  equation('papers', 'printed', 'inBin', 'rejected', 'retained'),
  equation('slots_station', 'slotsBox', 'slotsStation'),
  equation('slots_tallied', 'slotsBox', 'slotsTallied'),
];

/** Of each contest: records = valid + blank + invalid, and marks = the candidates' votes. */
const PER_CONTEST = ['records', 'valid', 'blank', 'invalid', 'marks'] as const;
const contestColumn = (contest: number, field: (typeof PER_CONTEST)[number] | 'votes'): number =>
  COLUMNS.length + contest * (PER_CONTEST.length + 1) + [...PER_CONTEST, 'votes'].indexOf(field);

const equationsOf = ({ contests }: records.Package): readonly Equation[] => [
  ...SLIP_EQUATIONS,
  ...contests.flatMap((_, i): Equation[] => [
    {
      name: 'contest_records',
      left: contestColumn(i, 'records'),
      right: [contestColumn(i, 'valid'), contestColumn(i, 'blank'), contestColumn(i, 'invalid')],
    },
    { name: 'contest_marks', left: contestColumn(i, 'marks'), right: [contestColumn(i, 'votes')] },
  ]),
];

function countsOf({ admissions, tarefe, papers, slots, totals }: records.Slip): readonly number[] {
  return [
    admissions.admitted,
    admissions.local,
    admissions.visiting,
    tarefe.issued,
    tarefe.cast,
    tarefe.returned,
    tarefe.spoiled,
    tarefe.abandoned,
    tarefe.outstanding,
    papers.printed,
    papers.inBin,
    papers.rejected,
    papers.retained,
    slots.box,
    slots.station,
    slots.tallied,
    ...totals.flatMap((total) => [
      ...PER_CONTEST.map((field) => total[field]),
      total.candidates.reduce((sum, votes) => sum + votes, 0),
    ]),
  ];
}

/** What a place's sums say, in the same columns; what they do not say is left out. */
const announcedOf = (width: number, { sums, ...place }: PlaceSums): Report => {
  const counts = Array<number | undefined>(width).fill(undefined);
  for (const column of ['admitted', 'local', 'visiting', 'cast'] as const) counts[at(column)] = sums[column];
  sums.contests.forEach((sum, i) => {
    for (const field of PER_CONTEST) counts[contestColumn(i, field)] = sum[field];
    counts[contestColumn(i, 'votes')] = sum.candidates.reduce((total, votes) => total + votes, 0);
  });
  return { path: scopePath(place), counts };
};

export interface SlipReconciliation {
  readonly byStation: ReadonlyMap<string, readonly Finding[]>;
  readonly places: readonly Finding[];
}

export function reconcileSlips(
  election: records.Package,
  standings: readonly StationStanding[],
  announced: readonly PlaceSums[],
): SlipReconciliation {
  const width = COLUMNS.length + election.contests.length * (PER_CONTEST.length + 1);
  const leaves = standings.flatMap(({ station, slip }): Report[] =>
    slip === undefined
      ? []
      : [
          {
            path: [...PLACE_LEVELS.map((level) => station.place[level]), station.id],
            counts: countsOf(slip.checked.slip),
          },
        ],
  );
  // A place of which no slip is in has nothing to be compared with.
  const held = announced.filter(({ sums }) => sums.slips.received > 0);
  const found = reconcile(
    width,
    equationsOf(election),
    leaves,
    held.map((place) => announcedOf(width, place)),
  );
  const byStation = new Map<string, Finding[]>();
  const places: Finding[] = [];
  for (const finding of found) {
    const station = finding.path[PLACE_LEVELS.length];
    if (station === undefined) {
      places.push(finding);
      continue;
    }
    const list = byStation.get(station);
    if (list === undefined) byStation.set(station, [finding]);
    else list.push(finding);
  }
  return { byStation, places };
}
