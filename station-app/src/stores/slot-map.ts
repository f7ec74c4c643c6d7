/**
 * Which slots are taken, as bits and nothing else: a list of free slots would keep, in its arrangement, the order in
 * which they were drawn. A draw is uniform over the free slots by rank, so that its cost does not grow as they fill.
 */
import type { Bytes, RandomBytes } from '@sandoq/protocol';

/** A uniformly distributed integer in [0, bound). */
export type UniformBelow = (bound: number) => number;

const RANGE = 2 ** 32;

/** By rejection: no remainder is favoured. */
export const uniformBelowFrom =
  (random: RandomBytes): UniformBelow =>
  (bound) => {
    if (!Number.isInteger(bound) || bound < 1 || bound > RANGE) throw new RangeError('bound of a draw');
    const limit = RANGE - (RANGE % bound);
    for (;;) {
      const bytes: Bytes = random(4);
      const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
      if (value < limit) return value % bound;
    }
  };

export interface SlotMap {
  taken(): number;
  free(): number;
  take(slot: number): void;
  /** Different free slots, uniformly at random; they are taken only by `take`. */
  draw(count: number): readonly number[];
}

function popcount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

export function createSlotMap(slots: number, uniformBelow: UniformBelow): SlotMap {
  // Bits beyond the last slot count as taken, so that the rank never lands on them.
  const words = new Uint32Array(Math.ceil(slots / 32));
  for (let slot = slots; slot < words.length * 32; slot++)
    words[slot >>> 5] = (words[slot >>> 5] as number) | (1 << (slot & 31));
  let taken = 0;

  const isTaken = (slot: number): boolean => (((words[slot >>> 5] as number) >>> (slot & 31)) & 1) === 1;
  const mark = (slot: number): void => {
    words[slot >>> 5] = (words[slot >>> 5] as number) | (1 << (slot & 31));
  };
  const freeAtRank = (rank: number): number => {
    let left = rank;
    for (let i = 0; i < words.length; i++) {
      let open = ~(words[i] as number);
      const here = popcount(open);
      if (left >= here) {
        left -= here;
        continue;
      }
      for (; left > 0; left--) open &= open - 1;
      return i * 32 + (31 - Math.clz32(open & -open));
    }
    throw new Error('slot map: rank beyond the free slots');
  };

  return {
    taken: () => taken,
    free: () => slots - taken,
    take(slot) {
      if (slot < 0 || slot >= slots || isTaken(slot)) throw new Error('slot map: slot not free');
      mark(slot);
      taken++;
    },
    draw(count) {
      if (count > slots - taken) throw new RangeError('slot map: not enough free slots');
      const drawn: number[] = [];
      while (drawn.length < count) {
        const slot = freeAtRank(uniformBelow(slots - taken));
        // At most CONTESTS_MAX at once: drawing again keeps every set of slots equally likely.
        if (!drawn.includes(slot)) drawn.push(slot);
      }
      return drawn;
    },
  };
}
