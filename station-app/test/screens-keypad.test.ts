/**
 * Every task of the voter with the twelve keys of the box alone, on the real screens: nobody touches the panel or a
 * keyboard, and the screen always shows where the keys go. What a key does is the voting process's own rule.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { VoterView } from '../src/contract/voting.ts';
import { BALLOT, VOTER, VOTING } from './screens/sample.ts';
import type { ScriptedStation } from './screens/scripted-station.ts';
import type { ScriptedVoter } from './screens/scripted-voter.ts';
import { openVoterWindow, type VoterWindow } from './screens/voter-window.ts';
import type { Windows } from './screens/windows.ts';

let opened: VoterWindow | undefined;
let station: ScriptedStation;
let voter: ScriptedVoter;
let windows: Windows;
let page: Page;

const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
const says = (text: string | RegExp) => page.getByText(text).first().waitFor();
const code = (digits: string): string[] => [...digits].map((digit) => `digit_${digit}`);
const choices = (): VoterView['choices'] => station.voter.choices;
const look = () =>
  page.evaluate(() => {
    const { lang, dataset } = document.documentElement;
    return [lang, dataset.size, dataset.theme];
  });

beforeAll(async () => {
  opened = await openVoterWindow(BALLOT);
  ({ station, voter, windows, page } = opened);
}, 180_000);

afterAll(async () => {
  await opened?.close();
});

beforeEach(async () => {
  voter.show(VOTER);
  await heading('خوش آمدید');
  voter.show(VOTING);
  await heading('ریاست جمهوری');
  station.heard.length = 0;
});

test('choosing by code, seeing the name, and putting digits and names right', async () => {
  voter.press(...code('2'));
  await says('کد: ۲');
  voter.press('correction', ...code('22'));
  await page.locator('.st-chosen [data-filled]', { hasText: '۲۲' }).waitFor();
  voter.press(...code('33'));
  await page.locator('.st-chosen [data-filled]', { hasText: '۳۳' }).waitFor();
  expect(choices()[0]).toEqual({ contest: 0, choice: [2] });
  voter.press(...code('99'));
  await says('نامزدی با این کد نیست.');
  voter.press('correction');
  await expect.poll(() => page.locator('.st-chosen [data-filled]').count()).toBe(0);
});

test('any of several names is taken back; one more than the seats is refused', async () => {
  voter.press('white', 'green', ...code('101'), ...code('104'), ...code('107'));
  await heading(/مجلس/);
  voter.press(...code('104'));
  await says('این نامزد را پیش‌تر برگزیده‌اید.');
  voter.press('correction', ...code('110'), ...code('113'), ...code('116'), ...code('119'));
  await says('همه جاها پر است.');
  expect(choices()[1]).toEqual({ contest: 1, choice: [0, 2, 3, 4, 5] });
  await says('هر ۵ انتخاب انجام شد');
});

test('an under-vote is asked about once, a blank only on purpose, an untouched contest never passed', async () => {
  voter.press('green');
  await says('در این رأی‌گیری هنوز کسی را برنگزیده‌اید.');
  voter.press(...code('11'), 'white');
  await says('رأی سفید می‌دهید؟ نام‌های این رأی‌گیری پاک می‌شود.');
  voter.press('white', 'green');
  await heading(/مجلس/);
  voter.press(...code('101'), 'green');
  await says('هنوز جای خالی دارید.');
  await heading(/مجلس/);
  voter.press('green');
  await heading('شورای اسلامی شهر');
  voter.press('white');
  await says('در این رأی‌گیری رأی سفید نیست.');
});

test('reading back, changing one contest without losing another, printing, green in the window', async () => {
  voter.press(...code('11'), 'green', 'white', 'green', ...code('21'), 'green', 'green');
  await heading('انتخاب‌های خود را ببینید');
  voter.press('digit_2');
  await heading(/مجلس/);
  voter.press(...code('104'), 'green', 'green');
  await heading('شورای اسلامی شهر');
  voter.press('green');
  await heading('انتخاب‌های خود را ببینید');
  expect(choices()).toEqual([
    { contest: 0, choice: [0] },
    { contest: 1, choice: [1] },
    { contest: 2, choice: [0] },
  ]);
  voter.press('green');
  await heading('برگه را در پنجره بخوانید');
  voter.show({ ...VOTER, phase: 'cast' });
  await heading('رأی شما در صندوق است');
});

test('size, colours and language: before the first contest, and from the review, and nothing chosen is lost', async () => {
  voter.press('correction');
  await page.getByRole('dialog').waitFor();
  await says('با دکمه‌های صندوق: ۱ تا ۵ اندازه، ۶ تا ۹ رنگ، ۰ زبان؛ سبز: بازگشت.');
  voter.press('digit_4');
  await expect.poll(look).toEqual(['fa', '4', 'light']);
  // Two presses that the screen sees as one.
  voter.press('digit_5', 'digit_8');
  await expect.poll(look).toEqual(['fa', '5', 'yellow-on-black']);
  voter.press('digit_0');
  await expect.poll(look).toEqual(['en', '5', 'yellow-on-black']);
  voter.press('green');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await heading('President');
  voter.press(...code('11'), 'green', 'white', 'green', ...code('21'), 'green', 'green');
  await heading('Look at your choices');
  voter.press('digit_0');
  await page.getByRole('dialog').waitFor();
  voter.press('digit_1');
  await expect.poll(look).toEqual(['en', '1', 'yellow-on-black']);
  voter.press('green');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(choices()[2]).toEqual({ contest: 2, choice: [0] });
});

test('the alert closes when any key was pressed', async () => {
  voter.show({ ...VOTING, alert: true, idle_left_ms: 30_000 });
  await page.getByRole('alertdialog', { name: 'هنوز اینجا هستید؟' }).waitFor();
  await says(/هر دکمه‌ای از صندوق را هم/);
  voter.show({ ...VOTING, alert: false });
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
});

test('nothing of this was done by touch or keyboard, and nothing was complained about', () => {
  const byScreen = station.heard.filter(({ name }) => !['ballot.read', 'voter.touch'].includes(name));
  expect(byScreen).toEqual([]);
  expect(station.unexpected).toEqual([]);
  expect(windows.complaints).toEqual([]);
});
