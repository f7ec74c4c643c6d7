/** The authoring desk in a real browser, in Persian: made, checked, pictured, signed and amended by a person's hands. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { encode, records, toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { readProvisioning } from '@sandoq/tally-server';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Authoring,
  authorConfigSchema,
  authoringPage,
  createAuthoring,
} from '../src/authoring/authoring.ts';
import { AUTHORITY_KEY, AUTHORITY_SECRET, NOW_SECONDS, secretOf, stationNamed } from './province.ts';

const CHROMIUM = '/usr/bin/chromium';
const chromiumHere = existsSync(CHROMIUM);
if (!chromiumHere) console.warn('Chromium is absent: the authoring desk is not looked at');
const PICTURES = join(import.meta.dirname, '..', '..', '.screens', 'tally-server');
const DOCS = join(import.meta.dirname, '..', 'docs', 'pictures');
const TOKEN = '5a'.repeat(32);

const folder = mkdtempSync(join(tmpdir(), 'sandoq-author-'));
const data = join(folder, 'data');
let authoring: Authoring;
let address: string;

beforeAll(async () => {
  mkdirSync(join(folder, 'stations'));
  for (const id of ['s1', 's2'])
    writeFileSync(join(folder, 'stations', `${id}.cbor`), encode(records.stationShape, stationNamed(id)));
  writeFileSync(join(folder, 'authority.key'), AUTHORITY_SECRET, { mode: 0o600 });
  const config = authorConfigSchema.parse({
    data_folder: data,
    host: '127.0.0.1',
    port: 0,
    launch_token: TOKEN,
    authority_key_file: join(folder, 'authority.key'),
    intake_public_key: toHex(nodeCrypto.signingPublicKey(secretOf('intake'))),
    stations_folder: join(folder, 'stations'),
  });
  authoring = createAuthoring({ config, page: await authoringPage(), now: () => NOW_SECONDS });
  address = await authoring.listen();
});
afterAll(async () => {
  await authoring.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the door of the desk', () => {
  const root = (): string => new URL(address).origin;
  it('opens to its token only, and to no other name than this machine', async () => {
    for (const path of ['/', '/api/draft', '/?token=00', `/api/draft?token=${TOKEN}`])
      expect([path, (await fetch(`${root()}${path}`)).status]).toEqual([path, 403]);
    const cookie = `sandoq-author=${TOKEN}`;
    expect((await fetch(`${root()}/api/draft`, { headers: { cookie } })).status).toBe(200);
  });

  it('takes no picture that is none, none that is too large, and no name that leads elsewhere', async () => {
    const put = async (name: string, body: Uint8Array): Promise<number> =>
      (
        await fetch(`${root()}/api/pictures/${name}`, {
          method: 'PUT',
          headers: { cookie: `sandoq-author=${TOKEN}`, 'content-type': 'application/octet-stream' },
          body: Buffer.from(body),
        })
      ).status;
    const png = Buffer.from('89504e470d0a1a0a00', 'hex');
    expect(await put('a.png', Buffer.from('no picture'))).toBe(422);
    expect(await put('a.jpg', png)).toBe(422);
    expect(await put('..%2Fa.png', png)).toBe(400);
    expect(await put('a.png', Buffer.concat([png, Buffer.alloc(64 * 1024)]))).toBe(413);
    expect(readdirSync(join(data, 'pictures'))).toEqual([]);
  });
});

describe.skipIf(!chromiumHere)('the authoring desk', () => {
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await (
      await browser.newContext({ locale: 'fa-IR', viewport: { width: 1280, height: 900 } })
    ).newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(address);
  });
  afterAll(() => browser.close());

  async function picture(name: string): Promise<void> {
    mkdirSync(PICTURES, { recursive: true });
    const path = join(PICTURES, `${name}.png`);
    await page.evaluate(() => document.fonts.ready);
    // Where this run's folder lies is nobody's business.
    for (const code of await page.locator('.kit-notice code').all())
      await code.evaluate((element) => element.style.setProperty('visibility', 'hidden'));
    await page.screenshot({ path, fullPage: true });
    if (process.env['SANDOQ_PICTURES'] !== '1') return;
    mkdirSync(DOCS, { recursive: true });
    copyFileSync(path, join(DOCS, `${name}.png`));
  }
  const axe = async (): Promise<readonly string[]> => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`);
  };
  const tab = (name: string): Promise<void> => page.getByRole('tab', { name, exact: true }).click();

  it('begins with a draft without a mistake, and says its largest slip, its QR codes and the length of its paper', async () => {
    await page.getByText('خطایی نیست').waitFor();
    const verdict = await page.locator('.a-verdict').innerText();
    for (const words of ['بزرگ‌ترین برگهٔ نتیجه', 'کدهای QR', 'بلندی برگهٔ چاپی', '۲۴'])
      expect(verdict).toContain(words);
    expect(await page.getAttribute('html', 'dir')).toBe('rtl');
    expect(await axe()).toEqual([]);
    await picture('authoring-contests-fa');
  });

  it('finds a mistake as it is typed, says where, and does not sign', async () => {
    const code = page.getByRole('textbox', { name: 'کد' }).nth(1);
    await code.fill('۰۰۱');
    await page.getByText('رأی‌گیری ۱، نامزد ۲، کد').waitFor();
    expect(await page.getByRole('button', { name: 'امضای بسته' }).isDisabled()).toBe(true);
    await picture('authoring-mistake-fa');
    await code.fill('۰۰۲');
    await page.getByText('خطایی نیست').waitFor();
  });

  it('takes a list that is pasted, and a picture', async () => {
    await page.getByText('افزودن فهرست').click();
    await page
      .getByRole('textbox', { name: /افزودن فهرست/ })
      .fill('003, نسرین کاویان, Nasrin Kavian\n004\tبهرام نیک‌نام\tBahram Niknam');
    await page.getByRole('button', { name: 'افزودن ۲ نامزد' }).click();
    expect(await page.locator('.a-candidates tbody tr').count()).toBe(4);
    const pixel =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    await page
      .locator('.a-candidates input[type=file]')
      .first()
      .setInputFiles({ name: 'face.png', mimeType: 'image/png', buffer: Buffer.from(pixel, 'base64') });
    await page.locator('.a-candidates img').waitFor();
    await page.getByText('فقط ۱ نامزد از ۴ نامزد تصویر دارند').waitFor();
    expect(readdirSync(join(data, 'pictures'))).toEqual(['majles-001.png']);
  });

  it('signs what it shows, and amends what it signed', async () => {
    for (const name of ['گونه‌های برگهٔ رأی', 'تنظیمات', 'شعبه‌ها']) {
      await tab(name);
      expect(await axe()).toEqual([]);
      if (name !== 'تنظیمات') continue;
      // What is not written is not unknown.
      const seconds = page.getByRole('textbox', { name: 'مهلت رأی‌دهنده (ثانیه)' });
      expect(await seconds.getAttribute('placeholder')).toBe('۱۸۰ (پیش‌فرض)');
      await page.getByText('پذیرش (پیش‌فرض)').waitFor({ state: 'attached' });
      const opens = page.getByRole('textbox', { name: 'آغاز رأی‌گیری: ساعت' });
      await opens.fill('نه');
      await page.getByText('باید زمان').first().waitFor();
      await opens.fill('۸:۰۰');
      await page.getByText('جمعه ۶ آذر ۱۴۰۵، ساعت ۰۸:۰۰').waitFor();
      await page.getByText('خطایی نیست').waitFor();
      await picture('authoring-settings-fa');
    }
    await page.getByRole('button', { name: 'امضای بسته' }).click();
    await page.getByText('امضا و دوباره خوانده شد').waitFor();
    await picture('authoring-signed-fa');
    const signed = join(data, 'packages', 'election-1405-1');
    const provisioning = readProvisioning(signed, AUTHORITY_KEY);
    if (!provisioning.ok) throw new Error(provisioning.fault.at);
    expect(provisioning.value.candidateLists[0]?.candidates.map(({ code }) => code)).toEqual([
      '001',
      '002',
      '003',
      '004',
    ]);
    expect(provisioning.value.candidateLists[0]?.candidates[0]?.pictureDigest).toBeDefined();

    await tab('متمم');
    const change = page.getByRole('button', { name: 'امضای متمم' });
    await page.getByText('این بسته تا اکنون: ۰').waitFor();
    expect(await change.isDisabled()).toBe(true);
    const clock = page.getByRole('textbox', { name: 'پایان رأی‌گیری: ساعت' });
    const date = page.getByRole('textbox', { name: 'پایان رأی‌گیری: تاریخ' });
    expect([await date.inputValue(), await clock.inputValue()]).toEqual(['۱۴۰۵/۰۹/۰۶', '۱۸:۰۰']);
    await clock.fill('25');
    await page.getByText('تاریخ و ساعت تازهٔ پایان را بنویسید').waitFor();
    await clock.fill('۲۰');
    await page.getByText('جمعه ۶ آذر ۱۴۰۵، ساعت ۲۰:۰۰').waitFor();
    await page.getByLabel('دلیل به فارسی').fill('صف رأی‌دهندگان');
    await page.getByLabel('دلیل به انگلیسی').fill('voters still queue');
    expect(await axe()).toEqual([]);
    await change.click();
    await page.getByText('متمم امضا شد').waitFor();
    await page.getByText('این بسته تا اکنون: ۱').waitFor();
    expect(await clock.inputValue()).toBe('۲۰:۰۰');
    await picture('authoring-amended-fa');
    expect(problems.splice(0)).toEqual([]);
    // An end before the beginning is refused by its name, and nothing is added.
    await clock.fill('۰۷:۰۰');
    await page.getByLabel('دلیل به فارسی').fill('نادرست');
    await page.getByLabel('دلیل به انگلیسی').fill('wrong');
    await change.click();
    await page.getByText('پایان باید پس از آغاز رأی‌گیری باشد').waitFor();
    const amendments = () => {
      const read = readProvisioning(signed, AUTHORITY_KEY);
      return read.ok ? read.value.amendments.map(({ amendment }) => amendment.change) : read.fault;
    };
    expect(amendments()).toMatchObject([
      { kind: 'hours_changed', closesAt: Date.parse('2026-11-27T20:00:00+03:30') / 1000 },
    ]);
    await page.getByLabel('تغییر').selectOption('انصراف نامزد');
    await page.getByRole('combobox', { name: 'رأی‌گیری', exact: true }).selectOption('مجلس شورای اسلامی');
    await page.getByRole('combobox', { name: 'نامزد', exact: true }).selectOption('۰۰۳ نسرین کاویان');
    await change.click();
    await page.getByText('این بسته تا اکنون: ۲').waitFor();
    expect(amendments()).toMatchObject([
      { kind: 'hours_changed' },
      { kind: 'candidate_withdrawn', contest: 0, candidate: 2 },
    ]);
    // The browser tells of the refusal too, and of nothing else.
    expect(problems.filter((one) => !one.includes('status of 422'))).toEqual([]);
  });
});
