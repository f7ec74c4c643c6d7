/**
 * Every state of the screens in a real browser: nothing missing, nothing that axe finds, nothing asked of anyone but
 * the window's own shell. Each is looked at as it opens and in one more theme and size, turn by turn; all twenty looks
 * of each are `npm run lab -- axe`. With SANDOQ_PICTURES=write the pictures of the package's docs are taken anew.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MISSING_TEXT_MARK } from '@sandoq/kit/text.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeFindings, dress, LOOKS } from './screens/axe.ts';
import { openScreens, type ShownScreens } from './screens/shown.ts';
import { SCREEN_STATES } from './screens/states.ts';

const PICTURES = join(import.meta.dirname, '..', 'docs', 'pictures');
const writes = process.env.SANDOQ_PICTURES === 'write';

let screens: ShownScreens;

beforeAll(async () => {
  screens = await openScreens();
  if (writes) mkdirSync(PICTURES, { recursive: true });
}, 180_000);

afterAll(async () => {
  await screens?.close();
});

describe('every screen', () => {
  test.each(
    SCREEN_STATES.map((state, i) => ({ ...state, look: LOOKS[i % LOOKS.length] })),
  )('$name is whole and accessible', async ({ look, ...state }) => {
    const page = await screens.show(state);
    if (writes) await page.screenshot({ path: join(PICTURES, `${state.name}.png`), scale: 'device' });
    expect(await page.evaluate(() => document.documentElement.dir)).toBe(state.dir ?? 'rtl');
    const text = await page.evaluate(() => document.body.innerText);
    expect(text).not.toContain(MISSING_TEXT_MARK);
    expect(text).toMatch(/تمرین|REHEARSAL/);
    expect(await axeFindings(page)).toEqual([]);
    if (look === undefined) throw new Error('no look for this state');
    await dress(page, look);
    expect([look, await axeFindings(page)]).toEqual([look, []]);
    expect(screens.windows.complaints).toEqual([]);
    expect(screens.station.unexpected).toEqual([]);
  });

  test('is looked at in every theme and size by somebody, and a colour too weak would be found', async () => {
    expect(SCREEN_STATES.length).toBeGreaterThanOrEqual(LOOKS.length);
    const [state] = SCREEN_STATES;
    if (state === undefined) throw new Error('no states');
    const page = await screens.show(state);
    await dress(page, { theme: 'dark', size: 1 });
    await page.evaluate(() => document.documentElement.style.setProperty('--color-ink', '#39415a'));
    expect((await axeFindings(page)).join()).toContain('color-contrast');
  });
});
