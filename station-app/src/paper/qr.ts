/** A QR code of one page of a bundle, as squares: version and error correction are those of slip-pages.ts. */
import { type Bytes, PAGE_QR_ERROR_CORRECTION, PAGE_QR_VERSION_MAX } from '@sandoq/protocol';
import QRCode from 'qrcode';

/** ISO/IEC 18004: four modules of white on every side. */
export const QUIET_MODULES = 4;
/** Modules on a side of a code of that version, with its quiet zone. */
export const CODE_MODULES_MAX = 17 + 4 * PAGE_QR_VERSION_MAX + 2 * QUIET_MODULES;

export interface Code {
  /** with the quiet zone */
  readonly side: number;
  /** dark runs of each row, in modules from the code's corner */
  readonly runs: readonly { readonly x: number; readonly y: number; readonly width: number }[];
}

/** @throws where the content does not go into PAGE_QR_VERSION_MAX */
export function codeOf(content: Bytes): Code {
  const made = QRCode.create([{ data: content, mode: 'byte' }], {
    errorCorrectionLevel: PAGE_QR_ERROR_CORRECTION,
  });
  if (made.version > PAGE_QR_VERSION_MAX) throw new RangeError(`a code of version ${made.version}`);
  const { size, data } = made.modules;
  const runs: { x: number; y: number; width: number }[] = [];
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      if (data[y * size + x] === 0) continue;
      const from = x;
      while (x + 1 < size && data[y * size + x + 1] !== 0) x++;
      runs.push({ x: from + QUIET_MODULES, y: y + QUIET_MODULES, width: x - from + 1 });
    }
  return { side: size + 2 * QUIET_MODULES, runs };
}
