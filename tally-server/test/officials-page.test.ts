/** Officials' pages in a real browser, in Persian. Pictures go to `.screens/tally-server/`; with SANDOQ_PICTURES=1 also to docs/pictures. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { votesOf } from './bundle-builder.ts';
import { stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

const CHROMIUM = '/usr/bin/chromium';
const chromiumHere = existsSync(CHROMIUM);
if (!chromiumHere) console.warn("Chromium is absent: officials' pages are not looked at");
const PICTURES = join(import.meta.dirname, '..', '..', '.screens', 'tally-server');
const DOCS = join(import.meta.dirname, '..', 'docs', 'pictures');

const NAMES = [
  'بهشتی',
  'دانش',
  'فرهنگ',
  'امید',
  'شهید رجایی',
  'کوثر',
  'آزادی',
  'سعدی',
  'حافظ',
  'فردوسی',
  'نظامی',
  'مولوی',
];
const id = (i: number): string => `s${String(i).padStart(2, '0')}`;

let province: RunningProvince;
let browser: Browser;
let page: Page;
const problems: string[] = [];
const pause = { timeout: 20_000 };

async function picture(name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const path = join(PICTURES, `${name}.png`);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path, fullPage: true });
  if (process.env['SANDOQ_PICTURES'] !== '1') return;
  mkdirSync(DOCS, { recursive: true });
  copyFileSync(path, join(DOCS, `${name}.png`));
}
const axe = async (): Promise<readonly string[]> => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id: rule, nodes }) => `${rule}: ${nodes[0]?.html ?? ''}`);
};
const overflows = (): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1);

async function signIn(role: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${province.address}/officials`);
  await page
    .getByLabel('رمز ورود')
    .fill(readFileSync(join(province.dataFolder, `${role}.token`), 'utf8').trim());
  await page.getByRole('button', { name: 'ورود' }).click();
  await page.waitForURL(`**/officials/${province.election}`);
}

describe.skipIf(!chromiumHere)("officials' pages", () => {
  beforeAll(async () => {
    province = new RunningProvince(
      NAMES.map((name, i) =>
        stationNamed(
          id(i),
          { county: i < 7 ? 'upper' : 'lower' },
          { fa: `شعبهٔ ${name}`, en: `Station ${i}` },
        ),
      ),
    );
    await province.start();
    for (let i = 0; i < NAMES.length - 1; i++)
      await province.send(
        province.bundle(
          id(i),
          i === 2 ? { refusedBy: ['supervisor'] } : {},
          votesOf(i === 9 ? 700 : 180 + 3 * i, i),
        ),
      );
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await (await browser.newContext({ locale: 'fa-IR' })).newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
  });
  afterAll(async () => {
    await browser.close();
    await province.remove();
  });

  it('are signed into, read from right to left, and are accessible', async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${province.address}/officials`);
    expect(await axe()).toEqual([]);
    await picture('officials-sign-in-fa');
    await signIn('administrator');
    expect(await page.getAttribute('html', 'dir')).toBe('rtl');
    expect(await page.locator('#missing').innerText()).toContain('۱ شعبه');
    expect(await page.locator('#hints').locator('..').innerText()).toContain('نه حکم');
    expect(await axe()).toEqual([]);
    expect(await overflows()).toBe(false);
    await picture('officials-overview-fa');
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await overflows()).toBe(false);
    await picture('officials-overview-phone-fa');
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('lead from a candidate’s votes down to the signed slip and its signatures', async () => {
    await page.goto(`${province.address}/officials/${province.election}`);
    await page.locator('[data-key="president-22"] a').click();
    for (const step of ['north', 'upper', 'north', 'centre']) {
      await picture(`drill-${step === 'north' ? 'nation' : step}-fa`);
      await page.locator('table.drill tbody tr', { hasText: step }).locator('a').click();
    }
    await picture('drill-stations-fa');
    expect(await axe()).toEqual([]);
    await page.locator('table.drill tbody tr', { hasText: 'شعبهٔ دانش' }).locator('a').click();
    await page.waitForURL('**/slips/s01');
    expect(await page.locator('main').innerText()).toContain('امضاکنندگان صورت‌جلسه');
  });

  it('renew themselves when a slip comes in', async () => {
    await page.goto(`${province.address}/officials/${province.election}`);
    await page.locator('[data-live]:not(.lost)').waitFor(pause);
    await province.send(province.bundle(id(NAMES.length - 1), {}, votesOf(200, 4)));
    await page.locator('#missing', { hasText: '۰ شعبه' }).waitFor(pause);
  });

  it('take a paper count in Persian digits', async () => {
    await signIn('supervisory_board');
    await page.goto(`${province.address}/officials/${province.election}/paper/s00`);
    expect(await axe()).toEqual([]);
    await page.getByLabel('شمارهٔ صورت‌جلسهٔ کاغذی').fill('۴۳-۷');
    await page.getByLabel('برگه‌های درون صندوق').fill('۱۲');
    for (const field of await page.locator('form.paper fieldset input').all()) await field.fill('۰');
    await page.locator('[name="c0.valid"]').fill('۱۲');
    await page.getByRole('button', { name: 'ثبت' }).click();
    await page.getByText('ثبت نشد').waitFor(pause);
    await picture('paper-count-wrong-fa');
    await page.locator('[name="c0.1"]').fill('۱۲');
    await page.getByRole('button', { name: 'ثبت' }).click();
    await page.getByText('هیئت نظارت وارد کرده است').waitFor(pause);
    await picture('paper-count-waiting-fa');
  });

  it('show the revision log and the tables to everyone', async () => {
    for (const [name, tail] of [
      ['revisions', 'revisions'],
      ['tables', 'tables'],
    ] as const) {
      await page.goto(`${province.address}/elections/${province.election}/${tail}`);
      expect(await axe()).toEqual([]);
      expect(await overflows()).toBe(false);
      await picture(`${name}-fa`);
    }
    // A refused form answers 422 and is told as an error of the page's own request; nothing else may be.
    expect(problems.filter((one) => !one.includes('422'))).toEqual([]);
  });
});
