/** What every part of the walked day works with: windows, panel, queue, the guide's pictures, and a hand at the power. */
import { RESIDENT_CONSTITUENCY } from '@sandoq/seeds';
import type { Page } from 'playwright-core';
import { documentOf, type PersonDocument } from '../../src/population/people.ts';
import type { Album } from './album.ts';
import { voteFast } from './fast.ts';
import { button } from './officer.ts';
import type { Orders } from './orders.ts';
import type { RunningSystem } from './system.ts';
import { STATION } from './system.ts';
import { type Desk, readContests, readPeople, say, type Visitor, type WalkedContest } from './windows.ts';

const ADULT_BEFORE = '2004';
export const CONTESTS = readContests();
export const PRESIDENT = CONTESTS[0];
export const CLOSING = ['governor_representative', 'council_representative'] as const;
/** Tarefe card that only the fast path uses. */
const FAST_CARD = 'tarefe-6';
const RESTART_TIMEOUT_MS = 60_000;

export interface Day {
  readonly data: string;
  readonly system: RunningSystem;
  readonly desk: Desk;
  readonly album: Album;
  readonly orders: Orders;
  readonly queue: Visitor[];
}
/** A step of the day, in the words of the guide, and what is done. */
export type DayStep = readonly [name: string, act: (day: Day) => Promise<void>];

const isResident = ({ constituency }: Visitor): boolean => constituency === RESIDENT_CONSTITUENCY;
/** Residents vote in all contests, visitors for the president alone. */
export const contestsOf = (person: Visitor): readonly WalkedContest[] =>
  isResident(person) ? CONTESTS : CONTESTS.slice(0, 1);

/** People of the demonstration who may vote, residents first. */
export const queueOf = (data: string): Visitor[] =>
  readPeople(data)
    .filter((one) => one.alive && one.birth_date < ADULT_BEFORE)
    .sort((a, b) => Number(isResident(b)) - Number(isResident(a)));

/** The first in the queue who brings such a document. */
export function call({ queue }: Day, document: PersonDocument = 'national_card'): Visitor {
  const at = queue.findIndex((one) => documentOf(one.national_code) === document);
  if (at < 0) throw new Error(`nobody left in the queue with ${document}`);
  return queue.splice(at, 1)[0] as Visitor;
}

/** The last of the queue vote by the fast path. */
export const fast = (day: Day, count: number): Promise<void> =>
  voteFast(
    day.data,
    day.queue.splice(-count),
    (person) => contestsOf(person).map((_, contest) => contest),
    FAST_CARD,
  );

/** The power cut of one program. Resolves when another process is there. @param see what the screens show meanwhile */
export async function killCore(
  { system }: Day,
  core: 'voting' | 'admission',
  see?: () => Promise<void>,
): Promise<void> {
  const configuration = `station/${STATION}/${core}/config.json`;
  const before = system.pidOf(configuration) as number;
  process.kill(before, 'SIGKILL');
  await see?.();
  for (const end = Date.now() + RESTART_TIMEOUT_MS; ; ) {
    if (![undefined, before].includes(system.pidOf(configuration))) return;
    if (Date.now() > end) throw new Error(`${core} was not started again`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export type Sheet = 'pause' | 'amendment' | 'report' | 'troubles';

export async function openSheet(page: Page, sheet: Sheet): Promise<void> {
  await button(page, say('more.open')).click();
  await button(page, say(`more.${sheet}`)).click();
  await page
    .getByRole('heading', { level: 2, name: say(`sheet.${sheet}`), exact: true })
    .first()
    .waitFor();
}
export async function closeSheet(page: Page): Promise<void> {
  await button(page.getByRole('dialog'), say('button.close')).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

export async function takeBack({ desk }: Day, reason: 'returned' | 'spoiled' | 'abandoned'): Promise<void> {
  await button(desk.executive, say('back.open')).click();
  await button(desk.executive, say(`back.${reason}`)).click();
  await desk.executive.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Ticks a deed, and sees it ticked. */
export async function tick(page: Page, deed: string): Promise<void> {
  const name = say(`deed.${deed}` as Parameters<typeof say>[0]);
  await button(page, say('deed.tick.of', { deed: name })).click();
  await button(page, say('deed.undo.of', { deed: name })).waitFor();
}

/** A device's state in the list that both officers see. */
export const deviceIs = (page: Page, device: string, state: 'connected' | 'lost'): Promise<void> =>
  page
    .getByRole('listitem')
    .filter({ hasText: say(`device.${device}` as Parameters<typeof say>[0]) })
    .getByText(say(`device.state.${state}`))
    .first()
    .waitFor();
