/**
 * `npm run lab -- order [--short] [--part NAME]`: that neither the box's flash nor the station's records store remembers
 * the order of voting; that logs and snapshots do not remember who chose what; that the draw of slots is what it should
 * be. protocol/docs/SLOTS.md is what is proved. One JSON line on stdout.
 */
import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeRandomness } from '@sandoq/protocol/node';
import { coreRowDraw } from '../../firmware-host/test/draw.ts';
import { createSlotMap, uniformBelowFrom } from '../../station-app/src/stores/slot-map.ts';
import { roomShapes } from '../../station-app/test/voting-shape.ts';
import {
  type DayResult,
  type DayVariation,
  type OrderWorld,
  orderWorld,
  PLAIN,
  type Plan,
  permutations,
  randomPlan,
} from '../test/order-days.ts';
import { killedStore } from '../test/order-kills.ts';
import { shuffledOrder } from '../test/shuffled.ts';
import { judgeDraw, SLOTS, WEAK_GENERATORS } from '../test/slot-uniformity.ts';

const HELP = `usage: npm run lab -- order [--short] [--part NAME]
  --short      a sample of each part
  --part NAME  one of: six five_hundred kills exchange draw`;
const PARTS = ['six', 'five_hundred', 'kills', 'exchange', 'draw'] as const;
type Part = (typeof PARTS)[number];

const { values } = parseArgs({
  options: { help: { type: 'boolean' }, short: { type: 'boolean' }, part: { type: 'string' } },
});
if (values.help === true) {
  console.error(HELP);
  process.exit(0);
}
const chosen = PARTS.filter((part) => values.part === undefined || part === values.part);
if (chosen.length === 0) {
  console.error(HELP);
  process.exit(2);
}
const short = values.short === true;
const folder = mkdtempSync(join(tmpdir(), 'order-'));
const figures: Record<string, number | boolean> = {};
const failures: string[] = [];
const demand = (held: boolean, what: string): void => {
  if (!held) failures.push(what);
};

interface Days {
  readonly results: readonly DayResult[];
  readonly boxes: number;
  readonly stores: number;
}

function runAll(
  world: OrderWorld,
  orders: readonly number[][],
  plan: Plan,
  variation: DayVariation = {},
): Days {
  const results = orders.map((order, i) => {
    const where = join(folder, `day-${i}`);
    mkdirSync(where);
    const result = world.run(order, plan, where, variation);
    rmSync(where, { recursive: true });
    if (i > 0 && i % 120 === 0) console.error(`  ${i} of ${orders.length} orders`);
    return result;
  });
  const different = (of: (one: DayResult) => string): number => new Set(results.map(of)).size;
  return { results, boxes: different((one) => one.box), stores: different((one) => one.store) };
}

const crashesIn = (days: Days): number =>
  days.results.reduce((sum, one) => sum + one.boxCrashes + one.storeCrashes, 0);

/** All orders of six votes: without crashes, and with several plans of crashes. */
async function six(): Promise<void> {
  const world = await orderWorld(6, folder, 11);
  const orders = permutations([0, 1, 2, 3, 4, 5]).filter((_, i) => !short || i % 60 === 0);
  const plain = runAll(world, orders, PLAIN(6));
  demand(plain.boxes === 1 && plain.stores === 1, 'six votes: the bytes differ by order');
  demand(new Set(plain.results.map((one) => one.log)).size === 1, 'six votes: the log differs by order');
  let crashes = 0;
  let images = 0;
  const plans = short ? [1] : [1, 2, 3, 4, 5, 6, 7, 8];
  for (const [i, seed] of plans.entries()) {
    // All orders under the first plan, a part of them under each other.
    const days = runAll(world, i === 0 ? orders : orders.filter((_, k) => k % 9 === i), randomPlan(6, seed));
    demand(
      days.boxes === 1 && days.stores === 1,
      `six votes, crashes of plan ${seed}: the bytes differ by order`,
    );
    crashes += crashesIn(days);
    images += days.results.length;
  }
  const control = runAll(world, orders.slice(0, 12), PLAIN(6), { inTurn: true });
  demand(control.boxes > 1 && control.stores > 1, 'the control, a store that fills in turn, was not caught');
  Object.assign(figures, {
    orders_of_6: orders.length,
    flash_images_of_6: plain.boxes,
    store_files_of_6: plain.stores,
    orders_of_6_with_crashes: images,
    crashes_of_6: crashes,
    control_in_turn_images: control.boxes,
  });
}

async function fiveHundred(): Promise<void> {
  const votes = short ? 70 : 500;
  const world = await orderWorld(votes, folder, 12);
  const orders = Array.from({ length: short ? 2 : 4 }, (_, i) => shuffledOrder(votes, 100 + i));
  const plain = runAll(world, orders, PLAIN(votes));
  demand(plain.boxes === 1 && plain.stores === 1, `${votes} votes: the bytes differ by order`);
  console.error(
    `  ${orders.length} orders of ${votes}: ${plain.boxes} flash image, ${plain.stores} store file`,
  );
  const crashed = runAll(world, orders, randomPlan(votes, 9));
  demand(
    crashed.boxes === 1 && crashed.stores === 1,
    `${votes} votes with crashes: the bytes differ by order`,
  );
  Object.assign(figures, {
    votes_in_long_orders: votes,
    long_orders: 2 * orders.length,
    long_flash_images: plain.boxes,
    long_store_files: plain.stores,
    long_flash_images_with_crashes: crashed.boxes,
    long_store_files_with_crashes: crashed.stores,
    crashes_of_long_orders: crashesIn(crashed),
    torn_slots_of_long_orders: crashed.results[0]?.tornSlots ?? 0,
  });
}

/** The store's process really killed, at any instant of its writing. */
async function kills(): Promise<void> {
  const votes = short ? 60 : 150;
  const digests = new Set([(await killedStore(join(folder, 'whole.sqlite'), votes, 1, 0)).digest]);
  let killed = 0;
  let journals = 0;
  for (let seed = 2; seed < (short ? 3 : 5); seed++) {
    const result = await killedStore(join(folder, `killed-${seed}.sqlite`), votes, seed, short ? 3 : 8);
    digests.add(result.digest);
    killed += result.kills;
    journals += result.hotJournals;
  }
  demand(digests.size === 1, 'the store killed in the middle of its writing has other bytes');
  demand(killed > 0, 'no process was killed');
  Object.assign(figures, {
    store_kills: killed,
    store_kills_with_journal: journals,
    store_files_after_kills: digests.size,
  });
}

/** Two voters exchange their choices: the box beside its records, and the station's logs and snapshots. */
async function exchange(): Promise<void> {
  const world = await orderWorld(6, folder, 13);
  const order = [3, 1, 5, 0, 4, 2];
  let exchanges = 0;
  const beside = new Set<string>();
  const said = new Set<string>();
  for (const plan of [PLAIN(6), randomPlan(6, 3)]) {
    beside.clear();
    said.clear();
    for (let a = 0; a < 6; a++)
      for (let b = a + 1; b < 6; b++) {
        const [day] = runAll(world, [order], plan, { exchanged: [a, b] }).results;
        beside.add(day?.beside ?? '');
        said.add(day?.said ?? '');
        exchanges++;
      }
    demand(beside.size === 1 && said.size === 1, 'exchanging two choices shows in the box');
  }
  const shapes = await roomShapes(
    short
      ? []
      : [
          [0, 1],
          [1, 0],
        ],
  );
  demand(new Set(shapes).size <= 1, 'exchanging two choices shows in the station’s log or snapshots');
  Object.assign(figures, {
    exchanges_in_the_box: exchanges,
    exchanges_in_the_station: Math.max(0, shapes.length - 1),
  });
}

async function draw(): Promise<void> {
  const draws = short ? 1 << 17 : 1 << 20;
  const pool = new Uint8Array(1 << 16);
  let at = pool.length;
  const entropy = (into: Uint8Array): void => {
    if (at + into.length > pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    into.set(pool.subarray(at, at + into.length));
    at += into.length;
  };
  const box = judgeDraw((await coreRowDraw(SLOTS, entropy)).draw, draws);
  demand(box.passes, `the box's draw: ${JSON.stringify(box)}`);
  const map = createSlotMap(SLOTS, uniformBelowFrom(nodeRandomness));
  const station = judgeDraw(() => map.draw(1)[0] as number, draws / 8);
  demand(station.passes, `the station's draw: ${JSON.stringify(station)}`);
  for (const [name, make] of Object.entries(WEAK_GENERATORS)) {
    let next = make(1);
    let seed = 1;
    const weak = (into: Uint8Array): void =>
      new DataView(into.buffer, into.byteOffset).setUint32(0, next(), true);
    const { draw: weakDraw } = await coreRowDraw(SLOTS, weak);
    const reseed = (): void => {
      seed = (Math.imul(seed, 0x2c9277b5) + 0x3c6ef35f) >>> 0;
      next = make((seed ^ (seed >>> 13)) >>> 0);
    };
    const once = judgeDraw(weakDraw, draws / 4);
    const again = judgeDraw(weakDraw, draws / 4, reseed);
    demand(!once.passes && !again.passes, `${name} was not caught`);
    figures[`${name}_caught`] = !once.passes && !again.passes;
    figures[`${name}_repeats`] = once.repeatedWindows;
  }
  Object.assign(figures, {
    draws_of_the_box: draws,
    draws_of_the_station: draws / 8,
    repeats_of_the_box: box.repeatedWindows,
    repeats_of_the_station: station.repeatedWindows,
  });
}

const RUN: Readonly<Record<Part, () => Promise<void>>> = {
  six,
  five_hundred: fiveHundred,
  kills,
  exchange,
  draw,
};
try {
  for (const part of chosen) {
    const started = process.cpuUsage();
    await RUN[part]();
    const { user, system } = process.cpuUsage(started);
    console.error(
      `${part}: ${failures.length === 0 ? 'held' : failures.join('; ')}; ${((user + system) / 1e6).toFixed(0)} s`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const ok = failures.length === 0;
console.log(JSON.stringify({ name: 'order', ok, figures }));
process.exitCode = ok ? 0 : 1;
