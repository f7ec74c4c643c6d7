/** What a voter does at her screen: touches a name, keys a code, looks a name up. */
import type { Page } from 'playwright-core';
import { button } from './officer.ts';
import { persian, say, type WalkedCandidate } from './windows.ts';

const card = (page: Page, candidate: WalkedCandidate) =>
  page.locator('.kit-choice').filter({ hasText: candidate.name });

/** Her choice stands in the list of what she chose. */
export const chosen = (page: Page, { name }: WalkedCandidate): Promise<void> =>
  page.locator('.st-chosen [data-filled]').filter({ hasText: name }).waitFor();

export async function choose(page: Page, candidate: WalkedCandidate): Promise<void> {
  await card(page, candidate).click();
  await chosen(page, candidate);
}

export async function typeCode(page: Page, candidate: WalkedCandidate): Promise<void> {
  await page.getByRole('tab', { name: say('find.tab.code') }).click();
  const pad = page.locator('.kit-keypad');
  for (const digit of candidate.code)
    await pad.getByRole('button', { name: persian(digit), exact: true }).click();
  await card(page, candidate).waitFor();
  await button(pad, say('find.code.choose')).click();
  await chosen(page, candidate);
}

export async function findByName(page: Page, candidate: WalkedCandidate): Promise<void> {
  await page.getByRole('tab', { name: say('find.tab.name') }).click();
  await page.getByLabel(say('find.name')).fill(candidate.name);
  await choose(page, candidate);
}
