/**
 * The officers' whole day and thirty voters on the running system: real processes, real windows in a real browser, hands at
 * the bench panel. What can go wrong on a day goes wrong on this one; it ends with minutes that hold. Its pictures are the
 * pictures of the station guide.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RESIDENT_CONSTITUENCY } from '@sandoq/seeds';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { BENCH_PINS } from '../rig/provision.ts';
import { documentOf } from '../src/population/people.ts';
import { demandFirmware } from './bench-process.ts';
import { type Album, createAlbum, GUIDES, pictureFiles } from './walk/album.ts';
import { voteFast } from './walk/fast.ts';
import { approve, button, ledger, refusal, sees, title, twoPins, typePin } from './walk/officer.ts';
import { type Orders, openOrders } from './walk/orders.ts';
import * as hands from './walk/panel.ts';
import * as steps from './walk/steps.ts';
import { freePortBase, type RunningSystem, STATION, startSystem } from './walk/system.ts';
import { choose } from './walk/voter.ts';
import { type Desk, launchBrowser, openDesk, readContests, readPeople, say, sayPanel, type Visitor } from './walk/windows.ts';

const ADULT_BEFORE = '2004';
const CONTESTS = readContests();
const [PRESIDENT] = CONTESTS;
const CLOSING = ['governor_representative', 'council_representative'] as const;
const TRIED = ['chief', 'executive', 'supervisor', ...CLOSING, 'inspector'] as const;
const configOf = (core: 'voting' | 'admission'): string => join('station', STATION, core, 'config.json');

let data: string;
let system: RunningSystem;
let browser: Browser;
let desk: Desk;
let album: Album;
let orders: Orders;
/** people with a chip who may vote, residents first */
let queue: Visitor[];
let isBroken = false;
/** The first in the queue who brings such a document. */
function nextWith(wanted: (document: string) => boolean): Visitor {
  const at = queue.findIndex((one) => wanted(documentOf(one.national_code)));
  if (at < 0) throw new Error('nobody left in the queue');
  return queue.splice(at, 1)[0] as Visitor;
}
const withChip = (): Visitor => nextWith((document) => document === 'national_card');
const withPaper = (): Visitor => nextWith((document) => document === 'shenasnameh');
const isResident = ({ constituency }: Visitor): boolean => constituency === RESIDENT_CONSTITUENCY;
/** Residents vote in all contests, visitors for the president alone. */
const contestsOf = (person: Visitor) => (isResident(person) ? CONTESTS : CONTESTS.slice(0, 1));

const step = (name: string, act: () => Promise<void>): void => {
  test(name, async (context) => {
    if (isBroken) context.skip();
    onTestFailed(async () => {
      isBroken = true;
      for (const window of ['executive', 'supervisor', 'voter', 'panel'] as const)
        await desk?.picture(desk[window], `failed-day-${window}`).catch(() => undefined);
      console.error(system?.errors());
    });
    await act();
  });
};

/** The power cut of one program: another process is there, and the window has found it. */
async function killCore(core: 'voting' | 'admission', see?: () => Promise<void>): Promise<void> {
  const before = system.pidOf(configOf(core)) as number;
  process.kill(before, 'SIGKILL');
  await see?.();
  await expect.poll(() => system.pidOf(configOf(core)), { timeout: 30_000 }).not.toBeUndefined();
  await expect.poll(() => system.pidOf(configOf(core)), { timeout: 30_000 }).not.toBe(before);
}

const more = async (page: Page, entry: 'pause' | 'amendment' | 'report' | 'troubles'): Promise<void> => {
  await button(page, say('more.open')).click();
  await button(page, say(`more.${entry}`)).click();
  await page.getByRole('heading', { name: say(`sheet.${entry}`), exact: true }).first().waitFor();
};
const closeSheet = (page: Page): Promise<void> => button(page.getByRole('dialog'), say('button.close')).click();

const takeBack = async (reason: 'returned' | 'spoiled' | 'abandoned'): Promise<void> => {
  await button(desk.executive, say('back.open')).click();
  await button(desk.executive, say(`back.${reason}`)).click();
  await desk.executive.getByRole('dialog').waitFor({ state: 'detached' });
};
const tick = (page: Page, deed: string): Promise<void> =>
  button(page, say('deed.tick.of', { deed: say(`deed.${deed}` as Parameters<typeof say>[0]) })).click();

beforeAll(async () => {
  demandFirmware();
  data = mkdtempSync(join(tmpdir(), 'sandoq-day-'));
  [system, browser] = await Promise.all([startSystem(data, await freePortBase()), launchBrowser()]);
  desk = await openDesk(browser, system);
  album = createAlbum((page, name) => desk.look(page, name));
  orders = openOrders(data);
  queue = readPeople(data)
    .filter((one) => one.alive && one.birth_date < ADULT_BEFORE)
    .sort((a, b) => Number(isResident(b)) - Number(isResident(a)));
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await system?.interrupt();
  if (data !== undefined) rmSync(data, { recursive: true, force: true });
});

describe('the day before', () => {
  step('every role tries its card; a card of another station is found out, and a wrong PIN', async () => {
    const { executive, panel } = desk;
    await title(executive, say('stage.set_up.title'));
    await album.take(executive, 'set-up');
    await hands.openTray(panel, 'other');
    await button(panel, sayPanel('make.role')).click();
    await hands.layLast(panel, 'role', 'first');
    await typePin(executive, BENCH_PINS.supervisor, say('trial.try'));
    await refusal(executive, 'card_not_of_station');
    await album.take(executive, 'card-of-another-station');
    await hands.take(panel, 'first');
    for (const role of TRIED) {
      await hands.lay(panel, 'role', `role-${role}`, 'first');
      await sees(executive, say('pin.of', { role: say(`role.${role}`) }));
      if (role === 'chief') {
        await typePin(executive, '9999', say('trial.try'));
        await refusal(executive, 'wrong_pin');
        await album.take(executive, 'wrong-pin');
      }
      await typePin(executive, BENCH_PINS[role], say('trial.try'));
      await executive
        .getByRole('listitem')
        .filter({ hasText: say(`role.${role}`) })
        .getByText(say('trial.tried'))
        .first()
        .waitFor();
      await hands.take(panel, 'first');
    }
    for (const deed of ['clock_right', 'power_ready', 'spare_paper', 'transport_seals_whole'])
      await tick(executive, deed);
    await album.take(executive, 'cards-tried');
  });

  step('the voting program is killed on this screen: the trials stand', async () => {
    await killCore('voting', () => sees(desk.executive, say('core.voting.lost')));
    await sees(desk.executive, say('trial.tried'));
    await desk.executive.getByText(say('core.voting.lost')).waitFor({ state: 'detached' });
  });
});

describe('the opening', () => {
  step('the package is loaded; the empty box is shown and sealed', async () => {
    const { executive } = desk;
    await button(executive, say('set_up.load')).click();
    await title(executive, say('stage.opening.title'));
    await tick(executive, 'box_shown_empty');
    for (const seal of ['۱۴۰۵۱', '۱۴۰۵۲']) {
      await executive.getByRole('textbox', { name: say('opening.seal.number') }).fill(seal);
      await button(executive, say('opening.seal.add')).click();
    }
    await tick(executive, 'box_sealed');
    await album.take(executive, 'opening-seals');
  });

  step('the wrong role is told whose turn it is; two roles open, and the report is zero', async () => {
    const { executive, supervisor, panel } = desk;
    await button(executive, say('opening.begin')).click();
    await title(executive, say('approve.opening.stage'));
    await hands.lay(panel, 'role', 'role-governor_representative', 'first');
    await typePin(executive, BENCH_PINS.governor_representative, say('approve.approve'));
    await refusal(executive, 'role_not_wanted');
    await album.take(executive, 'opening-wrong-role');
    await hands.quick(panel, 'open');
    await approve(executive, ['executive']);
    await album.take(supervisor, 'opening-second-card');
    await approve(supervisor, ['supervisor']);
    await executive.getByRole('heading', { name: say('zero.title') }).waitFor();
    await tick(executive, 'zero_report_signed');
    await album.take(executive, 'zero-report');
    await hands.quick(panel, 'desk');
    await twoPins(executive, ['executive', 'supervisor'], say('desk.open'));
    await title(executive, say('stage.voting.title'));
    await sees(supervisor, say('desk.document.wait'));
    await album.take(executive, 'desk-open');
  });
});

describe('voting', () => {
  step('the first voter: chip, finger, two presses, three contests, paper, green', async () => {
    const { executive, supervisor, voter, panel } = desk;
    await album.take(voter, 'voter-welcome');
    await hands.call(panel, withChip());
    await hands.visit(panel, 'give_card');
    await button(executive, say('desk.read')).click();
    await sees(executive, say('proof.title'));
    await typePin(executive, '0000', say('proof.check'));
    await refusal(executive, 'person.wrong_pin');
    await album.take(executive, 'voter-wrong-pin');
    await hands.visit(panel, 'give_finger');
    await button(executive, say('proof.fingerprint')).click();
    await sees(executive, say('tarefe.lay'));
    await hands.lay(panel, 'tarefe', 'tarefe-1', 'tarefe');
    await album.take(executive, 'identified');
    await button(executive, say('press.approve')).click();
    await album.take(supervisor, 'second-press');
    await button(supervisor, say('press.approve')).click();
    await sees(executive, say('tarefe.armed'));
    await album.take(executive, 'armed');
    await steps.goToBox(desk);
    await title(voter, PRESIDENT.title);
    await album.take(voter, 'voter-choosing');
    await steps.chooseToReview(voter, CONTESTS);
    await album.take(voter, 'voter-review');
    await steps.printPaper(desk);
    await album.take(voter, 'voter-paper');
    await hands.key(panel, 'green');
    await title(voter, say('voter.cast.title'));
    await album.take(voter, 'voter-cast');
    await hands.visit(panel, 'tarefe_back');
    await hands.visit(panel, 'leaves');
  });

  step('ten voters by the fast path', async () => {
    await fast(10);
    await ledger(desk.executive, say('ledger.papers'), [11, 11, 0, 0]);
  });

  step('an Amayesh card, and the same person twice', async () => {
    const { executive, panel } = desk;
    await hands.openTray(panel, 'other');
    await button(panel, sayPanel('make.amayesh')).click();
    await hands.layLast(panel, 'other', 'document');
    await button(executive, say('desk.read')).click();
    await refusal(executive, 'person.amayesh_card');
    await album.take(executive, 'amayesh');
    await button(executive, say('desk.next_person')).click();
    await hands.take(panel, 'document');
    await steps.admitPerson(desk, withChip(), 'tarefe-1');
    await button(executive, say('desk.next_person')).click();
    await button(executive, say('desk.read')).click();
    await refusal(executive, 'person.already_admitted_here');
    await album.take(executive, 'already-admitted');
    await steps.goToBox(desk);
    await title(desk.voter, PRESIDENT.title);
  });

  step('kill -9 while she chooses, and while she reads back: her choices are gone', async () => {
    const { voter, executive } = desk;
    await choose(voter, PRESIDENT.candidates[2]);
    await killCore('voting', () => title(voter, say('waiting.lost')));
    await title(voter, PRESIDENT.title);
    await sees(voter, say('chosen.empty'));
    await steps.chooseToReview(voter, CONTESTS);
    await killCore('voting', async () => {
      await title(voter, say('waiting.lost'));
      await album.take(executive, 'program-restarts');
    });
    await title(voter, PRESIDENT.title);
    await sees(voter, say('chosen.empty'));
  });

  step('kill -9 with her paper in the window: it comes back to that paper, and it is cast once', async () => {
    await steps.chooseToReview(desk.voter, CONTESTS);
    await steps.printPaper(desk);
    await killCore('voting', () => title(desk.voter, say('waiting.lost')));
    await title(desk.voter, say('window.title'));
    await steps.castAndLeave(desk);
    await ledger(desk.executive, say('ledger.papers'), [12, 12, 0, 0]);
  });

  step('a document without a chip, a helper who is counted and not named, a correction, a jam', async () => {
    const { executive, voter, panel } = desk;
    const person = withPaper();
    await hands.call(panel, person);
    await button(executive, say('desk.by_hand')).click();
    const dialog = executive.getByRole('dialog');
    await dialog.getByRole('radio', { name: say('document.shenasnameh') }).click();
    await dialog.getByRole('textbox', { name: say('enter.code') }).fill(person.national_code);
    await album.take(executive, 'by-hand');
    await button(dialog, say('enter.find')).click();
    await executive.getByRole('radio', { name: say('person.helped.yes') }).click();
    await hands.lay(panel, 'tarefe', 'tarefe-1', 'tarefe');
    await album.take(executive, 'helper');
    await steps.armCard(desk);
    await steps.goToBox(desk);
    await steps.chooseToReview(voter, contestsOf(person));
    await steps.printPaper(desk);
    await hands.key(panel, 'correction');
    await title(voter, PRESIDENT.title);
    await steps.chooseToReview(voter, contestsOf(person));
    await hands.fault(panel, 'fault.jam');
    await button(voter, say('review.print')).click();
    await sees(executive, say('code.paper_jammed'));
    await album.take(executive, 'jam');
    await title(voter, say('voter.officer.title'));
    await album.take(voter, 'voter-jam');
    await hands.fault(panel, 'fault.clear');
    await executive.getByText(say('code.paper_jammed')).waitFor({ state: 'detached' });
  });

  step('after the jam: the paper was kept back unread, and she votes with the same card', async () => {
    await album.take(desk.voter, 'voter-after-jam');
    await album.take(desk.executive, 'after-jam');
  });
});

async function fast(count: number): Promise<void> {
  const people = queue.splice(-count);
  await voteFast(data, people, (person) => contestsOf(person).map((_, contest) => contest), 'tarefe-5');
}
void [existsSync, readFileSync, GUIDES, pictureFiles, more, closeSheet, takeBack];
