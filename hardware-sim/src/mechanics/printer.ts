/**
 * The print head: takes one page strictly in order. What no firmware may ask is a violation and throws, so that a wrong
 * firmware is seen at once; what happens in a correct one (jam, paper out) is an answer.
 */
import { type Bytes, concatBytes } from '@sandoq/protocol';

/** The widest thermal head in use: 104 mm at 8 dots a millimetre. */
export const WIDTH_BYTES_MAX = 104;
/** Three contests with thirty names each come to about half of it. */
export const PAGE_ROWS_MAX = 16_384;

export class MechanicsViolation extends Error {
  override readonly name = 'MechanicsViolation';
}

export function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new MechanicsViolation(what);
}

export interface Raster {
  readonly widthBytes: number;
  readonly rows: number;
  /** most significant bit leftmost, 1 is black */
  readonly bits: Bytes;
}

export interface PageInHead {
  readonly rows: number;
  /** known once the second piece has come, or the page has ended */
  readonly widthBytes: number | undefined;
  readonly pieces: readonly Bytes[];
  readonly bytes: number;
}

const uint16 = (bytes: Bytes, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

function demandWidth(width: number): void {
  demand(
    Number.isInteger(width) && width >= 1 && width <= WIDTH_BYTES_MAX,
    `rows of ${width} bytes, whole ones of 1 to ${WIDTH_BYTES_MAX} are wanted`,
  );
}

/** page_start(rows u16) */
export function startPage(page: PageInHead | undefined, body: Bytes): PageInHead {
  demand(page === undefined, 'page_start while a page is in the head');
  demand(body.length === 2, 'page_start wants two bytes');
  const rows = uint16(body, 0);
  demand(rows >= 1 && rows <= PAGE_ROWS_MAX, `a page of ${rows} rows, 1 to ${PAGE_ROWS_MAX} are possible`);
  return { rows, widthBytes: undefined, pieces: [], bytes: 0 };
}

/** rows(first u16, rows…): the next rows, none left out and none twice. */
export function addRows(page: PageInHead | undefined, body: Bytes): PageInHead {
  demand(page !== undefined, 'rows without page_start');
  demand(body.length > 2, 'rows without a row');
  const first = uint16(body, 0);
  const data = body.slice(2);
  let width = page.widthBytes;
  if (page.bytes === 0) demand(first === 0, `the first rows begin at ${first}`);
  else {
    demand(first > 0, 'rows from 0 twice');
    width ??= page.bytes / first;
    demandWidth(width);
    demand(page.bytes === first * width, `rows from ${first} after ${page.bytes / width}`);
    demand(data.length % width === 0, 'a row cut in two');
    demand((page.bytes + data.length) / width <= page.rows, 'rows beyond the end of the page');
  }
  return { ...page, widthBytes: width, pieces: [...page.pieces, data], bytes: page.bytes + data.length };
}

export function endPage(page: PageInHead | undefined, body: Bytes): Raster {
  demand(page !== undefined, 'page_end without page_start');
  demand(body.length === 0, 'page_end takes no arguments');
  const widthBytes = page.bytes / page.rows;
  demandWidth(widthBytes);
  demand(page.widthBytes === undefined || page.widthBytes === widthBytes, 'page_end before the last row');
  return { widthBytes, rows: page.rows, bits: concatBytes(...page.pieces) };
}

/** Black over the whole page but for thin gaps, as a head does that must not overheat: nothing stays readable. */
export function overprintRaster(raster: Raster): Raster {
  return { ...raster, bits: new Uint8Array(raster.bits.length).fill(0xff) };
}
