// The short version of `npm run lab -- powercut`, and a judge that is itself judged.
import { describe, expect, test, vi } from 'vitest';
import { ROW_BYTES, ROW_COMMITTED, storeLayout } from '../src/audit/layout.ts';
import { createFlash, PowerCut } from '../src/index.ts';
import { type DeedName, sweepDeed, TEARS, tornBits } from './cuts.ts';
import type { Rig } from './rig.ts';

vi.setConfig({ testTimeout: 300_000 });

const SAMPLE: readonly (readonly [DeedName, number])[] = [
  ['cast', 13],
  ['reject', 2],
  ['keep_back', 2],
  ['open', 37],
  ['close', 23],
  ['clear', 17],
  ['load', 241],
];

describe('power cut at words of every deed, also in the middle of one, also twice', () => {
  test.each(SAMPLE)('%s: nothing lost, nothing doubled, no state without a name', async (name, stride) => {
    const result = await sweepDeed(name, { tears: TEARS, stride, doubleStride: stride });
    expect(result.examples).toEqual([]);
    expect(result).toMatchObject({ lost: 0, doubled: 0, unnamed: 0 });
    expect(result.doubleCuts).toBeGreaterThan(0);
  });

  // The last words of an opening and of a closing are the lifecycle's own: torn there, the box must still know.
  test('the lifecycle’s word torn in the middle is completed', async () => {
    for (const name of ['open', 'close'] as const) {
      const result = await sweepDeed(name, {
        tears: ['half_the_bits', 'one_bit'],
        stride: 1,
        doubleStride: 0,
        from: 0.9,
      });
      expect(result.examples).toEqual([]);
      expect(result.cuts).toBeGreaterThan(20);
    }
  });

  test('the judge sees a vote that is taken away or put in', async () => {
    const store = (rig: Rig) => storeLayout(rig.election.package, rig.election.station.votesMax);
    const row = (rig: Rig, wanted: number): number => {
      const { index, slots } = store(rig);
      const view = new DataView(rig.flash.image().buffer);
      for (let slot = 0; slot < slots; slot++)
        if (view.getUint32(index + slot * ROW_BYTES + 12, true) === wanted) return slot;
      throw new Error('no such row');
    };
    const options = { tears: ['between_words'], stride: 40, doubleStride: 0 } as const;
    const taken = await sweepDeed('cast', {
      ...options,
      meddle: (rig) =>
        rig.flash.program(store(rig).index + row(rig, ROW_COMMITTED) * ROW_BYTES, new Uint8Array(16)),
    });
    expect(taken.lost).toBe(taken.cuts);
    const put = await sweepDeed('cast', {
      ...options,
      meddle(rig) {
        const { index, bodies, stride } = store(rig);
        const [from, to] = [row(rig, ROW_COMMITTED), row(rig, 0xffff_ffff)];
        const image = rig.flash.image();
        rig.flash.program(
          bodies + to * stride,
          image.slice(bodies + from * stride, bodies + (from + 1) * stride),
        );
        rig.flash.program(
          index + to * ROW_BYTES,
          image.slice(index + from * ROW_BYTES, index + (from + 1) * ROW_BYTES),
        );
      },
    });
    expect(put.doubled).toBe(put.cuts);
  });
});

test('a word torn by the flash has some of its new bits and no others', () => {
  for (const tear of TEARS.slice(1)) {
    const flash = createFlash();
    const word = new Uint8Array(4);
    flash.program(0, Uint8Array.of(0xf0, 0xff, 0xff, 0x0f));
    flash.cutAfter(0, tornBits(tear, 5));
    expect(() => flash.program(0, Uint8Array.of(0x30, 0, 0, 0))).toThrow(PowerCut);
    flash.read(0, word);
    const value = new DataView(word.buffer).getUint32(0, true);
    expect((value & 0x0fff_fff0) >>> 0).toBe(value);
    expect((value & 0x30) >>> 0).toBe(0x30);
    flash.cutAfter(0, tornBits(tear, 6));
    expect(() => flash.erase(0)).toThrow(PowerCut);
    const erased = new Uint8Array(4);
    flash.read(0, erased);
    expect((new DataView(erased.buffer).getUint32(0, true) & value) >>> 0).toBe(value);
  }
});
