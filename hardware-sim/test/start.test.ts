/**
 * One day on the running system as people live it: `npm start`, the windows in a real browser, hands at the bench panel.
 * Refusals, a Ctrl-C and a killed process on the way; at the end every ledger holds and the province shows the result.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RESIDENT_CONSTITUENCY } from '@sandoq/seeds';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest';
import { BENCH_PINS } from '../rig/provision.ts';
import { documentOf } from '../src/population/people.ts';
import { demandFirmware } from './bench-process.ts';
import { throwJunk } from './walk/junk.ts';
import { approve, button, ledger, refusal, sees, title, twoPins, typePin } from './walk/officer.ts';
import * as hands from './walk/panel.ts';
import { freePortBase, type RunningSystem, STATION, startSystem } from './walk/system.ts';
import { choose, chosen, findByName, typeCode } from './walk/voter.ts';
import {
  type Desk,
  launchBrowser,
  openDesk,
  readContests,
  readPeople,
  say,
  sayPanel,
  type Visitor,
} from './walk/windows.ts';

const ADULT_BEFORE = '2004';
const [PRESIDENT, MAJLES, COUNCIL] = readContests();
const CLOSING = ['governor_representative', 'council_representative'] as const;
const VOTING = join('station', STATION, 'voting', 'config.json');
const PROCESSES = [
  VOTING,
  join('station', STATION, 'admission', 'config.json'),
  join('bench', 'config.json'),
  join('province', 'config.json'),
  'screens.json',
];
let data: string;
let portBase: number;
let system: RunningSystem;
let browser: Browser;
let desk: Desk;
let resident: Visitor;
let visitor: Visitor;
let isBroken = false;

/** Steps of one day: after one that failed the rest say nothing new. */
const step = (name: string, act: () => Promise<void>): void => {
  test(name, async (context) => {
    if (isBroken) context.skip();
    onTestFailed(async () => {
      isBroken = true;
      for (const window of ['executive', 'voter', 'panel'] as const)
        await desk?.picture(desk[window], `failed-${window}`).catch(() => undefined);
      console.error(system?.errors());
    });
    await act();
  });
};

beforeAll(async () => {
  demandFirmware();
  data = mkdtempSync(join(tmpdir(), 'sandoq-walk-'));
  portBase = await freePortBase();
  [system, browser] = await Promise.all([startSystem(data, portBase), launchBrowser()]);
  desk = await openDesk(browser, system);
  const people = readPeople(data).filter(
    (one) => one.alive && one.birth_date < ADULT_BEFORE && documentOf(one.national_code) === 'national_card',
  );
  resident = people.find((one) => one.constituency === RESIDENT_CONSTITUENCY) as Visitor;
  visitor = people.find((one) => one.constituency !== RESIDENT_CONSTITUENCY) as Visitor;
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await system?.interrupt();
  if (data !== undefined) rmSync(data, { recursive: true, force: true });
});

describe('a day at the running station', () => {
  step('the package is loaded and the box found empty', async () => {
    const { executive, supervisor, voter } = desk;
    await title(executive, say('stage.set_up.title'));
    await title(voter, say('voter.not_open.title'));
    await desk.picture(executive, '01-set-up');
    await desk.picture(voter, '02-voter-not-open');
    await button(executive, say('set_up.load')).click();
    await title(executive, say('stage.opening.title'));
    await title(supervisor, say('stage.opening.title'));
    await desk.picture(executive, '03-opening');
  });

  step('a wrong card and a wrong PIN are refused in words; two roles open', async () => {
    const { executive, supervisor, panel } = desk;
    await button(executive, say('opening.begin')).click();
    await title(executive, say('approve.opening.stage'));
    await hands.lay(panel, 'role', 'role-governor_representative', 'first');
    await typePin(executive, '1106', say('approve.approve'));
    await refusal(executive, 'role_not_wanted');
    await desk.picture(executive, '04-opening-wrong-card');
    await hands.quick(panel, 'open');
    await executive.getByText(say('slot.ready')).nth(1).waitFor();
    await typePin(executive, '9999', say('approve.approve'));
    await refusal(executive, 'wrong_pin');
    await desk.picture(executive, '05-opening-wrong-pin');
    await desk.picture(panel, '06-panel-role-cards');
    await approve(executive, ['executive']);
    await approve(supervisor, ['supervisor']);
    await executive.getByRole('heading', { name: say('zero.title') }).waitFor();
    await desk.picture(executive, '07-zero-report');
  });

  step('the desk opens under both roles', async () => {
    const { executive, supervisor, panel, voter } = desk;
    await hands.quick(panel, 'desk');
    await twoPins(executive, ['executive', 'supervisor'], say('desk.open'));
    await title(executive, say('stage.voting.title'));
    await sees(supervisor, say('desk.document.wait'));
    await title(voter, say('voter.welcome.title'));
    await desk.picture(executive, '08-desk-open');
    await desk.picture(voter, '09-voter-welcome');
  });

  step('an Amayesh card is turned away with courtesy', async () => {
    const { executive, panel } = desk;
    await hands.openTray(panel, 'other');
    await button(panel, sayPanel('make.amayesh')).click();
    await hands.lay(panel, 'other', panel.locator('.tray-card').first(), 'document');
    await button(executive, say('desk.read')).click();
    await refusal(executive, 'person.amayesh_card');
    await desk.picture(executive, '10-amayesh-card');
    await button(executive, say('desk.next_person')).click();
    await hands.take(panel, 'document');
  });

  step(
    'a dead person’s, a child’s and a forged card: each its own sentence, and what is done with the document',
    async () => {
      const { executive, panel } = desk;
      for (const [exercise, next] of [
        ['dead', 'next.call_chief'],
        ['under_age', 'next.turn_person_away'],
        ['forged', 'next.keep_document'],
      ] as const) {
        await hands.openTray(panel, 'other');
        await button(panel, sayPanel(`make.${exercise}`)).click();
        await hands.layLast(panel, 'voter', 'document');
        await button(executive, say('desk.read')).click();
        await refusal(executive, `person.${exercise}`);
        await sees(executive, say(next));
        await desk.picture(executive, `10-${exercise}-card`);
        await button(executive, say('desk.next_person')).click();
        await hands.take(panel, 'document');
      }
    },
  );

  step('the resident is admitted: chip, fingerprint, two presses', async () => {
    const { executive, supervisor, panel } = desk;
    await hands.call(panel, resident);
    await hands.visit(panel, 'give_card');
    await hands.visit(panel, 'give_finger');
    await button(executive, say('desk.read')).click();
    await sees(executive, say('proof.title'));
    await desk.picture(executive, '11-proof');
    await button(executive, say('proof.fingerprint')).click();
    await sees(executive, say('tarefe.lay'));
    await hands.visit(panel, 'give_tarefe');
    await desk.picture(panel, '12-panel-admission');
    await button(executive, say('press.approve')).click();
    await desk.picture(executive, '13-one-press');
    await button(supervisor, say('press.approve')).click();
    await sees(executive, say('tarefe.armed'));
    await desk.picture(executive, '14-armed');
    await button(executive, say('desk.next_person')).click();
  });

  step(
    'her document read again while her armed card still lies there: it is hers, and handed to her',
    async () => {
      const { executive, panel } = desk;
      await button(executive, say('desk.read')).click();
      await sees(executive, say('tarefe.armed'));
      await desk.picture(executive, '15-document-twice');
      await button(executive, say('desk.next_person')).click();
      await hands.visit(panel, 'to_box');
    },
  );

  step('the resident chooses: by name, by code, on the box, and one contest blank on purpose', async () => {
    const { voter, panel } = desk;
    await title(voter, PRESIDENT.title);
    await desk.picture(voter, '16-president');
    await choose(voter, PRESIDENT.candidates[0]);
    await button(voter, say('contest.to_next')).click();
    await title(voter, MAJLES.title);
    await typeCode(voter, MAJLES.candidates[0]);
    await hands.keyIn(panel, MAJLES.candidates[1].code);
    await chosen(voter, MAJLES.candidates[1]);
    await findByName(voter, MAJLES.candidates[2]);
    await desk.picture(voter, '17-majles');
    await button(voter, say('contest.to_next')).click();
    await sees(voter, say('vote.ask.undervote.title', { left: 2 }));
    await desk.picture(voter, '18-undervote-question');
    await button(voter, say('vote.ask.undervote.yes')).click();
    await title(voter, COUNCIL.title);
    await button(voter, say('contest.blank')).click();
    await button(voter, say('vote.ask.blank.yes')).click();
    await sees(voter, say('contest.is_blank'));
    await button(voter, say('contest.to_review')).click();
    await title(voter, say('review.title'));
    await desk.picture(voter, '19-review');
  });

  step('she reads the paper, corrects once, prints again and presses green', async () => {
    const { executive, voter, panel } = desk;
    await button(voter, say('review.print')).click();
    await title(voter, say('window.title'));
    await hands.paperIsShown(panel);
    await sees(voter, say('window.correction.lead', { left: 3 }));
    await desk.picture(voter, '20-paper-in-window');
    await desk.picture(panel, '21-panel-paper');
    await hands.key(panel, 'correction');
    await title(voter, PRESIDENT.title);
    await desk.picture(voter, '22-after-correction');
    await choose(voter, PRESIDENT.candidates[1]);
    await button(voter, say('contest.to_next')).click();
    await typeCode(voter, MAJLES.candidates[3]);
    await button(voter, say('contest.to_next')).click();
    await button(voter, say('vote.ask.undervote.yes')).click();
    await button(voter, say('contest.to_review')).click();
    await button(voter, say('vote.ask.nothing.yes')).click();
    await title(voter, say('review.title'));
    await button(voter, say('review.print')).click();
    await title(voter, say('window.title'));
    await hands.paperIsShown(panel);
    await hands.key(panel, 'green');
    await title(voter, say('voter.cast.title'));
    await desk.picture(voter, '23-cast');
    await hands.visit(panel, 'tarefe_back');
    await title(voter, say('voter.welcome.title'));
    await ledger(executive, say('ledger.papers'), [2, 1, 1, 0]);
    await desk.picture(executive, '24-one-vote');
  });

  step('her spent card is refused on the box', async () => {
    const { voter, panel } = desk;
    await hands.lay(panel, 'tarefe', 'tarefe-1', 'box_pad');
    await title(voter, say('voter.refused.title'));
    await refusal(voter, 'voter.card_spent');
    await desk.picture(voter, '25-spent-card');
    await hands.take(panel, 'box_pad');
    await title(voter, say('voter.welcome.title'));
    await hands.visit(panel, 'leaves');
  });

  step('the visitor is admitted, with one contest, and begins to choose', async () => {
    const { executive, supervisor, voter, panel } = desk;
    await hands.call(panel, visitor);
    await hands.visit(panel, 'give_card');
    await hands.visit(panel, 'give_finger');
    await button(executive, say('desk.read')).click();
    await button(executive, say('proof.fingerprint')).click();
    await sees(executive, say('person.visiting'));
    await hands.lay(panel, 'tarefe', 'tarefe-2', 'tarefe');
    await button(executive, say('press.approve')).click();
    await button(supervisor, say('press.approve')).click();
    await sees(executive, say('tarefe.armed'));
    await desk.picture(executive, '26-visitor-armed');
    await hands.visit(panel, 'to_box');
    await title(voter, PRESIDENT.title);
    await choose(voter, PRESIDENT.candidates[2]);
  });

  step(
    'junk at every door while she chooses: named refusals, no process falls, her choice stands',
    async () => {
      const before = PROCESSES.map((configuration) => system.pidOf(configuration));
      expect(before).not.toContain(undefined);
      const answers = await throwJunk(data, system);
      for (const code of ['unknown_call', 'bad_request', 'forbidden']) expect(answers).toContain(`"${code}"`);
      expect(PROCESSES.map((configuration) => system.pidOf(configuration))).toEqual(before);
      expect(system.errors()).not.toContain('ended');
      const { executive, voter } = desk;
      await title(voter, PRESIDENT.title);
      await chosen(voter, PRESIDENT.candidates[2]);
      for (const device of ['box', 'role_reader', 'admission_reader'] as const)
        await executive
          .getByRole('listitem')
          .filter({ hasText: say(`device.${device}`) })
          .getByText(say('device.state.connected'))
          .waitFor();
    },
  );

  step(
    'everything is stopped in the middle and started again: counts stand, the choice is gone',
    async () => {
      expect(await system.interrupt()).toBe(0);
      expect(desk.complaints).toEqual([]);
      await desk.close();
      system = await startSystem(data, portBase);
      desk = await openDesk(browser, system);
      const { executive, supervisor, voter, panel } = desk;
      await title(executive, say('stage.voting.title'));
      await ledger(executive, say('ledger.papers'), [2, 1, 1, 0]);
      await ledger(executive, say('ledger.tarefe'), [2, 1, 1, 0, 0, 0]);
      await desk.picture(executive, '27-after-restart');
      await hands.quick(panel, 'desk');
      for (const [page, role] of [
        [executive, 'executive'],
        [supervisor, 'supervisor'],
      ] as const) {
        await sees(page, say('desk.unlock.lead'));
        await typePin(page, BENCH_PINS[role], say('desk.unlock'));
      }
      await desk.picture(voter, '28-voter-after-restart');
      await hands.lay(panel, 'tarefe', 'tarefe-2', 'box_pad');
      await title(voter, PRESIDENT.title);
      await voter.getByText(say('chosen.empty')).waitFor();
    },
  );

  step(
    'the voting process is killed while the paper is in the window: it comes back to that paper',
    async () => {
      const { executive, voter, panel } = desk;
      await choose(voter, PRESIDENT.candidates[2]);
      await button(voter, say('contest.to_review')).click();
      await button(voter, say('review.print')).click();
      await title(voter, say('window.title'));
      await hands.paperIsShown(panel);
      const before = system.pidOf(VOTING) as number;
      process.kill(before, 'SIGKILL');
      await title(voter, say('waiting.lost'));
      await desk.picture(voter, '29-voter-core-killed');
      await title(voter, say('window.title'));
      expect(system.pidOf(VOTING)).not.toBe(before);
      await desk.picture(executive, '30-after-kill');
      await hands.key(panel, 'green');
      await title(voter, say('voter.cast.title'));
      await hands.take(panel, 'box_pad');
      await title(voter, say('voter.welcome.title'));
      await ledger(executive, say('ledger.papers'), [3, 2, 1, 0]);
      await ledger(executive, say('ledger.tarefe'), [2, 2, 0, 0, 0, 0]);
    },
  );

  step('doors close, voting ends: two closing cards', async () => {
    const { executive, panel } = desk;
    await button(executive, say('doors.open')).click();
    await desk.picture(executive, '31-ask-doors');
    await button(executive, say('ask.doors.confirm')).click();
    await title(executive, say('approve.doors.stage'));
    await hands.quick(panel, 'close');
    await desk.picture(executive, '32-doors');
    await approve(executive, CLOSING);
    await title(executive, say('stage.doors.title'));
    await desk.picture(executive, '33-doors-closed');
    await button(executive, say('close.open')).click();
    await button(executive, say('ask.close.confirm')).click();
    await title(executive, say('approve.closing.stage'));
    await approve(executive, CLOSING);
    await title(executive, say('stage.count.title'));
    await desk.picture(executive, '34-count');
  });

  step('counted, counted again by the separate program, signed', async () => {
    const { executive } = desk;
    await twoPins(executive, CLOSING, say('count.run'));
    await title(executive, say('stage.slip.title'));
    await sees(executive, say('slip.holds'));
    await desk.picture(executive, '35-slip');
    await button(executive, say('recount.open')).click();
    await twoPins(executive, CLOSING, say('recount.run'));
    await sees(executive, say('recount.agreed.lead'));
    await executive.getByRole('tab', { name: say('ledgers.title') }).click();
    await desk.picture(executive, '36-slip-ledgers');
    await button(executive, say('slip.approve_begin')).click();
    await title(executive, say('approve.slip.stage'));
    await approve(executive, CLOSING);
    await desk.picture(executive, '37-signed');
    await button(executive, say('approve.slip.end')).click();
    await title(executive, say('stage.sending.title'));
  });

  step('the province receives it and shows it to a page that was open all day', async () => {
    const { executive, province } = desk;
    await desk.picture(province, '38-province-before');
    await button(executive, say('send.now')).click();
    await sees(executive, say('send.received'));
    await desk.picture(executive, '39-received');
    await province.getByText(PRESIDENT.candidates[1].name).first().waitFor();
    await desk.picture(province, '40-province-after');
  });

  step('a package with one bit flipped is refused in words, and taken again when it is whole', async () => {
    const { executive } = desk;
    const path = join(data, 'package', 'rasters.bin');
    const flip = (): void => {
      const bytes = readFileSync(path);
      bytes[1000] = (bytes[1000] as number) ^ 1;
      writeFileSync(path, bytes);
    };
    flip();
    process.kill(system.pidOf(VOTING) as number, 'SIGKILL');
    await title(executive, say('stage.set_up.title'));
    await sees(executive, say('code.package_invalid'));
    await desk.picture(executive, '41-broken-package');
    flip();
    await title(executive, say('stage.sending.title'));
  });

  step('nothing on any page was missing, too wide, or asked of anyone but this machine', async () => {
    expect(desk.complaints).toEqual([]);
  });
});
