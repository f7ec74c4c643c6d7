/** Paper counts on the way: who has entered, whether both agree, and the order to be signed when they do. */
import { type Provisioning, slipLedgerBreaks, toHex, utf8 } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import type { Database, Migrations } from '../database/database.ts';
import type { HeldSlip } from '../intake/intake.ts';
import {
  differingFields,
  evidenceText,
  PAPER_REASON,
  type PaperCount,
  type PaperOrder,
  slipPayload,
  slipWithPaper,
} from './paper-count.ts';

/** The two who enter: nobody can be both. */
export const PAPER_ROLES = ['executive_board', 'supervisory_board'] as const;
export type PaperRole = (typeof PAPER_ROLES)[number];

export const PAPER_MIGRATIONS: Migrations = {
  module: 'paper',
  steps: [
    `CREATE TABLE paper_entries (
       election TEXT NOT NULL,
       station TEXT NOT NULL,
       role TEXT NOT NULL,
       -- every entry stays: a corrected one is the next
       entry INTEGER NOT NULL CHECK (entry >= 1),
       at INTEGER NOT NULL,
       body TEXT NOT NULL,
       PRIMARY KEY (election, station, role, entry)
     ) STRICT, WITHOUT ROWID;`,
  ],
};

export type PaperState =
  | { readonly state: 'none' }
  | { readonly state: 'waiting'; readonly entered: PaperRole }
  | { readonly state: 'differ'; readonly fields: readonly string[] }
  | { readonly state: 'agreed'; readonly count: PaperCount };

export interface Paper {
  stateOf(election: string, station: string): PaperState;
  enter(election: string, role: PaperRole, count: PaperCount): void;
  /** stations with entries */
  open(
    election: string,
  ): readonly { readonly station: string; readonly state: 'waiting' | 'differ' | 'agreed' }[];
}

interface Row {
  readonly role: PaperRole;
  readonly body: string;
}

/** @param now epoch seconds */
export function createPaper(database: Database, now: () => number): Paper {
  const latest = database.prepare<[string, string], Row>(
    `SELECT role, body FROM paper_entries AS one WHERE election = ? AND station = ? AND entry =
       (SELECT max(entry) FROM paper_entries WHERE election = one.election AND station = one.station AND role = one.role)`,
  );
  const next = database.prepare<[string, string, string], { entry: number }>(
    'SELECT coalesce(max(entry), 0) + 1 AS entry FROM paper_entries WHERE election = ? AND station = ? AND role = ?',
  );
  const insert = database.prepare<[string, string, string, number, number, string]>(
    'INSERT INTO paper_entries (election, station, role, entry, at, body) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const stations = database.prepare<[string], { station: string }>(
    'SELECT DISTINCT station FROM paper_entries WHERE election = ? ORDER BY station',
  );
  const stateOf = (election: string, station: string): PaperState => {
    const rows = latest.all(election, station);
    const [first, second] = PAPER_ROLES.flatMap((role) => rows.find((row) => row.role === role) ?? []);
    if (first === undefined) return { state: 'none' };
    if (second === undefined) return { state: 'waiting', entered: first.role };
    const [a, b] = [JSON.parse(first.body) as PaperCount, JSON.parse(second.body) as PaperCount];
    const fields = differingFields(a, b);
    return fields.length === 0 ? { state: 'agreed', count: a } : { state: 'differ', fields };
  };
  return {
    stateOf,
    enter: (election, role, count) => {
      database.transaction(() => {
        const entry = next.get(election, count.station, role)?.entry ?? 1;
        insert.run(election, count.station, role, entry, now(), JSON.stringify(count));
      })();
    },
    open: (election) =>
      stations.all(election).flatMap(({ station }) => {
        const { state } = stateOf(election, station);
        return state === 'none' ? [] : [{ station, state }];
      }),
  };
}

/** @returns undefined where no slip stands, or the paper count does not fit it by its ledgers */
export function paperOrder(
  provisioning: Provisioning,
  standing: HeldSlip | undefined,
  count: PaperCount,
): PaperOrder | undefined {
  if (standing === undefined) return undefined;
  const { station, slip, slipDigest, commitments } = standing.checked;
  const next = slipWithPaper(provisioning, slip, count);
  const breaks = slipLedgerBreaks(provisioning.package, next, commitments, station.votesMax);
  if (breaks.length > 0 && !next.disputed) return undefined;
  return {
    form: 'sandoq.paper-order/1',
    election: provisioning.election,
    station: station.id,
    supersedes: toHex(slipDigest),
    slip: toHex(slipPayload(next)),
    evidence: toHex(nodeCrypto.sha256(utf8(evidenceText(provisioning.election, count)))),
    reason: PAPER_REASON,
  };
}

/** Whether the slip that stands carries this count already. */
export const isTaken = ({ checked }: HeldSlip, election: string, count: PaperCount): boolean => {
  const evidence = toHex(nodeCrypto.sha256(utf8(evidenceText(election, count))));
  return checked.slip.segments.some((one) => one.kind === 'paper' && toHex(one.evidence) === evidence);
};
