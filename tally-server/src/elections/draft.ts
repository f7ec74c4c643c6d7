/**
 * A draft judged whole before anyone signs it: the definition, its pictures, the stations' enrolments and what it all
 * comes to. Command and screen ask this one function. Pure.
 */
import {
  type Bytes,
  PICTURE_BYTES_MAX,
  pictureKind,
  type records,
  stationBreaks,
  toHex,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { type Capacity, capacityMistakes, capacityOf } from './capacity.ts';
import {
  type DefinitionMistake,
  type ElectionDefinition,
  MISTAKES_MAX,
  parseElectionDefinition,
} from './definition.ts';
import { type Mistake, told } from './mistakes.ts';

export interface Draft {
  readonly definition: unknown;
  /** file name → content */
  readonly pictures: ReadonlyMap<string, Bytes>;
  /** undefined: the stations are not enrolled yet and are not judged */
  readonly stations: readonly records.Station[] | undefined;
}

export interface JudgedDraft {
  /** undefined where the definition itself cannot be read */
  readonly definition: ElectionDefinition | undefined;
  readonly mistakes: readonly DefinitionMistake[];
  readonly warnings: readonly DefinitionMistake[];
  readonly capacity: Capacity | undefined;
}

const BYTES_PER_KB = 1024;

function pictureFindings(
  definition: ElectionDefinition,
  pictures: ReadonlyMap<string, Bytes>,
): { readonly mistakes: readonly Mistake[]; readonly warnings: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const warnings: Mistake[] = [];
  definition.contests.forEach(({ candidates }, i) => {
    const first = new Map<string, number>();
    candidates.forEach(({ picture: file }, k) => {
      if (file === undefined) return;
      const path = ['contests', i, 'candidates', k, 'picture'];
      const bytes = pictures.get(file);
      if (bytes === undefined) {
        mistakes.push({ path, code: 'picture_absent', values: { file } });
        return;
      }
      if (pictureKind(bytes) === undefined) mistakes.push({ path, code: 'picture_type', values: { file } });
      if (bytes.length > PICTURE_BYTES_MAX)
        mistakes.push({
          path,
          code: 'picture_large',
          values: { file, bound: PICTURE_BYTES_MAX / BYTES_PER_KB },
        });
      const digest = toHex(nodeCrypto.sha256(bytes));
      const before = first.get(digest);
      if (before === undefined) first.set(digest, k);
      else warnings.push({ path, code: 'picture_shared', values: { number: before + 1 } });
    });
    const having = candidates.filter(({ picture }) => picture !== undefined).length;
    if (having > 0 && having < candidates.length)
      warnings.push({
        path: ['contests', i, 'candidates'],
        code: 'picture_some',
        values: { with: having, of: candidates.length },
      });
  });
  return { mistakes, warnings };
}

function stationFindings(
  definition: ElectionDefinition,
  stations: readonly records.Station[],
): { readonly mistakes: readonly Mistake[]; readonly warnings: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const warnings: Mistake[] = [];
  if (stations.length === 0) mistakes.push({ path: ['stations'], code: 'stations_none', values: {} });
  const ids = new Set<string>();
  const districts = new Set(definition.contests.flatMap(({ district }) => district ?? []));
  const everywhere = definition.contests.some(({ district }) => district === undefined);
  stations.forEach((station, i) => {
    const path = ['stations', i];
    if (ids.has(station.id))
      mistakes.push({ path, code: 'station_repeated', values: { station: station.id } });
    ids.add(station.id);
    for (const { at, wanted } of stationBreaks(station))
      mistakes.push({ path, code: 'station_rule', values: { station: station.id, at, wanted } });
    const { constituency } = station.place;
    if (!everywhere && !districts.has(constituency))
      warnings.push({ path, code: 'station_constituency', values: { station: station.id, constituency } });
  });
  return { mistakes, warnings };
}

/** @param nowSeconds epoch seconds */
export function judgeDraft(draft: Draft, nowSeconds: number): JudgedDraft {
  const parsed = parseElectionDefinition(draft.definition, nowSeconds);
  if (!parsed.ok) return { definition: undefined, mistakes: parsed.fault, warnings: [], capacity: undefined };
  const { definition, warnings } = parsed.value;
  const capacity = capacityOf(definition);
  const pictures = pictureFindings(definition, draft.pictures);
  const stations =
    draft.stations === undefined
      ? { mistakes: [], warnings: [] }
      : stationFindings(definition, draft.stations);
  return {
    definition,
    mistakes: [...capacityMistakes(capacity), ...pictures.mistakes, ...stations.mistakes]
      .slice(0, MISTAKES_MAX)
      .map(told),
    warnings: [...warnings, ...[...pictures.warnings, ...stations.warnings].map(told)].slice(0, MISTAKES_MAX),
    capacity,
  };
}
