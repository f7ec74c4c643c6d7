/** A slip's numbers in one row, in the order in which totals add them up: what a nation's slips are kept as. */
import type { records } from '@sandoq/protocol';

/** People first: votes cast, persons admitted, of them local and visiting. */
export const PEOPLE_COLUMNS = ['cast', 'admitted', 'local', 'visiting'] as const;
/** Then each contest: these, and its candidates in index order. */
export const CONTEST_COLUMNS = ['records', 'valid', 'blank', 'invalid', 'marks', 'undervotes'] as const;

/** How many numbers a slip of this many candidates a contest has. */
export const countsWidth = (candidates: readonly number[]): number =>
  candidates.reduce<number>((width, count) => width + CONTEST_COLUMNS.length + count, PEOPLE_COLUMNS.length);

/** Puts a slip's row into a larger array. */
export function putCounts(counts: Float64Array, from: number, slip: records.Slip): void {
  const { tarefe, admissions, totals } = slip;
  counts[from] = tarefe.cast;
  counts[from + 1] = admissions.admitted;
  counts[from + 2] = admissions.local;
  counts[from + 3] = admissions.visiting;
  let at = from + PEOPLE_COLUMNS.length;
  for (const total of totals) {
    for (const column of CONTEST_COLUMNS) counts[at++] = total[column];
    for (let k = 0; k < total.candidates.length; k++) counts[at++] = total.candidates[k] as number;
  }
}

export function countsOfSlip(slip: records.Slip): Float64Array {
  const counts = new Float64Array(countsWidth(slip.totals.map(({ candidates }) => candidates.length)));
  putCounts(counts, 0, slip);
  return counts;
}

/** The totals of a row's contests again, as a slip says them. */
export function totalsOfCounts(
  contests: readonly Pick<records.Contest, 'candidatesCount'>[],
  counts: Float64Array,
): readonly records.ContestTotal[] {
  let at: number = PEOPLE_COLUMNS.length;
  const next = (): number => counts[at++] as number;
  return contests.map(({ candidatesCount }, contest) => {
    const [all, valid, blank, invalid, marks, undervotes] = [next(), next(), next(), next(), next(), next()];
    const candidates = new Array<number>(candidatesCount);
    for (let k = 0; k < candidatesCount; k++) candidates[k] = next();
    return { contest, records: all, valid, blank, invalid, marks, undervotes, candidates };
  });
}
