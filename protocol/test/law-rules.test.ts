import { describe, expect, it } from 'vitest';
import { election, FIFTH, names, outcome, type Settings, sums } from './law-one-contest.ts';

describe('Majles, first round', () => {
  const majles = (seats: number, more: Settings = {}) => ({
    rule: 'majles',
    seats,
    threshold: FIFTH,
    ...more,
  });

  it('a threshold met exactly is met, and one vote less is not', () => {
    const met = outcome(majles(1), ['a', 'b'], [sums(1, 100, { a: 20, b: 19 }, { blank: 61 })]);
    expect(names(met.elected)).toEqual(['a']);
    const missed = outcome(majles(1), ['a', 'b'], [sums(1, 100, { a: 19, b: 18 }, { blank: 63 })]);
    expect(missed.elected).toEqual([]);
    expect(missed.runoff).toMatchObject({ seats: 1, places: 2 });
  });

  it('more_than asks for one vote beyond the share', () => {
    const settings = majles(1, { threshold: { ...FIFTH, comparison: 'more_than' } });
    expect(outcome(settings, ['a', 'b'], [sums(1, 100, { a: 20 }, { blank: 80 })]).status).toBe('runoff');
    expect(outcome(settings, ['a', 'b'], [sums(1, 100, { a: 21 }, { blank: 79 })]).status).toBe('decided');
  });

  it('a share that is no whole number is rounded up, never down', () => {
    const of101 = outcome(majles(1), ['a', 'b'], [sums(1, 101, { a: 20 }, { blank: 81 })]);
    expect(of101.thresholds[0]).toMatchObject({ base: 101, needed: 21, meeting: [] });
  });

  it('the denominator decides, and the other is reported beside it', () => {
    const boxes = [sums(1, 100, { a: 18, b: 10 }, { blank: 12, invalid: 60 })];
    const all = outcome(majles(1), ['a', 'b'], boxes);
    expect(all.status).toBe('runoff');
    expect(all.thresholds.map(({ of, applied, meeting }) => [of, applied, meeting])).toEqual([
      ['all_votes', true, []],
      ['valid_votes', false, ['a', 'b']],
    ]);
    const valid = outcome(majles(1, { threshold: { ...FIFTH, of: 'valid_votes' } }), ['a', 'b'], boxes);
    expect(names(valid.elected)).toEqual(['a']);
  });

  it('votes that are not counted enter neither denominator', () => {
    const boxes = [sums(1, 100, { a: 20 }, { blank: 80, not_counted: 1000 })];
    expect(outcome(majles(1), ['a'], boxes).thresholds.map(({ base }) => base)).toEqual([100, 20]);
  });

  it('more may meet the threshold than there are seats: the top N are elected', () => {
    const { elected, runoff, ties } = outcome(
      majles(2),
      ['a', 'b', 'd'],
      [sums(2, 100, { a: 60, b: 50, d: 40 })],
    );
    expect([names(elected), runoff, ties]).toEqual([['a', 'b'], null, []]);
  });

  it('equals at the last seat need a draw, and nobody is elected before it', () => {
    const boxes = [sums(2, 100, { a: 60, b: 50, d: 50 })];
    const open = outcome(majles(2), ['a', 'b', 'd'], boxes);
    expect(open).toMatchObject({ status: 'needs_draw', undecided: 1, runoff: null });
    expect(names(open.elected)).toEqual(['a']);
    expect(open.ties).toMatchObject([
      { draw: 'seats', places: 1, votes: 50, between: ['b', 'd'], order: null },
    ]);
    const drawn = outcome(majles(2), ['a', 'b', 'd'], boxes, 'seed');
    expect(drawn).toMatchObject({ status: 'decided', undecided: 0 });
    expect(drawn.elected.map(({ by }) => by)).toEqual(['rank', 'lot']);
  });

  it('the runoff has twice as many as the remaining seats, equals at its border by lot', () => {
    const open = outcome(
      majles(3),
      ['a', 'b', 'd', 'f', 'g', 'h'],
      [sums(3, 1000, { a: 500, b: 100, d: 90, f: 90, g: 90, h: 1 }, { blank: 129 })],
    );
    expect(open.runoff).toMatchObject({ seats: 2, places: 4 });
    expect(names(open.runoff?.candidates ?? [])).toEqual(['b', 'd', 'f', 'g']);
    const tied = outcome(
      majles(2),
      ['a', 'b', 'd', 'f'],
      [sums(2, 1000, { a: 500, b: 100, d: 90, f: 90 }, { blank: 300 })],
    );
    expect(tied).toMatchObject({ status: 'needs_draw', undecided: 0 });
    expect(names(tied.runoff?.candidates ?? [])).toEqual(['b']);
    expect(tied.ties).toMatchObject([{ draw: 'runoff', places: 1, between: ['d', 'f'] }]);
  });

  it('fewer candidates than runoff places: all of them enter it', () => {
    const few = outcome(majles(2), ['a', 'b', 'd'], [sums(2, 1000, { a: 10, b: 9, d: 8 }, { blank: 980 })]);
    expect(few.runoff).toMatchObject({
      seats: 2,
      places: 4,
      candidates: [{ candidate: 'a' }, { candidate: 'b' }, { candidate: 'd' }],
    });
  });

  it('too few for a runoff: held or left vacant, as the election says', () => {
    const boxes = [sums(2, 1000, { a: 10, b: 9 }, { blank: 985 })];
    expect(outcome(majles(2), ['a', 'b'], boxes).runoff).toMatchObject({ seats: 2, places: 4 });
    const vacant = outcome(majles(2, { runoff: { too_few: 'leave_vacant' } }), ['a', 'b'], boxes);
    expect(vacant).toMatchObject({ runoff: null, vacant: [{ seats: 2, reason: 'too_few_for_runoff' }] });
  });

  it('who withdraws between the rounds is replaced by the next in rank, or not', () => {
    const candidates = ['a', { id: 'b', withdrawn: 'before_runoff' }, 'd', 'f'];
    const boxes = [sums(1, 1000, { a: 100, b: 90, d: 80, f: 70 }, { blank: 660 })];
    const replaced = outcome(majles(1), candidates, boxes);
    expect(names(replaced.runoff?.candidates ?? [])).toEqual(['a', 'd']);
    expect(replaced.runoff?.withdrawn).toEqual(['b']);
    const gap = outcome(majles(1, { runoff: { replacement: 'none' } }), candidates, boxes);
    expect(names(gap.runoff?.candidates ?? [])).toEqual(['a']);
  });

  it('who is elected in the first round is elected, whatever is withdrawn afterwards', () => {
    const boxes = [sums(1, 100, { a: 60, b: 40 })];
    expect(names(outcome(majles(1), [{ id: 'a', withdrawn: 'before_runoff' }, 'b'], boxes).elected)).toEqual([
      'a',
    ]);
  });

  it('no vote at all elects nobody and calls no runoff', () => {
    const none = outcome(majles(2), ['a', 'b', 'd'], [sums(2, 50, {}, { blank: 50 })]);
    expect(none).toMatchObject({
      status: 'decided',
      elected: [],
      runoff: null,
      vacant: [{ seats: 2, reason: 'no_votes' }],
    });
    expect(outcome(majles(2), [], []).vacant).toMatchObject([{ seats: 2, reason: 'no_candidate' }]);
  });
});

describe('president', () => {
  it('half of all votes is no majority; one more is', () => {
    const half = outcome(
      { rule: 'president' },
      ['a', 'b'],
      [sums(1, 100, { a: 50, b: 40 }, { invalid: 10 })],
    );
    expect(half).toMatchObject({ status: 'runoff', runoff: { seats: 1, places: 2 } });
    const more = outcome({ rule: 'president' }, ['a', 'b'], [sums(1, 100, { a: 51, b: 40 }, { invalid: 9 })]);
    expect(names(more.elected)).toEqual(['a']);
  });

  it('invalid and blank votes count against the majority', () => {
    const boxes = [sums(1, 100, { a: 45, b: 30 }, { invalid: 20, blank: 5 })];
    const counted = outcome({ rule: 'president' }, ['a', 'b', 'd'], boxes);
    expect(counted.status).toBe('runoff');
    expect(counted.thresholds[1]).toMatchObject({ of: 'valid_votes', applied: false, meeting: ['a'] });
  });

  it('a single candidate needs the majority too', () => {
    const sole = outcome({ rule: 'president' }, ['a'], [sums(1, 100, { a: 40 }, { invalid: 60 })]);
    expect(sole).toMatchObject({ status: 'runoff', runoff: { candidates: [{ candidate: 'a' }] } });
    expect(
      names(outcome({ rule: 'president' }, ['a'], [sums(1, 100, { a: 60 }, { invalid: 40 })]).elected),
    ).toEqual(['a']);
  });

  it('the third takes the place of a finalist who withdraws (Constitution, art. 117)', () => {
    const boxes = [sums(1, 100, { a: 40, b: 35, d: 25 })];
    const next = outcome({ rule: 'president' }, ['a', { id: 'b', withdrawn: 'before_runoff' }, 'd'], boxes);
    expect(names(next.runoff?.candidates ?? [])).toEqual(['a', 'd']);
  });

  it('the runoff goes to most votes, and a tie in it to the lot', () => {
    const second = { rule: 'runoff', runoff_of: 'president', seats: 1 };
    const won = outcome(second, ['a', 'b'], [sums(1, 100, { a: 40, b: 30 }, { invalid: 30 })]);
    expect(won.elected).toMatchObject([{ candidate: 'a', article: 'president.second_round' }]);
    expect(outcome(second, ['a', 'b'], [sums(1, 60, { a: 30, b: 30 })]).status).toBe('needs_draw');
  });
});

describe('most votes, councils and alternates', () => {
  it('fewer candidates than seats: each with a vote is elected and the rest is vacant', () => {
    const few = outcome({ rule: 'experts', seats: 3 }, ['a', 'b'], [sums(3, 10, { a: 5, b: 6 })]);
    expect(few).toMatchObject({ status: 'decided', vacant: [{ seats: 1, reason: 'no_candidate' }] });
    expect(names(few.elected)).toEqual(['b', 'a']);
  });

  it('nobody takes a seat without a vote, unless the election says otherwise', () => {
    const boxes = [sums(3, 10, { a: 10 })];
    expect(
      outcome(
        { rule: 'experts', seats: 2 },
        ['a', 'b'],
        boxes.map(() => sums(2, 10, { a: 10 })),
      ),
    ).toMatchObject({
      elected: [{ candidate: 'a' }],
      vacant: [{ seats: 1, reason: 'no_votes' }],
    });
    expect(outcome({ rule: 'experts', seats: 3, minimum_votes: 0 }, ['a', 'b'], boxes).vacant).toMatchObject([
      { seats: 1, reason: 'no_candidate' },
    ]);
  });

  it('everybody tied: everything is drawn', () => {
    const ids = ['a', 'b', 'd', 'f', 'g', 'h', 'i'];
    const boxes = [sums(5, 10, Object.fromEntries(ids.map((id) => [id, 7])))];
    const settings = { rule: 'city_council', seats: 5, alternates: 1 };
    const open = outcome(settings, ids, boxes);
    expect(open).toMatchObject({ undecided: 5, elected: [], alternates: [] });
    expect(open.ties).toMatchObject([{ draw: 'seats', places: 5, alternate_places: 1, between: ids }]);
    const drawn = outcome(settings, ids, boxes, 'seed');
    expect([drawn.elected.length, drawn.alternates.length, drawn.undecided]).toEqual([5, 1, 0]);
    expect([...drawn.elected, ...drawn.alternates].every(({ by }) => by === 'lot')).toBe(true);
  });

  it('alternates follow in order of votes; equals among them are drawn, since their order matters', () => {
    const votes = { a: 9, b: 8, d: 7, f: 6, g: 6, h: 5 };
    const settings = { rule: 'rural_council', seats: 3, alternates: 3 };
    const open = outcome(settings, Object.keys(votes), [sums(3, 20, votes)]);
    expect(open).toMatchObject({ status: 'needs_draw', undecided: 0 });
    expect(names(open.elected)).toEqual(['a', 'b', 'd']);
    expect(open.alternates).toMatchObject([{ place: 3, candidate: 'h' }]);
    const drawn = outcome(settings, Object.keys(votes), [sums(3, 20, votes)], 'seed');
    expect(drawn.alternates.map(({ place }) => place)).toEqual([1, 2, 3]);
    expect(names(drawn.alternates).slice(0, 2).sort()).toEqual(['f', 'g']);
  });

  it('who withdrew before the vote takes nothing, and the votes are shown without effect', () => {
    const settings = { rule: 'plurality', seats: 1, withdrawn_votes: 'valid_without_effect' };
    const { elected, tally } = outcome(
      settings,
      [{ id: 'a', withdrawn: 'before_vote' }, 'b'],
      [sums(1, 10, { a: 9, b: 1 })],
    );
    expect(names(elected)).toEqual(['b']);
    expect(tally[0]).toMatchObject({ candidate: 'a', votes: 9, withdrawn: 'before_vote' });
  });

  it("seat numbers of councils are the law's", () => {
    for (const seats of [5, 7, 9, 11, 13, 15, 21])
      expect(election({ rule: 'city_council', seats }, []).contests[0]?.seats).toBe(seats);
    for (const seats of [3, 5])
      expect(election({ rule: 'rural_council', seats }, []).contests[0]?.seats).toBe(seats);
    expect(() => election({ rule: 'city_council', seats: 6 }, [])).toThrow(/5, 7, 9, 11, 13, 15, 21/);
    expect(() => election({ rule: 'rural_council', seats: 7 }, [])).toThrow(/3, 5/);
  });
});
