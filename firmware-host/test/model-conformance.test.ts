// The box's core held to the model of the cast (protocol/docs/CAST.md): the same deeds are done to both, and after each
// one every answer, counter, card and paper must be the same. Walks are random and seeded; a failing seed is the report.
import { copy, type Rules, type State } from '@sandoq/protocol/model';
import { describe, expect, test, vi } from 'vitest';
import type { PreparedBallot } from './election.ts';
import { TestCard } from './metal.ts';
import { ModelBox, RULES, type Seen, seededBelow } from './model-box.ts';
import { BALLOT, openRig, type Rig, twin } from './rig.ts';
import { Refused } from './station-side.ts';

vi.setConfig({ testTimeout: 300_000 });

const WALKS = 60;
const DEEDS_PER_WALK = 14;
const BALLOTS_MAX = 2;
const WAIT = ['busy', 'paper_in_window', 'paper_jammed'];

/** The real core, on its test metal. */
class RealBox {
  readonly rig: Rig;
  readonly card: TestCard;
  readonly prepared: PreparedBallot[] = [];
  answers: string[] = [];
  #waiting: { kind: 'print' | 'abandon'; sequence: number }[] = [];

  constructor(base: Rig) {
    this.rig = twin(base);
    this.rig.link();
    this.card = new TestCard(this.rig.election, 1);
  }

  #refused(kind: string, cause: unknown): void {
    if (!(cause instanceof Refused)) throw cause;
    this.answers.push(`${kind} ${kind === 'begin' && WAIT.includes(cause.reason) ? 'busy' : 'refused'}`);
  }

  begin(ballot: number, nonce: number): void {
    try {
      this.prepared[ballot] = this.rig.prepared(nonce, BALLOT);
      this.answers.push('begin begun');
    } catch (cause) {
      this.#refused('begin', cause);
    }
  }

  print(ballot: number): void {
    const { stationNonce, ballots, sealed } = this.prepared[ballot] as PreparedBallot;
    this.#waiting.push({
      kind: 'print',
      sequence: this.rig.send('print', { stationNonce, ballots, sealed }),
    });
  }

  abandon(): void {
    const digest = this.rig.metal.card === undefined ? this.rig.closeDigest() : this.card.digest();
    const approvals = this.rig.approvals(['executive', 'supervisor'], 'abandon_ballot', digest);
    this.#waiting.push({ kind: 'abandon', sequence: this.rig.send('abandon', { approvals }) });
  }

  collect(): void {
    this.#waiting = this.#waiting.filter(({ kind, sequence }) => {
      try {
        const answer = this.rig.answer<'print' | 'abandon'>(sequence);
        if (answer === undefined) return true;
        this.answers.push(`${kind} ${answer.outcome}`);
      } catch (cause) {
        this.#refused(kind, cause);
      }
      return false;
    });
  }

  restart(): void {
    this.rig.restart();
    this.rig.pass(3_000);
    this.rig.link();
    this.#waiting = [];
  }

  seen(ballots: readonly number[]): Seen {
    const { counters } = this.rig.status();
    return {
      votes: counters.records / 3,
      spent: counters.cardsSpent,
      bin: counters.papersInBin,
      rejected: counters.papersRejected,
      retained: counters.papersRetained,
      window: this.rig.metal.window,
      card: this.card.state,
      outcomes: ballots.map(
        (ballot) =>
          this.rig.ask('outcome', { names: (this.prepared[ballot] as PreparedBallot).names }).outcome,
      ),
    };
  }
}

/** Both, side by side. */
class Pair {
  readonly model: ModelBox;
  readonly real: RealBox;
  /** ballots that were sealed: their outcomes are asked after each deed */
  readonly sealed: number[] = [];
  begun = -1;
  #nonce = 1;

  constructor(base: Rig, rules: Rules) {
    this.model = new ModelBox(rules);
    this.real = new RealBox(base);
  }

  readonly deeds: Readonly<Record<string, { readonly when: () => boolean; readonly act: () => void }>> = {
    lay: {
      when: () => this.model.can('lays her card'),
      act: () => {
        this.model.take('lays her card');
        this.real.rig.metal.lay(this.real.card);
      },
    },
    lift: {
      when: () => this.model.can('the voter tears her card from the pad'),
      act: () => {
        this.model.take('the voter tears her card from the pad');
        this.real.rig.metal.lay(undefined);
      },
    },
    begin: {
      when: () => this.made() < BALLOTS_MAX,
      act: () => {
        const made = this.made();
        this.model.send('begin', -1);
        this.real.begin(made, ++this.#nonce);
        this.model.settle();
        if (this.model.answers.includes('begin begun')) this.begun = made;
      },
    },
    print: {
      when: () => this.begun >= 0,
      act: () => {
        if (!this.sealed.includes(this.begun)) {
          this.sealed.push(this.begun);
          this.model.s = copy(this.model.s);
          (this.model.s.voters[0] as State['voters'][number]).ballots = this.begun + 1;
        }
        this.model.send('print', this.begun);
        this.real.print(this.begun);
      },
    },
    abandon: {
      when: () => this.begun >= 0,
      act: () => {
        this.model.send('abandon', this.begun);
        this.real.abandon();
      },
    },
    green: {
      when: () => true,
      act: () => {
        if (this.model.can('presses green')) this.model.take('presses green');
        this.real.rig.metal.press('green');
      },
    },
    correction: {
      when: () => this.begun === 0,
      act: () => {
        if (this.model.can('presses correction')) this.model.take('presses correction');
        this.real.rig.metal.press('correction');
      },
    },
    jam: {
      when: () => !this.model.unseenNextFall,
      act: () => {
        this.model.jamNextDrop = true;
        this.real.rig.metal.jamNextDrop = true;
      },
    },
    unseen: {
      when: () => !this.model.jamNextDrop,
      act: () => {
        this.model.unseenNextFall = true;
        this.real.rig.metal.loseNextFall = true;
      },
    },
    clear: {
      when: () => this.model.can('clear the jam'),
      act: () => {
        this.model.take('clear the jam');
        this.real.rig.metal.clearJam();
      },
    },
    relink: {
      when: () => true,
      act: () => {
        this.model.relink();
        this.real.rig.link();
      },
    },
    restart: {
      when: () => true,
      act: () => {
        this.model.restart();
        this.real.restart();
        this.begun = this.sealed.at(-1) ?? -1;
      },
    },
  };

  made(): number {
    return this.model.s.voters[0]?.ballots ?? BALLOTS_MAX;
  }

  do(name: string): void {
    this.deeds[name]?.act();
    this.model.settle();
    // Long enough for a fall that nobody saw and for the next look at the sensors.
    this.real.rig.pass(14_000);
    this.real.collect();
  }

  compare(done: readonly string[]): void {
    const at = done.join(', ');
    expect({ at, answers: this.real.answers }).toEqual({ at, answers: this.model.answers });
    const ballots = this.sealed;
    expect({ at, ...this.real.seen(ballots) }).toEqual({ at, ...this.model.seen(ballots) });
    this.real.answers = [];
    this.model.answers = [];
  }
}

describe('the core does what the model does', () => {
  test('on random walks of voters, officers, jams, unseen falls and restarts', async () => {
    const base = await openRig();
    const met = new Set<string>();
    for (let seed = 1; seed <= WALKS; seed++) {
      const below = seededBelow(seed);
      const pair = new Pair(base, RULES);
      const done: string[] = [`seed ${seed}`];
      // Half of the walks begin with a paper in the window: most of what can happen happens there.
      const first = seed % 2 === 0 ? ['lay', 'begin', 'print'] : [];
      for (let i = 0; i < DEEDS_PER_WALK; i++) {
        const possible = Object.keys(pair.deeds).filter((name) => pair.deeds[name]?.when());
        const name = first[i] ?? (possible[below(possible.length)] as string);
        pair.do(name);
        done.push(name);
        met.add(pair.model.s.box.step);
        for (const answer of pair.model.answers) met.add(answer);
        pair.compare(done);
      }
    }
    // The walks went where they should: every kind of answer has been compared.
    for (const answer of ['begin begun', 'begin refused', 'begin busy', 'print in_window', 'print refused'])
      expect(met).toContain(answer);
    for (const answer of ['print cast', 'abandon retained', 'abandon refused']) expect(met).toContain(answer);
  });

  test('cut anywhere between green and rest, it is found in a state that the model has too, and in each of them', async () => {
    const base = await openRig();
    const key = ({ outcomes, votes, bin, rejected, spent, card }: Seen): string =>
      JSON.stringify({ outcomes, votes, bin, rejected, spent, card });
    const inWindow = (): Pair => {
      const pair = new Pair(base, RULES);
      for (const name of ['lay', 'begin', 'print']) pair.do(name);
      return pair;
    };
    const modelled = new Set<string>();
    for (let steps = 0; ; steps++) {
      const { model } = inWindow();
      model.take('presses green');
      const taken = model.settle(steps);
      model.restart();
      modelled.add(key(model.seen([0])));
      if (taken < steps) break;
    }
    const real = new Set<string>();
    for (let cut = 0, through = false; !through; cut += cut < 40 || cut > 120 ? 1 : 7) {
      const { real: box } = inWindow();
      box.rig.flash.cutAfter(cut);
      box.rig.metal.press('green');
      through = box.rig.box.powered;
      box.rig.flash.cutAfter(undefined);
      box.restart();
      real.add(key(box.seen([0])));
    }
    expect([...real].sort()).toEqual([...modelled].sort());
    expect(modelled.size).toBe(2);
  });
});
