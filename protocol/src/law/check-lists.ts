/** Checks a proportional outcome by inequalities: nobody's next seat has a better claim than anybody's last. */

import { checkLots, checkPlaces, isByRank, isInOrder, type Report } from './check-places.ts';
import { type Contest, INDEPENDENTS_PARTY, type Proportional } from './election.ts';
import { compareProducts } from './exact.ts';
import type { Lottery } from './lots.ts';
import type { Certificate, ListReport, PartyLine, TallyLine, Tie } from './outcome.ts';

export interface ListCheck {
  readonly contest: Contest;
  readonly chosen: Proportional;
  readonly certificate: Certificate;
  readonly standing: readonly TallyLine[];
  /** Records that carry each list's code, where the boxes are at hand. */
  readonly listVotes: ReadonlyMap<string, number> | null;
  readonly lottery: Lottery | null;
}

export function checkLists(check: ListCheck, report: Report): void {
  const { certificate, chosen, lottery } = check;
  const lists = certificate.lists;
  if (lists === null) {
    report('the report of the lists is missing');
    return;
  }
  if (
    lists.formula !== chosen.formula ||
    lists.list_votes !== chosen.list_votes ||
    lists.independents !== chosen.independents ||
    lists.within_list !== chosen.within_list
  ) {
    report('the lists were decided by other rules than the election chose');
  }
  const membersOf = partyMembers(check.contest, chosen, check.standing);
  if (lists.parties.length !== membersOf.size) report('parties are missing or invented');
  for (const party of lists.parties) {
    const members = membersOf.get(party.party);
    if (members === undefined) report(`${party.party} is no party of this contest`);
    else checkParty(check, party, members, report);
  }
  if (!isByRank(lists.parties.map(({ party, votes }) => ({ candidate: party, votes }))))
    report('parties are not in order');
  for (const { party, candidate } of certificate.elected) {
    if (membersOf.get(party ?? '')?.some((line) => line.candidate === candidate) !== true) {
      report(`${candidate} is elected for a party of others`);
    }
  }
  for (const { draw, party } of certificate.ties) {
    if (draw === 'list_members' && !membersOf.has(party ?? ''))
      report('a tie is of a party that there is not');
  }
  const seatTies = certificate.ties.filter(({ draw }) => draw === 'list_seats');
  if (seatTies.length > 1) report('more than one tie for seats of lists');
  const tie = seatTies[0] ?? null;
  if (tie !== null) checkLots(tie.order, tie.between, ['list_seats'], lottery, report);
  if (lists.formula !== 'largest_remainder_hare' && lists.passes.length > 0)
    report('passes that the formula does not know');
  for (const { set_aside } of lists.passes)
    if (!isInOrder(set_aside)) report('parties set aside are not in order');
  checkApportionment(lists, certificate.seats, tie, report);
}

function partyMembers(
  contest: Contest,
  chosen: Proportional,
  standing: readonly TallyLine[],
): Map<string, readonly TallyLine[]> {
  const parties = new Map<string, TallyLine[]>(contest.lists.map(({ id }) => [id, []]));
  const listOf = new Map(
    contest.lists.flatMap(({ id, candidates }) => candidates.map((c) => [c, id] as const)),
  );
  for (const line of standing) {
    const alone = chosen.independents === 'each_alone' ? line.candidate : INDEPENDENTS_PARTY;
    const party = listOf.get(line.candidate) ?? alone;
    const members = parties.get(party);
    if (members === undefined) parties.set(party, [line]);
    else members.push(line);
  }
  return parties;
}

function checkParty(check: ListCheck, party: PartyLine, members: readonly TallyLine[], report: Report): void {
  const { contest, chosen, certificate, lottery } = check;
  const kind = contest.lists.some(({ id }) => id === party.party)
    ? 'list'
    : chosen.independents === 'pooled'
      ? 'pool'
      : 'independent';
  if (party.kind !== kind) report(`${party.party} is not a ${party.kind}`);
  const eligible = members.filter(({ votes }) => votes >= contest.minimum_votes);
  if (party.capacity !== eligible.length)
    report(`${party.party} does not have ${party.capacity} eligible members`);
  const byCode = chosen.list_votes === 'list_codes' && party.kind === 'list';
  const codes = check.listVotes === null ? undefined : (check.listVotes.get(party.party) ?? 0);
  const votes = byCode ? codes : members.reduce((sum, line) => sum + line.votes, 0);
  if (votes !== undefined && votes !== party.votes)
    report(`${party.party} has ${votes} votes, not ${party.votes}`);
  const taken = certificate.elected
    .filter((seat) => seat.party === party.party)
    .map(({ candidate }) => candidate);
  const ties = certificate.ties.filter((tie) => tie.draw === 'list_members' && tie.party === party.party);
  if (party.kind === 'list' && chosen.within_list === 'list_order') {
    const order = contest.lists.find(({ id }) => id === party.party)?.candidates ?? [];
    const able = new Set(eligible.map(({ candidate }) => candidate));
    const first = order.filter((id) => able.has(id)).slice(0, party.seats);
    if (ties.length > 0 || first.length !== taken.length || first.some((id) => !taken.includes(id))) {
      report(`${party.party}: the seats did not go to the first of the list`);
    }
    return;
  }
  const draw = ['list_members', party.party];
  checkPlaces({ what: party.party, pool: eligible, places: party.seats, taken, ties, draw, lottery }, report);
}

function checkApportionment(lists: ListReport, seats: number, tie: Tie | null, report: Report): void {
  const able = lists.parties.filter(({ votes, capacity }) => votes > 0 && capacity > 0);
  const open = tie !== null && tie.order === null ? tie.places : 0;
  const given = lists.parties.reduce((sum, party) => sum + party.seats, 0);
  const room = able.reduce((sum, party) => sum + party.capacity, 0);
  if (given + open !== Math.min(seats, room))
    report(`${given} seats given and ${open} to be drawn of ${seats}`);
  for (const party of lists.parties) {
    if (party.seats > party.capacity) report(`${party.party} has more seats than members`);
    if (party.seats > 0 && party.votes === 0) report(`${party.party} has a seat without a vote`);
  }
  const lucky = new Set((tie?.order ?? []).slice(0, tie?.places ?? 0).map(({ id }) => id));
  const tied = new Set(tie?.between ?? []);
  // Seats without the tie's: what everybody was sure of before it.
  const sure = (party: PartyLine): number => party.seats - (lucky.has(party.party) ? 1 : 0);
  if (lists.formula === 'largest_remainder_hare') checkRemainders(lists, seats, able, sure, tied, report);
  else checkAverages(able, lists.formula === 'dhondt' ? 1 : 2, sure, tie, tied, report);
}

/** The least quotient that won a seat is not below the greatest that did not; equal ones are all in the tie. */
function checkAverages(
  able: readonly PartyLine[],
  step: 1 | 2,
  sure: (party: PartyLine) => number,
  tie: Tie | null,
  tied: ReadonlySet<string>,
  report: Report,
): void {
  const next = (party: PartyLine) => step * sure(party) + 1;
  const last = (party: PartyLine) => step * (sure(party) - 1) + 1;
  const waiting = able.filter((party) => sure(party) < party.capacity);
  for (const winner of able.filter((party) => sure(party) > 0)) {
    for (const loser of waiting) {
      const claim = compareProducts(winner.votes, next(loser), loser.votes, last(winner));
      if (claim < 0) report(`${loser.party} has a better claim than the last seat of ${winner.party}`);
      if (claim === 0 && loser.party !== winner.party)
        report(`${loser.party} and ${winner.party} tie without a draw`);
    }
  }
  if (tie === null) return;
  const border = waiting.filter((party) => tied.has(party.party));
  const reference = border[0];
  if (reference === undefined || border.length !== tied.size || tie.places >= tied.size) {
    report('the tie of the lists is not at the border of the seats');
    return;
  }
  for (const party of waiting) {
    const claim = compareProducts(party.votes, next(reference), reference.votes, next(party));
    if (tied.has(party.party) ? claim !== 0 : claim >= 0) report(`${party.party} and the tie do not agree`);
  }
}

/** Each pass sets aside whoever is entitled to all its members; then whole quotas, and the greatest remainders. */
function checkRemainders(
  lists: ListReport,
  seats: number,
  able: readonly PartyLine[],
  sure: (party: PartyLine) => number,
  tied: ReadonlySet<string>,
  report: Report,
): void {
  let left = seats;
  let open = able;
  for (const [i, pass] of lists.passes.entries()) {
    const votes = open.reduce((sum, party) => sum + party.votes, 0);
    if (pass.seats !== left || pass.votes !== votes)
      report(`pass ${i + 1} has other numbers than its parties`);
    const aside = new Set(pass.set_aside);
    for (const party of open) {
      const full = compareProducts(party.votes, left, party.capacity, votes) >= 0;
      if (full !== aside.has(party.party)) report(`pass ${i + 1} sets the wrong parties aside`);
      if (full && party.seats !== party.capacity) report(`${party.party} is entitled to all its members`);
    }
    left -= open.reduce((sum, party) => sum + (aside.has(party.party) ? party.capacity : 0), 0);
    open = open.filter((party) => !aside.has(party.party));
    const isLast = i === lists.passes.length - 1;
    if (!isLast && aside.size === 0) report(`pass ${i + 1} should be the last`);
    if (isLast && aside.size > 0 && left > 0 && open.length > 0) report('a pass is missing');
  }
  if (lists.passes.length === 0 && able.length > 0) report('the passes are missing');
  if (left === 0 || open.length === 0) return;
  const votes = BigInt(open.reduce((sum, party) => sum + party.votes, 0));
  // What a party has beyond its sure seats, in votes × seats: between 0 and one quota, below 0 if its remainder won.
  const claims = open.map((party) => {
    const excess = BigInt(party.votes) * BigInt(left) - BigInt(sure(party)) * votes;
    return { party: party.party, won: excess < 0n, remainder: excess < 0n ? excess + votes : excess };
  });
  for (const { party, remainder } of claims) {
    if (remainder < 0n || remainder >= votes) report(`${party} has not its whole quotas`);
  }
  const winners = claims.filter(({ won }) => won);
  const losers = claims.filter(({ won }) => !won);
  for (const loser of losers) {
    for (const winner of winners) {
      if (loser.remainder >= winner.remainder)
        report(`${loser.party} has a better remainder than ${winner.party}`);
    }
  }
  const border = losers.filter(({ party }) => tied.has(party));
  if (border.length !== tied.size) report('the tie of the lists is not at the border of the seats');
  for (const loser of losers) {
    const reference = border[0]?.remainder;
    if (reference === undefined) continue;
    if (tied.has(loser.party) ? loser.remainder !== reference : loser.remainder >= reference) {
      report(`${loser.party} and the tie do not agree`);
    }
  }
}
