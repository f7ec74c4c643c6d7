/** Who votes how, and in what order: a real precinct's ballots, or shares of a scenario. Each voter once. */
import type { BallotRow } from './ballots-csv.ts';
import { type SeededRandom, seededRandom, shuffle } from './random.ts';

/** One precinct dealt at a time; the largest stations have several thousand voters. */
export const BALLOTS_PER_PRECINCT_MAX = 1_000_000;

/** Deals a precinct's ballots in an order that depends on seed and precinct only. */
export function* dealBallots(
  precinct: { readonly name: string; readonly rows: readonly BallotRow[] },
  seed: string,
): Generator<string, void, undefined> {
  const total = precinct.rows.reduce((sum, row) => sum + row.ballots, 0);
  if (total > BALLOTS_PER_PRECINCT_MAX) throw new RangeError('more ballots than BALLOTS_PER_PRECINCT_MAX');
  const order = new Uint32Array(total);
  let at = 0;
  precinct.rows.forEach((row, index) => {
    order.fill(index, at, at + row.ballots);
    at += row.ballots;
  });
  const random = seededRandom(`${seed}/${precinct.name}`);
  for (let i = total - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  for (const index of order) yield (precinct.rows[index] as BallotRow).choice;
}

/** Weights of one contest's candidates, by index, and of leaving it blank. Only their proportions count. */
export interface ContestShares {
  readonly candidates: readonly number[];
  readonly blank: number;
  /** N: the most names a voter may choose */
  readonly choicesMax: number;
  /** weights of choosing 1, 2, … N names; all N where empty */
  readonly marks?: readonly number[];
}

const WEIGHT_STEPS = 2 ** 30;

function drawWeighted(weights: readonly number[], random: SeededRandom): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) throw new RangeError('shares must have a positive sum');
  let left = (random.below(WEIGHT_STEPS) / WEIGHT_STEPS) * total;
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i] as number;
    if (left < 0) return i;
  }
  return weights.findLastIndex((weight) => weight > 0);
}

/** @returns ascending candidate indexes; none for a blank vote. */
export function drawChoices(shares: ContestShares, random: SeededRandom): readonly number[] {
  const names = shares.candidates.reduce((sum, weight) => sum + weight, 0);
  if (drawWeighted([names, shares.blank], random) === 1) return [];
  const possible = shares.candidates.filter((weight) => weight > 0).length;
  const wanted = shares.marks?.length
    ? drawWeighted(shares.marks, random) + 1
    : Math.min(shares.choicesMax, possible);
  const weights = [...shares.candidates];
  const chosen: number[] = [];
  while (chosen.length < Math.min(wanted, shares.choicesMax, possible)) {
    const candidate = drawWeighted(weights, random);
    weights[candidate] = 0;
    chosen.push(candidate);
  }
  return chosen.sort((a, b) => a - b);
}

/** People in the order in which they come. */
export const queueOf = <Item>(people: readonly Item[], seed: string): readonly Item[] =>
  shuffle([...people], seededRandom(`${seed}/queue`));
