/**
 * Revisions: each time that what may be public has changed, the next one to ask is given a new revision. Its page,
 * JSON, CSV and NIST report come from one snapshot, and its line in the revision log is written before any of them
 * leaves. Nothing is ever taken out of the log.
 */
import { concatBytes, type Provisioning, toHex, utf8 } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import type { Database, Migrations } from '../database/database.ts';
import type { HeldSlip } from '../intake/intake.ts';
import { type CrossTablesJson, crossTables } from './cross-tables.ts';
import { nistReport } from './nist.ts';
import { isVotingOver, type PublicationRules, released } from './release.ts';
import { resultsJson, type Snapshot, snapshotOf } from './results.ts';
import { resultsCsv } from './results-csv.ts';

export const PUBLICATION_MIGRATIONS: Migrations = {
  module: 'publication',
  steps: [
    `CREATE TABLE publication_revisions (
       election TEXT NOT NULL,
       number INTEGER NOT NULL CHECK (number >= 1),
       at INTEGER NOT NULL,
       -- of everything that the revision was made from
       state TEXT NOT NULL,
       received INTEGER NOT NULL,
       missing INTEGER NOT NULL,
       disputed INTEGER NOT NULL,
       -- SHA-256 of results.json, results.csv and results.nist.json, hexadecimal
       json TEXT NOT NULL,
       csv TEXT NOT NULL,
       nist TEXT NOT NULL,
       PRIMARY KEY (election, number)
     ) STRICT, WITHOUT ROWID;
     -- what was public for the first time in which revision
     CREATE TABLE publication_items (
       election TEXT NOT NULL,
       station TEXT NOT NULL,
       version INTEGER NOT NULL,
       revision INTEGER NOT NULL,
       slip_digest TEXT NOT NULL,
       PRIMARY KEY (election, station, version)
     ) STRICT, WITHOUT ROWID;`,
  ],
};

export interface PublishedRevision {
  readonly snapshot: Snapshot;
  /** changes with every revision: what pages and events compare */
  readonly state: string;
  readonly json: string;
  readonly csv: string;
  readonly nist: string;
  readonly crossTables: CrossTablesJson;
}

export interface RevisionLine {
  readonly revision: number;
  readonly at: number;
  readonly state: string;
  readonly received: number;
  readonly missing: number;
  readonly disputed: number;
  readonly sha256: { readonly json: string; readonly csv: string; readonly nist: string };
  /** slips and corrections that are public since this revision */
  readonly items: readonly {
    readonly station: string;
    readonly version: number;
    readonly slip_digest: string;
  }[];
}

export interface Publications {
  /** the slips of those given that may be public now */
  publishable(provisioning: Provisioning, held: readonly HeldSlip[]): readonly HeldSlip[];
  current(provisioning: Provisioning): PublishedRevision;
  /** the state that `current` would have, without making anything */
  state(provisioning: Provisioning): string;
  /** the newest first, at most REVISIONS_SHOWN_MAX */
  revisions(election: string): readonly RevisionLine[];
}

export const REVISIONS_SHOWN_MAX = 500;

interface RevisionRow {
  readonly number: number;
  readonly at: number;
  readonly state: string;
  readonly received: number;
  readonly missing: number;
  readonly disputed: number;
  readonly json: string;
  readonly csv: string;
  readonly nist: string;
}

interface ItemRow {
  readonly station: string;
  readonly version: number;
  readonly slip_digest: string;
}

const digestOf = (text: string): string => toHex(nodeCrypto.sha256(utf8(text)));

/** What a publication is made from, in 32 hexadecimal digits. */
function stateOf(provisioning: Provisioning, slips: readonly HeldSlip[], over: boolean): string {
  const head = utf8(`${provisioning.amendments.length} ${over}`);
  const digests = slips.map(({ bundleDigest }) => bundleDigest);
  return toHex(nodeCrypto.sha256(concatBytes(provisioning.packageDigest, head, ...digests))).slice(0, 32);
}

export interface PublicationsOptions {
  readonly database: Database;
  readonly rules: PublicationRules;
  readonly held: (provisioning: Provisioning) => readonly HeldSlip[];
  /** epoch seconds */
  readonly now: () => number;
}

function statements(database: Database) {
  return {
    last: database.prepare<[string], RevisionRow>(
      'SELECT * FROM publication_revisions WHERE election = ? ORDER BY number DESC LIMIT 1',
    ),
    all: database.prepare<[string, number], RevisionRow>(
      'SELECT * FROM publication_revisions WHERE election = ? ORDER BY number DESC LIMIT ?',
    ),
    items: database.prepare<[string, number], ItemRow>(
      'SELECT station, version, slip_digest FROM publication_items WHERE election = ? AND revision = ? ORDER BY station, version',
    ),
    addItem: database.prepare<[string, string, number, number, string]>(
      'INSERT OR IGNORE INTO publication_items (election, station, version, revision, slip_digest) VALUES (?, ?, ?, ?, ?)',
    ),
    add: database.prepare<[string, number, number, string, number, number, number, string, string, string]>(
      `INSERT INTO publication_revisions
         (election, number, at, state, received, missing, disputed, json, csv, nist) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  };
}

export function createPublications({ database, rules, held, now }: PublicationsOptions): Publications {
  const sql = statements(database);
  const made = new Map<string, PublishedRevision>();

  const render = (snapshot: Snapshot, state: string): PublishedRevision => ({
    snapshot,
    state,
    json: `${JSON.stringify(resultsJson(snapshot), null, 1)}\n`,
    csv: resultsCsv(snapshot),
    nist: `${JSON.stringify(nistReport(snapshot), null, 1)}\n`,
    crossTables: crossTables(snapshot, rules.smallCellMin),
  });
  const write = (election: string, { snapshot, state, json, csv, nist }: PublishedRevision): void => {
    const { number, at } = snapshot.revision;
    const { received, missing, disputed } = snapshot.sums.slips;
    database.transaction(() => {
      sql.add.run(
        election,
        number,
        at,
        state,
        received,
        missing,
        disputed,
        digestOf(json),
        digestOf(csv),
        digestOf(nist),
      );
      for (const { slip } of snapshot.stations)
        for (const { version, checked } of slip?.versions ?? [])
          sql.addItem.run(election, checked.station.id, version, number, toHex(checked.slipDigest));
    })();
  };

  return {
    publishable: (provisioning, slips) => released(rules, provisioning, now(), slips),
    state: (provisioning) => {
      const at = now();
      return stateOf(
        provisioning,
        released(rules, provisioning, at, held(provisioning)),
        isVotingOver(provisioning, at),
      );
    },
    current: (provisioning) => {
      const { election } = provisioning;
      const at = now();
      const slips = released(rules, provisioning, at, held(provisioning));
      const state = stateOf(provisioning, slips, isVotingOver(provisioning, at));
      const before = made.get(election);
      if (before?.state === state) return before;
      const last = sql.last.get(election);
      // After a restart the revision that stands is made again from the same slips: its texts are the same.
      const again = last !== undefined && last.state === state;
      const revision = again
        ? { number: last.number, at: last.at }
        : { number: (last?.number ?? 0) + 1, at: Math.max(at, last?.at ?? 0) };
      const published = render(snapshotOf(provisioning, slips, revision), state);
      if (!again) write(election, published);
      made.set(election, published);
      return published;
    },
    revisions: (election) =>
      sql.all.all(election, REVISIONS_SHOWN_MAX).map(({ number, json, csv, nist, ...row }) => ({
        revision: number,
        at: row.at,
        state: row.state,
        received: row.received,
        missing: row.missing,
        disputed: row.disputed,
        sha256: { json, csv, nist },
        items: sql.items.all(election, number),
      })),
  };
}
