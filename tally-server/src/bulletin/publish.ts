/**
 * The province's bulletin on disk: what was taken in since the last time is appended, then the publication itself.
 * Tiles are on the disk before the checkpoint that names them, so that a crash leaves the old log or the new one.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  appendEntries,
  type BulletinEntry,
  type BulletinState,
  type Bytes,
  bulletinOrigin,
  CHECKPOINT_FILE,
  decodeEntry,
  emptyBulletin,
  encodeEntry,
  type Provisioning,
  parseCheckpoint,
  readTile,
  resumeBulletin,
  TILE_WIDTH,
  type TileReader,
  tilePath,
  tilesOf,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { writeFileDurably } from '../elections/folder.ts';

/** A version of a station's result that was taken in, with the receipt that was given for it. */
export interface TakenIn {
  readonly station: string;
  readonly version: number;
  readonly receipt: Bytes;
  /** epoch seconds */
  readonly receivedAt: number;
}

export interface BulletinOrder {
  /** where the log lives: the province's data folder, one folder an election */
  readonly folder: string;
  readonly provisioning: Provisioning;
  /** the intake's: it signs the checkpoints */
  readonly secretKey: Bytes;
  readonly taken: readonly TakenIn[];
  /** the bytes of the publication's index.json */
  readonly index: Bytes;
}

const readerOf = (folder: string): TileReader => ({
  read: (path) =>
    existsSync(join(folder, path)) ? new Uint8Array(readFileSync(join(folder, path))) : undefined,
});

/** @throws Error where the log on disk does not lead to its own checkpoint: it is not to be gone on with */
function resume(folder: string, origin: string): BulletinState {
  const reader = readerOf(folder);
  const note = reader.read(CHECKPOINT_FILE);
  if (note === undefined) return emptyBulletin(origin);
  const checkpoint = parseCheckpoint(note);
  const state = checkpoint?.origin === origin ? resumeBulletin(reader, checkpoint) : undefined;
  if (state === undefined) throw new Error('the bulletin on disk is damaged');
  return state;
}

function entriesOf(folder: string, { size }: BulletinState): readonly BulletinEntry[] {
  const reader = readerOf(folder);
  const entries: BulletinEntry[] = [];
  for (let tile = 0; tile * TILE_WIDTH < size; tile++)
    for (const bytes of readTile(reader, 'entries', tile, size) ?? []) {
      const entry = decodeEntry(bytes);
      if (entry === undefined) throw new Error('the bulletin on disk holds an entry that is none');
      entries.push(entry);
    }
  return entries;
}

/** What the log does not have yet, in the order in which it was taken in. */
function missing(order: BulletinOrder, held: readonly BulletinEntry[]): readonly BulletinEntry[] {
  const { provisioning, taken, index } = order;
  const count = (kind: BulletinEntry['kind']): number => held.filter((entry) => entry.kind === kind).length;
  const versions = Map.groupBy(held, ({ stationId }) => stationId);
  const entries: BulletinEntry[] = [];
  if (count('package') === 0)
    entries.push({
      kind: 'package',
      digest: provisioning.packageDigest,
      at: provisioning.package.settings.opensAt,
    });
  for (const { amendment, digest } of provisioning.amendments.slice(count('amendment')))
    entries.push({ kind: 'amendment', digest, at: amendment.effectiveAt });
  const later = taken
    .filter(({ station, version }) => version > (versions.get(station)?.length ?? 0))
    .sort((a, b) => a.receivedAt - b.receivedAt || a.version - b.version || (a.station < b.station ? -1 : 1));
  for (const { station, version, receipt, receivedAt } of later)
    entries.push({
      kind: version === 1 ? 'slip' : 'correction',
      digest: nodeCrypto.sha256(receipt),
      at: receivedAt,
      stationId: station,
    });
  const digest = nodeCrypto.sha256(index);
  const last = held.findLast(({ kind }) => kind === 'publication');
  if (entries.length > 0 || last === undefined || !Buffer.from(last.digest).equals(digest))
    entries.push({
      kind: 'publication',
      digest,
      at: Math.max(0, ...taken.map(({ receivedAt }) => receivedAt)),
    });
  return entries;
}

/**
 * Appends what is new and the publication.
 * @returns the bulletin as it is published: path under `bulletin/` → content
 */
export function publishBulletin(order: BulletinOrder): ReadonlyMap<string, Bytes> {
  const { folder, secretKey, provisioning } = order;
  const state = resume(folder, bulletinOrigin(provisioning.election));
  const entries = missing(order, entriesOf(folder, state)).map(encodeEntry);
  const write = (path: string, bytes: Bytes): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileDurably(join(folder, path), bytes);
  };
  let size = state.size;
  if (entries.length > 0) {
    const appended = appendEntries(state, entries, { crypto: nodeCrypto, secretKey });
    for (const [path, bytes] of appended.tiles) write(path, bytes);
    write(CHECKPOINT_FILE, appended.checkpoint);
    size = appended.state.size;
  }
  const files = new Map<string, Bytes>();
  const reader = readerOf(folder);
  for (const path of [
    CHECKPOINT_FILE,
    ...[...tilesOf(size)].map((tile) => tilePath(tile.kind, tile.index, tile.width)),
  ]) {
    const bytes = reader.read(path);
    if (bytes === undefined) throw new Error(`the bulletin on disk has no ${path}`);
    files.set(path, bytes);
  }
  return files;
}
