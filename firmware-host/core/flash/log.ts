// The box's event log: rows in the order of what happened, each carrying the public counters of its moment and the hash
// of all rows before it. It is a sequence and says so: nothing in it is about how anybody voted, and no row names a slot,
// a card or a record. What happened and has no row because power went between the two is in the counters of the next.
import { election_is_loaded } from '../election/load';
import { sha256_final, sha256_init, sha256_update } from '../crypto/sha256';
import { powered_minutes } from '../session/minutes';
import { life_is_open } from './life';
import { COMMITTED, ERASED, LOG_ROW_BYTES, ROW_BYTES, log_base, log_rows, spent_base, spent_rows } from './layout';
import { program_word, program_words, read_flash, read_word, zero_words } from './nor';
import { count_papers, papers_printed } from './papers';
import { count_rows, rows_taken } from './rows';

// Of the vocabulary in protocol/src/records/events.ts; the auditor reads them by its names.
export const EVENT_OPENED: u32 = 10;
export const EVENT_DOORS_CLOSED: u32 = 13;
export const EVENT_CLOSED: u32 = 14;
export const EVENT_PRINTED: u32 = 31;
export const EVENT_CAST: u32 = 32;
export const EVENT_REJECTED: u32 = 33;
export const EVENT_RETAINED: u32 = 34;
export const EVENT_JAMMED: u32 = 40;
export const EVENT_POWER_RESTORED: u32 = 44;

/** Powered minutes in one bucket: an hour says nothing about a person. */
const BUCKET_MINUTES: u32 = 60;

// A row: event and bucket, votes, papers; the chain; the commit word, last.
const W_VOTES: u32 = 4;
const W_PAPERS: u32 = 8;
const FACT_BYTES: u32 = 12;
const W_CHAIN: u32 = 12;
const CHAIN_BYTES: u32 = 32;
const W_COMMIT: u32 = 44;

const ROW: usize = memory.data(48, 4);
const CONTEXT: usize = memory.data(104, 8);
/** Chain of the last whole row; zero before the first. */
export const LOG_HEAD: usize = memory.data(32, 4);
/** Whole rows. */
export let log_lines: u32 = 0;
let next: u32 = 0;
let votes: u32 = 0;
let papers: u32 = 0;

function is_free(row: u32): bool {
  const at = log_base + row * LOG_ROW_BYTES;
  for (let i: u32 = 0; i < LOG_ROW_BYTES; i += 4) if (read_word(at + i) != ERASED) return false;
  return true;
}

/** The first free row: rows are taken from the lowest on. */
function find_end(): u32 {
  let low: u32 = 0;
  let high: u32 = log_rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is_free(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** At boot after the intents were finished, and where the rows were erased. A row cut in its writing is zeroed. */
export function log_load(): void {
  next = 0;
  log_lines = 0;
  votes = 0;
  papers = 0;
  memory.fill(LOG_HEAD, 0, CHAIN_BYTES);
  if (!election_is_loaded()) return;
  next = find_end();
  for (let row: u32 = 0; row < next; row++) {
    const at = log_base + row * LOG_ROW_BYTES;
    const word = read_word(at + W_COMMIT);
    if (word == COMMITTED) log_lines++;
    else if (word != 0) zero_words(at, LOG_ROW_BYTES);
  }
  for (let row = next; row > 0; row--) {
    const at = log_base + (row - 1) * LOG_ROW_BYTES;
    if (read_word(at + W_COMMIT) != COMMITTED) continue;
    read_flash(at + W_CHAIN, LOG_HEAD, CHAIN_BYTES);
    break;
  }
  count_rows(spent_base, spent_rows, ROW_BYTES);
  votes = rows_taken;
  count_papers();
  papers = papers_printed;
}

export function log_boot(): void {
  log_load();
  if (!life_is_open()) return;
  // Cut between the lifecycle's word and this: the day has begun all the same.
  if (log_lines == 0) log_event(EVENT_OPENED);
  log_event(EVENT_POWER_RESTORED);
}

/** A full log is no reason to stop a vote: its end is seen by whoever reads it. */
export function log_event(event: u32): void {
  if (next >= log_rows) return;
  if (event == EVENT_CAST) votes++;
  if (event == EVENT_PRINTED) papers++;
  const bucket = powered_minutes() / BUCKET_MINUTES;
  store<u32>(ROW, event | (bucket << 16));
  store<u32>(ROW + W_VOTES, votes);
  store<u32>(ROW + W_PAPERS, papers);
  sha256_init(CONTEXT);
  sha256_update(CONTEXT, LOG_HEAD, CHAIN_BYTES);
  sha256_update(CONTEXT, ROW, FACT_BYTES);
  sha256_final(CONTEXT, LOG_HEAD);
  memory.copy(ROW + W_CHAIN, LOG_HEAD, CHAIN_BYTES);
  const at = log_base + next * LOG_ROW_BYTES;
  program_words(at, ROW, W_COMMIT);
  program_word(at + W_COMMIT, COMMITTED);
  next++;
  log_lines++;
}
