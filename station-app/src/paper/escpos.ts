/** What a thermal printer is told (ESC/POS): reset, the raster in bands, feed, and cut where it can. */
import { type Bytes, concatBytes } from '@sandoq/protocol';
import type { Raster } from './raster.ts';

/** Rows of one `GS v 0`: printers hold a band in memory, and the smallest hold no more. */
export const BAND_ROWS_MAX = 256;
const FEED_ROWS = 96;
const RESET = Uint8Array.of(0x1b, 0x40);
const FEED = Uint8Array.of(0x1b, 0x4a, FEED_ROWS);
/** GS V 66 0: feed to the knife and cut, leaving one point. */
const CUT = Uint8Array.of(0x1d, 0x56, 66, 0);

export function escposOf(raster: Raster): Bytes {
  const widthBytes = raster.widthDots / 8;
  const parts: Bytes[] = [RESET];
  for (let row = 0; row < raster.rows; row += BAND_ROWS_MAX) {
    const rows = Math.min(BAND_ROWS_MAX, raster.rows - row);
    parts.push(
      Uint8Array.of(0x1d, 0x76, 0x30, 0, widthBytes & 0xff, widthBytes >> 8, rows & 0xff, rows >> 8),
      raster.bits.subarray(row * widthBytes, (row + rows) * widthBytes),
    );
  }
  return concatBytes(...parts, FEED, CUT);
}
