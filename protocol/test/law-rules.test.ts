import { describe, expect, it } from 'vitest';
import {
  type Box,
  type Certificate,
  type ContestSums,
  checkOutcome,
  decide,
  ELECTION_FORM,
  electionFromValue,
} from '../src/law/index.ts';

type Settings = Record<string, unknown>;
type Votes = Record<string, number>;

const FIFTH = { numerator: 1, denominator: 5, of: 'all_votes' };

function election(settings: Settings, candidates: readonly (string | Settings)[]) {
  const read = electionFromValue({
    form: ELECTION_FORM,
    election: 'e',
    contests: [
      { id: 'c', ...settings, candidates: candidates.map((c) => (typeof c === 'string' ? { id: c } : c)) },
    ],
  });
  if (!read.ok) throw new Error(`${read.fault.path}: ${read.fault.problem}`);
  return read.value;
}

/** One box in which every record that is not blank or invalid is valid. */
function sums(choices: number, records: number, votes: Votes, more: Partial<ContestSums> = {}): ContestSums {
  const { blank = 0, invalid = 0, name_votes = new Map(), list_votes = new Map() } = more;
  const valid = records - blank - invalid;
  const marks = [...Object.values(votes), ...name_votes.values()].reduce((sum, count) => sum + count, 0);
  return {
    contest: 'c',
    records,
    valid,
    blank,
    invalid,
    not_counted: more.not_counted ?? 0,
    marks,
    undervotes: valid * choices - marks,
    votes: new Map(Object.entries(votes)),
    name_votes,
    list_votes,
  };
}

function outcome(
  settings: Settings,
  candidates: readonly (string | Settings)[],
  boxes: readonly ContestSums[],
  seed: string | null = null,
): Certificate {
  const read = election(settings, candidates);
  const listed = boxes.map((contest, i): Box => ({ id: `b${i}`, contests: [contest] }));
  const decided = decide(read, listed, seed);
  if (!decided.ok) throw new Error(`${decided.fault.path}: ${decided.fault.problem}`);
  expect(checkOutcome(read, listed, decided.value)).toEqual([]);
  return decided.value.contests[0] as Certificate;
}

const names = (entries: readonly { readonly candidate: string }[]): string[] =>
  entries.map(({ candidate }) => candidate);

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

describe('namesakes', () => {
  const settings = {
    rule: 'plurality',
    seats: 1,
    choices: 1,
    namesakes: [{ id: 'n', candidates: ['a', 'b'] }],
  };
  const named = (count: number) => ({ name_votes: new Map([['n', count]]) });

  it('share a name in proportion to their own votes in that box, box by box', () => {
    const { tally, namesakes } = outcome(
      settings,
      ['a', 'b'],
      [sums(1, 40, { a: 20, b: 10 }, named(10)), sums(1, 40, { a: 0, b: 30 }, named(10))],
      'seed',
    );
    expect(namesakes.map(({ shares, remainder }) => [shares.map(({ share }) => share), remainder])).toEqual([
      [[6, 3], 1],
      [[0, 10], 0],
    ]);
    expect(tally.reduce((sum, { votes }) => sum + votes, 0)).toBe(80);
  });

  it('a remainder that is not drawn leaves every seat open, and says so', () => {
    const open = outcome(settings, ['a', 'b', 'd'], [sums(1, 50, { a: 20, b: 10, d: 10 }, named(10))]);
    expect(open).toMatchObject({ status: 'needs_draw', undecided: 1, elected: [] });
    expect(open.namesakes).toMatchObject([{ remainder: 1, between: ['a', 'b'], order: null }]);
  });

  it('with no own vote in the box they share equally, or not at all, as the election says', () => {
    const boxes = [sums(1, 20, { d: 10 }, named(10))];
    const equal = outcome(settings, ['a', 'b', 'd'], boxes);
    expect(equal.namesakes[0]?.shares.map(({ share }) => share)).toEqual([5, 5]);
    const none = outcome({ ...settings, namesakes_without_votes: 'not_shared' }, ['a', 'b', 'd'], boxes);
    expect(none.namesakes[0]?.shares.map(({ share }) => share)).toEqual([0, 0]);
  });

  it('one of them without own votes gets nothing while another has some', () => {
    const { namesakes } = outcome(settings, ['a', 'b'], [sums(1, 17, { a: 3 }, named(14))]);
    expect(namesakes).toMatchObject([
      {
        remainder: 0,
        shares: [
          { candidate: 'a', share: 14 },
          { candidate: 'b', share: 0 },
        ],
      },
    ]);
  });

  it('a withdrawn namesake has no share', () => {
    const { tally } = outcome(
      settings,
      ['a', { id: 'b', withdrawn: 'before_vote' }],
      [sums(1, 14, { a: 3, b: 1 }, named(10))],
    );
    expect(tally).toMatchObject([
      { candidate: 'a', votes: 13 },
      { candidate: 'b', votes: 1 },
    ]);
  });

  it('large numbers are shared exactly', () => {
    const boxes = [sums(1, 999_999_999, { a: 333_333_331, b: 333_333_332 }, named(333_333_336))];
    const [divided] = outcome(settings, ['a', 'b'], boxes, 'seed').namesakes;
    expect(divided?.shares.map(({ share }) => share)).toEqual([166_666_667, 166_666_668]);
    expect(divided?.remainder).toBe(1);
  });
});

describe('lists', () => {
  /** Lists of `size` members l0…; a vote for a list is a vote for each of them. */
  function lists(formula: string, votes: Votes, more: Settings = {}, size = 7, independents: Votes = {}) {
    const parties = Object.keys(votes);
    const members = (list: string) => Array.from({ length: size }, (_, i) => `${list}${i}`);
    const byCandidate = Object.fromEntries(
      parties.flatMap((list) => members(list).map((id) => [id, votes[list] ?? 0])),
    );
    const records =
      Object.values(votes).reduce((sum, count) => sum + count, 0) +
      Math.max(0, ...Object.values(independents));
    const settings = {
      rule: 'council_lists',
      seats: 7,
      lists: parties.map((id) => ({ id, candidates: members(id) })),
      proportional: {
        formula,
        list_votes: 'list_codes',
        independents: 'each_alone',
        within_list: 'list_order',
        ...more,
      },
    };
    const all = { ...byCandidate, ...independents };
    const box = sums(7, records, all, { list_votes: new Map(Object.entries(votes)) });
    return (seed: string | null = null) => outcome(settings, Object.keys(all), [box], seed);
  }
  const seats = (certificate: Certificate) =>
    Object.fromEntries(certificate.lists?.parties.map(({ party, seats: given }) => [party, given]) ?? []);

  it('the formulas differ: d’Hondt favours the large, the others reach further down', () => {
    const votes = { A: 47_000, B: 16_000, D: 15_800, E: 12_000, F: 6_800, G: 2_400 };
    // Quota 14,285.7: A 3.29, B 1.12, D 1.11, E 0.84, F 0.48, G 0.17.
    expect(seats(lists('largest_remainder_hare', votes)())).toEqual({ A: 3, B: 1, D: 1, E: 1, F: 1, G: 0 });
    // Seventh quotient: A ÷ 4 = 11,750 before F ÷ 1 = 6,800.
    expect(seats(lists('dhondt', votes)())).toEqual({ A: 4, B: 1, D: 1, E: 1, F: 0, G: 0 });
    // Seventh quotient: F ÷ 1 = 6,800 before A ÷ 7 = 6,714.
    expect(seats(lists('sainte_lague', votes)())).toEqual({ A: 3, B: 1, D: 1, E: 1, F: 1, G: 0 });
  });

  it('equal quotients at the last seat are a named tie between parties', () => {
    const open = lists('dhondt', { A: 40, B: 40 })();
    expect(open).toMatchObject({
      status: 'needs_draw',
      undecided: 1,
      ties: [{ draw: 'list_seats', places: 1, between: ['A', 'B'] }],
    });
    expect(seats(open)).toEqual({ A: 3, B: 3 });
    const drawn = lists('dhondt', { A: 40, B: 40 })('seed');
    expect(Object.values(seats(drawn)).sort()).toEqual([3, 4]);
    expect(drawn.elected).toHaveLength(7);
  });

  it('equal remainders are a tie too', () => {
    const open = lists('largest_remainder_hare', { A: 30, B: 30, D: 10 })();
    expect(open.ties).toEqual([]);
    expect(seats(open)).toEqual({ A: 3, B: 3, D: 1 });
    // Quota 10: A 2.5, B 2.5, D 2; one seat is left for two remainders of a half.
    const tied = lists('largest_remainder_hare', { A: 25, B: 25, D: 20 })();
    expect(tied.ties).toMatchObject([{ draw: 'list_seats', places: 1, between: ['A', 'B'] }]);
  });

  it('no list has more seats than members: what is over goes by the formula to the others', () => {
    const short = lists('largest_remainder_hare', { A: 80, B: 20 }, {}, 4)();
    expect(seats(short)).toEqual({ A: 4, B: 3 });
    expect(short.lists?.passes).toEqual([
      { seats: 7, votes: 100, set_aside: ['A'] },
      { seats: 3, votes: 20, set_aside: [] },
    ]);
    expect(seats(lists('dhondt', { A: 80, B: 20 }, {}, 4)())).toEqual({ A: 4, B: 3 });
    const vacant = lists('sainte_lague', { A: 80, B: 20 }, {}, 3)();
    expect(vacant).toMatchObject({ status: 'decided', vacant: [{ seats: 1, reason: 'no_candidate' }] });
  });

  it('independents stand each alone for one seat, or are pooled', () => {
    const alone = lists('dhondt', { A: 40 }, {}, 7, { x: 100, y: 90, z: 1 })();
    expect(seats(alone)).toEqual({ x: 1, y: 1, A: 5, z: 0 });
    const pooled = lists('dhondt', { A: 40 }, { independents: 'pooled' }, 7, { x: 100, y: 90, z: 1 })();
    expect(pooled.lists?.parties).toMatchObject([
      { party: 'independents', kind: 'pool', votes: 191, capacity: 3, seats: 3 },
      { party: 'A' },
    ]);
  });

  it('member votes weigh a list by the names counted for it', () => {
    const byNames = lists('largest_remainder_hare', { A: 40, B: 30 }, { list_votes: 'member_votes' })();
    expect(byNames.lists?.parties.map(({ votes }) => votes)).toEqual([280, 210]);
  });

  it('within a list the seats go in list order, or by votes with ties drawn', () => {
    expect(names(lists('dhondt', { A: 40 })().elected)).toEqual(['A0', 'A1', 'A2', 'A3', 'A4', 'A5', 'A6']);
    const tied = lists('dhondt', { A: 40, B: 30 }, { within_list: 'member_votes' })();
    expect(tied.ties.map(({ draw, party }) => [draw, party])).toEqual([
      ['list_members', 'A'],
      ['list_members', 'B'],
    ]);
    expect(tied).toMatchObject({ undecided: 7, elected: [] });
    expect(lists('dhondt', { A: 40, B: 30 }, { within_list: 'member_votes' })('s').elected).toHaveLength(7);
  });
});
