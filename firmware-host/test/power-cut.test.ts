// The small sweep: one cast, with power lost after every flash word of it. The vote is either wholly there or not at
// all, the paper goes where the vote went, and the box goes on.
import { describe, expect, test, vi } from 'vitest';
import { auditImage } from '../src/index.ts';
import { crypto } from './election.ts';
import { TestCard } from './metal.ts';
import { BALLOT, openRig, type Rig, twin } from './rig.ts';

// Minutes only where the machine is busy with other things; alone it takes seconds.
vi.setConfig({ testTimeout: 300_000 });

const CUTS_MAX = 2000;

/** Runs `deed` on twins of `base`, cutting power after 0, 1, 2 … flash writes, until it gets through. */
function sweep(
  base: Rig,
  arrange: (rig: Rig) => void,
  deed: (rig: Rig) => void,
  judge: (rig: Rig, cut: number) => void,
): number {
  for (let cut = 0; cut < CUTS_MAX; cut++) {
    const rig = twin(base);
    rig.link();
    arrange(rig);
    rig.flash.cutAfter(cut);
    deed(rig);
    const through = rig.box.powered;
    rig.flash.cutAfter(undefined);
    rig.restart();
    rig.link();
    judge(rig, cut);
    if (through) return cut;
  }
  throw new Error('the sweep did not end');
}

function expectLedgers(rig: Rig): void {
  const { counters, paper } = rig.status();
  expect(paper).toBe('idle');
  expect(counters.records).toBe(counters.cardsSpent * 3);
  expect(counters.papersPrinted).toBe(
    counters.papersInBin + counters.papersRejected + counters.papersRetained,
  );
  expect(counters.papersInBin).toBe(counters.cardsSpent);
  const { findings } = auditImage(crypto, rig.flash.image());
  expect(findings).toEqual([]);
}

describe('power lost', () => {
  test('at any word of the commit: the vote is whole or not there, its paper in the bin or rejected, and the next vote goes on', async () => {
    const base = await openRig();
    for (let i = 0; i < 3; i++) base.cast(100 + i);
    const seen = { cast: 0, unknown: 0 };
    let torn = 0;
    const cuts = sweep(
      base,
      (rig) => {
        rig.metal.lay(new TestCard(rig.election, 1));
        rig.pending = rig.prepared(1, BALLOT);
        rig.print(rig.pending);
      },
      (rig) => rig.metal.press('green'),
      (rig) => {
        const { names, sealed } = rig.pending!;
        const { outcome, signatures } = rig.ask('outcome', { names });
        expectLedgers(rig);
        const { counters } = rig.status();
        torn += counters.tornSlots;
        if (outcome === 'cast') {
          seen.cast++;
          expect(counters).toMatchObject({ records: 12, papersInBin: 4, papersRejected: 0 });
          expect(rig.metal.bins).toMatchObject({ bin: 1, rejected: 0 });
          expect(rig.verifyVotes(sealed, signatures)).toBe(true);
        } else {
          seen.unknown++;
          expect(outcome).toBe('unknown');
          expect(counters).toMatchObject({ records: 9, papersInBin: 3, papersRejected: 1 });
          expect(rig.metal.bins).toMatchObject({ bin: 0, rejected: 1 });
        }
        // A card that stayed on the pad is burnt before anybody is told that she voted.
        expect(rig.metal.card?.state).toBe(outcome === 'cast' ? 'spent' : 'armed');
        expect(rig.status().cardsUnburnt).toBe(0);
        // The voter whose vote was lost votes again with the same card; the one whose vote stands cannot.
        const card = rig.metal.card!;
        rig.metal.lay(card);
        if (outcome === 'cast') expect(() => rig.begin(2)).toThrow('card_spent');
        else {
          rig.print(rig.prepared(2, BALLOT));
          rig.metal.press('green');
          expect(rig.events.outcomes.at(-1)?.outcome).toBe('cast');
        }
        expect(rig.status().counters.records).toBe(12);
        expectLedgers(rig);
        rig.close();
        expect(auditImage(crypto, rig.flash.image())).toMatchObject({ sound: true, lifecycle: 'closed' });
      },
    );
    expect(cuts).toBeGreaterThan(100);
    expect(seen.cast).toBeGreaterThan(20);
    expect(seen.unknown).toBeGreaterThan(50);
    expect(torn).toBeGreaterThan(0);
  });

  test('at any word while the page comes into the window or is rejected: the paper is accounted for', async () => {
    const base = await openRig();
    const lay = (rig: Rig): void => {
      rig.metal.lay(new TestCard(rig.election, 1));
      rig.pending = rig.prepared(1, BALLOT);
    };
    const judge = (rig: Rig): void => {
      expectLedgers(rig);
      expect(rig.ask('outcome', { names: rig.pending!.names }).outcome).toBe('unknown');
      expect(rig.metal.bins).toMatchObject({ bin: 0, rejected: 1, retained: 0 });
      expect(rig.status().counters.papersRejected).toBe(1);
    };
    sweep(base, lay, (rig) => rig.send('print', rig.pending!), judge);
    const printed = (rig: Rig): void => {
      lay(rig);
      rig.print(rig.pending!);
    };
    expect(sweep(base, printed, (rig) => rig.metal.press('correction'), judge)).toBeGreaterThanOrEqual(3);
  });

  test('at any word of the recovery itself, again and again', async () => {
    const base = await openRig();
    const rig = twin(base);
    rig.link();
    rig.metal.lay(new TestCard(rig.election, 1));
    const prepared = rig.prepared(1, BALLOT);
    rig.print(prepared);
    rig.flash.cutAfter(60);
    rig.metal.press('green');
    expect(rig.box.powered).toBe(false);
    // Each boot gets a few words further than the one before.
    for (let words = 1; words < 200 && !rig.box.powered; words += 2) {
      rig.flash.cutAfter(words);
      rig.restart();
    }
    rig.flash.cutAfter(undefined);
    rig.restart();
    rig.link();
    expectLedgers(rig);
    expect(['unknown', 'cast']).toContain(rig.ask('outcome', { names: prepared.names }).outcome);
  });

  test('with the page half in the head: it is found in the window, counted and rejected', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    const prepared = rig.prepared(1, BALLOT);
    rig.metal.holdPage = true;
    rig.send('print', prepared);
    rig.restart();
    rig.link();
    expectLedgers(rig);
    expect(rig.status().counters).toMatchObject({ papersPrinted: 1, papersRejected: 1 });
  });

  test('while the intent ring turns over: sixty-four votes and more', async () => {
    const rig = await openRig({ votesMax: 80, contests: [[1, 3, true]] });
    const ballot = [{ contest: 0, class: 'marked', choices: [1] }] as const;
    for (let i = 0; i < 63; i++) rig.cast(i, ballot);
    const base = rig;
    let cut = 0;
    for (; cut < 400; cut += 1) {
      const one = twin(base);
      one.link();
      one.cast(63, ballot);
      one.metal.lay(new TestCard(one.election, 64));
      one.pending = one.prepared(64, ballot);
      one.print(one.pending);
      one.flash.cutAfter(cut);
      one.metal.press('green');
      const through = one.box.powered;
      one.flash.cutAfter(undefined);
      one.restart();
      one.link();
      const { counters } = one.status();
      expect(counters.records).toBe(
        one.ask('outcome', { names: one.pending.names }).outcome === 'cast' ? 65 : 64,
      );
      expect(auditImage(crypto, one.flash.image()).findings).toEqual([]);
      if (through) break;
    }
    expect(cut).toBeGreaterThan(30);
  });
});
