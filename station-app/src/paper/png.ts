/** A raster as a picture file: PNG of one bit a dot (ISO/IEC 15948), at the printer's resolution. */
import { deflateSync } from 'node:zlib';
import { type Bytes, concatBytes, crc32, utf8 } from '@sandoq/protocol';
import { DOTS_PER_MM } from './media.ts';
import type { Raster } from './raster.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const UNIT_METRE = 1;

const uint32 = (value: number): Bytes =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);

function chunk(name: string, body: Bytes): Bytes {
  const named = concatBytes(utf8(name), body);
  return concatBytes(uint32(body.length), named, uint32(crc32(named)));
}

export function pngOf({ widthDots, rows, bits }: Raster): Bytes {
  const widthBytes = widthDots / 8;
  const lines = new Uint8Array(rows * (widthBytes + 1));
  for (let row = 0; row < rows; row++)
    // Filter 0; PNG's 1 is white.
    for (let i = 0; i < widthBytes; i++)
      lines[row * (widthBytes + 1) + 1 + i] = ~(bits[row * widthBytes + i] as number) & 0xff;
  const perMetre = uint32(DOTS_PER_MM * 1000);
  return concatBytes(
    SIGNATURE,
    chunk('IHDR', concatBytes(uint32(widthDots), uint32(rows), Uint8Array.of(1, 0, 0, 0, 0))),
    chunk('pHYs', concatBytes(perMetre, perMetre, Uint8Array.of(UNIT_METRE))),
    chunk('IDAT', new Uint8Array(deflateSync(lines))),
    chunk('IEND', new Uint8Array(0)),
  );
}
