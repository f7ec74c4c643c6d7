/** How pictures of pages are searched: every QR code of a long piece of paper, turned in any way. */
import type { ReaderOptions } from 'zxing-wasm/reader';

/** Codes in one picture: a sheet of twelve, and some of another that lies beside it. */
export const CODES_PER_PICTURE_MAX = 24;

export const READ_OPTIONS: ReaderOptions = {
  formats: ['QRCode'],
  tryHarder: true,
  tryRotate: true,
  tryDownscale: true,
  maxNumberOfSymbols: CODES_PER_PICTURE_MAX,
};
