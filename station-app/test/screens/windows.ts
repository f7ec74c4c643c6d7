/** The real shell, the built screens and the machine's Chromium over a scripted station. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { ScreenRole } from '../../src/contract/contract.ts';
import { type Kiosk, startKiosk } from '../../src/shells/kiosk-server.ts';
import { buildScreens, SCREENS_FOLDER } from '../../src/shells/screens-build.ts';
import { NOW_MS } from './sample.ts';
import type { ScriptedStation } from './scripted-station.ts';

const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A panel of 21.5 inches, 1920 × 1080: 4.03 pixels a millimetre. Pictures are taken at five eighths. */
const PX_PER_MM = 4.03;
const PANEL = { width: 1920, height: 1080 };
const PICTURE_SCALE = 0.625;

export const LAUNCH_TOKEN = 'a-launchers-secret-of-the-tests-long-enough';

export interface Windows {
  readonly kiosk: Kiosk;
  /** Errors, policy violations and requests to anywhere else, of all pages so far. */
  readonly complaints: string[];
  open(role: ScreenRole): Promise<Page>;
  close(): Promise<void>;
}

export async function openWindows(
  station: ScriptedStation,
  options: { readonly locale?: 'fa' | 'en'; readonly isClockFixed?: boolean } = {},
): Promise<Windows> {
  await buildScreens();
  const complaints: string[] = [];
  const locale = options.locale ?? 'fa';
  const kiosk = await startKiosk({
    config: {
      host: '127.0.0.1',
      port: 0,
      launch_token: LAUNCH_TOKEN,
      windows: (['executive', 'supervisor', 'voter', 'inspector'] as const).map((role) => ({ role, locale })),
      voting: station.addresses.voting,
      admission: station.addresses.admission,
      panel: { px_per_mm: PX_PER_MM },
    },
    screens: SCREENS_FOLDER,
    onFailure: (where, cause) => complaints.push(`${where}: ${String(cause)}`),
  });
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: CHROMIUM_ARGUMENTS,
  });
  const contexts: BrowserContext[] = [];
  return {
    kiosk,
    complaints,
    async open(role) {
      const context = await browser.newContext({
        viewport: PANEL,
        deviceScaleFactor: PICTURE_SCALE,
        reducedMotion: 'reduce',
        hasTouch: true,
      });
      contexts.push(context);
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('request', (request) => {
        // A blob's address is a place in this page's own memory.
        if (
          !request
            .url()
            .replace(/^blob:/, '')
            .startsWith(`http://127.0.0.1:${kiosk.port}/`)
        )
          complaints.push(`request to ${request.url()}`);
      });
      if (options.isClockFixed !== false) await page.clock.setFixedTime(NOW_MS);
      await page.goto(kiosk.launchAddress(role));
      return page;
    },
    async close() {
      for (const context of contexts) await context.close();
      await browser.close();
      await kiosk.close();
    },
  };
}
