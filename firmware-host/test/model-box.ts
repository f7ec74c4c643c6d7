// The box of the model of the cast (protocol/docs/CAST.md), driven by hand, for the core to be held to.
import { broken, copy, type Rules, type State, startState, successors } from '@sandoq/protocol/model';

/** More than any walk uses. */
const FAULTS = 200;
const BOUNDS = {
  name: 'box alone',
  voters: 1,
  cards: 1,
  faults: FAULTS,
  attempts: 2,
  armed: true,
  desk: false,
  wholeDay: false,
  short: true,
  kinds: ['power_cut', 'jam', 'unseen_fall', 'card_torn'],
} as const;

/** What a person in the room and a host could say of a box. */
export interface Seen {
  readonly votes: number;
  readonly spent: number;
  readonly bin: number;
  readonly rejected: number;
  readonly retained: number;
  readonly window: string;
  readonly card: string;
  readonly outcomes: readonly string[];
}

/** The model's box, driven by hand: the station of the model takes no part. */
export class ModelBox {
  s: State;
  readonly rules: Rules;
  answers: string[] = [];
  jamNextDrop = false;
  unseenNextFall = false;

  constructor(rules: Rules, life: State['box']['life'] = 'open') {
    this.rules = rules;
    this.s = startState(BOUNDS);
    this.s.box.life = life;
    this.take('goes to the box');
  }

  moves() {
    return successors(this.s, this.rules, BOUNDS);
  }

  can(name: string): boolean {
    return this.moves().some((move) => move.name === name);
  }

  take(name: string): void {
    const move = this.moves().find((one) => one.name === name);
    if (move === undefined) throw new Error(`the model cannot: ${name}`);
    this.s = move.next;
  }

  send(kind: 'begin' | 'print' | 'outcome' | 'abandon' | 'open' | 'close', ballot: number): void {
    this.s = copy(this.s);
    this.s.toBox.push({ kind, word: 'ask', ballot, stale: false });
  }

  /** Box and metal go on until they wait for somebody; `stopAfter` steps at most. */
  settle(stopAfter = Number.POSITIVE_INFINITY): number {
    for (let steps = 0; ; steps++) {
      for (const frame of this.s.toStation)
        if (frame.word !== 'event') this.answers.push(`${frame.kind} ${frame.word}`);
      this.s = { ...this.s, toStation: [] };
      if (steps >= stopAfter) return steps;
      const falls = this.can('drops the paper');
      if (falls && this.jamNextDrop) {
        this.jamNextDrop = false;
        this.take('the paper jams in the flap');
        continue;
      }
      if (falls && this.unseenNextFall) {
        this.unseenNextFall = false;
        this.take('the paper falls unseen');
        continue;
      }
      const own = this.moves().find(({ actor }) => actor === 'box' || actor === 'metal');
      if (own === undefined) return steps;
      this.s = own.next;
    }
  }

  /** A new hello and proof on an unbroken line. */
  relink(): void {
    this.s = copy(this.s);
    this.s.station.link = false;
    this.take('links and proves');
  }

  restart(): void {
    this.take('power fails at the box');
    this.take('switch the box on');
    this.settle();
    this.s = copy(this.s);
    this.s.box.proved = true;
  }

  seen(ballots: readonly number[]): Seen {
    const { box, paper, cards } = this.s;
    const outcomes = ballots.map((ballot) => {
      const asked = new ModelBox(this.rules);
      asked.s = copy(this.s);
      asked.send('outcome', ballot);
      asked.s = (asked.moves().find(({ name }) => name === 'takes outcome') as { next: State }).next;
      return asked.s.toStation.at(-1)?.word ?? 'silent';
    });
    return {
      votes: box.rows.reduce((sum, words) => sum + words, 0) / 2,
      spent: box.spent === 0 ? 0 : 1,
      bin: box.counted.bin,
      rejected: box.counted.rejected,
      retained: box.counted.retained,
      window: paper.window === 'jam' ? 'jammed' : paper.window,
      card: cards[0]?.state ?? 'none',
      outcomes,
    };
  }
}

export function seededBelow(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/**
 * The one rule of the model that the core leaves out: after a refused PRINT the begun ballot stands, so that a ballot
 * that was wrong may be asked again as it should be. On a line that keeps its order nothing depends on it.
 */
export const RULES = broken(['refusedPrintEndsBegun']);
