/** What is published depends on the slips and on nothing else: not on their order, and a correction is a recount. */
import { checkBundle } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHeldSlips, type HeldVersion } from '../src/intake/held.ts';
import { documentsOf } from '../src/publication/publication.ts';
import { BundleBuilder, votesOf } from './bundle-builder.ts';
import { NOW_SECONDS, provinceOf, stationNamed } from './province.ts';

const STATIONS = 7;
const places = ['upper', 'lower'];
const { provisioning } = provinceOf(
  Array.from({ length: STATIONS }, (_, i) => stationNamed(`s${i + 1}`, { county: places[i % 2] ?? '' })),
);
const at = NOW_SECONDS + 40_000;

/** One version as the intake holds it, the slip's sums made from a seed. */
function versionOf(station: number, seed: number, version = 1): HeldVersion {
  const bytes = new BundleBuilder(provisioning, `s${station + 1}`).build(votesOf(20 + (seed % 60), seed));
  const checked = checkBundle(provisioning, nodeCrypto, bytes, at);
  if (!checked.ok) throw new Error(checked.fault.code);
  const receiptDigest = nodeCrypto.sha256(bytes);
  const { bundleDigest } = checked.value;
  return { version, bundleDigest, receiptDigest, receivedAt: at, checked: checked.value };
}

function documents(versions: readonly HeldVersion[]): ReadonlyMap<string, string> {
  const held = createHeldSlips();
  for (const one of versions) held.add(provisioning.election, one);
  return new Map(
    [...documentsOf(provisioning, held.list(provisioning))].map(([name, bytes]) => [
      name,
      new TextDecoder().decode(bytes),
    ]),
  );
}

const seeds = fc.array(fc.nat(400), { minLength: STATIONS, maxLength: STATIONS });

it('the order in which slips came makes no difference to a single byte', () => {
  fc.assert(
    fc.property(seeds, fc.shuffledSubarray([...Array(STATIONS).keys()], { minLength: 1 }), (all, order) => {
      const inOrder = [...order].sort((a, b) => a - b);
      const of = (stations: readonly number[]) =>
        documents(stations.map((station) => versionOf(station, all[station] as number)));
      expect(of(order)).toEqual(of(inOrder));
    }),
    { numRuns: 25 },
  );
});

it('adding a correction equals counting again with the corrected slip', () => {
  const sums: readonly string[] = ['totals.json', 'outcome.json', 'totals.csv'];
  fc.assert(
    fc.property(seeds, fc.nat(STATIONS - 1), fc.nat(400), (all, corrected, seed) => {
      const first = all.map((one, station) => versionOf(station, one));
      const added = documents([...first, versionOf(corrected, seed, 2)]);
      const recounted = documents(
        all.map((one, station) => versionOf(station, station === corrected ? seed : one)),
      );
      for (const name of sums) expect(added.get(name), name).toEqual(recounted.get(name));
      expect([...added.keys()]).toEqual(expect.arrayContaining([...sums]));
    }),
    { numRuns: 25 },
  );
});
