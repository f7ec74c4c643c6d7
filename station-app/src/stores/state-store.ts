/**
 * What a restart needs beside the records: the machines' snapshots, the signed records of the session, the outbox.
 * Never a selection, a style, a card or a nonce. A snapshot and the facts that it speaks of are written together.
 */
import type { Bytes, records } from '@sandoq/protocol';
import { openDatabase } from './database.ts';

export const FACT_NAMES = [
  'session',
  'zero_report',
  'commitment',
  'admission_summary',
  'slip',
  'bundle',
  'receipt',
  'recount',
  'minutes',
  'paper_copies',
  'opening_request',
  'opening_seals',
  'doors_request',
  'closing_request',
  'closed_at',
  'paused',
  'attested',
  'cards_tried',
] as const;
export type FactName = (typeof FACT_NAMES)[number];
/** The minutes are signed by at most ROLES_MAX roles. */
export const SLIP_APPROVALS_MAX = 32;

export interface SlipApproval {
  readonly role: records.Role;
  readonly refused: boolean;
  readonly remark: string | null;
  readonly record: Bytes;
}

/** Written reports of one day. */
export const REPORTS_MAX = 200;

/** What somebody who watches has written down; the text is the author's. */
export interface FiledReport {
  /** from 1 */
  readonly number: number;
  readonly role: records.Role;
  /** start of the time bucket, epoch seconds */
  readonly writtenBucket: number;
  readonly text: string;
  /** the author's card over the ReportStatement, where the author has one */
  readonly approval: Bytes | null;
}

export interface StateStore {
  snapshot(machine: string): string | undefined;
  fact(name: FactName): Bytes | undefined;
  /** Signatures under the minutes, and signed disagreements, by role. */
  slipApprovals(): readonly SlipApproval[];
  /** The same signatures over the minutes. */
  minutesApprovals(): readonly Pick<SlipApproval, 'role' | 'record'>[];
  /** In the order of their numbers. */
  reports(): readonly FiledReport[];
  /** One transaction, durable when it returns. */
  commit(change: {
    readonly snapshots?: Readonly<Record<string, string>>;
    readonly facts?: Partial<Readonly<Record<FactName, Bytes>>>;
    readonly slipApproval?: SlipApproval;
    readonly minutesApproval?: Pick<SlipApproval, 'role' | 'record'>;
    readonly report?: FiledReport;
  }): void;
  close(): void;
}

export function openStateStore(path: string): StateStore {
  const database = openDatabase(path, 'sequential');
  database.exec(
    'CREATE TABLE IF NOT EXISTS snapshot (machine TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;' +
      'CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;' +
      'CREATE TABLE IF NOT EXISTS slip_approval (role TEXT PRIMARY KEY, refused INTEGER NOT NULL, remark TEXT, record BLOB NOT NULL) STRICT;' +
      'CREATE TABLE IF NOT EXISTS minutes_approval (role TEXT PRIMARY KEY, record BLOB NOT NULL) STRICT;' +
      'CREATE TABLE IF NOT EXISTS report (number INTEGER PRIMARY KEY, role TEXT NOT NULL, written_bucket INTEGER NOT NULL, text TEXT NOT NULL, approval BLOB) STRICT;',
  );
  const putSnapshot = database.prepare('INSERT OR REPLACE INTO snapshot VALUES (?, ?)');
  const putFact = database.prepare('INSERT OR REPLACE INTO fact VALUES (?, ?)');
  const putApproval = database.prepare('INSERT OR REPLACE INTO slip_approval VALUES (?, ?, ?, ?)');
  const putMinutesApproval = database.prepare('INSERT OR REPLACE INTO minutes_approval VALUES (?, ?)');
  // A number is given once: a report is never written over.
  const putReport = database.prepare('INSERT INTO report VALUES (?, ?, ?, ?, ?)');
  const commit = database.transaction((change: Parameters<StateStore['commit']>[0]) => {
    for (const [machine, json] of Object.entries(change.snapshots ?? {})) putSnapshot.run(machine, json);
    for (const [name, body] of Object.entries(change.facts ?? {})) putFact.run(name, body);
    if (change.report !== undefined) {
      const { number, role, writtenBucket, text, approval } = change.report;
      if (number > REPORTS_MAX) throw new RangeError('more than REPORTS_MAX reports');
      putReport.run(number, role, writtenBucket, text, approval);
    }
    if (change.minutesApproval !== undefined)
      putMinutesApproval.run(change.minutesApproval.role, change.minutesApproval.record);
    if (change.slipApproval !== undefined) {
      const { count } = database.prepare('SELECT count(*) AS count FROM slip_approval').get() as {
        count: number;
      };
      if (count >= SLIP_APPROVALS_MAX)
        throw new RangeError('more than SLIP_APPROVALS_MAX approvals of a slip');
      {
        const { role, refused, remark, record } = change.slipApproval;
        putApproval.run(role, refused ? 1 : 0, remark, record);
      }
    }
  });
  return {
    snapshot: (machine) =>
      (
        database.prepare('SELECT json FROM snapshot WHERE machine = ?').get(machine) as
          | { json: string }
          | undefined
      )?.json,
    fact(name) {
      const row = database.prepare('SELECT body FROM fact WHERE name = ?').get(name) as
        | { body: Uint8Array }
        | undefined;
      return row === undefined ? undefined : new Uint8Array(row.body);
    },
    slipApprovals: () =>
      (
        database.prepare('SELECT role, refused, remark, record FROM slip_approval ORDER BY role').all() as {
          role: records.Role;
          refused: number;
          remark: string | null;
          record: Uint8Array;
        }[]
      ).map((row) => ({ ...row, refused: row.refused === 1, record: new Uint8Array(row.record) })),
    minutesApprovals: () =>
      (
        database.prepare('SELECT role, record FROM minutes_approval ORDER BY role').all() as {
          role: records.Role;
          record: Uint8Array;
        }[]
      ).map(({ role, record }) => ({ role, record: new Uint8Array(record) })),
    reports: () =>
      (
        database.prepare('SELECT * FROM report ORDER BY number').all() as {
          number: number;
          role: records.Role;
          written_bucket: number;
          text: string;
          approval: Uint8Array | null;
        }[]
      ).map(({ number, role, written_bucket, text, approval }) => ({
        number,
        role,
        writtenBucket: written_bucket,
        text,
        approval: approval === null ? null : new Uint8Array(approval),
      })),
    commit: (change) => commit(change),
    close: () => database.close(),
  };
}
