/** Tehran's council: seats to lists and independents in proportion, then to persons. Every choice here is a setting. */

import { apportion, type Party } from './apportion.ts';
import { seatArticle } from './articles.ts';
import { type Decision, standing, toAlternates, vacancies } from './decision.ts';
import { type Contest, INDEPENDENTS_PARTY, type Proportional } from './election.ts';
import { compareIds } from './exact.ts';
import type { Lottery } from './lots.ts';
import type { PartyKind, PartyLine, Seat, TallyLine, Tie } from './outcome.ts';
import { byRank, fillPlaces, type Placed, type Ranked } from './ranking.ts';

interface Members extends Party {
  readonly kind: PartyKind;
  /** Who can take a seat, in the order in which seats go to them where no tie intervenes. */
  readonly eligible: readonly Ranked[];
}

export function decideLists(
  contest: Contest,
  chosen: Proportional,
  tally: readonly TallyLine[],
  listVotes: readonly number[],
  lottery: Lottery | null,
): Decision {
  const candidates = standing(tally);
  const parties = partiesOf(contest, chosen, candidates, listVotes);
  const { seats, passes, tie } = apportion(chosen.formula, contest.seats, parties, lottery);
  const article = seatArticle(contest);
  const elected: Seat[] = [];
  const ties: Tie[] = tie === null ? [] : [tie];
  let undecided = tie !== null && tie.order === null ? tie.places : 0;
  parties.forEach((party, i) => {
    const filled = seatMembers(party, seats[i] as number, chosen, lottery);
    ties.push(...filled.ties);
    undecided += filled.undecided;
    for (const { candidate, votes, by } of filled.seated) {
      elected.push({ candidate, votes, by, party: party.party, article });
    }
  });
  elected.sort(byRank);
  const open = contest.seats - elected.length - undecided;
  const base = {
    elected,
    runoff: null,
    vacant: vacancies(open, contest.seats, candidates.length),
    undecided,
  };
  const report = {
    ...chosen,
    passes,
    parties: parties.map((party, i): PartyLine => {
      const { kind, votes, capacity } = party;
      return { party: party.party, kind, votes, capacity, seats: seats[i] as number };
    }),
  };
  // Who is left over is known only once every seat is.
  if (undecided > 0) return { ...base, alternates: [], ties, lists: report };
  const seated = new Set(elected.map(({ candidate }) => candidate));
  const left = candidates.filter(
    ({ candidate, votes }) => votes >= contest.minimum_votes && !seated.has(candidate),
  );
  const filled = fillPlaces(left, 0, contest.alternates, { seats: 'seats', party: null, lottery });
  return { ...base, alternates: toAlternates(filled), ties: [...ties, ...filled.ties], lists: report };
}

/** Lists, then independents as one pool or each alone; most votes first, equal votes by id. */
function partiesOf(
  contest: Contest,
  chosen: Proportional,
  candidates: readonly TallyLine[],
  listVotes: readonly number[],
): Members[] {
  const lines = new Map(candidates.map((line) => [line.candidate, line]));
  const listed = new Set(contest.lists.flatMap((list) => list.candidates));
  const party = (
    name: string,
    kind: PartyKind,
    members: readonly TallyLine[],
    votes: number | null,
  ): Members => {
    const eligible = members.filter((member) => member.votes >= contest.minimum_votes);
    const sum = members.reduce((total, member) => total + member.votes, 0);
    return { party: name, kind, votes: votes ?? sum, capacity: eligible.length, eligible };
  };
  const parties = contest.lists.map((list, i) => {
    const members = list.candidates.flatMap((id) => lines.get(id) ?? []);
    const ordered = chosen.within_list === 'list_order' ? members : [...members].sort(byRank);
    const byCode = chosen.list_votes === 'list_codes' ? (listVotes[i] as number) : null;
    return party(list.id, 'list', ordered, byCode);
  });
  const independents = candidates.filter(({ candidate }) => !listed.has(candidate));
  if (chosen.independents === 'each_alone') {
    for (const line of independents) parties.push(party(line.candidate, 'independent', [line], null));
  } else if (independents.length > 0) {
    parties.push(party(INDEPENDENTS_PARTY, 'pool', independents, null));
  }
  return parties.sort((a, b) => b.votes - a.votes || compareIds(a.party, b.party));
}

function seatMembers(
  party: Members,
  seats: number,
  chosen: Proportional,
  lottery: Lottery | null,
): { seated: readonly Placed[]; ties: readonly Tie[]; undecided: number } {
  if (party.kind === 'list' && chosen.within_list === 'list_order') {
    const seated = party.eligible
      .slice(0, seats)
      .map(({ candidate, votes }): Placed => ({ candidate, votes, by: 'rank' }));
    return { seated, ties: [], undecided: 0 };
  }
  return fillPlaces(party.eligible, seats, 0, { seats: 'list_members', party: party.party, lottery });
}
