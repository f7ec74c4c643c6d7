/** The verifier's page: one file, opened from disk in a real browser without a network. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { toHex, type Verdict } from '@sandoq/protocol';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY_KEY } from '../../tally-server/test/province.ts';
import { SmallPublication } from './publication-builder.ts';

const CHROMIUM = '/usr/bin/chromium';
const BUILD = fileURLToPath(new URL('../bin/build-page.ts', import.meta.url));
const COMMAND = fileURLToPath(new URL('../bin/verify.ts', import.meta.url));
const here = existsSync(CHROMIUM);
if (!here) console.warn('no Chromium: the verifier page is not opened');

describe.skipIf(!here)('the page', () => {
  const small = new SmallPublication();
  let folder: string;
  let html: string;
  let browser: Browser;
  let page: Page;
  const asked: string[] = [];
  beforeAll(async () => {
    await small.start();
    folder = join(small.province.folder, 'published');
    small.publish(folder);
    html = join(small.province.folder, 'verify.html');
    expect(spawnSync(process.execPath, [BUILD, html], { encoding: 'utf8' })).toMatchObject({ status: 0 });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage({ offline: true });
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(html).href);
  });
  afterAll(async () => {
    await browser?.close();
    await small.province.remove();
  });

  async function verdict(path = folder, on = page): Promise<Verdict> {
    await on.locator('#folder').setInputFiles(path);
    await on.locator('#authority').fill(toHex(AUTHORITY_KEY));
    await on.locator('#start').click();
    await on.locator('#save').waitFor({ state: 'visible' });
    const [download] = await Promise.all([on.waitForEvent('download'), on.locator('#save').click()]);
    return JSON.parse(readFileSync(await download.path(), 'utf8')) as Verdict;
  }

  it('gives the command’s verdict, in Persian and in English', async () => {
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

  it('is told by what is chosen: no publication, one in a folder inside, one that is not whole', async () => {
    await page.locator('#authority').fill(toHex(AUTHORITY_KEY));
    await page.locator('#folder').setInputFiles(join(folder, 'package'));
    await page.locator('#start').click();
    await page.getByText('در این پوشه انتشاری نیست').waitFor();
    const around = join(small.province.folder, 'around');
    cpSync(folder, join(around, 'results'), { recursive: true });
    await page.locator('#folder').setInputFiles(around);
    await page.locator('#start').click();
    await page.getByText('انتشار در پوشهٔ').waitFor();
    const torn = join(small.province.folder, 'torn');
    cpSync(folder, torn, { recursive: true });
    rmSync(join(torn, 'slips', 's1.bundle'));
    rmSync(join(torn, 'receipts', 's1.cose'));
    const found = await verdict(torn);
    expect(found.ok).toBe(false);
    expect(await page.locator('#report .notice').textContent()).toMatch(/این پوشه کامل نیست: ۲ پرونده/);
  });

  it('asked nothing of any network', () => {
    expect(asked.filter((url) => !/^(file|blob):/.test(url))).toEqual([]);
  });

  describe('with a worker a core', () => {
    /** Large enough for workers, and nothing else: the index does not name it, which the verdict says. */
    const BALLAST = 'ballast.bin';
    const large = (name: string): string => {
      const to = join(small.province.folder, name);
      cpSync(folder, to, { recursive: true });
      writeFileSync(join(to, BALLAST), new Uint8Array(3 * 1024 * 1024));
      return to;
    };
    const ofCommand = (path: string): Verdict =>
      JSON.parse(
        spawnSync(process.execPath, [COMMAND, path, '--json', '--authority', toHex(AUTHORITY_KEY)], {
          encoding: 'utf8',
        }).stdout,
      ) as Verdict;

    it('gives the command’s verdict, honest or bent, by the browser’s Ed25519', async () => {
      const path = large('large');
      const wanted = ofCommand(path);
      expect(wanted.faults.map(({ code, file }) => [code, file])).toEqual([['file_unknown', BALLAST]]);
      expect(await verdict(path)).toEqual(wanted);
      const slip = join(path, 'slips', 's2.bundle');
      const bytes = readFileSync(slip);
      bytes[bytes.length - 4] = (bytes[bytes.length - 4] as number) ^ 1;
      writeFileSync(slip, bytes);
      const bent = ofCommand(path);
      expect(bent.faults.some(({ file }) => file === 'slips/s2.bundle')).toBe(true);
      expect(await verdict(path)).toEqual(bent);
    });

    it('by libsodium where the page has no WebCrypto, and by the reference where there is no WebAssembly', async () => {
      const path = large('large-again');
      const wanted = ofCommand(path);
      // An origin that the browser holds insecure has no WebCrypto at all.
      const insecure = async (by: Browser): Promise<Page> => {
        const one = await by.newPage();
        await one.route('**', (route) =>
          route.fulfill({ contentType: 'text/html; charset=utf-8', body: readFileSync(html, 'utf8') }),
        );
        await one.goto('http://verifier.example/');
        expect(await one.evaluate(() => [isSecureContext, 'subtle' in crypto])).toEqual([false, false]);
        // Everything that the page says while it works.
        await one.evaluate(() => {
          const status = document.getElementById('status') as HTMLElement;
          new MutationObserver(() => {
            document.body.dataset.said = `${document.body.dataset.said ?? ''}${status.textContent}\n`;
          }).observe(status, { childList: true, characterData: true, subtree: true });
        });
        return one;
      };
      const said = (one: Page) => one.locator('body').getAttribute('data-said');
      const withWasm = await insecure(browser);
      expect(await verdict(path, withWasm)).toEqual(wanted);
      expect(await said(withWasm)).toMatch(/۳ شعبه از ۳ شعبه وارسی شد/);
      expect(await said(withWasm)).not.toContain('WebAssembly');
      await withWasm.close();
      const bare = await chromium.launch({
        executablePath: CHROMIUM,
        args: ['--no-sandbox', '--js-flags=--jitless'],
      });
      try {
        const withNothing = await insecure(bare);
        expect(await withNothing.evaluate(() => typeof WebAssembly)).toBe('undefined');
        expect(await verdict(path, withNothing)).toEqual(wanted);
        expect(await said(withNothing)).toContain('این مرورگر WebAssembly را اجرا نمی‌کند');
      } finally {
        await bare.close();
      }
    });
  });
});
