/**
 * The bulletin's tree as static files, in the layout of C2SP tlog-tiles: hash tiles `tile/L/N[.p/W]` of up to 256
 * hashes, entry tiles `tile/entries/N[.p/W]` of up to 256 entries with 16-bit lengths. Proofs are read from tiles.
 */
import { type Bytes, concatBytes } from '../codec/bytes.ts';
import { MERKLE_DEPTH_MAX, merkleRootOfHashes, nodeHash, splitOf } from '../codec/merkle.ts';

export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 256;
export const HASH_BYTES = 32;
/** Sixteen bits of length. Ours are far smaller. */
export const ENTRY_BYTES_MAX = 65_535;
export const TILE_LEVELS_MAX = MERKLE_DEPTH_MAX / TILE_HEIGHT;

/** Where tiles are read from; a name that is not there is undefined. */
export interface TileReader {
  read(path: string): Bytes | undefined;
}

export type TileKind = number | 'entries';

/** `tile/0/x001/234.p/17`: three digits a part, all but the last marked; the width where the tile is not full. */
export function tilePath(kind: TileKind, index: number, width: number): string {
  let name = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    name = `x${String(rest % 1000).padStart(3, '0')}/${name}`;
  return `tile/${kind}/${name}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** How many items tile `index` of a level has in a tree of `size` leaves. */
export function tileWidth(kind: TileKind, index: number, size: number): number {
  const perItem = kind === 'entries' ? 1 : TILE_WIDTH ** kind;
  const items = Math.floor(size / perItem) - index * TILE_WIDTH;
  return Math.max(0, Math.min(TILE_WIDTH, items));
}

/** Every tile that a tree of this size has, by its path; partial ones at the right edge only. */
export function* tilesOf(
  size: number,
): Generator<{ readonly kind: TileKind; readonly index: number; readonly width: number }> {
  for (const kind of [
    'entries',
    ...Array.from({ length: TILE_LEVELS_MAX }, (_, level) => level),
  ] as TileKind[])
    for (let index = 0; tileWidth(kind, index, size) > 0; index++)
      yield { kind, index, width: tileWidth(kind, index, size) };
}

export function encodeEntryTile(entries: readonly Bytes[]): Bytes {
  return concatBytes(
    ...entries.flatMap((entry) => {
      if (entry.length > ENTRY_BYTES_MAX) throw new RangeError('entry longer than ENTRY_BYTES_MAX');
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** @returns undefined where the bytes are not exactly `width` entries. */
export function decodeEntryTile(bytes: Bytes, width: number): readonly Bytes[] | undefined {
  const entries: Bytes[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length || entries.length === width) return undefined;
    const length = (bytes[at] as number) * 256 + (bytes[at + 1] as number);
    if (at + 2 + length > bytes.length) return undefined;
    entries.push(bytes.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return entries.length === width ? entries : undefined;
}

export function decodeHashTile(bytes: Bytes, width: number): readonly Bytes[] | undefined {
  if (bytes.length !== width * HASH_BYTES) return undefined;
  return Array.from({ length: width }, (_, i) => bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/** A tile as a tree of this size has it: its own partial file, or the full one that came later, cut to the width. */
export function readTile(
  reader: TileReader,
  kind: TileKind,
  index: number,
  size: number,
): readonly Bytes[] | undefined {
  const width = tileWidth(kind, index, size);
  const take = (bytes: Bytes, wide: number) =>
    kind === 'entries' ? decodeEntryTile(bytes, wide) : decodeHashTile(bytes, wide);
  const own = reader.read(tilePath(kind, index, width));
  if (own !== undefined) return take(own, width);
  const full = width === TILE_WIDTH ? undefined : reader.read(tilePath(kind, index, TILE_WIDTH));
  return full === undefined ? undefined : take(full, TILE_WIDTH)?.slice(0, width);
}

class TileMissing extends Error {}

/** The hash over the leaves from `from` up to `to`, which is a subtree of RFC 9162: every proof consists of such. */
function rangeHash(reader: TileReader, size: number, from: number, to: number): Bytes {
  const length = to - from;
  const height = Math.log2(length);
  if (!Number.isInteger(height) || from % length !== 0) {
    const k = splitOf(length);
    return nodeHash(rangeHash(reader, size, from, from + k), rangeHash(reader, size, from + k, to));
  }
  const level = Math.min(Math.floor(height / TILE_HEIGHT), TILE_LEVELS_MAX - 1);
  const perItem = TILE_WIDTH ** level;
  const first = from / perItem;
  const index = Math.floor(first / TILE_WIDTH);
  const tile = readTile(reader, level, index, size);
  const items = tile?.slice(first % TILE_WIDTH, (first % TILE_WIDTH) + length / perItem);
  if (items === undefined || items.length !== length / perItem)
    throw new TileMissing(tilePath(level, index, tileWidth(level, index, size)));
  return merkleRootOfHashes(items);
}

function orMissing<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof TileMissing) return undefined;
    throw cause;
  }
}

/** The root of the first `size` leaves, from tiles; undefined where a tile is missing or damaged in length. */
export const rootFromTiles = (reader: TileReader, size: number): Bytes | undefined =>
  orMissing(() => (size === 0 ? merkleRootOfHashes([]) : rangeHash(reader, size, 0, size)));

/** PATH(m, D[n]) of RFC 9162 section 2.1.3.1, bottom up. @throws RangeError unless index < size */
export function inclusionProof(
  reader: TileReader,
  index: number,
  size: number,
): readonly Bytes[] | undefined {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new RangeError('no such leaf');
  const path = (from: number, to: number): readonly Bytes[] => {
    if (to - from === 1) return [];
    const middle = from + splitOf(to - from);
    return index < middle
      ? [...path(from, middle), rangeHash(reader, size, middle, to)]
      : [...path(middle, to), rangeHash(reader, size, from, middle)];
  };
  return orMissing(() => path(0, size));
}

/** PROOF(m, D[n]) of RFC 9162 section 2.1.4.1. @throws RangeError unless before ≤ after */
export function consistencyProof(
  reader: TileReader,
  before: number,
  after: number,
): readonly Bytes[] | undefined {
  if (!Number.isSafeInteger(before) || before < 0 || before > after) throw new RangeError('no such tree');
  const subproof = (from: number, to: number, whole: boolean): readonly Bytes[] => {
    if (before === to) return whole ? [] : [rangeHash(reader, after, from, to)];
    const middle = from + splitOf(to - from);
    return before <= middle
      ? [...subproof(from, middle, whole), rangeHash(reader, after, middle, to)]
      : [...subproof(middle, to, false), rangeHash(reader, after, from, middle)];
  };
  return orMissing(() => (before === 0 || before === after ? [] : subproof(0, after, true)));
}
