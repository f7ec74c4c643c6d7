/**
 * The papers of a station: every page says what it is, nothing leaves the paper, numbers and dates are the reader's, and
 * the office's file is tagged. With SANDOQ_PICTURES=write the pictures of the package's docs are taken anew.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MISSING_TEXT_MARK } from '@sandoq/kit/text.ts';
import { fromUtf8, PAGE_BYTES_MAX, PAGE_QR_VERSION_MAX, slipPages } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { LOCALES, type Locale } from '@sandoq/protocol/persian';
import { describe, expect, test } from 'vitest';
import { visualRuns } from '../src/paper/bidi-runs.ts';
import { BAND_ROWS_MAX, escposOf } from '../src/paper/escpos.ts';
import { createMeasure } from '../src/paper/fonts.ts';
import { FORM_IDS, FORMS, type FormId, formNumbers } from '../src/paper/forms.ts';
import { ROLL_WIDTH_DOTS_MAX, ROLL_WIDTH_DOTS_MIN, sheetA4, tapeOf } from '../src/paper/media.ts';
import { type Mark, type Medium, marksOf, type Paper } from '../src/paper/page.ts';
import { paperOf } from '../src/paper/paper.ts';
import { pdfOf } from '../src/paper/pdf.ts';
import { pngOf } from '../src/paper/png.ts';
import { CODE_MODULES_MAX, codeOf } from '../src/paper/qr.ts';
import { rasterOf } from '../src/paper/raster.ts';
import { LARGEST, LARGEST_DAY, paperSample } from './paper-sample.ts';

const PICTURES = join(import.meta.dirname, '..', 'docs', 'pictures');
const writes = process.env.SANDOQ_PICTURES === 'write';
const measure = createMeasure();
const small = paperSample().source;
const USUAL = tapeOf(576, measure);
const MEDIA: readonly (readonly [string, Medium])[] = [
  ['the narrowest roll', tapeOf(ROLL_WIDTH_DOTS_MIN, measure)],
  ['the usual roll', USUAL],
  ['the widest roll', tapeOf(ROLL_WIDTH_DOTS_MAX, measure)],
  ['a sheet', sheetA4(measure)],
];

const textsOf = (paper: Paper): string[] =>
  paper.pages.flatMap(({ elements }) =>
    marksOf(elements).flatMap((one) => (one.kind === 'text' ? [one.text] : [])),
  );

function edges(mark: Mark): { left: number; right: number } {
  if (mark.kind === 'code') return { left: mark.x, right: mark.x + mark.side };
  if (mark.kind === 'rule') return { left: mark.x, right: mark.x + mark.width };
  const left =
    mark.anchor === 'left' ? mark.x : mark.anchor === 'right' ? mark.x - mark.width : mark.x - mark.width / 2;
  return { left, right: left + mark.width };
}

/** Black dots in the outermost columns: something has left the paper. */
function inkAtEdges(raster: { widthDots: number; rows: number; bits: Uint8Array }): number {
  const widthBytes = raster.widthDots / 8;
  let ink = 0;
  for (let row = 0; row < raster.rows; row++)
    ink +=
      (((raster.bits[row * widthBytes] as number) & 0x80) >> 7) +
      ((raster.bits[(row + 1) * widthBytes - 1] as number) & 1);
  return ink;
}

describe('every form', () => {
  test.each(
    FORM_IDS.flatMap((form) =>
      MEDIA.flatMap(([name, medium]) => LOCALES.map((locale) => ({ form, name, medium, locale }))),
    ),
  )('$form on $name in $locale stays on the paper and lacks no text', ({ form, medium, locale }) => {
    const paper = paperOf(form, locale, medium, small, { number: 1 });
    for (const page of paper.pages) {
      expect(page.height).toBeLessThanOrEqual(medium.height);
      for (const mark of marksOf(page.elements)) {
        const { left, right } = edges(mark);
        // A code's own quiet zone may reach into the margin.
        const margin = mark.kind === 'code' ? 0 : medium.margin - 0.5;
        expect(left).toBeGreaterThanOrEqual(margin);
        expect(right).toBeLessThanOrEqual(medium.width - margin);
        const bottom =
          mark.kind === 'text' ? mark.baseline : mark.kind === 'code' ? mark.y + mark.side : mark.y;
        expect(bottom).toBeLessThanOrEqual(page.height - medium.margin / 2);
      }
    }
    const texts = textsOf(paper).join('\n');
    expect(texts).not.toContain(MISSING_TEXT_MARK);
    // Device ids, digests and codes of places are the only Latin in Persian.
    if (locale === 'fa') expect(texts).not.toMatch(/[0-9]{1,3}[,:][0-9]/);
    // What people wrote stands as they wrote it.
    else if (form !== 'minutes') expect(texts).not.toMatch(/[۰-۹]/);
  });

  test.each([
    'fa',
    'en',
  ] as const)('says on each page, in %s, what it is, of which station, which copy and page', (locale) => {
    for (const form of FORM_IDS) {
      const paper = paperOf(form, locale, USUAL, small, { number: 2 });
      for (const { elements, number, of } of paper.pages) {
        const texts = marksOf(elements)
          .flatMap((one) => (one.kind === 'text' ? [one.text] : []))
          .slice(0, 7)
          .join(' ');
        const digits = (value: number): string => value.toLocaleString(locale === 'fa' ? 'fa-IR' : 'en');
        expect(texts).toContain(small.election.title[locale]);
        expect(texts).toContain(small.station.name[locale]);
        expect(texts).toContain(small.station.id);
        expect(texts).toContain(
          locale === 'fa'
            ? `نسخه ${digits(2)} از ${digits(FORMS[form].copies)} — صفحه ${digits(number)} از ${digits(of)}`
            : `copy 2 of ${FORMS[form].copies} — page ${number} of ${of}`,
        );
        expect(texts).toContain(locale === 'fa' ? 'تمرین' : 'REHEARSAL');
      }
    }
  });

  test('a copy beyond the prescribed ones is called one', () => {
    const paper = paperOf('zero_report', 'fa', USUAL, small, { number: 3 });
    expect(textsOf(paper).join(' ')).toContain('نسخه ۳ (افزون بر ۲ نسخه مقرر)');
  });

  test('an official day’s papers carry no band of rehearsal', () => {
    const { source } = paperSample(undefined, 'official');
    expect(textsOf(paperOf('tape', 'fa', USUAL, source, { number: 1 })).join(' ')).not.toContain('تمرین —');
  });

  test('carries the number that its election gives the form, and none where none is known', () => {
    expect(
      formNumbers(FORMS.minutes, [{ law: 'experts' }, { law: 'city_council' }, { law: 'experts' }]),
    ).toEqual(['43', '29']);
    expect(formNumbers(FORMS.minutes, [{ law: 'majles' }])).toEqual([]);
  });
});

describe('the minutes', () => {
  test('hold refusals, remarks, reports, incidents and the recount', () => {
    const texts = textsOf(paperOf('minutes', 'fa', sheetA4(measure), small, { number: 1 })).join(' ');
    for (const said of [
      'نپذیرفت و امضا کرد',
      'شمارش برگه‌های نگه‌داشته',
      'صف متوقف بود',
      'گیرکردن کاغذ',
      '۲ بار',
      'برابر بود',
      'الف ۴۴۱۲',
    ])
      expect(texts).toContain(said);
    expect(texts).toContain('صد و سی و چهار');
    expect(texts).toMatch(/۱۴۰۵، ساعت ۱۴:۳۶/);
  });

  test('of a disputed slip say which ledger does not hold', () => {
    const slip = { ...(small.slip as NonNullable<typeof small.slip>), faults: ['sets_differ'] };
    const texts = textsOf(paperOf('minutes', 'fa', sheetA4(measure), { ...small, slip }, { number: 1 })).join(
      ' ',
    );
    expect(texts).toContain('مورد اختلاف');
    expect(texts).not.toContain('همه دفترها با هم برابر است');
  });

  test('are a tagged file of real text, the same for the same records', async () => {
    const paper = paperOf('minutes', 'fa', sheetA4(measure), small, { number: 1 });
    const bytes = await pdfOf(paper, 1_795_000_000);
    const text = fromUtf8(bytes.map((byte) => (byte > 0x7e ? 0x2e : byte)));
    for (const part of [
      '/Lang (fa)',
      '/Marked true',
      '/StructTreeRoot',
      '/ToUnicode',
      '/S /H1',
      '/S /Table',
      '/S /TH',
      '/S /Figure',
      '/ActualText',
      '/DisplayDocTitle true',
      'pdfuaid:part',
    ])
      expect(text, part).toContain(part);
    expect(Buffer.compare(bytes, await pdfOf(paper, 1_795_000_000))).toBe(0);
  });
});

describe('the codes', () => {
  test('of the largest contest and of the largest day stand on the paper, each with its number', () => {
    for (const [shape, most] of [
      [LARGEST, 20],
      [LARGEST_DAY, 40],
    ] as const) {
      const { source, bundle } = paperSample(shape);
      const pages = slipPages(nodeCrypto, bundle);
      expect(pages.length).toBeLessThanOrEqual(most);
      const paper = paperOf('slip_pages', 'fa', USUAL, source, { number: 1 });
      const codes = paper.pages.flatMap(({ elements }) =>
        marksOf(elements).filter((one) => one.kind === 'code'),
      );
      expect(codes.map(({ content }) => content)).toEqual(pages);
      expect(textsOf(paper).filter((text) => text.includes('کد ')).length).toBeGreaterThanOrEqual(
        pages.length,
      );
    }
  });

  test('fit the version that they are laid out for, in whole dots on every roll', () => {
    expect(codeOf(new Uint8Array(PAGE_BYTES_MAX).fill(7)).side).toBe(17 + 4 * PAGE_QR_VERSION_MAX + 8);
    expect(() => codeOf(new Uint8Array(PAGE_BYTES_MAX + 40))).toThrow(RangeError);
    for (const width of [384, 512, 576, 640, 832])
      expect(tapeOf(width, measure).code.side % CODE_MODULES_MAX).toBe(0);
    expect(() => tapeOf(376, measure)).toThrow(RangeError);
    expect(() => tapeOf(580, measure)).toThrow(RangeError);
  });
});

describe('a line of both directions', () => {
  test('is set in the order in which the eye meets it, with brackets turned and numbers whole', () => {
    const shown = (line: string, locale: Locale): string =>
      visualRuns(line, locale)
        .map(({ text, isRtl }) => (isRtl ? [...text].reverse().join('') : text))
        .join('|');
    // From left to right, as it stands on the paper.
    expect(shown('(۱۲٬۵۰۰) کد', 'fa')).toBe('دک (|۱۲٬۵۰۰|)');
    expect(shown('کد t-04 است', 'fa')).toBe('تسا |t-04| دک');
    expect(shown('Code ۱۲', 'en')).toBe('Code |۱۲');
    expect(visualRuns('', 'fa')).toEqual([]);
  });
});

describe('the printer', () => {
  test('is given every row once, in bands that it can hold', () => {
    const page = paperOf('zero_report', 'fa', USUAL, small, { number: 1 }).pages[0] as Paper['pages'][number];
    const raster = rasterOf(page, 'fa');
    const commands = escposOf(raster);
    const rows: number[] = [];
    let at = 2;
    const bits: Uint8Array[] = [];
    while (commands[at] === 0x1d && commands[at + 1] === 0x76) {
      const bytes = (commands[at + 4] as number) + 256 * (commands[at + 5] as number);
      const count = (commands[at + 6] as number) + 256 * (commands[at + 7] as number);
      rows.push(count);
      bits.push(commands.slice(at + 8, at + 8 + bytes * count));
      at += 8 + bytes * count;
    }
    expect(Math.max(...rows)).toBeLessThanOrEqual(BAND_ROWS_MAX);
    expect(Buffer.compare(Buffer.concat(bits), raster.bits)).toBe(0);
    expect([...commands.slice(at, at + 2)]).toEqual([0x1b, 0x4a]);
  });
});

describe('pictures', () => {
  const FORMS_SHOWN: readonly FormId[] = ['zero_report', 'tape', 'minutes', 'slip_pages'];
  test.each(FORMS_SHOWN)('of the %s: nothing is cut off at the printer’s width', (form) => {
    const paper = paperOf(form, 'fa', USUAL, small, { number: 1 });
    const first = rasterOf(paper.pages[0] as Paper['pages'][number], 'fa');
    expect(inkAtEdges(first)).toBe(0);
    expect(first.bits.some((byte) => byte !== 0)).toBe(true);
    if (!writes) return;
    mkdirSync(PICTURES, { recursive: true });
    writeFileSync(join(PICTURES, `paper-${form.replace('_', '-')}.png`), pngOf(first));
  });
});
