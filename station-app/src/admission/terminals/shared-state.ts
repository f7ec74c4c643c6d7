/**
 * What the terminals of a station agree on beside the lines: under which names the province knows them, and how many cards
 * each has counted as abandoned. Every part only ever grows or is settled once, so merging is the same in any order.
 */
import { type Bytes, compareBytes, JOURNAL_ID_BYTES, TERMINALS_MAX } from '@sandoq/protocol';

export interface SharedState {
  /** `[0]` the station's claimant at the province; `[k]` that of terminal k when it admits cut off from most others; all zero: not yet named */
  readonly claimants: readonly Bytes[];
  /** by terminal; `[0]` is not used */
  readonly abandoned: readonly number[];
  /** terminals that two roles have said are not here; bit 0: the second disk */
  readonly gone: number;
}

const PLACES = TERMINALS_MAX + 1;
const VERSION = 1;
export const SHARED_STATE_BYTES = 2 + PLACES * (JOURNAL_ID_BYTES + 4);

const NOBODY: Bytes = new Uint8Array(JOURNAL_ID_BYTES);
export const isNamed = (claimant: Bytes | undefined): claimant is Bytes =>
  claimant !== undefined && compareBytes(claimant, NOBODY) !== 0;

export const FRESH_STATE: SharedState = {
  claimants: Array.from({ length: PLACES }, () => NOBODY),
  abandoned: Array.from({ length: PLACES }, () => 0),
  gone: 0,
};

export function encodeShared(state: SharedState): Bytes {
  const bytes = Buffer.alloc(SHARED_STATE_BYTES);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeUInt8(state.gone, 1);
  for (let i = 0; i < PLACES; i++) {
    bytes.set(state.claimants[i] ?? NOBODY, 2 + i * JOURNAL_ID_BYTES);
    bytes.writeUInt32BE(state.abandoned[i] ?? 0, 2 + PLACES * JOURNAL_ID_BYTES + i * 4);
  }
  return new Uint8Array(bytes);
}

/** @returns undefined where it is of another version or length */
export function decodeShared(bytes: Bytes): SharedState | undefined {
  const buffer = Buffer.from(bytes);
  if (buffer.length !== SHARED_STATE_BYTES || buffer[0] !== VERSION) return undefined;
  const places = Array.from({ length: PLACES }, (_, i) => i);
  return {
    claimants: places.map(
      (i) => new Uint8Array(buffer.subarray(2 + i * JOURNAL_ID_BYTES, 2 + (i + 1) * JOURNAL_ID_BYTES)),
    ),
    abandoned: places.map((i) => buffer.readUInt32BE(2 + PLACES * JOURNAL_ID_BYTES + i * 4)),
    gone: buffer.readUInt8(1),
  };
}

/** The names that stand and the greater counts; who is gone is each terminal's own to say. */
export function mergeShared(ours: SharedState, theirs: SharedState): SharedState {
  const settled = (a: Bytes, b: Bytes): Bytes => {
    if (!isNamed(a)) return b;
    return isNamed(b) && compareBytes(b, a) < 0 ? b : a;
  };
  return {
    claimants: ours.claimants.map((one, i) => settled(one, theirs.claimants[i] ?? NOBODY)),
    abandoned: ours.abandoned.map((count, i) => Math.max(count, theirs.abandoned[i] ?? 0)),
    gone: ours.gone,
  };
}

export const isGone = (state: SharedState, place: number): boolean => (state.gone & (1 << place)) !== 0;
