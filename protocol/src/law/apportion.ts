/** Seats to parties in proportion to their votes, by a named formula, none with more seats than it has members. */
import type { Formula } from './election.ts';
import { compareIds, compareProducts, divideProduct } from './exact.ts';
import { drawLots, type Lottery } from './lots.ts';
import type { HarePass, Tie } from './outcome.ts';

export interface Party {
  readonly party: string;
  readonly votes: number;
  readonly capacity: number;
}

export interface Apportionment {
  /** By place in `parties`; seats that a draw has still to give are nobody's. */
  readonly seats: readonly number[];
  readonly passes: readonly HarePass[];
  readonly tie: Tie | null;
}

/** `parties` in order of output; those without votes or members get nothing. */
export function apportion(
  formula: Formula,
  seats: number,
  parties: readonly Party[],
  lottery: Lottery | null,
): Apportionment {
  const given = new Array<number>(parties.length).fill(0);
  if (formula === 'largest_remainder_hare') return largestRemainder(seats, parties, given, lottery);
  const tie = highestAverages(seats, parties, given, formula === 'dhondt' ? 1 : 2, lottery);
  return { seats: given, passes: [], tie };
}

/** Divisors 1, 2, 3 … (d'Hondt, step 1) or 1, 3, 5 … (Sainte-Laguë, step 2). */
function highestAverages(
  seats: number,
  parties: readonly Party[],
  given: number[],
  step: 1 | 2,
  lottery: Lottery | null,
): Tie | null {
  let left = seats;
  const divisor = (i: number) => step * (given[i] as number) + 1;
  while (left > 0) {
    let best: number[] = [];
    parties.forEach((party, i) => {
      if (party.votes === 0 || (given[i] as number) >= party.capacity) return;
      const first = best[0];
      const order =
        first === undefined
          ? 1
          : compareProducts(party.votes, divisor(first), (parties[first] as Party).votes, divisor(i));
      if (order > 0) best = [i];
      else if (order === 0) best.push(i);
    });
    if (best.length === 0) return null;
    if (best.length > left) return drawSeats(best, left, parties, given, lottery);
    for (const i of best) given[i] = (given[i] as number) + 1;
    left -= best.length;
  }
  return null;
}

function largestRemainder(
  seats: number,
  parties: readonly Party[],
  given: number[],
  lottery: Lottery | null,
): Apportionment {
  const passes: HarePass[] = [];
  let left = seats;
  let open = parties.flatMap((party, i) => (party.votes > 0 && party.capacity > 0 ? [i] : []));
  let votes = 0;
  let settled = false;
  while (!settled && left > 0 && open.length > 0) {
    votes = open.reduce((sum, i) => sum + (parties[i] as Party).votes, 0);
    const full = open.filter((i) => {
      const party = parties[i] as Party;
      return compareProducts(party.votes, left, party.capacity, votes) >= 0;
    });
    passes.push({
      seats: left,
      votes,
      set_aside: full.map((i) => (parties[i] as Party).party).sort(compareIds),
    });
    settled = full.length === 0;
    for (const i of full) {
      given[i] = (parties[i] as Party).capacity;
      left -= given[i] as number;
    }
    open = open.filter((i) => !full.includes(i));
  }
  if (open.length === 0 || left === 0) return { seats: given, passes, tie: null };
  const remainders = open.map((i) => {
    const { quotient, remainder } = divideProduct((parties[i] as Party).votes, left, votes);
    given[i] = quotient;
    return { i, remainder };
  });
  let rest = left - remainders.reduce((sum, { i }) => sum + (given[i] as number), 0);
  remainders.sort((a, b) => b.remainder - a.remainder);
  for (let start = 0; rest > 0; ) {
    const remainder = remainders[start]?.remainder;
    const group = remainders.filter((entry) => entry.remainder === remainder).map(({ i }) => i);
    if (group.length > rest) {
      return { seats: given, passes, tie: drawSeats(group, rest, parties, given, lottery) };
    }
    for (const i of group) given[i] = (given[i] as number) + 1;
    rest -= group.length;
    start += group.length;
  }
  return { seats: given, passes, tie: null };
}

function drawSeats(
  group: readonly number[],
  places: number,
  parties: readonly Party[],
  given: number[],
  lottery: Lottery | null,
): Tie {
  const between = group.map((i) => (parties[i] as Party).party).sort(compareIds);
  const order = lottery === null ? null : drawLots(lottery, ['list_seats'], between);
  for (const { id } of (order ?? []).slice(0, places)) {
    const i = parties.findIndex(({ party }) => party === id);
    given[i] = (given[i] as number) + 1;
  }
  return {
    draw: 'list_seats',
    party: null,
    places,
    alternate_places: 0,
    votes: null,
    between,
    order,
    article: 'tie_by_lot',
  };
}
