/**
 * The one judge of a bundle: everything that a slip rests on, checked whole, or one named fault. The intake accepts
 * by it, the verifier repeats it. Total and pure; `at` is passed in.
 */
import { type Bytes, equalBytes, toHex } from '../codec/bytes.ts';
import { decode, encode, type Shape } from '../codec/shape.ts';
import { isKeyEncoding } from '../crypto/enrol.ts';
import type { Crypto } from '../crypto/ports.ts';
import { failure, type Result, success } from '../result.ts';
import { BUNDLE_BYTES_MAX, SESSION_ID_BYTES, SLIP_BYTES_MAX, SMALL_RECORD_BYTES_MAX } from './bounds.ts';
import { parseTyped, type RecordType, type SignedRecord } from './cose.ts';
import {
  type Action,
  type AdmissionSummary,
  admissionSummaryShape,
  approvalShape,
  type Bundle,
  bundleShape,
  type Commitment,
  closeStatementShape,
  commitmentShape,
  openStatementShape,
  type Role,
  type Session,
  type Slip,
  type Station,
  sessionShape,
  slipShape,
  zeroReportShape,
} from './generated.ts';
import {
  isAdmissionSubject,
  type StationId,
  type Subject,
  sessionSubject,
  votingSubject,
} from './identifiers.ts';
import { checkSignature, directoryOf, type KeyDirectory, roleOf, sessionEntry } from './keys.ts';
import { type LedgerBreak, slipLedgerBreaks } from './ledgers.ts';
import { amendmentsInForce, type Provisioning, stationDirectory, stationUnder } from './provisioning.ts';
import { type SegmentBreak, segmentBreaks } from './segments.ts';
import { CLOSING_ROLES, OPENING_ROLES } from './station-rules.ts';

/** Every name that a refusal of a bundle may have, beside LEDGERS and SEGMENT_BREAKS. */
export const BUNDLE_REFUSALS = [
  'too_long',
  'bundle_malformed',
  'record_malformed',
  'record_of_other_type',
  'payload_malformed',
  'wrong_election',
  'signature_invalid',
  'subject_unknown',
  'purpose_not_allowed',
  'key_invalid',
  'station_unknown',
  'wrong_station',
  'package_differs',
  'rehearsal_refused',
  'official_refused',
  'wrong_mode',
  'amendment_unknown',
  'denominator_differs',
  'times_reversed',
  'contests_differ',
  'candidates_differ',
  'document_repeated',
  'subject_differs',
  'session_id_differs',
  'session_unknown',
  'session_repeated',
  'session_missing',
  'zero_report_missing',
  'zero_report_not_zero',
  'commitment_repeated',
  'commitment_missing',
  'approval_of_other_role',
  'approval_of_other_action',
  'approval_of_other',
  'approval_repeated',
  'approval_missing',
  'admission_differs',
  'evidence_missing',
] as const;
type OwnRefusal = (typeof BUNDLE_REFUSALS)[number];
export type BundleRefusal = OwnRefusal | (LedgerBreak | SegmentBreak)['code'];

export interface BundleFault {
  readonly code: BundleRefusal;
  /** the part, and the field in it where there is one: `sessions[0]: approvals[1]` */
  readonly at: string;
  readonly wanted: string;
}

export interface CheckedApproval {
  readonly signer: Subject;
  readonly role: Role;
  readonly refused: boolean;
  readonly remark?: string;
}

export interface CheckedBundle {
  readonly station: Station;
  readonly slip: Slip;
  /** SHA-256 of the slip's payload */
  readonly slipDigest: Bytes;
  /** the payload itself, a view into the bytes that were judged */
  readonly slipPayload: Bytes;
  /** SHA-256 of the bundle's bytes */
  readonly bundleDigest: Bytes;
  /** of action slip: who signed the minutes, in agreement or not */
  readonly approvals: readonly CheckedApproval[];
  readonly sessions: readonly Session[];
  readonly commitments: readonly Commitment[];
  /** what does not agree; empty unless the slip says that it is disputed */
  readonly breaks: readonly (LedgerBreak | SegmentBreak)[];
}

type Checked<Value> = Result<Value, BundleFault>;
type Ports = Pick<Crypto, 'sha256' | 'verify'>;

const fault = (code: BundleRefusal, at: string, wanted: string): Result<never, BundleFault> =>
  failure({ code, at, wanted });

export interface Context {
  readonly crypto: Ports;
  readonly provisioning: Provisioning;
  readonly station: Station;
  readonly directory: KeyDirectory;
  readonly atSeconds: number;
}

/** Shape, type and election of one record; then whose it is and whether the signature holds. */
export function open<Value>(
  context: Pick<Context, 'crypto' | 'provisioning' | 'atSeconds'>,
  directory: KeyDirectory | undefined,
  bytes: Bytes,
  type: RecordType,
  shape: Shape<Value>,
  at: string,
  bytesMax = SMALL_RECORD_BYTES_MAX,
): Checked<{ readonly record: SignedRecord; readonly value: Value }> {
  const parsed = parseTyped(bytes, type, shape, bytesMax);
  if (!parsed.ok) {
    const { code, wanted } = parsed.fault;
    return fault(code, parsed.fault.code === 'payload_malformed' ? `${at}: ${parsed.fault.at}` : at, wanted);
  }
  const { election } = context.provisioning;
  if (parsed.value.record.election !== election) return fault('wrong_election', at, election);
  if (directory === undefined) return parsed;
  const signed = openSigned(context, directory, parsed.value.record, at);
  return signed.ok ? parsed : signed;
}

/** The signature of a record that is open already. */
function openSigned(
  context: Pick<Context, 'crypto' | 'provisioning' | 'atSeconds'>,
  directory: KeyDirectory,
  record: SignedRecord,
  at: string,
): Checked<undefined> {
  const { election } = context.provisioning;
  const signed = checkSignature(context.crypto, directory, election, context.atSeconds, record);
  if (signed.ok) return success(undefined);
  const { fault: why } = signed;
  return fault(why.code, at, 'wanted' in why ? why.wanted : `another signer than ${why.subject}`);
}

export function checkApprovals(
  context: Context,
  list: readonly Bytes[],
  action: Action,
  digest: Bytes,
  at: string,
): Checked<readonly CheckedApproval[]> {
  const approvals: CheckedApproval[] = [];
  for (const [i, bytes] of list.entries()) {
    const here = `${at}[${i}]`;
    const opened = open(context, context.directory, bytes, 'approval', approvalShape, here);
    if (!opened.ok) return opened;
    const { record, value } = opened.value;
    const role = roleOf(context.station, record.signer);
    if (role === undefined || role !== value.role)
      return fault('approval_of_other_role', here, role ?? 'a role');
    if (value.action !== action) return fault('approval_of_other_action', here, action);
    if (!equalBytes(value.digest, digest)) return fault('approval_of_other', here, toHex(digest));
    if (approvals.some(({ signer }) => signer === record.signer))
      return fault('approval_repeated', here, 'another signer');
    approvals.push({
      signer: record.signer,
      role,
      refused: value.refused === true,
      ...(value.remark === undefined ? {} : { remark: value.remark }),
    });
  }
  return success(approvals);
}

/** Both roles of a pair, each once and in agreement: openings and closings. */
function checkPair(
  context: Context,
  list: readonly Bytes[],
  action: Action,
  digest: Bytes,
  roles: readonly Role[],
  at: string,
): Checked<undefined> {
  const approvals = checkApprovals(context, list, action, digest, at);
  if (!approvals.ok) return approvals;
  for (const role of roles)
    if (!approvals.value.some((one) => one.role === role && !one.refused))
      return fault('approval_missing', at, `${action} by ${role}`);
  return success(undefined);
}

function checkSession(context: Context, slip: Slip, bytes: Bytes, at: string): Checked<Session> {
  const opened = open(context, context.directory, bytes, 'session', sessionShape, at);
  if (!opened.ok) return opened;
  const { record, value: session } = opened.value;
  const { crypto, station, provisioning } = context;
  if (session.stationId !== station.id || session.statement.stationId !== station.id)
    return fault('wrong_station', at, station.id);
  if (session.mode !== slip.mode || session.statement.mode !== slip.mode)
    return fault('wrong_mode', at, slip.mode);
  if (!equalBytes(session.packageDigest, provisioning.packageDigest))
    return fault('package_differs', at, toHex(provisioning.packageDigest));
  if (session.boxSubject !== record.signer)
    return fault('subject_differs', `${at}: boxSubject`, record.signer);
  if (session.votingSubject !== votingSubject(station.id))
    return fault('subject_differs', `${at}: votingSubject`, votingSubject(station.id));
  const digest = crypto.sha256(encode(openStatementShape, session.statement));
  if (!equalBytes(session.sessionId, digest.subarray(0, SESSION_ID_BYTES)))
    return fault('session_id_differs', at, toHex(digest.subarray(0, SESSION_ID_BYTES)));
  const approved = checkPair(context, session.approvals, 'open', digest, OPENING_ROLES, `${at}: approvals`);
  return approved.ok ? success(session) : approved;
}

/**
 * The directory of a session: one key, its own. The box made it and signed for it, and the station enrolled it when
 * it opened; a second look at its order could change no verdict.
 */
const sessionDirectory = (session: Session): KeyDirectory =>
  directoryOf([sessionEntry(session)], isKeyEncoding);

function checkZeroReport(context: Context, session: Session, bytes: Bytes, at: string): Checked<undefined> {
  const opened = open(context, sessionDirectory(session), bytes, 'zero-report', zeroReportShape, at);
  if (!opened.ok) return opened;
  const { value: report } = opened.value;
  if (!equalBytes(report.sessionId, session.sessionId))
    return fault('session_id_differs', at, toHex(session.sessionId));
  if (report.records + report.papersPrinted + report.papersRejected + report.cardsSpent !== 0)
    return fault('zero_report_not_zero', at, 'no records, papers or spent cards at opening');
  return success(undefined);
}

function checkCommitment(
  context: Context,
  sessions: readonly Session[],
  bytes: Bytes,
  at: string,
): Checked<Commitment> {
  const parsed = open(context, undefined, bytes, 'commitment', commitmentShape, at);
  if (!parsed.ok) return parsed;
  const { record, value } = parsed.value;
  const session = sessions.find((one) => sessionSubject(toHex(one.sessionId)) === record.signer);
  if (session === undefined) return fault('session_unknown', at, 'a session of this bundle');
  const signed = openSigned(context, sessionDirectory(session), record, at);
  if (!signed.ok) return signed;
  if (!equalBytes(value.sessionId, session.sessionId))
    return fault('session_id_differs', at, toHex(session.sessionId));
  const statement = { sessionId: session.sessionId, stationId: context.station.id };
  const digest = context.crypto.sha256(encode(closeStatementShape, statement));
  const approved = checkPair(context, value.approvals, 'close', digest, CLOSING_ROLES, `${at}: approvals`);
  return approved.ok ? success(value) : approved;
}

interface Evidence {
  readonly sessions: readonly Session[];
  readonly commitments: readonly Commitment[];
}

function checkEvidence(context: Context, slip: Slip, bundle: Bundle): Checked<Evidence> {
  const sessions: Session[] = [];
  for (const [i, bytes] of bundle.sessions.entries()) {
    const session = checkSession(context, slip, bytes, `sessions[${i}]`);
    if (!session.ok) return session;
    if (!equalBytes(session.value.sessionId, slip.sessionIds[i] ?? new Uint8Array(0)))
      return fault('session_unknown', `sessions[${i}]`, 'the sessions that the slip names, in its order');
    if (sessions.some((one) => equalBytes(one.sessionId, session.value.sessionId)))
      return fault('session_repeated', `sessions[${i}]`, 'each session once');
    sessions.push(session.value);
  }
  if (sessions.length !== slip.sessionIds.length)
    return fault('session_missing', 'sessions', `${slip.sessionIds.length} sessions`);
  if (bundle.zeroReports.length !== sessions.length)
    return fault('zero_report_missing', 'zeroReports', `${sessions.length} zero reports`);
  for (const [i, session] of sessions.entries()) {
    const report = checkZeroReport(context, session, bundle.zeroReports[i] as Bytes, `zeroReports[${i}]`);
    if (!report.ok) return report;
  }
  const commitments: Commitment[] = [];
  for (const [i, bytes] of bundle.commitments.entries()) {
    const at = `commitments[${i}]`;
    const commitment = checkCommitment(context, sessions, bytes, at);
    if (!commitment.ok) return commitment;
    if (commitments.some((one) => equalBytes(one.sessionId, commitment.value.sessionId)))
      return fault('commitment_repeated', at, 'one commitment a session');
    commitments.push(commitment.value);
  }
  if (commitments.length < sessions.length && !slip.disputed)
    return fault('commitment_missing', 'commitments', `${sessions.length} commitments, or a disputed slip`);
  return success({ sessions, commitments });
}

function checkAdmission(context: Context, slip: Slip, bytes: Bytes): Checked<AdmissionSummary> {
  const at = 'admission';
  const opened = open(context, context.directory, bytes, 'admission-summary', admissionSummaryShape, at);
  if (!opened.ok) return opened;
  const { record, value } = opened.value;
  if (!isAdmissionSubject(context.station.id, record.signer) || value.stationId !== context.station.id)
    return fault('wrong_station', at, context.station.id);
  if (value.mode !== slip.mode) return fault('wrong_mode', at, slip.mode);
  if (!equalBytes(record.payload, encode(admissionSummaryShape, slip.admissions)))
    return fault('admission_differs', 'slip: admissions', 'the summary that the admission device signed');
  return success(value);
}

/** What must hold of a slip on its face, disputed or not. */
export function slipFault(provisioning: Provisioning, station: Station, slip: Slip): BundleFault | undefined {
  const { contests, settings, demonstration } = provisioning.package;
  if (!equalBytes(slip.packageDigest, provisioning.packageDigest))
    return { code: 'package_differs', at: 'slip: packageDigest', wanted: toHex(provisioning.packageDigest) };
  if (slip.mode !== (demonstration ? 'rehearsal' : 'official'))
    return demonstration
      ? { code: 'official_refused', at: 'slip: mode', wanted: 'rehearsal: the package is a demonstration' }
      : { code: 'rehearsal_refused', at: 'slip: mode', wanted: 'official: a rehearsal never enters a count' };
  if (slip.admissions.stationId !== station.id)
    return { code: 'wrong_station', at: 'slip: admissions', wanted: station.id };
  for (const [i, digest] of (slip.amendments ?? []).entries())
    if (!provisioning.amendments.some((one) => equalBytes(one.digest, digest)))
      return {
        code: 'amendment_unknown',
        at: `slip: amendments[${i}]`,
        wanted: 'an amendment of this package',
      };
  if (slip.denominator !== settings.denominator)
    return { code: 'denominator_differs', at: 'slip: denominator', wanted: settings.denominator };
  if (slip.closedAt < slip.openedBucket)
    return { code: 'times_reversed', at: 'slip: closedAt', wanted: 'later than openedBucket' };
  const lists = [
    { at: 'totals', totals: slip.totals, all: true },
    ...slip.segments.flatMap((segment, i) =>
      segment.kind === 'paper' ? [{ at: `segments[${i}].totals`, totals: segment.totals, all: false }] : [],
    ),
  ];
  for (const { at, totals, all } of lists) {
    if (all && totals.length !== contests.length)
      return { code: 'contests_differ', at: `slip: ${at}`, wanted: `${contests.length} contests in order` };
    for (const [i, total] of totals.entries()) {
      const wanted = all ? contests[i] : contests[total.contest];
      const before = totals[i - 1]?.contest ?? -1;
      if (wanted === undefined || contests[total.contest] !== wanted || total.contest <= before)
        return { code: 'contests_differ', at: `slip: ${at}[${i}]`, wanted: 'each contest once, in order' };
      if (total.candidates.length !== wanted.candidatesCount)
        return {
          code: 'candidates_differ',
          at: `slip: ${at}[${i}].candidates`,
          wanted: `${wanted.candidatesCount} counts`,
        };
    }
  }
  const documents = slip.admissions.byDocument.map(({ document }) => document);
  if (new Set(documents).size !== documents.length)
    return { code: 'document_repeated', at: 'slip: admissions.byDocument', wanted: 'each document once' };
  return undefined;
}

/** Finds the station and opens the slip: the two depend on each other. */
export function openSlip(
  provisioning: Provisioning,
  crypto: Ports,
  bytes: Bytes,
  atSeconds: number,
): Checked<{ readonly context: Context; readonly record: SignedRecord; readonly slip: Slip }> {
  const bare = { crypto, provisioning, atSeconds };
  const parsed = open(bare, undefined, bytes, 'slip', slipShape, 'slip', SLIP_BYTES_MAX);
  if (!parsed.ok) return parsed;
  const { record, value: slip } = parsed.value;
  const inForce = amendmentsInForce(provisioning, atSeconds);
  const station = stationUnder(provisioning, inForce, slip.stationId as StationId);
  if (station === undefined) return fault('station_unknown', 'slip: stationId', 'a station of this election');
  if (record.signer !== votingSubject(station.id))
    return fault('wrong_station', 'slip', votingSubject(station.id));
  const context: Context = { ...bare, station, directory: stationDirectory(provisioning, station) };
  const signed = openSigned(context, context.directory, record, 'slip');
  return signed.ok ? success({ context, record, slip }) : signed;
}

/**
 * Judges a bundle against an election.
 * @param atSeconds epoch seconds: which amendments and keys are in force
 */
export function checkBundle(
  provisioning: Provisioning,
  crypto: Ports,
  bytes: Bytes,
  atSeconds: number,
): Checked<CheckedBundle> {
  if (bytes.length > BUNDLE_BYTES_MAX) return fault('too_long', '', `at most ${BUNDLE_BYTES_MAX} bytes`);
  const bundle = decode(bundleShape, bytes, BUNDLE_BYTES_MAX);
  if (!bundle.ok) return fault('bundle_malformed', bundle.fault.at, bundle.fault.wanted);
  const opened = openSlip(provisioning, crypto, bundle.value.slip, atSeconds);
  if (!opened.ok) return opened;
  const { context, record, slip } = opened.value;
  const wrong = slipFault(provisioning, context.station, slip);
  if (wrong !== undefined) return failure(wrong);
  const evidence = checkEvidence(context, slip, bundle.value);
  if (!evidence.ok) return evidence;
  const admission = checkAdmission(context, slip, bundle.value.admission);
  if (!admission.ok) return admission;
  const slipDigest = crypto.sha256(record.payload);
  const approvals = checkApprovals(context, bundle.value.approvals, 'slip', slipDigest, 'approvals');
  if (!approvals.ok) return approvals;
  for (const role of CLOSING_ROLES)
    if (!approvals.value.some((one) => one.role === role))
      return fault('approval_missing', 'approvals', `the minutes signed by ${role}`);
  const breaks = [
    ...slipLedgerBreaks(provisioning.package, slip, evidence.value.commitments, context.station.votesMax),
    ...segmentBreaks(slip, evidence.value.sessions, evidence.value.commitments),
  ];
  const first = breaks[0];
  if (first !== undefined && !slip.disputed) return fault(first.code, `slip: ${first.at}`, first.wanted);
  if (slip.disputed && !slip.segments.some((one) => one.disputed && one.evidence !== undefined))
    return fault('evidence_missing', 'slip: segments', 'a disputed segment with its evidence');
  return success({
    station: context.station,
    slip,
    slipDigest,
    slipPayload: record.payload,
    bundleDigest: crypto.sha256(bytes),
    approvals: approvals.value,
    ...evidence.value,
    breaks,
  });
}
