/**
 * Verifies an outcome from its numbers, by other means than those that made it: what must hold is written down
 * and tested, rather than the rule run a second time.
 */
import { articleOf, runoffArticle, seatArticle } from './articles.ts';
import { checkLists } from './check-lists.ts';
import {
  byOf,
  checkAlternates,
  checkLots,
  checkPlaces,
  isByRank,
  isInOrder,
  type Report,
  sameIds,
} from './check-places.ts';
import { checkSums } from './check-sums.ts';
import type { Contest, Election } from './election.ts';
import { compareIds, compareProducts } from './exact.ts';
import { LOT_RULE, type Lottery } from './lots.ts';
import type { Certificate, DividedName, DrawKind, Outcome, TallyLine, ThresholdReport } from './outcome.ts';
import type { Box } from './sums.ts';

export interface Fault {
  readonly contest: string;
  readonly problem: string;
}

/** Everything that is wrong with an outcome, given the boxes; empty if it is right. */
export function checkOutcome(election: Election, boxes: readonly Box[], outcome: Outcome): Fault[] {
  if (outcome.election !== election.election || outcome.contests.length !== election.contests.length) {
    return [{ contest: '', problem: 'the outcome is of another election' }];
  }
  const faults: Fault[] = [];
  if (outcome.lots !== null && outcome.lots.rule !== LOT_RULE)
    faults.push({ contest: '', problem: 'unknown rule of lots' });
  election.contests.forEach((contest, i) => {
    const certificate = outcome.contests[i] as Certificate;
    const report: Report = (problem) => faults.push({ contest: contest.id, problem });
    const listVotes = checkSums(contest, boxes, certificate, report);
    faults.push(...checkCertificate(election, contest, certificate, outcome.lots?.seed ?? null, listVotes));
  });
  return faults;
}

/** Whether a certificate follows from its own tally. `listVotes` adds what only the boxes can say. */
export function checkCertificate(
  election: Election,
  contest: Contest,
  certificate: Certificate,
  seed: string | null,
  listVotes: ReadonlyMap<string, number> | null = null,
): Fault[] {
  const faults: Fault[] = [];
  const report: Report = (problem) => faults.push({ contest: contest.id, problem });
  const lottery = seed === null ? null : { seed, election: election.election, contest: contest.id };
  if (
    certificate.contest !== contest.id ||
    certificate.rule !== contest.rule ||
    certificate.seats !== contest.seats
  ) {
    report('the certificate is of another contest');
    return faults;
  }
  checkTally(contest, certificate, report);
  const withdrawn = new Set(
    contest.candidates.filter((candidate) => candidate.withdrawn === 'before_vote').map(({ id }) => id),
  );
  for (const divided of certificate.namesakes) checkDivision(contest, divided, withdrawn, lottery, report);
  if (!isInOrder(certificate.namesakes.map(({ box, name }) => `${box}\n${name}`)))
    report('the shared names are not in order');
  checkThresholds(contest, certificate, report);
  checkSeats(contest, certificate, report);
  const waiting = certificate.namesakes.some(({ remainder, order }) => remainder > 0 && order === null);
  if (waiting) {
    const { undecided, alternates, ties, vacant, lists } = certificate;
    const given = alternates.length + ties.length + vacant.length;
    if (undecided !== contest.seats || given > 0 || lists !== null)
      report('places are given before the names are shared');
  } else {
    checkRule(contest, certificate, lottery, listVotes, report);
  }
  checkArticles(contest, certificate, report);
  return faults;
}

function checkTally(contest: Contest, { tally, namesakes }: Certificate, report: Report): void {
  if (
    !sameIds(
      tally.map(({ candidate }) => candidate),
      contest.candidates.map(({ id }) => id),
    )
  ) {
    report('the tally does not hold every candidate once');
  }
  const withdrawn = new Map(contest.candidates.map((candidate) => [candidate.id, candidate.withdrawn]));
  const shared = new Map<string, number>();
  for (const { shares, order, remainder } of namesakes) {
    for (const { candidate, share } of shares) shared.set(candidate, (shared.get(candidate) ?? 0) + share);
    for (const { id } of order?.slice(0, remainder) ?? []) shared.set(id, (shared.get(id) ?? 0) + 1);
  }
  tally.forEach((line, i) => {
    const who = line.candidate;
    if (line.votes !== line.own + line.shared) report(`${who}: votes are not own + shared`);
    if (line.shared !== (shared.get(who) ?? 0)) report(`${who}: shared votes are not those of the names`);
    if (line.withdrawn !== withdrawn.get(who)) report(`${who}: withdrawal does not agree with the election`);
    const next = tally[i + 1];
    if (next === undefined) return;
    if (next.votes > line.votes || (next.votes === line.votes && compareIds(next.candidate, who) <= 0)) {
      report(`${next.candidate} stands below ${who} in the tally`);
    }
  });
}

function checkDivision(
  contest: Contest,
  divided: DividedName,
  withdrawn: ReadonlySet<string>,
  lottery: Lottery | null,
  report: Report,
): void {
  const what = `the name ${divided.name} in box ${divided.box}`;
  const bearers = contest.namesakes.find(({ id }) => id === divided.name)?.candidates ?? [];
  const standing = bearers.filter((id) => !withdrawn.has(id));
  const sharing = divided.shares.map(({ candidate }) => candidate);
  if (!sameIds(standing, sharing) || !isInOrder(sharing)) report(`${what}: not among its bearers`);
  const total = divided.shares.reduce((sum, { own }) => sum + own, 0);
  const nothing = standing.length === 0 || (total === 0 && contest.namesakes_without_votes === 'not_shared');
  const fractions: string[] = [];
  let given = 0;
  for (const { candidate, own, share } of divided.shares) {
    given += share;
    if (nothing) {
      if (share !== 0) report(`${what}: shared although it is not to be`);
      continue;
    }
    const [part, whole] = total === 0 ? [1, divided.shares.length] : [own, total];
    const atLeast = compareProducts(divided.votes, part, share, whole);
    if (atLeast < 0 || compareProducts(divided.votes, part, share + 1, whole) >= 0) {
      report(`${what}: ${candidate} has not the whole votes of its proportion`);
    }
    if (atLeast > 0) fractions.push(candidate);
  }
  const remainder = nothing ? 0 : divided.votes - given;
  if (divided.remainder !== remainder || fractions.join('\n') !== divided.between.join('\n'))
    report(`${what}: wrong remainder`);
  if (remainder > 0) {
    checkLots(divided.order, divided.between, ['namesakes', divided.box, divided.name], lottery, report);
  } else if (divided.order !== null) report(`${what}: a draw without a remainder`);
}

function checkThresholds(contest: Contest, { thresholds, counts, tally }: Certificate, report: Report): void {
  const wanted = contest.threshold;
  if (wanted === null) {
    if (thresholds.length > 0) report('a threshold that the election does not have');
    return;
  }
  if (thresholds.map(({ of }) => of).join() !== 'all_votes,valid_votes')
    report('both denominators must be reported');
  const standing = tally.filter(({ withdrawn }) => withdrawn !== 'before_vote');
  for (const line of thresholds) {
    const { numerator, denominator, comparison, applied, of, base, needed } = line;
    const same = numerator === wanted.numerator && denominator === wanted.denominator;
    if (!same || comparison !== wanted.comparison || applied !== (of === wanted.of)) {
      report(`the threshold of ${of} is not the election's`);
    }
    if (base !== (of === 'all_votes' ? counts.records : counts.valid)) report(`the base of ${of} is wrong`);
    const reach = (votes: number): boolean => {
      const claim = compareProducts(votes, denominator, numerator, base);
      return votes > 0 && (comparison === 'more_than' ? claim > 0 : claim >= 0);
    };
    if (!reach(needed) || reach(needed - 1))
      report(`${needed} is not the least that meets the threshold of ${of}`);
    const meeting = standing.filter(({ votes }) => reach(votes)).map(({ candidate }) => candidate);
    if (meeting.join('\n') !== line.meeting.join('\n'))
      report(`not exactly those who meet the threshold of ${of} are named`);
  }
}

function checkSeats(contest: Contest, certificate: Certificate, report: Report): void {
  const { elected, vacant, runoff, undecided, tally, ties, status } = certificate;
  const empty = vacant.reduce((sum, { seats }) => sum + seats, 0);
  if (elected.length + empty + (runoff?.seats ?? 0) + undecided !== contest.seats)
    report('seats are lost or invented');
  const lines = new Map(tally.map((line) => [line.candidate, line]));
  if (!isByRank(elected)) report('the elected do not stand in order of votes');
  for (const { candidate, votes, article, party, by } of elected) {
    const line = lines.get(candidate);
    if (line === undefined || line.withdrawn === 'before_vote') report(`${candidate} cannot be elected`);
    else if (line.votes !== votes) report(`${candidate} is elected with other votes than the tally's`);
    if (votes < contest.minimum_votes) report(`${candidate} is elected without a vote`);
    if (article !== seatArticle(contest)) report(`${candidate} is elected by a wrong article`);
    if ((party === null) !== (contest.proportional === null))
      report(`${candidate} has no party or a wrong one`);
    const drawn = ties.filter((tie) => tie.draw === 'seats' || tie.party === (party ?? ''));
    if (by !== byOf(candidate, drawn)) report(`${candidate} is said to be elected ${by}, but was not`);
  }
  if (contest.proportional === null && certificate.lists !== null)
    report('lists that the rule does not know');
  checkOrderOfTies(certificate, report);
  for (const tie of ties) {
    if (tie.article !== 'tie_by_lot' || !isInOrder(tie.between))
      report('a tie stands with wrong particulars');
    if ((tie.party === null) !== (tie.draw !== 'list_members')) report('a tie is of a wrong party');
    if ((tie.votes === null) !== (tie.draw === 'list_seats')) report('a tie is of wrong votes');
    if (tie.draw !== 'seats' && tie.draw !== 'alternates' && tie.alternate_places !== 0) {
      report('a tie is for alternates although it is not among them');
    }
    if (!drawsOf(contest).includes(tie.draw)) report(`${tie.draw} is no draw of this rule`);
  }
  const open = undecided > 0 || ties.some(({ order }) => order === null);
  const expected = open ? 'needs_draw' : runoff === null ? 'decided' : 'runoff';
  if (status !== expected) report(`the status is ${status}, expected ${expected}`);
}

/** Seats first, party by party where there are parties, then alternates from the first place down. */
function checkOrderOfTies({ ties, lists }: Certificate, report: Report): void {
  const kinds: readonly DrawKind[] = ['seats', 'list_seats', 'list_members', 'alternates', 'runoff'];
  const parties = lists?.parties.map(({ party }) => party) ?? [];
  ties.forEach((tie, i) => {
    const before = ties[i - 1];
    if (before === undefined) return;
    const later =
      kinds.indexOf(tie.draw) - kinds.indexOf(before.draw) ||
      parties.indexOf(tie.party ?? '') - parties.indexOf(before.party ?? '') ||
      (before.votes ?? 0) - (tie.votes ?? 0);
    if (later <= 0) report('the ties do not stand in order');
  });
}

function drawsOf(contest: Contest): readonly DrawKind[] {
  if (contest.proportional !== null) return ['list_seats', 'list_members', 'alternates'];
  return contest.threshold === null ? ['seats', 'alternates'] : ['seats', 'runoff'];
}

/** Seats stay empty for want of candidates, of votes, or of a runoff worth holding, and for no other reason. */
function checkVacancies(
  contest: Contest,
  certificate: Certificate,
  candidates: number,
  report: Report,
): void {
  const open = certificate.vacant.reduce((sum, { seats }) => sum + seats, 0);
  const reasons = certificate.vacant.map(({ reason }) => reason).join();
  if (certificate.vacant.some(({ article, seats }) => article !== 'vacant' || seats < 1))
    report('a vacancy without a reason');
  if (reasons === 'too_few_for_runoff') return;
  const noCandidate = Math.min(open, Math.max(0, contest.seats - candidates));
  const wanted = [noCandidate > 0 ? 'no_candidate' : '', open > noCandidate ? 'no_votes' : ''].filter(
    (word) => word !== '',
  );
  const named = certificate.vacant.find(({ reason }) => reason === 'no_candidate')?.seats ?? 0;
  if (reasons !== wanted.join() || named !== noCandidate)
    report('seats are vacant for other reasons than named');
}

function checkRule(
  contest: Contest,
  certificate: Certificate,
  lottery: Lottery | null,
  listVotes: ReadonlyMap<string, number> | null,
  report: Report,
): void {
  const { elected, ties, tally, alternates, runoff, undecided } = certificate;
  const standing = tally.filter(({ withdrawn }) => withdrawn !== 'before_vote');
  const eligible = standing.filter(({ votes }) => votes >= contest.minimum_votes);
  const taken = elected.map(({ candidate }) => candidate);
  const applied = certificate.thresholds.find((line) => line.applied);
  if (applied === undefined) checkVacancies(contest, certificate, standing.length, report);
  if (contest.proportional !== null) {
    checkLists({ contest, chosen: contest.proportional, certificate, standing, listVotes, lottery }, report);
    if (undecided > 0) return;
    const pool = eligible.filter(({ candidate }) => !taken.includes(candidate));
    const alternateTies = ties.filter(({ draw }) => draw === 'alternates');
    checkAlternates(
      { pool, seats: 0, wanted: contest.alternates, given: alternates, ties: alternateTies, lottery },
      report,
    );
    return;
  }
  const pool = applied === undefined ? eligible : standing.filter(({ votes }) => votes >= applied.needed);
  const seatTies = ties.filter(({ draw }) => draw === 'seats');
  checkPlaces(
    { what: 'seats', pool, places: contest.seats, taken, ties: seatTies, draw: ['seats'], lottery },
    report,
  );
  const ranked = ties.filter(({ draw }) => draw !== 'runoff');
  checkAlternates(
    { pool, seats: contest.seats, wanted: contest.alternates, given: alternates, ties: ranked, lottery },
    report,
  );
  if (applied !== undefined) checkRunoff(contest, certificate, applied, standing, lottery, report);
  else if (runoff !== null) report('a runoff that the rule does not know');
}

function checkRunoff(
  contest: Contest,
  certificate: Certificate,
  applied: ThresholdReport,
  standing: readonly TallyLine[],
  lottery: Lottery | null,
  report: Report,
): void {
  const { elected, runoff, ties, vacant, seats, undecided } = certificate;
  const rest = standing.filter(({ votes }) => votes < applied.needed);
  const gone = rest.filter(({ withdrawn }) => withdrawn !== null).map(({ candidate }) => candidate);
  const remaining = seats - elected.length - undecided;
  const able = rest.length - gone.length;
  const nobodyVoted = contest.minimum_votes > 0 && standing.every(({ votes }) => votes === 0);
  const votesButTooFew = able > 0 && !nobodyVoted && able <= remaining;
  const tooFew = votesButTooFew && contest.runoff?.too_few === 'leave_vacant';
  const held = remaining > 0 && able > 0 && !nobodyVoted && !tooFew;
  if (held !== (runoff !== null)) report(held ? 'a runoff is missing' : 'a runoff without a seat for it');
  const skipped = vacant.some(({ reason }) => reason === 'too_few_for_runoff');
  if (skipped !== (tooFew && remaining > 0) || (skipped && vacant.length > 1)) report('a runoff is not held');
  checkVacancies(contest, certificate, elected.length + able, report);
  if (!held || runoff === null) return;
  if (vacant.length > 0) report('vacant seats beside a runoff');
  const places = remaining * (contest.runoff?.per_seat ?? 2);
  if (runoff.seats !== remaining || runoff.places !== places) report('the runoff has other seats or places');
  if (runoff.withdrawn.join('\n') !== gone.join('\n')) report('the runoff names others as withdrawn');
  if (runoff.article !== runoffArticle(contest)) report('the runoff rests on a wrong article');
  const runoffTies = ties.filter(({ draw }) => draw === 'runoff');
  const replaced = contest.runoff?.replacement !== 'none';
  const pool = replaced ? rest.filter(({ candidate }) => !gone.includes(candidate)) : rest;
  const named = runoff.candidates.map(({ candidate }) => candidate);
  if (!isByRank(runoff.candidates)) report('the runoff does not stand in order of votes');
  for (const { candidate, votes, by } of runoff.candidates) {
    const own = rest.find((line) => line.candidate === candidate)?.votes;
    if (own !== votes || by !== byOf(candidate, runoffTies))
      report(`${candidate} enters the runoff with wrong particulars`);
  }
  if (named.some((id) => gone.includes(id))) report('somebody who withdrew stands in the runoff');
  // Those who withdrew and are not replaced took their places all the same; who they are follows from the tally.
  const absent = replaced ? [] : gone.filter((id) => heldPlace(id, pool, places, runoffTies));
  checkPlaces(
    {
      what: 'runoff',
      pool,
      places,
      taken: [...named, ...absent],
      ties: runoffTies,
      draw: ['runoff'],
      lottery,
    },
    report,
  );
}

function heldPlace(
  id: string,
  pool: readonly TallyLine[],
  places: number,
  ties: Certificate['ties'],
): boolean {
  const votes = pool.find(({ candidate }) => candidate === id)?.votes ?? 0;
  const tie = ties[0];
  if (tie?.between.includes(id)) return (tie.order ?? []).slice(0, tie.places).some((lot) => lot.id === id);
  return pool.filter((other) => other.votes > votes).length < places;
}

function checkArticles(contest: Contest, certificate: Certificate, report: Report): void {
  const { elected, alternates, vacant, ties, runoff, articles, namesakes } = certificate;
  const relied = new Set([seatArticle(contest)]);
  for (const { article } of [
    ...elected,
    ...alternates,
    ...vacant,
    ...ties,
    ...(runoff === null ? [] : [runoff]),
  ]) {
    relied.add(article);
  }
  if (namesakes.length > 0) relied.add('namesakes');
  if (contest.candidates.some(({ withdrawn }) => withdrawn !== null)) relied.add('withdrawn');
  const keys = articles.map(({ key }) => key);
  if (!sameIds(keys, [...relied]) || !isInOrder(keys)) report('the articles cited are not those relied on');
  for (const { key, law, article, confidence } of articles) {
    const known = relied.has(key) ? articleOf(contest, key) : null;
    if (known?.law !== law || known.article !== article || known.confidence !== confidence) {
      report(`the article ${key} is not the election's`);
    }
  }
}
