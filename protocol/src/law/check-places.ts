/**
 * Is this who won? Checked by what must be true of winners and losers, without running the rule that chose them,
 * so that a mistake there is not repeated here.
 */
import { compareIds } from './exact.ts';
import { type DrawName, type Lot, type Lottery, lotOf } from './lots.ts';
import type { AlternatePlace, By, Tie } from './outcome.ts';
import type { Ranked } from './ranking.ts';

export type Report = (problem: string) => void;

/** An order of lots is right if it holds everyone once, with the right hash, lowest first. */
export function checkLots(
  order: readonly Lot[] | null,
  between: readonly string[],
  draw: DrawName,
  lottery: Lottery | null,
  report: Report,
): void {
  const what = `the draw ${draw.join('/')}`;
  if (order === null || lottery === null) {
    if ((order === null) !== (lottery === null))
      report(`${what} is ${order === null ? 'missing' : 'made without lots'}`);
    return;
  }
  const drawn = order.map(({ id }) => id);
  if ([...drawn].sort().join('\n') !== [...between].sort().join('\n'))
    report(`${what} is not among those who tie`);
  for (const [i, { id, lot }] of order.entries()) {
    if (lot !== lotOf(lottery, draw, id)) report(`${what} gives ${id} a lot that is not the seed's`);
    const before = order[i - 1];
    if (before !== undefined && before.lot >= lot) report(`${what} is not in the order of its lots`);
  }
}

export interface Places {
  readonly what: string;
  readonly pool: readonly Ranked[];
  readonly places: number;
  readonly taken: readonly string[];
  readonly ties: readonly Tie[];
  readonly draw: DrawName;
  readonly lottery: Lottery | null;
}

/** Whether `taken` are the `places` first of the pool, an undrawn tie leaving its places open. */
export function checkPlaces(
  { what, pool, places, taken, ties, draw, lottery }: Places,
  report: Report,
): void {
  const votes = new Map(pool.map((entry) => [entry.candidate, entry.votes]));
  const winners = new Set(taken);
  if (winners.size !== taken.length) report(`${what}: somebody takes two places`);
  for (const id of winners) if (!votes.has(id)) report(`${what}: ${id} cannot take a place`);
  if (ties.length > 1) report(`${what}: more than one tie at one border`);
  const tie = ties[0];
  const open = tie !== undefined && tie.order === null ? tie.places : 0;
  const expected = Math.min(places, pool.length);
  if (winners.size + open !== expected) {
    report(`${what}: ${winners.size} places taken and ${open} to be drawn, expected ${expected}`);
  }
  const least = Math.min(
    ...pool.filter(({ candidate }) => winners.has(candidate)).map((entry) => entry.votes),
  );
  const losers = pool.filter(({ candidate }) => !winners.has(candidate));
  const equals = tie === undefined ? new Set<string>() : new Set(tie.between);
  for (const { candidate, votes: own } of losers) {
    if (own > least || (own === least && !equals.has(candidate))) {
      report(`${what}: ${candidate} with ${own} votes is passed over for one with ${least}`);
    }
  }
  if (tie !== undefined) checkTie({ what, pool, places, taken, ties, draw, lottery }, tie, report);
}

function checkTie({ what, pool, places, taken, draw, lottery }: Places, tie: Tie, report: Report): void {
  const above = pool.filter(({ votes }) => votes > (tie.votes ?? -1)).length;
  const equal = pool.filter(({ votes }) => votes === tie.votes).map(({ candidate }) => candidate);
  if (!sameIds(equal, tie.between)) report(`${what}: those who tie are not all who have ${tie.votes} votes`);
  if (tie.places !== places - above || tie.places <= 0 || tie.places >= equal.length) {
    report(`${what}: the tie is not at the border of the places`);
  }
  checkLots(tie.order, tie.between, draw, lottery, report);
  const lucky = new Set((tie.order ?? []).slice(0, tie.places).map(({ id }) => id));
  const seated = new Set(taken);
  for (const id of equal) {
    if (seated.has(id) !== lucky.has(id)) report(`${what}: ${id} does not have what the draw gave`);
  }
}

/** A place is by lot if its holder was drawn from a tie, otherwise by rank. */
export function byOf(candidate: string, ties: readonly Tie[]): By {
  return ties.some(({ between }) => between.includes(candidate)) ? 'lot' : 'rank';
}

export function isInOrder(ids: readonly string[]): boolean {
  return ids.every((id, i) => i === 0 || compareIds(ids[i - 1] as string, id) < 0);
}

export function isByRank(entries: readonly Ranked[]): boolean {
  return entries.every((entry, i) => {
    const before = entries[i - 1];
    if (before === undefined || before.votes > entry.votes) return true;
    return before.votes === entry.votes && compareIds(before.candidate, entry.candidate) < 0;
  });
}

export function sameIds(a: readonly string[], b: readonly string[]): boolean {
  const left = [...a].sort(compareIds);
  const right = [...b].sort(compareIds);
  return left.length === right.length && left.every((id, i) => id === right[i]);
}

export interface AlternatePlaces {
  readonly pool: readonly Ranked[];
  /** Places before the first alternate's. */
  readonly seats: number;
  readonly wanted: number;
  readonly given: readonly AlternatePlace[];
  readonly ties: readonly Tie[];
  readonly lottery: Lottery | null;
}

/** Alternates stand in strict order: by votes, and among equals by lot. */
export function checkAlternates(
  { pool, seats, wanted, given, ties, lottery }: AlternatePlaces,
  report: Report,
): void {
  const open = new Set<string>();
  for (const tie of ties) {
    if (tie.order === null) for (const id of tie.between) open.add(id);
    if (tie.draw === 'alternates') checkLots(tie.order, tie.between, ['alternates'], lottery, report);
  }
  const drawnPlace = new Map(ties.flatMap((tie) => (tie.order ?? []).map(({ id }, i) => [id, i] as const)));
  const expected = [...pool]
    .sort(
      (a, b) =>
        b.votes - a.votes ||
        (drawnPlace.get(a.candidate) ?? 0) - (drawnPlace.get(b.candidate) ?? 0) ||
        compareIds(a.candidate, b.candidate),
    )
    .slice(seats, seats + wanted);
  const settled = expected.flatMap(({ candidate }, i) =>
    open.has(candidate) ? [] : [`${i + 1} ${candidate}`],
  );
  for (const tie of ties) {
    const holders = pool.filter(({ votes }) => votes === tie.votes);
    if (
      tie.draw === 'alternates' &&
      (tie.places !== 0 ||
        !sameIds(
          tie.between,
          holders.map(({ candidate }) => candidate),
        ))
    ) {
      report('alternates: those who tie are not all who have as many votes');
    }
    const first = pool.filter(({ votes }) => votes > (tie.votes ?? 0)).length + tie.places;
    const taken = Math.min(seats + wanted - first, holders.length - tie.places);
    if (tie.alternate_places !== taken || (tie.draw === 'alternates' && taken < 1)) {
      report('alternates: the tie is for other places');
    }
  }
  for (const { candidate, votes, by, article } of given) {
    const own = pool.find((entry) => entry.candidate === candidate)?.votes;
    if (own !== votes || by !== byOf(candidate, ties) || article !== 'alternates') {
      report(`alternates: ${candidate} stands with wrong particulars`);
    }
  }
  if (settled.join('\n') !== given.map(({ place, candidate }) => `${place} ${candidate}`).join('\n')) {
    report('alternates: not the next in order of votes');
  }
  for (const votes of new Set(expected.map((entry) => entry.votes))) {
    const holders = pool.filter((entry) => entry.votes === votes).map(({ candidate }) => candidate);
    const drawn = ties.some((tie) => tie.votes === votes && sameIds(tie.between, holders));
    if (holders.length > 1 && !drawn) {
      report(`alternates: ${holders.length} candidates with ${votes} votes are ordered without a draw`);
    }
  }
}
