/** What goes wrong on a day, and the way back from each. */

import { join } from 'node:path';
import { expect } from 'vitest';
import { BENCH_PINS } from '../../rig/provision.ts';
import {
  call,
  closeSheet,
  contestsOf,
  type Day,
  type DayStep,
  deviceIs,
  fast,
  openSheet,
  PRESIDENT,
  takeBack,
} from './day.ts';
import { approve, button, ledger, refusal, sees, title, typePin } from './officer.ts';
import * as hands from './panel.ts';
import {
  admitPerson,
  armCard,
  castAndLeave,
  chooseToReview,
  goToBox,
  printPaper,
  unlockDesk,
} from './steps.ts';
import { choose } from './voter.ts';
import { persian, say } from './windows.ts';

async function helperAndJam(day: Day): Promise<void> {
  const { desk, album } = day;
  const { executive, voter, panel } = desk;
  const person = call(day, 'shenasnameh');
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
  await armCard(desk);
  await goToBox(desk);
  await chooseToReview(voter, contestsOf(person));
  await printPaper(desk);
  await hands.key(panel, 'correction');
  await title(voter, PRESIDENT.title);
  await chooseToReview(voter, contestsOf(person));
  await hands.fault(panel, 'fault.jam');
  await button(voter, say('review.print')).click();
  await sees(executive, say('code.paper_jammed'));
  await title(voter, say('voter.officer.title'));
  await album.take(executive, 'jam');
  await album.take(voter, 'voter-jam');
  await hands.fault(panel, 'fault.clear');
  await title(voter, PRESIDENT.title);
  await sees(voter, say('code.voter.mended'));
  await executive.getByText(say('code.paper_jammed')).waitFor({ state: 'detached' });
  await album.take(voter, 'voter-after-jam');
  await chooseToReview(voter, contestsOf(person));
  await printPaper(desk);
  await castAndLeave(desk);
  await ledger(executive, say('ledger.papers'), [17, 16, 1, 0]);
}

async function paperAndCables(day: Day): Promise<void> {
  const { desk, album } = day;
  const { executive, panel } = desk;
  await hands.fault(panel, 'fault.out');
  await hands.fault(panel, 'fault.refill');
  await hands.fault(panel, 'fault.box.off');
  await deviceIs(executive, 'box', 'lost');
  await album.take(executive, 'box-cable');
  await hands.fault(panel, 'fault.box.on');
  await deviceIs(executive, 'box', 'connected');
  await hands.fault(panel, 'fault.admission_reader.off');
  await deviceIs(executive, 'admission_reader', 'lost');
  await album.take(executive, 'reader-unplugged');
  await hands.fault(panel, 'fault.admission_reader.on');
  await deviceIs(executive, 'admission_reader', 'connected');
  await unlockDesk(desk);
}

async function leavesWhileChoosing(day: Day): Promise<void> {
  const { desk, album } = day;
  const { executive, voter, panel } = desk;
  await admitPerson(desk, call(day), 'tarefe-1');
  await goToBox(desk);
  await title(voter, PRESIDENT.title);
  await choose(voter, PRESIDENT.candidates[0]);
  await hands.visit(panel, 'tarefe_back');
  await title(voter, say('voter.welcome.title'));
  await hands.visit(panel, 'leaves');
  await hands.lay(panel, 'tarefe', 'tarefe-1', 'tarefe');
  await button(executive, say('back.open')).click();
  await executive.getByRole('dialog').waitFor();
  await album.take(executive, 'card-came-back');
  await button(executive, say('back.abandoned')).click();
  await ledger(executive, say('ledger.tarefe'), [17, 16, 0, 0, 0, 1]);
  await hands.take(panel, 'tarefe');
}

async function returned(day: Day): Promise<void> {
  const { desk } = day;
  const { executive, panel } = desk;
  await admitPerson(desk, call(day), 'tarefe-1');
  await takeBack(day, 'returned');
  await ledger(executive, say('ledger.tarefe'), [18, 16, 0, 1, 0, 1]);
  await hands.visit(panel, 'leaves');
  await hands.take(panel, 'tarefe');
}

/** Her spoiled card is replaced, and then she goes away from her own paper. */
async function spoiledThenLeavesHerPaper(day: Day): Promise<void> {
  const { desk, album } = day;
  const { executive, voter, panel } = desk;
  const person = call(day);
  await admitPerson(desk, person, 'tarefe-1');
  await takeBack(day, 'spoiled');
  await hands.take(panel, 'tarefe');
  await hands.lay(panel, 'tarefe', 'tarefe-2', 'tarefe');
  await armCard(desk);
  await ledger(executive, say('ledger.tarefe'), [20, 16, 1, 1, 1, 1]);
  await goToBox(desk);
  await chooseToReview(voter, contestsOf(person));
  await printPaper(desk);
  await hands.visit(panel, 'tarefe_back');
  await hands.visit(panel, 'leaves');
  await button(executive, say('abandon.open')).click();
  await album.take(executive, 'voter-left-paper');
  await button(executive, say('ask.abandon.confirm')).click();
  await title(executive, say('approve.abandon.stage'));
  await hands.quick(panel, 'open');
  await approve(executive, ['executive', 'supervisor']);
  await title(executive, say('stage.voting.title'));
  await title(voter, say('voter.welcome.title'));
  await hands.quick(panel, 'desk');
  await unlockDesk(desk);
  await hands.lay(panel, 'tarefe', 'tarefe-2', 'tarefe');
  await takeBack(day, 'abandoned');
  await hands.take(panel, 'tarefe');
  await ledger(executive, say('ledger.tarefe'), [20, 16, 0, 1, 1, 2]);
  await ledger(executive, say('ledger.papers'), [18, 16, 1, 1]);
}

async function pause({ desk, album }: Day): Promise<void> {
  const { executive, supervisor, voter } = desk;
  await openSheet(executive, 'pause');
  await button(executive, say('pause.reason.prayer')).click();
  await title(voter, say('voter.paused.title'));
  await sees(supervisor, say('pause.resume'));
  await album.take(executive, 'paused');
  await album.take(voter, 'voter-paused');
  await button(supervisor, say('pause.resume')).click();
  await title(voter, say('voter.welcome.title'));
}

async function amendments(day: Day): Promise<void> {
  const { desk, album, orders, data } = day;
  const { executive, voter } = desk;
  const withdrawal = await orders.bring(
    { kind: 'candidate_withdrawn', contest: 0, candidate: 3 },
    { fa: 'انصراف کتبی نامزد', en: 'Withdrawn in writing' },
  );
  const hours = await orders.bring(
    { kind: 'hours_changed', closesAt: Math.floor(Date.now() / 1000) + 12 * 3600, openMinutesMin: 0 },
    { fa: 'تمدید به دستور وزیر کشور', en: 'Extended by order of the minister' },
  );
  await openSheet(executive, 'amendment');
  const carrier = executive.locator('input[type=file]');
  await carrier.setInputFiles(join(data, 'package', 'package.cose'));
  await refusal(executive, 'amendment_unknown');
  await album.take(executive, 'order-refused');
  await carrier.setInputFiles(withdrawal);
  await sees(executive, say('amend.applied', { sequence: 1 }));
  await album.take(executive, 'order-applied');
  await carrier.setInputFiles(hours);
  await sees(executive, say('amend.applied', { sequence: 2 }));
  await closeSheet(executive);
  const person = call(day);
  await admitPerson(desk, person, 'tarefe-1');
  await goToBox(desk);
  await title(voter, PRESIDENT.title);
  await sees(voter, say('candidate.withdrawn'));
  await album.take(voter, 'voter-withdrawn');
  await chooseToReview(voter, contestsOf(person));
  await printPaper(desk);
  await castAndLeave(desk);
}

async function reports({ desk, album }: Day): Promise<void> {
  const { inspector, executive, panel } = desk;
  await album.take(inspector, 'inspector');
  await inspector
    .getByRole('textbox', { name: say('report.text') })
    .fill('صف از ساعت ده تا یازده بیرون از سرسرا بود و سایه نداشت.');
  await inspector.getByRole('radio', { name: say('role.candidate_representative') }).click();
  await button(inspector, say('report.file')).click();
  await sees(inspector, say('report.filed', { number: 1 }));
  // The form is emptied when the answer has come; what is written before that would go with it.
  await expect.poll(() => inspector.getByRole('textbox', { name: say('report.text') }).inputValue()).toBe('');
  await hands.lay(panel, 'role', 'role-inspector', 'first');
  await inspector
    .getByRole('textbox', { name: say('report.text') })
    .fill('پرده کنار صندوق کوتاه بود و با تذکر عوض شد.');
  // Her own name stands among the unsigned authors too: the one beside «unsigned» comes with her card.
  await inspector
    .getByRole('radiogroup', { name: say('report.sign') })
    .getByRole('radio', { name: say('role.inspector') })
    .click();
  await typePin(inspector, BENCH_PINS.inspector, say('report.file_signed'));
  await sees(inspector, say('report.filed', { number: 2 }));
  await sees(inspector, say('report.signed'));
  await album.take(inspector, 'inspector-report');
  await hands.take(panel, 'first');
  await openSheet(executive, 'troubles');
  await executive.getByText(say('trouble.lost_role_card'), { exact: true }).click();
  await album.take(executive, 'troubles');
  await closeSheet(executive);
}

async function moreVoters(day: Day): Promise<void> {
  await fast(day, 12);
  await ledger(day.desk.executive, say('ledger.tarefe'), [33, 29, 0, 1, 1, 2]);
  await sees(day.desk.executive, persian('29'));
}

export const MISHAPS: readonly DayStep[] = [
  ['a document without a chip, a helper counted and not named, a correction, a jam', helperAndJam],
  ['new paper; the box’s cable and a reader’s cable are pulled', paperAndCables],
  ['a voter leaves while choosing: the card is recorded as abandoned', leavesWhileChoosing],
  ['a card comes back unused', returned],
  [
    'a spoiled card is replaced for the same person, who leaves her paper: two roles keep it back unread',
    spoiledThenLeavesHerPaper,
  ],
  ['a pause, and voting is resumed', pause],
  ['a candidate is withdrawn and the hours are extended by signed orders', amendments],
  ['an inspector and a candidate’s representative write reports and change nothing', reports],
  ['twelve more voters by the fast path', moreVoters],
];
