/** Voters as they should come, and programs that are killed under them. */
import { CONTESTS, call, contestsOf, type Day, type DayStep, fast, killCore, PRESIDENT } from './day.ts';
import { button, ledger, refusal, sees, title, typePin } from './officer.ts';
import * as hands from './panel.ts';
import {
  admitPerson,
  armCard,
  castAndLeave,
  chooseToReview,
  goToBox,
  identify,
  printPaper,
  unlockDesk,
} from './steps.ts';
import { choose } from './voter.ts';
import { say, sayPanel } from './windows.ts';

async function firstVoter(day: Day): Promise<void> {
  const { desk, album } = day;
  const { executive, supervisor, voter, panel } = desk;
  await album.take(voter, 'voter-welcome');
  await hands.call(panel, call(day));
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
  await goToBox(desk);
  await title(voter, PRESIDENT.title);
  await album.take(voter, 'voter-choosing');
  await chooseToReview(voter, CONTESTS);
  await album.take(voter, 'voter-review');
  await printPaper(desk);
  await album.take(voter, 'voter-paper');
  await hands.key(panel, 'green');
  await title(voter, say('voter.cast.title'));
  await album.take(voter, 'voter-cast');
  await hands.visit(panel, 'tarefe_back');
  await hands.visit(panel, 'leaves');
}

async function fastVoters(day: Day): Promise<void> {
  await fast(day, 12);
  await ledger(day.desk.executive, say('ledger.papers'), [13, 13, 0, 0]);
}

async function wrongDocuments(day: Day): Promise<void> {
  const { desk, album } = day;
  const { executive, panel, voter } = desk;
  await hands.openTray(panel, 'other');
  await button(panel, sayPanel('make.amayesh')).click();
  await hands.layLast(panel, 'other', 'document');
  await button(executive, say('desk.read')).click();
  await refusal(executive, 'person.amayesh_card');
  await album.take(executive, 'amayesh');
  await button(executive, say('desk.next_person')).click();
  await hands.take(panel, 'document');
  await admitPerson(desk, call(day), 'tarefe-1');
  await goToBox(desk);
  await button(executive, say('desk.read')).click();
  await refusal(executive, 'person.already_admitted_here');
  await album.take(executive, 'already-admitted');
  await button(executive, say('desk.next_person')).click();
  await title(voter, PRESIDENT.title);
}

async function killWhileChoosing(day: Day): Promise<void> {
  const { voter, executive } = day.desk;
  await choose(voter, PRESIDENT.candidates[2]);
  await killCore(day, 'voting', () => title(voter, say('waiting.lost')));
  await title(voter, PRESIDENT.title);
  await sees(voter, say('chosen.empty'));
  await chooseToReview(voter, CONTESTS);
  await killCore(day, 'voting', async () => {
    await title(voter, say('waiting.lost'));
    await sees(executive, say('core.voting.lost'));
    await day.album.take(executive, 'program-restarts');
  });
  await title(voter, PRESIDENT.title);
  await sees(voter, say('chosen.empty'));
}

async function killWithPaper(day: Day): Promise<void> {
  const { desk } = day;
  await chooseToReview(desk.voter, CONTESTS);
  await printPaper(desk);
  await killCore(day, 'voting', () => title(desk.voter, say('waiting.lost')));
  await title(desk.voter, say('window.title'));
  await castAndLeave(desk);
  await ledger(desk.executive, say('ledger.papers'), [14, 14, 0, 0]);
}

/** In the middle of a person: the desk is locked, she is asked for again, and nobody gets two cards. */
async function killAdmission(day: Day): Promise<void> {
  const { desk } = day;
  const { executive, supervisor, panel, voter } = desk;
  const person = call(day);
  await identify(desk, person);
  await killCore(day, 'admission', () => sees(executive, say('core.admission.lost')));
  await unlockDesk(desk);
  await button(executive, say('desk.read')).click();
  await button(executive, say('proof.fingerprint')).click();
  await hands.lay(panel, 'tarefe', 'tarefe-1', 'tarefe');
  await button(executive, say('press.approve')).click();
  await sees(supervisor, say('press.done'));
  await killCore(day, 'admission', () => sees(executive, say('core.admission.lost')));
  await unlockDesk(desk);
  await button(executive, say('desk.read')).click();
  await button(executive, say('proof.fingerprint')).click();
  await armCard(desk);
  await goToBox(desk);
  await chooseToReview(voter, contestsOf(person));
  await printPaper(desk);
  await castAndLeave(desk);
  await ledger(executive, say('ledger.tarefe'), [15, 15, 0, 0, 0, 0]);
}

export const VOTING: readonly DayStep[] = [
  ['the first voter: chip, finger, two presses, three contests, paper, green', firstVoter],
  ['twelve voters by the fast path', fastVoters],
  ['an Amayesh card, and the same person twice', wrongDocuments],
  ['kill -9 while she chooses, and while she reads back: her choices are gone', killWhileChoosing],
  ['kill -9 with her paper in the window: it comes back to that paper, cast once', killWithPaper],
  ['kill -9 of admission with a person at the desk, and between two presses', killAdmission],
];
