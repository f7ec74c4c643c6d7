/** The day before, and the opening. */
import { BENCH_PINS } from '../../rig/provision.ts';
import { type Day, type DayStep, killCore, tick } from './day.ts';
import { approve, button, refusal, sees, title, twoPins, typePin } from './officer.ts';
import * as hands from './panel.ts';
import { say, sayPanel } from './windows.ts';

const TRIED = [
  'chief',
  'executive',
  'supervisor',
  'governor_representative',
  'council_representative',
  'inspector',
] as const;

async function tryCards({ desk: { executive, panel }, album }: Day): Promise<void> {
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
}

async function killAtSetUp(day: Day): Promise<void> {
  const { executive } = day.desk;
  await killCore(day, 'voting', () => sees(executive, say('core.voting.lost')));
  await executive.getByText(say('core.voting.lost')).waitFor({ state: 'detached' });
  await sees(executive, say('trial.tried'));
}

async function sealTheBox({ desk: { executive }, album }: Day): Promise<void> {
  await button(executive, say('set_up.load')).click();
  await title(executive, say('stage.opening.title'));
  await tick(executive, 'box_shown_empty');
  for (const seal of ['۱۴۰۵۱', '۱۴۰۵۲']) {
    await executive.getByRole('textbox', { name: say('opening.seal.number') }).fill(seal);
    await button(executive, say('opening.seal.add')).click();
  }
  await tick(executive, 'box_sealed');
  await album.take(executive, 'opening-seals');
}

async function openTheStation({ desk: { executive, supervisor, panel }, album }: Day): Promise<void> {
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
}

async function openTheDesk({ desk: { executive, supervisor, panel }, album }: Day): Promise<void> {
  await hands.quick(panel, 'desk');
  await twoPins(executive, ['executive', 'supervisor'], say('desk.open'));
  await title(executive, say('stage.voting.title'));
  await sees(supervisor, say('desk.document.wait'));
  await album.take(executive, 'desk-open');
}

export const DAY_BEFORE: readonly DayStep[] = [
  ['every role tries its card; a card of another station is found out, and a wrong PIN', tryCards],
  ['kill -9 on this screen: the trials stand', killAtSetUp],
];
export const OPENING: readonly DayStep[] = [
  ['the package is loaded; the empty box is shown and sealed', sealTheBox],
  ['the wrong role is told whose turn it is; two roles open, and the report is zero', openTheStation],
  ['the desk opens under both roles', openTheDesk],
];
