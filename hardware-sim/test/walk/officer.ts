/** What officers do at their windows: PINs on the screen's keypad, presses, questions answered. */
import type { Locator, Page } from 'playwright-core';
import { BENCH_PINS, type BenchRole } from '../../rig/provision.ts';
import { persian, say } from './windows.ts';

export const title = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
export const button = (page: Page | Locator, name: string): Locator =>
  page.getByRole('button', { name, exact: true });
export const sees = (page: Page, text: string): Promise<void> => page.getByText(text).first().waitFor();

/** Types on the screen's own keys and presses the key below them. */
export async function typePin(page: Page, pin: string, submit: string): Promise<void> {
  const pad = page.locator('.kit-keypad').last();
  for (const digit of pin) await pad.getByRole('button', { name: persian(digit), exact: true }).click();
  await button(pad, submit).click();
}

const asRole = (page: Page, role: BenchRole): Promise<void> =>
  page
    .getByText(say('pin.of', { role: say(`role.${role}`) }), { exact: true })
    .first()
    .waitFor();

const slotOf = (page: Page, role: BenchRole): Locator =>
  page.getByRole('listitem').filter({ hasText: say(`role.${role}`) });
const stageNow = (page: Page): Promise<string> => page.getByRole('heading', { level: 1 }).innerText();

/** A step's approval by roles whose cards lie at the box, each choosing the own card. The last ends the step. */
export async function approve(page: Page, roles: readonly BenchRole[]): Promise<void> {
  for (const role of roles) {
    const stage = await stageNow(page);
    await slotOf(page, role).getByText(say('slot.ready')).first().waitFor();
    const toggle = page.getByRole('radio', { name: say(`role.${role}`) });
    if ((await toggle.count()) > 0) await toggle.click();
    await asRole(page, role);
    await typePin(page, BENCH_PINS[role], say('approve.approve'));
    await slotOf(page, role)
      .getByText(say('slot.approved'))
      .or(page.getByRole('heading', { level: 1 }).filter({ hasNotText: stage }))
      .first()
      .waitFor();
  }
}

/** Two PINs one after the other on one pad: opening the desk, counting, recounting. */
export async function twoPins(
  page: Page,
  roles: readonly [BenchRole, BenchRole],
  submit: string,
): Promise<void> {
  await asRole(page, roles[0]);
  await typePin(page, BENCH_PINS[roles[0]], say('pin.next'));
  await asRole(page, roles[1]);
  await typePin(page, BENCH_PINS[roles[1]], submit);
}

/** A refusal of the station: its sentence and what to do, in Persian, on the screen. */
export async function refusal(page: Page, code: string): Promise<void> {
  const key = `code.${code}` as Parameters<typeof say>[0];
  await sees(page, say(key));
  await sees(page, say(`code.${code}.do` as Parameters<typeof say>[0]));
}

/** The numbers of a ledger in the strip that is always in sight, whole first. */
export async function ledger(page: Page, name: string, numbers: readonly number[]): Promise<void> {
  const strip = page.locator('.st-strip', { has: page.getByRole('heading', { name }) });
  const wanted = numbers.map((number) => persian(String(number))).join(' ');
  await strip.waitFor();
  await page.waitForFunction(
    ([element, text]) =>
      [...(element as Element).querySelectorAll('dd')].map((one) => one.textContent).join(' ') === text,
    [await strip.elementHandle(), wanted] as const,
  );
}
