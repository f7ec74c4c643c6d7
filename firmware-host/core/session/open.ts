// Opening: a joint nonce, two roles, an empty store; then a signing key that lives until close.
import { entropy } from '../board';
import { cbor_bytes_exact, cbor_skip } from '../codec/cbor_reader';
import { bytes_at, head_at, write_array, write_bytes, write_map, write_raw, write_text, write_uint, writer_bytes, writer_open } from '../codec/cbor_writer';
import { field_at, field_has_bytes, field_has_uint, field_uint, fields_open, keys_to } from '../codec/fields';
import { equal_blocks } from '../crypto/constant_time';
import { sha256_final, sha256_init, sha256_update } from '../crypto/sha256';
import { sha512_final, sha512_init, sha512_update } from '../crypto/sha512';
import { PACKAGE_DIGEST, demonstration, election, election_bytes } from '../election/package';
import { lifecycle } from '../election/load';
import { station_id, station_id_bytes } from '../election/station';
import { LIFE_OPEN, life_append, life_code, life_has_room, life_is_open } from '../flash/life';
import { EVENT_OPENED, log_event } from '../flash/log';
import { COMMITMENT, MINUTES, SECTOR_BYTES, index_base, index_rows, store_end } from '../flash/layout';
import { erase_range, is_erased } from '../flash/nor';
import * as k from '../generated/constants';
import { VOTING_SUBJECT, voting_subject_bytes } from '../link/hello';
import { message_send, reply_open, write_field_bytes, write_field_uint } from '../link/messages';
import { check_approvals, is_approval_list } from '../records/approvals';
import { cose_sign } from '../records/cose';
import { HMAC_CONTEXT, SIGN_CONTEXT, WORK } from '../scratch';
import { BOX_KEY, BOX_SEED, BOX_SUBJECT, box_subject_bytes } from './identity';
import { minutes_begin } from './minutes';
import { RECORD_A, RECORD_B, RECORD_BYTES } from './record_buffers';
import { SESSION_ID, SESSION_KEY, SESSION_NONCE, SESSION_RECORD_BYTES_MAX, begin_session, read_session_record, read_zero_report, session_record_bytes, session_sign, write_session, zero_report_bytes } from './session';

const FIELDS: usize = memory.data(128, 4);
const COMMITTED_NONCE: usize = memory.data(32, 4);
const BOX_NONCE: usize = memory.data(32, 4);
const STATEMENT: usize = memory.data(160, 4);
let statement_bytes: usize = 0;
let prepared_mode: u32 = 0; // 0: nothing is prepared

export function forget_opening(): void {
  prepared_mode = 0;
  memory.fill(BOX_NONCE, 0, 32);
}

function store_is_empty(): bool {
  return is_erased(index_base, store_end - index_base);
}

export function on_open_prepare(body: usize, sequence: u32): i32 {
  const sound =
    fields_open(FIELDS, body, keys_to(2), 0) &&
    field_has_uint(FIELDS, 1, k.MODE_OFFICIAL) && field_uint(FIELDS, 1) >= 1 &&
    field_has_bytes(FIELDS, 2, 32, 32);
  if (!sound) return k.REFUSAL_MESSAGE_MALFORMED;
  if (lifecycle() != k.LIFECYCLE_LOADED) return life_code() == k.LIFECYCLE_CLOSED ? k.REFUSAL_SESSION_CLOSED : k.REFUSAL_WRONG_STATE;
  const mode = field_uint(FIELDS, 1) as u32;
  const commitment = cbor_bytes_exact(field_at(FIELDS, 2), 32);
  if (demonstration && mode == (k.MODE_OFFICIAL as u32)) return k.REFUSAL_MODE_NOT_ALLOWED;
  if (!life_has_room()) return k.REFUSAL_FLASH_FAILED;
  if (!store_is_empty()) return k.REFUSAL_STORE_NOT_EMPTY;
  // The box's nonce is drawn after the station has committed to its own; repeated, it is the same.
  if (prepared_mode != mode || !equal_blocks(COMMITTED_NONCE, commitment, 32)) {
    memory.copy(COMMITTED_NONCE, commitment, 32);
    entropy(BOX_NONCE, 32);
    prepared_mode = mode;
  }
  reply_open(k.MESSAGE_OPEN_PREPARE, sequence);
  write_map(1);
  write_field_bytes(k.OPEN_PREPARE_REPLY__BOX_NONCE, BOX_NONCE, 32);
  message_send();
  return 0;
}

function make_statement(nonce: usize): void {
  let p = head_at(STATEMENT, 5, 4);
  store<u8>(p, 1);
  p = bytes_at(p + 1, 3, station_id, station_id_bytes);
  store<u8>(p, 2, 0);
  store<u8>(p, prepared_mode, 1);
  store<u8>(p, 3, 2);
  p = bytes_at(p + 3, 2, nonce, 32);
  store<u8>(p, 4);
  statement_bytes = bytes_at(p + 1, 2, BOX_NONCE, 32) - STATEMENT;
}

function sha256_of(p: usize, bytes: usize, out: usize): void {
  sha256_init(HMAC_CONTEXT);
  sha256_update(HMAC_CONTEXT, p, bytes);
  sha256_final(HMAC_CONTEXT, out);
}

function draw_seed(nonce: usize, out: usize): void {
  entropy(out, 32);
  sha512_init(SIGN_CONTEXT);
  sha512_update(SIGN_CONTEXT, out, 32);
  sha512_update(SIGN_CONTEXT, nonce, 32);
  sha512_update(SIGN_CONTEXT, BOX_NONCE, 32);
  sha512_final(SIGN_CONTEXT, out);
}

/** Session payload into RECORD_B, the signed record into RECORD_A; its length. */
function make_session_record(bucket: u64, approvals: usize): u32 {
  writer_open(RECORD_B, RECORD_BYTES);
  write_map(10);
  write_field_bytes(k.SESSION__SESSION_ID, SESSION_ID, 16);
  write_uint(k.SESSION__STATION_ID);
  write_text(station_id, station_id_bytes);
  write_field_uint(k.SESSION__MODE, prepared_mode);
  write_field_bytes(k.SESSION__PACKAGE_DIGEST, PACKAGE_DIGEST, 32);
  write_uint(k.SESSION__BOX_SUBJECT);
  write_text(BOX_SUBJECT, box_subject_bytes());
  write_uint(k.SESSION__VOTING_SUBJECT);
  write_text(VOTING_SUBJECT, voting_subject_bytes);
  write_field_bytes(k.SESSION__SESSION_KEY, SESSION_KEY, 32);
  write_field_uint(k.SESSION__OPENED_BUCKET, bucket);
  write_uint(k.SESSION__STATEMENT);
  write_raw(STATEMENT, statement_bytes);
  write_uint(k.SESSION__APPROVALS);
  write_raw(approvals, cbor_skip(approvals) - approvals);
  return cose_sign(RECORD_A, 'session', BOX_SUBJECT, box_subject_bytes(), election, election_bytes, RECORD_B, writer_bytes(), BOX_SEED, BOX_KEY) as u32;
}

/** The zero report into RECORD_B (payload at WORK); its length. */
function make_zero_report(): u32 {
  writer_open(WORK, 128);
  write_map(7);
  write_field_bytes(k.ZERO_REPORT__SESSION_ID, SESSION_ID, 16);
  write_field_uint(k.ZERO_REPORT__RECORDS, 0);
  write_field_uint(k.ZERO_REPORT__PAPERS_PRINTED, 0);
  write_field_uint(k.ZERO_REPORT__PAPERS_REJECTED, 0);
  write_field_uint(k.ZERO_REPORT__CARDS_SPENT, 0);
  write_field_uint(k.ZERO_REPORT__SLOTS, index_rows);
  write_field_uint(k.ZERO_REPORT__TORN_SLOTS, 0);
  return session_sign(RECORD_B, 'zero-report', WORK, writer_bytes()) as u32;
}

function reply_opened(sequence: u32): void {
  read_session_record(RECORD_A);
  read_zero_report(RECORD_B);
  reply_open(k.MESSAGE_OPEN, sequence);
  write_map(2);
  write_field_bytes(k.OPEN_REPLY__SESSION, RECORD_A, session_record_bytes());
  write_field_bytes(k.OPEN_REPLY__ZERO_REPORT, RECORD_B, zero_report_bytes());
  message_send();
}

export function on_open(body: usize, sequence: u32): i32 {
  const sound =
    fields_open(FIELDS, body, keys_to(3), 0) &&
    field_has_bytes(FIELDS, 1, 32, 32) &&
    field_has_uint(FIELDS, 2, 9007199254740991) &&
    is_approval_list(field_at(FIELDS, 3));
  if (!sound) return k.REFUSAL_MESSAGE_MALFORMED;
  const nonce = cbor_bytes_exact(field_at(FIELDS, 1), 32);
  const bucket = field_uint(FIELDS, 2);
  const approvals = field_at(FIELDS, 3);
  if (life_is_open() || life_code() == k.LIFECYCLE_CLOSED) {
    if (!equal_blocks(nonce, SESSION_NONCE, 32)) return life_is_open() ? k.REFUSAL_WRONG_STATE : k.REFUSAL_SESSION_CLOSED;
    reply_opened(sequence);
    return 0;
  }
  if (lifecycle() != k.LIFECYCLE_LOADED) return k.REFUSAL_WRONG_STATE;
  if (prepared_mode == 0) return k.REFUSAL_NONCE_MISMATCH;
  sha256_of(nonce, 32, WORK);
  if (!equal_blocks(WORK, COMMITTED_NONCE, 32)) return k.REFUSAL_NONCE_MISMATCH;
  make_statement(nonce);
  const digest = WORK + 512;
  sha256_of(STATEMENT, statement_bytes, digest);
  const refusal = check_approvals(approvals, k.ACTION_OPEN, digest, k.ROLE_EXECUTIVE, k.ROLE_SUPERVISOR);
  if (refusal != 0) return refusal;
  if (!store_is_empty()) return k.REFUSAL_STORE_NOT_EMPTY;
  draw_seed(nonce, WORK + 576);
  begin_session(prepared_mode, digest, WORK + 576, nonce);
  const record_bytes = make_session_record(bucket, approvals);
  assert(record_bytes <= SESSION_RECORD_BYTES_MAX);
  const zero_bytes = make_zero_report();
  erase_range(MINUTES, SECTOR_BYTES);
  erase_range(COMMITMENT, 2 * SECTOR_BYTES);
  write_session(RECORD_A, record_bytes, RECORD_B, zero_bytes);
  life_append(LIFE_OPEN);
  log_event(EVENT_OPENED);
  minutes_begin();
  forget_opening();
  reply_opened(sequence);
  return 0;
}
