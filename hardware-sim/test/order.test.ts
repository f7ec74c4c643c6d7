// The short version of `npm run lab -- order`.
import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { coreRowDraw } from '../../firmware-host/test/draw.ts';
import {
  type DayResult,
  type DayVariation,
  orderWorld,
  PLAIN,
  type Plan,
  permutations,
  randomPlan,
} from './order-days.ts';
import { killedStore } from './order-kills.ts';
import { shuffledOrder } from './shuffled.ts';
import { judgeDraw, SLOTS, WEAK_GENERATORS } from './slot-uniformity.ts';

vi.setConfig({ testTimeout: 300_000 });

const folder = mkdtempSync(join(tmpdir(), 'order-'));
afterAll(() => rmSync(folder, { recursive: true }));
const world = await orderWorld(6, folder);
let days = 0;
const run = (orders: readonly number[][], plan: Plan, variation: DayVariation = {}): DayResult[] =>
  orders.map((order) => {
    const where = join(folder, `day-${days++}`);
    mkdirSync(where);
    return world.run(order, plan, where, variation);
  });
const different = (results: readonly DayResult[], of: keyof DayResult): number =>
  new Set(results.map((one) => one[of])).size;
const ORDERS = permutations([0, 1, 2, 3, 4, 5]).filter((_, i) => i % 90 === 0);

describe('for the same draw of slots every order leaves the same bytes', () => {
  test('in the flash of the box and in the file of the station', () => {
    const results = run(ORDERS, PLAIN(6));
    expect(results.every(({ cast }) => cast === 6)).toBe(true);
    expect([different(results, 'box'), different(results, 'store'), different(results, 'log')]).toEqual([
      1, 1, 1,
    ]);
  });

  test('with power and process lost at random steps and papers corrected', () => {
    for (const seed of [1, 4]) {
      const results = run(ORDERS.slice(0, 5), randomPlan(6, seed));
      expect(results[0]?.boxCrashes).toBeGreaterThan(0);
      expect(results[0]?.storeCrashes).toBeGreaterThan(0);
      expect([different(results, 'box'), different(results, 'store')]).toEqual([1, 1]);
    }
  });

  test('and a store that fills in turn is caught', () => {
    const results = run(ORDERS.slice(0, 3), PLAIN(6), { inTurn: true });
    expect([different(results, 'box'), different(results, 'store')]).toEqual([3, 3]);
  });

  test('beyond the turning of the ring of intents', async () => {
    const wide = await orderWorld(70, folder, 3);
    const results = [1, 2].map((seed) => {
      const where = join(folder, `wide-${seed}`);
      mkdirSync(where);
      return wide.run(shuffledOrder(70, seed), randomPlan(70, 2), where);
    });
    expect(results[0]?.tornSlots).toBeGreaterThan(0);
    expect([different(results, 'box'), different(results, 'store')]).toEqual([1, 1]);
  });

  test('where the store’s process is killed in the middle of its writing', async () => {
    const whole = await killedStore(join(folder, 'whole.sqlite'), 40, 1, 0);
    const killed = await killedStore(join(folder, 'killed.sqlite'), 40, 2, 2);
    expect(killed.kills).toBeGreaterThan(0);
    expect(killed.digest).toBe(whole.digest);
  });
});

test('two voters who exchange their choices change nothing in the box but the records, nor the length of any frame', () => {
  const exchanges = [undefined, [0, 3], [1, 2], [4, 5]] as const;
  for (const plan of [PLAIN(6), randomPlan(6, 3)]) {
    const results = exchanges.flatMap((exchanged) =>
      run([[2, 0, 5, 1, 4, 3]], plan, exchanged === undefined ? {} : { exchanged }),
    );
    expect([different(results, 'beside'), different(results, 'said')]).toEqual([1, 1]);
    expect(different(results, 'box')).toBe(exchanges.length);
  }
});

describe('the draw of a slot by the core', () => {
  const DRAWS = 1 << 17;

  test('passes with the machine’s randomness', async () => {
    const { draw } = await coreRowDraw(SLOTS, (into) => randomFillSync(into));
    const { repeatedWindows, passes, ...deviations } = judgeDraw(draw, DRAWS / 4);
    expect({ repeatedWindows, passes, deviations }).toMatchObject({ repeatedWindows: 0, passes: true });
  });

  test.each(Object.entries(WEAK_GENERATORS))('is caught with %s', async (_, make) => {
    const next = make(1);
    const weak = (into: Uint8Array): void =>
      new DataView(into.buffer, into.byteOffset).setUint32(0, next(), true);
    const { draw } = await coreRowDraw(SLOTS, weak);
    const judged = judgeDraw(draw, DRAWS);
    expect(judged.passes).toBe(false);
    expect(judged.repeatedWindows).toBeGreaterThan(1000);
  });
});
