/**
 * Runs the cast machine: seals, writes `pending`, prints, and learns the ballot's fate from the box. The kept state is
 * the pending row, so fact and snapshot are one write; every other state is asked again after a restart.
 */
import { type Bytes, recordName, sealBallot, type wire } from '@sandoq/protocol';
import type { BoxRefusal } from '../devices/box-link.ts';
import { type CastEvent, type CastState, castMachine } from '../machines/cast.ts';
import { type PureMachine, pureMachine } from '../machines/pure.ts';
import {
  hasDiskFault,
  note,
  noteSoon,
  onDisk,
  publicCount,
  setFault,
  type VotingContext,
} from './context.ts';
import { createFateProof, type FateProof } from './fate-proof.ts';

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

class CastDriver implements Casting {
  readonly #context: VotingContext;
  readonly #events: CastingEvents;
  readonly #proof: FateProof;
  readonly #machine: PureMachine<CastState, CastEvent>;
  /** of the ballot in hand, where this process began it: what a rejection must name */
  #commitment: Bytes | undefined;
  #asking = false;
  #lastFate: BallotFate | undefined;

  constructor(context: VotingContext, events: CastingEvents) {
    this.#context = context;
    this.#events = events;
    this.#proof = createFateProof(context);
    this.#machine = pureMachine(castMachine, context.records.pending() === undefined ? 'idle' : 'unresolved');
  }

  state(): CastState {
    return this.#machine.state();
  }

  async print(request: SealedBallotRequest): Promise<PrintResult> {
    if (!this.#machine.peek({ type: 'BALLOT_SEALED' }).taken) throw new Error('a ballot is in hand already');
    const context = this.#context;
    const sealed = this.#seal(request);
    context.records.writePending(sealed);
    this.#machine.send({ type: 'BALLOT_SEALED' });
    this.#commitment = context.crypto.sha256(request.stationNonce);
    this.#lastFate = undefined;
    const { stationNonce, plaintexts: ballots } = request;
    const reply = await context.link.request('print', { stationNonce, ballots, sealed });
    if (context.records.pending() !== sealed) return this.#printed();
    if (reply.ok && reply.value.outcome === 'in_window') {
      if (this.#machine.send({ type: 'PAPER_IN_WINDOW' }).taken) {
        noteSoon(context, { event: 'ballot_printed' });
        this.#events.onInWindow();
      }
      return this.#printed();
    }
    await this.reconcile();
    const result = this.#printed();
    return result.kind === 'fate' && !reply.ok ? { ...result, refusal: reply.fault } : result;
  }

  async reconcile(): Promise<void> {
    const context = this.#context;
    const sealed = context.records.pending();
    if (sealed === undefined || this.#asking) return;
    this.#asking = true;
    this.#machine.send({ type: 'ASK' });
    const names = sealed.map((record) => recordName(context.crypto, record));
    const reply = await context.link.request('outcome', { names });
    this.#asking = false;
    if (context.records.pending() !== sealed) return; // an event was faster
    if (reply.ok) this.#learn(reply.value, true);
    else this.onLinkLost();
  }

  onOutcomeEvent(reply: wire.OutcomeReply): void {
    this.#learn(reply, false);
  }

  onStatus(status: wire.StatusReply): void {
    // What the disk did not take is asked again until it does.
    if (this.state() === 'unresolved' && hasDiskFault(this.#context)) void this.reconcile();
    // Events may be lost: a window that is empty while we wait for a fate is reason to ask.
    if (this.state() === 'in_window' && status.paper !== 'in_window') void this.reconcile();
  }

  onLinkLost(): void {
    if (!this.#machine.send({ type: 'BOX_LOST' }).taken) return;
    setFault(this.#context, 'ballot_unresolved');
    this.#events.onUnresolved();
  }

  /** @param askedFor an event names no records: only the answer to a question ends a ballot without a vote */
  #learn(reply: wire.OutcomeReply, askedFor: boolean): void {
    const sealed = this.#context.records.pending();
    if (sealed === undefined) return;
    const proved = reply.outcome === 'cast' && this.#proof.castHolds(sealed, reply.signatures);
    if (proved) this.#settle('cast', 'VOTE_CAST', reply.signatures);
    else if (reply.outcome === 'in_window') {
      if (!this.#machine.send({ type: 'PAPER_IN_WINDOW' }).taken) return;
      this.#resolved();
      this.#events.onInWindow();
    } else if (!askedFor) void this.reconcile();
    else this.#learnAnswer(reply);
  }

  #learnAnswer(reply: wire.OutcomeReply): void {
    switch (reply.outcome) {
      case 'rejected':
        if (this.#proof.rejectionHolds(reply.rejection, this.#commitment))
          this.#settle('rejected', 'BALLOT_REJECTED', []);
        else this.#doubt('box_rejection_invalid');
        return;
      case 'retained':
        this.#settle('retained', 'BALLOT_RETAINED', []);
        return;
      case 'printing':
        this.#machine.send({ type: 'STILL_PRINTING' });
        this.#resolved();
        this.#context.clock.after(PRINTING_POLL_MS, () => void this.reconcile());
        return;
      case 'unknown':
        this.#settle('nothing', 'NOTHING_AT_BOX', []);
        return;
      default:
        this.#doubt('box_signature_invalid');
    }
  }

  #doubt(fault: string): void {
    if (!this.#machine.send({ type: 'OUTCOME_DOUBTED' }).taken) return;
    setFault(this.#context, fault);
    this.#events.onUnresolved();
  }

  #settle(fate: BallotFate, type: CastEvent['type'], signatures: readonly Bytes[]): void {
    const { effects, taken } = this.#machine.peek({ type });
    if (!taken) return;
    const context = this.#context;
    // The pending row is both the fact and the snapshot: once it is written, the machine follows.
    const kept = onDisk(context, () => {
      if (effects.includes('storeRecords')) context.records.storePending(signatures);
      if (effects.includes('clearPending')) context.records.clearPending();
    });
    // The box keeps what it has said: it is asked again when the disk takes it.
    if (!kept) {
      this.#doubt(context.fault ?? 'disk_full');
      return;
    }
    this.#machine.send({ type });
    if (fate === 'cast') noteSoon(context, { event: 'ballot_cast', counters: [publicCount(context)] });
    if (fate === 'rejected') note(context, { event: 'ballot_rejected' });
    if (fate === 'retained') note(context, { event: 'ballot_retained' });
    this.#commitment = undefined;
    this.#lastFate = fate;
    this.#resolved();
    this.#events.onFate(fate);
  }

  /** The box has told where the ballot is: nobody need be called any more. */
  #resolved(): void {
    if (this.#context.fault === 'ballot_unresolved') setFault(this.#context, undefined);
  }

  #seal(request: SealedBallotRequest): readonly Bytes[] {
    const { session, crypto, election } = this.#context;
    if (session === undefined) throw new Error('a ballot without a session');
    const { sessionId } = session.value;
    const { stationNonce, boxNonce } = request;
    return request.plaintexts.map((plaintext, contest) =>
      sealBallot(crypto, election.countKeys, sessionId, stationNonce, boxNonce, contest, plaintext),
    );
  }

  #printed(): PrintResult {
    const state = this.state();
    if (state === 'in_window') return { kind: 'in_window' };
    if (state === 'idle') return { kind: 'fate', fate: this.#lastFate ?? 'nothing', refusal: undefined };
    return { kind: 'unresolved' };
  }
}

export const createCasting = (context: VotingContext, events: CastingEvents): Casting =>
  new CastDriver(context, events);
