/** Hints: nothing is said of stations that are alike, the one that stands apart is named, and few slips say nothing. */
import { decode, parseTyped, records } from '@sandoq/protocol';
import { describe, expect, it } from 'vitest';
import { reconcileSlips } from '../src/reconciliation/slips.ts';
import { COMPARED_STATIONS_MIN, hintsOf, median } from '../src/totals/hints.ts';
import { type StationStanding, sumsByPlace } from '../src/totals/totals.ts';
import { BundleBuilder, votesOf } from './bundle-builder.ts';
import { provinceOf, stationNamed } from './province.ts';

const STATIONS = 24;
const id = (i: number): string => `s${String(i).padStart(2, '0')}`;
const { provisioning } = provinceOf(Array.from({ length: STATIONS }, (_, i) => stationNamed(id(i))));

function standingOf(
  i: number,
  cast: number,
  bend: (slip: records.Slip) => records.Slip = (slip) => slip,
): StationStanding {
  const bundle = decode(records.bundleShape, new BundleBuilder(provisioning, id(i)).build(votesOf(cast, i)));
  if (!bundle.ok) throw new Error('no bundle');
  const slip = parseTyped(bundle.value.slip, 'slip', records.slipShape);
  if (!slip.ok) throw new Error('no slip');
  const station = provisioning.stations.get(id(i) as never) as records.Station;
  const commitments = [{ poweredMinutes: 612 }];
  // Only what hints and sums read of a held slip.
  const held = {
    checked: { station, slip: bend(slip.value.value), commitments, approvals: [] },
    disputes: [],
    versions: [],
  };
  return { station, state: 'received', slip: held as unknown as NonNullable<StationStanding['slip']> };
}
const alike = (count: number): StationStanding[] =>
  Array.from({ length: count }, (_, i) => standingOf(i, 300 + ((i * 7) % 11)));

describe('hints', () => {
  it('a median is the middle one, or between the two', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, 0]);
  });

  it('say nothing of stations that are alike, nor with too few to compare', () => {
    expect(hintsOf(provisioning.package, alike(STATIONS))).toMatchObject({ stations: [], compared: true });
    const few = [...alike(COMPARED_STATIONS_MIN - 2), standingOf(20, 1500)];
    expect(hintsOf(provisioning.package, few)).toMatchObject({ stations: [], compared: false });
  });

  it('name the station that stands apart, with its own value and the usual one', () => {
    const { stations } = hintsOf(provisioning.package, [...alike(20), standingOf(20, 1500)]);
    expect(new Set(stations.map(({ station }) => station.id))).toEqual(new Set(['s20']));
    expect(stations.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['turnout', 'rate']));
    for (const { value, usual, kind } of stations)
      if (kind === 'turnout') expect(value).toBeGreaterThan(4 * usual);
  });

  it('name a station with many blanks, and the contest', () => {
    const blank = standingOf(20, 300, (slip) => ({
      ...slip,
      totals: slip.totals.map((total, i) =>
        i === 0 ? { ...total, blank: 150, valid: total.records - 150 } : total,
      ),
    }));
    const { stations } = hintsOf(provisioning.package, [...alike(20), blank]);
    expect(stations).toMatchObject([{ kind: 'blank_share', contest: 0, station: { id: 's20' }, value: 0.5 }]);
  });

  it('last digits that are all the same are told with their numbers; even ones are not', () => {
    const withDigit = (digit: (k: number) => number) =>
      Array.from({ length: 20 }, (_, i) =>
        standingOf(i, 300, (slip) => ({
          ...slip,
          totals: slip.totals.map((total) => ({
            ...total,
            candidates: total.candidates.map((_, k) => 150 + digit(i * 12 + k)),
          })),
        })),
      );
    const told = hintsOf(
      provisioning.package,
      withDigit(() => 0),
    ).digits;
    expect(told).toMatchObject([{ province: 'north', county: 'upper', numbers: 320 }]);
    expect(
      hintsOf(
        provisioning.package,
        withDigit((k) => k % 10),
      ).digits,
    ).toEqual([]);
  });
});

describe('slips put to the reconciliation', () => {
  it('agree with their places; one bent ledger is named with its station and both figures', () => {
    const standings = alike(12);
    const places = sumsByPlace(provisioning.package, standings);
    expect(reconcileSlips(provisioning.package, standings, places)).toMatchObject({ places: [] });
    expect(reconcileSlips(provisioning.package, standings, places).byStation.size).toBe(0);
    const bent = [
      ...standings.slice(1),
      standingOf(0, 300, (slip) => ({ ...slip, papers: { ...slip.papers, inBin: 0 } })),
    ];
    const found = reconcileSlips(provisioning.package, bent, sumsByPlace(provisioning.package, bent));
    expect([...found.byStation.keys()]).toEqual(['s00']);
    expect(found.byStation.get('s00')).toMatchObject([
      { kind: 'equation', equation: 'papers', difference: 300 },
    ]);
  });

  it('a place whose announced sum is not that of its slips is named', () => {
    const standings = alike(12);
    const announced = sumsByPlace(provisioning.package, standings).map((place, i) =>
      i === 0 ? { ...place, sums: { ...place.sums, cast: place.sums.cast + 1 } } : place,
    );
    const { places } = reconcileSlips(provisioning.package, standings, announced);
    expect(places).toMatchObject([{ kind: 'parts', path: ['north'], difference: 1 }]);
  });
});
