/**
 * Reconciliation: what was reported against what it must equal. Two questions are asked of every report, and nothing
 * is corrected: do its own figures fit each other, and is it the sum of its parts. Pure. The province asks them of
 * the slips that it holds, `npm run reconcile` of any file of reported results.
 */
import { pathKey, rollUp, type Unit } from '../totals/roll-up.ts';

/** A sum that each report must satisfy: the left column is the sum of the right ones. */
export interface Equation {
  readonly name: string;
  readonly left: number;
  readonly right: readonly number[];
}

/** One report: a leaf (a station, a county) or the announced sum of a wider place. */
export interface Report {
  readonly path: readonly string[];
  /** by column; undefined where this report does not say */
  readonly counts: readonly (number | undefined)[];
}

export interface EquationFinding {
  readonly kind: 'equation';
  readonly path: readonly string[];
  readonly equation: string;
  readonly left: number;
  readonly right: number;
  /** left − right */
  readonly difference: number;
}

export interface PartsFinding {
  readonly kind: 'parts';
  readonly path: readonly string[];
  readonly column: number;
  readonly reported: number;
  readonly summed: number;
  /** reported − summed */
  readonly difference: number;
}

export type Finding =
  | EquationFinding
  | PartsFinding
  /** a sum was announced of a place of which no part is reported */
  | { readonly kind: 'parts_missing'; readonly path: readonly string[] }
  /** parts of a place are reported, its sum is not, while those of other places beside it are */
  | { readonly kind: 'sum_missing'; readonly path: readonly string[] }
  | { readonly kind: 'repeated'; readonly path: readonly string[] };

function equationFindings({ path, counts }: Report, equations: readonly Equation[]): readonly Finding[] {
  return equations.flatMap(({ name, left, right }): readonly Finding[] => {
    const whole = counts[left];
    const parts = right.map((column) => counts[column]);
    if (whole === undefined || parts.some((part) => part === undefined)) return [];
    const sum = (parts as readonly number[]).reduce((total, part) => total + part, 0);
    return whole === sum
      ? []
      : [{ kind: 'equation', path, equation: name, left: whole, right: sum, difference: whole - sum }];
  });
}

/** The columns that every leaf says: only they can be summed. */
const summable = (width: number, leaves: readonly Report[]): readonly boolean[] =>
  Array.from(
    { length: width },
    (_, column) => leaves.length > 0 && leaves.every(({ counts }) => counts[column] !== undefined),
  );

/**
 * @param width how many columns a report has
 * @param leaves reports that have no parts
 * @param sums announced sums of wider places; the whole has the empty path
 * @returns every finding, leaves first, in the order in which they were given
 */
export function reconcile(
  width: number,
  equations: readonly Equation[],
  leaves: readonly Report[],
  sums: readonly Report[],
): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const report of [...leaves, ...sums]) {
    const key = pathKey(report.path);
    if (seen.has(key)) findings.push({ kind: 'repeated', path: report.path });
    seen.add(key);
    findings.push(...equationFindings(report, equations));
  }
  const known = summable(width, leaves);
  const units = leaves.map(
    ({ path, counts }): Unit => ({
      path,
      counts: counts.map((count, i) => (known[i] ? (count as number) : 0)),
    }),
  );
  const rolled = new Map(rollUp(width, units).map((place) => [pathKey(place.path), place]));
  for (const { path, counts } of sums) {
    const place = rolled.get(pathKey(path));
    if (place === undefined || place.leaves === 0) {
      findings.push({ kind: 'parts_missing', path });
      continue;
    }
    counts.forEach((reported, column) => {
      const summed = place.counts[column] as number;
      if (reported !== undefined && known[column] && reported !== summed)
        findings.push({ kind: 'parts', path, column, reported, summed, difference: reported - summed });
    });
  }
  const depths = new Set(sums.map(({ path }) => path.length));
  for (const { path } of rolled.values())
    if (depths.has(path.length) && !seen.has(pathKey(path))) findings.push({ kind: 'sum_missing', path });
  return findings;
}
