/**
 * One voter at the box after another: card laid, ballot begun, choices in memory, first green, the paper, its fate.
 * It knows nobody, keeps nothing of a session but its last code, and asks the box for everything that it may have
 * missed.
 */
import { NONCE_BYTES, wipe, type wire } from '@sandoq/protocol';
import { Refused } from '../contract/socket.ts';
import { pureMachine } from '../machines/pure.ts';
import { type VoterEvent, type VoterState, voterMachine } from '../machines/voter.ts';
import { diskFaultOf } from '../stores/disk-fault.ts';
import { type BallotInHand, createBallotInHand } from './ballot-in-hand.ts';
import type { BallotFate, Casting } from './casting.ts';
import { mayBegin, note, noteSoon, type VotingContext, votingGoesOn } from './context.ts';
import { createIdleTimer, type IdleTimer } from './idle-timer.ts';
import { createPhaseWaiters, type PhaseWaiters } from './phase-waiters.ts';
import { type Choice, type ChoiceRules, choiceFault, pressKey } from './selection.ts';

/** How long "your vote is in the box" stands where the card was taken before the paper fell. */
export const THANKS_MS = 3_000;

export interface VoterSession {
  state(): VoterState;
  code(): string | null;
  ballot(): BallotInHand | undefined;
  /** papers that this voter may still have rejected; null where it is not known */
  correctionsLeft(): number | null;
  key(): { readonly number: number; readonly key: string } | null;
  /** milliseconds until the session ends for want of activity */
  idleLeftMs(): number | null;
  /** Voting has opened or ended, a ballot's fate is known: look again. */
  refresh(): void;
  /** The box may have restarted and forgotten the ballot that it began. */
  onLinkUp(): void;
  onPad(pad: wire.Pad): void;
  onKey(key: wire.Key): void;
  onInWindow(): void;
  onFate(fate: BallotFate): void;
  onUnresolved(): void;
  onLinkLost(): void;
  choose(contest: number, choice: Choice): void;
  touch(): void;
  /** The voter has turned to this place of her contests on the screen: the box's digits go there from now on. */
  turnTo(place: number): void;
  review(open: boolean): void;
  leave(): void;
  /** The officer has seen to it. */
  dismiss(): void;
  /** What stopped the paper is mended. */
  onMended(): void;
  print(): Promise<VoterState>;
  /** @returns at the next state that is none of `from` */
  changeFrom(from: readonly VoterState[]): Promise<VoterState>;
  /** The voter went away with her paper in the window. */
  readonly waiting: () => boolean;
}

class VoterAtBox implements VoterSession {
  readonly #context: VotingContext;
  readonly #casting: () => Casting;
  readonly #machine = pureMachine<VoterState, VoterEvent>(voterMachine);
  #ballot: BallotInHand | undefined;
  /** outlives the choices, which are wiped at the print: the paper in the window may still be corrected */
  #correctionsLeft: number | null = null;
  #code: string | null = null;
  #key: { readonly number: number; readonly key: string } | null = null;
  #pad: wire.Pad = 'empty';
  /** grows with each begin: a late answer to an earlier one is not listened to */
  #begins = 0;
  readonly #idle: IdleTimer;
  readonly #waiters: PhaseWaiters<VoterState>;
  #waitingSinceMs: number | undefined;
  /** PRINT is on its way, and whoever asked for it waits for what becomes of it */
  #printAsked = false;

  readonly #onWiped: () => void;

  constructor(context: VotingContext, casting: () => Casting, onWiped: () => void) {
    this.#context = context;
    this.#casting = casting;
    this.#onWiped = onWiped;
    const { voterTimeoutSeconds, voterAlertSeconds } = context.election.settings;
    this.#waiters = createPhaseWaiters(context.clock, () => this.state());
    this.#idle = createIdleTimer({
      clock: context.clock,
      limitMs: voterTimeoutSeconds * 1000,
      alertMs: voterAlertSeconds * 1000,
      onAlert: () => context.changed(),
      onEnd: () => {
        note(context, { event: 'ballot_timed_out' });
        this.#endWith('timed_out', false);
      },
    });
  }

  state(): VoterState {
    return this.#machine.state();
  }

  code(): string | null {
    return this.#code;
  }

  ballot(): BallotInHand | undefined {
    return this.#ballot;
  }

  correctionsLeft(): number | null {
    return this.#correctionsLeft;
  }

  key(): { readonly number: number; readonly key: string } | null {
    return this.#key;
  }

  idleLeftMs(): number | null {
    return this.#idle.leftMs();
  }

  waiting = (): boolean => {
    const limitMs = this.#context.election.settings.voterTimeoutSeconds * 1000;
    return (
      this.#waitingSinceMs !== undefined &&
      limitMs > 0 &&
      this.#context.clock.elapsedMs() - this.#waitingSinceMs >= limitMs
    );
  };

  refresh(): void {
    // Paused, nobody new begins; a paper whose fate is open is seen to first.
    const isIdle = this.#casting().state() === 'idle';
    const goesOn = isIdle ? mayBegin(this.#context) : votingGoesOn(this.#context);
    if (goesOn && this.state() === 'not_open') this.#go({ type: 'VOTING_OPENED' });
    if (!goesOn && isIdle) this.#go({ type: 'VOTING_ENDED' });
    if (this.#casting().state() !== 'idle' && this.state() === 'welcome') this.#go({ type: 'BALLOT_FOUND' });
    this.#lookAtPad();
  }

  onLinkUp(): void {
    if (this.#ballot !== undefined && (this.state() === 'choosing' || this.state() === 'review'))
      void this.#beginAgain().then((begun) => {
        if (!begun && this.#ballot !== undefined && this.state() !== 'printing')
          this.#endWith('interrupted', true);
      });
    if (this.state() === 'card_refused' && this.#code === 'box_lost') this.#go({ type: 'CARD_TAKEN' });
    this.refresh();
  }

  onPad(pad: wire.Pad): void {
    if (pad === this.#pad) return;
    this.#pad = pad;
    if (pad === 'empty') this.#cardTaken();
    else this.#lookAtPad();
  }

  onKey(key: wire.Key): void {
    const ballot = this.#ballot;
    const state = this.state();
    if (ballot === undefined || (state !== 'choosing' && state !== 'review')) return;
    const isAlarmed = this.#idle.isAlert();
    this.touch();
    // The key answers "are you still there?" and nothing else: nobody prints by it.
    if (isAlarmed) {
      this.#context.changed();
      return;
    }
    this.#key = { number: (this.#key?.number ?? 0) + 1, key };
    const rules = this.#rules(ballot);
    const place =
      state === 'review' ? rules.style.length : Math.min(ballot.keypad.place, rules.style.length - 1);
    const pressed = pressKey(rules, { ...ballot.keypad, place }, ballot.choice, key);
    ballot.keypad = pressed.state;
    this.#code = pressed.code ?? null;
    if (pressed.choose !== undefined) ballot.choose(pressed.choose.contest, pressed.choose.choice);
    if (pressed.act === 'open_review') this.#go({ type: 'REVIEW_OPENED' });
    if (pressed.act === 'leave_review') this.#go({ type: 'REVIEW_LEFT' });
    if (pressed.act === 'print')
      void this.print().catch((cause: unknown) => {
        this.#code = cause instanceof Refused ? cause.refusal.code : 'failed';
      });
    this.#context.changed();
  }

  onInWindow(): void {
    this.#wipe();
    this.#code = null;
    this.#waitingSinceMs = this.#context.clock.elapsedMs();
    this.#go({ type: 'PAPER_IN_WINDOW' });
  }

  onFate(fate: BallotFate): void {
    const type = {
      cast: 'VOTE_CAST',
      rejected: 'PAPER_REJECTED',
      retained: 'PAPER_RETAINED',
      nothing: undefined,
    } as const;
    this.#waitingSinceMs = undefined;
    const event = type[fate];
    if (event === undefined) {
      // Without a ballot in memory this was found after a restart: the voter chooses again.
      if (this.#ballot === undefined) this.#endWith('interrupted', true);
      // PRINT was answered with "still printing", and nothing has come of it: nobody else waits for this any more.
      else if (!this.#printAsked) void this.#printingRefused('printing_refused');
      return;
    }
    this.#wipe();
    this.#code = { cast: null, rejected: 'paper_rejected', retained: 'paper_retained', nothing: null }[fate];
    this.#go({ type: event });
    if (fate === 'rejected' && this.#pad === 'card') void this.#begin('paper_rejected');
    else if (this.#pad === 'empty')
      this.#context.clock.after(THANKS_MS, () => {
        if (this.#pad === 'empty') this.#cardTaken();
      });
  }

  onUnresolved(): void {
    this.#wipe();
    this.#code = this.#context.fault ?? 'ballot_unresolved';
    this.#go({ type: 'OFFICER_CALLED' });
  }

  onLinkLost(): void {
    this.#begins++;
    if (this.state() !== 'reading_card') return;
    this.#code = 'box_lost';
    this.#go({ type: 'CARD_REFUSED' });
  }

  choose(contest: number, choice: Choice): void {
    const ballot = this.#choosing();
    const fault = choiceFault(this.#rules(ballot), contest, choice);
    if (fault !== undefined) throw new Refused(fault);
    ballot.choose(contest, choice);
    this.#code = null;
    this.touch();
    this.#context.changed();
  }

  touch(): void {
    this.#idle.touch();
  }

  turnTo(place: number): void {
    const ballot = this.#choosing();
    if (place >= ballot.contests.length) throw new Refused('contest_not_of_style');
    ballot.keypad = { ...ballot.keypad, place, digits: '', asking: null };
    this.#code = null;
    this.#context.changed();
  }

  review(open: boolean): void {
    const ballot = this.#choosing();
    this.touch();
    if (open) {
      const contest = ballot.untouched();
      if (contest !== undefined) throw new Refused('contest_untouched', String(contest));
      this.#refuseWithdrawn(ballot);
      this.#go({ type: 'REVIEW_OPENED' });
    } else this.#go({ type: 'REVIEW_LEFT' });
  }

  leave(): void {
    this.#choosing();
    this.#endWith('left', false);
  }

  dismiss(): void {
    this.#code = null;
    this.#go({ type: 'SESSION_ENDED' });
    if (this.#pad === 'empty') this.#cardTaken();
  }

  /** Nothing of hers is at the box: with her card still on it she chooses again, without asking anybody. */
  onMended(): void {
    if (this.state() !== 'officer_needed' || this.#casting().state() !== 'idle') return;
    this.#code = null;
    this.#go({ type: 'CARD_TAKEN' });
    if (this.#pad !== 'card' || !mayBegin(this.#context)) this.refresh();
    else {
      this.#go({ type: 'CARD_LAID' });
      void this.#begin('mended');
    }
  }

  async print(): Promise<VoterState> {
    const ballot = this.#choosing();
    const contest = ballot.untouched();
    if (contest !== undefined) throw new Refused('contest_untouched', String(contest));
    this.#refuseWithdrawn(ballot);
    this.#idle.stop();
    this.#code = null;
    // Asked for while still choosing, the review is passed through: the paper in the window shows it again.
    this.#go({ type: 'REVIEW_OPENED' });
    this.#go({ type: 'PRINTING_STARTED' });
    const plaintexts = ballot.plaintexts(this.#context.election.package);
    const { stationNonce, boxNonce } = ballot;
    this.#printAsked = true;
    const result = await this.#casting()
      .print({ stationNonce, boxNonce, plaintexts })
      .catch((cause: unknown) => {
        const fault = diskFaultOf(cause);
        if (fault === undefined) throw cause;
        // Nothing was written and nothing sent.
        return { kind: 'fate', fate: 'nothing', refusal: fault } as const;
      })
      .finally(() => {
        this.#printAsked = false;
      });
    for (const plaintext of plaintexts) wipe(plaintext);
    wipe(stationNonce);
    wipe(boxNonce);
    if (result.kind === 'fate' && result.fate === 'nothing')
      await this.#printingRefused(result.refusal ?? 'printing_refused');
    return this.state();
  }

  changeFrom(from: readonly VoterState[]): Promise<VoterState> {
    return this.#waiters.changeFrom(from);
  }

  #go(event: VoterEvent): void {
    const { taken } = this.#machine.send(event);
    if (!taken) return;
    this.#waiters.changed();
    this.#context.changed();
  }

  #choosing(): BallotInHand {
    const state = this.state();
    if (this.#ballot === undefined || (state !== 'choosing' && state !== 'review'))
      throw new Refused('no_ballot');
    return this.#ballot;
  }

  /** An amendment may have come while she chose: a name that counts for nothing is not printed. */
  #refuseWithdrawn(ballot: BallotInHand): void {
    for (const contest of ballot.contests)
      if (choiceFault(this.#rules(ballot), contest, ballot.choice(contest) ?? null) === 'choice_withdrawn')
        throw new Refused('choice_withdrawn', String(contest));
  }

  #rules(ballot: BallotInHand): ChoiceRules {
    const { election } = this.#context;
    return {
      contests: election.package.contests,
      candidateLists: election.candidateLists,
      withdrawn: election.withdrawn,
      style: ballot.contests,
    };
  }

  #lookAtPad(): void {
    if (this.#pad !== 'card' || !mayBegin(this.#context) || !this.#context.link.status().proved) return;
    if (this.#casting().state() !== 'idle') return;
    const state = this.state();
    if (state === 'cast' || state === 'ended') return; // the card must be taken first
    this.#go({ type: 'CARD_LAID' });
    if (state !== 'reading_card' && this.state() === 'reading_card') void this.#begin(null);
  }

  #cardTaken(): void {
    const state = this.state();
    if (state === 'choosing' || state === 'review')
      note(this.#context, { event: 'ballot_refused', refusal: 'card_removed' });
    const before = this.state();
    this.#begins++;
    this.#go({ type: 'CARD_TAKEN' });
    if (before === this.state()) return;
    this.#wipe();
    this.#correctionsLeft = null;
    this.#code = null;
    this.#key = null;
    this.refresh();
  }

  /** Asks the box to begin a ballot with the card on its pad. @param code shown beside the choosing */
  async #begin(code: string | null): Promise<void> {
    const begin = ++this.#begins;
    const stationNonce = this.#context.random(NONCE_BYTES);
    const stationCommitment = this.#context.crypto.sha256(stationNonce);
    const reply = await this.#context.link.request('begin', { stationCommitment });
    if (begin !== this.#begins) return;
    if (!reply.ok) {
      this.#code = reply.fault === 'link_lost' || reply.fault === 'no_answer' ? 'box_lost' : reply.fault;
      note(this.#context, { event: 'ballot_refused', refusal: reply.fault });
      this.#go({ type: 'CARD_REFUSED' });
      return;
    }
    const { style, boxNonce, rejections } = reply.value;
    const { package: election, settings } = this.#context.election;
    const contests = election.styles[style]?.contests ?? [];
    this.#correctionsLeft = Math.max(0, settings.correctionsMax - rejections);
    this.#ballot = createBallotInHand({ style, contests, stationNonce, boxNonce });
    this.#code = code;
    noteSoon(this.#context, { event: 'ballot_started' });
    this.#idle.start();
    this.#go({ type: 'BALLOT_BEGUN' });
  }

  /** The box has forgotten the ballot that it began (a restart, a refused print): fresh nonces, the same choices. */
  async #beginAgain(): Promise<boolean> {
    const ballot = this.#ballot;
    if (ballot === undefined) return false;
    const begin = ++this.#begins;
    const stationNonce = this.#context.random(NONCE_BYTES);
    const reply = await this.#context.link.request('begin', {
      stationCommitment: this.#context.crypto.sha256(stationNonce),
    });
    if (begin !== this.#begins || this.#ballot !== ballot) return false;
    if (!reply.ok || reply.value.style !== ballot.style) return false;
    wipe(ballot.stationNonce);
    wipe(ballot.boxNonce);
    ballot.stationNonce = stationNonce;
    ballot.boxNonce = reply.value.boxNonce;
    return true;
  }

  /** Nothing was printed: the voter may try again, with the same choices and fresh nonces. */
  async #printingRefused(code: string): Promise<void> {
    note(this.#context, { event: 'ballot_refused', refusal: code });
    if (await this.#beginAgain()) {
      this.#code = code;
      this.#idle.start();
      this.#go({ type: 'PRINTING_REFUSED' });
      return;
    }
    this.#wipe();
    this.#code = code;
    this.#go({ type: 'OFFICER_CALLED' });
  }

  #endWith(code: string, beginAgain: boolean): void {
    this.#wipe();
    this.#code = code;
    this.#go({ type: 'SESSION_ENDED' });
    if (!beginAgain) return;
    this.#go({ type: 'CARD_TAKEN' });
    this.#lookAtPad();
  }

  #wipe(): void {
    this.#idle.stop();
    this.#ballot?.wipe();
    this.#ballot = undefined;
    this.#key = null;
    this.#onWiped();
  }
}

/** @param onWiped called after a ballot in hand was wiped, however its session ended */
export const createVoterSession = (
  context: VotingContext,
  casting: () => Casting,
  onWiped: () => void,
): VoterSession => new VoterAtBox(context, casting, onWiped);
