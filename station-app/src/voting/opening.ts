/**
 * Opening: both sides' nonces, two roles' approvals, the box's session key and its zero report. What was sent is kept
 * before it is sent, so that a restart can repeat it and get the same session.
 */
import {
  type Bytes,
  checkSignature,
  decodeCbor,
  directoryOf,
  encode,
  encodeCbor,
  equalBytes,
  NONCE_BYTES,
  parseTyped,
  records,
  SESSION_ID_BYTES,
  sessionEntry,
  type wire,
} from '@sandoq/protocol';
import { Refused } from '../contract/socket.ts';
import { bucketOf } from '../stores/event-log.ts';
import { commitStage, note, nowSeconds, type SessionInForce, type VotingContext } from './context.ts';
import type { RoleSteps } from './role-step.ts';

export const OPENING_ROLES: readonly records.Role[] = ['executive', 'supervisor'];

const refuseOpening = (context: VotingContext, code: string): Refused => {
  note(context, { event: 'opening_refused', refusal: code });
  return new Refused(code);
};

/** @returns the session of these two records, where both prove what they say. */
export function readSession(
  context: Pick<VotingContext, 'crypto' | 'election' | 'identity'>,
  atSeconds: number,
  reply: wire.OpenReply,
): SessionInForce | undefined {
  const { crypto, election, identity } = context;
  const session = parseTyped(reply.session, 'session', records.sessionShape);
  if (!session.ok) return undefined;
  const { record, value } = session.value;
  const statement = encode(records.openStatementShape, value.statement);
  const holds =
    checkSignature(crypto, election.directory, election.election, atSeconds, record).ok &&
    record.signer === value.boxSubject &&
    election.boxes.some((box) => box.subject === value.boxSubject) &&
    value.stationId === election.station.id &&
    value.statement.stationId === value.stationId &&
    value.statement.mode === value.mode &&
    value.votingSubject === identity.subject &&
    equalBytes(value.packageDigest, election.packageDigest) &&
    equalBytes(value.sessionId, crypto.sha256(statement).slice(0, SESSION_ID_BYTES));
  if (!holds) return undefined;
  const zero = parseTyped(reply.zeroReport, 'zero-report', records.zeroReportShape);
  const directory = directoryOf([sessionEntry(value)]);
  if (!zero.ok || !checkSignature(crypto, directory, election.election, atSeconds, zero.value.record).ok)
    return undefined;
  const report = zero.value.value;
  const isZero =
    equalBytes(report.sessionId, value.sessionId) &&
    report.records === 0 &&
    report.papersPrinted === 0 &&
    report.papersRejected === 0 &&
    report.cardsSpent === 0;
  if (!isZero) return undefined;
  return { value, record: reply.session, zeroReport: report, zeroReportRecord: reply.zeroReport };
}

interface OpeningRequest {
  readonly stationNonce: Bytes;
  readonly openedBucket: number;
  readonly approvals: readonly Bytes[];
}

const encodeRequest = (request: OpeningRequest): Bytes =>
  encodeCbor([request.stationNonce, request.openedBucket, ...request.approvals]);

function decodeRequest(bytes: Bytes): OpeningRequest {
  const raw = decodeCbor(bytes);
  if (!raw.ok || !Array.isArray(raw.value)) throw new Error('opening request in the state store is damaged');
  const [stationNonce, openedBucket, ...approvals] = raw.value as [Bytes, number, ...Bytes[]];
  return { stationNonce, openedBucket, approvals };
}

async function open(context: VotingContext, request: OpeningRequest): Promise<void> {
  const reply = await context.link.request('open', request);
  if (!reply.ok) throw refuseOpening(context, reply.fault);
  const session = readSession(context, nowSeconds(context), reply.value);
  if (session === undefined) throw refuseOpening(context, 'session_invalid');
  if (context.records.count() > 0 || context.records.pending() !== undefined)
    throw refuseOpening(context, 'store_not_empty');
  context.records.beginSession(session.value.sessionId);
  context.session = session;
  commitStage(
    context,
    { station: { type: 'OPENED' } },
    { session: session.record, zero_report: session.zeroReportRecord },
  );
  note(
    context,
    { event: 'zero_report_made', counters: [session.zeroReport.records, session.zeroReport.slots] },
    { event: 'opened' },
  );
  context.log.checkpoint();
}

/** A start that is not zero is refused, here and again by the box. */
function startFault(context: VotingContext, mode: records.Mode): string | undefined {
  const { box, election, link } = context;
  if (election.package.demonstration && mode !== 'rehearsal') return 'mode_not_allowed';
  if (!link.status().proved || box === undefined) return 'box_lost';
  if (box.lifecycle !== 'loaded') return 'box_not_ready';
  const { counters } = box;
  const used = counters.records + counters.cardsSpent + counters.papersPrinted + counters.papersRejected;
  if (used > 0) return 'box_not_empty';
  if (context.records.count() > 0 || context.records.pending() !== undefined) return 'store_not_empty';
  return undefined;
}

export async function beginOpening(
  context: VotingContext,
  steps: RoleSteps,
  mode: records.Mode,
): Promise<void> {
  if (context.station.state() !== 'loaded') throw new Refused('wrong_phase');
  if (steps.current() !== undefined) throw new Refused('step_in_hand');
  await context.link.request('status', {});
  const fault = startFault(context, mode);
  if (fault !== undefined) throw refuseOpening(context, fault);
  const stationNonce = context.random(NONCE_BYTES);
  const prepared = await context.link.request('open_prepare', {
    mode,
    stationCommitment: context.crypto.sha256(stationNonce),
  });
  if (!prepared.ok) throw refuseOpening(context, prepared.fault);
  const statement: records.OpenStatement = {
    stationId: context.election.station.id,
    mode,
    stationNonce,
    boxNonce: prepared.value.boxNonce,
  };
  steps.begin({
    name: 'opening',
    action: 'open',
    digest: context.crypto.sha256(encode(records.openStatementShape, statement)),
    roles: OPENING_ROLES,
    open: false,
    onComplete: async (approvals) => {
      const openedBucket = bucketOf(nowSeconds(context), context.election.settings.timeBucketMinutes);
      const request = { stationNonce, openedBucket, approvals };
      context.state.commit({ facts: { opening_request: encodeRequest(request) } });
      await open(context, request);
    },
    onEnd: () => {
      if (context.station.state() === 'opening') context.station.send({ type: 'OPENING_ENDED' });
    },
  });
  context.station.send({ type: 'OPENING_ASKED' });
  context.changed();
}

/** The box is open and we do not know it: what we had sent is sent again. @returns whether that explains it. */
export async function resumeOpening(context: VotingContext): Promise<boolean> {
  const kept = context.state.fact('opening_request');
  if (kept === undefined) return false;
  try {
    await open(context, decodeRequest(kept));
    return true;
  } catch (cause) {
    if (cause instanceof Refused) return false;
    throw cause;
  }
}

/** At start: the session that was in force. */
export function restoreSession(context: VotingContext): SessionInForce | undefined {
  const session = context.state.fact('session');
  const zeroReport = context.state.fact('zero_report');
  if (session === undefined || zeroReport === undefined) return undefined;
  const restored = readSession(context, nowSeconds(context), { session, zeroReport });
  if (restored === undefined) throw new Error('session records in the state store do not prove anything');
  return restored;
}
