// Whether a draw of slots could have come from a good source. The distribution alone does not say: a generator with a
// small state may spread its numbers evenly, and whoever knows the generator then knows the order. What gives a small
// state away is repetition: a stretch of draws that is long enough to be unique, seen again.

/** Draws in one window: with 2^13 slots 52 bits, so that a million honest windows repeat with probability 2^-13. */
export const WINDOW_DRAWS = 4;
export const SLOTS = 8192;
const BINS = 64;

export interface Uniformity {
  readonly draws: number;
  /** equal windows beyond the first */
  readonly repeatedWindows: number;
  /** in standard deviations from its mean: the slots, and each two neighbouring draws together */
  readonly slotsDeviation: number;
  readonly pairsDeviation: number;
  /** of a draw's place in the day with its slot, in standard deviations of what chance gives */
  readonly orderDeviation: number;
  readonly passes: boolean;
}

/** Chance goes beyond this once in some ten million tests. */
const DEVIATIONS_MAX = 5.5;

/** Chi-square as a number of standard deviations (Wilson and Hilferty 1931): small counts too even are as odd as uneven ones. */
function chiSquareDeviation(counts: Uint32Array): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const expected = total / counts.length;
  const chi = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(chi / freedom) - (1 - spread)) / Math.sqrt(spread);
}

/**
 * `draw` gives a slot in [0, SLOTS) with the table empty. Windows overlap where the source is one stream; where it is
 * seeded anew before each vote (`perVote`), a window is one vote.
 */
export function judgeDraw(
  draw: () => number,
  draws: number,
  perVote: (() => void) | undefined = undefined,
): Uniformity {
  const slots = new Uint32Array(BINS);
  const pairs = new Uint32Array(BINS * BINS);
  const seen = new Set<number>();
  const window: number[] = [];
  let repeatedWindows = 0;
  let order = 0;
  for (let i = 0; i < draws; i++) {
    if (perVote !== undefined && i % WINDOW_DRAWS === 0) perVote();
    const slot = draw();
    const bin = Math.floor((slot * BINS) / SLOTS);
    slots[bin] = (slots[bin] as number) + 1;
    window.push(slot);
    if (window.length > WINDOW_DRAWS) window.shift();
    const before = window.at(-2);
    if (before !== undefined) {
      const pair = Math.floor((before * BINS) / SLOTS) * BINS + bin;
      pairs[pair] = (pairs[pair] as number) + 1;
    }
    order += (i / (draws - 1) - 0.5) * (slot / (SLOTS - 1) - 0.5);
    if (window.length < WINDOW_DRAWS || (perVote !== undefined && (i + 1) % WINDOW_DRAWS !== 0)) continue;
    const name = window.reduce((sum, one) => sum * SLOTS + one, 0);
    if (seen.has(name)) repeatedWindows++;
    else seen.add(name);
  }
  // Two independent uniform numbers about their means: variance 1/12 each.
  const orderDeviation = order / Math.sqrt(draws / 144);
  const deviations = [chiSquareDeviation(slots), chiSquareDeviation(pairs), orderDeviation];
  return {
    draws,
    repeatedWindows,
    slotsDeviation: deviations[0] as number,
    pairsDeviation: deviations[1] as number,
    orderDeviation,
    passes: repeatedWindows === 0 && deviations.every((one) => Math.abs(one) < DEVIATIONS_MAX),
  };
}

/** Generators that must not pass, as 32-bit words. */
export const WEAK_GENERATORS = {
  /** 16 bits of state, of full period: x ← 25173 x + 13849 */
  lcg_16_bit(seed: number): () => number {
    let state = seed & 0xffff;
    const half = (): number => {
      state = (state * 25_173 + 13_849) & 0xffff;
      return state;
    };
    return () => ((half() << 16) | half()) >>> 0;
  },
  /** 32 bits of state (Numerical Recipes) */
  lcg_32_bit(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state;
    };
  },
} as const;
