/**
 * Sums over slips, made anew at every question by the one roll-up: no counter is kept that could drift. Pure. Beside
 * every sum stand the slips expected, received, missing and disputed.
 */
import type { Provisioning, records } from '@sandoq/protocol';
import { CONTEST_COLUMNS } from '../intake/counts.ts';
import { countsIn, type HeldSlip } from '../intake/held.ts';
import { type RolledUp, rollUp, type Unit } from './roll-up.ts';

export interface SlipCount {
  readonly expected: number;
  readonly received: number;
  readonly missing: number;
  /** among the received */
  readonly disputed: number;
}

export interface ContestSum {
  readonly records: number;
  readonly valid: number;
  readonly blank: number;
  readonly invalid: number;
  readonly marks: number;
  readonly undervotes: number;
  /** by candidate index */
  readonly candidates: readonly number[];
}

export interface Sums {
  readonly slips: SlipCount;
  /** votes cast, and people admitted: of them local and visiting */
  readonly cast: number;
  readonly admitted: number;
  readonly local: number;
  readonly visiting: number;
  /** by contest index */
  readonly contests: readonly ContestSum[];
}

export type StationState = 'received' | 'missing' | 'disputed';

export interface StationStanding {
  readonly station: records.Station;
  readonly state: StationState;
  readonly slip?: HeldSlip;
}

/** The places above a station, the widest first; the nation stands above them all. */
export const PLACE_LEVELS = ['province', 'county', 'constituency', 'district'] as const;
export type PlaceLevel = (typeof PLACE_LEVELS)[number];

/** Which stations: all, or those of one place. A narrower level is said only with the wider ones before it. */
export type Scope = { readonly [Level in PlaceLevel]?: string };

/** A scope as a path from the nation: how many levels it says. */
export const scopePath = (scope: Scope): readonly string[] =>
  PLACE_LEVELS.flatMap((level) => scope[level] ?? []);
export const scopeOfPath = (path: readonly string[]): Scope =>
  Object.fromEntries(path.slice(0, PLACE_LEVELS.length).map((name, i) => [PLACE_LEVELS[i], name]));
const placePath = ({ place }: records.Station): readonly string[] =>
  PLACE_LEVELS.map((level) => place[level]);

const within = (station: records.Station, scope: Scope): boolean =>
  PLACE_LEVELS.every((level) => scope[level] === undefined || station.place[level] === scope[level]);

/** Whether any station of the election is there, and no level between is left out. */
export const isPlace = (provisioning: Provisioning, scope: Scope): boolean =>
  PLACE_LEVELS.slice(0, scopePath(scope).length).every((level) => scope[level] !== undefined) &&
  [...provisioning.stations.values()].some((station) => within(station, scope));

/** Every expected station with what came of it, in the order of ids. */
export function standings(
  provisioning: Provisioning,
  held: readonly HeldSlip[],
  scope: Scope = {},
): readonly StationStanding[] {
  const byStation = new Map(held.map((slip) => [slip.station, slip]));
  return [...provisioning.stations.values()]
    .filter((station) => within(station, scope))
    .map((station): StationStanding => {
      const slip = byStation.get(station.id);
      if (slip === undefined) return { station, state: 'missing' };
      return { station, state: slip.disputes.length > 0 ? 'disputed' : 'received', slip };
    });
}

/** The columns of a station's counts, in the order of `columnsOf`. */
const SLIP_COLUMNS = [
  'expected',
  'received',
  'missing',
  'disputed',
  'cast',
  'admitted',
  'local',
  'visiting',
] as const;

const widthOf = ({ contests }: records.Package): number =>
  contests.reduce<number>(
    (width, { candidatesCount }) => width + CONTEST_COLUMNS.length + candidatesCount,
    SLIP_COLUMNS.length,
  );

/** The first four say how the slips stand; the people's follow, as a slip's own row has them. */
const STANDING_COLUMNS = 4;

/** One station's counts, read from the slip that stands for it and from nothing else. */
function countsOf(width: number, { state, slip }: StationStanding): Float64Array {
  const counts = new Float64Array(width);
  const received = slip === undefined ? 0 : 1;
  counts[0] = 1;
  counts[1] = received;
  counts[2] = 1 - received;
  counts[3] = state === 'disputed' ? 1 : 0;
  if (slip !== undefined) counts.set(countsIn(slip.checked), STANDING_COLUMNS);
  return counts;
}

function sumsOfCounts(election: records.Package, counts: readonly number[]): Sums {
  const at = (column: (typeof SLIP_COLUMNS)[number]): number =>
    counts[SLIP_COLUMNS.indexOf(column)] as number;
  let from: number = SLIP_COLUMNS.length;
  const contests = election.contests.map(({ candidatesCount }): ContestSum => {
    const [records_, valid, blank, invalid, marks, undervotes] = counts.slice(
      from,
      from + CONTEST_COLUMNS.length,
    );
    const candidatesFrom = from + CONTEST_COLUMNS.length;
    from = candidatesFrom + candidatesCount;
    return {
      records: records_ as number,
      valid: valid as number,
      blank: blank as number,
      invalid: invalid as number,
      marks: marks as number,
      undervotes: undervotes as number,
      candidates: counts.slice(candidatesFrom, from),
    };
  });
  return {
    slips: {
      expected: at('expected'),
      received: at('received'),
      missing: at('missing'),
      disputed: at('disputed'),
    },
    cast: at('cast'),
    admitted: at('admitted'),
    local: at('local'),
    visiting: at('visiting'),
    contests,
  };
}

function* leavesOf(
  width: number,
  stations: Iterable<StationStanding>,
  pathOf: (station: records.Station) => readonly string[],
): Generator<Unit> {
  for (const standing of stations)
    yield { path: [...pathOf(standing.station), standing.station.id], counts: countsOf(width, standing) };
}

export function sumOf(election: records.Package, stations: readonly StationStanding[]): Sums {
  const width = widthOf(election);
  const [whole] = rollUp(
    width,
    leavesOf(width, stations, () => []),
  );
  return sumsOfCounts(election, (whole as RolledUp).counts);
}

export interface PlaceSums extends Scope {
  readonly province: string;
  readonly sums: Sums;
}

/** The whole and every place under it, by one roll-up. */
export function sumsEverywhere(
  election: records.Package,
  all: readonly StationStanding[],
): { readonly whole: Sums; readonly places: readonly PlaceSums[] } {
  const width = widthOf(election);
  const [whole, ...places] = rollUp(width, leavesOf(width, all, placePath));
  return {
    whole: sumsOfCounts(election, (whole as RolledUp).counts),
    places: places.map(({ path, counts }) => ({
      ...(scopeOfPath(path) as Scope & { readonly province: string }),
      sums: sumsOfCounts(election, counts),
    })),
  };
}

/**
 * Every place under the nation, each recomputed from its own slips: province, county, constituency in the county,
 * district, in the order of their names.
 */
export function sumsByPlace(
  election: records.Package,
  all: readonly StationStanding[],
): readonly PlaceSums[] {
  return sumsEverywhere(election, all).places;
}

/** Constituencies whole, over all counties that they reach into. */
export function sumsByConstituency(
  election: records.Package,
  all: readonly StationStanding[],
): readonly { readonly constituency: string; readonly sums: Sums }[] {
  const width = widthOf(election);
  const leaves = leavesOf(width, all, ({ place }) => [place.constituency]);
  return rollUp(width, leaves)
    .filter(({ path }) => path.length === 1)
    .map(({ path, counts }) => ({ constituency: path[0] as string, sums: sumsOfCounts(election, counts) }));
}
