/**
 * The pictures that the box prints from: one fixed-size item for each label and name, in a fixed order, so that an
 * index is computed and never searched. Item: 12 bytes of head and `heightDots` rows of `widthDots / 8` bytes,
 * most significant bit leftmost, 1 is black. Head: kind, contest, index (16-bit big-endian), digits of the code,
 * three zeros, the code as a 32-bit big-endian number.
 */
import { type Bytes, concatBytes } from '../codec/bytes.ts';
import type { Contest, Package, RasterSet } from './generated.ts';

export const RASTER_HEAD_BYTES = 12;
export const RASTER_KINDS = {
  candidate: 0,
  election_title: 1,
  watermark_rehearsal: 2,
  blank_vote: 3,
  not_in_style: 4,
  contest_title: 5,
} as const;
export type RasterKind = keyof typeof RASTER_KINDS;

/** Items before the contests' titles: election title, rehearsal watermark, blank vote, "no vote in this contest". */
export const FIXED_ITEMS: readonly RasterKind[] = [
  'election_title',
  'watermark_rehearsal',
  'blank_vote',
  'not_in_style',
];

export interface RasterItem {
  readonly kind: RasterKind;
  readonly contest: number;
  readonly index: number;
  /** the candidate's code; empty for labels */
  readonly code: string;
  readonly bits: Bytes;
}

export const rasterItemBytes = (set: Pick<RasterSet, 'widthDots' | 'heightDots'>): number =>
  RASTER_HEAD_BYTES + (set.widthDots / 8) * set.heightDots;

/** Items: the fixed ones, one title a contest, then every contest's candidates in order. */
export const rasterItemCount = (contests: readonly Pick<Contest, 'candidatesCount'>[]): number =>
  FIXED_ITEMS.length + contests.length + contests.reduce((sum, contest) => sum + contest.candidatesCount, 0);

export function candidateItemIndex(
  election: Pick<Package, 'contests'>,
  contest: number,
  candidate: number,
): number {
  let index = FIXED_ITEMS.length + election.contests.length + candidate;
  for (let i = 0; i < contest; i++) index += (election.contests[i] as Contest).candidatesCount;
  return index;
}

/** @throws RangeError where a code is not 0 to 6 digits. */
export function encodeRasterItem(item: RasterItem): Bytes {
  if (!/^[0-9]{0,6}$/.test(item.code)) throw new RangeError('a candidate code is at most six digits');
  const code = item.code === '' ? 0 : Number(item.code);
  const head = Uint8Array.of(
    RASTER_KINDS[item.kind],
    item.contest,
    item.index >> 8,
    item.index & 0xff,
    item.code.length,
    0,
    0,
    0,
    code >>> 24,
    (code >>> 16) & 0xff,
    (code >>> 8) & 0xff,
    code & 0xff,
  );
  return concatBytes(head, item.bits);
}
