/** A seeded generator for populations: the same seed gives the same day on every machine. Never for keys or nonces. */
export interface SeededRandom {
  /** uniform, 0 … bound-1; bound at most 2^32 */
  below(bound: number): number;
}

const UINT32 = 2 ** 32;

/** SplitMix32 over a text seed (FNV-1a): small, fast, and even enough for shuffling voters. */
export function seededRandom(seed: string): SeededRandom {
  let state = 0x811c9dc5;
  for (const character of seed) state = Math.imul(state ^ (character.codePointAt(0) as number), 0x01000193);
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return {
    below(bound) {
      if (!Number.isInteger(bound) || bound < 1 || bound > UINT32) throw new RangeError('bound out of range');
      // Values above the last whole multiple would favour the small ones.
      const limit = UINT32 - (UINT32 % bound);
      for (;;) {
        const value = next();
        if (value < limit) return value % bound;
      }
    },
  };
}

/** Fisher-Yates, in place. */
export function shuffle<Item>(items: Item[], random: SeededRandom): Item[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j] as Item, items[i] as Item];
  }
  return items;
}
