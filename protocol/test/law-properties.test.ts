import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Certificate, checkOutcome, decide, type Outcome, runoffElection } from '../src/law/index.ts';
import { type RandomElection, randomElections } from './law-random-elections.ts';

const RUNS = { numRuns: 1500 };
const seeds = fc.option(fc.constantFrom('seed', '۱۴۰۵', 'another'), { nil: null });

function outcomeOf({ election, boxes }: RandomElection, seed: string | null): Outcome {
  const decided = decide(election, boxes, seed);
  if (!decided.ok) throw new Error(`${decided.fault.path}: ${decided.fault.problem}`);
  return decided.value;
}

const certificateOf = (outcome: Outcome): Certificate => outcome.contests[0] as Certificate;

describe('the counting law on random elections', () => {
  it('every outcome checks against its boxes, with and without lots', () => {
    fc.assert(
      fc.property(randomElections, seeds, (random, seed) => {
        const outcome = outcomeOf(random, seed);
        expect(checkOutcome(random.election, random.boxes, outcome)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('the order of boxes is irrelevant', () => {
    const shuffled = randomElections.chain((random) =>
      fc.tuple(
        fc.constant(random),
        fc.shuffledSubarray([...random.boxes], {
          minLength: random.boxes.length,
          maxLength: random.boxes.length,
        }),
      ),
    );
    fc.assert(
      fc.property(shuffled, seeds, ([random, boxes], seed) => {
        expect(JSON.stringify(outcomeOf({ ...random, boxes }, seed))).toBe(
          JSON.stringify(outcomeOf(random, seed)),
        );
      }),
      RUNS,
    );
  });

  it('every seat is elected, vacant with a reason, in the runoff, or waiting for a named draw', () => {
    fc.assert(
      fc.property(randomElections, seeds, (random, seed) => {
        const { seats, elected, vacant, runoff, undecided, ties, namesakes, articles } = certificateOf(
          outcomeOf(random, seed),
        );
        const empty = vacant.reduce((sum, vacancy) => sum + vacancy.seats, 0);
        expect(elected.length + empty + (runoff?.seats ?? 0) + undecided).toBe(seats);
        const cited = new Set(articles.map(({ key }) => key));
        for (const { article } of [...elected, ...vacant, ...ties]) expect(cited).toContain(article);
        if (undecided > 0) {
          const open =
            ties.some(({ order }) => order === null) || namesakes.some(({ order }) => order === null);
          expect(open).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('with a seed nothing is left to draw, and the same seed gives the same outcome', () => {
    fc.assert(
      fc.property(randomElections, (random) => {
        const outcome = outcomeOf(random, 'seed');
        expect(certificateOf(outcome).status).not.toBe('needs_draw');
        expect(outcomeOf(random, 'seed')).toEqual(outcome);
      }),
      RUNS,
    );
  });

  it('lots only complete what is certain without them', () => {
    fc.assert(
      fc.property(randomElections, (random) => {
        const before = certificateOf(outcomeOf(random, null));
        const after = certificateOf(outcomeOf(random, 'seed'));
        const elected = new Set(after.elected.map(({ candidate }) => candidate));
        for (const { candidate } of before.elected) expect(elected).toContain(candidate);
        const alternates = new Map(after.alternates.map(({ place, candidate }) => [place, candidate]));
        for (const { place, candidate } of before.alternates) expect(alternates.get(place)).toBe(candidate);
        if (before.status !== 'needs_draw') {
          expect({ ...after, namesakes: [] }).toEqual({ ...before, namesakes: [] });
        }
      }),
      RUNS,
    );
  });

  it('one more vote never takes a seat from the elected where most votes win', () => {
    const plural = randomElections.filter(
      ({ contest }) => contest.proportional === null && contest.threshold === null && contest.choices > 1,
    );
    fc.assert(
      fc.property(plural, (random) => {
        const certificate = certificateOf(outcomeOf(random, 'seed'));
        const [lucky] = certificate.elected;
        fc.pre(lucky !== undefined && certificate.namesakes.length === 0);
        const votes = new Map(
          random.contest.candidates.map(({ id }) => [id, id === lucky?.candidate ? 1 : 0]),
        );
        const more = {
          contest: 'contest',
          records: 1,
          valid: 1,
          blank: 0,
          invalid: 0,
          not_counted: 0,
          marks: 1,
          undervotes: random.contest.choices - 1,
          votes,
          name_votes: new Map(),
          list_votes: new Map(),
        };
        const again = outcomeOf(
          { ...random, boxes: [...random.boxes, { id: 'one more', contests: [more] }] },
          'seed',
        );
        expect(certificateOf(again).elected.map(({ candidate }) => candidate)).toContain(lucky?.candidate);
      }),
      RUNS,
    );
  });

  it('a first round whose draws are held yields a second round that can be counted', () => {
    fc.assert(
      fc.property(randomElections, (random) => {
        const outcome = outcomeOf(random, 'seed');
        const second = runoffElection(random.election, outcome, 'second round');
        if (!second.ok) throw new Error(second.fault.problem);
        const { runoff } = certificateOf(outcome);
        expect(second.value.contests.length).toBe(runoff === null ? 0 : 1);
        for (const contest of second.value.contests) {
          expect(contest.seats).toBe(runoff?.seats);
          expect(contest.candidates.map(({ id }) => id)).toEqual(
            runoff?.candidates.map(({ candidate }) => candidate),
          );
          expect(outcomeOf({ ...random, election: second.value, boxes: [] }, null).contests[0]?.rule).toBe(
            'runoff',
          );
        }
      }),
      RUNS,
    );
  });
});

describe('the check of certificates', () => {
  /** Every leaf one at a time replaced by another of its kind; every array cut, lengthened and reversed. */
  function* falsified(value: unknown): Generator<unknown> {
    if (typeof value === 'number') {
      yield value + 1;
      if (value > 0) yield value - 1;
    } else if (typeof value === 'boolean') yield !value;
    else if (typeof value === 'string') yield `${value}x`;
    else if (Array.isArray(value)) {
      if (value.length > 0) yield* [value.slice(1), [...value, value[0]], [...value].reverse()];
      for (const [i, item] of value.entries()) {
        for (const other of falsified(item)) yield value.map((kept, j) => (i === j ? other : kept));
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        for (const other of falsified(member)) yield { ...value, [key]: other };
      }
    }
  }

  it('finds every falsified number, name and order', () => {
    fc.assert(
      fc.property(randomElections, seeds, (random, seed) => {
        const outcome = outcomeOf(random, seed);
        const [honest] = outcome.contests;
        for (const forged of falsified(honest)) {
          if (JSON.stringify(forged) === JSON.stringify(honest)) continue;
          const contests = [forged as Certificate];
          const faults = checkOutcome(random.election, random.boxes, { ...outcome, contests });
          // The comparison shows what was changed and not found.
          if (faults.length === 0) expect(forged).toEqual(honest);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('finds an outcome drawn with another seed', () => {
    fc.assert(
      fc.property(randomElections, (random) => {
        const outcome = outcomeOf(random, 'seed');
        const drawn =
          certificateOf(outcome).ties.length > 0 ||
          certificateOf(outcome).namesakes.some(({ order }) => order !== null);
        fc.pre(drawn);
        const forged = { ...outcome, lots: { rule: 'sandoq-lot-1', seed: 'other' } };
        expect(checkOutcome(random.election, random.boxes, forged)).not.toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
