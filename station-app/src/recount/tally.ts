/** Reads opened ballots by RECORDS.md ("A vote") and adds them up, then compares with a slip, each difference named. */
import type { records } from '@sandoq/protocol';

const NOT_IN_STYLE = 0;
const MARKED = 1;
const BLANK = 2;

export interface Total {
  records: number;
  valid: number;
  blank: number;
  invalid: number;
  marks: number;
  undervotes: number;
  readonly candidates: number[];
}

export interface Difference {
  readonly contest: string;
  readonly field: string;
  readonly slip: number;
  readonly recount: number;
}

export interface Tally {
  readonly totals: readonly Total[];
  /** records that are no ballot of this election */
  readonly unreadable: number;
}

export interface TallyRules {
  readonly contests: readonly records.Contest[];
  readonly withdrawn: readonly ReadonlySet<number>[];
}

/** @returns false where the bytes are not a ballot: version, contest, class, number and padding must all be right. */
function add(rules: TallyRules, totals: readonly Total[], plaintext: Buffer): boolean {
  const [version, contest = 0, kind, count = 0] = plaintext;
  const rule = rules.contests[contest];
  const total = totals[contest];
  if (version !== 1 || rule === undefined || total === undefined) return false;
  const places = (plaintext.length - 4) / 2;
  const numbers = Array.from({ length: places }, (_, i) => plaintext.readUInt16BE(4 + 2 * i));
  const chosen = numbers.slice(0, count);
  const padded = numbers.slice(count).every((number) => number === 0);
  const ascending = chosen.every((number, i) => i === 0 || number > (chosen[i - 1] as number));
  const inRange = count <= rule.choicesMax && chosen.every((number) => number < rule.candidatesCount);
  if (!padded || !ascending || !inRange) return false;
  if (kind === NOT_IN_STYLE) return count === 0;
  if (kind === BLANK && count === 0) {
    total.records++;
    total.blank++;
    return true;
  }
  if (kind !== MARKED || count === 0) return false;
  total.records++;
  const counted = chosen.filter((candidate) => !rules.withdrawn[contest]?.has(candidate));
  if (counted.length === 0) {
    total.invalid++;
    return true;
  }
  total.valid++;
  total.marks += counted.length;
  total.undervotes += rule.choicesMax - counted.length;
  for (const candidate of counted) total.candidates[candidate] = (total.candidates[candidate] as number) + 1;
  return true;
}

export function tally(rules: TallyRules, plaintexts: Iterable<Buffer | undefined>): Tally {
  const totals = rules.contests.map(
    ({ candidatesCount }): Total => ({
      records: 0,
      valid: 0,
      blank: 0,
      invalid: 0,
      marks: 0,
      undervotes: 0,
      candidates: new Array<number>(candidatesCount).fill(0),
    }),
  );
  let unreadable = 0;
  for (const plaintext of plaintexts) {
    if (plaintext === undefined || plaintext.length < 4 || !add(rules, totals, plaintext)) unreadable++;
    plaintext?.fill(0);
  }
  return { totals, unreadable };
}

const FIELDS = ['records', 'valid', 'blank', 'invalid', 'marks', 'undervotes'] as const;

/** Every number that is not the slip's; empty where all are. */
export function differences(rules: TallyRules, counted: Tally, slip: records.Slip): readonly Difference[] {
  return rules.contests.flatMap(({ id }, contest) => {
    const ours = counted.totals[contest] as Total;
    const theirs = slip.totals.find((total) => total.contest === contest);
    const found: Difference[] = [];
    const compare = (field: string, mine: number, other: number): void => {
      if (mine !== other) found.push({ contest: id, field, slip: other, recount: mine });
    };
    for (const field of FIELDS) compare(field, ours[field], theirs?.[field] ?? 0);
    ours.candidates.forEach((votes, candidate) => {
      compare(`candidates[${candidate}]`, votes, theirs?.candidates[candidate] ?? 0);
    });
    return found;
  });
}
