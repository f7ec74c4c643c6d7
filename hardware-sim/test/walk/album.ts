/** The pictures of the station guide, taken from the walked day. With SANDOQ_PICTURES=write they are written anew. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const DOCS = join(import.meta.dirname, '..', '..', '..', 'station-app', 'docs');
export const GUIDES = [join(DOCS, 'guide.fa.md'), join(DOCS, 'guide.en.md')] as const;
const FOLDER = join(DOCS, 'guide');
const WRITES = process.env.SANDOQ_PICTURES === 'write';
/** Letters stay sharp; a screen of 1280 × 800 takes about 50 kB. */
const QUALITY = 60;
const SCROLLED_PX_MIN = 260;

export const pictureFiles = (): readonly string[] => readdirSync(FOLDER).sort();

export interface Album {
  readonly taken: string[];
  take(page: Page, name: string): Promise<void>;
}

export function createAlbum(lookAt: (page: Page, name: string) => Promise<void>): Album {
  const taken: string[] = [];
  if (WRITES) {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
  }
  return {
    taken,
    async take(page, name) {
      const file = `${String(taken.length + 1).padStart(2, '0')}-${name}.webp`;
      taken.push(file);
      // A notice in the middle of a page stays where it was scrolled to; a page that has hardly moved begins at its top.
      await page.evaluate((near) => {
        if (window.scrollY < near) window.scrollTo(0, 0);
      }, SCROLLED_PX_MIN);
      await lookAt(page, `guide-${file.slice(0, -5)}`);
      if (!WRITES) return;
      await page.evaluate(() => document.fonts.ready);
      const session = await page.context().newCDPSession(page);
      const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
      await session.detach();
      writeFileSync(join(FOLDER, file), Buffer.from(data, 'base64'));
    },
  };
}
