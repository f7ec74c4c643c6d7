import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { catalogueProblems } from '@sandoq/kit/text.ts';
import { toHex } from '@sandoq/protocol';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import en from '../locales/en.json' with { type: 'json' };
import fa from '../locales/fa.json' with { type: 'json' };
import { BENCH_REFUSALS, type StationState } from '../src/index.ts';
import { NEXT_STEPS, nextStep } from '../src/panel/next-step.ts';
import {
  type BenchFolder,
  type BenchProcess,
  benchFolder,
  demandFirmware,
  startBenchProcess,
} from './bench-process.ts';
import { AUTHORITY_KEY, ELECTION, STATION } from './election.ts';

const PICTURES = join(import.meta.dirname, '../../.screens/bench');
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);

const PEOPLE = [
  {
    national_code: '0084575948',
    name: { fa: 'زهرا محمدی', en: 'Zahra Mohammadi' },
    birth_date: '1980-03-21',
  },
  { national_code: '0499370899', name: { fa: 'علی کریمی', en: 'Ali Karimi' }, birth_date: '1955-07-02' },
  { national_code: '0790419904', name: { fa: 'مریم رضایی', en: 'Maryam Rezaei' }, birth_date: '2001-11-15' },
];

let at: BenchFolder;
let bench: BenchProcess;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  demandFirmware();
  if (CHROMIUM === undefined) throw new Error('chromium is not installed; npm run system says how');
  mkdirSync(PICTURES, { recursive: true });
  at = benchFolder();
  const people = join(at.folder, 'people.json');
  writeFileSync(people, JSON.stringify(PEOPLE));
  bench = await startBenchProcess(at, [{ ...at.station(STATION), people_file: people }], {
    host: '127.0.0.1',
    port: 0,
  });
  await bench.client.perform({
    do: 'enrolment',
    station: STATION,
    election: ELECTION,
    authority_key: toHex(AUTHORITY_KEY),
    pins: {
      chief: '1101',
      executive: '1104',
      supervisor: '1105',
      governor_representative: '1106',
      council_representative: '1107',
    },
    tarefe_cards: 3,
  });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  page = await (await browser.newContext({ viewport: { width: 1440, height: 1000 } })).newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(bench.ready.panel as string);
  await page.getByRole('heading', { name: fa.box, exact: true }).waitFor();
});
afterAll(async () => {
  await browser?.close();
  await bench?.stop('SIGTERM');
  at?.remove();
});

/** The watermark says only what the first line of the page says. */
const breaches = async (): Promise<readonly unknown[]> =>
  (await new AxeBuilder({ page }).exclude('.watermark').analyze()).violations;
/** Every state that is worth a picture is looked at by axe, too. */
async function picture(name: string): Promise<void> {
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
  expect([name, await breaches()]).toEqual([name, []]);
}
const button = (name: string) => page.getByRole('button', { name });
const slot = (place: string) => page.locator(`.slot[data-place="${place}"]`);
const room = () => bench.client.perform({ do: 'state', station: STATION });

describe('the texts', () => {
  it('are one catalogue in two languages, with a sentence for every step and refusal', () => {
    expect(catalogueProblems(fa, en)).toEqual([]);
    for (const step of NEXT_STEPS) expect(fa).toHaveProperty([`next.${step}`]);
    for (const code of BENCH_REFUSALS) expect(fa).toHaveProperty([`refusal.${code}`]);
  });
});

describe('the panel', () => {
  it('is Persian, right to left, watermarked as a simulator, and shows each role card with its PIN', async () => {
    expect(await page.getAttribute('html', 'dir')).toBe('rtl');
    expect(await page.title()).toBe('میز آزمایش — شبیه‌ساز');
    await page.locator('.watermark').getByText('میز آزمایش — شبیه‌ساز').waitFor();
    const card = page.locator('[data-card="role-executive"]');
    await card.getByText('نماینده هیئت اجرایی').waitFor();
    await card.getByText('۱۱۰۴').waitFor();
    await card.getByText('فقط میز آزمایش').waitFor();
    expect(await page.locator('body').innerText()).not.toContain('⟦');
    await picture('start-fa');
  });

  it('walks a card from the tray into a reader and back', async () => {
    await page.locator('[data-card="role-executive"]').click();
    await slot('executive').getByRole('button', { name: fa['slot.here'] }).click();
    await slot('executive').getByText('نماینده هیئت اجرایی').waitFor();
    expect((await room()).slots.executive).toBe('role-executive');
    await button(fa['quick.open']).click();
    await page.locator('.next[data-step="role_cards_lie"]').waitFor();
    expect((await room()).slots).toMatchObject({ first: 'role-executive', second: 'role-supervisor' });
    await button(fa['quick.desk']).click();
    await page.locator('.next[data-step="nobody"]').waitFor();
    expect((await room()).slots).toMatchObject({
      executive: 'role-executive',
      supervisor: 'role-supervisor',
    });
  });

  it('walks a voter with a chip card from the queue to the box', async () => {
    await button((await chipPerson()).name.fa).click();
    await button(fa['people.give_card']).click();
    await button(fa['people.give_finger']).click();
    await button(fa['people.give_tarefe']).click();
    await page.locator('.next[data-step="document_and_tarefe"]').waitFor();
    const state = await room();
    expect(state.slots.document).toMatch(/^voter-/);
    expect(`voter-${state.finger}`).toBe(state.slots.document);
    expect(state.slots.tarefe).toBe('tarefe-1');
    await picture('voter-at-desk-fa');
    await button(fa['people.to_box']).click();
    await page.locator('.next[data-step="card_on_pad"]').waitFor();
    expect((await room()).slots.box_pad).toBe('tarefe-1');
    await button(fa['people.tarefe_back']).click();
    await button(fa['people.leaves']).click();
    await page.locator('.next[data-step="nobody"]').waitFor();
    const after = await room();
    expect(after.finger).toBeNull();
    expect(after.cards.some((card) => card.kind === 'voter')).toBe(false);
  });

  it('finds people by name in any spelling and by code in Persian digits', async () => {
    const search = page.getByRole('searchbox');
    await search.fill('رضائي');
    await page.getByText('مریم رضایی').waitFor();
    await expect.poll(() => page.locator('.queue li').count()).toBe(1);
    await search.fill('۰۰۸۴');
    await page.getByText('زهرا محمدی').waitFor();
    await expect.poll(() => page.locator('.queue li').count()).toBe(1);
    await search.fill('');
  });

  it('makes every fault and mends it, and says what is next', async () => {
    const steps: readonly [string, string, string][] = [
      ['fault.power.off', 'no_power', 'fault.power.on'],
      ['fault.box.off', 'box_cable_pulled', 'fault.box.on'],
      ['fault.admission_reader.off', 'reader_cable_pulled', 'fault.admission_reader.on'],
      ['fault.role_reader.off', 'reader_cable_pulled', 'fault.role_reader.on'],
      ['fault.lid.open', 'lid_open', 'fault.lid.close'],
      ['fault.out', 'paper_out', 'fault.refill'],
    ];
    for (const [fault, step, mend] of steps) {
      await page.locator(`[data-fault="${fault}"]`).click();
      await page.locator(`.next[data-step="${step}"]`).waitFor();
      if (step === 'no_power') {
        await page.locator('[data-key="green"]').click();
        await page.getByRole('alert').getByText(fa['refusal.no_power']).waitFor();
        await picture('no-power-fa');
        await button(fa['refusal.dismiss']).click();
      }
      await page.locator(`[data-fault="${mend}"]`).click();
      await page.locator('.next[data-step="nobody"]').waitFor();
    }
  });

  it('has no fault of access that axe knows, and speaks English too', async () => {
    const persian = await new AxeBuilder({ page }).exclude('.watermark').analyze();
    expect(persian.violations.map((one) => [one.id, one.nodes.map((node) => node.html)])).toEqual([]);
    await button(fa['language.name']).click();
    expect(await page.getAttribute('html', 'dir')).toBe('ltr');
    await page.getByRole('heading', { name: en.box, exact: true }).waitFor();
    expect(await page.locator('body').innerText()).not.toContain('⟦');
    await picture('start-en');
    await button(en['language.name']).click();
  });

  async function chipPerson(): Promise<(typeof PEOPLE)[number]> {
    for (const person of PEOPLE) {
      const row = button(person.name.fa);
      await row.waitFor();
      if ((await row.innerText()).includes(fa['document.national_card'])) return person;
    }
    throw new Error('none of the people brings a chip card');
  }
});

describe('the panel is closed to other pages', () => {
  const status = (path: string, headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((resolve) => {
      const request = get(new URL(path, bench.ready.panel as string), { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.end();
    });
  const connect = (headers: Record<string, string>): Promise<boolean> =>
    new Promise((resolve) => {
      const url = new URL('/socket', bench.ready.panel as string).href.replace('http', 'ws');
      const socket = new WebSocket(url, { headers });
      socket.on('open', () => {
        socket.terminate();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });

  it('answers its own name and origin only', async () => {
    const own = new URL(bench.ready.panel as string);
    expect(await status('/', {})).toBe(200);
    expect(await status('/', { host: 'evil.example' })).toBe(403);
    expect(await status('/nothing', {})).toBe(404);
    expect(await connect({ origin: own.origin })).toBe(true);
    expect(await connect({ origin: 'http://evil.example' })).toBe(false);
    expect(await connect({})).toBe(false);
  });
});

describe('what is next', () => {
  it('is decided by the first thing that stands in the way', async () => {
    const state: StationState = { ...(await room()), enrolled: true };
    const full = {
      ...state,
      slots: { ...state.slots, executive: 'role-executive', supervisor: 'role-supervisor' },
    };
    expect(nextStep(full, 'none')).toBe('nobody');
    expect(nextStep(full, 'with_chip')).toBe('person_with_chip');
    expect(nextStep(full, 'with_paper')).toBe('person_with_paper');
    expect(nextStep({ ...full, window: 'paper' }, 'none')).toBe('paper_in_window');
    expect(nextStep({ ...full, window: 'paper', overprinted: true }, 'none')).toBe('paper_overprinted');
    expect(nextStep({ ...full, window: 'jammed', lid_open: true }, 'none')).toBe('jammed');
    expect(nextStep({ ...full, firmware_fault: 'x', power: false }, 'none')).toBe('firmware_fault');
    expect(nextStep({ ...full, enrolled: false }, 'none')).toBe('not_enrolled');
    const padded = { ...full, slots: { ...full.slots, box_pad: 'role-chief' } };
    expect(nextStep(padded, 'none')).toBe('other_on_pad');
    expect(nextStep({ ...padded, fell_since_card: true }, 'none')).toBe('vote_fell');
  });
});
