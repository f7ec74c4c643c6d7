/**
 * The officers' whole day and thirty votes on the running system: real processes, real windows in a real browser, hands at
 * the bench panel. What can go wrong on a day goes wrong on this one; it ends with a slip and minutes that hold. Its
 * pictures are the pictures of the station guide.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBundle, checkMinutes } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { demandFirmware } from './bench-process.ts';
import { createAlbum, GUIDES, pictureFiles } from './walk/album.ts';
import { type Day, type DayStep, queueOf } from './walk/day.ts';
import { CLOSING_STEPS } from './walk/day-closing.ts';
import { MISHAPS } from './walk/day-mishaps.ts';
import { DAY_BEFORE, OPENING } from './walk/day-opening.ts';
import { VOTING } from './walk/day-voting.ts';
import { openOrders } from './walk/orders.ts';
import { freePortBase, type RunningSystem, STATION, startSystem } from './walk/system.ts';
import { type Desk, launchBrowser, openDesk } from './walk/windows.ts';

/** Wide enough for an officer's display of 15 inches. */
const DISPLAY = { width: 1440, height: 900 };

let data: string;
let system: RunningSystem;
let browser: Browser;
let day: Day;
let isBroken = false;

beforeAll(async () => {
  demandFirmware();
  data = mkdtempSync(join(tmpdir(), 'sandoq-day-'));
  [system, browser] = await Promise.all([startSystem(data, await freePortBase()), launchBrowser()]);
  const desk = await openDesk(browser, system, DISPLAY);
  day = {
    data,
    system,
    desk,
    album: createAlbum((page, name) => desk.look(page, name)),
    orders: openOrders(data, system.addresses.province),
    queue: queueOf(data),
  };
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await system?.interrupt();
  if (data !== undefined) rmSync(data, { recursive: true, force: true });
});

async function pictureOfFailure(desk: Desk): Promise<void> {
  for (const window of ['executive', 'supervisor', 'voter', 'panel', 'inspector'] as const)
    await desk.picture(desk[window], `failed-day-${window}`).catch(() => undefined);
}

/** Steps of one day: after one that failed the rest say nothing new. */
function walk(steps: readonly DayStep[]): void {
  for (const [name, act] of steps) {
    test(name, { timeout: 240_000 }, async (context) => {
      if (isBroken) context.skip();
      onTestFailed(async () => {
        isBroken = true;
        if (day !== undefined) await pictureOfFailure(day.desk);
        console.error(system?.errors());
      });
      await act(day);
    });
  }
}

describe('the day before', () => walk(DAY_BEFORE));
describe('the opening', () => walk(OPENING));
describe('voting', () => walk(VOTING));
describe('mishaps, each with its way back', () => walk(MISHAPS));
describe('the close', () => walk(CLOSING_STEPS));

describe('what is left of the day', () => {
  walk([
    [
      'thirty votes, every ledger, the orders, the reports and the signatures hold for whoever checks',
      checkWhatIsLeft,
    ],
  ]);

  test('the guide in both languages shows every picture of this day, in its order', (context) => {
    if (isBroken) context.skip();
    expect(pictureFiles()).toEqual([...day.album.taken].sort());
    for (const guide of GUIDES) {
      const shown = [...readFileSync(guide, 'utf8').matchAll(/\(guide\/([^)]+)\)/g)].map(([, file]) => file);
      expect(shown).toEqual(day.album.taken);
    }
  });

  test('nothing on any page was missing, too wide, or asked of anyone but this machine', (context) => {
    if (isBroken) context.skip();
    expect(day.desk.complaints).toEqual([]);
  });
});

/** With the files of `out/` and the published package alone, as an auditor has them. */
async function checkWhatIsLeft(): Promise<void> {
  const out = join(data, 'station', STATION, 'voting', 'out');
  const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(out, name)));
  const now = Math.floor(Date.now() / 1000);
  const published = day.orders.published();
  const bundle = checkBundle(published, nodeCrypto, read(`${STATION}.bundle`), now);
  if (!bundle.ok) throw new Error(`${bundle.fault.code} at ${bundle.fault.at}`);
  const { slip, approvals } = bundle.value;
  expect(slip).toMatchObject({
    disputed: false,
    tarefe: { issued: 34, cast: 30, returned: 1, spoiled: 1, abandoned: 2, outstanding: 0 },
    papers: { printed: 32, inBin: 30, rejected: 1, retained: 1 },
  });
  expect(slip.admissions.helped).toBe(1);
  expect(slip.amendments).toHaveLength(2);
  // A candidate withdrawn after votes were given for others only: nobody's vote is lost by it.
  expect(slip.totals[0]?.records).toBe(30);
  expect(approvals.find(({ role }) => role === 'chief')?.refused).toBe(true);
  const minutes = checkMinutes(published, nodeCrypto, bundle.value, read(`${STATION}.minutes`), now);
  if (!minutes.ok) throw new Error(`${minutes.fault.code} at ${minutes.fault.at}`);
  const { seals, recount, reports } = minutes.value.minutes;
  expect({ seals, recount }).toEqual({ seals: ['14051', '14052'], recount: 'agreed' });
  expect(reports.map(({ role, approval }) => [role, approval !== undefined])).toEqual([
    ['candidate_representative', false],
    ['inspector', true],
  ]);
  expect(minutes.value.approvals.map(({ role }) => role).sort()).toEqual(
    ['chief', 'council_representative', 'governor_representative'].sort(),
  );
}
