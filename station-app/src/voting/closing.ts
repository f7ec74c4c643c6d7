/**
 * Closing, in two steps of the same two roles: the doors, then the box. One way. The box's Commitment is checked against
 * our own set and kept; a disagreement does not stop the close, it marks the slip.
 */
import {
  type Bytes,
  checkSignature,
  decodeCbor,
  directoryOf,
  encode,
  encodeCbor,
  equalBytes,
  fromHex,
  parseTyped,
  records,
  sessionEntry,
} from '@sandoq/protocol';
import { Refused } from '../contract/socket.ts';
import { commitStage, note, nowSeconds, publicCount, setFault, type VotingContext } from './context.ts';
import type { RoleSteps } from './role-step.ts';

export const CLOSING_ROLES: readonly records.Role[] = ['governor_representative', 'council_representative'];

const refuseClosing = (context: VotingContext, code: string): Refused => {
  note(context, { event: 'closing_refused', refusal: code });
  return new Refused(code);
};

export function closeStatementDigest(context: VotingContext): Bytes {
  if (context.session === undefined) throw new Error('closing without a session');
  const statement = { sessionId: context.session.value.sessionId, stationId: context.election.station.id };
  return context.crypto.sha256(encode(records.closeStatementShape, statement));
}

/** @returns the box's last word under the session key, where it proves itself */
export function readCommitment(
  context: Pick<VotingContext, 'crypto' | 'election' | 'session'>,
  bytes: Bytes,
): { readonly value: records.Commitment; readonly record: Bytes } | undefined {
  const { session, crypto, election } = context;
  const parsed = parseTyped(bytes, 'commitment', records.commitmentShape);
  if (session === undefined || !parsed.ok) return undefined;
  const directory = directoryOf([sessionEntry(session.value)]);
  const signed = checkSignature(crypto, directory, election.election, 0, parsed.value.record);
  if (!signed.ok || !equalBytes(parsed.value.value.sessionId, session.value.sessionId)) return undefined;
  return { value: parsed.value.value, record: bytes };
}

interface ClosingRequest {
  readonly approvals: readonly Bytes[];
  readonly amendment?: Bytes;
}

const encodeRequest = (request: ClosingRequest): Bytes =>
  encodeCbor([...request.approvals, ...(request.amendment === undefined ? [] : [request.amendment])]);

function decodeRequest(bytes: Bytes): ClosingRequest {
  const raw = decodeCbor(bytes);
  if (!raw.ok || !Array.isArray(raw.value)) throw new Error('closing request in the state store is damaged');
  const [first, second, amendment] = raw.value as Bytes[];
  const approvals = [first as Bytes, second as Bytes];
  return amendment === undefined ? { approvals } : { approvals, amendment };
}

export function beginClosingDoors(context: VotingContext, steps: RoleSteps): void {
  if (context.closing.state() !== 'open' || context.station.state() !== 'open')
    throw new Refused('wrong_phase');
  steps.begin({
    name: 'doors',
    action: 'close_doors',
    digest: closeStatementDigest(context),
    roles: CLOSING_ROLES,
    open: false,
    onComplete: async (approvals) => {
      const reply = await context.link.request('close_doors', { approvals });
      if (!reply.ok) throw refuseClosing(context, reply.fault);
      doorsClosed(context);
    },
    onEnd: () => context.closing.send({ type: 'STEP_ENDED' }),
  });
  context.closing.send({ type: 'DOORS_ASKED' });
  context.changed();
}

/** Also where only the box's answer was lost: it would not have closed them without both approvals. */
export function doorsClosed(context: VotingContext): void {
  commitStage(context, { closing: { type: 'DOORS_CLOSED' } });
  note(context, { event: 'doors_closed', counters: [publicCount(context)] });
  context.log.checkpoint();
}

async function close(context: VotingContext, request: ClosingRequest): Promise<void> {
  const reply = await context.link.request('close', request);
  if (!reply.ok) throw refuseClosing(context, reply.fault);
  const commitment = readCommitment(context, reply.value.commitment);
  if (commitment === undefined) throw refuseClosing(context, 'commitment_invalid');
  context.commitment = commitment;
  commitStage(
    context,
    { closing: { type: 'CLOSED' } },
    { commitment: commitment.record, closed_at: encodeCbor(nowSeconds(context)) },
  );
  context.records.share();
  note(context, { event: 'closed', counters: [commitment.value.records, commitment.value.papersInBin] });
  context.log.checkpoint();
  if (!equalBytes(commitment.value.setRoot, context.records.setRoot())) setFault(context, 'sets_differ');
  await context.link.request('status', {});
}

/** @param amendmentHex an Amendment record that changed the hours; null: the one in force here, if there is one */
export function beginClosing(
  context: VotingContext,
  steps: RoleSteps,
  /** a voter is choosing, or her paper's fate is open */
  ballotInHand: () => boolean,
  amendmentHex: string | null,
): void {
  if (context.closing.state() !== 'doors_closed') throw new Refused('wrong_phase');
  if (context.paused) throw new Refused('voting_paused');
  if (ballotInHand()) throw refuseClosing(context, 'ballot_in_hand');
  const amendment = amendmentHex === null ? context.election.hoursRecord : fromHex(amendmentHex);
  if (amendmentHex !== null && amendment === undefined) throw new Refused('amendment_unknown');
  steps.begin({
    name: 'closing',
    action: 'close',
    digest: closeStatementDigest(context),
    roles: CLOSING_ROLES,
    open: false,
    onComplete: async (approvals) => {
      if (ballotInHand()) throw refuseClosing(context, 'ballot_in_hand');
      const request = amendment === undefined ? { approvals } : { approvals, amendment };
      context.state.commit({ facts: { closing_request: encodeRequest(request) } });
      await close(context, request);
    },
    onEnd: () => context.closing.send({ type: 'STEP_ENDED' }),
  });
  context.closing.send({ type: 'CLOSE_ASKED' });
  context.changed();
}

/** The box is closed and we have no Commitment: what we had sent is sent again. */
export async function resumeClosing(context: VotingContext): Promise<boolean> {
  const kept = context.state.fact('closing_request');
  if (kept === undefined) return false;
  try {
    await close(context, decodeRequest(kept));
    return true;
  } catch (cause) {
    if (cause instanceof Refused) return false;
    throw cause;
  }
}

/** At start: the commitment that was kept. */
export function restoreCommitment(context: VotingContext): VotingContext['commitment'] {
  const kept = context.state.fact('commitment');
  if (kept === undefined) return undefined;
  const commitment = readCommitment(context, kept);
  if (commitment === undefined) throw new Error('the commitment in the state store does not prove anything');
  return commitment;
}

export function closedAt(context: VotingContext): number {
  const kept = context.state.fact('closed_at');
  const raw = kept === undefined ? undefined : decodeCbor(kept);
  if (raw === undefined || !raw.ok || typeof raw.value !== 'number')
    throw new Error('no time of closing is kept');
  return raw.value;
}
