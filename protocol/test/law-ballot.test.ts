import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Contest,
  checkLedger,
  countBox,
  ELECTION_FORM,
  electionFromValue,
  NOT_COUNTED_REASONS,
  readBallot,
  sumsFromCounts,
} from '../src/law/index.ts';
import { randomElections } from './law-random-elections.ts';

function contest(settings: Record<string, unknown>): Contest {
  const candidates = ['a', 'b', 'd', 'f'].map((id) => ({ id }));
  const contests = [{ id: 'c', rule: 'plurality', seats: 2, candidates, ...settings }];
  const read = electionFromValue({ form: ELECTION_FORM, election: 'e', contests });
  if (!read.ok) throw new Error(`${read.fault.path}: ${read.fault.problem}`);
  return read.value.contests[0] as Contest;
}

describe('the class of a vote', () => {
  it('nothing chosen is blank where blank is allowed, otherwise invalid but counted', () => {
    expect(readBallot(contest({}), []).class).toBe('blank');
    expect(readBallot(contest({ blank_allowed: false }), []).class).toBe('invalid');
  });

  it("unreadable, and only names that are no candidate's, are invalid but counted", () => {
    expect(readBallot(contest({}), 'unreadable').class).toBe('invalid');
    expect(readBallot(contest({}), ['Rumi', 'Hafez']).class).toBe('invalid');
  });

  it('every reason of the law not to count a vote keeps it out of the records', () => {
    const sums = countBox(contest({}), NOT_COUNTED_REASONS);
    expect(sums).toMatchObject({ records: 0, not_counted: NOT_COUNTED_REASONS.length });
  });
});

describe('the counted names', () => {
  it('extra names are ignored and the ballot stays valid', () => {
    expect(readBallot(contest({}), ['a', 'b', 'd'])).toEqual({
      class: 'valid',
      marks: ['a', 'b'],
      lists: [],
    });
  });

  it('a repeated name counts once and takes no second place', () => {
    expect(readBallot(contest({}), ['a', 'a', 'b']).marks).toEqual(['a', 'b']);
  });

  it("names that are no candidate's are passed over", () => {
    expect(readBallot(contest({}), ['Hafez', 'a', 'b']).marks).toEqual(['a', 'b']);
  });

  it('in councils names fall from the end as written, before anything is passed over', () => {
    const council = contest({ beyond_seats: 'fall_from_end' });
    expect(readBallot(council, ['Hafez', 'a', 'b']).marks).toEqual(['a']);
    expect(readBallot(council, ['a', 'a', 'b']).marks).toEqual(['a']);
    expect(readBallot(council, ['Hafez', 'Rumi', 'a']).class).toBe('invalid');
    expect(contest({ rule: 'city_council', seats: 5 }).beyond_seats).toBe('fall_from_end');
  });

  it('a withdrawn candidate is no candidate, or counts without effect, as the election says', () => {
    const candidates = [{ id: 'a', withdrawn: 'before_vote' }, { id: 'b' }];
    expect(readBallot(contest({ candidates }), ['a']).class).toBe('invalid');
    expect(readBallot(contest({ candidates, withdrawn_votes: 'valid_without_effect' }), ['a']).marks).toEqual(
      ['a'],
    );
  });

  it('a bare name beside its bearer is a repetition of it', () => {
    const named = contest({ namesakes: [{ id: 'n', candidates: ['a', 'b'] }] });
    expect(readBallot(named, ['n', 'd']).marks).toEqual(['n', 'd']);
    expect(readBallot(named, ['n', 'd', 'a']).marks).toEqual(['d', 'a']);
    expect(readBallot(named, ['n', 'n']).marks).toEqual(['n']);
  });

  it('ids that collide with properties of objects are names like others', () => {
    const candidates = ['__proto__', 'constructor', 'toString'].map((id) => ({ id }));
    expect(readBallot(contest({ candidates }), ['__proto__', 'hasOwnProperty', 'toString']).marks).toEqual([
      '__proto__',
      'toString',
    ]);
    const sums = countBox(contest({ candidates }), [['__proto__'], ['constructor', '__proto__']]);
    expect([...sums.votes]).toEqual([
      ['__proto__', 2],
      ['constructor', 1],
      ['toString', 0],
    ]);
  });
});

describe('lists', () => {
  const proportional = {
    formula: 'dhondt',
    list_votes: 'list_codes',
    independents: 'pooled',
    within_list: 'list_order',
  };
  const candidates = ['a', 'b', 'd', 'f', 'g', 'h', 'i', 'j'].map((id) => ({ id }));
  const council = (more: Record<string, unknown> = {}) =>
    contest({
      rule: 'council_lists',
      seats: 5,
      proportional,
      candidates,
      lists: [
        { id: 'L', candidates: ['a', 'b', 'd'] },
        { id: 'M', candidates: ['f', 'g', 'h'] },
      ],
      ...more,
    });

  it('a list code stands for all its members, and may be mixed with names', () => {
    expect(readBallot(council(), ['L', 'i'])).toEqual({
      class: 'valid',
      marks: ['a', 'b', 'd', 'i'],
      lists: ['L'],
    });
    expect(readBallot(council(), ['i', 'a', 'L']).marks).toEqual(['i', 'a', 'b', 'd']);
  });

  it('members beyond the seats fall from the end, and a code that fell with all of them is not carried', () => {
    expect(readBallot(council(), ['L', 'M'])).toEqual({
      class: 'valid',
      marks: ['a', 'b', 'd', 'f', 'g'],
      lists: ['L', 'M'],
    });
    expect(readBallot(council(), ['L', 'i', 'j', 'M'])).toMatchObject({
      marks: ['a', 'b', 'd', 'i', 'j'],
      lists: ['L'],
    });
    // The code is a repetition of names already written; it fell with them.
    expect(readBallot(council(), ['a', 'b', 'd', 'i', 'j', 'L']).lists).toEqual([]);
  });

  it('counts codes and names apart; a code written again takes up places, as a name does', () => {
    const sums = countBox(council(), [['L'], ['L', 'L', 'i'], ['a'], ['M'], []]);
    expect([...sums.list_votes]).toEqual([
      ['L', 2],
      ['M', 1],
    ]);
    expect(sums.votes.get('a')).toBe(3);
    expect(sums).toMatchObject({ records: 5, valid: 4, blank: 1, marks: 3 + 3 + 1 + 3 });
  });
});

describe('the sums of a box', () => {
  it('keep every ledger on random ballots', () => {
    fc.assert(
      fc.property(randomElections, ({ contest: random, boxes }) => {
        for (const { contests } of boxes) {
          for (const sums of contests) {
            expect(checkLedger(random, sums).ok).toBe(true);
            expect(sums.records).toBe(sums.valid + sums.blank + sums.invalid);
            expect(sums.valid * random.choices).toBe(sums.marks + sums.undervotes);
          }
        }
      }),
    );
  });

  it('are made from counts by candidate index, and refused where a ledger does not hold', () => {
    const counts = { records: 4, valid: 3, blank: 1, invalid: 0, not_counted: 0, marks: 5, undervotes: 1 };
    const made = sumsFromCounts(contest({}), counts, [3, 2, 0, 0]);
    expect(made.ok && made.value.votes.get('b')).toBe(2);
    expect(sumsFromCounts(contest({}), counts, [3, 2, 0])).toMatchObject({ ok: false });
    expect(sumsFromCounts(contest({}), counts, [3, 1, 0, 0])).toMatchObject({
      ok: false,
      fault: { path: '$.marks' },
    });
    for (const wrong of [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, 2 ** 60, -0]) {
      expect(sumsFromCounts(contest({}), { ...counts, not_counted: wrong }, [3, 2, 0, 0])).toMatchObject({
        ok: false,
        fault: { path: '$.not_counted' },
      });
      expect(sumsFromCounts(contest({}), counts, [3, 2, wrong === 0 ? -0 : wrong, 0]).ok).toBe(false);
    }
  });
});
