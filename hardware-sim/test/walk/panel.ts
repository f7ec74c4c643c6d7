/** What hands do at the bench panel: every card is picked from the tray and put where it belongs. */
import type { Locator, Page } from 'playwright-core';
import { sayPanel, type Visitor } from './windows.ts';

export type Place = 'document' | 'tarefe' | 'executive' | 'supervisor' | 'first' | 'second' | 'box_pad';
export const slot = (panel: Page, place: Place): Locator => panel.locator(`.slot[data-place="${place}"]`);
const press = (panel: Page, name: string): Promise<void> =>
  panel.getByRole('button', { name, exact: true }).click();

const TABS = {
  role: 'tray.roles',
  tarefe: 'tray.tarefe',
  voter: 'tray.people',
  other: 'tray.others',
} as const;

export async function openTray(panel: Page, tab: keyof typeof TABS): Promise<void> {
  await panel.getByRole('tab', { name: sayPanel(TABS[tab]) }).click();
}

/** Picks a card from the tray and lays it down. */
export async function lay(
  panel: Page,
  tab: keyof typeof TABS,
  card: Locator | string,
  place: Place,
): Promise<void> {
  await openTray(panel, tab);
  await (typeof card === 'string' ? panel.locator(`.tray-card[data-card="${card}"]`) : card).click();
  await slot(panel, place)
    .getByRole('button', { name: sayPanel('slot.here') })
    .click();
  await slot(panel, place)
    .getByRole('button', { name: sayPanel('slot.take') })
    .waitFor();
}

/** The card of a group that was made last. */
export async function layLast(panel: Page, tab: keyof typeof TABS, place: Place): Promise<void> {
  await openTray(panel, tab);
  const cards = panel.locator('.tray-card');
  await lay(panel, tab, cards.last(), place);
}

export async function take(panel: Page, place: Place): Promise<void> {
  await slot(panel, place)
    .getByRole('button', { name: sayPanel('slot.take') })
    .click();
  await slot(panel, place).getByText(sayPanel('slot.empty'), { exact: true }).waitFor();
}

export const quick = (panel: Page, what: 'open' | 'close' | 'desk'): Promise<void> =>
  press(panel, sayPanel(`quick.${what}`));

/** Finds a person in the queue by the national code and calls her to the desk. */
export async function call(panel: Page, person: Visitor): Promise<void> {
  await panel.getByLabel(sayPanel('people.search')).fill(person.national_code);
  await panel
    .getByRole('listitem')
    .getByRole('button', { name: new RegExp(person.name.fa) })
    .click();
  await panel.locator('.visit').waitFor();
}
export const visit = (
  panel: Page,
  deed: 'give_card' | 'give_finger' | 'give_tarefe' | 'to_box' | 'tarefe_back' | 'leaves',
): Promise<void> => press(panel, sayPanel(`people.${deed}`));

export const key = (panel: Page, name: 'green' | 'correction' | 'white'): Promise<void> =>
  panel.locator(`.keypad [data-key="${name}"]`).click();
export const keyIn = async (panel: Page, digits: string): Promise<void> => {
  for (const digit of digits) await panel.locator(`.keypad [data-key="digit_${digit}"]`).click();
};
export const paperIsShown = (panel: Page): Promise<void> =>
  panel.locator('.window[data-window="paper"]').waitFor();

/** A fault provoked, or mended, at the panel's own button. */
export const fault = (panel: Page, name: string): Promise<void> =>
  panel.locator(`[data-fault="${name}"]`).click();
