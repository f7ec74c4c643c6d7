// Tables of rows whose last word says what they are: erased = free, zero = spoiled, anything else = taken. A row is
// chosen uniformly among the free ones, so that its place says nothing of when it was written.
import { entropy } from '../board';
import { ERASED, SECTOR_BYTES } from './layout';
import { IO, read_flash, read_word } from './nor';

export let rows_free: u32 = 0;
export let rows_taken: u32 = 0;
export let rows_spoiled: u32 = 0;

/** Counts a table of rows of 4 or 16 bytes into the three variables above. */
export function count_rows(base: u32, rows: u32, row_bytes: u32): void {
  rows_free = 0;
  rows_taken = 0;
  rows_spoiled = 0;
  const bytes = rows * row_bytes;
  for (let at: u32 = 0; at < bytes; at += SECTOR_BYTES) {
    const n = min<u32>(SECTOR_BYTES, bytes - at);
    read_flash(base + at, IO, n);
    for (let i: usize = row_bytes - 4; i < n; i += row_bytes) {
      const v = load<u32>(IO + i);
      if (v == ERASED) rows_free++;
      else if (v == 0) rows_spoiled++;
      else rows_taken++;
    }
  }
}

const RANDOM: usize = memory.data(4, 4);

/** Uniform in [0, n), without the bias of a remainder. */
export function random_below(n: u32): u32 {
  assert(n > 0);
  const limit: u32 = u32.MAX_VALUE - (u32.MAX_VALUE % n);
  // Each try fails with probability below 1/2; 128 failures are a broken source.
  for (let tries = 0; tries < 128; tries++) {
    entropy(RANDOM, 4);
    const v = load<u32>(RANDOM);
    store<u32>(RANDOM, 0);
    if (v < limit) return v % n;
  }
  assert(false);
  return 0;
}

const PROBES_MAX: i32 = 64;

/** Rows already promised to the vote in hand (slots): free in flash, but not to be chosen again. */
const PROMISED: usize = memory.data(8 * 4, 4);
let promised: u32 = 0;

export function promise_none(): void {
  promised = 0;
}

function is_promised(row: u32): bool {
  for (let i: u32 = 0; i < promised; i++) if (load<u32>(PROMISED + (i << 2)) == row) return true;
  return false;
}

export function promise(row: u32): void {
  assert(promised < 8);
  store<u32>(PROMISED + (promised << 2), row);
  promised++;
}

function is_free(base: u32, row: u32, row_bytes: u32): bool {
  const at = base + row * row_bytes;
  return read_word(at + row_bytes - 4) == ERASED && (row_bytes == 4 || read_word(at) == ERASED) && !is_promised(row);
}

/**
 * A free row, uniformly: random probes, and where the table is nearly full the k-th free row for a random k. Both
 * draw each free row with the same probability, so their mixture does. −1 where none is free.
 */
export function choose_free_row(base: u32, rows: u32, row_bytes: u32): i32 {
  for (let i = 0; i < PROBES_MAX; i++) {
    const row = random_below(rows);
    if (is_free(base, row, row_bytes)) return row as i32;
  }
  let free: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) if (is_free(base, row, row_bytes)) free++;
  if (free == 0) return -1;
  let k = random_below(free);
  for (let row: u32 = 0; row < rows; row++) {
    if (!is_free(base, row, row_bytes)) continue;
    if (k == 0) return row as i32;
    k--;
  }
  assert(false);
  return -1;
}

/** The row that starts with these 12 bytes and is taken, from `from` on; −1 where there is none. */
export function find_row(base: u32, rows: u32, name: usize, from: u32): i32 {
  const a = load<u64>(name);
  const b = load<u32>(name, 8);
  const bytes = rows * 16;
  for (let at = (from * 16) & ~(SECTOR_BYTES - 1); at < bytes; at += SECTOR_BYTES) {
    const n = min<u32>(SECTOR_BYTES, bytes - at);
    read_flash(base + at, IO, n);
    for (let i: u32 = 0; i < n; i += 16) {
      if (load<u64>(IO + i) != a || load<u32>(IO + i, 8) != b) continue;
      const row = (at + i) >> 4;
      const word = load<u32>(IO + i, 12);
      if (row >= from && word != ERASED && word != 0) return row as i32;
    }
  }
  return -1;
}
