import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const GALLERY = new URL('../gallery/', import.meta.url).pathname;

const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};

/** The policy that screens of the kit must live with: nothing inline, nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

const serve = (folder: string): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((request, response) => {
      if (request.url === '/favicon.ico') return void response.writeHead(204).end();
      const path = normalize(new URL(request.url ?? '/', 'http://127.0.0.1').pathname);
      const file = join(folder, path === '/' ? 'index.html' : path);
      try {
        const body = readFileSync(file);
        response.writeHead(200, {
          'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
          'content-security-policy': POLICY,
        });
        response.end(body);
      } catch {
        response.writeHead(404).end();
      }
    });
    server.listen(0, '127.0.0.1', () => resolve(server));
  });

export interface Look {
  readonly page: 'components' | 'voter' | 'officer' | 'approval';
  readonly lang: 'fa' | 'en';
  readonly theme: string;
  readonly size: number;
  readonly mode?: 'official' | 'rehearsal';
}

/** A 21.5-inch panel of 1920 × 1080: 4.03 pixels a millimetre. */
export const PANEL_PX_PER_MM = 4.03;

export interface Gallery {
  readonly page: Page;
  /** Errors, policy violations and requests to anywhere else, since the gallery was opened. */
  readonly complaints: string[];
  readonly show: (look: Look) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Builds the gallery as a product would be built and opens it in the Chromium of the machine. */
export const openGallery = async (): Promise<Gallery> => {
  const folder = mkdtempSync(join(tmpdir(), 'kit-gallery-'));
  await build({ configFile: join(GALLERY, 'vite.config.ts'), build: { outDir: folder } });
  const server = await serve(folder);
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: CHROMIUM_ARGUMENTS,
  });
  const context = await browser.newContext({
    viewport: { width: 1920, height: 1080 },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(address)) complaints.push(`request to ${request.url()}`);
  });
  return {
    page,
    complaints,
    show: async ({ mode = 'rehearsal', ...look }) => {
      const query = new URLSearchParams({
        ...look,
        size: String(look.size),
        mode,
        px: String(PANEL_PX_PER_MM),
      });
      await page.goto(`${address}/?${query}`);
      await page.locator('.kit-screen').waitFor();
      if (look.page === 'approval') await page.locator('.kit-dialog').waitFor();
      await page.evaluate(() => document.fonts.ready);
    },
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
