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
import type { Admission } from '../journal-cell.ts';
import { Delivery } from './delivery.ts';
import { LeftCards, stillOut } from './left-card.ts';
import { stillWanted } from './merge.ts';
import type { Message } from './messages.ts';
import type { PeerLinks } from './peer-links.ts';
import { Questions, Reservations, type Reserved } from './reservations.ts';
import type { SecondDisk } from './second-disk.ts';
import { isGone } from './shared-state.ts';
import { SharedStation } from './shared-station.ts';
import { type Reach, type Standing, standingOf } from './standing.ts';
import { type TerminalsView, terminalsView } from './view.ts';

export const CLOSE_RETRY_MS = 1_000;

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

export class Terminals {
  readonly here: number;
  readonly #options: TerminalsOptions;
  readonly #links: PeerLinks;
  readonly #delivery: Delivery;
  readonly #shared: SharedStation;
  readonly #left: LeftCards;
  readonly #reservations: Reservations;
  readonly #closing: Questions<boolean>;
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
    const { here, clock, journal, disk, inHandOf } = options;
    const send = (terminal: number, message: Message): boolean => this.#links.send(terminal, message);
    this.#delivery = new Delivery(clock, send);
    this.#left = new LeftCards(journal, inHandOf);
    this.#shared = new SharedStation({
      here,
      journal,
      disk,
      reached: () => this.#reached(),
      tellAll: (message) => this.#delivery.tellAll(message),
      changed: () => this.#seam?.changed(),
      closed: () => this.#closeWithOthers(),
    });
    this.#isFresh = this.#shared.isFresh();
    this.#links = options.links({
      onUp: (terminal) => this.#up(terminal),
      onDown: (terminal) => this.#down(terminal),
      onMessage: (terminal, message) => this.#heard(terminal, message),
    });
    this.#closing = new Questions(clock, send);
    this.#reservations = new Reservations({
      here,
      clock,
      send,
      standing: () => this.#mayReserve(),
      reached: () => this.#reached(),
      linesOf: (nationalCode) => this.#linesOf(nationalCode),
      exchangeLines: (terminal, nationalCode, lines) => {
        this.#merge(lines);
        this.#delivery.sendLines(terminal, this.#linesOf(nationalCode));
      },
      tellAll: (message) => this.#delivery.tellAll(message),
    });
    if (disk !== undefined) this.#withDisk(disk);
  }

  attach(seam: TerminalsSeam): void {
    this.#seam = seam;
    if (this.#leftOnDisk !== undefined) seam.returned(this.#leftOnDisk);
  }

  // --- what stands ---

  #reached(): readonly number[] {
    return this.#delivery.reached();
  }

  #reach(): Reach {
    const { total, disk } = this.#options;
    const { here } = this;
    return { total, here, reached: this.#reached(), state: this.#shared.state(), disk: disk?.state() };
  }

  standing(): Standing {
    return standingOf(this.#reach());
  }

  view(): TerminalsView {
    const reach = this.#reach();
    return terminalsView(reach, standingOf(reach), this.#left.left(reach.reached)?.terminal);
  }

  /** Under which name the province knows a line's claim. */
  claimantOf(line: Pick<Admission, 'apart' | 'terminal'>): Bytes {
    return this.#shared.claimantOf(line);
  }

  /** Whether this terminal tells the province of a line: its own, and those of terminals that are not here. */
  tells(line: Pick<Admission, 'terminal'>): boolean {
    const { terminal } = line;
    return terminal === undefined || terminal === this.here || !this.#reached().includes(terminal);
  }

  abandoned(): number {
    return this.#shared.abandoned();
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
    this.#shared.nameClaimants(standing.isApart);
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
    this.#delivery.sendLinesToAll(lines);
  }

  /** Waits until everything written so far is where it must be. @returns whether it is */
  hold(): Promise<boolean> {
    return this.#delivery.hold(() => this.standing());
  }

  /** What is being done to a card here; undefined: nothing. Goes out before the line that follows it. */
  inHand(line: Admission | undefined): void {
    this.#inHand = line;
    this.#options.disk?.inHand(line);
    this.#delivery.tellAll({ type: 'in_hand', terminal: this.here, line });
  }

  // --- terminals that are lost ---

  /** Two roles say that whoever cannot be reached is not here. @returns a bit for each, bit 0 the second disk */
  goOn(): number {
    const { total, disk } = this.#options;
    const reached = this.#reached();
    let { gone } = this.#shared.state();
    for (let terminal = 1; terminal <= total; terminal++)
      if (terminal !== this.here && !reached.includes(terminal)) gone |= 1 << terminal;
    if (disk?.state() === 'lost') gone |= 1;
    this.#shared.set({ ...this.#shared.state(), gone });
    this.#delivery.wake();
    return gone;
  }

  /** The card that a lost terminal was preparing: this desk ends it. @returns undefined where there is none */
  takeOver(): Admission | undefined {
    const left = this.#left.left(this.#reached());
    if (left === undefined) return undefined;
    this.#left.keep(left.terminal, undefined);
    this.#delivery.tellAll({ type: 'in_hand', terminal: left.terminal, line: undefined });
    return left.line;
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
        if (isGone(this.#shared.state(), terminal)) continue;
        return terminal;
      }
      const ok = await this.#closing.ask(terminal, (id) => ({ type: 'close', id }));
      if (ok !== true) return terminal;
    }
    return 0;
  }

  stationWas(before: StationState, after: StationState): void {
    this.#shared.stationWas(before, after);
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
    this.#delivery.begin(terminal);
    this.#links.send(terminal, this.#shared.message());
    if (!this.#isFresh || this.#inHand !== undefined)
      this.#links.send(terminal, { type: 'in_hand', terminal: this.here, line: this.#inHand });
    const line = this.#left.of(terminal);
    if (line !== undefined) this.#links.send(terminal, { type: 'in_hand', terminal, line });
    this.#delivery.sendEverything(terminal, journal.admissions());
  }

  #down(terminal: number): void {
    const wasReached = this.#delivery.end(terminal);
    this.#reservations.lost(terminal);
    this.#closing.lost(terminal);
    if (wasReached) this.#seam?.note('device_lost');
    this.#delivery.wake();
    this.#seam?.changed();
  }

  #merge(lines: readonly Admission[]): void {
    const { journal, disk } = this.#options;
    const wanted = stillWanted(journal.station().phase, lines, (line) => journal.lineOf(line));
    const later = journal.merge(wanted);
    if (later === undefined) throw new Error('the journal is full: a line of another terminal has no room');
    if (later.length === 0) return;
    disk?.put(later);
    this.#seam?.changed();
  }

  #heard(terminal: number, message: Message): void {
    if (!this.#delivery.isLinked(terminal)) return;
    switch (message.type) {
      case 'state':
        this.#shared.take(message);
        return;
      case 'lines':
        this.#merge(message.lines);
        this.#links.send(terminal, { type: 'ack', sequence: message.sequence });
        if (message.isAll) this.#delivery.hasTold(terminal);
        this.#reachedNow(terminal);
        return;
      case 'ack':
        this.#delivery.acked(terminal, message.sequence);
        this.#reachedNow(terminal);
        this.#delivery.wake();
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
  #reachedNow(terminal: number): void {
    if (!this.#delivery.isNewlyReached(terminal)) return;
    const state = this.#shared.state();
    if (isGone(state, terminal)) this.#shared.set({ ...state, gone: state.gone & ~(1 << terminal) });
    this.#seam?.note('device_connected');
    this.#seam?.changed();
  }

  #takeInHand(from: number, { terminal, line }: Extract<Message, { type: 'in_hand' }>): void {
    if (terminal === this.here) {
      if (this.#isFresh && line !== undefined && this.#inHand === undefined) this.#seam?.returned(line);
      return;
    }
    if (terminal !== from && line !== undefined) return;
    this.#left.keep(terminal, line);
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
    this.#shared.mergeStored(disk.storedShared());
    disk.attach(() => ({
      lines: journal.admissions(),
      station: journal.station(),
      shared: this.#shared.bytes(),
      changed: () => this.#seam?.changed(),
    }));
  }

  /** The first disk is new: the day stands where the second says, and so does the card that was being prepared. */
  #refill(disk: SecondDisk): void {
    const { journal } = this.#options;
    const stored = disk.storedStation();
    if (stored !== undefined && stored.phase !== 'set_up') journal.setStation(stored);
    const left = disk.left();
    if (left !== undefined) this.#leftOnDisk = stillOut(journal, left);
  }

  port = (): number | undefined => this.#links.port();

  async close(): Promise<void> {
    this.#isEnded = true;
    await this.#links.close();
    this.#delivery.wake();
    this.#left.close();
    this.#options.disk?.close();
  }
}
