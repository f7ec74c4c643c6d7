/** Chance from a seed: bytes for whoever is given randomness, and draws for whoever makes trouble. Never for secrets. */
import { createHash } from 'node:crypto';
import type { RandomBytes } from '@sandoq/protocol';
import { type SeededRandom, seededRandom } from '@sandoq/seeds';

const BLOCK_BYTES = 64;

/** SHA-512 over seed and counter. */
export function seededBytes(seed: string): RandomBytes {
  let counter = 0;
  let block = new Uint8Array(0);
  let at = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      if (at === block.length) {
        block = createHash('sha512').update(`${seed}/${counter++}`).digest();
        at = 0;
      }
      const taken = Math.min(length - done, BLOCK_BYTES - at);
      out.set(block.subarray(at, at + taken), done);
      at += taken;
      done += taken;
    }
    return out;
  };
}

export interface Chance extends SeededRandom {
  /** whole milliseconds, both ends included */
  between(from: number, to: number): number;
  /** one in `of` */
  oneIn(of: number): boolean;
}

export function chanceOf(seed: string): Chance {
  const digest = createHash('sha256').update(seed).digest();
  const random = seededRandom(digest.readBigUInt64BE(0));
  return {
    ...random,
    between: (from, to) => from + random.below(to - from + 1),
    oneIn: (of) => random.below(of) === 0,
  };
}
