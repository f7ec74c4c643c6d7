/**
 * The results pages in a real browser. Pictures go to `.screens/tally-server/`; with SANDOQ_PICTURES=1 also to docs/.
 */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { records } from '@sandoq/protocol';
import { DEMONSTRATION_STATIONS, demonstrationElection } from '@sandoq/seeds';
import type { ElectionDefinitionInput } from '@sandoq/tally-server';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bends, Votes } from './bundle-builder.ts';
import { NOW_SECONDS, stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

const CHROMIUM = '/usr/bin/chromium';
const chromiumHere = existsSync(CHROMIUM);
if (!chromiumHere) console.warn('Chromium is absent: the results pages are not looked at');
const PICTURES = join(import.meta.dirname, '..', '..', '.screens', 'tally-server');
const DOCS = join(import.meta.dirname, '..', 'docs');

const DEFINITION = {
  ...(demonstrationElection() as unknown as ElectionDefinitionInput),
  settings: { opensAt: NOW_SECONDS, closesAt: NOW_SECONDS + 36_000, openMinutesMin: 0 },
};
const IDS = DEMONSTRATION_STATIONS.map(({ id }) => id);

/** Every contest of the demonstration, with votes that fall off along the list, a little different everywhere. */
function votesAt(i: number): Votes {
  const cast = 412 + i * 67;
  const residents = cast - 30;
  return {
    cast,
    contests: DEFINITION.contests.map(({ candidates, choicesMax }, contest) => {
      const all = contest === 0 ? cast : residents;
      const blank = contest === 0 ? 11 + i : 0;
      const weights = candidates.map(
        (_, k) => 1 / (1 + ((k * 7 + contest * 5 + (i % 2)) % candidates.length)),
      );
      const most = contest === 0 ? all - blank : Math.floor((all - blank) * choicesMax * 0.8);
      const sum = weights.reduce((a, b) => a + b, 0);
      const counts = weights.map((weight) => Math.min(all - blank, Math.floor((most * weight) / sum)));
      const left = contest === 0 ? most - counts.reduce((a, b) => a + b, 0) : 0;
      return { records: all, blank, candidates: counts.map((count, k) => (k === 1 ? count + left : count)) };
    }),
  };
}

const disputed: Bends = {
  slip: (one) => ({
    ...one,
    disputed: true,
    slots: { ...one.slots, station: one.slots.station - 1 },
    segments: one.segments.map((segment, i) =>
      i === 1 ? { ...segment, disputed: true, evidence: new Uint8Array(32).fill(7) } : segment,
    ) as records.Slip['segments'],
  }),
  refusedBy: ['supervisor'],
};

let province: RunningProvince;
let browser: Browser;
let page: Page;
const problems: string[] = [];

async function open(path: string, width = 1280): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  await page.goto(`${province.address}${path}`);
  await page.evaluate(() => document.fonts.ready);
}

async function picture(name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const path = join(PICTURES, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  if (process.env.SANDOQ_PICTURES === '1') copyFileSync(path, join(DOCS, `${name}.png`));
}

const textOf = (selector: string): Promise<string> => page.locator(selector).first().innerText();
const slipsOnPage = (): Promise<string> => textOf('[data-key="slips-received"]');
const breaches = async (): Promise<readonly string[]> => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
};

describe.skipIf(!chromiumHere)('the results pages', () => {
  beforeAll(async () => {
    province = new RunningProvince(
      DEMONSTRATION_STATIONS.map(({ id, name, place }) => ({ ...stationNamed(id, place, name) })),
      DEFINITION,
    );
    await province.start();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await province?.remove();
  });
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(province.address))
        problems.push(`fetched from elsewhere: ${request.url()}`);
    });
  });
  afterEach(async () => {
    await page.context().close();
    expect(problems.splice(0)).toEqual([]);
  });

  it('say so before the first slip', async () => {
    await open('/');
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    expect(await textOf('.head')).toContain('هنوز برگهٔ نتیجه‌ای');
    expect(await textOf('.rehearsal')).toContain('تمرین');
    expect(await slipsOnPage()).toBe('۰');
    expect(await page.locator('.verdict').count()).toBe(0);
  });

  it('move the moment a slip lands, without being asked, and keep what the reader was doing', async () => {
    await open('/');
    await page.locator('[data-live]:not(.lost)').waitFor();
    await page.fill('[data-filter]', 'zzz');
    expect(await page.locator('.stations tbody tr:visible').count()).toBe(0);
    expect((await province.send(province.bundle(IDS[0] as string, {}, votesAt(0)))).status).toBe(201);
    await page.locator('[data-key="slips-received"]', { hasText: '۱' }).waitFor();
    expect(await page.inputValue('[data-filter]')).toBe('zzz');
    await page.fill('[data-filter]', (IDS[0] as string).toUpperCase());
    expect(await page.locator('.stations tbody tr:visible').count()).toBe(1);
    expect(await textOf('[data-key="people-cast"]')).toBe('۴۱۲');
  });

  it('show received, missing and disputed stations with reasons, and the law with its articles', async () => {
    for (const [i, id] of IDS.slice(1, -1).entries()) {
      province.seconds += 211;
      const bends = i === 1 ? disputed : {};
      expect((await province.send(province.bundle(id, bends, votesAt(i + 1)))).status).toBe(201);
    }
    await open('/');
    expect(await textOf('[data-key="slips-disputed"]')).toBe('۱');
    expect(await textOf('[data-key="slips-missing"]')).toBe('۱');
    // What somebody has to act on stands first.
    expect(await page.locator('.stations tbody tr').first().innerText()).toContain('شمار رکوردهای صندوق');
    expect(await page.locator('.stations tbody tr').nth(1).innerText()).toContain('نرسیده');
    await page.locator('.verdict summary').first().click();
    expect(await textOf('.verdict details')).toMatch(/اصل ۱۱۷/);
    expect(await page.locator('.verdict').count()).toBe(3);
    expect(await breaches()).toEqual([]);
    await page.locator('.verdict summary').first().click();
    await picture('results-fa');
    await open('/?lang=en');
    expect(await page.locator('html').getAttribute('dir')).toBe('ltr');
    expect(await textOf('.partial')).toMatch(/^These sums are of 5 of 6 stations/);
    expect(await breaches()).toEqual([]);
    await picture('results-en');
    await open('/', 390);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await picture('results-fa-phone');
  });

  it('lead from every station down to its slip, its ledgers, its signers and its bytes', async () => {
    await open('/');
    await page.locator('.stations tr.disputed th a').click();
    expect(await page.locator('.ledgers li').count()).toBe(6 + 2 * 3);
    expect(await page.locator('.ledgers li.broken').count()).toBe(1);
    expect(await textOf('.signers')).toContain('با مخالفت امضا کرد');
    expect(await breaches()).toEqual([]);
    await picture('slip-fa');
    const download = page.waitForEvent('download');
    await page.locator('ul.downloads a').first().click();
    expect((await download).suggestedFilename()).toMatch(/\.bundle$/);
    await page.locator('.crumbs a').nth(1).click();
    expect(await page.locator('.verdict').count()).toBe(0);
    expect(await textOf('.crumbs')).toContain('mehrshahr');
  });

  it('say the same without a script', async () => {
    await open('/');
    const withScript = await page.locator('.stations tbody').innerText();
    const context = await browser.newContext({ javaScriptEnabled: false });
    const bare = await context.newPage();
    await bare.goto(`${province.address}/`);
    expect(await bare.locator('.stations tbody').innerText()).toBe(withScript);
    expect(await bare.locator('.filter').isVisible()).toBe(false);
    await context.close();
  });

  it('say courteously what cannot be shown', async () => {
    await page.goto(`${province.address}/elections/nowhere`);
    expect(await textOf('.refused')).toContain('این انتخابات در این استان بارگذاری نشده است');
    // The browser reports the 404 of the page itself; nothing else may be wrong.
    expect(problems.splice(0)).toEqual([expect.stringContaining('404')]);
    await open(`/elections/${province.election}`);
    await page.goto(`${province.address}/elections/${province.election}/slips/${IDS.at(-1)}`);
    expect(await textOf('.refused')).toContain('هنوز نرسیده است');
    expect(problems.splice(0)).toEqual([expect.stringContaining('404')]);
  });
});
