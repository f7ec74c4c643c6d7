/**
 * The page that reads slips from paper, in a real browser: photographs of printed pages in any order, with one missing,
 * another slip's page among them, a foreign code and a picture without any; and a camera. The signed bundle of 3,500
 * candidates arrives at the intake byte for byte.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Bytes, slipPages, utf8 } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { createMeasure, paperOf, rasterOf, tapeOf } from '@sandoq/station-app';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paperSample } from '../../station-app/test/paper-sample.ts';
import { createGathering } from '../src/reading/gather.ts';
import type { Votes } from './bundle-builder.ts';
import { filmOf, framed, type Grey, greyOf, greyPng, photograph } from './photograph.ts';
import { DEFINITION, stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

const CHROMIUM = '/usr/bin/chromium';
const chromiumHere = existsSync(CHROMIUM);
if (!chromiumHere) console.warn('Chromium is absent: the reading page is not looked at');
const PICTURES = join(import.meta.dirname, '..', '..', '.screens', 'tally-server');
const DOCS = join(import.meta.dirname, '..', 'docs', 'pictures');
const CANDIDATES = 3_500;
const SEATS = 30;
const pause = { timeout: 30_000 };

const measure = createMeasure();
const { source } = paperSample();
/** Printed pages of a bundle, three codes each. */
const printedPages = (bundle: Bytes): readonly Grey[] =>
  paperOf(
    'slip_pages',
    'fa',
    tapeOf(576, measure),
    { ...source, pages: slipPages(nodeCrypto, bundle) },
    { number: 1 },
  ).pages.map((page) => greyOf(rasterOf(page, 'fa')));
/** One code alone, as it fills a camera's picture. */
const codeAlone = (bundle: Bytes): readonly Grey[] =>
  slipPages(nodeCrypto, bundle).map((content) => {
    const paper = paperOf(
      'slip_pages',
      'fa',
      tapeOf(576, measure),
      { ...source, pages: [content] },
      { number: 1 },
    );
    const page = greyOf(rasterOf(paper.pages[0] as (typeof paper.pages)[number], 'fa'));
    const rows = page.height - 560;
    return { width: page.width, height: 560, pixels: page.pixels.slice(rows * page.width) };
  });

const votesOfMany = (cast: number, seed: number): Votes => ({
  cast,
  contests: [
    {
      records: cast,
      blank: 0,
      // On average sixteen of a candidate: together not more than thirty names of each voter.
      candidates: Array.from({ length: CANDIDATES }, (_, i) => (i * 13 + seed) % 33),
    },
  ],
});

let province: RunningProvince;
let browser: Browser;
let page: Page;
const folder = mkdtempSync(join(tmpdir(), 'sandoq-film-'));
let mine: Bytes;
let other: Bytes;
const problems: string[] = [];

async function signIn(): Promise<void> {
  await page.goto(`${province.address}/officials`);
  await page.getByLabel('رمز ورود').fill(province.administratorToken);
  await page.getByRole('button', { name: 'ورود' }).click();
  await page.waitForURL(`**/officials/${province.election}`);
}

async function picture(name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  const bytes = await page.screenshot({ fullPage: true });
  writeFileSync(join(PICTURES, `${name}.png`), bytes);
  if (process.env['SANDOQ_PICTURES'] !== '1') return;
  mkdirSync(DOCS, { recursive: true });
  writeFileSync(join(DOCS, `${name}.png`), bytes);
}

const file = (name: string, grey: Grey) => ({ name, mimeType: 'image/png', buffer: greyPng(grey) });
const open = async (): Promise<void> => {
  await page.goto(`${province.address}/officials/${province.election}/reading`);
  await page.getByRole('heading', { level: 1, name: 'خواندن برگهٔ نتیجه از روی کاغذ' }).waitFor();
};

describe.skipIf(!chromiumHere)('the page that reads slips from paper', () => {
  beforeAll(async () => {
    const [, majles] = DEFINITION.contests;
    if (majles === undefined) throw new Error('no contest');
    const candidates = Array.from({ length: CANDIDATES }, (_, i) => ({
      code: String(1_001 + i),
      name: { fa: `نامزد ${i + 1}`, en: `Candidate ${i + 1}` },
    }));
    province = new RunningProvince(
      ['a1', 'a2', 'a3'].map((id) => stationNamed(id, {}, { fa: `شعبهٔ ${id}`, en: `Station ${id}` })),
      {
        ...DEFINITION,
        contests: [{ ...majles, seats: SEATS, choicesMax: SEATS, candidates }],
        styles: [{ id: 'all', name: { fa: 'همه', en: 'All' }, contests: ['majles'] }],
        // Names are not looked at here.
        rasters: { widthDots: 64, heightDots: 16 },
      },
    );
    await province.start();
    mine = province.bundle('a1', {}, votesOfMany(1_900, 1));
    other = province.bundle('a2', { refusedBy: ['supervisor'] }, votesOfMany(1_900, 5));
    const film = join(folder, 'camera.y4m');
    const frames = codeAlone(province.bundle('a3', {}, votesOfMany(1_900, 9)));
    writeFileSync(
      film,
      filmOf(
        frames.map((frame, i) =>
          framed(photograph(frame, { turnDegrees: i % 5, noise: 8, seed: i }), 720, 720),
        ),
      ),
    );
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${film}`,
      ],
    });
    page = await (await browser.newContext({ locale: 'fa-IR', permissions: ['camera'] })).newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(province.address)) problems.push(request.url());
    });
    await signIn();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await province?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says which codes are missing, takes the slip when they come, and shows its receipt', async () => {
    await page.getByRole('link', { name: 'خواندن برگه از روی کاغذ' }).click();
    await page.getByText('هنوز کدی خوانده نشده است.').waitFor();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    const pages = printedPages(mine);
    const shots = pages.map((one, i) =>
      file(
        `p${i}.png`,
        photograph(one, { turnDegrees: i * 11 - 20, scale: 0.9, noise: 12, shadow: 30, seed: i }),
      ),
    );
    const held = shots.splice(1, 1);
    const foreign = photograph(codeAlone(mine)[0] as Grey, {});
    foreign.pixels.fill(255);
    const input = page.locator('#files');
    await input.setInputFiles([
      ...shots.reverse(),
      file('other.png', printedPages(other)[0] as Grey),
      file('blank.png', foreign),
      { name: 'not-a-picture.png', mimeType: 'image/png', buffer: Buffer.from('no picture') },
    ]);
    const first = page.locator('li.slip').first();
    await page.getByText('not-a-picture.png').waitFor(pause);
    expect(await first.innerText()).toContain('نخوانده: ۳، ۴ و ۵.');
    expect(await page.locator('li.slip').nth(1).innerText()).toMatch(/۲ کد از/);
    expect(await page.locator('#pictures').innerText()).toContain('کدی خوانده نشد');
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await picture('reading-missing-fa');
    await input.setInputFiles(held);
    await first.getByText('پذیرفته شد. رسید شعبه').waitFor(pause);
    expect(await first.innerText()).toContain('a1');
    await picture('reading-taken-fa');
    const answer = await fetch(`${province.address}/api/elections/${province.election}/slips/a1/bundle`);
    expect(Buffer.compare(new Uint8Array(await answer.arrayBuffer()), mine)).toBe(0);
  });

  it('read again, the same slip has the same receipt; one that the intake refuses says why', async () => {
    await open();
    const forged = printedPages(province.bundle('a1', {}, votesOfMany(1_900, 7)));
    await page
      .locator('#files')
      .setInputFiles([
        ...printedPages(mine).map((one, i) => file(`p${i}.png`, one)),
        ...forged.map((one, i) => file(`f${i}.png`, one)),
      ]);
    await page.getByText('همین برگه پیش‌تر رسیده بود').waitFor(pause);
    await page.getByText('برای این شعبه برگهٔ دیگری پذیرفته شده است').waitFor(pause);
  });

  it('reads with a camera, code by code', async () => {
    await open();
    await page.getByRole('button', { name: 'دوربین', exact: true }).click();
    await page.locator('li.slip').getByText('پذیرفته شد. رسید شعبه').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'پایان دوربین' }).click();
    expect(await page.locator('video').isHidden()).toBe(true);
    // A refused slip and a picture that is none are told as errors of the page's own requests; nothing else may be.
    expect(problems.filter((one) => !one.includes('409'))).toEqual([]);
  });

  it('is for those who are signed in', async () => {
    const answer = await fetch(`${province.address}/officials/${province.election}/reading`, {
      redirect: 'manual',
    });
    expect(answer.status).toBe(303);
    expect(readFileSync(join(province.dataFolder, 'administrator.token'), 'utf8').trim()).toBe(
      province.administratorToken,
    );
  });
});

describe('pages that are gathered', () => {
  const bundle = (seed: number): Bytes =>
    Uint8Array.from({ length: 4_000 }, (_, i) => (i * seed + (i >> 6)) & 0xff);

  it('of several slips are told apart, each complete when its own pages are there', () => {
    const gathering = createGathering(nodeCrypto);
    const [a, b] = [slipPages(nodeCrypto, bundle(3)), slipPages(nodeCrypto, bundle(7))];
    a.forEach((one, i) => {
      expect(gathering.add(one).kind).toBe('new');
      if (i > 0) expect(gathering.add(b[i] as Bytes).kind).toBe('new');
    });
    expect(gathering.add(a[0] as Bytes).kind).toBe('again');
    expect(
      gathering.slips().map(({ missing, bundle: whole }) => ({ missing, whole: whole !== undefined })),
    ).toEqual([
      { missing: [], whole: true },
      { missing: [1], whole: false },
    ]);
  });

  it('in two versions are believed in neither, until they are read anew', () => {
    const gathering = createGathering(nodeCrypto);
    const pages = slipPages(nodeCrypto, bundle(5));
    for (const one of pages) gathering.add(one);
    const changed = (pages[2] as Bytes).slice();
    changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
    expect(gathering.add(changed)).toMatchObject({ kind: 'differs', number: 3 });
    expect(gathering.slips()[0]).toMatchObject({ missing: [3], differing: [3], bundle: undefined });
    gathering.add(changed);
    expect(gathering.slips()[0]).toMatchObject({ missing: [], isSpoiled: true, bundle: undefined });
    gathering.add(pages[2] as Bytes);
    gathering.add(pages[2] as Bytes);
    expect(gathering.slips()[0]?.bundle).toEqual(bundle(5));
  });

  it('that are none are told', () => {
    expect(createGathering(nodeCrypto).add(utf8('https://example.org'))).toEqual({ kind: 'not_a_page' });
  });
});
