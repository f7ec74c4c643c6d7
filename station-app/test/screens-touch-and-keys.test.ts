/** A touch and a key of the box in one moment: the screen shows what the voting process holds, whoever was heard last. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VoterView } from '../src/contract/voting.ts';
import { BALLOT, VOTING } from './screens/sample.ts';
import type { ScriptedStation } from './screens/scripted-station.ts';
import type { ScriptedVoter } from './screens/scripted-voter.ts';
import { openVoterWindow, type VoterWindow } from './screens/voter-window.ts';
import type { Windows } from './screens/windows.ts';

let opened: VoterWindow | undefined;
let station: ScriptedStation;
let voter: ScriptedVoter;
let windows: Windows;
let page: Page;

beforeAll(async () => {
  opened = await openVoterWindow(BALLOT);
  ({ station, voter, windows, page } = opened);
}, 180_000);

afterAll(async () => {
  await opened?.close();
});

test('a name touched and another keyed before the screen was told of the first', async () => {
  voter.show(VOTING);
  await page.getByRole('heading', { level: 1, name: 'ریاست جمهوری' }).waitFor();
  voter.press('white', 'green');
  await page.getByRole('heading', { level: 1, name: /مجلس/ }).waitFor();
  await page.getByRole('tab', { name: 'فهرست', exact: true }).click();
  // No view comes between the two: the screen never sees its own choice alone.
  station.on('voter.choose', ({ contest, choice }: VoterView['choices'][number]) => {
    const touched = Array.isArray(choice) ? choice : [];
    voter.show({
      ...station.voter,
      choices: station.voter.choices.map((each) =>
        each.contest === contest ? { contest, choice: [...touched, 1] } : each,
      ),
    });
  });
  await page.getByRole('group', { name: 'نامزدها' }).getByRole('button').first().click();
  const filled = page.locator('.st-chosen [data-filled]');
  await expect.poll(() => filled.count()).toBe(2);
  expect(await page.locator('.kit-choice[aria-pressed="true"]').count()).toBe(2);
  // What follows is built on both.
  await page.getByRole('group', { name: 'نامزدها' }).getByRole('button').nth(2).click();
  await expect.poll(() => station.heard.filter(({ name }) => name === 'voter.choose').length).toBe(2);
  expect(station.heard.findLast(({ name }) => name === 'voter.choose')?.input).toEqual({
    contest: 1,
    choice: [0, 1, 2],
  });
  expect(windows.complaints).toEqual([]);
});
