/** Deeds that come again and again on the walked day: a person at the desk, a voter at the box. */
import type { Page } from 'playwright-core';
import { BENCH_PINS } from '../../rig/provision.ts';
import { button, sees, title, typePin } from './officer.ts';
import * as hands from './panel.ts';
import { choose } from './voter.ts';
import { type Desk, say, type Visitor, type WalkedContest } from './windows.ts';

/** What hangs over both officers' desks until it is done. */
export async function unlockDesk(desk: Desk): Promise<void> {
  for (const role of ['executive', 'supervisor'] as const) {
    const page = desk[role];
    await sees(page, say('desk.unlock.title'));
    await typePin(page, BENCH_PINS[role], say('desk.unlock'));
  }
  await sees(desk.executive, say('desk.read'));
}

/** Document and finger, until the person may have a card. */
export async function identify(desk: Desk, person: Visitor): Promise<void> {
  const { executive, panel } = desk;
  await hands.call(panel, person);
  await hands.visit(panel, 'give_card');
  await hands.visit(panel, 'give_finger');
  await button(executive, say('desk.read')).click();
  await button(executive, say('proof.fingerprint')).click();
  await sees(executive, say('person.helped'));
}

/** Both presses, each at its own window. */
export async function armCard(desk: Desk): Promise<void> {
  const { executive, supervisor } = desk;
  await button(executive, say('press.approve')).click();
  await button(supervisor, say('press.approve')).click();
  await sees(executive, say('tarefe.armed'));
}

export async function admitPerson(desk: Desk, person: Visitor, tarefe: string): Promise<void> {
  await identify(desk, person);
  await hands.lay(desk.panel, 'tarefe', tarefe, 'tarefe');
  await armCard(desk);
}

/** She takes her card along: the desk is free for the next. */
export const goToBox = (desk: Desk): Promise<void> => hands.visit(desk.panel, 'to_box');

/** One name, the rest blank on purpose, until her choices stand to be read again. */
export async function chooseToReview(voter: Page, contests: readonly WalkedContest[]): Promise<void> {
  for (const [index, contest] of contests.entries()) {
    await title(voter, contest.title);
    if (index === 0) await choose(voter, contest.candidates[0]);
    else {
      await button(voter, say('contest.blank')).click();
      await button(voter, say('vote.ask.blank.yes')).click();
      await sees(voter, say('contest.is_blank'));
    }
    const isLast = index === contests.length - 1;
    await button(voter, say(isLast ? 'contest.to_review' : 'contest.to_next')).click();
  }
  await title(voter, say('review.title'));
}

export async function printPaper(desk: Desk): Promise<void> {
  await button(desk.voter, say('review.print')).click();
  await title(desk.voter, say('window.title'));
  await hands.paperIsShown(desk.panel);
}

/** Green on the box itself, and the card given back at the desk. */
export async function castAndLeave(desk: Desk): Promise<void> {
  await hands.key(desk.panel, 'green');
  await title(desk.voter, say('voter.cast.title'));
  await hands.visit(desk.panel, 'tarefe_back');
  await title(desk.voter, say('voter.welcome.title'));
  await hands.visit(desk.panel, 'leaves');
}
