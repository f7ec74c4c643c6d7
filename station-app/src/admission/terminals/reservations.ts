/**
 * One person, one terminal: before a line is written most terminals have set her aside for the one that asks, and have told
 * what they know of her. Any two majorities share a terminal, and that one sets her aside once.
 */
import { crc32 } from '@sandoq/protocol';
import type { NationalCode } from '@sandoq/protocol/persian';
import type { Clock } from '../../devices/clock.ts';
import { type Admission, encodeCell } from '../journal-cell.ts';
import type { Message } from './messages.ts';
import type { Standing } from './standing.ts';

/** A terminal on the same table answers within milliseconds; this long is a disk that hangs. */
export const ANSWER_MS = 2_000;
/** Two terminals asked for one person at once: the lower number goes first, and the other asks again. */
export const RESERVE_TRIES = 5;
export const RESERVE_PAUSE_MS = 30;
/** Persons set aside for one other terminal: it serves one at a time. */
export const LOCKS_PER_TERMINAL_MAX = 4;

export type Reserved =
  | { readonly ok: true; readonly isApart: boolean }
  | { readonly ok: false; readonly code: 'second_device_missing'; readonly terminal: undefined }
  | { readonly ok: false; readonly code: 'at_other_terminal'; readonly terminal: number };

type Answer = Extract<Message, { type: 'answer' }>;
type Send = (terminal: number, message: Message) => boolean;

/** Questions to other terminals: each is answered, or times out, or ends with its link. */
export class Questions<Value> {
  readonly #clock: Clock;
  readonly #send: Send;
  readonly #waiting = new Map<
    number,
    { readonly terminal: number; readonly end: (value: Value | undefined) => void }
  >();
  #nextId = 1;

  constructor(clock: Clock, send: Send) {
    this.#clock = clock;
    this.#send = send;
  }

  ask(terminal: number, question: (id: number) => Message): Promise<Value | undefined> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const end = (value: Value | undefined): void => {
        cancel();
        this.#waiting.delete(id);
        resolve(value);
      };
      const cancel = this.#clock.after(ANSWER_MS, () => end(undefined));
      this.#waiting.set(id, { terminal, end });
      if (!this.#send(terminal, question(id))) end(undefined);
    });
  }

  answered(id: number, value: Value): void {
    this.#waiting.get(id)?.end(value);
  }

  lost(terminal: number): void {
    for (const one of [...this.#waiting.values()]) if (one.terminal === terminal) one.end(undefined);
  }
}

export interface ReservationsOptions {
  readonly here: number;
  readonly clock: Clock;
  readonly send: Send;
  /** undefined: nobody may be admitted here now */
  readonly standing: () => Standing | undefined;
  readonly reached: () => readonly number[];
  readonly linesOf: (nationalCode: NationalCode) => readonly Admission[];
  /** takes what the other knows of her, and tells it what is known here */
  readonly exchangeLines: (terminal: number, nationalCode: NationalCode, lines: readonly Admission[]) => void;
  readonly tellAll: (message: Message) => void;
}

interface Attempt {
  readonly nationalCode: NationalCode;
  complete: boolean;
  yieldedTo: number | undefined;
}

/** She is ours, another has her, or it must be asked again. */
type Asked = 'ours' | 'again' | { readonly at: number };

export class Reservations {
  readonly #options: ReservationsOptions;
  readonly #questions: Questions<Answer>;
  /** whom this terminal has set aside for another */
  readonly #locks = new Map<NationalCode, number>();
  #attempt: Attempt | undefined;

  constructor(options: ReservationsOptions) {
    this.#options = options;
    this.#questions = new Questions(options.clock, options.send);
  }

  async reserve(nationalCode: NationalCode): Promise<Reserved> {
    let holder: number | undefined;
    for (let tries = 0; tries < RESERVE_TRIES; tries++) {
      if (tries > 0) await this.#pause();
      const standing = this.#options.standing();
      if (standing === undefined) break;
      const asked = await this.#ask(nationalCode, standing.needed);
      if (asked === 'ours') return { ok: true, isApart: standing.isApart };
      if (asked !== 'again') holder = asked.at;
    }
    return holder === undefined
      ? { ok: false, code: 'second_device_missing', terminal: undefined }
      : { ok: false, code: 'at_other_terminal', terminal: holder };
  }

  release(): void {
    const nationalCode = this.#attempt?.nationalCode;
    this.#attempt = undefined;
    if (nationalCode !== undefined) this.#options.tellAll({ type: 'unlock', nationalCode });
  }

  async #ask(nationalCode: NationalCode, needed: number): Promise<Asked> {
    const locked = this.#locks.get(nationalCode);
    if (locked !== undefined) return { at: locked };
    const attempt: Attempt = { nationalCode, complete: false, yieldedTo: undefined };
    this.#attempt = attempt;
    const known = this.#knownOf(nationalCode);
    const answers = await Promise.all(
      this.#options
        .reached()
        .map((terminal) =>
          this.#questions.ask(terminal, (id) => ({ type: 'reserve', id, nationalCode, known })),
        ),
    );
    const granted = answers.filter((answer) => answer?.verdict === 'granted').length;
    const differing = answers.flatMap((answer) => (answer?.verdict === 'differs' ? [answer] : []));
    if (attempt.yieldedTo === undefined && differing.length === 0 && 1 + granted >= needed) {
      attempt.complete = true;
      return 'ours';
    }
    this.release();
    for (const { lines, terminal } of differing) this.#options.exchangeLines(terminal, nationalCode, lines);
    const holder = attempt.yieldedTo ?? answers.find((answer) => answer?.verdict === 'held')?.terminal;
    return holder === undefined ? 'again' : { at: holder };
  }

  answered(answer: Answer): void {
    this.#questions.answered(answer.id, answer);
  }

  /** Another asks. */
  answer(from: number, { id, nationalCode, known }: Extract<Message, { type: 'reserve' }>): Message {
    const { here, linesOf } = this.#options;
    const say = (
      verdict: Answer['verdict'],
      terminal: number,
      lines: readonly Admission[] = [],
    ): Message => ({
      type: 'answer',
      id,
      verdict,
      terminal,
      lines,
    });
    if (this.#knownOf(nationalCode) !== known) return say('differs', here, linesOf(nationalCode));
    const own = this.#attempt?.nationalCode === nationalCode ? this.#attempt : undefined;
    if (own !== undefined && own.yieldedTo === undefined) {
      if (own.complete || here < from) return say('held', here);
      own.yieldedTo = from;
    }
    const holder = this.#locks.get(nationalCode);
    if (holder !== undefined && holder !== from) return say('held', holder);
    const held = [...this.#locks.values()].filter((one) => one === from).length;
    if (holder === undefined && held >= LOCKS_PER_TERMINAL_MAX) return say('held', here);
    this.#locks.set(nationalCode, from);
    return say('granted', here);
  }

  unlock(from: number, nationalCode: NationalCode): void {
    if (this.#locks.get(nationalCode) === from) this.#locks.delete(nationalCode);
  }

  /** Whoever cannot be reached has nobody set aside: it asks again when it is back. */
  lost(terminal: number): void {
    for (const [code, holder] of this.#locks) if (holder === terminal) this.#locks.delete(code);
    this.#questions.lost(terminal);
  }

  /** Two terminals that know the same of a person say the same number. */
  #knownOf(nationalCode: NationalCode): number {
    const lines = this.#options.linesOf(nationalCode);
    return lines.length === 0 ? 0 : crc32(new Uint8Array(Buffer.concat(lines.map((one) => encodeCell(one)))));
  }

  #pause = (): Promise<void> =>
    new Promise((resolve) => void this.#options.clock.after(RESERVE_PAUSE_MS, resolve));
}
