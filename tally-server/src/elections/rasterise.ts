/**
 * Names and labels as 1-bit pictures for the box's printer, drawn once, here, so that the box needs neither a font
 * nor Arabic shaping. Drawn many to a picture: a picture costs ~1 ms to set up, a name in it 0.7 ms.
 */
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import type { Bytes } from '@sandoq/protocol';

export interface RasterSize {
  /** a multiple of 8 */
  readonly widthDots: number;
  readonly heightDots: number;
}

/** Names drawn in one picture: 64 strips of 384 × 40 are 4 MB of pixels. */
const STRIPS_PER_PICTURE = 64;
/** Drawn this much wider than the strip, to see by how much a long name must shrink. */
const ROOM = 4;
const MARGIN_DOTS = 2;
/** Vazirmatn's ascent and descent together are 1.6 em. */
const LINE_EM = 1.6;
const BASELINE_EM = 1.1;
/** Below this a name cannot be read on a 203 dpi head; longer names are refused by their bytes long before. */
export const FONT_DOTS_MIN = 10;
const PIXEL_BYTES = 4;
/** Half of white: a dot is burnt where at least half of it is ink. */
const INK_BELOW = 128;

const FONT = createRequire(import.meta.url).resolve('vazirmatn/fonts/ttf/Vazirmatn-Medium.ttf');
const RIGHT_TO_LEFT_EMBEDDING = '\u202b';
const POP_DIRECTIONAL = '\u202c';

const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

interface Strip {
  readonly text: string;
  readonly fontDots: number;
}

/** Draws strips under one another, right-aligned. @returns RGBA rows of `widthDots` */
function draw(strips: readonly Strip[], widthDots: number, heightDots: number): Buffer {
  const lines = strips.map(({ text, fontDots }, i) => {
    const top = i * heightDots + (heightDots - fontDots * LINE_EM) / 2;
    const baseline = (top + fontDots * BASELINE_EM).toFixed(2);
    const wrapped = `${RIGHT_TO_LEFT_EMBEDDING}${escapeXml(text)}${POP_DIRECTIONAL}`;
    return `<text x="${widthDots - MARGIN_DOTS}" y="${baseline}" text-anchor="end" font-size="${fontDots}">${wrapped}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthDots}" height="${strips.length * heightDots}"><rect width="100%" height="100%" fill="#fff"/><g font-family="Vazirmatn" font-weight="500">${lines.join('')}</g></svg>`;
  const rendered = new Resvg(svg, {
    font: { fontFiles: [FONT], loadSystemFonts: false, defaultFontFamily: 'Vazirmatn' },
  }).render();
  return rendered.pixels;
}

/** Dots from the right edge to the leftmost ink of a strip. */
function inkWidth(pixels: Buffer, widthDots: number, heightDots: number, strip: number): number {
  for (let x = 0; x < widthDots; x++)
    for (let y = strip * heightDots; y < (strip + 1) * heightDots; y++)
      if ((pixels[(y * widthDots + x) * PIXEL_BYTES] as number) < 255) return widthDots - x;
  return 0;
}

/** Most significant bit leftmost, 1 is black. */
function pack(pixels: Buffer, size: RasterSize, strip: number): Bytes {
  const out = new Uint8Array((size.widthDots / 8) * size.heightDots);
  const first = strip * size.heightDots * size.widthDots;
  for (let i = 0; i < size.widthDots * size.heightDots; i++)
    if ((pixels[(first + i) * PIXEL_BYTES] as number) < INK_BELOW)
      out[i >> 3] = (out[i >> 3] as number) | (0x80 >> (i & 7));
  return out;
}

function fitting(texts: readonly string[], size: RasterSize): readonly Strip[] {
  const fontDots = Math.floor(size.heightDots / LINE_EM);
  const room = size.widthDots * ROOM;
  const wide = draw(
    texts.map((text) => ({ text, fontDots })),
    room,
    size.heightDots,
  );
  return texts.map((text, i) => {
    const ink = inkWidth(wide, room, size.heightDots, i);
    if (ink <= size.widthDots - MARGIN_DOTS) return { text, fontDots };
    const shrunk = Math.floor(((size.widthDots - 2 * MARGIN_DOTS) / ink) * fontDots);
    return { text, fontDots: Math.max(FONT_DOTS_MIN, shrunk) };
  });
}

/** One packed picture of `size` for each text, in order. The same text and size always give the same bytes. */
export function rasteriseNames(texts: readonly string[], size: RasterSize): readonly Bytes[] {
  const out: Bytes[] = [];
  for (let from = 0; from < texts.length; from += STRIPS_PER_PICTURE) {
    const strips = fitting(texts.slice(from, from + STRIPS_PER_PICTURE), size);
    const pixels = draw(strips, size.widthDots, size.heightDots);
    strips.forEach((_, i) => {
      out.push(pack(pixels, size, i));
    });
  }
  return out;
}
