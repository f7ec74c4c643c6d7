/**
 * Pages as 1-bit pictures for a thermal head: the text is shaped and drawn, the codes are set dot by dot, so that a module
 * is a whole number of dots. Most significant bit leftmost, 1 is black.
 */
import { Resvg } from '@resvg/resvg-js';
import type { Bytes } from '@sandoq/protocol';
import type { Locale } from '@sandoq/protocol/persian';
import { FONT_FAMILY, FONTS } from './fonts.ts';
import { type CodeMark, type Mark, marksOf, type PaperPage } from './page.ts';
import { CODE_MODULES_MAX, codeOf } from './qr.ts';

export interface Raster {
  readonly widthDots: number;
  readonly rows: number;
  readonly bits: Bytes;
}

const PIXEL_BYTES = 4;
/** Half of white: a dot is burnt where at least half of it is ink. */
const INK_BELOW = 128;
const RIGHT_TO_LEFT_EMBEDDING = '\u202b';
const POP_DIRECTIONAL = '\u202c';
const STEERING = /[\u2066-\u2069]/g;
const ANCHORS = { left: 'start', center: 'middle', right: 'end' } as const;
const WEIGHTS = { normal: 500, strong: 700 } as const;

const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A paragraph of this language's direction: resvg knows no base direction but the first letter's. */
const directed = (text: string, locale: Locale): string =>
  locale === 'fa' ? `${RIGHT_TO_LEFT_EMBEDDING}${text}${POP_DIRECTIONAL}` : text;

function svgOf(mark: Exclude<Mark, CodeMark>, locale: Locale): string {
  if (mark.kind === 'rule')
    return `<rect x="${mark.x}" y="${Math.round(mark.y)}" width="${mark.width}" height="${Math.max(1, Math.round(mark.weight))}"/>`;
  const text = escapeXml(directed(mark.text.replace(STEERING, ''), locale));
  const weight = mark.isStrong ? WEIGHTS.strong : WEIGHTS.normal;
  return `<text x="${mark.x.toFixed(2)}" y="${mark.baseline.toFixed(2)}" text-anchor="${ANCHORS[mark.anchor]}" font-size="${mark.size}" font-weight="${weight}">${text}</text>`;
}

function pack(pixels: Buffer, dots: number): Bytes {
  const bits = new Uint8Array(dots / 8);
  for (let i = 0; i < dots; i++)
    if ((pixels[i * PIXEL_BYTES] as number) < INK_BELOW)
      bits[i >> 3] = (bits[i >> 3] as number) | (0x80 >> (i & 7));
  return bits;
}

function setCode(bits: Bytes, widthDots: number, mark: CodeMark): void {
  const code = codeOf(mark.content);
  const module = Math.floor(mark.side / CODE_MODULES_MAX);
  const inset = Math.floor((mark.side - module * code.side) / 2);
  const left = Math.round(mark.x) + inset;
  const top = Math.round(mark.y) + inset;
  for (const run of code.runs)
    for (let y = top + run.y * module; y < top + (run.y + 1) * module; y++)
      for (let x = left + run.x * module; x < left + (run.x + run.width) * module; x++) {
        const dot = y * widthDots + x;
        bits[dot >> 3] = (bits[dot >> 3] as number) | (0x80 >> (dot & 7));
      }
}

/** @throws where the page is not a whole number of bytes wide */
export function rasterOf(page: PaperPage, locale: Locale): Raster {
  const { width, height } = page;
  if (width % 8 !== 0 || !Number.isInteger(height)) throw new RangeError('a raster is whole bytes and rows');
  const marks = marksOf(page.elements);
  const drawn = marks.map((mark) => (mark.kind === 'code' ? '' : svgOf(mark, locale))).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/><g font-family="${FONT_FAMILY}">${drawn}</g></svg>`;
  const { pixels } = new Resvg(svg, {
    font: { fontFiles: [FONTS.normal, FONTS.strong], loadSystemFonts: false, defaultFontFamily: FONT_FAMILY },
  }).render();
  const bits = pack(pixels, width * height);
  for (const mark of marks) if (mark.kind === 'code') setCode(bits, width, mark);
  return { widthDots: width, rows: height, bits };
}
