/**
 * The order of the roll: a keyed permutation of the nine digits of national codes, so that a roll without its key says
 * of nobody whether she is on it. A Feistel network of ten rounds over two halves below 31,623, as FF1 (NIST SP 800-38G)
 * has it, with the round functions as tables that the key fills once: a lookup costs ten reads of memory.
 */
import { chacha20 } from '@noble/ciphers/chacha.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, utf8 } from '../codec/bytes.ts';
import { ROLL_KEY_CHECK_BYTES, ROLL_POSITIONS } from '../records/bounds.ts';

export const ROLL_KEY_BYTES = 32;
const ROUNDS = 10;
/** 31,623² is the first square above 10⁹: of the pairs one in seventy thousand lies outside and is walked on from. */
const HALF = 31_623;
/** Words at or above the last multiple of HALF are drawn again, so that every value is as likely. */
const WORD_LIMIT = Math.floor(2 ** 32 / HALF) * HALF;
const WORDS_DRAWN = ROUNDS * HALF + 4096;

export interface Permutation {
  /** @param nine the first nine digits as a number below ROLL_POSITIONS */
  positionOf(nine: number): number;
  nineOf(position: number): number;
}

/** Tells the right key from a wrong one, and nothing else of it: the key is 256 random bits. */
export const rollKeyCheck = (key: Bytes): Bytes =>
  sha256(concatBytes(utf8('sandoq/roll-key-check/1'), key)).slice(0, ROLL_KEY_CHECK_BYTES);

function tablesOf(key: Bytes): Uint16Array {
  const derived = sha256(concatBytes(utf8('sandoq/roll-positions/1'), key));
  const stream = chacha20(derived, new Uint8Array(12), new Uint8Array(WORDS_DRAWN * 4));
  const words = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const tables = new Uint16Array(ROUNDS * HALF);
  let filled = 0;
  for (let at = 0; filled < tables.length; at += 4) {
    // A word is drawn again once in 300,000: four thousand spare words are never used up by chance.
    if (at + 4 > stream.length) throw new RangeError('a key whose stream runs out');
    const word = words.getUint32(at, true);
    if (word < WORD_LIMIT) tables[filled++] = word % HALF;
  }
  return tables;
}

/** @throws RangeError where the key is not ROLL_KEY_BYTES long. */
export function createPermutation(key: Bytes): Permutation {
  if (key.length !== ROLL_KEY_BYTES) throw new RangeError(`a roll's key is ${ROLL_KEY_BYTES} bytes`);
  const tables = tablesOf(key);
  const forward = (value: number): number => {
    let left = Math.floor(value / HALF);
    let right = value - left * HALF;
    for (let table = 0; table < ROUNDS * HALF; table += HALF) {
      let mixed = left + (tables[table + right] as number);
      if (mixed >= HALF) mixed -= HALF;
      left = right;
      right = mixed;
    }
    return left * HALF + right;
  };
  const backward = (value: number): number => {
    let left = Math.floor(value / HALF);
    let right = value - left * HALF;
    for (let table = (ROUNDS - 1) * HALF; table >= 0; table -= HALF) {
      let mixed = right - (tables[table + left] as number);
      if (mixed < 0) mixed += HALF;
      right = left;
      left = mixed;
    }
    return left * HALF + right;
  };
  const walk =
    (step: (value: number) => number) =>
    (from: number): number => {
      if (!Number.isInteger(from) || from < 0 || from >= ROLL_POSITIONS)
        throw new RangeError('outside the codes of nine digits');
      let value = step(from);
      // A permutation of all pairs: walking on comes back inside, at the latest to where it began.
      while (value >= ROLL_POSITIONS) value = step(value);
      return value;
    };
  return { positionOf: walk(forward), nineOf: walk(backward) };
}
