/** The two weights that papers are set in, and the width of a text in them. */
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import { visualRuns } from './bidi-runs.ts';
import type { Measure } from './page.ts';

const resolve = createRequire(import.meta.url).resolve;
export const FONT_FAMILY = 'Vazirmatn';
export const FONTS = {
  normal: resolve('vazirmatn/fonts/ttf/Vazirmatn-Medium.ttf'),
  strong: resolve('vazirmatn/fonts/ttf/Vazirmatn-Bold.ttf'),
} as const;

/** What a right-to-left run is shaped with: the whole run at once, from right to left (OpenType `rtla`). */
export const RTL_FEATURES: PDFKit.Mixins.OpenTypeFeatures[] = ['rtla'];

/** Widths remembered of words: candidates' names share them, digits repeat. */
const WIDTHS_MAX = 20_000;
const UNIT = 1000;

/** Widths are linear in the size: nothing here is hinted. */
export function createMeasure(): Measure {
  const ruler = new PDFDocument({ font: FONTS.normal, autoFirstPage: false });
  const widths = new Map<string, number>();
  const widthOf = (word: string, isStrong: boolean): number => {
    const key = `${isStrong ? 'b' : 'n'}${word}`;
    const known = widths.get(key);
    if (known !== undefined) return known;
    ruler.font(isStrong ? FONTS.strong : FONTS.normal).fontSize(UNIT);
    const width = visualRuns(word, 'fa').reduce(
      (sum, { text, isRtl }) => sum + ruler.widthOfString(text, { features: isRtl ? RTL_FEATURES : [] }),
      0,
    );
    if (widths.size >= WIDTHS_MAX) widths.clear();
    widths.set(key, width);
    return width;
  };
  return (text, size, isStrong) => {
    const words = text.split(' ');
    const all = words.reduce((sum, word) => sum + (word === '' ? 0 : widthOf(word, isStrong)), 0);
    return ((all + widthOf('\u00a0', isStrong) * (words.length - 1)) * size) / UNIT;
  };
}
