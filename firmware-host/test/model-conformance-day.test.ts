// Opening and closing held to the model of the cast (protocol/docs/CAST.md): the same deeds are done to the core and to the
// model's box from the loaded one to the closed one, restarts and repeated requests among them, and after each one every
// answer, the lifecycle and every counter must be the same. A repeated request has the same answer, byte for byte.
import { type Bytes, encode, records, type wire } from '@sandoq/protocol';
import { copy, type State } from '@sandoq/protocol/model';
import { expect, test, vi } from 'vitest';
import { crypto, type PreparedBallot, STATION } from './election.ts';
import { TestCard } from './metal.ts';
import { ModelBox, RULES, seededBelow } from './model-box.ts';
import { BALLOT, builtFirmware, hex, Rig, twin } from './rig.ts';
import { Refused } from './station-side.ts';

vi.setConfig({ testTimeout: 300_000 });

const WALKS = 40;
const DEEDS_PER_WALK = 16;
const LIVES: Readonly<Record<wire.Lifecycle, string>> = {
  unprovisioned: 'none',
  provisioned: 'none',
  loaded: 'loaded',
  open: 'open',
  // The station's own stage: for the box a day with closed doors goes on.
  doors_closed: 'open',
  closed: 'closed',
};

interface OpenRequest {
  readonly stationNonce: Bytes;
  readonly openedBucket: number;
  readonly approvals: Bytes[];
}

class Day {
  readonly rig: Rig;
  readonly model = new ModelBox(RULES, 'loaded');
  readonly card: TestCard;
  answers: string[] = [];
  /** what the station has kept: it is sent again and never made anew */
  #opening: OpenRequest | undefined;
  #opened: string | undefined;
  #commitment: string | undefined;
  #prepared: PreparedBallot | undefined;
  #nonce = 10;

  constructor(base: Rig) {
    this.rig = twin(base);
    this.rig.link();
    this.card = new TestCard(this.rig.election, 1);
  }

  /** @returns what the core answered; its refusal is an answer as well */
  #ask<Value>(kind: string, body: () => Value, said: (value: Value) => string): void {
    try {
      const value = body();
      this.answers.push(`${kind} ${said(value)}`);
    } catch (cause) {
      if (!(cause instanceof Refused)) throw cause;
      const isBusy = kind === 'begin' && ['busy', 'paper_in_window'].includes(cause.reason);
      this.answers.push(`${kind} ${isBusy ? 'busy' : 'refused'}`);
    }
  }

  #prepare(): void {
    const stationNonce = crypto.sha256(Uint8Array.of(++this.#nonce));
    const { boxNonce } = this.rig.ask('open_prepare', {
      mode: 'rehearsal',
      stationCommitment: crypto.sha256(stationNonce),
    });
    const statement = { stationId: STATION, mode: 'rehearsal' as const, stationNonce, boxNonce };
    const digest = crypto.sha256(encode(records.openStatementShape, statement));
    this.rig.sessionId = digest.slice(0, 16);
    this.#opening = {
      stationNonce,
      openedBucket: 1_800_000_000,
      approvals: this.rig.approvals(['executive', 'supervisor'], 'open', digest),
    };
    this.model.s = copy(this.model.s);
    this.model.s.box.prepared = true;
  }

  #open(): void {
    this.model.send('open', -1);
    this.#ask(
      'open',
      () => this.rig.ask('open', this.#opening as OpenRequest),
      ({ session, zeroReport }) => {
        const said = hex(session) + hex(zeroReport);
        expect(said).toBe(this.#opened ?? said);
        this.#opened = said;
        return 'opened';
      },
    );
  }

  #close(): void {
    this.model.send('close', -1);
    try {
      this.rig.ask('close_doors', { approvals: this.rig.closing('close_doors') });
    } catch (cause) {
      if (!(cause instanceof Refused)) throw cause;
    }
    this.#ask(
      'close',
      () => this.rig.ask('close', { approvals: this.rig.closing('close') }),
      ({ commitment }) => {
        expect(hex(commitment)).toBe(this.#commitment ?? hex(commitment));
        this.#commitment = hex(commitment);
        return 'closed';
      },
    );
  }

  readonly deeds: Readonly<Record<string, { readonly when: () => boolean; readonly act: () => void }>> = {
    prepare: { when: () => this.model.s.box.life === 'loaded', act: () => this.#prepare() },
    open: { when: () => this.#opening !== undefined, act: () => this.#open() },
    close: { when: () => this.#opening !== undefined, act: () => this.#close() },
    lay: {
      when: () => this.model.can('lays her card'),
      act: () => {
        this.model.take('lays her card');
        this.rig.metal.lay(this.card);
      },
    },
    begin: {
      when: () => this.model.s.voters[0]?.ballots === 0,
      act: () => {
        this.model.send('begin', -1);
        this.#ask(
          'begin',
          () => this.rig.prepared(++this.#nonce, BALLOT),
          (prepared) => {
            this.#prepared = prepared;
            return 'begun';
          },
        );
      },
    },
    print: {
      when: () => this.model.s.box.step === 'begun',
      act: () => {
        this.model.s = copy(this.model.s);
        (this.model.s.voters[0] as State['voters'][number]).ballots = 1;
        this.model.send('print', 0);
        this.#ask(
          'print',
          () => this.rig.print(this.#prepared as PreparedBallot),
          ({ outcome }) => outcome,
        );
      },
    },
    green: {
      when: () => this.model.can('presses green'),
      act: () => {
        this.model.take('presses green');
        this.rig.metal.press('green');
      },
    },
    restart: {
      when: () => true,
      act: () => {
        this.model.restart();
        this.rig.restart();
        this.rig.pass(3_000);
        this.rig.link();
      },
    },
  };

  do(name: string): void {
    this.deeds[name]?.act();
    this.model.settle();
    this.rig.pass(14_000);
  }

  compare(done: readonly string[]): void {
    const at = done.join(', ');
    const { lifecycle, counters } = this.rig.status();
    const { box } = this.model.s;
    expect({
      at,
      answers: this.answers,
      life: LIVES[lifecycle],
      votes: counters.records / BALLOT.length,
      bin: counters.papersInBin,
      rejected: counters.papersRejected,
      spent: counters.cardsSpent,
    }).toEqual({
      at,
      answers: this.model.answers,
      life: box.life,
      votes: box.rows.reduce((sum, words) => sum + words, 0) / 2,
      bin: box.counted.bin,
      rejected: box.counted.rejected,
      spent: box.spent === 0 ? 0 : 1,
    });
    this.answers = [];
    this.model.answers = [];
  }
}

test('the core opens and closes as the model does, on random walks with restarts', async () => {
  const base = new Rig(await builtFirmware());
  base.provision();
  base.load();
  const met = new Set<string>();
  for (let seed = 1; seed <= WALKS; seed++) {
    const below = seededBelow(seed);
    const day = new Day(base);
    const done: string[] = [`seed ${seed}`];
    // Most of what can happen happens behind an opening.
    const first = seed % 3 === 0 ? [] : ['prepare', 'open', 'lay'];
    for (let i = 0; i < DEEDS_PER_WALK; i++) {
      const possible = Object.keys(day.deeds).filter((name) => day.deeds[name]?.when());
      const name = first[i] ?? (possible[below(possible.length)] as string);
      day.do(name);
      done.push(name);
      for (const answer of day.answers) met.add(`${day.model.s.box.life}: ${answer}`);
      day.compare(done);
    }
  }
  for (const answer of [
    'open: open opened',
    'loaded: open refused',
    'loaded: close refused',
    'open: close refused',
    'closed: close closed',
    'closed: begin refused',
    'closed: open opened',
  ])
    expect([...met].sort()).toContain(answer);
});
