// The commit of one vote: several records, the spent card and the paper's fate become true with one word.
//
// An entry of the intent ring names the rows (prepared), the bodies are written and read back, the entry's commit
// word is programmed, then every row gets its own commit word and the entry is cleared to zero. At boot an entry that
// was committed is rolled forward, one that was only prepared is undone: its rows are zeroed and counted as spoiled.
// A cleared entry says nothing but that there was one: its place in the ring is a public count.
import { ERASED, INTENTS, ROW_BYTES, ROW_NAME_BYTES, SECTOR_BYTES, COMMITTED, bodies_base, body_stride, index_base, index_rows, spent_base, spent_rows } from './layout';
import { erase_range, program_bytes, program_word, program_words, read_flash, read_word, zero_words } from './nor';
import { PAPER_TO_BIN, paper_mark } from './papers';
import { choose_free_row, promise, promise_none } from './rows';

const ENTRY_BYTES: u32 = 64;
const ENTRIES: u32 = SECTOR_BYTES / ENTRY_BYTES;
const PREPARED: u32 = 0x1badb002;
const COMMIT: u32 = 0x600dca57;

// Words of an entry.
const W_PREPARED: u32 = 0;
const W_SLOTS: u32 = 4; // 8 words, erased where unused
const W_SPENT: u32 = 36;
const W_PAPER: u32 = 40;
const W_CARD: u32 = 44; // 12 bytes
const W_COMMIT: u32 = 56;
const W_FINISHED: u32 = 60;

const ENTRY: usize = memory.data(64, 4);

/** Slot rows of the vote being committed, in the order of its records. */
const VOTE_SLOTS: usize = memory.data(32, 4);

function load_entry(at: u32): void {
  read_flash(at, ENTRY, ENTRY_BYTES);
}

function entry_is(v: u32): bool {
  for (let i: usize = 0; i < ENTRY_BYTES; i += 4) if (load<u32>(ENTRY + i) != v) return false;
  return true;
}

/** The place of a free entry; the ring's sector is erased once all its entries are cleared. */
function free_entry(): u32 {
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const at = INTENTS + i * ENTRY_BYTES;
    load_entry(at);
    if (entry_is(ERASED)) return at;
    assert(entry_is(0));
  }
  erase_range(INTENTS, SECTOR_BYTES);
  return INTENTS;
}

function finish(at: u32): void {
  program_word(at + W_FINISHED, 0);
  zero_words(at, ENTRY_BYTES);
}

/** Everything that the commit word promised; each step may be repeated. */
function roll_forward(at: u32): void {
  load_entry(at);
  for (let i: u32 = 0; i < 8; i++) {
    const slot = load<u32>(ENTRY + W_SLOTS + i * 4);
    if (slot == ERASED) continue;
    assert(slot < index_rows);
    program_word(index_base + slot * ROW_BYTES + ROW_NAME_BYTES, COMMITTED);
  }
  const spent = load<u32>(ENTRY + W_SPENT);
  assert(spent < spent_rows);
  program_words(spent_base + spent * ROW_BYTES, ENTRY + W_CARD, ROW_NAME_BYTES);
  program_word(spent_base + spent * ROW_BYTES + ROW_NAME_BYTES, COMMITTED);
  paper_mark(load<i32>(ENTRY + W_PAPER), PAPER_TO_BIN);
  finish(at);
}

/** Zeroes the rows that an uncommitted entry may have begun. */
function undo(at: u32): void {
  load_entry(at);
  for (let i: u32 = 0; i < 8; i++) {
    const slot = load<u32>(ENTRY + W_SLOTS + i * 4);
    if (slot == ERASED) continue;
    assert(slot < index_rows);
    const row = index_base + slot * ROW_BYTES;
    const body = bodies_base + slot * body_stride;
    if (!words_are_erased(row, ROW_BYTES) || !words_are_erased(body, body_stride)) {
      // The commit word last: once it is zero the slot is spoiled for good.
      zero_words(body, body_stride);
      zero_words(row, ROW_BYTES);
    }
  }
  finish(at);
}

function words_are_erased(address: u32, bytes: u32): bool {
  for (let i: u32 = 0; i < bytes; i += 4) if (read_word(address + i) != ERASED) return false;
  return true;
}

/** At boot, before anything else looks at the store. */
export function recover_intents(): void {
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const at = INTENTS + i * ENTRY_BYTES;
    load_entry(at);
    if (entry_is(ERASED) || entry_is(0)) continue;
    if (load<u32>(ENTRY + W_FINISHED) != ERASED) finish(at);
    else if (load<u32>(ENTRY + W_PREPARED) != PREPARED) finish(at);
    else if (load<u32>(ENTRY + W_COMMIT) == COMMIT) roll_forward(at);
    else undo(at);
  }
}

/**
 * Commits `count` sealed records of `bytes` each at `sealed` (stride `stride`) with their names (16 bytes each) at
 * `names`, the card whose hash is at `card` and the paper in `paper`. False, and nothing but a cleared entry, where
 * no row is free; true once it is durable.
 */
export function commit_vote(sealed: usize, stride: usize, bytes: u32, names: usize, count: u32, card: usize, paper: i32): bool {
  memory.fill(ENTRY, 0xff, ENTRY_BYTES);
  promise_none();
  for (let i: u32 = 0; i < count; i++) {
    const row = choose_free_row(index_base, index_rows, ROW_BYTES);
    if (row < 0) return false;
    promise(row as u32);
    store<u32>(ENTRY + W_SLOTS + i * 4, row as u32);
  }
  memory.copy(VOTE_SLOTS, ENTRY + W_SLOTS, 32);
  promise_none();
  const spent = choose_free_row(spent_base, spent_rows, ROW_BYTES);
  if (spent < 0) return false;
  const at = write_entry(spent, paper, card);
  for (let i: u32 = 0; i < count; i++) {
    const slot = load<u32>(VOTE_SLOTS + i * 4);
    program_bytes(bodies_base + slot * body_stride, sealed + (i as usize) * stride, bytes);
    program_words(index_base + slot * ROW_BYTES, names + (i as usize) * 16, ROW_NAME_BYTES);
  }
  program_word(at + W_COMMIT, COMMIT);
  roll_forward(at);
  // Which slots belong to one vote must not be read from memory afterwards.
  memory.fill(ENTRY, 0, ENTRY_BYTES);
  memory.fill(VOTE_SLOTS, 0, 32);
  return true;
}

function write_entry(spent: i32, paper: i32, card: usize): u32 {
  const at = free_entry();
  memory.fill(ENTRY, 0xff, ENTRY_BYTES);
  memory.copy(ENTRY + W_SLOTS, VOTE_SLOTS, 32);
  store<i32>(ENTRY + W_SPENT, spent);
  store<i32>(ENTRY + W_PAPER, paper);
  memory.copy(ENTRY + W_CARD, card, ROW_NAME_BYTES);
  program_words(at + W_SLOTS, ENTRY + W_SLOTS, W_COMMIT - W_SLOTS);
  program_word(at + W_PREPARED, PREPARED);
  return at;
}
