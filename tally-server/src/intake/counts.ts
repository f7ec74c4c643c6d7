/** A slip's numbers in one row, in the order in which totals add them up: what a nation's slips are kept as. */
import type { records } from '@sandoq/protocol';

/** People first: votes cast, persons admitted, of them local and visiting. */
export const PEOPLE_COLUMNS = ['cast', 'admitted', 'local', 'visiting'] as const;
/** Then each contest: these, and its candidates in index order. */
export const CONTEST_COLUMNS = ['records', 'valid', 'blank', 'invalid', 'marks', 'undervotes'] as const;

export function countsOfSlip({ tarefe, admissions, totals }: records.Slip): Float64Array {
  let width: number = PEOPLE_COLUMNS.length;
  for (const { candidates } of totals) width += CONTEST_COLUMNS.length + candidates.length;
  const counts = new Float64Array(width);
  counts[0] = tarefe.cast;
  counts[1] = admissions.admitted;
  counts[2] = admissions.local;
  counts[3] = admissions.visiting;
  let at: number = PEOPLE_COLUMNS.length;
  for (const total of totals) {
    for (const column of CONTEST_COLUMNS) counts[at++] = total[column];
    for (const votes of total.candidates) counts[at++] = votes;
  }
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
