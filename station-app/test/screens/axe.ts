/** Axe in a page of ours, injected once: what it finds, one line each. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { TEXT_SIZES, type TextSize, THEMES, type Theme } from '@sandoq/kit/display.ts';
import type { Page } from 'playwright-core';

const require = createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright'));
const SOURCE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}
declare global {
  interface Window {
    axe?: { run: (where: Document, options: object) => Promise<AxeResults> };
  }
}

export interface Look {
  readonly theme: Theme;
  readonly size: TextSize;
}
export const LOOKS: readonly Look[] = THEMES.flatMap((theme) => TEXT_SIZES.map((size) => ({ theme, size })));

/** All that axe knows (WCAG 2.2 A, AA and AAA where it has rules, and good practice) on the page as it stands. */
export async function axeFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => window.axe !== undefined))) await page.evaluate(SOURCE);
  const { violations } = await page.evaluate(() => {
    // Behind an open dialog the page is inert, its main part and heading with it: asked of the page without one.
    const isInert = document.querySelector('[role=dialog], [role=alertdialog]') !== null;
    const rules = isInert
      ? { 'landmark-one-main': { enabled: false }, 'page-has-heading-one': { enabled: false } }
      : {};
    return (
      window.axe?.run(document, { resultTypes: ['violations'], elementRef: false, rules }) ?? {
        violations: [],
      }
    );
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
  );
}

/** Dresses the page as `<Root>` does it: theme and size are attributes of the document element and nothing else. */
export async function dress(page: Page, { theme, size }: Look): Promise<void> {
  await page.evaluate(
    ([theme, size]) => {
      Object.assign(document.documentElement.dataset, { theme, size });
      // What measures the new sizes has its turn at the end of the first frame.
      return new Promise((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(undefined))),
      );
    },
    [theme, String(size)] as const,
  );
}
