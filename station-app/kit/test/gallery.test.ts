import { existsSync, mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALEF_MM_BY_SIZE, TARGET_GAP_MM_MIN, TARGET_MM_MIN, TEXT_SIZES, THEMES } from '../src/display.ts';
import { MISSING_TEXT_MARK } from '../src/text.ts';
import { type Gallery, type Look, openGallery, PANEL_PX_PER_MM } from './gallery.ts';

const chromiumHere = existsSync('/usr/bin/chromium');
if (!chromiumHere) console.warn('Chromium is absent: the kit is not looked at');

const PICTURES = new URL('../../../.screens/kit/', import.meta.url).pathname;
const LANGUAGES = ['fa', 'en'] as const;
const SCREENS = ['voter', 'officer', 'approval'] as const;

let gallery: Gallery;

/** Breaches of WCAG 2.2 A and AA and of axe's good practice, one line each. */
const breaches = async (disabledRules: string[] = []): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page: gallery.page }).disableRules(disabledRules).analyze();
  return violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
  );
};

// Axe asks least of the contrast of large text, so the smallest size is the strictest; measuring it is slow.
const rulesToSkip = (size: number): string[] => (size === 1 ? [] : ['color-contrast']);
const AXE_TIMEOUT_MS = 240_000;

const picture = (look: Look) =>
  gallery.page.screenshot({ path: `${PICTURES}${look.page}-${look.lang}-${look.theme}-${look.size}.png` });

describe.skipIf(!chromiumHere)('the kit in Chromium', () => {
  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    gallery = await openGallery();
  });
  afterAll(async () => {
    await gallery?.close();
  });

  describe.each(THEMES)('%s', (theme) => {
    it(
      'shows every component at every size in both languages, without a breach',
      async () => {
        await gallery.page.setViewportSize({ width: 1920, height: 6000 });
        for (const lang of LANGUAGES) {
          for (const size of TEXT_SIZES) {
            const look: Look = { page: 'components', lang, theme, size };
            await gallery.show(look);
            expect([lang, size, await breaches(rulesToSkip(size))]).toEqual([lang, size, []]);
            if (size === 2) await picture(look);
          }
        }
      },
      AXE_TIMEOUT_MS,
    );

    it(
      'frames whole screens without a breach',
      async () => {
        await gallery.page.setViewportSize({ width: 1920, height: 1080 });
        for (const lang of LANGUAGES) {
          for (const page of SCREENS) {
            const look: Look = { page, lang, theme, size: 2 };
            await gallery.show(look);
            expect([lang, page, await breaches()]).toEqual([lang, page, []]);
            await picture(look);
          }
        }
      },
      AXE_TIMEOUT_MS,
    );
  });

  it('has targets of 12.7 mm, 2.54 mm apart, and no text cut off, at every size', async () => {
    await gallery.page.setViewportSize({ width: 1920, height: 6000 });
    for (const lang of LANGUAGES) {
      for (const size of TEXT_SIZES) {
        await gallery.show({ page: 'components', lang, theme: 'light', size });
        const found = await gallery.page.evaluate((): Measured => {
          const elements = [...document.querySelectorAll('button, input, [role=tab]')].filter(
            (element) => element.checkVisibility() && element.closest('.kit-hidden') === null,
          );
          const cut = [...document.querySelectorAll('button, p, th, td, h1, h2, li')]
            .filter((element) => element.closest('.kit-hidden') === null && !element.matches('.kit-hidden'))
            .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
            .map((element) => element.outerHTML.slice(0, 120));
          return {
            cut,
            pageScrolls: document.documentElement.scrollWidth > innerWidth,
            targets: elements.map((element) => {
              const { left, right, top, bottom } = element.getBoundingClientRect();
              return { html: element.outerHTML.slice(0, 120), left, right, top, bottom };
            }),
          };
        });
        expect(found.targets.length).toBeGreaterThan(30);
        expect([lang, size, found.cut]).toEqual([lang, size, []]);
        expect(found.pageScrolls).toBe(false);
        expect([lang, size, tooSmall(found.targets)]).toEqual([lang, size, []]);
        expect([lang, size, tooClose(found.targets)]).toEqual([lang, size, []]);
      }
    }
  });

  it('draws alef at the height it promises on this panel', async () => {
    for (const size of TEXT_SIZES) {
      await gallery.show({ page: 'voter', lang: 'fa', theme: 'light', size });
      const heightPx = await gallery.page.evaluate(measureAlef);
      const heightMm = heightPx / PANEL_PX_PER_MM;
      expect(Math.abs(heightMm - ALEF_MM_BY_SIZE[size])).toBeLessThan(0.05);
    }
  });

  it('cannot hide that it is a rehearsal, not even behind a dialog', async () => {
    await gallery.page.setViewportSize({ width: 1280, height: 720 });
    for (const page of ['components', ...SCREENS] as const) {
      await gallery.show({ page, lang: 'fa', theme: 'dark', size: 5 });
      const band = gallery.page.locator('.kit-rehearsal p');
      expect(await band.textContent()).toContain('تمرین');
      const onTop = await band.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return document.elementFromPoint(left + width / 2, top + height / 2) === element;
      });
      expect([page, onTop]).toEqual([page, true]);
      await gallery.show({ page, lang: 'fa', theme: 'dark', size: 5, mode: 'official' });
      expect(await gallery.page.locator('.kit-rehearsal').count()).toBe(0);
    }
  });

  it('keeps the public counter in sight above a dialog', async () => {
    await gallery.page.setViewportSize({ width: 1920, height: 1080 });
    // What a dialog makes inert is not hit by a point either, so the pixels are compared.
    const counterPixels = async (page: 'officer' | 'approval') => {
      await gallery.show({ page, lang: 'fa', theme: 'light', size: 5 });
      return await gallery.page.locator('.kit-counter').screenshot();
    };
    const open = await counterPixels('officer');
    expect(open.equals(await counterPixels('approval'))).toBe(true);
    await gallery.show({ page: 'officer', lang: 'fa', theme: 'dark', size: 5 });
    expect(open.equals(await gallery.page.locator('.kit-counter').screenshot())).toBe(false);
  });

  it('is worked by keyboard alone, with the focus always seen', async () => {
    const { page } = gallery;
    await page.setViewportSize({ width: 1920, height: 1080 });
    await gallery.show({ page: 'voter', lang: 'fa', theme: 'light', size: 2 });
    const seen = new Set<string>();
    for (let stop = 0; stop < 40; stop += 1) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body) return undefined;
        const style = getComputedStyle(element);
        return {
          name: element.outerHTML.slice(0, 200),
          outline: style.outlineStyle,
          width: Number.parseFloat(style.outlineWidth),
        };
      });
      if (focus === undefined) break;
      seen.add(focus.name);
      expect(focus).toMatchObject({ outline: 'solid' });
      expect(focus.width).toBeGreaterThanOrEqual(3);
    }
    expect(seen.size).toBeGreaterThan(20);

    const card = page.getByRole('button', { name: /کاوه رستگار/ });
    await card.focus();
    expect(await card.getAttribute('aria-pressed')).toBe('false');
    await page.keyboard.press('Space');
    expect(await card.getAttribute('aria-pressed')).toBe('true');
  });

  it('takes digits from any keyboard, whole and in place', async () => {
    const { page } = gallery;
    await gallery.show({ page: 'components', lang: 'fa', theme: 'light', size: 2 });
    const field = page.getByRole('textbox', { name: 'کد نامزد' });
    await field.fill('');
    await page.keyboard.type('0۰٤');
    expect(await field.inputValue()).toBe('۰۰۴');
    await page.keyboard.type('9');
    expect(await field.inputValue()).toBe('۰۰۴');
    await page.keyboard.press('Home');
    await page.keyboard.press('Delete');
    await page.keyboard.type('7');
    await page.keyboard.press('Delete');
    await page.keyboard.type('8');
    expect(await field.inputValue()).toBe('۷۸۴');

    await page.getByRole('group', { name: 'کد نامزد' }).getByRole('button', { name: 'پاک کردن همه' }).click();
    await page.getByRole('button', { name: '۵', exact: true }).click();
    await page.keyboard.type('67');
    await page.keyboard.press('Backspace');
    expect(await field.inputValue()).toBe('۵۶');
    // A Persian keyboard's key, as the browser reports it.
    await page.getByRole('group', { name: 'کد نامزد' }).dispatchEvent('keydown', { key: '۸', bubbles: true });
    expect(await field.inputValue()).toBe('۵۶۸');
  });

  it('never lets the focus fall out of the page', async () => {
    const { page } = gallery;
    await gallery.show({ page: 'voter', lang: 'fa', theme: 'light', size: 2 });
    const keypad = page.getByRole('group', { name: 'کد نامزد' });
    await keypad.getByRole('button', { name: '۷' }).focus();
    await page.keyboard.press('Enter');
    await keypad.getByRole('button', { name: 'افزودن' }).focus();
    await page.keyboard.press('Enter');
    // The code is taken, the button is disabled, and the next code can be typed on.
    await page.keyboard.type('31');
    expect(await page.getByRole('textbox', { name: 'کد نامزد' }).inputValue()).toBe('۳۱');

    const pager = page.getByRole('navigation', { name: 'صفحه‌ها' });
    await pager.getByRole('button', { name: 'بعدی' }).click();
    await pager.getByRole('button', { name: 'قبلی' }).click();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('صفحه ۱ از ۳۴');
  });

  it('changes language, size and colours in place', async () => {
    const { page } = gallery;
    await gallery.show({ page: 'voter', lang: 'fa', theme: 'light', size: 2 });
    await page.getByRole('button', { name: 'نمایش و زبان' }).click();
    await page.getByRole('radio', { name: 'English' }).click();
    await page.getByRole('radio', { name: 'Yellow on black' }).click();
    await page.getByRole('radio', { name: 'Largest' }).click();
    const html = await page.evaluate(() => {
      const { lang, dir, translate, dataset } = document.documentElement;
      return { lang, dir, translate, theme: dataset.theme, size: dataset.size };
    });
    expect(html).toEqual({ lang: 'en', dir: 'ltr', translate: false, theme: 'yellow-on-black', size: '5' });
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // The choices made before are still there.
    expect(await page.locator('.kit-choice[aria-pressed=true]').count()).toBe(3);
  });

  it('breaks no content policy, asks nobody for anything and lacks no text', async () => {
    for (const lang of LANGUAGES) {
      for (const page of ['components', ...SCREENS] as const) {
        await gallery.show({ page, lang, theme: 'light', size: 2 });
        expect(await gallery.page.content()).not.toContain(MISSING_TEXT_MARK);
      }
    }
    expect(gallery.complaints).toEqual([]);
  });
});

interface Target {
  readonly html: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface Measured {
  readonly cut: readonly string[];
  readonly pageScrolls: boolean;
  readonly targets: readonly Target[];
}

// Layout rounds to 1/64 of a pixel.
const ROUNDING_PX = 1 / 32;

const tooSmall = (targets: readonly Target[]): string[] =>
  targets
    .filter(
      ({ left, right, top, bottom }) =>
        Math.min(right - left, bottom - top) + ROUNDING_PX < TARGET_MM_MIN * PANEL_PX_PER_MM,
    )
    .map(({ html }) => html);

const tooClose = (targets: readonly Target[]): string[] => {
  const close: string[] = [];
  for (const [index, one] of targets.entries()) {
    for (const other of targets.slice(index + 1)) {
      const across = Math.max(other.left - one.right, one.left - other.right);
      const along = Math.max(other.top - one.bottom, one.top - other.bottom);
      const apart = Math.max(across, along);
      if (apart + ROUNDING_PX < TARGET_GAP_MM_MIN * PANEL_PX_PER_MM)
        close.push(`${one.html} — ${other.html}`);
    }
  }
  return close;
};

/** Runs in the page: draws alef in the page's font and size, sixteen-fold, and counts inked rows. */
const measureAlef = (): number => {
  const SCALE = 16;
  const style = getComputedStyle(document.body);
  const size = Number.parseFloat(style.fontSize) * SCALE;
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(size);
  canvas.height = Math.ceil(size * 2);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.font = `400 ${size}px ${style.fontFamily}`;
  context.textBaseline = 'alphabetic';
  context.textAlign = 'center';
  context.fillText('ا', canvas.width / 2, size * 1.4);
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  let rows = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if ((data[(y * width + x) * 4 + 3] ?? 0) > 127) {
        rows += 1;
        break;
      }
    }
  }
  return rows / SCALE;
};
