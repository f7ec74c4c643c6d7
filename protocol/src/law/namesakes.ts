/** Votes of a bare name that several candidates bear, shared box by box (Majles Election Law, art. 23 note 2). */
import type { Contest, Namesakes } from './election.ts';
import { compareIds, divideProduct } from './exact.ts';
import { drawLots, type Lottery } from './lots.ts';
import type { DividedName, NameShare } from './outcome.ts';

export interface NameDivision {
  readonly box: string;
  readonly name: string;
  readonly votes: number;
  /** Own votes in this box, in the order of the namesakes in the election. */
  readonly own: readonly number[];
}

/** Shares one name's votes among those of its bearers who stand. */
function divideName(
  contest: Contest,
  name: Namesakes,
  division: NameDivision,
  withdrawn: ReadonlySet<string>,
  lottery: Lottery | null,
): DividedName {
  const { box, votes } = division;
  const bearers = name.candidates
    .map((candidate, i) => ({ candidate, own: division.own[i] ?? 0 }))
    .filter(({ candidate }) => !withdrawn.has(candidate))
    .sort((a, b) => compareIds(a.candidate, b.candidate));
  const ownTotal = bearers.reduce((sum, { own }) => sum + own, 0);
  const base = { box, name: name.id, votes };
  if (bearers.length === 0 || (ownTotal === 0 && contest.namesakes_without_votes === 'not_shared')) {
    const shares = bearers.map((bearer): NameShare => ({ ...bearer, share: 0 }));
    return { ...base, shares, remainder: 0, between: [], order: null };
  }
  const between: string[] = [];
  let remainder = votes;
  const shares = bearers.map(({ candidate, own }): NameShare => {
    // Without any own vote in the box there is no proportion: equal parts.
    const part =
      ownTotal === 0 ? divideProduct(votes, 1, bearers.length) : divideProduct(votes, own, ownTotal);
    remainder -= part.quotient;
    if (part.remainder > 0) between.push(candidate);
    return { candidate, own, share: part.quotient };
  });
  // The remainder is less than the number of those with a fraction, so each takes at most one vote more.
  const order =
    remainder > 0 && lottery !== null ? drawLots(lottery, ['namesakes', box, name.id], between) : null;
  return { ...base, shares, remainder, between, order };
}

export function divideNames(
  contest: Contest,
  divisions: readonly NameDivision[],
  lottery: Lottery | null,
): DividedName[] {
  const names = new Map(contest.namesakes.map((name) => [name.id, name]));
  const withdrawn = new Set(
    contest.candidates.filter((candidate) => candidate.withdrawn === 'before_vote').map(({ id }) => id),
  );
  return divisions
    .map((division) => {
      const name = names.get(division.name);
      if (name === undefined) throw new Error('a counted name is missing from its contest');
      return divideName(contest, name, division, withdrawn, lottery);
    })
    .sort((a, b) => compareIds(a.box, b.box) || compareIds(a.name, b.name));
}

export function needsDraw(divided: DividedName): boolean {
  return divided.remainder > 0 && divided.order === null;
}

/** Votes that each candidate gains from shared names; remainders not yet drawn are nobody's. */
export function sharedVotes(divided: readonly DividedName[]): Map<string, number> {
  const gained = new Map<string, number>();
  const give = (candidate: string, votes: number): void => {
    if (votes > 0) gained.set(candidate, (gained.get(candidate) ?? 0) + votes);
  };
  for (const { shares, remainder, order } of divided) {
    for (const { candidate, share } of shares) give(candidate, share);
    for (const { id } of (order ?? []).slice(0, remainder)) give(id, 1);
  }
  return gained;
}
