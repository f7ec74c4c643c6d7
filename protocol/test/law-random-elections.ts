/** Random small elections, with boxes counted from random ballots: small numbers, so that ties are the rule. */
import fc from 'fast-check';
import {
  type Box,
  type Contest,
  countBox,
  ELECTION_FORM,
  type Election,
  electionFromValue,
  NOT_COUNTED_REASONS,
  type Selection,
} from '../src/law/index.ts';

export interface RandomElection {
  readonly election: Election;
  readonly contest: Contest;
  readonly boxes: readonly Box[];
}

const settings = fc.record({
  blank_allowed: fc.boolean(),
  beyond_seats: fc.constantFrom('extra_ignored', 'fall_from_end'),
  withdrawn_votes: fc.constantFrom('as_non_candidate', 'valid_without_effect'),
  minimum_votes: fc.constantFrom(0, 1),
  namesakes_without_votes: fc.constantFrom('equal_shares', 'not_shared'),
});

const threshold = fc.record({
  numerator: fc.integer({ min: 1, max: 3 }),
  denominator: fc.integer({ min: 3, max: 7 }),
  of: fc.constantFrom('all_votes', 'valid_votes'),
  comparison: fc.constantFrom('at_least', 'more_than'),
});

const runoff = fc.record({
  per_seat: fc.integer({ min: 1, max: 3 }),
  replacement: fc.constantFrom('next_in_rank', 'none'),
  too_few: fc.constantFrom('hold_runoff', 'leave_vacant'),
});

const proportional = fc.record({
  formula: fc.constantFrom('largest_remainder_hare', 'dhondt', 'sainte_lague'),
  list_votes: fc.constantFrom('member_votes', 'list_codes'),
  independents: fc.constantFrom('pooled', 'each_alone'),
  within_list: fc.constantFrom('member_votes', 'list_order'),
});

const ruled = fc.oneof(
  fc.record({
    rule: fc.constantFrom('plurality'),
    seats: fc.integer({ min: 1, max: 6 }),
    alternates: fc.nat(4),
  }),
  fc.record({ rule: fc.constantFrom('experts', 'runoff'), seats: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ rule: fc.constant('majles'), seats: fc.integer({ min: 1, max: 5 }), threshold, runoff }),
  fc.record({ rule: fc.constant('president'), runoff }),
  fc.record({ rule: fc.constant('city_council'), seats: fc.constantFrom(5, 7), alternates: fc.nat(4) }),
  fc.record({ rule: fc.constant('rural_council'), seats: fc.constantFrom(3, 5), alternates: fc.nat(2) }),
  fc.record({
    rule: fc.constant('council_lists'),
    seats: fc.constantFrom(5, 7),
    alternates: fc.nat(3),
    proportional,
  }),
);

const draws = fc.record({
  candidates: fc.integer({ min: 0, max: 12 }),
  withdrawn: fc.array(fc.constantFrom(null, null, null, 'before_vote', 'before_runoff'), { maxLength: 12 }),
  // Which group each candidate belongs to; 0 is none.
  names: fc.array(fc.nat(2), { maxLength: 12 }),
  lists: fc.array(fc.nat(3), { maxLength: 12 }),
  boxes: fc.array(fc.array(fc.array(fc.nat(19), { maxLength: 9 }), { maxLength: 12 }), { maxLength: 4 }),
  spoilt: fc.array(fc.constantFrom(...NOT_COUNTED_REASONS, 'unreadable' as const), { maxLength: 3 }),
});

function groups(prefix: string, of: readonly number[], ids: readonly string[], membersMin: number) {
  return [1, 2, 3]
    .map((group) => ({ id: `${prefix}${group}`, candidates: ids.filter((_, i) => of[i] === group) }))
    .filter(({ candidates }) => candidates.length >= membersMin);
}

export const randomElections: fc.Arbitrary<RandomElection> = fc
  .tuple(ruled, settings, draws)
  .map(([chosen, common, drawn]) => {
    const ids = Array.from({ length: drawn.candidates }, (_, i) => `c${i}`);
    const firstRound = chosen.rule === 'majles' || chosen.rule === 'president';
    const names = groups('n', drawn.names, ids, 2);
    const lists = chosen.rule === 'council_lists' ? groups('l', drawn.lists, ids, 1) : [];
    const value = {
      form: ELECTION_FORM,
      election: 'random',
      contests: [
        {
          id: 'contest',
          ...chosen,
          ...common,
          candidates: ids.map((id, i) => {
            const withdrawn = drawn.withdrawn[i] ?? null;
            return { id, withdrawn: withdrawn === 'before_runoff' && !firstRound ? null : withdrawn };
          }),
          namesakes: names,
          ...(chosen.rule === 'council_lists' ? { lists } : {}),
        },
      ],
    };
    const read = electionFromValue(value);
    if (!read.ok) throw new Error(`${read.fault.path}: ${read.fault.problem}`);
    const contest = read.value.contests[0] as Contest;
    const writable = [...ids, ...names.map(({ id }) => id), ...lists.map(({ id }) => id), 'nobody'];
    const boxes = drawn.boxes.map((ballots, i): Box => {
      const selections: Selection[] = ballots.map((picks) =>
        picks.map((pick) => writable[pick % writable.length] as string),
      );
      return { id: `box ${i}`, contests: [countBox(contest, [...selections, ...drawn.spoilt])] };
    });
    return { election: read.value, contest, boxes };
  });
