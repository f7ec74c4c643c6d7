/** From the sums of one contest to its certificate: pure, total, the same at station, province and verifier. */
import { articleOf, runoffArticle, seatArticle } from './articles.ts';
import type { ContestCount } from './count.ts';
import { type Decision, standing, toAlternates, vacancies } from './decision.ts';
import type { Contest, Denominator, Threshold } from './election.ts';
import { DENOMINATORS } from './election.ts';
import { divideProduct } from './exact.ts';
import { decideLists } from './lists.ts';
import type { Lottery } from './lots.ts';
import { divideNames, needsDraw, sharedVotes } from './namesakes.ts';
import type {
  Certificate,
  Runoff,
  Seat,
  Status,
  TallyLine,
  ThresholdReport,
  Tie,
  Vacancy,
} from './outcome.ts';
import { byRank, type DrawContext, fillPlaces, type Placed, type Ranked } from './ranking.ts';
import type { Counts } from './sums.ts';

const NOTHING_YET: Omit<Decision, 'undecided'> = {
  elected: [],
  alternates: [],
  runoff: null,
  vacant: [],
  ties: [],
  lists: null,
};

export function decideContest(contest: Contest, count: ContestCount, lottery: Lottery | null): Certificate {
  const namesakes = divideNames(contest, count.divisions, lottery);
  const shared = sharedVotes(namesakes);
  const tally = tallyOf(contest, count.own, shared);
  const thresholds =
    contest.threshold === null ? [] : thresholdReports(contest.threshold, count.counts, standing(tally));
  // While a name's remainder is not drawn, nobody's number of votes is final: nothing rests on it.
  const decision = namesakes.some(needsDraw)
    ? { ...NOTHING_YET, undecided: contest.seats }
    : decisionOf(contest, tally, thresholds, count.list_votes, lottery);
  const open = decision.undecided > 0 || decision.ties.some(({ order }) => order === null);
  const status: Status = open ? 'needs_draw' : decision.runoff === null ? 'decided' : 'runoff';
  const { elected, alternates, runoff, vacant, ties, lists, undecided } = decision;
  const cited = new Set<string>([seatArticle(contest)]);
  for (const { article } of [...elected, ...alternates, ...vacant, ...ties]) cited.add(article);
  if (runoff !== null) cited.add(runoff.article);
  if (namesakes.length > 0) cited.add('namesakes');
  if (contest.candidates.some(({ withdrawn }) => withdrawn !== null)) cited.add('withdrawn');
  return {
    contest: contest.id,
    rule: contest.rule,
    status,
    seats: contest.seats,
    undecided,
    boxes: count.boxes,
    counts: { ...count.counts },
    tally,
    namesakes,
    thresholds,
    lists,
    elected,
    alternates,
    runoff,
    vacant,
    ties,
    articles: [...cited].sort().map((key) => ({ key, ...articleOf(contest, key) })),
  };
}

function decisionOf(
  contest: Contest,
  tally: readonly TallyLine[],
  thresholds: readonly ThresholdReport[],
  listVotes: readonly number[],
  lottery: Lottery | null,
): Decision {
  if (contest.proportional !== null) {
    return decideLists(contest, contest.proportional, tally, listVotes, lottery);
  }
  if (contest.threshold !== null) return decideFirstRound(contest, tally, thresholds, lottery);
  return decidePlurality(contest, tally, lottery);
}

function tallyOf(contest: Contest, own: readonly number[], shared: ReadonlyMap<string, number>): TallyLine[] {
  return contest.candidates
    .map(({ id, withdrawn }, i) => {
      const ownVotes = own[i] as number;
      const sharedVotes = shared.get(id) ?? 0;
      return { candidate: id, votes: ownVotes + sharedVotes, own: ownVotes, shared: sharedVotes, withdrawn };
    })
    .sort(byRank);
}

function thresholdReports(
  threshold: Threshold,
  counts: Readonly<Counts>,
  ranked: readonly Ranked[],
): ThresholdReport[] {
  return DENOMINATORS.map((of) => {
    const base = baseOf(counts, of);
    const needed = votesNeeded(threshold, base);
    return {
      of,
      applied: of === threshold.of,
      numerator: threshold.numerator,
      denominator: threshold.denominator,
      comparison: threshold.comparison,
      base,
      needed,
      meeting: ranked.filter(({ votes }) => votes >= needed).map(({ candidate }) => candidate),
    };
  });
}

function baseOf(counts: Readonly<Counts>, of: Denominator): number {
  return of === 'all_votes' ? counts.records : counts.valid;
}

/** Never below 1: a share of nothing is met by nobody. */
function votesNeeded(threshold: Threshold, base: number): number {
  const { quotient, remainder } = divideProduct(base, threshold.numerator, threshold.denominator);
  const needed = threshold.comparison === 'more_than' || remainder > 0 ? quotient + 1 : quotient;
  return Math.max(1, needed);
}

function toSeats(placed: readonly Placed[], article: string): Seat[] {
  return placed
    .map(({ candidate, votes, by }) => ({ candidate, votes, by, party: null, article }))
    .sort(byRank);
}

function decidePlurality(contest: Contest, tally: readonly TallyLine[], lottery: Lottery | null): Decision {
  const candidates = standing(tally);
  const eligible = candidates.filter(({ votes }) => votes >= contest.minimum_votes);
  const context: DrawContext = { seats: 'seats', party: null, lottery };
  const filled = fillPlaces(eligible, contest.seats, contest.alternates, context);
  const open = contest.seats - filled.seated.length - filled.undecided;
  return {
    elected: toSeats(filled.seated, seatArticle(contest)),
    alternates: toAlternates(filled),
    runoff: null,
    vacant: vacancies(open, contest.seats, candidates.length),
    ties: filled.ties,
    undecided: filled.undecided,
    lists: null,
  };
}

/** Majles and president: who meets the threshold among the top N, and a runoff for the seats that remain. */
function decideFirstRound(
  contest: Contest,
  tally: readonly TallyLine[],
  thresholds: readonly ThresholdReport[],
  lottery: Lottery | null,
): Decision {
  const needed = thresholds.find(({ applied }) => applied)?.needed;
  if (needed === undefined) throw new Error('a first round without its threshold');
  const candidates = standing(tally);
  const meeting = candidates.filter(({ votes }) => votes >= needed);
  const filled = fillPlaces(meeting, contest.seats, 0, { seats: 'seats', party: null, lottery });
  const elected = toSeats(filled.seated, seatArticle(contest));
  const base = { elected, alternates: [], runoff: null, vacant: [], lists: null };
  const remaining = contest.seats - filled.seated.length - filled.undecided;
  if (remaining === 0) return { ...base, ties: filled.ties, undecided: filled.undecided };
  // Seats remain only if all who meet the threshold are elected, so there is no tie so far.
  const rest = candidates.slice(meeting.length);
  const able = rest.filter(({ withdrawn }) => withdrawn === null);
  const nobodyVoted = contest.minimum_votes > 0 && candidates.every(({ votes }) => votes === 0);
  if (able.length === 0 || nobodyVoted) {
    const vacant = vacancies(remaining, contest.seats, elected.length + able.length);
    return { ...base, vacant, ties: [], undecided: 0 };
  }
  if (able.length <= remaining && contest.runoff?.too_few === 'leave_vacant') {
    const vacant: Vacancy[] = [{ seats: remaining, reason: 'too_few_for_runoff', article: 'vacant' }];
    return { ...base, vacant, ties: [], undecided: 0 };
  }
  const { runoff, ties } = runoffOf(contest, remaining, rest, lottery);
  return { ...base, runoff, ties, undecided: 0 };
}

function runoffOf(
  contest: Contest,
  remaining: number,
  rest: readonly TallyLine[],
  lottery: Lottery | null,
): { runoff: Runoff; ties: readonly Tie[] } {
  const places = remaining * (contest.runoff?.per_seat ?? 2);
  const gone = new Set(rest.filter(({ withdrawn }) => withdrawn !== null).map(({ candidate }) => candidate));
  const considered =
    contest.runoff?.replacement === 'none' ? rest : rest.filter(({ candidate }) => !gone.has(candidate));
  const filled = fillPlaces(considered, places, 0, { seats: 'runoff', party: null, lottery });
  return {
    runoff: {
      seats: remaining,
      places,
      candidates: filled.seated
        .filter(({ candidate }) => !gone.has(candidate))
        .map(({ candidate, votes, by }) => ({ candidate, votes, by }))
        .sort(byRank),
      withdrawn: rest.map(({ candidate }) => candidate).filter((candidate) => gone.has(candidate)),
      article: runoffArticle(contest),
    },
    ties: filled.ties,
  };
}
