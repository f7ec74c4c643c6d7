/** The intake's table: bundles as they came, byte for byte, each with the receipt that was given for it. */
import type { Database, Migrations } from '../database/database.ts';

export const INTAKE_MIGRATIONS: Migrations = {
  module: 'intake',
  steps: [
    `CREATE TABLE intake_bundles (
       election TEXT NOT NULL,
       station TEXT NOT NULL,
       -- 1 is the slip; each correction that supersedes it is the next
       version INTEGER NOT NULL CHECK (version >= 1),
       bundle_digest BLOB NOT NULL CHECK (length(bundle_digest) = 32),
       bundle BLOB NOT NULL,
       receipt BLOB NOT NULL,
       received_at INTEGER NOT NULL,
       -- how many amendments of the election the intake knew when it judged
       amendments INTEGER NOT NULL,
       PRIMARY KEY (election, station, version),
       UNIQUE (election, bundle_digest)
     ) STRICT, WITHOUT ROWID;`,
  ],
};

export interface StoredBundle {
  readonly station: string;
  readonly version: number;
  readonly bundleDigest: Uint8Array;
  readonly bundle: Uint8Array;
  readonly receipt: Uint8Array;
  /** epoch seconds */
  readonly receivedAt: number;
  /** how many amendments of the election the intake knew when it judged */
  readonly amendments: number;
}

interface Row {
  readonly station: string;
  readonly version: number;
  readonly bundle_digest: Buffer;
  readonly bundle: Buffer;
  readonly receipt: Buffer;
  readonly received_at: number;
  readonly amendments: number;
}

const plain = (buffer: Buffer): Uint8Array =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length).slice();

const stored = (row: Row): StoredBundle => ({
  station: row.station,
  version: row.version,
  bundleDigest: plain(row.bundle_digest),
  bundle: plain(row.bundle),
  receipt: plain(row.receipt),
  receivedAt: row.received_at,
  amendments: row.amendments,
});

export interface IntakeStore {
  byDigest(election: string, bundleDigest: Uint8Array): StoredBundle | undefined;
  /** the slip and its corrections, in their order; the last one stands */
  versions(election: string, station: string): readonly StoredBundle[];
  /** of all stations, by station and version */
  all(election: string): readonly StoredBundle[];
  /** Returns when the row is on the disk. @throws where the station already has this version */
  insert(election: string, bundle: StoredBundle): void;
}

const COLUMNS = 'station, version, bundle_digest, bundle, receipt, received_at, amendments';

export function intakeStore(database: Database): IntakeStore {
  const byDigest = database.prepare<[string, Uint8Array], Row>(
    `SELECT ${COLUMNS} FROM intake_bundles WHERE election = ? AND bundle_digest = ?`,
  );
  const versions = database.prepare<[string, string], Row>(
    `SELECT ${COLUMNS} FROM intake_bundles WHERE election = ? AND station = ? ORDER BY version`,
  );
  const all = database.prepare<[string], Row>(
    `SELECT ${COLUMNS} FROM intake_bundles WHERE election = ? ORDER BY station, version`,
  );
  return {
    byDigest: (election, digest) => {
      const row = byDigest.get(election, digest);
      return row === undefined ? undefined : stored(row);
    },
    versions: (election, station) => versions.all(election, station).map(stored),
    all: (election) => all.all(election).map(stored),
    insert: (election, one) => {
      database
        .prepare(`INSERT INTO intake_bundles (election, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
        .run(
          election,
          one.station,
          one.version,
          one.bundleDigest,
          one.bundle,
          one.receipt,
          one.receivedAt,
          one.amendments,
        );
    },
  };
}
