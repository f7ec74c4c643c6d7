/**
 * Outliers that may be worth a telephone call: a station far from the others of its election by a robust measure, or
 * last digits of a place that are not as even as counted digits tend to be. Each is a hint and says its numbers; none
 * is a verdict, and none changes what is counted or published. Pure.
 */
import type { records } from '@sandoq/protocol';
import { totalsOfCounts } from '../intake/counts.ts';
import { countsIn, poweredMinutesOf } from '../intake/held.ts';
import type { StationStanding } from './totals.ts';

export const STATION_HINTS = ['turnout', 'blank_share', 'rate', 'visiting_share'] as const;
export type StationHintKind = (typeof STATION_HINTS)[number];

export interface StationHint {
  readonly kind: StationHintKind;
  readonly station: records.Station;
  /** the contest, for blank_share */
  readonly contest?: number;
  readonly value: number;
  /** the median of all stations */
  readonly usual: number;
  /** how many robust standard deviations apart */
  readonly apart: number;
}

export interface DigitHint {
  readonly province: string;
  readonly county: string;
  readonly numbers: number;
  /** chi-square with 9 degrees of freedom */
  readonly chiSquare: number;
}

export interface Hints {
  readonly stations: readonly StationHint[];
  readonly digits: readonly DigitHint[];
  /** whether there were enough stations to compare at all */
  readonly compared: boolean;
}

/** With fewer slips there is no "usual" to be far from. */
export const COMPARED_STATIONS_MIN = 10;
/** Robust standard deviations beyond which a station is named: in a bell curve one in some sixteen thousand. */
export const APART_MIN = 4;
/** A normal distribution's standard deviation is this times its median absolute deviation (Rousseeuw and Croux 1993). */
const MAD_TO_SIGMA = 1.4826;
/** Shares that differ by less than a hundredth and rates by less than one vote an hour are never named. */
const SPREAD_MIN: Readonly<Record<StationHintKind, number>> = {
  turnout: 0.01,
  blank_share: 0.005,
  rate: 1,
  visiting_share: 0.01,
};
/** Hints shown at once: a longer list helps nobody to decide whom to call. */
export const HINTS_MAX = 50;
/** Only counts of three digits and more have a free last digit; fewer of them prove nothing. */
const DIGIT_COUNT_MIN = 100;
const DIGIT_NUMBERS_MIN = 100;
/** Chi-square with 9 degrees of freedom at 0.1 %. */
export const CHI_SQUARE_HINT = 27.877;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

interface Measured {
  readonly station: records.Station;
  readonly value: number;
}

function outliers(
  kind: StationHintKind,
  measured: readonly Measured[],
  contest?: number,
): readonly StationHint[] {
  if (measured.length < COMPARED_STATIONS_MIN) return [];
  const usual = median(measured.map(({ value }) => value));
  const deviation = median(measured.map(({ value }) => Math.abs(value - usual)));
  const spread = Math.max(deviation * MAD_TO_SIGMA, SPREAD_MIN[kind]);
  return measured.flatMap(({ station, value }) => {
    const apart = Math.abs(value - usual) / spread;
    return apart < APART_MIN
      ? []
      : [{ kind, station, value, usual, apart, ...(contest === undefined ? {} : { contest }) }];
  });
}

const ratio = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole);

/** What is compared of one slip: its numbers, read once. */
interface Compared {
  readonly station: records.Station;
  readonly cast: number;
  readonly admitted: number;
  readonly visiting: number;
  readonly poweredMinutes: number;
  readonly totals: readonly records.ContestTotal[];
}

function comparedIn(election: records.Package, standings: readonly StationStanding[]): readonly Compared[] {
  return standings.flatMap(({ station, slip }) => {
    if (slip === undefined) return [];
    const counts = countsIn(slip.checked);
    const [cast = 0, admitted = 0, , visiting = 0] = counts;
    const poweredMinutes = poweredMinutesOf(slip.checked);
    const totals = totalsOfCounts(election.contests, counts);
    return [{ station, cast, admitted, visiting, poweredMinutes, totals }];
  });
}

function digitHints(slips: readonly Compared[]): readonly DigitHint[] {
  const places = Map.groupBy(slips, ({ station: { place } }) =>
    JSON.stringify([place.province, place.county]),
  );
  return [...places.values()].flatMap((of) => {
    const digits = Array<number>(10).fill(0);
    for (const { totals } of of)
      for (const { candidates } of totals)
        for (const votes of candidates)
          if (votes >= DIGIT_COUNT_MIN) digits[votes % 10] = (digits[votes % 10] as number) + 1;
    const numbers = digits.reduce((sum, count) => sum + count, 0);
    if (numbers < DIGIT_NUMBERS_MIN) return [];
    const even = numbers / 10;
    const chiSquare = digits.reduce((sum, count) => sum + (count - even) ** 2 / even, 0);
    const { province, county } = (of[0] as Compared).station.place;
    return chiSquare > CHI_SQUARE_HINT ? [{ province, county, numbers, chiSquare }] : [];
  });
}

export function hintsOf(election: records.Package, standings: readonly StationStanding[]): Hints {
  const held = comparedIn(election, standings);
  const measure = (of: (one: Compared) => number | undefined) =>
    held.flatMap((one) => {
      const value = of(one);
      return value === undefined ? [] : [{ station: one.station, value }];
    });
  const stations = [
    // There is no register by station: votes beside the station's capacity are compared with the other stations.
    ...outliers(
      'turnout',
      measure(({ cast, station }) => ratio(cast, station.votesMax)),
    ),
    ...outliers(
      'rate',
      measure(({ cast, poweredMinutes }) => ratio(cast * 60, poweredMinutes)),
    ),
    ...outliers(
      'visiting_share',
      measure(({ visiting, admitted }) => ratio(visiting, admitted)),
    ),
    ...election.contests.flatMap((_, contest) =>
      outliers(
        'blank_share',
        measure(({ totals }) => ratio(totals[contest]?.blank ?? 0, totals[contest]?.records ?? 0)),
        contest,
      ),
    ),
  ];
  return {
    stations: stations.sort((a, b) => b.apart - a.apart).slice(0, HINTS_MAX),
    digits: digitHints(held),
    compared: held.length >= COMPARED_STATIONS_MIN,
  };
}
