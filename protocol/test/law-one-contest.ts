/** One contest decided from a few boxes, each outcome checked against them. */
import { expect } from 'vitest';
import {
  type Box,
  type Certificate,
  type ContestSums,
  checkOutcome,
  decide,
  ELECTION_FORM,
  electionFromValue,
} from '../src/law/index.ts';

export type Settings = Record<string, unknown>;
export type Votes = Record<string, number>;

export const FIFTH = { numerator: 1, denominator: 5, of: 'all_votes' };

export function election(settings: Settings, candidates: readonly (string | Settings)[]) {
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
export function sums(
  choices: number,
  records: number,
  votes: Votes,
  more: Partial<ContestSums> = {},
): ContestSums {
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

export function outcome(
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

export const names = (entries: readonly { readonly candidate: string }[]): string[] =>
  entries.map(({ candidate }) => candidate);
