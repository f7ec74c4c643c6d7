/**
 * The province's bulletin: its entries stand in the database, committed in one transaction with the slip that each is
 * for; tiles and checkpoint are files made from them. A crash loses no entry, and what was signed is never unsaid.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  appendEntries,
  appendedTiles,
  type BulletinEntry,
  type BulletinState,
  type Bytes,
  bulletinOrigin,
  bulletinRoot,
  CHECKPOINT_FILE,
  decodeEntry,
  emptyBulletin,
  encodeEntry,
  equalBytes,
  inclusionProof,
  type Provisioning,
  parseCheckpoint,
  readTile,
  signCheckpoint,
  TILE_WIDTH,
  type TileReader,
  tilePath,
  tilesOf,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import type { Database, Migrations } from '../database/database.ts';

export const BULLETIN_MIGRATIONS: Migrations = {
  module: 'bulletin',
  steps: [
    `CREATE TABLE bulletin_entries (
       election TEXT NOT NULL,
       position INTEGER NOT NULL CHECK (position >= 0),
       -- whose slip or correction, and which version; null for package, amendments and publications
       station TEXT,
       version INTEGER,
       entry BLOB NOT NULL,
       PRIMARY KEY (election, position),
       UNIQUE (election, station, version)
     ) STRICT, WITHOUT ROWID;`,
  ],
};

export interface NewEntry {
  readonly entry: BulletinEntry;
  /** of a slip (1) or a correction; other entries have none */
  readonly version?: number;
}

export interface PublishedBulletin {
  readonly size: number;
  /** path under `bulletin/` → content */
  readonly files: ReadonlyMap<string, Bytes>;
}

export interface InclusionOf {
  readonly position: number;
  readonly size: number;
  readonly entry: Bytes;
  readonly proof: readonly Bytes[];
  readonly checkpoint: Bytes;
}

export interface Bulletin {
  /** Makes sure that the package, each amendment, and what was taken in before there was a log, have their entries. */
  open(provisioning: Provisioning, taken: () => readonly TakenIn[]): void;
  /** To be called inside the transaction that stores what the entries are for. */
  enter(election: string, entries: readonly NewEntry[]): void;
  /** Tiles and a signed checkpoint of all entries, on the disk. */
  flush(election: string): void;
  /**
   * A publication's entry, unless the last one is the same, and the log that ends with it.
   * @returns undefined where another number of versions was taken in than the publication shows: another process did
   */
  publish(order: {
    readonly election: string;
    readonly index: Bytes;
    readonly versions: number;
    /** epoch seconds */
    readonly at: number;
  }): PublishedBulletin | undefined;
  /** undefined where there is no such entry */
  inclusion(election: string, station: string, version: number): InclusionOf | undefined;
  /** the folder with checkpoint and tiles, to be served as it is */
  folderOf(election: string): string;
}

/** A version of a station's result that was taken in. */
export interface TakenIn {
  readonly station: string;
  readonly version: number;
  /** SHA-256 of the receipt that was given for it */
  readonly receiptDigest: Bytes;
  /** epoch seconds */
  readonly receivedAt: number;
}

export interface BulletinOptions {
  readonly database: Database;
  /** one folder an election below it */
  readonly folder: string;
  /** the intake's: it signs the checkpoints */
  readonly secretKey: Bytes;
}

/** A log as it stands, with its tiles: a nation's are six megabytes, and making them again is half a million hashes. */
interface Kept {
  readonly state: BulletinState;
  readonly tiles: ReadonlyMap<string, Bytes>;
}

/** The tiles after an append: full ones stay, the partial ones at the right edge are new each time. */
function keptTiles(before: ReadonlyMap<string, Bytes>, added: ReadonlyMap<string, Bytes>): Kept['tiles'] {
  const tiles = new Map(before);
  for (const path of before.keys()) if (path.includes('.p/')) tiles.delete(path);
  for (const [path, bytes] of added) tiles.set(path, bytes);
  return tiles;
}

interface Row {
  readonly position: number;
  readonly entry: Buffer;
}

export const entryOfReceipt = ({ station, version, receiptDigest, receivedAt }: TakenIn): NewEntry => ({
  entry: {
    kind: version === 1 ? 'slip' : 'correction',
    digest: receiptDigest,
    at: receivedAt,
    stationId: station,
  },
  version,
});

const plain = (buffer: Buffer): Bytes => new Uint8Array(buffer);

const readerOf = (folder: string): TileReader => ({
  read: (path) =>
    existsSync(join(folder, path)) ? new Uint8Array(readFileSync(join(folder, path))) : undefined,
});

/** Whole or not at all for every reader; not synced: what a power cut takes is made again from the entries. */
function replace(path: string, bytes: Bytes): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.writing`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, path);
}

/** Entries of a log that was kept in files only, before the database had them. */
function entriesInFiles(folder: string, origin: string): readonly BulletinEntry[] {
  const reader = readerOf(folder);
  const note = reader.read(CHECKPOINT_FILE);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note);
  if (checkpoint?.origin !== origin) return [];
  const entries: BulletinEntry[] = [];
  for (let tile = 0; tile * TILE_WIDTH < checkpoint.size; tile++)
    for (const bytes of readTile(reader, 'entries', tile, checkpoint.size) ?? []) {
      const entry = decodeEntry(bytes);
      if (entry === undefined) throw new Error('the bulletin on disk holds an entry that is none');
      entries.push(entry);
    }
  return entries;
}

export function createBulletin({ database, folder, secretKey }: BulletinOptions): Bulletin {
  const logs = new Map<string, Kept>();
  const signer = { crypto: nodeCrypto, secretKey };
  const folderOf = (election: string): string => join(folder, election);
  const insert = database.prepare<[string, number, string | null, number | null, Bytes]>(
    'INSERT INTO bulletin_entries (election, position, station, version, entry) VALUES (?, ?, ?, ?, ?)',
  );
  const sizeOf = database.prepare<[string], { readonly size: number }>(
    'SELECT coalesce(max(position) + 1, 0) AS size FROM bulletin_entries WHERE election = ?',
  );
  const from = database.prepare<[string, number], Row>(
    'SELECT position, entry FROM bulletin_entries WHERE election = ? AND position >= ? ORDER BY position',
  );
  const ofStation = database.prepare<[string, string, number], Row>(
    'SELECT position, entry FROM bulletin_entries WHERE election = ? AND station = ? AND version = ?',
  );
  const taken = database.prepare<[string], { readonly taken: number }>(
    'SELECT count(station) AS taken FROM bulletin_entries WHERE election = ?',
  );
  const rows = (election: string, position: number): readonly Bytes[] =>
    from.all(election, position).map((row) => plain(row.entry));

  const enter = (election: string, entries: readonly NewEntry[]): void => {
    if (!database.inTransaction) throw new Error('an entry without the transaction of what it is for');
    let position = sizeOf.get(election)?.size ?? 0;
    for (const { entry, version = null } of entries)
      insert.run(election, position++, entry.stationId ?? null, version, encodeEntry(entry));
  };

  /** What was signed must be what the entries say: then missing or damaged tiles are simply made again. */
  const resume = (election: string): Kept => {
    const origin = bulletinOrigin(election);
    const reader = readerOf(folderOf(election));
    const note = reader.read(CHECKPOINT_FILE);
    const checkpoint = note === undefined ? undefined : parseCheckpoint(note);
    const entries = rows(election, 0);
    const size = checkpoint?.size ?? 0;
    const signed = appendedTiles(emptyBulletin(origin), entries.slice(0, size));
    if (
      checkpoint !== undefined &&
      (checkpoint.origin !== origin ||
        size > entries.length ||
        !equalBytes(bulletinRoot(signed.state), checkpoint.root))
    )
      throw new Error(`the bulletin of ${election} was signed over other entries than the database holds`);
    for (const [path, bytes] of signed.tiles) {
      const found = reader.read(path);
      if (found === undefined || !equalBytes(found, bytes)) replace(join(folderOf(election), path), bytes);
    }
    return signed;
  };

  const flush = (election: string): Kept => {
    const log = logs.get(election) ?? resume(election);
    const added = rows(election, log.state.size);
    logs.set(election, log);
    if (added.length === 0) return log;
    const { state, tiles, checkpoint } = appendEntries(log.state, added, signer);
    for (const [path, bytes] of tiles) replace(join(folderOf(election), path), bytes);
    replace(join(folderOf(election), CHECKPOINT_FILE), checkpoint);
    const after = { state, tiles: keptTiles(log.tiles, tiles) };
    logs.set(election, after);
    return after;
  };

  const open = (provisioning: Provisioning, takenIn: () => readonly TakenIn[]): void => {
    const { election, amendments, packageDigest } = provisioning;
    database
      .transaction(() => {
        const held = rows(election, 0).map((bytes) => decodeEntry(bytes));
        if (held.length === 0) {
          const versions = new Map<string, number>();
          for (const entry of entriesInFiles(folderOf(election), bulletinOrigin(election))) {
            const version =
              entry.stationId === undefined ? undefined : (versions.get(entry.stationId) ?? 0) + 1;
            if (entry.stationId !== undefined && version !== undefined)
              versions.set(entry.stationId, version);
            enter(election, [{ entry, ...(version === undefined ? {} : { version }) }]);
            held.push(entry);
          }
        }
        const count = (kind: BulletinEntry['kind']): number =>
          held.filter((one) => one?.kind === kind).length;
        const at = provisioning.package.settings.opensAt;
        if (count('package') === 0)
          enter(election, [{ entry: { kind: 'package', digest: packageDigest, at } }]);
        for (const { amendment, digest } of amendments.slice(count('amendment')))
          enter(election, [{ entry: { kind: 'amendment', digest, at: amendment.effectiveAt } }]);
        if (count('slip') + count('correction') > 0) return;
        const inOrder = [...takenIn()].sort(
          (a, b) => a.receivedAt - b.receivedAt || a.version - b.version || (a.station < b.station ? -1 : 1),
        );
        for (const one of inOrder) enter(election, [entryOfReceipt(one)]);
      })
      .immediate();
    flush(election);
  };

  return {
    open,
    enter,
    flush: (election) => {
      flush(election);
    },
    publish: ({ election, index, versions, at }) => {
      const digest = nodeCrypto.sha256(index);
      const isWhole = database
        .transaction(() => {
          if (taken.get(election)?.taken !== versions) return false;
          const last = rows(election, Math.max(0, (sizeOf.get(election)?.size ?? 0) - 1))[0];
          const entry = last === undefined ? undefined : decodeEntry(last);
          if (entry?.kind !== 'publication' || !equalBytes(entry.digest, digest))
            enter(election, [{ entry: { kind: 'publication', digest, at } }]);
          return true;
        })
        .immediate();
      if (!isWhole) return undefined;
      // Signed only now: what is not committed may never have been.
      const { state, tiles } = flush(election);
      const { size, origin } = state;
      const files = new Map<string, Bytes>();
      const checkpoint = { origin, size, root: bulletinRoot(state) };
      files.set(CHECKPOINT_FILE, signCheckpoint(nodeCrypto, secretKey, checkpoint));
      for (const tile of tilesOf(size)) {
        const path = tilePath(tile.kind, tile.index, tile.width);
        files.set(path, tiles.get(path) as Bytes);
      }
      return { size, files };
    },
    inclusion: (election, station, version) => {
      const row = ofStation.get(election, station, version);
      if (row === undefined) return undefined;
      const { state } = flush(election);
      const reader = readerOf(folderOf(election));
      const proof = inclusionProof(reader, row.position, state.size);
      const checkpoint = reader.read(CHECKPOINT_FILE);
      return proof === undefined || checkpoint === undefined
        ? undefined
        : { position: row.position, size: state.size, entry: plain(row.entry), proof, checkpoint };
    },
    folderOf,
  };
}
