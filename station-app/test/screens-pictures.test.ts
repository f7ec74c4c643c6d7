/**
 * Every state of the screens in a real browser: nothing missing, nothing that axe finds, nothing asked of anyone but
 * the window's own shell. With SANDOQ_PICTURES=write the pictures of the package's docs are taken anew.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { MISSING_TEXT_MARK } from '@sandoq/kit/text.ts';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMISSION, BALLOT, OFFICER, VOTER } from './screens/sample.ts';
import { type ScriptedStation, scriptStation } from './screens/scripted-station.ts';
import { SCREEN_STATES, type ScreenState } from './screens/states.ts';
import { openWindows, type Windows } from './screens/windows.ts';

const PICTURES = join(import.meta.dirname, '..', 'docs', 'pictures');
const writes = process.env.SANDOQ_PICTURES === 'write';

let station: ScriptedStation;
let windows: Windows;
const pages = new Map<string, Page>();

beforeAll(async () => {
  station = await scriptStation({ officer: OFFICER, voter: VOTER, admission: ADMISSION });
  station.on('ballot.read', () => BALLOT);
  // The scripted voting process keeps what is chosen, as the real one does.
  station.on(
    'voter.choose',
    (input: { readonly contest: number; readonly choice: number[] | 'blank' | null }) => {
      station.voter = {
        ...station.voter,
        choices: station.voter.choices.map((each) => (each.contest === input.contest ? input : each)),
      };
      station.changed();
    },
  );
  station.on('voter.touch', () => undefined);
  windows = await openWindows(station);
  if (writes) mkdirSync(PICTURES, { recursive: true });
}, 180_000);

afterAll(async () => {
  await windows?.close();
  await station?.close();
});

async function show(state: ScreenState): Promise<Page> {
  station.officer = state.officer ?? OFFICER;
  station.admission = state.admission ?? ADMISSION;
  station.voter = state.voter ?? VOTER;
  station.changed();
  let page = pages.get(state.role);
  if (page === undefined) {
    page = await windows.open(state.role);
    pages.set(state.role, page);
  } else await page.reload();
  await page.getByRole('heading', { level: 1, name: state.heading, exact: true }).waitFor();
  await state.act?.(page);
  await page.evaluate(() => document.fonts.ready);
  return page;
}

describe('every screen', () => {
  test.each(SCREEN_STATES)('$name is whole and accessible', async (state) => {
    const page = await show(state);
    const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
    if (await dialog.count()) await dialog.first().waitFor();
    if (writes) await page.screenshot({ path: join(PICTURES, `${state.name}.png`), scale: 'device' });
    expect(await page.evaluate(() => document.documentElement.dir)).toBe(state.dir ?? 'rtl');
    const text = await page.evaluate(() => document.body.innerText);
    expect(text).not.toContain(MISSING_TEXT_MARK);
    expect(text).toMatch(/تمرین|REHEARSAL/);
    const axe = await new AxeBuilder({ page }).analyze();
    expect(
      axe.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    ).toEqual([]);
    expect(windows.complaints).toEqual([]);
    expect(station.unexpected).toEqual([]);
  });
});
