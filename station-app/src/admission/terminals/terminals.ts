/**
 * The terminals of one station as one journal (protocol/docs/TERMINALS.md). Before a card is armed its line is durable here
 * and at another device; before a line is written, most terminals have set the person aside for this one. What a link has
 * missed is told when it is back: each line only moves forward, so that telling it twice changes nothing.
 */
import type { Bytes } from '@sandoq/protocol';
import type { NationalCode } from '@sandoq/protocol/persian';
import type { Clock } from '../../devices/clock.ts';
import type { InHandFile } from '../in-hand.ts';
import type { Journal, StationState } from '../journal.ts';
import { PHASES } from '../journal.ts';
import { type Admission, cardsOut } from '../journal-cell.ts';
import { LINES_MAX, type Message } from './messages.ts';
import type { PeerLinks } from './peer-links.ts';
import { Questions, Reservations, type Reserved } from './reservations.ts';
import type { SecondDisk } from './second-disk.ts';
import {
  decodeShared,
  encodeShared,
  FRESH_STATE,
  isGone,
  isNamed,
  mergeShared,
  type SharedState,
} from './shared-state.ts';
import { type Standing, standingOf } from './standing.ts';

export const HOLD_MS = 2_000;
export const CLOSE_RETRY_MS = 1_000;
/** Persons set aside for one other terminal: it serves one at a time. */
export const LOCKS_PER_TERMINAL_MAX = 4;

export interface TerminalsView {
  readonly here: number;
  readonly state: Standing['state'];
  readonly devices: number;
  readonly isApart: boolean;
  readonly others: readonly { readonly terminal: number; readonly state: 'connected' | 'lost' | 'gone' }[];
  readonly disk: 'ok' | 'lost' | undefined;
  /** a terminal that is not here was preparing a card: somebody must end it */
  readonly left: number | undefined;
}

export interface TerminalsOptions {
  readonly here: number;
  readonly total: number;
  readonly journal: Journal;
  readonly clock: Clock;
  /** keeps what another terminal is doing to a card, so that its last admission is known when it is lost */
  readonly inHandOf: ReadonlyMap<number, InHandFile>;
  readonly disk: SecondDisk | undefined;
  readonly links: (events: {
    readonly onUp: (terminal: number) => void;
    readonly onDown: (terminal: number) => void;
    readonly onMessage: (terminal: number, message: Message) => void;
  }) => PeerLinks;
}

/** What the terminals need of the desk; set before the first message comes. */
export interface TerminalsSeam {
  readonly changed: () => void;
  /** a line to the log, without a person */
  readonly note: (event: 'device_connected' | 'device_lost') => void;
  /** another terminal closes the day: this desk closes; false while a card is in hand here */
  readonly close: () => boolean;
  /** a card that this terminal had in hand when its disk was lost */
  readonly returned: (line: Admission) => void;
}

interface Peer {
  /** sequence of the last message of lines sent to it, and of the last that it holds */
  sent: number;
  acked: number;
  /** what it held when the link began has come */
  hasTold: boolean;
  /** the sequence at which it holds all that we held when the link began */
  allAt: number;
  wasReached: boolean;
}

export class Terminals {
  readonly here: number;
  readonly #options: TerminalsOptions;
  readonly #links: PeerLinks;
  readonly #peers = new Map<number, Peer>();
  readonly #reservations: Reservations;
  readonly #closing: Questions<boolean>;
  readonly #acked = new Set<() => void>();
  #state: SharedState;
  #inHand: Admission | undefined;
  #mustClose = false;
  #leftOnDisk: Admission | undefined;
  #isEnded = false;
  #seam: TerminalsSeam | undefined;
  /** nothing was ever written here: what others kept of this terminal is given back to it */
  readonly #isFresh: boolean;

  constructor(options: TerminalsOptions) {
    this.#options = options;
    this.here = options.here;
    const { journal } = options;
    const stored = journal.shared();
    this.#state = (stored && decodeShared(stored)) ?? FRESH_STATE;
    this.#isFresh = !isNamed(this.#state.claimants[options.here]);
    this.#links = options.links({
      onUp: (terminal) => this.#up(terminal),
      onDown: (terminal) => this.#down(terminal),
      onMessage: (terminal, message) => this.#heard(terminal, message),
    });
    const send = (terminal: number, message: Message): boolean => this.#links.send(terminal, message);
    this.#closing = new Questions(options.clock, send);
    this.#reservations = new Reservations({
      here: options.here,
      clock: options.clock,
      send,
      standing: () => this.#mayReserve(),
      reached: () => this.#reached(),
      linesOf: (nationalCode) => this.#linesOf(nationalCode),
      exchangeLines: (terminal, nationalCode, lines) => {
        this.#merge(lines);
        this.#sendLines(terminal, this.#linesOf(nationalCode), false);
      },
      tellAll: (message) => this.#tellAll(message),
    });
    if (options.disk !== undefined) this.#withDisk(options.disk);
  }

  attach(seam: TerminalsSeam): void {
    this.#seam = seam;
    if (this.#leftOnDisk !== undefined) seam.returned(this.#leftOnDisk);
  }

  // --- what stands ---

  #reached(): readonly number[] {
    return [...this.#peers].flatMap(([terminal, peer]) => (this.#isReached(peer) ? [terminal] : []));
  }

  #isReached = (peer: Peer): boolean => peer.hasTold && peer.acked >= peer.allAt;

  standing(): Standing {
    const { total, disk } = this.#options;
    return standingOf({
      total,
      here: this.here,
      reached: this.#reached(),
      state: this.#state,
      disk: disk?.state(),
    });
  }

  view(): TerminalsView {
    const { total, disk } = this.#options;
    const { state, devices, isApart } = this.standing();
    const reached = this.#reached();
    const others = Array.from({ length: total }, (_, i) => i + 1).filter((one) => one !== this.here);
    return {
      here: this.here,
      state,
      devices,
      isApart,
      others: others.map((terminal) => ({
        terminal,
        state: reached.includes(terminal) ? 'connected' : isGone(this.#state, terminal) ? 'gone' : 'lost',
      })),
      disk: disk?.state(),
      left: this.#left()?.terminal,
    };
  }

  /** Under which name the province knows a line's claim. */
  claimantOf(line: Pick<Admission, 'apart' | 'terminal'>): Bytes {
    const place = line.apart === true ? (line.terminal ?? 0) : 0;
    const named = this.#state.claimants[place];
    return isNamed(named) ? named : this.#options.journal.id();
  }

  /** Whether this terminal tells the province of a line: its own, and those of terminals that are not here. */
  tells(line: Pick<Admission, 'terminal'>): boolean {
    const { terminal } = line;
    return terminal === undefined || terminal === this.here || !this.#reached().includes(terminal);
  }

  abandoned(): number {
    return this.#state.abandoned.reduce((sum, count) => sum + count, 0);
  }

  // --- one person, one terminal ---

  /** Most terminals set the person aside for this one, and tell what they know of her. */
  reserve(nationalCode: NationalCode): Promise<Reserved> {
    return this.#reservations.reserve(nationalCode);
  }

  /** Nobody is set aside any more: the line itself tells, or she may go to another. */
  release(): void {
    this.#reservations.release();
  }

  #mayReserve(): Standing | undefined {
    const standing = this.standing();
    if (standing.state === 'missing' || this.#mustClose) return undefined;
    this.#nameClaimants(standing.isApart);
    return standing;
  }

  #linesOf(nationalCode: NationalCode): readonly Admission[] {
    const { journal, total } = this.#options;
    const places = Array.from({ length: total }, (_, i) => ({ nationalCode, terminal: i + 1, apart: true }));
    return [{ nationalCode }, ...places].flatMap((one) => journal.lineOf(one) ?? []);
  }

  // --- a line on two devices ---

  /** To be called after each write to the journal. */
  wrote(lines: readonly Admission[]): void {
    this.#options.disk?.put(lines);
    for (const terminal of this.#peers.keys()) this.#sendLines(terminal, lines, false);
  }

  /** Waits until everything written so far is where it must be. @returns whether it is */
  async hold(): Promise<boolean> {
    const targets = new Map([...this.#peers].map(([terminal, peer]) => [terminal, peer.sent]));
    const deadline = this.#options.clock.elapsedMs() + HOLD_MS;
    for (;;) {
      const { state, needed } = this.standing();
      const holding = [...targets].filter(([terminal, sequence]) => {
        const peer = this.#peers.get(terminal);
        return peer !== undefined && this.#isReached(peer) && peer.acked >= sequence;
      });
      if (state !== 'missing' && 1 + holding.length >= needed) return true;
      const left = deadline - this.#options.clock.elapsedMs();
      if (left <= 0 || state === 'missing') return false;
      await this.#nextAck(left);
    }
  }

  #nextAck(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#acked.delete(end);
        cancel();
        resolve();
      };
      const cancel = this.#options.clock.after(waitMs, end);
      this.#acked.add(end);
    });
  }

  #wake(): void {
    for (const end of [...this.#acked]) end();
  }

  /** What is being done to a card here; undefined: nothing. Goes out before the line that follows it. */
  inHand(line: Admission | undefined): void {
    this.#inHand = line;
    this.#options.disk?.inHand(line);
    this.#tellAll({ type: 'in_hand', terminal: this.here, line });
  }

  // --- terminals that are lost ---

  /** Two roles say that whoever cannot be reached is not here. @returns a bit for each, bit 0 the second disk */
  goOn(): number {
    const { total, disk } = this.#options;
    const reached = this.#reached();
    let { gone } = this.#state;
    for (let terminal = 1; terminal <= total; terminal++)
      if (terminal !== this.here && !reached.includes(terminal)) gone |= 1 << terminal;
    if (disk?.state() === 'lost') gone |= 1;
    this.#setState({ ...this.#state, gone });
    this.#wake();
    return gone;
  }

  #left(): { readonly terminal: number; readonly line: Admission } | undefined {
    for (const [terminal, file] of this.#options.inHandOf) {
      const { left } = file;
      if (this.#reached().includes(terminal) || left?.kind !== 'arm') continue;
      const line = this.#options.journal.lineOf(left.admission);
      if (line !== undefined && line.armings === left.admission.armings && cardsOut(line) === 1)
        return { terminal, line };
    }
    return undefined;
  }

  /** The card that a lost terminal was preparing: this desk ends it. @returns undefined where there is none */
  takeOver(): Admission | undefined {
    const left = this.#left();
    if (left === undefined) return undefined;
    this.#forgetInHandOf(left.terminal);
    this.#tellAll({ type: 'in_hand', terminal: left.terminal, line: undefined });
    return left.line;
  }

  #forgetInHandOf(terminal: number): void {
    this.#options.inHandOf.get(terminal)?.clear();
  }

  // --- the end of the day ---

  /**
   * Every terminal that is not said to be gone stops admitting and has told all it holds.
   * @returns the terminal that cannot be reached or has a card in hand; 0 where all have closed
   */
  async closeAll(): Promise<number> {
    const { total } = this.#options;
    for (let terminal = 1; terminal <= total; terminal++) {
      if (terminal === this.here) continue;
      if (!this.#reached().includes(terminal)) {
        if (isGone(this.#state, terminal)) continue;
        return terminal;
      }
      const ok = await this.#closing.ask(terminal, (id) => ({ type: 'close', id }));
      if (ok !== true) return terminal;
    }
    return 0;
  }

  // --- the station's state ---

  stationWas(before: StationState, after: StationState): void {
    const counted = after.abandoned - before.abandoned;
    if (counted !== 0) {
      const abandoned = this.#state.abandoned.map((count, i) => (i === this.here ? count + counted : count));
      this.#setState({ ...this.#state, abandoned });
    }
    this.#options.disk?.station(after);
    this.#tellState();
  }

  #setState(next: SharedState): void {
    this.#options.journal.setShared(encodeShared(next));
    this.#options.disk?.shared(encodeShared(next));
    this.#state = next;
    this.#tellState();
    this.#seam?.changed();
  }

  #tellState(): void {
    this.#tellAll(this.#stateMessage());
  }

  #stateMessage(): Message {
    const { phase, mode } = this.#options.journal.station();
    return {
      type: 'state',
      shared: encodeShared(this.#state),
      phase: PHASES.indexOf(phase),
      mode: mode === null ? 0 : mode === 'rehearsal' ? 1 : 2,
    };
  }

  /** The names are given before the first claim; that of the station by the lowest terminal of those within reach. */
  #nameClaimants(isApart: boolean): void {
    const claimants = [...this.#state.claimants];
    const id = this.#options.journal.id();
    if (!isNamed(claimants[this.here])) claimants[this.here] = id;
    const isLowest = this.#reached().every((terminal) => terminal > this.here);
    if (!isApart && isLowest && !isNamed(claimants[0])) claimants[0] = id;
    const isSame = claimants.every((one, i) => one === this.#state.claimants[i]);
    if (!isSame) this.#setState({ ...this.#state, claimants });
  }

  #takeState({ shared, phase, mode }: Extract<Message, { type: 'state' }>): void {
    const theirs = decodeShared(shared);
    if (theirs === undefined) return;
    const merged = mergeShared(this.#state, theirs);
    if (encodeShared(merged).some((byte, i) => byte !== encodeShared(this.#state)[i])) this.#setState(merged);
    const { journal } = this.#options;
    const ours = journal.station();
    const theirPhase = PHASES[phase] ?? 'set_up';
    const isLater = PHASES.indexOf(theirPhase) > PHASES.indexOf(ours.phase);
    // Opening is each desk's own, with its own two cards; closing is the station's.
    if (!isLater || mode === 0 || (theirPhase !== 'doors_closed' && theirPhase !== 'closed')) return;
    if (ours.phase === 'set_up') return;
    if (theirPhase === 'closed') {
      this.#closeWithOthers();
      return;
    }
    journal.setStation({ ...ours, phase: theirPhase });
    this.#options.disk?.station(journal.station());
    this.#seam?.changed();
  }

  /** The station's sums are signed: nobody comes in here any more, and the desk closes as soon as its hands are empty. */
  #closeWithOthers(): void {
    this.#mustClose = true;
    if (this.#isEnded) return;
    if (this.#seam?.close() !== true)
      this.#options.clock.after(CLOSE_RETRY_MS, () => this.#closeWithOthers());
  }

  // --- links ---

  #up(terminal: number): void {
    const { total, journal } = this.#options;
    if (terminal > total) {
      this.#links.drop(terminal);
      return;
    }
    const peer: Peer = { sent: 0, acked: 0, hasTold: false, allAt: 0, wasReached: false };
    this.#peers.set(terminal, peer);
    this.#links.send(terminal, this.#stateMessage());
    if (!this.#isFresh || this.#inHand !== undefined)
      this.#links.send(terminal, { type: 'in_hand', terminal: this.here, line: this.#inHand });
    const left = this.#options.inHandOf.get(terminal)?.left;
    if (left?.kind === 'arm') this.#links.send(terminal, { type: 'in_hand', terminal, line: left.admission });
    const lines = journal.admissions();
    for (let at = 0; at + LINES_MAX < lines.length; at += LINES_MAX)
      this.#sendLines(terminal, lines.slice(at, at + LINES_MAX), false);
    this.#sendLines(
      terminal,
      lines.slice(Math.floor(Math.max(0, lines.length - 1) / LINES_MAX) * LINES_MAX),
      true,
    );
    peer.allAt = peer.sent;
  }

  #down(terminal: number): void {
    const wasReached = this.#peers.get(terminal)?.wasReached === true;
    this.#peers.delete(terminal);
    this.#reservations.lost(terminal);
    this.#closing.lost(terminal);
    if (wasReached) this.#seam?.note('device_lost');
    this.#wake();
    this.#seam?.changed();
  }

  #sendLines(terminal: number, lines: readonly Admission[], isAll: boolean): void {
    const peer = this.#peers.get(terminal);
    if (peer === undefined) return;
    peer.sent++;
    this.#links.send(terminal, { type: 'lines', sequence: peer.sent, isAll, lines });
  }

  #tellAll(message: Message): void {
    for (const terminal of this.#peers.keys()) this.#links.send(terminal, message);
  }

  #merge(lines: readonly Admission[]): void {
    const { journal, disk } = this.#options;
    // After the sums are signed nobody comes in any more; what the province has said meanwhile does not touch them.
    const wanted =
      journal.station().phase === 'closed'
        ? lines.filter((line) => isOnlyTold(line, journal.lineOf(line)))
        : lines;
    const later = journal.merge(wanted);
    if (later === undefined) throw new Error('the journal is full: a line of another terminal has no room');
    if (later.length === 0) return;
    disk?.put(later);
    this.#seam?.changed();
  }

  #heard(terminal: number, message: Message): void {
    const peer = this.#peers.get(terminal);
    if (peer === undefined) return;
    switch (message.type) {
      case 'state':
        this.#takeState(message);
        return;
      case 'lines':
        this.#merge(message.lines);
        this.#links.send(terminal, { type: 'ack', sequence: message.sequence });
        if (message.isAll) peer.hasTold = true;
        this.#reachedNow(terminal, peer);
        return;
      case 'ack':
        peer.acked = Math.max(peer.acked, message.sequence);
        this.#reachedNow(terminal, peer);
        this.#wake();
        return;
      case 'reserve':
        this.#links.send(terminal, this.#reservations.answer(terminal, message));
        return;
      case 'answer':
        this.#reservations.answered(message);
        return;
      case 'unlock':
        this.#reservations.unlock(terminal, message.nationalCode);
        return;
      case 'in_hand':
        this.#takeInHand(terminal, message);
        return;
      case 'close':
        this.#takeClose(terminal, message.id);
        return;
      case 'closed':
        this.#closing.answered(message.id, message.ok);
        return;
      case 'ping':
        return;
    }
  }

  /** It is here, and it holds what we hold: whoever said that it is gone is answered by itself. */
  #reachedNow(terminal: number, peer: Peer): void {
    if (peer.wasReached || !this.#isReached(peer)) return;
    peer.wasReached = true;
    if (isGone(this.#state, terminal))
      this.#setState({ ...this.#state, gone: this.#state.gone & ~(1 << terminal) });
    this.#seam?.note('device_connected');
    this.#seam?.changed();
  }

  #takeInHand(from: number, { terminal, line }: Extract<Message, { type: 'in_hand' }>): void {
    if (terminal === this.here) {
      if (this.#isFresh && line !== undefined && this.#inHand === undefined) this.#seam?.returned(line);
      return;
    }
    const file = this.#options.inHandOf.get(terminal);
    if (terminal !== from && line !== undefined) return;
    if (line === undefined) file?.clear();
    else file?.keep({ kind: 'arm', admission: line });
    this.#seam?.changed();
  }

  #takeClose(terminal: number, id: number): void {
    const { phase } = this.#options.journal.station();
    const ok = phase === 'closed' || phase === 'set_up' || this.#seam?.close() === true;
    // Behind everything that it wrote: one stream, in order.
    this.#links.send(terminal, { type: 'closed', id, ok });
  }

  #withDisk(disk: SecondDisk): void {
    const { journal } = this.#options;
    this.#merge(disk.lines());
    if (this.#isFresh) this.#refill(disk);
    const stored = disk.storedShared();
    const theirs = stored && decodeShared(stored);
    if (theirs !== undefined) this.#setState(mergeShared(this.#state, theirs));
    disk.attach(() => ({
      lines: journal.admissions(),
      station: journal.station(),
      shared: encodeShared(this.#state),
      changed: () => this.#seam?.changed(),
    }));
  }

  /** The first disk is new: the day stands where the second says, and so does the card that was being prepared. */
  #refill(disk: SecondDisk): void {
    const { journal } = this.#options;
    const stored = disk.storedStation();
    if (stored !== undefined && stored.phase !== 'set_up') journal.setStation(stored);
    const left = disk.left();
    const line = left && journal.lineOf(left);
    if (left !== undefined && line?.armings === left.armings && cardsOut(line) === 1) this.#leftOnDisk = line;
  }

  port = (): number | undefined => this.#links.port();

  async close(): Promise<void> {
    this.#isEnded = true;
    await this.#links.close();
    this.#wake();
    for (const file of this.#options.inHandOf.values()) file.close();
    this.#options.disk?.close();
  }
}

function isOnlyTold(line: Admission, ours: Admission | undefined): boolean {
  if (ours === undefined) return false;
  const { state, turn, armings, spoiled, returned } = ours;
  return (
    line.state === state &&
    line.turn === turn &&
    line.armings === armings &&
    line.spoiled === spoiled &&
    line.returned === returned
  );
}
