/**
 * A day at a station with several terminals: people come to any of them, some to two at once, some again; terminals are
 * killed in the middle of an arming, with their disks or without, and lines are cut. The officers do what the screens say
 * and go on without a terminal only where it really is off. Everything drawn comes from the seed; who is quicker does not.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CardState } from '@sandoq/hardware-sim';
import { fromHex, parseTyped, records } from '@sandoq/protocol';
import { Refused } from '../src/contract/socket.ts';
import type { Room } from './admission-room.ts';
import { codeOf } from './admission-world.ts';
import { openTerminals, type TerminalsRoom } from './terminals-room.ts';

export interface TerminalsDayOrder {
  readonly terminals: number;
  readonly people: number;
  readonly seed: number;
  readonly program?: string;
  readonly onProgress: (text: string) => void;
}

export interface TerminalsFigures {
  readonly terminals: number;
  readonly people: number;
  readonly attempts: number;
  readonly admitted: number;
  readonly at_two_desks_at_once: number;
  readonly refused: number;
  readonly kills: number;
  readonly disks_lost: number;
  readonly cuts: number;
  readonly taken_over: number;
  readonly admitted_twice: number;
  readonly forgotten: number;
  readonly cards_armed: number;
  readonly cards_in_ledger: number;
  readonly ledgers_differ: number;
  readonly on_one_device_at_end: number;
}

const OFFICERS = ['executive', 'supervisor'] as const;
const ONE_IN = { atOnce: 4, again: 5, kill: 7, diskLost: 2, cut: 6 } as const;
const DOWN_FOR_TASKS = 3;
const SETTLE_MS = 30_000;

/** A small generator of its own: the same seed, the same day. */
function drawFrom(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

class TerminalsDay {
  readonly #order: TerminalsDayOrder;
  readonly #draw: (below: number) => number;
  readonly #station: TerminalsRoom;
  /** terminals that are off, and for how many tasks still */
  readonly #off = new Map<number, number>();
  #cutFor = 0;
  readonly #cards = new Map<string, number>();
  /** cards that lay at a terminal when it was lost */
  readonly #left = new Map<number, CardState>();
  readonly #counts = {
    attempts: 0,
    atOnce: 0,
    refused: 0,
    kills: 0,
    disks: 0,
    cuts: 0,
    takenOver: 0,
    armed: 0,
  };

  constructor(order: TerminalsDayOrder, station: TerminalsRoom) {
    this.#order = order;
    this.#station = station;
    this.#draw = drawFrom(order.seed);
  }

  #at = (number: number): Room => this.#station.terminals[number - 1] as Room;
  #oneIn = (chance: number): boolean => this.#draw(chance) === 0;
  #on = (): number[] =>
    Array.from({ length: this.#order.terminals }, (_, i) => i + 1).filter((one) => !this.#off.has(one));

  async run(): Promise<{ readonly ok: boolean; readonly figures: TerminalsFigures }> {
    const { people, onProgress } = this.#order;
    for (let person = 1; person <= people; person++) {
      await this.#weather();
      await this.#comes(person);
      if (person > 1 && this.#oneIn(ONE_IN.again)) await this.#comes(1 + this.#draw(person - 1));
      if (person % 10 === 0) onProgress(`${person} of ${people} people came`);
    }
    return this.#end();
  }

  async #weather(): Promise<void> {
    for (const [number, tasks] of [...this.#off]) {
      if (tasks > 0) this.#off.set(number, tasks - 1);
      else await this.#switchOn(number);
    }
    if (this.#cutFor > 0 && --this.#cutFor === 0) this.#station.mendAll();
    if (this.#cutFor === 0 && this.#off.size === 0 && this.#oneIn(ONE_IN.cut)) {
      this.#counts.cuts++;
      this.#cutFor = 1 + this.#draw(DOWN_FOR_TASKS);
      this.#station.cutOff(1 + this.#draw(this.#order.terminals));
    }
  }

  /** It starts again, is filled where it is empty, and ends what it had in hand. */
  async #switchOn(number: number): Promise<void> {
    const terminal = this.#at(number);
    this.#station.mendAll();
    this.#cutFor = 0;
    await terminal.start();
    this.#off.delete(number);
    await this.#station.joined(terminal);
    terminal.layRoleCards();
    await terminal.until((view) => view.slots.executive && view.slots.supervisor);
    const { phase } = await terminal.until(() => true);
    if (phase === 'set_up') await terminal.open();
    else await terminal.unlock();
    await this.#settle(number);
  }

  async #comes(person: number): Promise<void> {
    this.#counts.attempts++;
    const on = this.#on();
    const first = on[this.#draw(on.length)] as number;
    const others = on.filter((one) => one !== first);
    const second =
      others.length > 0 && this.#oneIn(ONE_IN.atOnce) ? others[this.#draw(others.length)] : undefined;
    if (second !== undefined) this.#counts.atOnce++;
    const mayKill = this.#off.size === 0 && this.#cutFor === 0 && this.#oneIn(ONE_IN.kill);
    if (mayKill) this.#killDuring(first);
    const desks = second === undefined ? [first] : [first, second];
    await Promise.all(desks.map((number) => this.#tries(number, person)));
    for (const number of desks) this.#takeCard(number);
    if (mayKill) await this.#lost(first);
  }

  /** Dies at one of the first commands to the card on its pad, before or after the card has heard it. */
  #killDuring(number: number): void {
    const terminal = this.#at(number);
    let left = this.#draw(6);
    const moment = this.#oneIn(2) ? 'before' : 'after';
    terminal.onApdu = (slot, _apdu, at) => {
      if (slot !== 'tarefe' || at !== moment || left-- > 0) return undefined;
      terminal.onApdu = () => undefined;
      terminal.kill();
      return 'lost';
    };
  }

  async #lost(number: number): Promise<void> {
    const terminal = this.#at(number);
    terminal.onApdu = () => undefined;
    terminal.kill();
    await terminal.ended();
    this.#counts.kills++;
    this.#off.set(number, DOWN_FOR_TASKS);
    this.#left.delete(number);
    if (terminal.hasTarefe()) this.#left.set(number, terminal.take('tarefe'));
    if (!this.#oneIn(ONE_IN.diskLost)) return;
    this.#counts.disks++;
    for (const name of readdirSync(terminal.data))
      if (name !== 'device.key') rmSync(join(terminal.data, name));
    const other = this.#on()[0] as number;
    await this.#at(other).until(
      (view) =>
        view.terminals?.others.some((one) => one.terminal === number && one.state === 'lost') === true,
    );
    // It is off, and the officers see that it is.
    const { terminals } = await this.#at(other).until(() => true);
    await this.#calls(other, () => this.#at(other).call('person.cancel', {}));
    await this.#at(other).call('terminals.go_on', {});
    if (terminals?.left === null) return;
    this.#counts.takenOver++;
    this.#at(other).take('tarefe');
    this.#at(other).forgetTarefe();
    await this.#settle(other, this.#left.get(number));
  }

  async #calls(number: number, call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (cause) {
      if (!(cause instanceof Refused) && this.#at(number).isRunning()) throw cause;
    }
  }

  async #tries(number: number, person: number): Promise<void> {
    const terminal = this.#at(number);
    await this.#calls(number, async () => {
      const { state } = await terminal.until(() => true);
      if (state !== 'idle') await terminal.call('person.cancel', {});
      terminal.take('tarefe');
      terminal.lay('tarefe', terminal.blank());
      await terminal.until((view) => view.slots.tarefe);
      const entered = await terminal.call('person.enter', {
        national_code: codeOf(person),
        document: 'passport',
      });
      if (entered.state === 'refused') {
        this.#counts.refused++;
        return;
      }
      for (const role of OFFICERS) await terminal.approve(role);
    });
    if (terminal.isRunning()) await this.#settle(number);
  }

  /** Whatever is in hand is ended by the card's word and the two roles; a card that waits for a second device waits. */
  async #settle(number: number, card = this.#left.get(number)): Promise<void> {
    const terminal = this.#at(number);
    const until = Date.now() + SETTLE_MS;
    for (;;) {
      // Killed a moment ago: nobody is there to say anything.
      if (!terminal.isRunning()) return;
      const view = await terminal.until((one) => one.state !== 'reading');
      if (view.in_hand !== true) break;
      if (Date.now() > until)
        throw new Error(`nobody gets out of this: ${JSON.stringify(view)} ${terminal.stderr}`);
      if (view.refusal?.code === 'second_device_missing') {
        this.#station.mendAll();
        this.#cutFor = 0;
      }
      if (!view.slots.tarefe) {
        // It lies where the terminal was lost, or she went with it before anybody heard that it was armed.
        if (card !== undefined) terminal.lay('tarefe', card);
        else if (this.#cards.has(view.person?.national_code ?? ''))
          await this.#calls(number, () => terminal.call('tarefe.handed_over', {}));
      }
      if (view.state === 'identified' || view.state === 'awaiting_approvals')
        await this.#calls(number, async () => {
          for (const role of OFFICERS) await terminal.approve(role);
        });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.#takeCard(number);
  }

  /** The person goes with her card, if it is armed. */
  #takeCard(number: number): void {
    const terminal = this.#at(number);
    if (!terminal.hasTarefe() || !terminal.isRunning()) return;
    const card = terminal.tarefe();
    if (card.state !== 'armed') return;
    terminal.take('tarefe');
    terminal.forgetTarefe();
    this.#counts.armed++;
    const person = terminal.lastPerson() ?? '';
    this.#cards.set(person, (this.#cards.get(person) ?? 0) + 1);
  }

  async #summary(number: number): Promise<records.AdmissionSummary> {
    const { record } = await this.#at(number).call('admission.summary', {});
    const parsed = parseTyped(
      fromHex(record) ?? new Uint8Array(0),
      'admission-summary',
      records.admissionSummaryShape,
    );
    if (!parsed.ok) throw new Error('no summary');
    return parsed.value.value;
  }

  async #end(): Promise<{ readonly ok: boolean; readonly figures: TerminalsFigures }> {
    for (const number of [...this.#off.keys()]) await this.#switchOn(number);
    this.#station.mendAll();
    for (const terminal of this.#station.terminals) await this.#station.joined(terminal);
    let forgotten = 0;
    let ledgersDiffer = 0;
    let oneDevice = 0;
    const cards = [...this.#cards.values()].reduce((sum, count) => sum + count, 0);
    for (const terminal of this.#station.terminals) {
      await terminal.call('person.cancel', {});
      for (const [person] of this.#cards) {
        const entered = await terminal.call('person.enter', { national_code: person, document: 'passport' });
        if (entered.refusal?.code !== 'already_admitted_here') forgotten++;
        await terminal.call('person.cancel', {});
      }
      const view = await terminal
        .until((one) => one.terminals?.state === 'two_devices')
        .catch(() => undefined);
      if (view === undefined) oneDevice++;
      if (view?.ledger.issued !== cards || view.ledger.admitted !== this.#cards.size) ledgersDiffer++;
    }
    await this.#at(1).call('doors.close', {});
    for (const terminal of this.#station.terminals)
      await terminal.until((view) => view.phase === 'doors_closed');
    const summaries: records.AdmissionSummary[] = [];
    for (const number of this.#on()) summaries.push(await this.#summary(number));
    if (new Set(summaries.map((one) => JSON.stringify(one))).size !== 1) ledgersDiffer++;
    const counts = this.#counts;
    const twice = [...this.#cards.values()].filter((count) => count > 1).length;
    const figures: TerminalsFigures = {
      terminals: this.#order.terminals,
      people: this.#order.people,
      attempts: counts.attempts,
      admitted: this.#cards.size,
      at_two_desks_at_once: counts.atOnce,
      refused: counts.refused,
      kills: counts.kills,
      disks_lost: counts.disks,
      cuts: counts.cuts,
      taken_over: counts.takenOver,
      admitted_twice: twice,
      forgotten,
      cards_armed: counts.armed,
      cards_in_ledger: summaries[0]?.tarefeIssued ?? 0,
      ledgers_differ: ledgersDiffer,
      on_one_device_at_end: oneDevice,
    };
    const ok =
      twice === 0 &&
      forgotten === 0 &&
      ledgersDiffer === 0 &&
      oneDevice === 0 &&
      figures.cards_armed === figures.cards_in_ledger;
    return { ok, figures };
  }
}

export async function runTerminalsDay(
  order: TerminalsDayOrder,
): Promise<{ readonly ok: boolean; readonly figures: TerminalsFigures }> {
  const station = await openTerminals({
    total: order.terminals,
    votesMax: order.people * 2 + 50,
    ...(order.program === undefined ? {} : { program: order.program }),
  });
  try {
    return await new TerminalsDay(order, station).run();
  } finally {
    await station.close();
  }
}
