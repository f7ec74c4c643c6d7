/**
 * From what a voter marked to what is counted: the class of a vote and its counted names (LAW.md §4).
 * Station, recount and paper count use this one function, so that they cannot read a ballot differently.
 */
import type { CandidateList, Contest } from './election.ts';
import { type ContestSums, idsOf } from './sums.ts';

export const NOT_COUNTED_REASONS = [
  'unsealed_box',
  'beyond_tarefe',
  'no_tarefe',
  'under_age',
  'dead_holder',
  'foreign_holder',
  'absent_holder',
  'forged_document',
  'duplicate',
  'coerced',
  'unofficial_paper',
] as const;
/** Why a vote is invalid and not counted, as the two roles enter it. */
export type NotCountedReason = (typeof NOT_COUNTED_REASONS)[number];

/**
 * One vote in one contest: ids of candidates, bare names and lists in the order written (anything else is a name
 * that is no candidate's; nothing at all is blank), or why there is nothing to read.
 */
export type Selection = readonly string[] | 'unreadable' | NotCountedReason;

export type VoteClass = 'valid' | 'blank' | 'invalid' | 'not_counted';

export interface ReadBallot {
  readonly class: VoteClass;
  /** Counted candidates and bare names, each once, in the order written; empty unless valid. */
  readonly marks: readonly string[];
  /** Lists whose code was written and of which at least one member is counted, each once. */
  readonly lists: readonly string[];
}

const BLANK: ReadBallot = { class: 'blank', marks: [], lists: [] };
const INVALID: ReadBallot = { class: 'invalid', marks: [], lists: [] };
const NOT_COUNTED: ReadBallot = { class: 'not_counted', marks: [], lists: [] };

export function readBallot(contest: Contest, selection: Selection): ReadBallot {
  if (selection === 'unreadable') return INVALID;
  if (typeof selection === 'string') return NOT_COUNTED;
  if (selection.length === 0) return contest.blank_allowed ? BLANK : INVALID;
  const namesMax = contest.beyond_seats === 'fall_from_end' ? contest.choices : Number.POSITIVE_INFINITY;
  const written = spelledOut(contest, selection, namesMax);
  const countable = new Set(written.names.filter((name) => isCounted(contest, name)));
  const counted = new Set<string>();
  for (const name of written.names) {
    if (counted.size >= contest.choices) break;
    if (countable.has(name) && !repeatsBearer(contest, name, countable)) counted.add(name);
  }
  if (counted.size === 0) return INVALID;
  const lists = written.lists.filter((list) => list.candidates.some((member) => counted.has(member)));
  return { class: 'valid', marks: [...counted], lists: lists.map(({ id }) => id) };
}

/** Names as written, a list's code standing for its members in list order; what is beyond `max` names has fallen. */
function spelledOut(
  contest: Contest,
  selection: readonly string[],
  max: number,
): { names: string[]; lists: CandidateList[] } {
  const ids = idsOf(contest);
  const names: string[] = [];
  const lists = new Set<CandidateList>();
  for (const id of selection) {
    if (names.length >= max) break;
    const list = contest.lists[ids.lists.get(id) ?? -1];
    if (list === undefined) names.push(id);
    else {
      lists.add(list);
      names.push(...list.candidates.slice(0, max - names.length));
    }
  }
  return { names, lists: [...lists] };
}

function isCounted(contest: Contest, name: string): boolean {
  const { candidates, names } = idsOf(contest);
  if (names.has(name)) return true;
  const candidate = contest.candidates[candidates.get(name) ?? -1];
  if (candidate === undefined) return false;
  return candidate.withdrawn !== 'before_vote' || contest.withdrawn_votes === 'valid_without_effect';
}

/** A bare name beside one of its bearers repeats that bearer's name, and counts once. */
function repeatsBearer(contest: Contest, id: string, written: ReadonlySet<string>): boolean {
  const name = contest.namesakes[idsOf(contest).names.get(id) ?? -1];
  return name?.candidates.some((bearer) => written.has(bearer)) ?? false;
}

/** Sums of one box in one contest; they satisfy every ledger identity of `requireLedger`. */
export function countBox(contest: Contest, selections: Iterable<Selection>): ContestSums {
  const classes = { valid: 0, blank: 0, invalid: 0, not_counted: 0 };
  const votes = new Map(contest.candidates.map(({ id }) => [id, 0]));
  const name_votes = new Map(contest.namesakes.map(({ id }) => [id, 0]));
  const list_votes = new Map(contest.lists.map(({ id }) => [id, 0]));
  let marks = 0;
  for (const selection of selections) {
    const ballot = readBallot(contest, selection);
    classes[ballot.class]++;
    marks += ballot.marks.length;
    for (const id of ballot.marks) {
      const into = votes.has(id) ? votes : name_votes;
      into.set(id, (into.get(id) ?? 0) + 1);
    }
    for (const id of ballot.lists) list_votes.set(id, (list_votes.get(id) ?? 0) + 1);
  }
  const { valid, blank, invalid, not_counted } = classes;
  return {
    contest: contest.id,
    records: valid + blank + invalid,
    valid,
    blank,
    invalid,
    not_counted,
    marks,
    undervotes: valid * contest.choices - marks,
    votes,
    name_votes,
    list_votes,
  };
}
