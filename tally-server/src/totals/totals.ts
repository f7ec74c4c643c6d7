/**
 * Sums over slips, made anew at every question: no counter is kept that could drift. Pure. Beside every sum stand
 * the slips expected, received, missing and disputed.
 */
import { compareIds, type Provisioning, type records } from '@sandoq/protocol';
import type { HeldSlip } from '../intake/intake.ts';

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

/** Which stations: all, or those of one province or county. */
export interface Scope {
  readonly province?: string;
  readonly county?: string;
}

const within = ({ place }: records.Station, scope: Scope): boolean =>
  (scope.province === undefined || place.province === scope.province) &&
  (scope.county === undefined || place.county === scope.county);

/** Whether any station of the election is there. */
export const isPlace = (provisioning: Provisioning, scope: Scope): boolean =>
  (scope.county === undefined || scope.province !== undefined) &&
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

function addContest(
  into: { -readonly [Key in keyof ContestSum]: ContestSum[Key] },
  total: records.ContestTotal,
): void {
  into.records += total.records;
  into.valid += total.valid;
  into.blank += total.blank;
  into.invalid += total.invalid;
  into.marks += total.marks;
  into.undervotes += total.undervotes;
  into.candidates = into.candidates.map((votes, i) => votes + (total.candidates[i] as number));
}

export function sumOf(election: records.Package, stations: readonly StationStanding[]): Sums {
  const contests = election.contests.map(({ candidatesCount }) => ({
    records: 0,
    valid: 0,
    blank: 0,
    invalid: 0,
    marks: 0,
    undervotes: 0,
    candidates: Array<number>(candidatesCount).fill(0) as readonly number[],
  }));
  const people = { cast: 0, admitted: 0, local: 0, visiting: 0 };
  for (const { slip } of stations) {
    if (slip === undefined) continue;
    const { totals, tarefe, admissions } = slip.checked.slip;
    people.cast += tarefe.cast;
    people.admitted += admissions.admitted;
    people.local += admissions.local;
    people.visiting += admissions.visiting;
    for (const total of totals) addContest(contests[total.contest] as (typeof contests)[number], total);
  }
  const count = (state: StationState): number => stations.filter((one) => one.state === state).length;
  const missing = count('missing');
  return {
    slips: {
      expected: stations.length,
      received: stations.length - missing,
      missing,
      disputed: count('disputed'),
    },
    ...people,
    contests,
  };
}

export interface PlaceSums {
  readonly province: string;
  /** undefined: the whole province */
  readonly county?: string;
  readonly sums: Sums;
}

/** Province by province and county by county, each recomputed from its own slips. */
export function sumsByPlace(
  election: records.Package,
  all: readonly StationStanding[],
): readonly PlaceSums[] {
  const groups = new Map<
    string,
    { readonly province: string; readonly county?: string; readonly of: StationStanding[] }
  >();
  for (const one of all) {
    const { province, county } = one.station.place;
    for (const place of [{ province }, { province, county }]) {
      const key = JSON.stringify(place);
      const group = groups.get(key) ?? { ...place, of: [] };
      group.of.push(one);
      groups.set(key, group);
    }
  }
  return [...groups.entries()]
    .sort(([, a], [, b]) => compareIds(a.province, b.province) || compareIds(a.county ?? '', b.county ?? ''))
    .map(([, { of, ...place }]) => ({ ...place, sums: sumOf(election, of) }));
}
