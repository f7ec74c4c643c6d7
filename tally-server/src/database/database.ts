/** The province's SQLite file. A receipt promises that a slip is held: durability is set and asserted, not assumed. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';

export type Database = Sqlite.Database;
export type Statement<Parameters extends unknown[], Row> = Sqlite.Statement<Parameters, Row>;

/** `PRAGMA synchronous`: 2 is FULL, a commit in the write-ahead log is synced before it returns. */
const SYNCHRONOUS_FULL = 2;
const BUSY_TIMEOUT_MS = 5000;

/**
 * Of a new file; one that is there keeps its own. A slip of a few thousand bytes lies in one page with its neighbours,
 * not in a chain of small ones.
 */
const PAGE_BYTES = 16 * 1024;

/** 64 MiB of pages: on the night the file itself is written and synced every few thousand slips, not every few hundred. */
const CHECKPOINT_PAGES = (64 * 1024 * 1024) / PAGE_BYTES;

/** 32 MiB: the index of a nation's digests grows at random places, and two megabytes would read each again and again. */
const CACHE_KIB = 32 * 1024;

function configure(database: Database): void {
  database.pragma(`page_size = ${PAGE_BYTES}`);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.pragma(`cache_size = -${CACHE_KIB}`);
  database.pragma('foreign_keys = ON');
  database.pragma('trusted_schema = OFF');
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  const journal: unknown = database.pragma('journal_mode', { simple: true });
  const synchronous: unknown = database.pragma('synchronous', { simple: true });
  if (journal !== 'wal' || synchronous !== SYNCHRONOUS_FULL)
    throw new Error(
      `database is not durable: journal ${String(journal)}, synchronous ${String(synchronous)}`,
    );
}

/** Each module's tables are its own; so are its steps from one version of them to the next. */
export interface Migrations {
  readonly module: string;
  /** step i brings version i to i + 1; a step once released is never changed */
  readonly steps: readonly string[];
}

function migrate(database: Database, { module, steps }: Migrations): void {
  database.transaction(() => {
    const row = database
      .prepare<[string], { version: number }>('SELECT version FROM schema_versions WHERE module = ?')
      .get(module);
    const from = row?.version ?? 0;
    if (from > steps.length) throw new Error(`tables of ${module} are of a newer version: ${from}`);
    for (const step of steps.slice(from)) database.exec(step);
    database
      .prepare(
        'INSERT INTO schema_versions (module, version) VALUES (?, ?) ON CONFLICT (module) DO UPDATE SET version = excluded.version',
      )
      .run(module, steps.length);
  })();
}

export function openDatabase(path: string, modules: readonly Migrations[]): Database {
  mkdirSync(dirname(path), { recursive: true });
  const database = new Sqlite(path);
  configure(database);
  database.exec(
    'CREATE TABLE IF NOT EXISTS schema_versions (module TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT',
  );
  for (const module of modules) migrate(database, module);
  return database;
}

/** For who only looks: writing through this handle is an error, and a missing file is one too. */
export function openDatabaseToRead(path: string): Database {
  const database = new Sqlite(path, { readonly: true, fileMustExist: true });
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  return database;
}
