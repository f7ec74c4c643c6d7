/** The intake's table: bundles as they came, byte for byte, each with the receipt that was given for it. */
import type { Database, Migrations, Statement } from '../database/database.ts';

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
  /** the receipt that was given for these bytes */
  receiptOf(election: string, bundleDigest: Uint8Array): Uint8Array | undefined;
  version(election: string, station: string, version: number): StoredBundle | undefined;
  /** of all stations, by station and version; read as they are asked for */
  all(election: string): Iterable<StoredBundle>;
  /** the same, only what a publication shows, not copied once more */
  published(election: string): Iterable<Pick<StoredBundle, 'station' | 'version' | 'bundle' | 'receipt'>>;
  /** Inside a transaction. @throws where the station already has this version */
  insert(election: string, bundle: StoredBundle): void;
  /** Returns when all that was inserted is on the disk. Nothing is kept where the work throws. */
  transaction(work: () => void): void;
}

const COLUMNS = 'station, version, bundle_digest, bundle, receipt, received_at, amendments';

/** Rows read at a time: no statement stays open while others work. */
const PAGE_ROWS = 256;

export function intakeStore(database: Database): IntakeStore {
  const byDigest = database.prepare<[string, Uint8Array], Row>(
    `SELECT ${COLUMNS} FROM intake_bundles WHERE election = ? AND bundle_digest = ?`,
  );
  const receiptOf = database.prepare<[string, Uint8Array], Pick<Row, 'receipt'>>(
    'SELECT receipt FROM intake_bundles WHERE election = ? AND bundle_digest = ?',
  );
  const version = database.prepare<[string, string, number], Row>(
    `SELECT ${COLUMNS} FROM intake_bundles WHERE election = ? AND station = ? AND version = ?`,
  );
  const pageOf = <Found extends Pick<Row, 'station' | 'version'>>(columns: string) =>
    database.prepare<[string, string, number], Found>(
      `SELECT ${columns} FROM intake_bundles WHERE election = ? AND (station, version) > (?, ?)
       ORDER BY station, version LIMIT ${PAGE_ROWS}`,
    );
  const whole = pageOf<Row>(COLUMNS);
  const shown = pageOf<Pick<Row, 'station' | 'version' | 'bundle' | 'receipt'>>(
    'station, version, bundle, receipt',
  );
  function* pages<Found extends Pick<Row, 'station' | 'version'>>(
    page: Statement<[string, string, number], Found>,
    election: string,
  ): Generator<Found> {
    let after: Pick<Row, 'station' | 'version'> = { station: '', version: 0 };
    for (;;) {
      const rows = page.all(election, after.station, after.version);
      yield* rows;
      const next = rows.at(-1);
      if (next === undefined || rows.length < PAGE_ROWS) return;
      after = next;
    }
  }
  const insert = database.prepare(
    `INSERT INTO intake_bundles (election, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const one = (row: Row | undefined): StoredBundle | undefined =>
    row === undefined ? undefined : stored(row);
  return {
    byDigest: (election, digest) => one(byDigest.get(election, digest)),
    receiptOf: (election, digest) => {
      const row = receiptOf.get(election, digest);
      return row === undefined ? undefined : plain(row.receipt);
    },
    version: (election, station, number) => one(version.get(election, station, number)),
    all: function* (election) {
      for (const row of pages(whole, election)) yield stored(row);
    },
    published: (election) => pages(shown, election),
    insert: (election, row) => {
      if (!database.inTransaction)
        throw new Error('a slip is stored together with its entry in the bulletin');
      insert.run(
        election,
        row.station,
        row.version,
        row.bundleDigest,
        row.bundle,
        row.receipt,
        row.receivedAt,
        row.amendments,
      );
    },
    transaction: (work) => {
      // Immediate: another process may be writing its publication's entry, and is waited for.
      database.transaction(work).immediate();
    },
  };
}
