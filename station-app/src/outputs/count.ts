/**
 * The count: opens the sealed records in memory with the two representatives' keys and counts them by the law. No
 * opened ballot is written anywhere, and none outlives its turn.
 */
import {
  type Bytes,
  ballotOpener,
  type CountSecretKeys,
  type Crypto,
  decodeBallot,
  type records,
  wipe,
} from '@sandoq/protocol';
import { type Contest, countBox, type Selection } from '@sandoq/protocol/law';

/** Records opened between two turns of the event loop: progress is shown and cards are heard. */
export const RECORDS_PER_TURN = 64;
/** Every window's view is made anew at each step: a step that nobody sees costs as much. */
export const PROGRESS_STEP_PERMILLE = 20;

export interface CountResult {
  readonly totals: readonly records.ContestTotal[];
  /** records that were opened and read, the not-in-style ones included */
  readonly tallied: number;
  /** records that the keys do not open, or whose plaintext is no ballot: evidence of a fault, never counted */
  readonly unreadable: number;
}

/** A contest as the law sees it; candidates are named by their index. */
function lawContest(contest: records.Contest, withdrawn: ReadonlySet<number>): Contest {
  return {
    id: contest.id,
    rule: 'plurality',
    runoff_of: null,
    seats: contest.seats,
    choices: contest.choicesMax,
    alternates: 0,
    candidates: Array.from({ length: contest.candidatesCount }, (_, index) => ({
      id: String(index),
      withdrawn: withdrawn.has(index) ? 'before_vote' : null,
    })),
    // The package allowed what the box let through; what it did not allow cannot be sealed.
    blank_allowed: contest.blankAllowed,
    beyond_seats: 'extra_ignored',
    withdrawn_votes: 'as_non_candidate',
    minimum_votes: 1,
    namesakes: [],
    namesakes_without_votes: 'equal_shares',
    threshold: null,
    runoff: null,
    proportional: null,
    lists: [],
    articles: new Map(),
  };
}

/** Selections of one contest, held as index lists between opening and counting. */
type Selections = Selection[][];

function totalOf(
  contest: records.Contest,
  index: number,
  withdrawn: ReadonlySet<number>,
  selections: readonly Selection[],
): records.ContestTotal {
  const sums = countBox(lawContest(contest, withdrawn), selections);
  return {
    contest: index,
    records: sums.records,
    valid: sums.valid,
    blank: sums.blank,
    invalid: sums.invalid,
    marks: sums.marks,
    undervotes: sums.undervotes,
    candidates: Array.from(
      { length: contest.candidatesCount },
      (_, candidate) => sums.votes.get(String(candidate)) ?? 0,
    ),
  };
}

function read(election: Pick<records.Package, 'contests'>, plaintext: Bytes, into: Selections): boolean {
  const ballot = decodeBallot(election, plaintext);
  if (ballot === undefined) return false;
  if (ballot.class !== 'not_in_style') (into[ballot.contest] as Selection[]).push(ballot.choices.map(String));
  return true;
}

export async function countRecords(
  crypto: Crypto,
  election: Pick<records.Package, 'contests'>,
  withdrawn: readonly ReadonlySet<number>[],
  session: { readonly sessionId: Bytes },
  keys: CountSecretKeys,
  sealed: readonly Bytes[],
  onProgress: (permille: number) => void,
): Promise<CountResult> {
  const selections: Selections = election.contests.map(() => []);
  const opened = ballotOpener(crypto, keys, session.sessionId);
  let unreadable = 0;
  let told = 0;
  for (let at = 0; at < sealed.length; at += RECORDS_PER_TURN) {
    for (const record of sealed.slice(at, at + RECORDS_PER_TURN)) {
      const plaintext = opened(record);
      if (plaintext === undefined || !read(election, plaintext, selections)) unreadable++;
      if (plaintext !== undefined) wipe(plaintext);
    }
    const permille = Math.floor((1000 * at) / sealed.length);
    if (permille >= told + PROGRESS_STEP_PERMILLE) {
      told = permille;
      onProgress(permille);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const totals = election.contests.map((contest, index) =>
    totalOf(contest, index, withdrawn[index] ?? new Set(), selections[index] as Selection[]),
  );
  for (const one of selections) one.length = 0;
  return { totals, tallied: sealed.length - unreadable, unreadable };
}
