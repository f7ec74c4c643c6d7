/**
 * Opens a station's SQLite file with the durability that it needs, and asserts it: this library's build quietly
 * lowers `synchronous` in WAL mode, and a pragma that is not understood is no error in SQLite.
 */
import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3';

/**
 * `forgetful`: rollback journal, overwritten content zeroed, one page size, no free pages moved: for a file whose
 * bytes must not tell in which order they were written. It is locked for its one process from the first write on, until
 * `shareDatabase`: locks, and a journal opened anew for each vote, cost as many system calls as the writes themselves.
 * `sequential`: write-ahead log, for what is a sequence anyway.
 */
export type DatabaseKind = 'forgetful' | 'sequential';

export type SqliteDatabase = Database.Database;

const SYNCHRONOUS = { full: 2, extra: 3 } as const;
export const PAGE_BYTES = 4096;

function demand(database: SqliteDatabase, pragma: string, wanted: string | number): void {
  const found: unknown = database.pragma(pragma, { simple: true });
  if (found !== wanted) throw new Error(`SQLite pragma ${pragma} is ${String(found)}, wanted ${wanted}`);
}

export function openDatabase(path: string, kind: DatabaseKind): SqliteDatabase {
  const database = new Database(path);
  chmodSync(path, 0o600);
  database.pragma(`page_size = ${PAGE_BYTES}`);
  database.pragma('auto_vacuum = NONE');
  database.pragma('trusted_schema = OFF');
  database.pragma('temp_store = MEMORY');
  database.pragma('foreign_keys = ON');
  if (kind === 'forgetful') {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = TRUNCATE');
    database.pragma('synchronous = EXTRA');
    database.pragma('secure_delete = ON');
    demand(database, 'locking_mode', 'exclusive');
    demand(database, 'journal_mode', 'truncate');
    demand(database, 'synchronous', SYNCHRONOUS.extra);
    demand(database, 'secure_delete', 1);
  } else {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    demand(database, 'journal_mode', 'wal');
    demand(database, 'synchronous', SYNCHRONOUS.full);
  }
  demand(database, 'page_size', PAGE_BYTES);
  demand(database, 'temp_store', 2);
  return database;
}

/** Other processes may read a `forgetful` file from now on. The lock goes with the next look at the file: here. */
export function shareDatabase(database: SqliteDatabase): void {
  database.pragma('locking_mode = NORMAL');
  demand(database, 'locking_mode', 'normal');
  database.prepare('SELECT count(*) FROM sqlite_schema').get();
}
