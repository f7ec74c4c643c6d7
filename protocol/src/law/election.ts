/**
 * An election as the counting law sees it: plain data, every unsettled fact a setting.
 * Field names are those of the JSON form in docs/LAW.md, so that one vocabulary serves file, code and minutes.
 */

export const RULES = [
  'plurality',
  'majles',
  'president',
  'experts',
  'city_council',
  'rural_council',
  'council_lists',
  'runoff',
] as const;
export type Rule = (typeof RULES)[number];

export const DENOMINATORS = ['all_votes', 'valid_votes'] as const;
/** `all_votes`: valid, blank and invalid-but-counted records. `valid_votes`: valid records only. */
export type Denominator = (typeof DENOMINATORS)[number];

export const COMPARISONS = ['at_least', 'more_than'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export interface Threshold {
  readonly numerator: number;
  readonly denominator: number;
  readonly of: Denominator;
  readonly comparison: Comparison;
}

export const WITHDRAWALS = ['before_vote', 'before_runoff'] as const;
/** `before_runoff`: the votes of this round stand; the candidate does not enter the runoff. */
export type Withdrawal = (typeof WITHDRAWALS)[number];

export interface Candidate {
  readonly id: string;
  readonly withdrawn: Withdrawal | null;
}

export const BEYOND_SEATS = ['extra_ignored', 'fall_from_end'] as const;
/**
 * Which written names are beyond the choices allowed.
 * `extra_ignored`: non-candidates and repeats are passed over first. `fall_from_end`: they take up their place.
 */
export type BeyondSeats = (typeof BEYOND_SEATS)[number];

export const WITHDRAWN_VOTES = ['as_non_candidate', 'valid_without_effect'] as const;
export type WithdrawnVotes = (typeof WITHDRAWN_VOTES)[number];

export const NAMESAKES_WITHOUT_VOTES = ['equal_shares', 'not_shared'] as const;
export type NamesakesWithoutVotes = (typeof NAMESAKES_WITHOUT_VOTES)[number];

/** A name that several candidates bear, as it is written when nothing tells them apart. */
export interface Namesakes {
  readonly id: string;
  readonly candidates: readonly string[];
}

export const REPLACEMENTS = ['next_in_rank', 'none'] as const;
export const TOO_FEW = ['hold_runoff', 'leave_vacant'] as const;
export interface RunoffSettings {
  readonly per_seat: number;
  readonly replacement: (typeof REPLACEMENTS)[number];
  readonly too_few: (typeof TOO_FEW)[number];
}

export const FORMULAS = ['largest_remainder_hare', 'dhondt', 'sainte_lague'] as const;
export type Formula = (typeof FORMULAS)[number];
export const LIST_VOTES = ['member_votes', 'list_codes'] as const;
export const INDEPENDENTS = ['pooled', 'each_alone'] as const;
export const WITHIN_LIST = ['member_votes', 'list_order'] as const;
export interface Proportional {
  readonly formula: Formula;
  readonly list_votes: (typeof LIST_VOTES)[number];
  readonly independents: (typeof INDEPENDENTS)[number];
  readonly within_list: (typeof WITHIN_LIST)[number];
}

export interface CandidateList {
  readonly id: string;
  readonly candidates: readonly string[];
}

export const CONFIDENCES = ['H', 'M', 'L'] as const;
/** A reference to the law, as data: the text may be renumbered, and some references are not verified. */
export interface Article {
  readonly law: string;
  readonly article: string | null;
  readonly confidence: (typeof CONFIDENCES)[number];
}

export const RUNOFF_OF = ['majles', 'president'] as const;

export interface Contest {
  readonly id: string;
  readonly rule: Rule;
  /** Only under rule `runoff`: the law of the first round, for the article that is cited. */
  readonly runoff_of: (typeof RUNOFF_OF)[number] | null;
  readonly seats: number;
  /** N: the most names a voter may mark. */
  readonly choices: number;
  readonly alternates: number;
  readonly candidates: readonly Candidate[];
  readonly blank_allowed: boolean;
  readonly beyond_seats: BeyondSeats;
  readonly withdrawn_votes: WithdrawnVotes;
  /** Fewer votes than this take neither seat nor alternate's place: 1 unless told, 0 for the other reading. */
  readonly minimum_votes: 0 | 1;
  readonly namesakes: readonly Namesakes[];
  readonly namesakes_without_votes: NamesakesWithoutVotes;
  readonly threshold: Threshold | null;
  readonly runoff: RunoffSettings | null;
  readonly proportional: Proportional | null;
  readonly lists: readonly CandidateList[];
  readonly articles: ReadonlyMap<string, Article>;
}

export interface Election {
  readonly election: string;
  readonly contests: readonly Contest[];
}

export const ELECTION_FORM = 'sandoq.law.election/1';
export const RESULTS_FORM = 'sandoq.law.results/1';
export const OUTCOME_FORM = 'sandoq.law.outcome/1';
export const REFUSAL_FORM = 'sandoq.law.refusal/1';

/** All constituencies of the country on one day, with room. */
export const CONTESTS_MAX = 2_000;
/** Tehran had on the order of 3,500 candidates in one constituency (1402). */
export const CANDIDATES_MAX = 20_000;
export const SEATS_MAX = 1_000;
export const CHOICES_MAX = 1_000;
export const ALTERNATES_MAX = 1_000;
export const LISTS_MAX = 1_000;
export const NAMESAKES_MAX = 1_000;
export const ID_LENGTH_MAX = 128;
export const TEXT_LENGTH_MAX = 512;
export const SEED_LENGTH_MAX = 256;
export const RATIO_MAX = 1_000_000;
export const PER_SEAT_MAX = 100;
/** 58,640 stations and 344 abroad (1403), with room. */
export const BOXES_MAX = 200_000;
/** Records of one box, and of all boxes of one contest together: sixteen times the eligible voters. */
export const RECORDS_MAX = 1_000_000_000;
/** RECORDS_MAX × CHOICES_MAX: keeps every sum a safe integer. */
export const MARKS_MAX = 1_000_000_000_000;

export const CITY_COUNCIL_SEATS: readonly number[] = [5, 7, 9, 11, 13, 15, 21];
export const RURAL_COUNCIL_SEATS: readonly number[] = [3, 5];
/** The party that pooled independents form; no list may be called so. */
export const INDEPENDENTS_PARTY = 'independents';

/** Rules whose alternates the law knows or may know. */
export const RULES_WITH_ALTERNATES: readonly Rule[] = [
  'plurality',
  'city_council',
  'rural_council',
  'council_lists',
];
export const RULES_WITH_THRESHOLD: readonly Rule[] = ['majles', 'president'];
