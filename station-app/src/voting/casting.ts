/**
 * Runs the cast machine: seals, writes `pending`, prints, and learns the ballot's fate from the box. The kept state is
 * the pending row, so fact and snapshot are one write; every other state is asked again after a restart.
 */
import {
  type Bytes,
  checkSignature,
  directoryOf,
  encode,
  encodeProtectedHeader,
  equalBytes,
  parseTyped,
  recordName,
  records,
  sealBallot,
  sessionEntry,
  signatureInput,
  type wire,
} from '@sandoq/protocol';
import type { BoxRefusal } from '../devices/box-link.ts';
import { type CastEvent, type CastState, castMachine } from '../machines/cast.ts';
import { pureMachine } from '../machines/pure.ts';
import { note, noteSoon, publicCount, sessionSigner, setFault, type VotingContext } from './context.ts';

/** How often an answer "printing" is asked again. */
export const PRINTING_POLL_MS = 500;

export type BallotFate = 'cast' | 'rejected' | 'retained' | 'nothing';

export interface SealedBallotRequest {
  readonly stationNonce: Bytes;
  readonly boxNonce: Bytes;
  /** one a contest of the election, in order */
  readonly plaintexts: readonly Bytes[];
}

export type PrintResult =
  | { readonly kind: 'in_window' }
  | { readonly kind: 'fate'; readonly fate: BallotFate; readonly refusal: BoxRefusal | undefined }
  | { readonly kind: 'unresolved' };

export interface Casting {
  state(): CastState;
  print(request: SealedBallotRequest): Promise<PrintResult>;
  /** Asks the box what became of the pending ballot, where there is one. */
  reconcile(): Promise<void>;
  onOutcomeEvent(reply: wire.OutcomeReply): void;
  onStatus(status: wire.StatusReply): void;
  onLinkLost(): void;
}

export interface CastingEvents {
  onInWindow(): void;
  /** The ballot in hand has ended; also for one that a restart found. */
  onFate(fate: BallotFate): void;
  /** The fate cannot be learned now: an officer is needed. */
  onUnresolved(): void;
}

export function createCasting(context: VotingContext, events: CastingEvents): Casting {
  const machine = pureMachine<CastState, CastEvent>(
    castMachine,
    context.records.pending() === undefined ? 'idle' : 'unresolved',
  );
  /** of the ballot in hand, where this process began it: what a rejection must name */
  let commitment: Bytes | undefined;
  let asking = false;
  let lastFate: BallotFate | undefined;
  let voteHeader: { readonly signer: string; readonly bytes: Bytes } | undefined;

  const protectedHeader = (): Bytes => {
    if (context.session === undefined) throw new Error('a ballot without a session');
    const signer = sessionSigner(context.session);
    if (voteHeader?.signer !== signer)
      voteHeader = {
        signer,
        bytes: encodeProtectedHeader({ type: 'vote', election: context.election.election, signer }),
      };
    return voteHeader.bytes;
  };

  const signaturesHold = (sealed: readonly Bytes[], signatures: readonly Bytes[]): boolean => {
    const { session, crypto } = context;
    if (session === undefined || signatures.length !== sealed.length) return false;
    return sealed.every((record, i) => {
      const vote = { sessionId: session.value.sessionId, sealedDigest: crypto.sha256(record) };
      const input = signatureInput(protectedHeader(), encode(records.voteShape, vote));
      return crypto.verify(session.value.sessionKey, input, signatures[i] as Bytes);
    });
  };

  const rejectionHolds = (bytes: Bytes | undefined): boolean => {
    const { session, crypto, election } = context;
    if (bytes === undefined || session === undefined) return false;
    const parsed = parseTyped(bytes, 'rejection', records.rejectionShape);
    if (!parsed.ok) return false;
    const { record, value } = parsed.value;
    return (
      checkSignature(crypto, directoryOf([sessionEntry(session.value)]), election.election, 0, record).ok &&
      equalBytes(value.sessionId, session.value.sessionId) &&
      (commitment === undefined || equalBytes(value.challenge, commitment))
    );
  };

  const doubt = (fault: string): void => {
    if (!machine.send({ type: 'OUTCOME_DOUBTED' }).taken) return;
    setFault(context, fault);
    events.onUnresolved();
  };

  const end = (fate: BallotFate): void => {
    commitment = undefined;
    lastFate = fate;
    if (context.fault === 'ballot_unresolved') setFault(context, undefined);
    events.onFate(fate);
  };

  const settle = (fate: BallotFate, type: CastEvent['type'], signatures: readonly Bytes[]): void => {
    const { effects, taken } = machine.peek({ type });
    if (!taken) return;
    // The pending row is both the fact and the snapshot: once it is written, the machine follows.
    if (effects.includes('storeRecords')) context.records.storePending(signatures);
    if (effects.includes('clearPending')) context.records.clearPending();
    machine.send({ type });
    if (fate === 'cast') note(context, { event: 'ballot_cast', counters: [publicCount(context)] });
    if (fate === 'rejected') note(context, { event: 'ballot_rejected' });
    if (fate === 'retained') note(context, { event: 'ballot_retained' });
    end(fate);
  };

  const learn = (reply: wire.OutcomeReply, askedFor: boolean): void => {
    const sealed = context.records.pending();
    if (sealed === undefined) return;
    switch (reply.outcome) {
      case 'cast':
        if (signaturesHold(sealed, reply.signatures)) settle('cast', 'VOTE_CAST', reply.signatures);
        else if (askedFor) doubt('box_signature_invalid');
        else void ask();
        return;
      case 'rejected':
        // An event names no records: only the answer to a question ends a ballot without a vote.
        if (!askedFor) void ask();
        else if (rejectionHolds(reply.rejection)) settle('rejected', 'BALLOT_REJECTED', []);
        else doubt('box_rejection_invalid');
        return;
      case 'retained':
        if (askedFor) settle('retained', 'BALLOT_RETAINED', []);
        else void ask();
        return;
      case 'in_window':
        if (machine.send({ type: 'PAPER_IN_WINDOW' }).taken) events.onInWindow();
        return;
      case 'printing':
        machine.send({ type: 'STILL_PRINTING' });
        context.clock.after(PRINTING_POLL_MS, () => void ask());
        return;
      case 'unknown':
        if (askedFor) settle('nothing', 'NOTHING_AT_BOX', []);
        else void ask();
    }
  };

  const lose = (): void => {
    if (!machine.send({ type: 'BOX_LOST' }).taken) return;
    setFault(context, 'ballot_unresolved');
    events.onUnresolved();
  };

  const ask = async (): Promise<void> => {
    const sealed = context.records.pending();
    if (sealed === undefined || asking) return;
    asking = true;
    machine.send({ type: 'ASK' });
    const names = sealed.map((record) => recordName(context.crypto, record));
    const reply = await context.link.request('outcome', { names });
    asking = false;
    if (context.records.pending() !== sealed) return; // an event was faster
    if (reply.ok) learn(reply.value, true);
    else lose();
  };

  const seal = (request: SealedBallotRequest): readonly Bytes[] => {
    const { session, crypto, election } = context;
    if (session === undefined) throw new Error('a ballot without a session');
    const { sessionId } = session.value;
    return request.plaintexts.map((plaintext, contest) =>
      sealBallot(
        crypto,
        election.countKeys,
        sessionId,
        request.stationNonce,
        request.boxNonce,
        contest,
        plaintext,
      ),
    );
  };

  const printed = (): PrintResult => {
    if (machine.state() === 'in_window') return { kind: 'in_window' };
    if (machine.state() === 'idle') return { kind: 'fate', fate: lastFate ?? 'nothing', refusal: undefined };
    return { kind: 'unresolved' };
  };

  return {
    state: () => machine.state(),
    async print(request) {
      if (!machine.peek({ type: 'BALLOT_SEALED' }).taken) throw new Error('a ballot is in hand already');
      const sealed = seal(request);
      context.records.writePending(sealed);
      machine.send({ type: 'BALLOT_SEALED' });
      commitment = context.crypto.sha256(request.stationNonce);
      lastFate = undefined;
      const reply = await context.link.request('print', {
        stationNonce: request.stationNonce,
        ballots: request.plaintexts,
        sealed,
      });
      if (context.records.pending() !== sealed) return printed();
      if (reply.ok && reply.value.outcome === 'in_window') {
        if (machine.send({ type: 'PAPER_IN_WINDOW' }).taken) {
          noteSoon(context, { event: 'ballot_printed' });
          events.onInWindow();
        }
        return printed();
      }
      await ask();
      const result = printed();
      return result.kind === 'fate' && !reply.ok ? { ...result, refusal: reply.fault } : result;
    },
    reconcile: ask,
    onOutcomeEvent: (reply) => learn(reply, false),
    onStatus(status) {
      // Events may be lost: a window that is empty while we wait for a fate is reason to ask.
      if (machine.state() === 'in_window' && status.paper !== 'in_window') void ask();
    },
    onLinkLost: lose,
  };
}
