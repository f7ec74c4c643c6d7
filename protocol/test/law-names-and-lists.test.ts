import { describe, expect, it } from 'vitest';
import type { Certificate } from '../src/law/index.ts';
import { names, outcome, type Settings, sums, type Votes } from './law-one-contest.ts';

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
