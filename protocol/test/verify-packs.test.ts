/** A publication in packs says what the same files say one by one, and no bit of a pack is free. */
import {
  type Bytes,
  packFile,
  packItem,
  readerOf,
  readPack,
  unpacking,
  type Verdict,
  verifyPublication,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY_KEY } from '../../tally-server/test/province.ts';
import { type Files, SmallPublication } from './publication-builder.ts';

const small = new SmallPublication();
let single: Files;
let packed: Files;
const STATIONS = packFile('stations', 0);
const SLIPS = packFile('slips', 0);

function packing(files: Files): Files {
  const parts = new Map<string, Bytes[]>([
    [STATIONS, []],
    [SLIPS, []],
  ]);
  const rest = new Map<string, Bytes>();
  for (const [name, bytes] of files) {
    const pack = name.startsWith('package/stations/')
      ? STATIONS
      : /^(slips|receipts|corrections)\//.test(name)
        ? SLIPS
        : undefined;
    if (pack === undefined) rest.set(name, bytes);
    else parts.get(pack)?.push(packItem(name, bytes));
  }
  for (const [name, items] of parts) rest.set(name, Uint8Array.from(Buffer.concat(items)));
  return rest;
}

beforeAll(async () => {
  await small.start();
  single = small.publish();
  packed = packing(single);
});
afterAll(() => small.province.remove());

const verdictOf = (files: Files): Verdict =>
  verifyPublication({
    reader: readerOf(files),
    crypto: nodeCrypto,
    authorityKey: AUTHORITY_KEY,
    keyFromFolder: false,
    lots: null,
  }).verdict;

describe('a publication in packs', () => {
  it('gives the verdict of its files one by one', () => {
    expect(packed.size).toBeLessThan(single.size);
    expect(verdictOf(packed)).toEqual(verdictOf(single));
    expect(verdictOf(packed).ok).toBe(true);
  });

  it('hides no bit: one that is flipped is found, in the pack or in the file that it holds', () => {
    for (const pack of [STATIONS, SLIPS]) {
      const honest = packed.get(pack) as Bytes;
      const inside = readPack(honest).items.map(({ path }) => path);
      // Every bit of the first item's head and name, and bits all over the pack.
      const places = [
        ...Array.from({ length: 40 }, (_, i) => i),
        ...Array.from({ length: 40 }, (_, i) => Math.floor((honest.length * i) / 40)),
      ];
      for (const at of places) {
        const bent = Uint8Array.from(honest);
        bent[at] = (bent[at] as number) ^ (1 << (at % 8));
        const { ok, faults } = verdictOf(new Map(packed).set(pack, bent));
        expect(ok, `${pack} at ${at}`).toBe(false);
        // A path that was changed is named as it is now.
        const now = readPack(bent).items.map(({ path }) => path);
        const named = faults.some(({ file }) => [pack, ...inside, ...now].includes(file));
        expect(named, `${pack} at ${at}: ${faults.map(({ file }) => file).join()}`).toBe(true);
      }
    }
  });

  it('names a pack that is taken away, cut short, empty, or shows a file twice', () => {
    const slips = packed.get(SLIPS) as Bytes;
    const codes = (files: Files): readonly string[] => verdictOf(files).faults.map(({ code }) => code);
    const without = new Map(packed);
    without.delete(SLIPS);
    expect(codes(without)).toContain('file_missing');
    expect(codes(new Map(packed).set(SLIPS, slips.slice(0, -1)))).toContain('pack_malformed');
    expect(codes(new Map(packed).set(SLIPS, new Uint8Array(0)))).toContain('pack_malformed');
    expect(codes(new Map(packed).set(packFile('slips', 1), slips))).toContain('file_repeated');
    const name = 'slips/s1.bundle';
    expect(codes(new Map(packed).set(name, single.get(name) as Bytes))).toContain('file_repeated');
  });

  it('is read from any bytes without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { items, brokenAt } = readPack(bytes);
        const whole = items.reduce((sum, { path, bytes: held }) => sum + packItem(path, held).length, 0);
        expect(brokenAt ?? bytes.length).toBe(whole);
        unpacking(readerOf(new Map([[SLIPS, bytes]]))).names();
      }),
    );
  });
});
