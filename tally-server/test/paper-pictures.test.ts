/**
 * From the signed slip to dots on paper and back: pages of the largest contest are printed to raster, photographed as a
 * hand holds a camera, and read by the decoder that the officials' page uses, byte for byte.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { joinSlipPages } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { createMeasure, type PaperPage, paperOf, rasterOf, tapeOf } from '@sandoq/station-app';
import { beforeAll, describe, expect, it } from 'vitest';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { LARGEST, paperSample } from '../../station-app/test/paper-sample.ts';
import { READ_OPTIONS } from '../src/reading/read-options.ts';
import { type Grey, greyOf, photograph, type Shot } from './photograph.ts';

const measure = createMeasure();
const { source, bundle } = paperSample(LARGEST);
const pagesOn = (widthDots: number): readonly PaperPage[] =>
  paperOf('slip_pages', 'fa', tapeOf(widthDots, measure), source, { number: 1 }).pages;
const printed = (page: PaperPage): Grey => greyOf(rasterOf(page, 'fa'));

beforeAll(() => {
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  const wasmBinary = Uint8Array.from(readFileSync(wasm)).buffer;
  prepareZXingModule({ overrides: { wasmBinary } });
});

async function read({ width, height, pixels }: Grey): Promise<readonly Uint8Array[]> {
  const data = new Uint8ClampedArray(width * height * 4);
  pixels.forEach((grey, i) => {
    data.fill(grey, 4 * i, 4 * i + 3);
    data[4 * i + 3] = 255;
  });
  const found = await readBarcodes({ data, width, height, colorSpace: 'srgb' } as ImageData, READ_OPTIONS);
  return found.filter(({ isValid }) => isValid).map(({ bytes }) => new Uint8Array(bytes));
}

const HANDS: readonly Shot[] = [
  {},
  { turnDegrees: 7, scale: 0.8, noise: 20, seed: 2 },
  { turnDegrees: 90, noise: 10, seed: 3 },
  { turnDegrees: 183, scale: 1.4, noise: 30, shadow: 80, seed: 4 },
  { turnDegrees: 45, scale: 0.75, noise: 25, seed: 5 },
  { turnDegrees: -4, slant: 0.08, noise: 15, shadow: 50, seed: 6 },
];

describe('pages of a slip with 3,500 candidates', () => {
  it('photographed in any way that a hand holds a camera, come together as the signed bundle', async () => {
    const pages = pagesOn(576);
    const codes = (
      await Promise.all(
        pages.map((page, i) => read(photograph(printed(page), HANDS[i % HANDS.length] as Shot))),
      )
    ).flat();
    expect(joinSlipPages(nodeCrypto, codes)).toEqual({ ok: true, value: bundle });
  });

  it.each(HANDS)('are each read from a picture: %o', async (shot) => {
    const codes = await read(photograph(printed(pagesOn(576)[1] as PaperPage), shot));
    expect(codes.length).toBe(3);
    for (const code of codes)
      expect(source.pages?.some((page) => Buffer.compare(page, code) === 0)).toBe(true);
  });

  it.each([384, 640, 832])('are read from a head of %i dots as well', async (width) => {
    const codes = await read(
      photograph(printed(pagesOn(width)[0] as PaperPage), { turnDegrees: 3, noise: 15 }),
    );
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes)
      expect(source.pages?.some((page) => Buffer.compare(page, code) === 0)).toBe(true);
  });

  it('are read through a stain that error correction bears, and not misread through one that it does not', async () => {
    const page = printed(pagesOn(576)[1] as PaperPage);
    const stained = (side: number): Grey => {
      const pixels = page.pixels.slice();
      for (let y = 450; y < 450 + side; y++)
        pixels.fill(0, y * page.width + 250, y * page.width + 250 + side);
      return { ...page, pixels };
    };
    const clean = await read(page);
    expect(await read(stained(60))).toEqual(clean);
    const torn = await read(stained(240));
    expect(torn.length).toBe(clean.length - 1);
    for (const code of torn) expect(clean.some((one) => Buffer.compare(one, code) === 0)).toBe(true);
  });
});
