/** The station's windows, the bench panel and the province's page in a real browser, one context each as on one's desk. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createText, MISSING_TEXT_MARK } from '@sandoq/kit/text.ts';
import { demonstrationElection } from '@sandoq/seeds';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import stationFa from '../../../station-app/locales/fa.json' with { type: 'json' };
import panelFa from '../../locales/fa.json' with { type: 'json' };
import type { RunningSystem } from './system.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const TAKEN = join(ROOT, '.screens', 'walk');
const KEPT = join(ROOT, 'hardware-sim', 'docs', 'pictures');
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
/** As `npm start` opens a window where there is no kiosk panel. */
const WINDOW = { width: 1280, height: 800 };
/** The voter's display of a station: 21 inches. */
const VOTER_DISPLAY = { width: 1920, height: 1080 };
const PANEL = { width: 1440, height: 1000 };
/** What a page shows is waited for; a busy machine is no failure. */
const WAIT_MS = 30_000;

export const say = createText(stationFa, 'fa');
export const sayPanel = createText(panelFa, 'fa');
export const persian = (digits: string): string =>
  digits.replace(/[0-9]/g, (digit) => '۰۱۲۳۴۵۶۷۸۹'[Number(digit)] as string);

export interface Desk {
  readonly executive: Page;
  readonly supervisor: Page;
  readonly voter: Page;
  readonly inspector: Page;
  readonly panel: Page;
  readonly province: Page;
  /** errors that pages threw, and what any page asked of anyone but the machine itself */
  readonly complaints: string[];
  /** complains of what is not fit to be shown */
  look(page: Page, name: string): Promise<void>;
  picture(page: Page, name: string): Promise<void>;
  close(): Promise<void>;
}

export const launchBrowser = (): Promise<Browser> => {
  if (CHROMIUM === undefined) throw new Error('chromium is not installed; npm run system says how');
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
};

/** A page that leaks a missing text, scrolls sideways or hides that this is a rehearsal is not fit to be shown. */
async function lookAt(page: Page): Promise<string[]> {
  const seen = await page.evaluate(() => ({
    text: document.body.innerText,
    direction: document.documentElement.dir,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  }));
  return [
    ...(seen.direction === 'rtl' ? [] : [`direction ${seen.direction}`]),
    ...(seen.text.includes(MISSING_TEXT_MARK) || seen.text.includes('⟦') ? ['a text is missing'] : []),
    ...(/تمرین|شبیه‌ساز|نمایشی/.test(seen.text) ? [] : ['no word of the rehearsal']),
    ...(seen.wide > 1 ? [`${seen.wide} px wider than the window`] : []),
  ];
}

export async function openDesk(
  browser: Browser,
  system: RunningSystem,
  display: { readonly width: number; readonly height: number } = WINDOW,
): Promise<Desk> {
  const complaints: string[] = [];
  const contexts: BrowserContext[] = [];
  const open = async (name: string, address: string, viewport = display): Promise<Page> => {
    const context = await browser.newContext({ viewport, locale: 'fa-IR' });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    page.on('pageerror', (cause) => complaints.push(`${name}: ${cause.message}`));
    page.on('request', (request) => {
      // A blob's address is a place in the page's own memory.
      const { hostname, protocol } = new URL(request.url().replace(/^blob:/, ''));
      if (protocol.startsWith('http') && hostname !== '127.0.0.1')
        complaints.push(`${name} asked ${hostname}`);
    });
    await page.goto(address);
    return page;
  };
  const at = system.addresses;
  const executive = await open('executive', at.executive);
  const supervisor = await open('supervisor', at.supervisor);
  const voter = await open('voter', at.voter, VOTER_DISPLAY);
  const inspector = await open('inspector', at.inspector);
  const panel = await open('panel', at['bench panel'], PANEL);
  const province = await open('province', at.province);
  mkdirSync(TAKEN, { recursive: true });
  if (process.env.SANDOQ_PICTURES === '1') mkdirSync(KEPT, { recursive: true });
  return {
    executive,
    supervisor,
    voter,
    inspector,
    panel,
    province,
    complaints,
    async look(page, name) {
      for (const each of await lookAt(page)) complaints.push(`${name}: ${each}`);
    },
    async picture(page, name) {
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: join(TAKEN, `${name}.png`) });
      if (process.env.SANDOQ_PICTURES === '1') await page.screenshot({ path: join(KEPT, `${name}.png`) });
      for (const each of await lookAt(page)) complaints.push(`${name}: ${each}`);
    },
    async close() {
      for (const context of contexts) await context.close();
    },
  };
}

/** A person of the demonstration, as the panel's queue lists them. */
export interface Visitor {
  readonly national_code: string;
  readonly name: { readonly fa: string };
  readonly constituency: string;
  readonly alive: boolean;
  readonly birth_date: string;
}
export const readPeople = (data: string): readonly Visitor[] =>
  JSON.parse(readFileSync(join(data, 'bench/s0001/people.json'), 'utf8')) as readonly Visitor[];

export interface WalkedCandidate {
  readonly code: string;
  readonly name: string;
}
export interface WalkedContest {
  readonly title: string;
  readonly candidates: readonly [WalkedCandidate, WalkedCandidate, WalkedCandidate, WalkedCandidate];
}

interface SeedContest {
  readonly title: { readonly fa: string };
  readonly candidates: readonly { readonly code: string; readonly name: { readonly fa: string } }[];
}

/** The demonstration's three contests in the order of its ballot, with the first candidates of each. */
export function readContests(): readonly [WalkedContest, WalkedContest, WalkedContest] {
  const contests = demonstrationElection()['contests'] as readonly SeedContest[];
  const walked = contests.map(({ title, candidates }) => ({
    title: title.fa,
    candidates: candidates.slice(0, 4).map(({ code, name }) => ({ code, name: name.fa })),
  }));
  return walked as unknown as readonly [WalkedContest, WalkedContest, WalkedContest];
}
