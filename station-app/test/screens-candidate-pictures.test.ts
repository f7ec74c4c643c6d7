/**
 * The voter's window with candidates' pictures, in a real browser: all are in the page before anybody votes, what passes
 * over the line is the same for whom she looks at, a picture that is not there or cannot be shown blocks nothing.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { portraitOf } from '@sandoq/seeds';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BallotView, VoterView } from '../src/contract/voting.ts';
import { type CandidatePicture, picturesFrom } from '../src/stores/candidate-pictures.ts';
import { axeFindings, dress } from './screens/axe.ts';
import { BALLOT, VOTER, VOTING } from './screens/sample.ts';
import type { ScriptedStation } from './screens/scripted-station.ts';
import type { ScriptedVoter } from './screens/scripted-voter.ts';
import { openVoterWindow, type VoterWindow } from './screens/voter-window.ts';
import type { Windows } from './screens/windows.ts';

const DOCS = join(import.meta.dirname, '..', 'docs', 'pictures');
const writes = process.env.SANDOQ_PICTURES === 'write';

/** Nobody has these two: one is missing in the folder, the other passed as signed and is no picture within. */
const MISSING = 1;
const BROKEN = 2;
const PRESIDENT = 0;
const COUNCIL = 2;

const WOMEN = new Set(['Maryam', 'Zahra', 'Narges', 'Shirin', 'Parvaneh', 'Soraya', 'Mina']);

const pictures: CandidatePicture[] = [];
const ballot: BallotView = {
  contests: BALLOT.contests.map((contest, index) => ({
    ...contest,
    candidates: contest.candidates.map((candidate, i) => {
      if (index === 1 || (index === PRESIDENT && i === MISSING)) return { ...candidate, picture: null };
      const drawn = portraitOf(100 * index + i, WOMEN.has(candidate.name.en.split(' ')[0] ?? ''));
      const isBroken = index === PRESIDENT && i === BROKEN;
      pictures.push({ kind: 'png', bytes: isBroken ? drawn.slice(0, 20) : drawn });
      return { ...candidate, picture: pictures.length - 1 };
    }),
  })),
};

let opened: VoterWindow | undefined;
let station: ScriptedStation;
let voter: ScriptedVoter;
let windows: Windows;
let page: Page;
const requests: string[] = [];

const inCouncil: VoterView = {
  ...VOTING,
  choices: [
    { contest: 0, choice: [0] },
    { contest: 1, choice: [1, 2] },
    { contest: COUNCIL, choice: null },
  ],
};
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
const cards = () => page.locator('.kit-choice');
const shown = () =>
  page
    .locator('.kit-choice img')
    .evaluateAll((all) => all.map((image) => (image as HTMLImageElement).naturalWidth));
const untilFetched = () =>
  expect.poll(() => station.heard.some(({ name }) => name === 'pictures.read')).toBe(true);
const write = async (name: string): Promise<void> => {
  if (!writes) return;
  mkdirSync(DOCS, { recursive: true });
  await page.screenshot({ path: join(DOCS, `${name}.png`), scale: 'device' });
};

beforeAll(async () => {
  opened = await openVoterWindow(ballot, (scripted) =>
    scripted.on('pictures.read', ({ from }: { readonly from: number }) =>
      picturesFrom({ pictures, placeOf: [] }, from),
    ),
  );
  ({ station, voter, windows, page } = opened);
  page.on('request', (request) => {
    // What the page itself holds in memory asks nobody.
    if (!request.url().startsWith('blob:')) requests.push(request.url());
  });
}, 180_000);

afterAll(async () => {
  await opened?.close();
});

beforeEach(async () => {
  voter.show(VOTER);
  await heading('خوش آمدید');
  requests.length = 0;
});

test('a contest shown whole stands in portraits of one size; where none can be shown a placeholder stands', async () => {
  voter.show(VOTING);
  await heading('ریاست جمهوری');
  await expect.poll(shown).toEqual([150, 150]);
  expect(await cards().count()).toBe(4);
  expect(await page.locator('.kit-choice .kit-picture .kit-icon').count()).toBe(2);
  const sizes = await page.locator('.kit-choice .kit-picture').evaluateAll((all) =>
    all.map((each) => {
      const { width, height } = each.getBoundingClientRect();
      return [Math.round(width), Math.round(height)].join();
    }),
  );
  expect(new Set(sizes).size).toBe(1);
  // The name stands beside the picture, so that it is read once.
  expect(await cards().locator('img').first().getAttribute('alt')).toBe('');
  expect(await axeFindings(page)).toEqual([]);
  await cards().nth(MISSING).click();
  await page.locator('.st-chosen [data-filled]').waitFor();
  await write('voter-24-portraits');
});

test('by picture: everyone page by page, chosen by touch, found again among the chosen and on the review', async () => {
  voter.show(inCouncil);
  await heading('شورای اسلامی شهر');
  await page.getByRole('tab', { name: 'با تصویر' }).click();
  await expect.poll(async () => (await shown()).length).toBe(10);
  await page.getByRole('button', { name: 'بعدی', exact: true }).click();
  await cards().first().click();
  await cards().nth(3).click();
  await expect.poll(() => station.voter.choices[COUNCIL]?.choice).toEqual([10, 13]);
  await expect.poll(() => page.locator('.st-chosen img').count()).toBe(2);
  await expect.poll(async () => (await shown()).every((width) => width === 150)).toBe(true);
  expect(await axeFindings(page)).toEqual([]);
  await write('voter-25-by-picture');
  for (const look of [
    { theme: 'dark', size: 5 },
    { theme: 'light', size: 1 },
  ] as const) {
    await dress(page, look);
    expect([look, await axeFindings(page)]).toEqual([look, []]);
  }
  station.heard.length = 0;
  await page.reload();
  await untilFetched();
  voter.show({
    ...inCouncil,
    phase: 'review',
    choices: [...inCouncil.choices.slice(0, 2), { contest: COUNCIL, choice: [10, 13] }],
  });
  await heading('انتخاب‌های خود را ببینید');
  await expect.poll(() => page.locator('.st-review img').count()).toBe(3);
  expect(await axeFindings(page)).toEqual([]);
});

test('whoever looks through the portraits keys a code on the box and goes on looking', async () => {
  voter.show({ ...inCouncil, contests: [COUNCIL] });
  await heading('شورای اسلامی شهر');
  await page.getByRole('tab', { name: 'با تصویر' }).click();
  voter.press('digit_2');
  await page.getByText('کد: ۲').waitFor();
  voter.press('digit_3');
  await expect.poll(() => station.voter.choices[COUNCIL]?.choice).toEqual([2]);
  await page.locator('.st-chosen img').waitFor();
  expect(await page.getByRole('tab', { name: 'با تصویر' }).getAttribute('aria-selected')).toBe('true');
});

test('the line shows the same for two voters who look at others and choose others', async () => {
  const passes = async (turns: number, card: number, then: number): Promise<unknown> => {
    voter.show(VOTER);
    await heading('خوش آمدید');
    requests.length = 0;
    station.heard.length = 0;
    voter.show({ ...inCouncil, choices: inCouncil.choices.map((each) => ({ ...each, choice: null })) });
    await heading('ریاست جمهوری');
    await cards().nth(card).click();
    await page.locator('.st-chosen [data-filled]').waitFor();
    voter.show({ ...inCouncil, contests: [COUNCIL] });
    await heading('شورای اسلامی شهر');
    await page.getByRole('tab', { name: 'با تصویر' }).click();
    for (let i = 0; i < turns; i++) await page.getByRole('button', { name: 'بعدی', exact: true }).click();
    await cards().nth(then).click();
    await page.locator('.st-chosen img').waitFor();
    await expect.poll(async () => (await shown()).every((width) => width === 150)).toBe(true);
    // Told to the voting process at most once in some seconds, whatever is touched.
    const calls = station.heard.map(({ name }) => name).filter((name) => name !== 'voter.touch');
    return { requests: [...requests], calls };
  };
  const first = await passes(1, 0, 2);
  const second = await passes(5, 3, 0);
  expect(first).toEqual({ requests: [], calls: ['voter.choose', 'voter.choose'] });
  expect(second).toEqual(first);
});

test('every window asks for all of them once, in one order; a process that refuses leaves placeholders, not a wait', async () => {
  const asked = () => station.heard.filter(({ name }) => name === 'pictures.read').map(({ input }) => input);
  station.heard.length = 0;
  voter.show(inCouncil);
  await page.reload();
  await page.locator('.st-chosen').waitFor();
  await expect.poll(asked).toEqual([{ from: 0 }]);
  station.on('pictures.read', () => {
    throw new Error('a fault of the test');
  });
  voter.show(VOTING);
  await page.reload();
  await heading('ریاست جمهوری');
  await cards().nth(3).click();
  await page.locator('.st-chosen [data-filled]').waitFor();
  expect(await shown()).toEqual([]);
  expect(windows.complaints).toEqual([]);
});
