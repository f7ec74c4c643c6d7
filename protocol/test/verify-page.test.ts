/** The verifier's page: one file, opened from disk in a real browser without a network. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { toHex, type Verdict } from '@sandoq/protocol';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY_KEY } from '../../tally-server/test/province.ts';
import { SmallPublication } from './publication-builder.ts';

const CHROMIUM = '/usr/bin/chromium';
const BUILD = fileURLToPath(new URL('../bin/build-page.ts', import.meta.url));
const here = existsSync(CHROMIUM);
if (!here) console.warn('no Chromium: the verifier page is not opened');

describe.skipIf(!here)('the page', () => {
  const small = new SmallPublication();
  let folder: string;
  let browser: Browser;
  let page: Page;
  const asked: string[] = [];
  beforeAll(async () => {
    await small.start();
    folder = join(small.province.folder, 'published');
    small.publish(folder);
    const file = join(small.province.folder, 'verify.html');
    expect(spawnSync(process.execPath, [BUILD, file], { encoding: 'utf8' })).toMatchObject({ status: 0 });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage({ offline: true });
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(file).href);
  });
  afterAll(async () => {
    await browser?.close();
    await small.province.remove();
  });

  async function verdict(): Promise<Verdict> {
    await page.locator('#folder').setInputFiles(folder);
    await page.locator('#start').click();
    await page.locator('#save').waitFor({ state: 'visible' });
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()]);
    return JSON.parse(readFileSync(await download.path(), 'utf8')) as Verdict;
  }

  it('gives the command’s verdict, in Persian and in English', async () => {
    await page.locator('#authority').fill(toHex(AUTHORITY_KEY));
    const found = await verdict();
    expect(found).toMatchObject({ ok: true, faults: [], missing: ['s3'], election: 'demo-1405' });
    expect(await page.locator('#report h2').textContent()).toContain('همهٔ امضاها');
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    await page.locator('#language').click();
    expect(await page.locator('#report').textContent()).toContain('every signature, ledger and sum agrees');
    expect(await page.locator('html').getAttribute('dir')).toBe('ltr');
    await page.locator('#language').click();
  });

  it('names what was changed', async () => {
    const path = join(folder, 'totals.csv');
    const honest = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      honest.replace(/,(\d+)\r\n/, (_, votes: string) => `,${Number(votes) + 1}\r\n`),
    );
    const found = await verdict();
    writeFileSync(path, honest);
    expect(found.ok).toBe(false);
    expect(found.faults[0]).toMatchObject({ code: 'totals_differ', file: 'totals.csv', at: 'line 2' });
    expect(await page.locator('#report').textContent()).toContain('totals.csv');
  });

  it('says when files changed after they were chosen', async () => {
    await page.locator('#start').click();
    await page.getByText('پرونده‌ها خوانده نشد').waitFor();
  });

  it('refuses a key that is none', async () => {
    await page.locator('#folder').setInputFiles(folder);
    await page.locator('#authority').fill('abc');
    await page.locator('#start').click();
    await page.getByText('کلید مرجع باید ۶۴ رقم').waitFor();
  });

  it('asked nothing of any network', () => {
    expect(asked.filter((url) => !/^(file|blob):/.test(url))).toEqual([]);
  });
});
