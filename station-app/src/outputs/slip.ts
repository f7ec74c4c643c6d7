/**
 * The slip: totals, ledgers, segments. Pure: everything is passed in, and every ledger is checked here by the same
 * identities that intake and verifier check (RECORDS.md, "Ledgers"). What does not hold is named and marks it disputed.
 */
import {
  type Bytes,
  type Crypto,
  equalBytes,
  type records,
  type Subject,
  segmentBreaks,
  slipLedgerBreaks,
  toHex,
  utf8,
} from '@sandoq/protocol';
import type { SlipFault } from '../contract/codes.ts';
import type { CountResult } from './count.ts';

export interface SlipParts {
  readonly election: records.Package;
  readonly votesMax: number;
  readonly settings: records.Settings;
  readonly packageDigest: Bytes;
  readonly amendmentDigests: readonly Bytes[];
  readonly session: records.Session;
  readonly commitment: records.Commitment;
  readonly admissions: records.AdmissionSummary;
  readonly votingSubject: Subject;
  readonly storeRecords: number;
  readonly storeRoot: Bytes;
  readonly count: CountResult;
  readonly closedAt: number;
}

export interface SlipMade {
  readonly slip: records.Slip;
  readonly faults: readonly SlipFault[];
  /** the evidence file of a disputed slip */
  readonly evidence: Bytes | undefined;
}

function ledgers(parts: SlipParts): Pick<records.Slip, 'tarefe' | 'papers' | 'slots'> {
  const { admissions, commitment, count } = parts;
  const issued = admissions.tarefeIssued;
  const ended =
    commitment.cardsSpent + admissions.tarefeReturned + admissions.tarefeSpoiled + admissions.tarefeAbandoned;
  return {
    tarefe: {
      issued,
      cast: commitment.cardsSpent,
      returned: admissions.tarefeReturned,
      spoiled: admissions.tarefeSpoiled,
      abandoned: admissions.tarefeAbandoned,
      // More ended than issued is no outstanding card: it is a ledger that does not hold.
      outstanding: Math.max(0, issued - ended),
    },
    papers: {
      printed: commitment.papersPrinted,
      inBin: commitment.papersInBin,
      rejected: commitment.papersRejected,
      retained: commitment.papersRetained,
    },
    slots: { box: commitment.records, station: parts.storeRecords, tallied: count.tallied },
  };
}

/** What does not agree, by the identities that intake and verifier check. */
export function slipBreaks(
  election: records.Package,
  votesMax: number,
  slip: records.Slip,
  session: records.Session,
  commitment: records.Commitment,
): readonly SlipFault[] {
  const breaks = [
    ...slipLedgerBreaks(election, slip, [commitment], votesMax),
    ...segmentBreaks(slip, [session], [commitment]),
  ];
  return [...new Set(breaks.map(({ code }) => code))];
}

function segmentsOf(parts: SlipParts, evidence: Bytes | undefined): records.Slip['segments'] {
  const { session, commitment } = parts;
  const dispute = evidence === undefined ? { disputed: false } : { disputed: true, evidence };
  return [
    {
      kind: 'box',
      sessionId: session.sessionId,
      subject: session.boxSubject,
      records: commitment.records,
      setRoot: commitment.setRoot,
      ...dispute,
    },
    {
      kind: 'station',
      sessionId: session.sessionId,
      subject: parts.votingSubject,
      records: parts.storeRecords,
      setRoot: parts.storeRoot,
      ...dispute,
    },
  ];
}

/** A file for people that says what does not agree; its digest stands in the disputed segments. */
const evidenceOf = (parts: SlipParts, faults: readonly SlipFault[]): Bytes =>
  utf8(
    `${JSON.stringify({
      station: parts.session.stationId,
      session: toHex(parts.session.sessionId),
      faults,
      unreadable_records: parts.count.unreadable,
      box: { records: parts.commitment.records, set_root: toHex(parts.commitment.setRoot) },
      station_store: { records: parts.storeRecords, set_root: toHex(parts.storeRoot) },
    })}\n`,
  );

export function makeSlip(crypto: Pick<Crypto, 'sha256'>, parts: SlipParts): SlipMade {
  const { session, commitment } = parts;
  const undisputed: records.Slip = {
    stationId: session.stationId,
    mode: session.mode,
    packageDigest: parts.packageDigest,
    sessionIds: [session.sessionId],
    totals: parts.count.totals,
    ...ledgers(parts),
    admissions: parts.admissions,
    segments: segmentsOf(parts, undefined),
    disputed: false,
    openedBucket: session.openedBucket,
    // A clock that was set back must not make a slip of no time.
    closedAt: Math.max(parts.closedAt, session.openedBucket),
    denominator: parts.settings.denominator,
    ...(parts.amendmentDigests.length === 0 ? {} : { amendments: parts.amendmentDigests }),
  };
  const faults: SlipFault[] = [
    ...slipBreaks(parts.election, parts.votesMax, undisputed, session, commitment),
    ...(equalBytes(commitment.setRoot, parts.storeRoot) ? [] : (['sets_differ'] as const)),
    ...(parts.count.unreadable > 0 ? (['records_unreadable'] as const) : []),
  ];
  if (faults.length === 0) return { slip: undisputed, faults, evidence: undefined };
  const evidence = evidenceOf(parts, faults);
  const segments = segmentsOf(parts, crypto.sha256(evidence));
  return { slip: { ...undisputed, segments, disputed: true }, faults, evidence };
}
