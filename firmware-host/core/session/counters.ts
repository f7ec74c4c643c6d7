// The public counters, read from flash at each question.
import { write_map, write_uint } from '../codec/cbor_writer';
import { election_is_loaded } from '../election/load';
import { ROW_BYTES, index_base, index_rows, spent_base, spent_rows } from '../flash/layout';
import { count_papers, papers_in_bin, papers_printed, papers_rejected, papers_retained } from '../flash/papers';
import { count_rows, rows_free, rows_spoiled, rows_taken } from '../flash/rows';
import * as k from '../generated/constants';
import { write_field_uint } from '../link/messages';

export let records: u32 = 0;
export let slots_free: u32 = 0;
export let torn_slots: u32 = 0;
export let cards_spent: u32 = 0;
export let cards_free: u32 = 0;

export function count_all(): void {
  records = 0;
  torn_slots = 0;
  cards_spent = 0;
  slots_free = 0;
  cards_free = 0;
  if (!election_is_loaded()) return;
  count_rows(index_base, index_rows, ROW_BYTES);
  records = rows_taken;
  torn_slots = rows_spoiled;
  slots_free = rows_free;
  count_rows(spent_base, spent_rows, ROW_BYTES);
  cards_spent = rows_taken;
  cards_free = rows_free;
  count_papers();
}

/** Field `key`: Counters. */
export function write_counters(key: i32): void {
  count_all();
  const loaded = election_is_loaded();
  write_uint(key);
  write_map(8);
  write_field_uint(k.COUNTERS__RECORDS, records);
  write_field_uint(k.COUNTERS__CARDS_SPENT, cards_spent);
  write_field_uint(k.COUNTERS__PAPERS_PRINTED, loaded ? papers_printed : 0);
  write_field_uint(k.COUNTERS__PAPERS_IN_BIN, loaded ? papers_in_bin : 0);
  write_field_uint(k.COUNTERS__PAPERS_REJECTED, loaded ? papers_rejected : 0);
  write_field_uint(k.COUNTERS__PAPERS_RETAINED, loaded ? papers_retained : 0);
  write_field_uint(k.COUNTERS__TORN_SLOTS, torn_slots);
  write_field_uint(k.COUNTERS__SLOTS, loaded ? index_rows : 0);
}
