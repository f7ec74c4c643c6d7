// The lifecycle: a journal of words, the last of which counts. Each step is one atomic word; what a step rests on is
// written before it, and what it ends is erased after it, again at boot if power was lost between.
import { LIFECYCLE_CLOSED, LIFECYCLE_DOORS_CLOSED, LIFECYCLE_OPEN, LIFECYCLE_UNPROVISIONED } from '../generated/constants';
import { ERASED, LIFE, SECTOR_BYTES } from './layout';
import { program_word, read_word } from './nor';

export const LIFE_PROVISIONED: u32 = 0x11110001;
export const LIFE_OPEN: u32 = 0x22220002;
export const LIFE_DOORS_CLOSED: u32 = 0x33330003;
export const LIFE_CLOSED: u32 = 0x44440004;
/** The store is being emptied; once done, LIFE_PROVISIONED follows. */
export const LIFE_CLEARING: u32 = 0x55550005;

/** Five words a rehearsal: some two hundred of them in a box's life. */
export const LIFE_WORDS: u32 = SECTOR_BYTES / 4;

let words: u32 = 0;
let last: u32 = ERASED;

/** The one word that may follow; a box's life has no branches. */
function successor(v: u32): u32 {
  if (v == LIFE_PROVISIONED) return LIFE_OPEN;
  if (v == LIFE_OPEN) return LIFE_DOORS_CLOSED;
  if (v == LIFE_DOORS_CLOSED) return LIFE_CLOSED;
  return v == LIFE_CLOSED ? LIFE_CLEARING : LIFE_PROVISIONED;
}

/**
 * At boot. A word that power cut in the middle has every bit of itself still set that it should have, and some more:
 * it is programmed to its end, since what it rests on was written before it and what it ends is ended after it.
 */
export function life_load(): void {
  words = 0;
  last = ERASED;
  while (words < LIFE_WORDS) {
    const address = LIFE + words * 4;
    const v = read_word(address);
    if (v == ERASED) return;
    const wanted = successor(last);
    assert((v & wanted) == wanted);
    if (v != wanted) program_word(address, wanted);
    last = wanted;
    words++;
  }
}

export function life_word(): u32 {
  return last;
}

/** Whether another whole session can still be written down. */
export function life_has_room(): bool {
  return words + 5 <= LIFE_WORDS;
}

export function life_append(v: u32): void {
  assert(words < LIFE_WORDS);
  program_word(LIFE + words * 4, v);
  last = v;
  words++;
}

export function life_is_open(): bool {
  return last == LIFE_OPEN || last == LIFE_DOORS_CLOSED;
}

/** The lifecycle code where the journal alone decides it, −1 where the loaded parts do (provisioned or loaded). */
export function life_code(): i32 {
  if (last == ERASED) return LIFECYCLE_UNPROVISIONED;
  if (last == LIFE_OPEN) return LIFECYCLE_OPEN;
  if (last == LIFE_DOORS_CLOSED) return LIFECYCLE_DOORS_CLOSED;
  if (last == LIFE_CLOSED) return LIFECYCLE_CLOSED;
  return -1;
}
