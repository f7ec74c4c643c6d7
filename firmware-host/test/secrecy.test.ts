// What a snapshot of everything may not tell: the choice, the order, which records belong together.
import { type ContestBallot, toHex } from '@sandoq/protocol';
import { describe, expect, test, vi } from 'vitest';
import { storeLayout } from '../src/audit/layout.ts';
import { crypto } from './election.ts';
import { TestCard } from './metal.ts';
import { BALLOT, openRig, type Rig, twin } from './rig.ts';

// Minutes only where the machine is busy with other things; alone it takes seconds.
vi.setConfig({ testTimeout: 300_000 });

/** Whether any eight bytes in a row of the needle are there: a whole secret or a good part of it. */
function holds(haystack: Uint8Array, needle: Uint8Array, least = 8): boolean {
  const there = Buffer.from(haystack.buffer, haystack.byteOffset, haystack.length);
  for (let at = 0; at + least <= needle.length; at++)
    if (there.includes(Buffer.from(needle.subarray(at, at + least)))) return true;
  return false;
}

/** A ballot whose plaintext is long and odd enough to be recognised anywhere. */
const PLANTED: readonly ContestBallot[] = [
  { contest: 0, class: 'marked', choices: [3] },
  { contest: 1, class: 'marked', choices: [2, 5, 11, 13, 17] },
  { contest: 2, class: 'marked', choices: [1, 4, 6] },
];

describe('the choice', () => {
  test('is nowhere in the box’s memory once the paper stands in the window, nor after; the nonces neither', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    const begun = rig.begin(1);
    const prepared = rig.prepared(1, PLANTED);
    // The search finds what is there: before PRINT the box's nonce is.
    expect(holds(rig.box.memory(), begun.boxNonce)).toBe(true);
    rig.print(prepared);
    const { bits } = rig.metal.page!;
    const line = bits.slice(-12 * 8);
    const secrets = [begun.boxNonce, prepared.stationNonce, ...prepared.ballots.slice(1), line];
    const expectNothing = (where: Uint8Array): void => {
      for (const [i, secret] of secrets.entries()) expect(holds(where, secret), `secret ${i}`).toBe(false);
    };
    expectNothing(rig.box.memory());
    rig.metal.press('green');
    expectNothing(rig.box.memory());
    // The name's picture is in flash with all the others; nothing else of the vote is.
    for (const secret of secrets.slice(0, -1)) expect(holds(rig.flash.image(), secret)).toBe(false);
  });

  test('is wiped as well where the seal was refused, the ballot rejected, or the power cut and restored', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    const prepared = rig.prepared(1, PLANTED);
    const plain = prepared.ballots[1]!;
    const other = { ...prepared, sealed: [...prepared.sealed].reverse() };
    expect(() => rig.print(other)).toThrow('seal_mismatch');
    expect(holds(rig.box.memory(), plain)).toBe(false);
    rig.print(prepared);
    rig.metal.press('correction');
    expect(holds(rig.box.memory(), plain)).toBe(false);
    expect(holds(rig.box.memory(), prepared.stationNonce)).toBe(false);
    expect(holds(rig.flash.image(), plain)).toBe(false);
    rig.restart();
    expect(holds(rig.box.memory(), plain)).toBe(false);
  });

  test('does not show in the length of anything that the box says', async () => {
    const lengths = async (ballot: readonly ContestBallot[]): Promise<number[]> => {
      const rig = await openRig();
      rig.sent.length = 0;
      rig.cast(1, ballot);
      return rig.sent.map((frame) => frame.length);
    };
    const few: ContestBallot[] = [
      { contest: 0, class: 'blank', choices: [] },
      { contest: 1, class: 'blank', choices: [] },
      { contest: 2, class: 'marked', choices: [0] },
    ];
    expect(await lengths(few)).toEqual(await lengths(PLANTED));
  });
});

describe('the order', () => {
  /** Casts with all randomness of one vote drawn from that vote's own seed, so that only the order differs. */
  const castSeeded = (rig: Rig, vote: number): void => {
    rig.metal.lay(undefined);
    rig.reseed(100_000 * (vote + 1));
    rig.cast(vote, vote % 2 === 0 ? BALLOT : PLANTED);
  };

  test('leaves no trace in flash: the same votes with the same draws in any order give the same bytes', async () => {
    // Wide tables, so that these seeds' draws do not meet: a draw that meets a taken row is drawn again.
    const base = await openRig({ votesMax: 4000 });
    const orders = [
      [0, 1, 2, 3, 4, 5, 6],
      [6, 5, 4, 3, 2, 1, 0],
      [3, 0, 6, 2, 5, 1, 4],
    ];
    const images = orders.map((order) => {
      const rig = twin(base);
      rig.link();
      for (const vote of order) castSeeded(rig, vote);
      expect(rig.status().counters).toMatchObject({ records: 21, cardsSpent: 7, tornSlots: 0 });
      return toHex(crypto.sha256(rig.flash.image()));
    });
    expect(images[1]).toBe(images[0]);
    expect(images[2]).toBe(images[0]);
  });

  test('is not in the draw of slots either: each slot is as likely as any other', async () => {
    const rig = await openRig({ votesMax: 40, contests: [[1, 3, true]] });
    const { index, slots } = storeLayout(rig.election.package, 40);
    const counts = new Array<number>(slots).fill(0);
    const runs = 60;
    for (let run = 0; run < runs; run++) {
      const one = twin(rig);
      one.reseed(1_000_000 + run * 1000);
      one.link();
      for (let i = 0; i < 4; i++) one.cast(i, [{ contest: 0, class: 'marked', choices: [1] }]);
      const image = one.flash.image();
      for (let slot = 0; slot < slots; slot++)
        if (image[index + slot * 16 + 12] === 0xde) counts[slot] = counts[slot]! + 1;
    }
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(runs * 4);
    const expected = (runs * 4) / slots;
    const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(slots).toBe(104);
    // 103 degrees of freedom: mean 103, the 99.99 % quantile is 163. The draws are seeded: the value never changes.
    expect(chiSquare).toBeLessThan(163);
  });
});

test('which slots one vote took is not in memory after it, and its ring entry is zero', async () => {
  const rig = await openRig();
  rig.cast(1);
  const ring = rig.flash.image().slice(16 * 4096, 17 * 4096);
  expect(ring.slice(0, 64).every((byte) => byte === 0)).toBe(true);
  expect(ring.slice(64).every((byte) => byte === 0xff)).toBe(true);
});
