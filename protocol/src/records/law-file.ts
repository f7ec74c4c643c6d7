/**
 * The law beside the package: `law.json`, the election as docs/LAW.md has it, bound by the package's `lawDigest`.
 * Written from an election definition, checked against the package, and applied to slips. Candidates' ids under the
 * law are their codes. Pure.
 */
import { type Bytes, equalBytes, toHex, utf8 } from '../codec/bytes.ts';
import type { Crypto } from '../crypto/ports.ts';
import { createCount } from '../law/count.ts';
import { ELECTION_FORM, type Election, type Contest as LawContest } from '../law/election.ts';
import type { Outcome } from '../law/outcome.ts';
import { electionFromValue, readElection } from '../law/read-election.ts';
import type { Refusal } from '../law/refusal.ts';
import { type Box, sumsFromCounts } from '../law/sums.ts';
import { failure, type Result, success } from '../result.ts';
import type { Amendment, CandidateList, Denominator, LawRule, Package, Settings, Slip } from './generated.ts';
import type { RuleBreak } from './station-rules.ts';

export const LAW_FILE = 'law.json';
/** 3,500 candidates of an id each, eight contests. */
export const LAW_FILE_BYTES_MAX = 4 * 1024 * 1024;

/** What of an election definition the law depends on. */
export interface LawDefinition {
  readonly id: string;
  readonly contests: readonly {
    readonly id: string;
    readonly law: LawRule;
    readonly seats: number;
    readonly choicesMax: number;
    readonly blankAllowed: boolean;
    readonly thresholdPermille?: number | undefined;
    readonly candidates: readonly { readonly code: string; readonly list?: string | undefined }[];
  }[];
  readonly settings: { readonly denominator: Denominator };
}

const PERMILLE = 1000;
/** Majles: a fifth (LAW.md section 11, H). */
const MAJLES_THRESHOLD_PERMILLE = 200;
/** Alternates by seats: 5, 15 and 21 are reported (M); between them two thirds, rounded down (L). */
const COUNCIL_ALTERNATES: ReadonlyMap<number, number> = new Map([
  [5, 3],
  [7, 4],
  [9, 6],
  [11, 7],
  [13, 8],
  [15, 10],
  [21, 11],
]);
/** The reported interpretation of 1404 (LAW.md section 11, M and L): the law itself has no default. */
const LIST_RULE = {
  formula: 'largest_remainder_hare',
  list_votes: 'member_votes',
  independents: 'pooled',
  within_list: 'member_votes',
} as const;
/** A list's id apart from candidates' codes: under the law they share one set of ids. */
const listId = (list: string): string => `list:${list}`;

function ruleSettings(contest: LawDefinition['contests'][number], of: Denominator): object {
  switch (contest.law) {
    case 'majles':
      return {
        threshold: {
          numerator: contest.thresholdPermille ?? MAJLES_THRESHOLD_PERMILLE,
          denominator: PERMILLE,
          of,
          comparison: 'at_least',
        },
        runoff: { per_seat: 2, replacement: 'next_in_rank', too_few: 'hold_runoff' },
      };
    case 'president':
      // More than half of all votes taken, whatever other contests' shares are of (Constitution, article 117).
      return {
        threshold: {
          numerator: contest.thresholdPermille ?? PERMILLE / 2,
          denominator: PERMILLE,
          of: 'all_votes',
          comparison: 'more_than',
        },
        runoff: { per_seat: 2, replacement: 'next_in_rank', too_few: 'hold_runoff' },
      };
    case 'city_council':
    case 'rural_council':
      return { alternates: COUNCIL_ALTERNATES.get(contest.seats) ?? 0 };
    case 'council_lists': {
      const lists = [
        ...new Set(contest.candidates.flatMap(({ list }) => (list === undefined ? [] : [list]))),
      ];
      return {
        alternates: COUNCIL_ALTERNATES.get(contest.seats) ?? 0,
        lists: lists.map((list) => ({
          id: listId(list),
          candidates: contest.candidates.filter((one) => one.list === list).map(({ code }) => code),
        })),
        proportional: LIST_RULE,
      };
    }
    default:
      return {};
  }
}

const COUNCILS: readonly LawRule[] = ['city_council', 'rural_council', 'council_lists'];

/**
 * The election file of an election definition, every setting written out, so that the file says what was decided
 * and by nobody's default. Plain data; `electionFromValue` judges it.
 */
export function lawElection(definition: LawDefinition): object {
  return {
    form: ELECTION_FORM,
    election: definition.id,
    contests: definition.contests.map((contest) => ({
      id: contest.id,
      rule: contest.law,
      seats: contest.seats,
      choices: contest.choicesMax,
      candidates: contest.candidates.map(({ code }) => ({ id: code })),
      blank_allowed: contest.blankAllowed,
      beyond_seats: COUNCILS.includes(contest.law) ? 'fall_from_end' : 'extra_ignored',
      // A vote for somebody who withdrew during the day was valid when it was cast, and the station counted it so.
      withdrawn_votes: 'valid_without_effect',
      minimum_votes: 1,
      // Codes are keyed, never bare names: nothing has to be shared.
      namesakes: [],
      ...ruleSettings(contest, definition.settings.denominator),
    })),
  };
}

/** The bytes of `law.json`, or where the law refuses what the definition asks of it. */
export function lawFileBytes(definition: LawDefinition): Result<Bytes, Refusal> {
  const file = lawElection(definition);
  const read = electionFromValue(file);
  return read.ok ? success(utf8(`${JSON.stringify(file, null, 1)}\n`)) : read;
}

function contestBreak(
  law: LawContest,
  contest: Package['contests'][number],
  list: CandidateList,
  denominator: Denominator,
): RuleBreak | undefined {
  const differs = (at: string, wanted: string): RuleBreak => ({ code: 'law_differs', at, wanted });
  if (law.id !== contest.id) return differs('id', contest.id);
  if (law.rule !== contest.law) return differs('rule', contest.law);
  if (law.seats !== contest.seats) return differs('seats', `${contest.seats}`);
  if (law.choices !== contest.choicesMax) return differs('choices', `${contest.choicesMax}`);
  if (law.blank_allowed !== contest.blankAllowed) return differs('blank_allowed', `${contest.blankAllowed}`);
  if (law.candidates.length !== list.candidates.length)
    return differs('candidates', `${list.candidates.length} candidates`);
  for (const [i, { code }] of list.candidates.entries()) {
    const candidate = law.candidates[i];
    if (candidate?.id !== code) return differs(`candidates[${i}].id`, `the code ${code}`);
    if (candidate.withdrawn !== null)
      return differs(`candidates[${i}].withdrawn`, 'null: withdrawals are amendments');
  }
  for (const [i, group] of law.lists.entries())
    for (const code of group.candidates) {
      const candidate = list.candidates.find((one) => one.code === code);
      if (candidate?.list === undefined || listId(candidate.list) !== group.id)
        return differs(`lists[${i}]`, `candidate ${code} under the list of the candidate list`);
    }
  const listed = law.lists.reduce((sum, group) => sum + group.candidates.length, 0);
  if (
    law.rule === 'council_lists' &&
    listed !== list.candidates.filter((one) => one.list !== undefined).length
  )
    return differs('lists', 'every candidate who is on a list');
  if (law.rule === 'majles' && law.threshold?.of !== denominator) return differs('threshold.of', denominator);
  const permille = contest.thresholdPermille;
  const share = law.threshold;
  if (permille !== undefined && share !== null && share.numerator * PERMILLE !== share.denominator * permille)
    return differs('threshold', `${permille} thousandths`);
  return undefined;
}

export interface LawFault {
  readonly code: 'file_missing' | 'law_not_bound' | 'digest_differs' | 'law_malformed' | 'law_differs';
  readonly at: string;
  readonly wanted: string;
}

/** Checks `law.json` against the package and its candidate lists; undefined where the package binds none. */
export function checkLawFile(
  crypto: Pick<Crypto, 'sha256'>,
  bytes: Bytes | undefined,
  election: string,
  signed: Package,
  lists: readonly CandidateList[],
): Result<Election | undefined, LawFault> {
  const fault = (code: LawFault['code'], field: string, wanted: string): Result<never, LawFault> =>
    failure({ code, at: field === '' ? LAW_FILE : `${LAW_FILE}: ${field}`, wanted });
  const { lawDigest } = signed;
  if (lawDigest === undefined)
    return bytes === undefined
      ? success(undefined)
      : fault('law_not_bound', '', 'a package that binds this file by its digest');
  if (bytes === undefined) return fault('file_missing', '', 'the election under the counting law');
  if (!equalBytes(crypto.sha256(bytes), lawDigest))
    return fault('digest_differs', '', `SHA-256 ${toHex(lawDigest)}`);
  if (bytes.length > LAW_FILE_BYTES_MAX)
    return fault('law_malformed', '', `at most ${LAW_FILE_BYTES_MAX} bytes`);
  const law = readElection(bytes);
  if (!law.ok) return fault('law_malformed', law.fault.path, law.fault.problem);
  if (law.value.election !== election) return fault('law_differs', '$.election', election);
  if (law.value.contests.length !== signed.contests.length)
    return fault('law_differs', '$.contests', `${signed.contests.length} contests`);
  for (const [i, contest] of signed.contests.entries()) {
    const broken = contestBreak(
      law.value.contests[i] as LawContest,
      contest,
      lists[i] as CandidateList,
      signed.settings.denominator,
    );
    if (broken !== undefined) return fault('law_differs', `$.contests[${i}].${broken.at}`, broken.wanted);
  }
  return success(law.value);
}

/** What `outcomeOf` needs of a Provisioning. */
export interface LawInForce {
  readonly election: string;
  readonly package: { readonly settings: Settings };
  readonly law?: Election | undefined;
  readonly amendments: readonly { readonly amendment: Amendment }[];
}

/**
 * The law with the package's withdrawals: before the vote if in force by the last hour of voting, and later, in a
 * first round, before the runoff. Undefined where the package binds no law.
 */
export function lawInForce(provisioning: LawInForce): Election | undefined {
  if (provisioning.law === undefined) return undefined;
  let { closesAt } = provisioning.package.settings;
  for (const { amendment } of provisioning.amendments)
    if (amendment.change.kind === 'hours_changed') closesAt = amendment.change.closesAt;
  const contests = provisioning.law.contests.map((contest) => ({
    ...contest,
    candidates: [...contest.candidates],
  }));
  for (const { amendment } of provisioning.amendments) {
    if (amendment.change.kind !== 'candidate_withdrawn') continue;
    const contest = contests[amendment.change.contest];
    const candidate = contest?.candidates[amendment.change.candidate];
    if (contest === undefined || candidate === undefined)
      throw new RangeError('an amendment of another package');
    const late = amendment.effectiveAt > closesAt;
    if (late && contest.runoff === null) continue; // the vote is over, and no other round follows
    contest.candidates[amendment.change.candidate] = {
      id: candidate.id,
      withdrawn: late ? 'before_runoff' : 'before_vote',
    };
  }
  return { election: provisioning.law.election, contests };
}

/** A slip as the law's box: the station's id, and its sums of each contest. */
export function boxOfSlip(law: Election, slip: Pick<Slip, 'stationId' | 'totals'>): Result<Box, Refusal> {
  const contests: Box['contests'][number][] = [];
  for (const total of slip.totals) {
    const contest = law.contests[total.contest];
    if (contest === undefined)
      return failure({ path: `$.totals[${contests.length}]`, problem: 'no contest of this election' });
    const { records, valid, blank, invalid, marks, undervotes } = total;
    // Votes that may not be counted never reach a box's records: they stand in the tarefe and paper ledgers.
    const counts = { records, valid, blank, invalid, not_counted: 0, marks, undervotes };
    const sums = sumsFromCounts(contest, counts, total.candidates);
    if (!sums.ok) return sums;
    contests.push(sums.value);
  }
  return success({ id: slip.stationId, contests });
}

/**
 * The outcome of the election from the slips given, in any order; a refusal names the station whose slip the law
 * cannot take.
 * @param lotsSeed null: a tie stays a tie that needs a draw
 */
export function outcomeOf(
  provisioning: LawInForce,
  slips: Iterable<Pick<Slip, 'stationId' | 'totals'>>,
  lotsSeed: string | null,
): Result<Outcome, Refusal> {
  const law = lawInForce(provisioning);
  if (law === undefined)
    return failure({ path: LAW_FILE, problem: 'the package of this election binds no law' });
  const count = createCount(law);
  for (const slip of slips) {
    const listed = slip.totals.map(({ contest, candidates, ...counts }) => ({
      contest,
      counts: { ...counts, not_counted: 0 },
      votes: candidates,
    }));
    if (count.addListed(slip.stationId, listed)) continue;
    const box = boxOfSlip(law, slip);
    const added = box.ok ? count.add(box.value) : box;
    if (!added.ok)
      return failure({
        path: `slip of ${slip.stationId}: ${added.fault.path}`,
        problem: added.fault.problem,
      });
  }
  return count.outcome(lotsSeed);
}
