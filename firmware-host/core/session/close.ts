// Closing: the doors, then one way. The box's last word under the session key says which sealed records it holds,
// not what they say; then the key is erased. A rehearsal may be cleared.
import { CBOR_MISSING, cbor_array, cbor_bytes, cbor_bytes_exact, cbor_count, cbor_skip, cbor_string_bytes, cbor_uint } from '../codec/cbor_reader';
import { write_bytes, write_map, write_raw, write_text, write_uint, writer_bytes, writer_open } from '../codec/cbor_writer';
import { field_at, field_has_bytes, field_has_uint, field_uint, fields_open, key_set, keys_to } from '../codec/fields';
import { equal_blocks } from '../crypto/constant_time';
import { ballot_forget } from '../cast/ballot';
import { paper_refusal } from '../cast/paper';
import { lifecycle } from '../election/load';
import { PACKAGE_DIGEST, election, election_bytes, open_minutes_min, sealed_bytes } from '../election/package';
import { LIFE_CLEARING, LIFE_CLOSED, LIFE_DOORS_CLOSED, LIFE_OPEN, LIFE_PROVISIONED, life_append, life_is_open, life_word } from '../flash/life';
import { COMMITMENT, ERASED, INTENTS, MINUTES, ROW_BYTES, SECRET, SECTOR_BYTES, SESSION, bodies_base, body_stride, index_base, index_rows, log_head_base, store_end } from '../flash/layout';
import { EVENT_CLOSED, EVENT_DOORS_CLOSED, LOG_HEAD, log_event, log_lines, log_load } from '../flash/log';
import { erase_range, program_bytes, program_word, read_flash, read_word } from '../flash/nor';
import { papers_in_bin, papers_printed, papers_rejected, papers_retained } from '../flash/papers';
import { count_unburnt } from '../flash/spent';
import * as k from '../generated/constants';
import { message_send, reply_open, reply_uint, write_field_array, write_field_bytes, write_field_uint } from '../link/messages';
import { check_approvals, is_approval_list } from '../records/approvals';
import { cose_parse, cose_sign, cose_verify, record_election, record_election_bytes, record_payload, record_signer, record_signer_bytes } from '../records/cose';
import { WORK } from '../scratch';
import { is_text, same_bytes } from '../text';
import { set_root } from './commitment';
import { cards_spent, count_all, records, torn_slots } from './counters';
import { AUTHORITY_KEY, BOX_KEY, BOX_SEED, BOX_SUBJECT, box_subject_bytes } from './identity';
import { powered_minutes } from './minutes';
import { forget_opening } from './open';
import { RECORD_A, RECORD_B, RECORD_BYTES } from './record_buffers';
import { SESSION_ID, close_statement_digest, erase_secret, forget_session, session_mode, session_sign } from './session';

const FIELDS: usize = memory.data(128, 4);
const INNER: usize = memory.data(128, 4);
const DIGEST: usize = memory.data(32, 4);
const COMMITMENT_BYTES_MAX: u32 = 2 * SECTOR_BYTES - 16;

function closing_approvals(list: usize, action: i32): i32 {
  close_statement_digest(DIGEST);
  return check_approvals(list, action, DIGEST, k.ROLE_GOVERNOR_REPRESENTATIVE, k.ROLE_COUNCIL_REPRESENTATIVE);
}

export function on_close_doors(body: usize, sequence: u32): i32 {
  if (!fields_open(FIELDS, body, keys_to(1), 0) || !is_approval_list(field_at(FIELDS, 1))) return k.REFUSAL_MESSAGE_MALFORMED;
  if (life_word() == LIFE_OPEN) {
    const refusal = closing_approvals(field_at(FIELDS, 1), k.ACTION_CLOSE_DOORS);
    if (refusal != 0) return refusal;
    log_event(EVENT_DOORS_CLOSED);
    life_append(LIFE_DOORS_CLOSED);
  } else if (life_word() != LIFE_DOORS_CLOSED && life_word() != LIFE_CLOSED) {
    return k.REFUSAL_WRONG_STATE;
  }
  reply_uint(k.MESSAGE_CLOSE_DOORS, sequence, k.CLOSE_DOORS_REPLY__LIFECYCLE, lifecycle());
  return 0;
}

/** Least powered minutes under an Amendment hours_changed of this package, or −1 where the record is not one. */
function amended_minutes(record: usize, bytes: usize): i32 {
  if (!cose_parse(record, bytes, 'amendment') || !is_text(record_signer, record_signer_bytes, 'authority')) return -1;
  if (!same_bytes(record_election, record_election_bytes, election, election_bytes) || !cose_verify(AUTHORITY_KEY)) return -1;
  const sound =
    fields_open(INNER, record_payload, keys_to(5), 0) &&
    field_has_bytes(INNER, k.AMENDMENT__PACKAGE_DIGEST, 32, 32) &&
    equal_blocks(cbor_bytes_exact(field_at(INNER, k.AMENDMENT__PACKAGE_DIGEST), 32), PACKAGE_DIGEST, 32);
  if (!sound) return -1;
  const change = cbor_array(field_at(INNER, k.AMENDMENT__CHANGE));
  if (change == CBOR_MISSING || cbor_count() != 2) return -1;
  if (cbor_uint(change, 0) != (k.AMENDMENT_CHANGE_TAG_HOURS_CHANGED as u64)) return -1;
  if (!fields_open(INNER, cbor_skip(change), keys_to(2), 0) || !field_has_uint(INNER, k.HOURS_CHANGED__OPEN_MINUTES_MIN, 2880)) return -1;
  return field_uint(INNER, k.HOURS_CHANGED__OPEN_MINUTES_MIN) as i32;
}

/** The signed Commitment into RECORD_A; its length. */
function make_commitment(approvals: usize): u32 {
  count_all();
  const added = set_root(records, DIGEST);
  assert(added == records);
  writer_open(RECORD_B, RECORD_BYTES);
  write_map(11);
  write_field_bytes(k.COMMITMENT__SESSION_ID, SESSION_ID, 16);
  write_field_bytes(k.COMMITMENT__SET_ROOT, DIGEST, 32);
  write_field_uint(k.COMMITMENT__RECORDS, records);
  write_field_uint(k.COMMITMENT__CARDS_SPENT, cards_spent);
  write_field_uint(k.COMMITMENT__PAPERS_PRINTED, papers_printed);
  write_field_uint(k.COMMITMENT__PAPERS_IN_BIN, papers_in_bin);
  write_field_uint(k.COMMITMENT__PAPERS_REJECTED, papers_rejected);
  write_field_uint(k.COMMITMENT__PAPERS_RETAINED, papers_retained);
  write_field_uint(k.COMMITMENT__TORN_SLOTS, torn_slots);
  write_field_uint(k.COMMITMENT__POWERED_MINUTES, powered_minutes());
  write_uint(k.COMMITMENT__APPROVALS);
  write_raw(approvals, cbor_skip(approvals) - approvals);
  return session_sign(RECORD_A, 'commitment', RECORD_B, writer_bytes()) as u32;
}

function reply_commitment(sequence: u32): void {
  const bytes = read_word(COMMITMENT);
  assert(bytes <= (RECORD_BYTES as u32));
  read_flash(COMMITMENT + 16, RECORD_A, bytes);
  reply_open(k.MESSAGE_CLOSE, sequence);
  write_map(1);
  write_field_bytes(k.CLOSE_REPLY__COMMITMENT, RECORD_A, bytes);
  message_send();
}

/** The log's head under the box's own key, in the sector behind it: length 4, at 16 the LogCheckpoint record. */
function seal_log(): void {
  writer_open(RECORD_B, RECORD_BYTES);
  write_map(3);
  write_uint(k.LOG_CHECKPOINT__SUBJECT);
  write_text(BOX_SUBJECT, box_subject_bytes());
  write_field_uint(k.LOG_CHECKPOINT__LINES, log_lines);
  write_field_bytes(k.LOG_CHECKPOINT__HEAD, LOG_HEAD, 32);
  const bytes = cose_sign(RECORD_A, 'log-checkpoint', BOX_SUBJECT, box_subject_bytes(), election, election_bytes, RECORD_B, writer_bytes(), BOX_SEED, BOX_KEY) as u32;
  erase_range(log_head_base, SECTOR_BYTES);
  program_bytes(log_head_base + 16, RECORD_A, bytes);
  program_word(log_head_base, bytes);
}

export function on_close(body: usize, sequence: u32): i32 {
  const sound = fields_open(FIELDS, body, keys_to(1), key_set(2)) && is_approval_list(field_at(FIELDS, 1));
  const amendment_at = field_at(FIELDS, 2);
  if (!sound || (amendment_at != CBOR_MISSING && !field_has_bytes(FIELDS, 2, 0, k.SMALL_RECORD_BYTES_MAX))) return k.REFUSAL_MESSAGE_MALFORMED;
  if (life_word() == LIFE_CLOSED) {
    reply_commitment(sequence);
    return 0;
  }
  if (!life_is_open()) return k.REFUSAL_WRONG_STATE;
  if (life_word() != LIFE_DOORS_CLOSED) return k.REFUSAL_DOORS_OPEN;
  const paper = paper_refusal();
  if (paper != 0) return paper;
  let minutes_min = open_minutes_min;
  if (amendment_at != CBOR_MISSING) {
    const amendment = cbor_bytes(amendment_at);
    const amended = amended_minutes(amendment, cbor_string_bytes());
    if (amended < 0) return k.REFUSAL_SIGNATURE_INVALID;
    minutes_min = amended as u32;
  }
  if (powered_minutes() < minutes_min) return k.REFUSAL_TOO_EARLY;
  const approvals = field_at(FIELDS, 1);
  const refusal = closing_approvals(approvals, k.ACTION_CLOSE);
  if (refusal != 0) return refusal;
  ballot_forget();
  const bytes = make_commitment(approvals);
  assert(bytes <= COMMITMENT_BYTES_MAX);
  erase_range(COMMITMENT, 2 * SECTOR_BYTES);
  program_bytes(COMMITMENT + 16, RECORD_A, bytes);
  program_word(COMMITMENT, bytes);
  log_event(EVENT_CLOSED);
  seal_log();
  life_append(LIFE_CLOSED);
  erase_secret();
  reply_commitment(sequence);
  return 0;
}

const BODY: usize = memory.data(168, 8);

/** The next committed slot from `from` on, or the number of slots. */
function next_record(from: u32): u32 {
  while (from < index_rows) {
    const word = read_word(index_base + from * ROW_BYTES + 12);
    if (word != ERASED && word != 0) return from;
    from++;
  }
  return index_rows;
}

export function on_read_slots(body: usize, sequence: u32): i32 {
  const sound = fields_open(FIELDS, body, keys_to(2), 0) && field_has_uint(FIELDS, 1, 0xffffffff) && field_has_uint(FIELDS, 2, k.SLOTS_PER_READ_MAX);
  if (!sound) return k.REFUSAL_MESSAGE_MALFORMED;
  if (life_word() != LIFE_CLOSED) return k.REFUSAL_NOT_CLOSED;
  const from = next_record(field_uint(FIELDS, 1) > (index_rows as u64) ? index_rows : (field_uint(FIELDS, 1) as u32));
  let count: u32 = 0;
  let next = from;
  for (; count < (field_uint(FIELDS, 2) as u32) && next < index_rows; count++) next = next_record(next + 1);
  reply_open(k.MESSAGE_READ_SLOTS, sequence);
  write_map(2);
  write_field_uint(k.READ_SLOTS_REPLY__NEXT, next);
  write_field_array(k.READ_SLOTS_REPLY__SEALED, count);
  let slot = from;
  for (let i: u32 = 0; i < count; i++) {
    read_flash(bodies_base + slot * body_stride, BODY, sealed_bytes);
    write_bytes(BODY, sealed_bytes);
    slot = next_record(slot + 1);
  }
  message_send();
  return 0;
}

/** Empties everything of the session; also at boot, where a clear was cut short. */
export function finish_clear(): void {
  erase_range(SECRET, SECTOR_BYTES);
  erase_range(index_base, store_end - index_base);
  erase_range(SESSION, 2 * SECTOR_BYTES);
  erase_range(COMMITMENT, 2 * SECTOR_BYTES);
  erase_range(MINUTES, SECTOR_BYTES);
  erase_range(INTENTS, SECTOR_BYTES);
  life_append(LIFE_PROVISIONED);
  count_unburnt();
  log_load();
  forget_session();
  forget_opening();
}

export function on_clear(body: usize, sequence: u32): i32 {
  if (!fields_open(FIELDS, body, keys_to(1), 0) || !is_approval_list(field_at(FIELDS, 1))) return k.REFUSAL_MESSAGE_MALFORMED;
  if (life_word() != LIFE_CLOSED) return k.REFUSAL_NOT_CLOSED;
  if (session_mode() != (k.MODE_REHEARSAL as u32)) return k.REFUSAL_CLEAR_REFUSED;
  close_statement_digest(DIGEST);
  const refusal = check_approvals(field_at(FIELDS, 1), k.ACTION_CLEAR, DIGEST, k.ROLE_EXECUTIVE, k.ROLE_SUPERVISOR);
  if (refusal != 0) return refusal;
  life_append(LIFE_CLEARING);
  finish_clear();
  reply_uint(k.MESSAGE_CLEAR, sequence, k.CLEAR_REPLY__LIFECYCLE, lifecycle());
  return 0;
}
