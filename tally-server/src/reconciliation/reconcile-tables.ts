/** Two tables of reported results put against each other: the parts, and the announced sums of wider places. Pure. */
import { failure, type Result, success } from '@sandoq/protocol';
import { pathKey, type RolledUp, rollUp } from '../totals/roll-up.ts';
import { type Finding, reconcile } from './reconcile.ts';
import { alignedTo, equationsOf, type PlaceLevel, type Table } from './reported-results.ts';
import { matchSpellings } from './spelling.ts';

export interface LevelSummary {
  readonly level: PlaceLevel;
  readonly reported: number;
  readonly disagreeing: readonly string[];
}

export interface Reconciliation {
  readonly columns: readonly string[];
  readonly candidates: readonly string[];
  readonly findings: readonly Finding[];
  /** the widest level first */
  readonly levels: readonly LevelSummary[];
  /** the whole first, then each place that has parts; a column that some part leaves empty is 0 */
  readonly places: readonly RolledUp[];
  /** a name in the announced sums → the name in the parts it was taken for */
  readonly spellings: ReadonlyMap<string, string>;
}

export interface TablesFault {
  readonly problem: 'levels_do_not_nest';
  readonly parts: readonly PlaceLevel[];
  readonly sums: readonly PlaceLevel[];
}

export const placeName = (path: readonly string[]): string => path.join(' / ');

/** @param sums announced for wider places: its levels are the first ones of the parts' */
export function reconcileTables(
  parts: Table,
  sums: Table | undefined,
  choicesMax: number,
): Result<Reconciliation, TablesFault> {
  const nests =
    sums === undefined ||
    (sums.levels.length < parts.levels.length && sums.levels.every((level, i) => level === parts.levels[i]));
  if (!nests) return failure({ problem: 'levels_do_not_nest', parts: parts.levels, sums: sums.levels });
  const namesOf = (table: Table, level: number): readonly string[] => [
    ...new Set(table.reports.flatMap(({ path }) => path[level] ?? [])),
  ];
  const spellings = new Map<string, string>();
  const byLevel = (sums?.levels ?? []).map((_, level) => {
    const matched = matchSpellings(namesOf(parts, level), namesOf(sums as Table, level));
    for (const [theirs, ours] of matched) spellings.set(theirs, ours);
    return matched;
  });
  const announced =
    sums === undefined ? [] : alignedTo(parts, sums, (level, name) => byLevel[level]?.get(name) ?? name);
  const width = parts.columns.length;
  const findings = reconcile(width, equationsOf(parts, choicesMax), parts.reports, announced);
  const disagreeing = new Map(findings.map(({ path }) => [pathKey(path), path]));
  const levels = parts.levels.flatMap((level, i): readonly LevelSummary[] => {
    const reports = [...parts.reports, ...announced].filter(({ path }) => path.length === i + 1);
    const wrong = [...disagreeing.values()].filter((path) => path.length === i + 1);
    if (reports.length === 0 && wrong.length === 0) return [];
    return [{ level, reported: reports.length, disagreeing: wrong.map(placeName) }];
  });
  const units = parts.reports.map(({ path, counts }) => ({
    path,
    counts: counts.map((count) => count ?? 0),
  }));
  return success({
    columns: parts.columns,
    candidates: parts.candidates,
    findings,
    levels,
    places: rollUp(width, units),
    spellings,
  });
}
