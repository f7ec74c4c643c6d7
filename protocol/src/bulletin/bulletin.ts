/**
 * The bulletin: an append-only log of what the province took in and published, as static files. Appending is a pure
 * step from the right edge of the tree to the files to write; whoever writes the tiles first and the checkpoint last
 * has either the old log or the new one after any crash.
 */
import { type Bytes, concatBytes, equalBytes, utf8 } from '../codec/bytes.ts';
import { leafHash, merkleRootOfHashes, nodeHash } from '../codec/merkle.ts';
import { bytes, decode, encode, enumeration, struct, text, uint } from '../codec/shape.ts';
import type { Crypto } from '../crypto/ports.ts';
import { DIGEST_BYTES, ID_BYTES_MAX } from '../records/bounds.ts';
import { type Checkpoint, signCheckpoint } from './note.ts';
import {
  encodeEntryTile,
  readTile,
  TILE_LEVELS_MAX,
  TILE_WIDTH,
  type TileKind,
  type TileReader,
  tilePath,
  tileWidth,
} from './tiles.ts';

/** What an entry stands for, and what its digest is the SHA-256 of. */
export const ENTRY_KINDS = {
  /** the package's payload: the first entry of every bulletin */
  package: 1,
  /** an amendment's payload */
  amendment: 2,
  /** the slip's receipt, as given: it names slip, bundle and time under the intake's signature */
  slip: 3,
  /** the correction's receipt */
  correction: 4,
  /** the bytes of a publication's index.json */
  publication: 5,
} as const;
export type EntryKind = keyof typeof ENTRY_KINDS;

export interface BulletinEntry {
  readonly kind: EntryKind;
  readonly digest: Bytes;
  /** epoch seconds */
  readonly at: number;
  /** of slips and corrections */
  readonly stationId?: string;
}

const ENTRY = struct<BulletinEntry>([
  { key: 1, name: 'kind', shape: () => enumeration(ENTRY_KINDS) },
  { key: 2, name: 'digest', shape: () => bytes(DIGEST_BYTES, DIGEST_BYTES) },
  { key: 3, name: 'at', shape: () => uint(Number.MAX_SAFE_INTEGER) },
  { key: 4, name: 'stationId', shape: () => text(ID_BYTES_MAX), optional: true },
]);
export const BULLETIN_ENTRY_BYTES_MAX = 128;

/** @throws RangeError for an entry outside its shape. */
export const encodeEntry = (entry: BulletinEntry): Bytes => encode(ENTRY, entry);

export function decodeEntry(encoded: Bytes): BulletinEntry | undefined {
  const entry = decode(ENTRY, encoded, BULLETIN_ENTRY_BYTES_MAX);
  if (!entry.ok) return undefined;
  const ofStation = entry.value.kind === 'slip' || entry.value.kind === 'correction';
  return ofStation === (entry.value.stationId !== undefined) ? entry.value : undefined;
}

export const CHECKPOINT_FILE = 'checkpoint';
/** The log's name, and its key's: one bulletin an election. */
export const bulletinOrigin = (election: string): string => `sandoq.bulletin/${election}`;

/** The right edge: at each level the hashes of the tile that is not full yet, and the entries of the last tile. */
export interface BulletinState {
  readonly origin: string;
  readonly size: number;
  readonly edge: readonly (readonly Bytes[])[];
  readonly entries: readonly Bytes[];
}

export const emptyBulletin = (origin: string): BulletinState => ({ origin, size: 0, edge: [], entries: [] });

/** The RFC 9162 root, from the right edge alone: full subtrees, largest first, folded from the right. */
export function bulletinRoot({ edge }: BulletinState): Bytes {
  const subtrees: Bytes[] = [];
  for (let level = edge.length - 1; level >= 0; level--) {
    const hashes = edge[level] as readonly Bytes[];
    let at = 0;
    for (let width = TILE_WIDTH / 2; width >= 1; width /= 2)
      if ((hashes.length & width) !== 0) {
        subtrees.push(merkleRootOfHashes(hashes.slice(at, at + width)));
        at += width;
      }
  }
  return subtrees.length === 0
    ? merkleRootOfHashes([])
    : subtrees.reduceRight((right, left) => nodeHash(left, right));
}

export interface Appended {
  readonly state: BulletinState;
  /** to be written, and synced, before the checkpoint: path → content */
  readonly tiles: ReadonlyMap<string, Bytes>;
  /** the content of CHECKPOINT_FILE, to be replaced in one step */
  readonly checkpoint: Bytes;
}

export interface LogSigner {
  readonly crypto: Pick<Crypto, 'sign' | 'signingPublicKey'>;
  readonly secretKey: Bytes;
}

/** Appends encoded entries. With none it signs the same tree again. */
export function appendEntries(state: BulletinState, entries: readonly Bytes[], signer: LogSigner): Appended {
  const { state: next, tiles } = appendedTiles(state, entries);
  const checkpoint: Checkpoint = { origin: next.origin, size: next.size, root: bulletinRoot(next) };
  return { state: next, tiles, checkpoint: signCheckpoint(signer.crypto, signer.secretKey, checkpoint) };
}

/** The unsigned part: also what a reader does to make the whole log again from its entries. */
export function appendedTiles(
  state: BulletinState,
  added: readonly Bytes[],
): { readonly state: BulletinState; readonly tiles: ReadonlyMap<string, Bytes> } {
  const tiles = new Map<string, Bytes>();
  const edge = state.edge.map((hashes) => [...hashes]);
  const full = edge.map((_, level) => Math.floor(state.size / TILE_WIDTH ** (level + 1)));
  let entries = [...state.entries];
  let { size } = state;
  const pushHash = (level: number, hash: Bytes): void => {
    if (level >= TILE_LEVELS_MAX) throw new RangeError('bulletin deeper than TILE_LEVELS_MAX');
    edge[level] ??= [];
    full[level] ??= 0;
    const hashes = edge[level];
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    tiles.set(tilePath(level, full[level], TILE_WIDTH), concatBytes(...hashes));
    full[level]++;
    edge[level] = [];
    pushHash(level + 1, merkleRootOfHashes(hashes));
  };
  for (const entry of added) {
    entries.push(entry);
    if (entries.length === TILE_WIDTH) {
      tiles.set(tilePath('entries', Math.floor(size / TILE_WIDTH), TILE_WIDTH), encodeEntryTile(entries));
      entries = [];
    }
    size++;
    pushHash(0, leafHash(entry));
  }
  if (entries.length > 0 && added.length > 0)
    tiles.set(tilePath('entries', Math.floor(size / TILE_WIDTH), entries.length), encodeEntryTile(entries));
  edge.forEach((hashes, level) => {
    if (hashes.length > 0 && added.length > 0)
      tiles.set(tilePath(level, full[level] as number, hashes.length), concatBytes(...hashes));
  });
  return { state: { origin: state.origin, size, edge, entries }, tiles };
}

/**
 * The state of a log on disk at its checkpoint. Tiles that a crash left beyond the checkpoint are not looked at.
 * @returns undefined where tiles are missing or do not lead to the checkpoint's root
 */
export function resumeBulletin(reader: TileReader, checkpoint: Checkpoint): BulletinState | undefined {
  const { size, origin } = checkpoint;
  const last = (kind: TileKind): readonly Bytes[] | undefined => {
    const perTile = kind === 'entries' ? TILE_WIDTH : TILE_WIDTH ** (kind + 1);
    const index = Math.floor(size / perTile);
    return tileWidth(kind, index, size) === 0 ? [] : readTile(reader, kind, index, size);
  };
  const edge: (readonly Bytes[])[] = [];
  for (let level = 0; level < TILE_LEVELS_MAX && size >= TILE_WIDTH ** level; level++) {
    const hashes = last(level);
    if (hashes === undefined) return undefined;
    edge.push(hashes);
  }
  const entries = last('entries');
  if (entries === undefined) return undefined;
  const state: BulletinState = { origin, size, edge, entries };
  const leaves = entries.map(leafHash);
  if (leaves.some((leaf, i) => !equalBytes(leaf, edge[0]?.[i] ?? utf8('')))) return undefined;
  return equalBytes(bulletinRoot(state), checkpoint.root) ? state : undefined;
}
