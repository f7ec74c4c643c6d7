/** What a camera makes of a printed page: turned, smaller or larger, seen aslant, unevenly lit, noisy. Seeded. */
import { deflateSync } from 'node:zlib';
import { crc32 } from '@sandoq/protocol';

export interface Grey {
  readonly width: number;
  readonly height: number;
  /** 0 black to 255 white */
  readonly pixels: Uint8Array;
}

export interface Shot {
  readonly turnDegrees?: number;
  readonly scale?: number;
  /** how much narrower the far edge is, as a share */
  readonly slant?: number;
  /** standard deviation of each pixel, of 255 */
  readonly noise?: number;
  /** how much darker one corner is, of 255 */
  readonly shadow?: number;
  readonly seed?: number;
}

const BACKGROUND = 170;

function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

/** The mean of the four dots around a point of the paper; what lies beyond it is a grey table. */
function sampled(page: Grey, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const at = (column: number, row: number): number =>
    column < 0 || row < 0 || column >= page.width || row >= page.height
      ? BACKGROUND
      : (page.pixels[row * page.width + column] as number);
  const [fx, fy] = [x - left, y - top];
  return (
    (at(left, top) * (1 - fx) + at(left + 1, top) * fx) * (1 - fy) +
    (at(left, top + 1) * (1 - fx) + at(left + 1, top + 1) * fx) * fy
  );
}

export function photograph(page: Grey, shot: Shot): Grey {
  const { turnDegrees = 0, scale = 1, slant = 0, noise = 0, shadow = 0, seed = 1 } = shot;
  const random = randomOf(seed);
  const turn = (turnDegrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const width = Math.ceil((Math.abs(page.width * cos) + Math.abs(page.height * sin)) * scale) + 20;
  const height = Math.ceil((Math.abs(page.width * sin) + Math.abs(page.height * cos)) * scale) + 20;
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const far = 1 + slant * (0.5 - y / height);
      const dx = ((x - width / 2) * far) / scale;
      const dy = ((y - height / 2) * far) / scale;
      const ink = sampled(page, dx * cos + dy * sin + page.width / 2, -dx * sin + dy * cos + page.height / 2);
      const spread = noise === 0 ? 0 : (random() + random() + random() - 1.5) * 2 * noise;
      const dark = shadow * ((x + y) / (width + height));
      pixels[y * width + x] = Math.max(0, Math.min(255, ink * 0.85 + 20 + spread - dark));
    }
  return { width, height, pixels };
}

export const greyOf = (raster: { widthDots: number; rows: number; bits: Uint8Array }): Grey => ({
  width: raster.widthDots,
  height: raster.rows,
  pixels: Uint8Array.from({ length: raster.widthDots * raster.rows }, (_, i) =>
    ((raster.bits[i >> 3] as number) & (0x80 >> (i & 7))) === 0 ? 255 : 0,
  ),
});

/** PNG of eight bits a point, as a telephone would give it. */
export function greyPng({ width, height, pixels }: Grey): Buffer {
  const uint32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value >>> 0);
    return bytes;
  };
  const chunk = (name: string, body: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(name), body]);
    return Buffer.concat([uint32(body.length), named, uint32(crc32(named))]);
  };
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++)
    lines.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', Buffer.concat([uint32(width), uint32(height), Buffer.from([8, 0, 0, 0, 0])])),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** An uncompressed film (YUV4MPEG2), two pictures a second, as a browser takes it for a camera. All are of one size. */
export function filmOf(pictures: readonly Grey[]): Buffer {
  const [first] = pictures;
  if (first === undefined) throw new Error('a film of nothing');
  const { width, height } = first;
  const colourless = Buffer.alloc((width / 2) * (height / 2) * 2, 128);
  return Buffer.concat([
    Buffer.from(`YUV4MPEG2 W${width} H${height} F2:1 Ip A1:1 C420jpeg\n`),
    ...pictures.flatMap(({ pixels }) => [Buffer.from('FRAME\n'), Buffer.from(pixels), colourless]),
  ]);
}

/** A page in the middle of a picture of that size. */
export function framed(page: Grey, width: number, height: number): Grey {
  const pixels = new Uint8Array(width * height).fill(BACKGROUND);
  const left = Math.floor((width - page.width) / 2);
  const top = Math.floor((height - page.height) / 2);
  for (let y = 0; y < page.height; y++)
    pixels.set(page.pixels.subarray(y * page.width, (y + 1) * page.width), (top + y) * width + left);
  return { width, height, pixels };
}
