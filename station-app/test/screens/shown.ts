/** The states of `states.ts`, shown one after another in the real shell and browser. */
import type { Page } from 'playwright-core';
import { ADMISSION, BALLOT, OFFICER, VOTER } from './sample.ts';
import { type ScriptedStation, scriptStation } from './scripted-station.ts';
import { scriptVoter } from './scripted-voter.ts';
import type { ScreenState } from './states.ts';
import { openWindows, type Windows } from './windows.ts';

export interface ShownScreens {
  readonly station: ScriptedStation;
  readonly windows: Windows;
  show(state: ScreenState): Promise<Page>;
  close(): Promise<void>;
}

export async function openScreens(): Promise<ShownScreens> {
  const station = await scriptStation({ officer: OFFICER, voter: VOTER, admission: ADMISSION });
  scriptVoter(station, () => BALLOT);
  const windows = await openWindows(station);
  const pages = new Map<string, Page>();
  return {
    station,
    windows,
    async show(state) {
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
      const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
      if (await dialog.count()) await dialog.first().waitFor();
      return page;
    },
    async close() {
      await windows.close();
      await station.close();
    },
  };
}
