/**
 * The box's metal, paper and plastic behind the core's board doors: ports 2 (printer), 3 (card pad) and 4 (mechanics
 * and keypad). It holds what is physically so and survives without power: the paper stays where it is, the flap shut.
 */
import {
  type Bytes,
  concatBytes,
  createFrameReader,
  DROP_TARGETS,
  encodeFrame,
  FROM_MECHANICS,
  FROM_PAD,
  FROM_PRINTER,
  type FrameReader,
  PERIPHERAL_BYTES_MAX,
  PORTS,
  PRINTER_FAULTS,
  TO_MECHANICS,
  TO_PAD,
  TO_PRINTER,
  WINDOW_STATES,
  wire,
} from '@sandoq/protocol';
import type { Card } from '../cards/card.ts';
import { createPaperBins, type PaperBins } from './paper.ts';
import {
  addRows,
  demand,
  endPage,
  MechanicsViolation,
  overprintRaster,
  type PageInHead,
  type Raster,
  startPage,
} from './printer.ts';
import { DURATIONS_MS, type Schedule } from './schedule.ts';

export type WindowState = keyof typeof WINDOW_STATES;
export type DropTarget = keyof typeof DROP_TARGETS;
export type BoxKey = wire.Key;

/** What is so when the bench starts: kept across its restarts, without any picture. */
export interface MechanicsFacts {
  readonly window: WindowState;
  readonly overprinted: boolean;
  /** from page_start until the page stands in the window: cut off by a power failure, it stands there as it is */
  readonly inHead: boolean;
  /** crumpled in the head, so that it can only be taken out by hand */
  readonly incomplete: boolean;
  readonly lidOpen: boolean;
  readonly paperOut: boolean;
  readonly bins: Readonly<Record<DropTarget, number>>;
  /** taken out of the path by an officer's hand after a jam */
  readonly takenOut: number;
}

export const FRESH_FACTS: MechanicsFacts = {
  window: 'empty',
  overprinted: false,
  inHead: false,
  incomplete: false,
  lidOpen: false,
  paperOut: false,
  bins: { bin: 0, rejected: 0, retained: 0 },
  takenOut: 0,
};

/** What has become of a page in the head when power comes back, or the bench. */
const STANDING: Partial<MechanicsFacts> = { window: 'paper', inHead: false, overprinted: false };

export type PaperFault = 'jam' | 'clear' | 'out' | 'refill' | 'unseen_fall';

export interface MechanicsSettings {
  readonly schedule: Schedule;
  /** bytes to the core; ignored by it while it has no power */
  readonly send: (port: number, bytes: Bytes) => void;
  readonly onChange: () => void;
  /** The firmware asked for what no firmware may ask. */
  readonly onViolation: (violation: MechanicsViolation) => void;
  readonly facts: MechanicsFacts;
  /** rehearsal tests only: papers are kept, mixed, in memory; without it a bin is a number */
  readonly keepPapers?: boolean;
  /** 0…bound-1, for mixing */
  readonly randomBelow: (bound: number) => number;
}

export interface Mechanics {
  /** From the core, on ports 2 to 4. @throws MechanicsViolation after it has been reported. */
  receive(port: number, bytes: Bytes): void;
  power(on: boolean): void;
  press(key: BoxKey): void;
  setLid(open: boolean): void;
  /** @returns false where it makes no sense: clearing nothing, jamming a jam. */
  paperFault(fault: PaperFault): boolean;
  layCard(card: Card | undefined): void;
  facts(): MechanicsFacts;
  faultsArmed(): { readonly jam: boolean; readonly unseenFall: boolean };
  /** The picture behind the window, only while paper stands there. */
  raster(): Raster | undefined;
  readonly papers: PaperBins;
}

const TARGET_NAMES: ReadonlyMap<number | undefined, DropTarget> = new Map(
  (Object.keys(DROP_TARGETS) as DropTarget[]).map((name) => [DROP_TARGETS[name], name]),
);

/** Type byte and arguments of a frame to the core. */
type Answer = readonly number[];

class BoxMechanics implements Mechanics {
  readonly papers: PaperBins;
  readonly #settings: MechanicsSettings;
  #facts: MechanicsFacts;
  #readers: ReadonlyMap<number, FrameReader>;
  #powered = false;
  #page: PageInHead | undefined;
  /** A refused page_start: the rest of that page may still be on its way, and is let fall. */
  #skipping = false;
  #raster: Raster | undefined;
  #moving = false;
  #jamArmed = false;
  #unseenArmed = false;
  #card: Card | undefined;

  constructor(settings: MechanicsSettings) {
    this.#settings = settings;
    this.#facts = settings.facts.inHead ? { ...settings.facts, ...STANDING } : settings.facts;
    this.papers = createPaperBins(settings.keepPapers === true, settings.randomBelow);
    this.#readers = this.#newReaders();
  }

  receive(port: number, bytes: Bytes): void {
    try {
      const reader = this.#readers.get(port);
      demand(reader !== undefined, `there is nothing at port ${port}`);
      reader.push(bytes);
    } catch (cause) {
      this.#readers = this.#newReaders(); // the frame that broke off is done with
      if (cause instanceof MechanicsViolation) this.#settings.onViolation(cause);
      throw cause;
    }
  }

  power(on: boolean): void {
    if (on === this.#powered) return;
    this.#powered = on;
    if (on) return;
    this.#settings.schedule.stop();
    this.#readers = this.#newReaders();
    this.#page = undefined;
    this.#skipping = false;
    this.#moving = false;
    // A page that was being printed stands in the window as far as it got; one that was to fall is still there.
    if (this.#facts.inHead) this.#change(STANDING);
  }

  press(key: BoxKey): void {
    this.#tell(PORTS.mechanics, [FROM_MECHANICS.key, wire.keyShape.toCbor(key, '') as number]);
  }

  setLid(open: boolean): void {
    if (open === this.#facts.lidOpen) return;
    this.#change({ lidOpen: open });
    this.#tell(PORTS.mechanics, [FROM_MECHANICS.lid, open ? 1 : 0]);
  }

  paperFault(fault: PaperFault): boolean {
    switch (fault) {
      case 'clear':
        return this.#clearJam();
      case 'jam':
        if (this.#jamArmed || this.#facts.window === 'jammed') return false;
        this.#jamArmed = true;
        break;
      case 'unseen_fall':
        if (this.#unseenArmed) return false;
        this.#unseenArmed = true;
        break;
      case 'out':
        if (this.#facts.paperOut) return false;
        this.#change({ paperOut: true });
        return true;
      case 'refill':
        return this.#refill();
    }
    this.#settings.onChange();
    return true;
  }

  /** Through the lid, which stays as it was found. */
  #refill(): boolean {
    if (!this.#facts.paperOut) return false;
    const wasOpen = this.#facts.lidOpen;
    this.setLid(true);
    this.#change({ paperOut: false });
    this.setLid(wasOpen);
    return true;
  }

  layCard(next: Card | undefined): void {
    if (next === this.#card) return;
    this.#card?.reset();
    this.#card = next;
    next?.reset();
    this.#tell(PORTS.pad, [next === undefined ? FROM_PAD.card_removed : FROM_PAD.card_laid]);
    this.#settings.onChange();
  }

  facts(): MechanicsFacts {
    return this.#facts;
  }

  faultsArmed(): { readonly jam: boolean; readonly unseenFall: boolean } {
    return { jam: this.#jamArmed, unseenFall: this.#unseenArmed };
  }

  raster(): Raster | undefined {
    return this.#raster;
  }

  #newReaders(): ReadonlyMap<number, FrameReader> {
    const readers = new Map<number, FrameReader>();
    for (const port of [PORTS.printer, PORTS.pad, PORTS.mechanics]) {
      const onFault = (fault: string): void => {
        throw new MechanicsViolation(`port ${port}: ${fault}`);
      };
      const onFrame = (payload: Bytes): void => this.#take(port, payload);
      readers.set(port, createFrameReader(onFrame, onFault, PERIPHERAL_BYTES_MAX));
    }
    return readers;
  }

  #change(next: Partial<MechanicsFacts>): void {
    this.#facts = { ...this.#facts, ...next };
    this.#settings.onChange();
  }

  #tell(port: number, answer: Answer | Bytes): void {
    if (this.#powered) this.#settings.send(port, encodeFrame(Uint8Array.from(answer), PERIPHERAL_BYTES_MAX));
  }

  #move(durationMs: number, done: () => void): undefined {
    this.#moving = true;
    this.#settings.schedule.after(durationMs, () => {
      this.#moving = false;
      done();
    });
  }

  #take(port: number, payload: Bytes): void {
    demand(payload.length > 0, 'an empty frame');
    const type = payload[0] as number;
    const body = payload.subarray(1);
    const answer =
      port === PORTS.printer
        ? this.#printer(type, body)
        : port === PORTS.pad
          ? this.#pad(type, body)
          : this.#mechanics(type, body);
    if (answer !== undefined) this.#settings.schedule.after(0, () => this.#tell(port, answer));
  }

  #printer(type: number, body: Bytes): Answer | undefined {
    if (type === TO_PRINTER.query) return [FROM_PRINTER.state, WINDOW_STATES[this.#facts.window]];
    demand(!this.#moving, 'a printer command while paper is moving');
    switch (type) {
      case TO_PRINTER.page_start:
        return this.#pageStart(body);
      case TO_PRINTER.rows:
        if (!this.#skipping) this.#page = addRows(this.#page, body);
        return undefined;
      case TO_PRINTER.page_end: {
        if (this.#skipping) {
          this.#skipping = false;
          return undefined;
        }
        const complete = endPage(this.#page, body);
        this.#page = undefined;
        return this.#move(DURATIONS_MS.page, () => this.#printed(complete));
      }
      case TO_PRINTER.overprint:
        demand(body.length === 0, 'overprint takes no arguments');
        demand(this.#facts.window === 'paper', 'overprint without a paper in the window');
        return this.#move(DURATIONS_MS.overprint, () => this.#overprinted());
      default:
        throw new MechanicsViolation(`printer command ${type} is unknown`);
    }
  }

  #pageStart(body: Bytes): Answer | undefined {
    const started = startPage(this.#page, body);
    demand(this.#facts.window !== 'paper', 'page_start onto a paper in the window');
    this.#skipping = true;
    if (this.#facts.window === 'jammed') return [FROM_PRINTER.fault, PRINTER_FAULTS.jam];
    if (this.#facts.paperOut) return [FROM_PRINTER.fault, PRINTER_FAULTS.out_of_paper];
    if (this.#facts.lidOpen) return [FROM_PRINTER.fault, PRINTER_FAULTS.failed];
    this.#skipping = false;
    this.#page = started;
    this.#change({ inHead: true });
    return undefined;
  }

  #printed(complete: Raster): void {
    if (this.#jamArmed) {
      this.#jamArmed = false;
      this.#change({ window: 'jammed', inHead: false, incomplete: true, overprinted: false });
      this.#tell(PORTS.printer, [FROM_PRINTER.fault, PRINTER_FAULTS.jam]);
      return;
    }
    this.#raster = complete;
    this.#change({ window: 'paper', inHead: false, incomplete: false, overprinted: false });
    this.#tell(PORTS.printer, [FROM_PRINTER.in_window]);
  }

  #overprinted(): void {
    if (this.#raster !== undefined) {
      const readable = this.#raster;
      this.#raster = overprintRaster(readable);
      readable.bits.fill(0);
    }
    this.#change({ overprinted: true });
    this.#tell(PORTS.printer, [FROM_PRINTER.overprinted]);
  }

  #pad(type: number, body: Bytes): Answer | undefined {
    if (type === TO_PAD.query) {
      demand(body.length === 0, 'the pad query takes no arguments');
      return [this.#card === undefined ? FROM_PAD.card_removed : FROM_PAD.card_laid];
    }
    demand(type === TO_PAD.apdu, `pad command ${type} is unknown`);
    const asked = this.#card;
    this.#settings.schedule.after(DURATIONS_MS.chip_answer, () => {
      const answer = asked === undefined || asked !== this.#card ? new Uint8Array(0) : asked.transmit(body);
      // More than a frame carries is more than the antenna does.
      const carried = answer.length < PERIPHERAL_BYTES_MAX ? answer : new Uint8Array(0);
      this.#tell(PORTS.pad, concatBytes(Uint8Array.of(FROM_PAD.response), carried));
    });
    return undefined;
  }

  #mechanics(type: number, body: Bytes): Answer | undefined {
    if (type === TO_MECHANICS.query)
      return [FROM_MECHANICS.state, WINDOW_STATES[this.#facts.window], this.#facts.lidOpen ? 1 : 0];
    demand(type === TO_MECHANICS.drop, `mechanics command ${type} is unknown`);
    const target = TARGET_NAMES.get(body[0]);
    demand(body.length === 1 && target !== undefined, 'drop into a bin that is not there');
    demand(!this.#moving, 'drop while paper is moving');
    demand(this.#facts.window !== 'empty', 'drop without a paper');
    if (this.#facts.window === 'jammed') return [FROM_MECHANICS.jam];
    const { overprinted } = this.#facts;
    demand(target !== 'rejected' || overprinted, 'drop of a readable paper into the rejected bin');
    demand(target !== 'bin' || !overprinted, 'drop of an overprinted paper among the ballots');
    return this.#move(DURATIONS_MS.drop, () => this.#fall(target));
  }

  #fall(target: DropTarget): void {
    if (this.#jamArmed) {
      this.#jamArmed = false;
      this.#change({ window: 'jammed', incomplete: false });
      this.#tell(PORTS.mechanics, [FROM_MECHANICS.jam]);
      return;
    }
    this.papers.add(target, this.#raster);
    this.#raster?.bits.fill(0);
    this.#raster = undefined;
    const bins = { ...this.#facts.bins, [target]: this.#facts.bins[target] + 1 };
    this.#change({ window: 'empty', overprinted: false, bins });
    const seen = !this.#unseenArmed;
    this.#unseenArmed = false;
    if (seen) this.#tell(PORTS.mechanics, [FROM_MECHANICS.fell, DROP_TARGETS[target]]);
  }

  /** By an officer's hand: a whole page goes back into the window, a torn one comes out. */
  #clearJam(): boolean {
    const jammed = this.#facts.window === 'jammed';
    const disarmed = this.#jamArmed;
    this.#jamArmed = false;
    if (jammed && this.#facts.incomplete) {
      this.#raster = undefined;
      this.#change({ window: 'empty', incomplete: false, takenOut: this.#facts.takenOut + 1 });
    } else if (jammed) this.#change({ window: 'paper' });
    if (jammed) {
      const code = WINDOW_STATES[this.#facts.window];
      this.#tell(PORTS.mechanics, [FROM_MECHANICS.state, code, this.#facts.lidOpen ? 1 : 0]);
    } else if (disarmed) this.#settings.onChange();
    return jammed || disarmed;
  }
}

export const createMechanics = (settings: MechanicsSettings): Mechanics => new BoxMechanics(settings);
