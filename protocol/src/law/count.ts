/** Adds boxes up. The order of boxes has no effect on the outcome; a box that breaks a ledger is refused whole. */
import type { Result } from '../result.ts';
import { decideContest } from './decide.ts';
import {
  BOXES_MAX,
  type Contest,
  type Election,
  OUTCOME_FORM,
  RECORDS_MAX,
  SEED_LENGTH_MAX,
} from './election.ts';
import { identifierFault } from './json-fields.ts';
import type { Lottery } from './lots.ts';
import type { NameDivision } from './namesakes.ts';
import type { Outcome } from './outcome.ts';
import { attempt, pathTo, quoted, type Refusal, refuse } from './refusal.ts';
import {
  type Box,
  COUNTS,
  type ContestSums,
  type Counts,
  idsOf,
  listedLedgerHolds,
  requireLedger,
} from './sums.ts';

/** One contest over all boxes: what `decideContest` decides from. */
export interface ContestCount {
  readonly boxes: number;
  readonly counts: Readonly<Counts>;
  /** By candidate index: votes under the candidate's own name or code. */
  readonly own: readonly number[];
  /** By list index. */
  readonly list_votes: readonly number[];
  /** One for each box in which votes of a bare name have to be shared; in no order. */
  readonly divisions: readonly NameDivision[];
}

export interface Count {
  readonly election: Election;
  /** `path` is where the box stood in its file, for the refusal. */
  add(box: Box, path?: string): Result<void, Refusal>;
  /** The same for sums listed by index, at a fraction of the cost. False: nothing was added, and `add` says why. */
  addListed(id: string, contests: readonly ListedSums[]): boolean;
  /** `seed` null: a tie stays a tie that needs a draw. */
  outcome(seed: string | null): Result<Outcome, Refusal>;
}

/** One contest of a box as a slip has it: no bare names and no lists. */
export interface ListedSums {
  /** index in the election */
  readonly contest: number;
  readonly counts: Counts;
  /** by candidate index */
  readonly votes: readonly number[];
}

interface Running {
  boxes: number;
  counts: Counts;
  own: number[];
  list_votes: number[];
  divisions: NameDivision[];
}

function emptyRunning(contest: Contest): Running {
  return {
    boxes: 0,
    counts: { records: 0, valid: 0, blank: 0, invalid: 0, not_counted: 0, marks: 0, undervotes: 0 },
    own: new Array<number>(contest.candidates.length).fill(0),
    list_votes: new Array<number>(contest.lists.length).fill(0),
    divisions: [],
  };
}

export function createCount(election: Election): Count {
  const places = new Map(election.contests.map((contest, i) => [contest.id, i]));
  const running = election.contests.map(emptyRunning);
  const boxes = new Set<string>();

  const add = (box: Box, path: string): void => {
    const fault = identifierFault(box.id);
    if (fault !== null) refuse(pathTo(path, 'id'), `an identifier ${fault}`);
    if (boxes.has(box.id)) refuse(pathTo(path, 'id'), `the box ${quoted(box.id)} stands twice`);
    if (boxes.size >= BOXES_MAX) refuse(path, `expected at most ${BOXES_MAX} boxes`);
    const seen = new Set<number>();
    const chosen = box.contests.map((sums, i) => {
      const sumsPath = pathTo(pathTo(path, 'contests'), i);
      const place = places.get(sums.contest);
      if (place === undefined) {
        return refuse(pathTo(sumsPath, 'contest'), `${quoted(sums.contest)} is no contest of this election`);
      }
      if (seen.has(place))
        refuse(pathTo(sumsPath, 'contest'), `the contest ${quoted(sums.contest)} stands twice`);
      seen.add(place);
      requireLedger(election.contests[place] as Contest, sums, sumsPath);
      const records = (running[place] as Running).counts.records + sums.records;
      if (records > RECORDS_MAX) {
        refuse(
          pathTo(sumsPath, 'records'),
          `all boxes together may hold ${RECORDS_MAX} records, found ${records}`,
        );
      }
      return place;
    });
    boxes.add(box.id);
    box.contests.forEach((sums, i) => {
      const place = chosen[i] as number;
      addSums(running[place] as Running, election.contests[place] as Contest, box.id, sums);
    });
  };

  const addListed = (id: string, contests: readonly ListedSums[]): boolean => {
    if (identifierFault(id) !== null || boxes.has(id) || boxes.size >= BOXES_MAX) return false;
    for (let i = 0; i < contests.length; i++) {
      const { contest, counts, votes } = contests[i] as ListedSums;
      const rule = election.contests[contest];
      const into = running[contest];
      if (rule === undefined || into === undefined || !listedLedgerHolds(rule, counts, votes)) return false;
      if (into.counts.records + counts.records > RECORDS_MAX) return false;
      for (let k = 0; k < i; k++) if (contests[k]?.contest === contest) return false;
    }
    boxes.add(id);
    for (const { contest, counts, votes } of contests) {
      const into = running[contest] as Running;
      into.boxes++;
      for (const name of COUNTS) into.counts[name] += counts[name];
      for (let k = 0; k < votes.length; k++) into.own[k] = (into.own[k] as number) + (votes[k] as number);
    }
    return true;
  };

  return {
    election,
    addListed,
    add: (box, path = '$') => attempt(() => add(box, path)),
    outcome: (seed) =>
      attempt(() => {
        const fault = seed === null ? null : identifierFault(seed, SEED_LENGTH_MAX);
        if (fault !== null) refuse('$', `the seed of the lots ${fault}`);
        return {
          form: OUTCOME_FORM,
          election: election.election,
          lots: seed === null ? null : { rule: 'sandoq-lot-1', seed },
          contests: election.contests.map((contest, i) => {
            const lottery: Lottery | null =
              seed === null ? null : { seed, election: election.election, contest: contest.id };
            return decideContest(contest, running[i] as Running, lottery);
          }),
        };
      }),
  };
}

function addSums(into: Running, contest: Contest, box: string, sums: ContestSums): void {
  const ids = idsOf(contest);
  into.boxes++;
  for (const name of COUNTS) into.counts[name] += sums[name];
  for (const [id, count] of sums.votes) {
    const place = ids.candidates.get(id) as number;
    into.own[place] = (into.own[place] as number) + count;
  }
  for (const [id, count] of sums.list_votes) {
    const place = ids.lists.get(id) as number;
    into.list_votes[place] = (into.list_votes[place] as number) + count;
  }
  for (const [id, count] of sums.name_votes) {
    if (count === 0) continue;
    const name = contest.namesakes[ids.names.get(id) as number];
    if (name === undefined) throw new Error('a checked name is missing');
    const own = name.candidates.map((candidate) => sums.votes.get(candidate) ?? 0);
    into.divisions.push({ box, name: id, votes: count, own });
  }
}

/** The whole law in one call: boxes in, outcome out. */
export function decide(
  election: Election,
  boxes: Iterable<Box>,
  seed: string | null,
): Result<Outcome, Refusal> {
  const count = createCount(election);
  let i = 0;
  for (const box of boxes) {
    const added = count.add(box, pathTo('$.boxes', i++));
    if (!added.ok) return added;
  }
  return count.outcome(seed);
}
