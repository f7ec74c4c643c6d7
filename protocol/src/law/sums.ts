/** What one box, or any set of boxes, says about one contest, and the ledger identities that it must satisfy. */
import type { Result } from '../result.ts';
import { type Contest, ID_LENGTH_MAX, MARKS_MAX, RECORDS_MAX } from './election.ts';
import { attempt, pathTo, quoted, type Refusal, refuse } from './refusal.ts';

export interface ContestSums {
  readonly contest: string;
  /** Votes taken: valid + blank + invalid. `not_counted` stands outside. */
  readonly records: number;
  readonly valid: number;
  readonly blank: number;
  /** Invalid but counted: unreadable, or only names that are no candidate's. */
  readonly invalid: number;
  /** Invalid and not counted: no tarefe, forged, beyond the number of tarefe, … */
  readonly not_counted: number;
  readonly marks: number;
  readonly undervotes: number;
  /** By candidate id; a candidate who is missing has 0. */
  readonly votes: ReadonlyMap<string, number>;
  /** By id of namesakes: marks of the bare name that cannot be told apart. */
  readonly name_votes: ReadonlyMap<string, number>;
  /** By list id: valid records that carry the list's code. Its members' votes are in `votes` already. */
  readonly list_votes: ReadonlyMap<string, number>;
}

export interface Box {
  readonly id: string;
  /** A box without a contest had no ballot of it. */
  readonly contests: readonly ContestSums[];
}

export const COUNTS = ['records', 'valid', 'blank', 'invalid', 'not_counted', 'marks', 'undervotes'] as const;
export type Counts = { [Name in (typeof COUNTS)[number]]: number };

export function countMax(name: (typeof COUNTS)[number]): number {
  return name === 'marks' || name === 'undervotes' ? MARKS_MAX : RECORDS_MAX;
}

interface ContestIds {
  readonly candidates: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<string, number>;
  readonly lists: ReadonlyMap<string, number>;
}

const indexes = new WeakMap<Contest, ContestIds>();

/** Places of the ids of a contest in its arrays; kept with the contest, which never changes. */
export function idsOf(contest: Contest): ContestIds {
  let ids = indexes.get(contest);
  if (ids === undefined) {
    const places = (items: readonly { readonly id: string }[]) => new Map(items.map(({ id }, i) => [id, i]));
    ids = {
      candidates: places(contest.candidates),
      names: places(contest.namesakes),
      lists: places(contest.lists),
    };
    indexes.set(contest, ids);
  }
  return ids;
}

/** Whether sums may enter a count of this contest: every number in bounds, every id known, every ledger kept. */
export function checkLedger(contest: Contest, sums: ContestSums): Result<ContestSums, Refusal> {
  return attempt(() => {
    requireLedger(contest, sums, '$');
    return sums;
  });
}

export function requireLedger(contest: Contest, sums: ContestSums, path: string): void {
  for (const name of COUNTS) requireCount(sums[name], countMax(name), pathTo(path, name));
  const { records, valid, blank, invalid, marks, undervotes } = sums;
  if (records !== valid + blank + invalid) {
    refuse(
      pathTo(path, 'records'),
      `expected records = valid + blank + invalid, found ${records} ≠ ${valid} + ${blank} + ${invalid}`,
    );
  }
  if (blank > 0 && !contest.blank_allowed) {
    refuse(pathTo(path, 'blank'), `expected 0, since this contest allows no blank vote; found ${blank}`);
  }
  if (valid * contest.choices !== marks + undervotes) {
    refuse(
      pathTo(path, 'marks'),
      `expected valid × choices = marks + undervotes, found ${valid} × ${contest.choices} ≠ ${marks} + ${undervotes}`,
    );
  }
  if (marks < valid) {
    refuse(
      pathTo(path, 'marks'),
      `expected a mark in every valid record, found ${marks} marks in ${valid} records`,
    );
  }
  const ids = idsOf(contest);
  const given =
    sumOf(sums.votes, ids.candidates, valid, pathTo(path, 'votes'), 'candidate') +
    sumOf(sums.name_votes, ids.names, valid, pathTo(path, 'name_votes'), 'group of namesakes');
  sumOf(sums.list_votes, ids.lists, valid, pathTo(path, 'list_votes'), 'list');
  if (given !== marks) {
    refuse(
      pathTo(path, 'marks'),
      `expected marks = the sum of votes and name_votes, found ${marks} ≠ ${given}`,
    );
  }
}

function isCount(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= max && !Object.is(value, -0);
}

function requireCount(value: number, max: number, path: string): void {
  if (isCount(value, max)) return;
  refuse(path, `expected an integer from 0 to ${max}, found ${String(value)}`);
}

function sumOf(
  votes: ReadonlyMap<string, number>,
  known: ReadonlyMap<string, number>,
  valid: number,
  path: string,
  what: string,
): number {
  let sum = 0;
  for (const [id, count] of votes) {
    if (!known.has(id)) {
      const shown = id.length > ID_LENGTH_MAX ? 'this id' : quoted(id);
      refuse(pathTo(path, id), `${shown} is no ${what} of this contest`);
    }
    // Paths are spelled out only for a refusal: there are millions of these counts in a large election.
    if (!isCount(count, RECORDS_MAX)) requireCount(count, RECORDS_MAX, pathTo(path, id));
    if (count > valid) {
      refuse(
        pathTo(path, id),
        `expected at most one vote in each of the ${valid} valid records, found ${count}`,
      );
    }
    sum += count;
  }
  return sum;
}

/**
 * Whether `requireLedger` would take sums whose votes are listed by candidate index: a nation's are millions, and a map
 * of ids for each slip costs more than adding it up. What is refused here is looked at again there, for its reason.
 */
export function listedLedgerHolds(contest: Contest, counts: Counts, votes: readonly number[]): boolean {
  for (const name of COUNTS) if (!isCount(counts[name], countMax(name))) return false;
  const { records, valid, blank, invalid, marks, undervotes } = counts;
  if (records !== valid + blank + invalid || (blank > 0 && !contest.blank_allowed)) return false;
  if (valid * contest.choices !== marks + undervotes || marks < valid) return false;
  if (votes.length !== contest.candidates.length) return false;
  let given = 0;
  for (let i = 0; i < votes.length; i++) {
    const count = votes[i] as number;
    if (!isCount(count, RECORDS_MAX) || count > valid) return false;
    given += count;
  }
  return given === marks;
}

/** Sums of a contest whose votes are listed by candidate index, as a slip lists them. */
export function sumsFromCounts(
  contest: Contest,
  counts: Counts,
  votesByIndex: readonly number[],
): Result<ContestSums, Refusal> {
  return attempt(() => {
    if (votesByIndex.length !== contest.candidates.length) {
      refuse('$.votes', `expected ${contest.candidates.length} counts, found ${votesByIndex.length}`);
    }
    const votes = new Map(contest.candidates.map(({ id }, i) => [id, votesByIndex[i] as number]));
    const sums: ContestSums = {
      contest: contest.id,
      ...counts,
      votes,
      name_votes: new Map(),
      list_votes: new Map(),
    };
    requireLedger(contest, sums, '$');
    return sums;
  });
}
