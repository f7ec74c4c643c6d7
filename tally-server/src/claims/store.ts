/**
 * What the province holds of persons: for each station that ever claimed one, a line of keyed digest, turn, state and
 * coarse time. A file of its own, apart from slips and totals, so that it is erased as one thing when the law says so.
 *
 * Threat model: whoever copies the file learns, without the round key (which the province never has), how many people
 * were admitted where in which bucket, and nothing of who. Rows stand in the order of their digests. A rollback journal
 * and `secure_delete` leave no trail of what was written when; `compact` makes the file's bytes a function of the rows
 * (and SQLite's public counters), which between two compactings only how the pages were split can tell from. Whoever
 * watches the running server sees each claim come: docs/CLAIMS.md.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Bytes, type HeldClaim, type records, toHex } from '@sandoq/protocol';
import Sqlite from 'better-sqlite3';

const SYNCHRONOUS_EXTRA = 3;
const BUSY_TIMEOUT_MS = 5000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS claim (
    election TEXT NOT NULL,
    mode TEXT NOT NULL,
    person BLOB NOT NULL,
    station TEXT NOT NULL,
    journal TEXT NOT NULL,
    turn INTEGER NOT NULL,
    released INTEGER NOT NULL,
    unconfirmed INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    PRIMARY KEY (election, mode, person, station, journal)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS round_key (
    election TEXT PRIMARY KEY,
    key_check BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/** Of one election and mode. */
export interface Round {
  readonly election: string;
  readonly mode: records.Mode;
}

export interface ClaimSums {
  /** admissions that stand: a person admitted at two stations is two of them */
  readonly admissions: number;
  /** of them, made while the province could not be asked */
  readonly unconfirmed: number;
  readonly persons: number;
  readonly released: number;
  /** admissions beyond the first of their persons */
  readonly doubles: number;
  /** each double attributed to its stations: how many persons these two have both admitted */
  readonly pairs: readonly { readonly stations: readonly [string, string]; readonly persons: number }[];
}

export interface ClaimStore {
  held(round: Round, person: Bytes): readonly HeldClaim[];
  put(round: Round, person: Bytes, line: HeldClaim): void;
  /** the check of this round's key, taken from the first station that claims */
  keyCheck(election: string): Bytes | undefined;
  setKeyCheck(election: string, keyCheck: Bytes): void;
  /** All or nothing, durable when it returns. */
  transaction<Value>(run: () => Value): Value;
  sums(round: Round): ClaimSums;
  compact(): void;
  close(): void;
}

function configure(database: Sqlite.Database): void {
  // One server's alone: no locks, and no journal opened and made known to its folder for each claim.
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('journal_mode = TRUNCATE');
  database.pragma('synchronous = EXTRA');
  database.pragma('secure_delete = ON');
  database.pragma('temp_store = MEMORY');
  database.pragma('trusted_schema = OFF');
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const simple = (pragma: string): unknown => database.pragma(pragma, { simple: true });
  if (
    simple('locking_mode') !== 'exclusive' ||
    simple('journal_mode') !== 'truncate' ||
    simple('synchronous') !== SYNCHRONOUS_EXTRA ||
    simple('secure_delete') !== 1
  )
    throw new Error('the store of claims is not durable and forgetful');
}

interface Row {
  readonly station: string;
  readonly journal: string;
  readonly turn: number;
  readonly released: number;
  readonly unconfirmed: number;
  readonly bucket: number;
}

const lineOf = (row: Row): HeldClaim => ({
  station: row.station,
  journal: row.journal,
  turn: row.turn,
  state: row.released === 1 ? 'released' : 'claimed',
  unconfirmed: row.unconfirmed === 1,
  bucket: row.bucket,
});

function sumsOf(rows: Iterable<Row & { readonly person: Buffer }>): ClaimSums {
  const sums = { admissions: 0, unconfirmed: 0, persons: 0, released: 0, doubles: 0 };
  const pairs = new Map<string, number>();
  let person = '';
  let stations: string[] = [];
  for (const row of rows) {
    if (row.released === 1) {
      sums.released++;
      continue;
    }
    sums.admissions++;
    sums.unconfirmed += row.unconfirmed;
    const hex = toHex(row.person);
    if (hex !== person) {
      person = hex;
      stations = [];
      sums.persons++;
    } else sums.doubles++;
    for (const other of stations) {
      const pair = `${other} ${row.station}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    }
    stations.push(row.station);
  }
  return {
    ...sums,
    pairs: [...pairs]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([pair, persons]) => ({ stations: pair.split(' ') as [string, string], persons })),
  };
}

export function openClaimStore(path: string): ClaimStore {
  mkdirSync(dirname(path), { recursive: true });
  const database = new Sqlite(path);
  chmodSync(path, 0o600);
  configure(database);
  database.exec(SCHEMA);
  const COLUMNS = 'station, journal, turn, released, unconfirmed, bucket';
  const held = database.prepare<[string, string, Uint8Array], Row>(
    `SELECT ${COLUMNS} FROM claim WHERE election = ? AND mode = ? AND person = ?`,
  );
  const put = database.prepare(
    `INSERT INTO claim (election, mode, person, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET turn = excluded.turn, released = excluded.released,
       unconfirmed = excluded.unconfirmed, bucket = excluded.bucket`,
  );
  // In the order of the primary key: one person's lines stand together.
  const all = database.prepare<[string, string], Row & { readonly person: Buffer }>(
    `SELECT person, ${COLUMNS} FROM claim WHERE election = ? AND mode = ? ORDER BY person, station, journal`,
  );
  const keyCheck = database
    .prepare<[string], Buffer>('SELECT key_check FROM round_key WHERE election = ?')
    .pluck();
  return {
    held: ({ election, mode }, person) => held.all(election, mode, person).map(lineOf),
    put({ election, mode }, person, { station, journal, turn, state, unconfirmed, bucket }) {
      put.run(
        election,
        mode,
        person,
        station,
        journal,
        turn,
        state === 'released' ? 1 : 0,
        unconfirmed ? 1 : 0,
        bucket,
      );
    },
    keyCheck: (election) => keyCheck.get(election) as Bytes | undefined,
    setKeyCheck(election, check) {
      database.prepare('INSERT INTO round_key (election, key_check) VALUES (?, ?)').run(election, check);
    },
    transaction: (run) => database.transaction(run).immediate(),
    sums: ({ election, mode }) => sumsOf(all.iterate(election, mode)),
    compact() {
      database.exec('VACUUM');
    },
    close() {
      database.close();
    },
  };
}
