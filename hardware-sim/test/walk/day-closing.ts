/** From closed doors to the receipt and the sealed envelopes. */
import { BENCH_PINS } from '../../rig/provision.ts';
import { CLOSING, call, contestsOf, type Day, type DayStep, killCore, tick } from './day.ts';
import { approve, button, ledger, sees, title, twoPins, typePin } from './officer.ts';
import * as hands from './panel.ts';
import { admitPerson, castAndLeave, chooseToReview, printPaper } from './steps.ts';
import { say } from './windows.ts';

const REMARK = 'یک برگه بی‌حضور رأی‌دهنده نگه داشته شد.';

/** Back at the stage that was reached; nothing was approved by half. */
async function killAndReturn(day: Day, stage: string): Promise<void> {
  const { executive } = day.desk;
  await killCore(day, 'voting', () => sees(executive, say('core.voting.lost')));
  await executive.getByText(say('core.voting.lost')).waitFor({ state: 'detached' });
  await title(executive, stage);
}

async function doors(day: Day): Promise<void> {
  const { desk, album } = day;
  const { executive, voter, panel } = desk;
  const last = call(day);
  await admitPerson(desk, last, 'tarefe-1');
  await button(executive, say('doors.open')).click();
  await album.take(executive, 'ask-doors');
  await button(executive, say('ask.doors.confirm')).click();
  await title(executive, say('approve.doors.stage'));
  await killAndReturn(day, say('stage.voting.title'));
  await button(executive, say('doors.open')).click();
  await button(executive, say('ask.doors.confirm')).click();
  await title(executive, say('approve.doors.stage'));
  await hands.quick(panel, 'close');
  await album.take(executive, 'doors-two-cards');
  await approve(executive, CLOSING);
  await title(executive, say('stage.doors.title'));
  await album.take(executive, 'doors-closed');
  await hands.visit(panel, 'to_box');
  await chooseToReview(voter, contestsOf(last));
  await printPaper(desk);
  await castAndLeave(desk);
  await ledger(executive, say('ledger.tarefe'), [34, 30, 0, 1, 1, 2]);
}

async function close(day: Day): Promise<void> {
  const { executive } = day.desk;
  await button(executive, say('close.open')).click();
  await button(executive, say('ask.close.confirm')).click();
  await title(executive, say('approve.closing.stage'));
  await killAndReturn(day, say('stage.doors.title'));
  await button(executive, say('close.open')).click();
  await button(executive, say('ask.close.confirm')).click();
  await title(executive, say('approve.closing.stage'));
  await day.album.take(executive, 'closing-two-cards');
  await approve(executive, CLOSING);
  await title(executive, say('stage.count.title'));
  await killAndReturn(day, say('stage.count.title'));
  await day.album.take(executive, 'count');
}

async function countAndRecount(day: Day): Promise<void> {
  const { executive } = day.desk;
  await twoPins(executive, CLOSING, say('count.run'));
  await title(executive, say('stage.slip.title'));
  await sees(executive, say('slip.holds'));
  await day.album.take(executive, 'result');
  await killAndReturn(day, say('stage.slip.title'));
  await sees(executive, say('slip.holds'));
  await button(executive, say('recount.open')).click();
  await twoPins(executive, CLOSING, say('recount.run'));
  await sees(executive, say('recount.agreed.lead'));
  await executive.getByRole('tab', { name: say('ledgers.title') }).click();
  await day.album.take(executive, 'recount');
}

async function sign({ desk: { executive, panel }, album }: Day): Promise<void> {
  await button(executive, say('slip.approve_begin')).click();
  await title(executive, say('approve.slip.stage'));
  await album.take(executive, 'signing');
  await approve(executive, CLOSING);
  await hands.take(panel, 'first');
  await hands.lay(panel, 'role', 'role-chief', 'first');
  await executive.getByRole('radio', { name: say('approve.verdict.refuse') }).click();
  await executive.getByRole('textbox', { name: say('approve.remark') }).fill(REMARK);
  await typePin(executive, BENCH_PINS.chief, say('approve.refuse'));
  await sees(executive, say('slip.remark', { remark: REMARK }));
  await executive.evaluate(() => window.scrollTo(0, 0));
  await album.take(executive, 'signed-with-a-remark');
  await button(executive, say('approve.slip.end')).click();
  await title(executive, say('stage.sending.title'));
}

async function sendAndPack(day: Day): Promise<void> {
  const { executive } = day.desk;
  await killAndReturn(day, say('stage.sending.title'));
  await button(executive, say('send.now')).click();
  await sees(executive, say('send.received'));
  for (const deed of ['papers_sealed', 'carriers_sealed', 'copies_given']) await tick(executive, deed);
  await day.album.take(executive, 'received-and-packed');
}

export const CLOSING_STEPS: readonly DayStep[] = [
  ['doors close behind the last voter, who still votes; kill -9 on the way', doors],
  ['two keys end the vote; kill -9 before and after', close],
  ['counted, and counted again by the separate program; kill -9 between', countAndRecount],
  ['the minutes are signed, by one with a remark and in disagreement', sign],
  ['sent, received, packed', sendAndPack],
];
