/** The outcome: for each contest a certificate that carries the numbers, the articles, the ties and their draws. */
import type {
  Article,
  Comparison,
  Denominator,
  Formula,
  INDEPENDENTS,
  LIST_VOTES,
  Rule,
  WITHIN_LIST,
  Withdrawal,
} from './election.ts';
import type { Lot } from './lots.ts';
import type { Counts } from './sums.ts';

export interface TallyLine {
  readonly candidate: string;
  /** own + shared. */
  readonly votes: number;
  readonly own: number;
  /** From bare names shared with namesakes. */
  readonly shared: number;
  readonly withdrawn: Withdrawal | null;
}

export interface ThresholdReport {
  readonly of: Denominator;
  /** Whether this is the denominator that the election chose; the other is reported beside it. */
  readonly applied: boolean;
  readonly numerator: number;
  readonly denominator: number;
  readonly comparison: Comparison;
  readonly base: number;
  /** The least number of votes that meets the threshold. */
  readonly needed: number;
  readonly meeting: readonly string[];
}

export interface NameShare {
  readonly candidate: string;
  readonly own: number;
  /** Whole votes by proportion, before the remainder is drawn. */
  readonly share: number;
}

export interface DividedName {
  readonly box: string;
  readonly name: string;
  readonly votes: number;
  readonly shares: readonly NameShare[];
  readonly remainder: number;
  /** Who takes part in the draw of the remainder. */
  readonly between: readonly string[];
  /** Lots in the order drawn; the first `remainder` take one vote each. Null: not drawn. */
  readonly order: readonly Lot[] | null;
}

export type By = 'rank' | 'lot';

export interface Seat {
  readonly candidate: string;
  readonly votes: number;
  readonly by: By;
  /** The list, the independent's own id, or `independents`; null where the rule knows no lists. */
  readonly party: string | null;
  readonly article: string;
}

export interface AlternatePlace {
  readonly place: number;
  readonly candidate: string;
  readonly votes: number;
  readonly by: By;
  readonly article: string;
}

export interface RunoffEntry {
  readonly candidate: string;
  readonly votes: number;
  readonly by: By;
}

export interface Runoff {
  readonly seats: number;
  readonly places: number;
  readonly candidates: readonly RunoffEntry[];
  /** Who would stand in the runoff or be considered for it, but withdrew. */
  readonly withdrawn: readonly string[];
  readonly article: string;
}

export type VacancyReason = 'no_candidate' | 'no_votes' | 'too_few_for_runoff';

export interface Vacancy {
  readonly seats: number;
  readonly reason: VacancyReason;
  readonly article: string;
}

export type DrawKind = 'seats' | 'alternates' | 'runoff' | 'list_seats' | 'list_members';

export interface Tie {
  readonly draw: DrawKind;
  /** The list among whose members it is, under `list_members`. */
  readonly party: string | null;
  /** Seats (or runoff places) that the tied compete for. */
  readonly places: number;
  /** Alternates' places that they compete for, after the seats. */
  readonly alternate_places: number;
  /** Votes of each; null under `list_seats`, where quotients or remainders are equal. */
  readonly votes: number | null;
  /** Candidates, or parties under `list_seats`, in order of id. */
  readonly between: readonly string[];
  readonly order: readonly Lot[] | null;
  readonly article: string;
}

export type PartyKind = 'list' | 'independent' | 'pool';

export interface PartyLine {
  readonly party: string;
  readonly kind: PartyKind;
  readonly votes: number;
  /** Members who can take a seat. */
  readonly capacity: number;
  readonly seats: number;
}

/** One pass of the largest remainder: parties entitled to all their members or more are set aside, and it begins anew. */
export interface HarePass {
  readonly seats: number;
  readonly votes: number;
  readonly set_aside: readonly string[];
}

export interface ListReport {
  readonly formula: Formula;
  readonly list_votes: (typeof LIST_VOTES)[number];
  readonly independents: (typeof INDEPENDENTS)[number];
  readonly within_list: (typeof WITHIN_LIST)[number];
  readonly passes: readonly HarePass[];
  readonly parties: readonly PartyLine[];
}

export interface CitedArticle extends Article {
  readonly key: string;
}

export type Status = 'decided' | 'runoff' | 'needs_draw';

export interface Certificate {
  readonly contest: string;
  readonly rule: Rule;
  readonly status: Status;
  /** seats = elected + vacant + runoff.seats + undecided. */
  readonly seats: number;
  readonly undecided: number;
  readonly boxes: number;
  readonly counts: Readonly<Counts>;
  readonly tally: readonly TallyLine[];
  readonly namesakes: readonly DividedName[];
  readonly thresholds: readonly ThresholdReport[];
  readonly lists: ListReport | null;
  readonly elected: readonly Seat[];
  readonly alternates: readonly AlternatePlace[];
  readonly runoff: Runoff | null;
  readonly vacant: readonly Vacancy[];
  readonly ties: readonly Tie[];
  readonly articles: readonly CitedArticle[];
}

export interface Outcome {
  readonly form: string;
  readonly election: string;
  readonly lots: { readonly rule: string; readonly seed: string } | null;
  readonly contests: readonly Certificate[];
}
