/** Places by number of votes, and the ties at their borders. */
import { compareIds } from './exact.ts';
import { type DrawName, drawLots, type Lottery } from './lots.ts';
import type { By, Tie } from './outcome.ts';

export interface Ranked {
  readonly candidate: string;
  readonly votes: number;
}

export interface Placed extends Ranked {
  readonly by: By;
}

export interface Filled {
  /** In order of rank; the tied who were drawn stand in the order drawn. */
  readonly seated: readonly Placed[];
  readonly alternates: readonly (Placed & { readonly place: number })[];
  readonly ties: readonly Tie[];
  /** Seats whose holder is among a tie that is not drawn. */
  readonly undecided: number;
}

export function byRank(a: Ranked, b: Ranked): number {
  return b.votes - a.votes || compareIds(a.candidate, b.candidate);
}

/** How the ties that may arise are called, and who draws. */
export interface DrawContext {
  readonly seats: 'seats' | 'runoff' | 'list_members';
  readonly party: string | null;
  readonly lottery: Lottery | null;
}

/**
 * Gives `seats` places and then `alternates` ordered places to the ranked, most votes first.
 * A group of equals needs a draw when a border runs through it: seat or no seat, or any two alternates' places.
 */
export function fillPlaces(
  ranked: readonly Ranked[],
  seats: number,
  alternates: number,
  context: DrawContext,
): Filled {
  const seated: Placed[] = [];
  const places: (Placed & { place: number })[] = [];
  const ties: Tie[] = [];
  let undecided = 0;
  const last = seats + alternates;
  for (let start = 0; start < ranked.length && start < last; ) {
    const votes = (ranked[start] as Ranked).votes;
    let end = start;
    while (end < ranked.length && ranked[end]?.votes === votes) end++;
    const group = ranked.slice(start, end);
    const borderOfSeats = start < seats && end > seats;
    const orderOfAlternates = alternates > 0 && end > seats && end - start > 1;
    let ordered: readonly Ranked[] | null = group;
    const isTie = borderOfSeats || orderOfAlternates;
    if (isTie) {
      const tie = drawn(
        group,
        Math.max(0, Math.min(seats, end) - start),
        last - Math.max(seats, start),
        context,
      );
      ties.push(tie);
      ordered = tie.order?.map(({ id }) => ({ candidate: id, votes })) ?? null;
      if (ordered === null) undecided += tie.places;
    }
    ordered?.forEach((entry, i) => {
      const position = start + i;
      const placed: Placed = { candidate: entry.candidate, votes, by: isTie ? 'lot' : 'rank' };
      if (position < seats) seated.push(placed);
      else if (position < last) places.push({ ...placed, place: position - seats + 1 });
    });
    start = end;
  }
  return { seated, alternates: places, ties, undecided };
}

function drawn(group: readonly Ranked[], places: number, alternatesLeft: number, context: DrawContext): Tie {
  const between = group.map(({ candidate }) => candidate);
  const draw = places > 0 ? context.seats : 'alternates';
  const name: DrawName = context.party === null ? [draw] : [draw, context.party];
  return {
    draw,
    party: context.party,
    places,
    alternate_places: Math.min(alternatesLeft, between.length - places),
    votes: group[0]?.votes ?? 0,
    between,
    order: context.lottery === null ? null : drawLots(context.lottery, name, between),
    article: 'tie_by_lot',
  };
}
