/**
 * A bundle on paper: cut into pages, each the content of one QR code, which come together again in any order
 * (docs/PAPER.md). A page carries only what is signed already and made public: it needs no signature of its own.
 */
import { type Bytes, concatBytes, equalBytes, toHex, utf8 } from '../codec/bytes.ts';
import type { Crypto } from '../crypto/ports.ts';
import { BUNDLE_BYTES_MAX } from '../records/bounds.ts';
import { failure, type Result, success } from '../result.ts';

/** What a QR code of version 25 holds at error correction M is 997 bytes; at four dots a module it is 62 mm of paper. */
export const PAGE_BYTES_MAX = 984;
export const PAGE_QR_VERSION_MAX = 25;
export const PAGE_QR_ERROR_CORRECTION = 'M';
const MAGIC = utf8('SQ');
const VERSION = 1;
const DIGEST_BYTES = 8;
/** magic, version, number and count (16 bits each), length of the whole (24 bits), beginning of its digest */
export const PAGE_HEAD_BYTES = MAGIC.length + 1 + 2 + 2 + 3 + DIGEST_BYTES;
const PART_BYTES_MAX = PAGE_BYTES_MAX - PAGE_HEAD_BYTES;
/** Every lawful bundle has room. */
export const PAGES_MAX = Math.ceil(BUNDLE_BYTES_MAX / PART_BYTES_MAX);

export interface SlipPage {
  /** from 1 */
  readonly number: number;
  readonly of: number;
  /** bytes of the whole */
  readonly length: number;
  /** the first eight bytes of the SHA-256 of the whole, as 16 hexadecimal digits: printed beside the code */
  readonly digest: string;
  readonly part: Bytes;
}

export type PagesFault =
  | { readonly code: 'page_malformed'; readonly index: number }
  | { readonly code: 'page_of_another'; readonly index: number; readonly digest: string }
  | { readonly code: 'pages_differ'; readonly number: number }
  | { readonly code: 'pages_missing'; readonly missing: readonly number[]; readonly of: number }
  | { readonly code: 'digest_differs' };

const countFor = (length: number): number => Math.max(1, Math.ceil(length / PART_BYTES_MAX));
/** Parts of nearly one size: the last code is as easily read as the others. */
const partBytesOf = (length: number): number => Math.max(1, Math.ceil(length / countFor(length)));

/** @throws where the bundle is longer than a bundle may be */
export function slipPages(crypto: Pick<Crypto, 'sha256'>, bundle: Bytes): readonly Bytes[] {
  if (bundle.length === 0 || bundle.length > BUNDLE_BYTES_MAX) throw new Error('not a bundle');
  const of = countFor(bundle.length);
  const size = partBytesOf(bundle.length);
  const digest = crypto.sha256(bundle).slice(0, DIGEST_BYTES);
  return Array.from({ length: of }, (_, i) => {
    const head = new Uint8Array([
      VERSION,
      (i + 1) >> 8,
      (i + 1) & 0xff,
      of >> 8,
      of & 0xff,
      bundle.length >> 16,
      (bundle.length >> 8) & 0xff,
      bundle.length & 0xff,
    ]);
    return concatBytes(MAGIC, head, digest, bundle.slice(i * size, (i + 1) * size));
  });
}

/** @returns undefined for any bytes that `slipPages` cannot have made */
export function parseSlipPage(bytes: Bytes): SlipPage | undefined {
  if (bytes.length <= PAGE_HEAD_BYTES || bytes.length > PAGE_BYTES_MAX) return undefined;
  if (!equalBytes(bytes.subarray(0, MAGIC.length), MAGIC) || bytes[MAGIC.length] !== VERSION)
    return undefined;
  const at = (i: number): number => bytes[MAGIC.length + 1 + i] as number;
  const number = at(0) * 256 + at(1);
  const of = at(2) * 256 + at(3);
  const length = at(4) * 65_536 + at(5) * 256 + at(6);
  if (length === 0 || length > BUNDLE_BYTES_MAX || of !== countFor(length)) return undefined;
  if (number < 1 || number > of) return undefined;
  const size = partBytesOf(length);
  const part = bytes.slice(PAGE_HEAD_BYTES);
  if (part.length !== Math.min(size, length - (number - 1) * size)) return undefined;
  const digest = toHex(bytes.subarray(PAGE_HEAD_BYTES - DIGEST_BYTES, PAGE_HEAD_BYTES));
  return { number, of, length, digest, part };
}

/** Puts pages together, in any order, each as often as it was read. The first page says of which bundle they are. */
export function joinSlipPages(
  crypto: Pick<Crypto, 'sha256'>,
  pages: readonly Bytes[],
): Result<Bytes, PagesFault> {
  const found = new Map<number, SlipPage>();
  let first: SlipPage | undefined;
  for (const [index, bytes] of pages.entries()) {
    const page = parseSlipPage(bytes);
    if (page === undefined) return failure({ code: 'page_malformed', index });
    first ??= page;
    if (page.digest !== first.digest || page.length !== first.length)
      return failure({ code: 'page_of_another', index, digest: page.digest });
    const before = found.get(page.number);
    if (before !== undefined && !equalBytes(before.part, page.part))
      return failure({ code: 'pages_differ', number: page.number });
    found.set(page.number, page);
  }
  const of = first?.of ?? 0;
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((number) => !found.has(number));
  if (first === undefined || missing.length > 0) return failure({ code: 'pages_missing', missing, of });
  const whole = concatBytes(
    ...[...found.values()].sort((a, b) => a.number - b.number).map(({ part }) => part),
  );
  return toHex(crypto.sha256(whole).subarray(0, DIGEST_BYTES)) === first.digest
    ? success(whole)
    : failure({ code: 'digest_differs' });
}
