/** The verifier's page in a real browser, on a folder: how long it takes and what it says. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toHex } from '@sandoq/protocol';
import { chromium } from 'playwright-core';
import { AUTHORITY_KEY } from '../../test/province.ts';

const CHROMIUM = '/usr/bin/chromium';

export interface PageVerdict {
  readonly state: 'green' | 'red' | 'no browser' | 'no verdict in time';
  readonly seconds?: number;
}

/** From the press of the button to the verdict, reading the files included. */
export async function pageVerdict(folder: string, file: string, secondsLimit: number): Promise<PageVerdict> {
  if (!existsSync(CHROMIUM)) return { state: 'no browser' };
  const build = join(import.meta.dirname, '..', '..', '..', 'protocol', 'bin', 'build-page.ts');
  const built = spawnSync(process.execPath, [build, file], { stdio: 'ignore' });
  if (built.status !== 0) throw new Error('the page could not be built');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ offline: true });
    await page.goto(pathToFileURL(file).href);
    await page.locator('#folder').setInputFiles(folder, { timeout: secondsLimit * 1000 });
    await page.locator('#authority').fill(toHex(AUTHORITY_KEY));
    const started = performance.now();
    await page.locator('#start').click();
    try {
      await page.locator('#save').waitFor({ state: 'visible', timeout: secondsLimit * 1000 });
    } catch {
      return { state: 'no verdict in time' };
    }
    const seconds = (performance.now() - started) / 1000;
    const ok = await page.locator('#report').getAttribute('data-ok');
    return { state: ok === 'true' ? 'green' : 'red', seconds };
  } finally {
    await browser.close();
  }
}
