// What a tarefe card says, and whether it may begin a ballot: armed for this station and mode by both roles, and not
// spent here before.
import { CBOR_MISSING, cbor_bytes_exact, cbor_skip, cbor_string_bytes, cbor_text } from '../codec/cbor_reader';
import { field_at, field_has_bytes, field_has_text, field_has_uint, field_uint, fields_open, key_set, keys_to } from '../codec/fields';
import { equal_blocks } from '../crypto/constant_time';
import { sha256_final, sha256_init, sha256_update } from '../crypto/sha256';
import { election, election_bytes, styles } from '../election/package';
import { device_key, station_id, station_id_bytes } from '../election/station';
import * as k from '../generated/constants';
import { check_approvals, is_approval_list } from '../records/approvals';
import { cose_parse, cose_verify, record_election, record_election_bytes, record_payload, record_signer, record_signer_bytes } from '../records/cose';
import { HMAC_CONTEXT, WORK } from '../scratch';
import { session_mode } from '../session/session';
import { same_bytes } from '../text';

const FIELDS: usize = memory.data(128, 4);
const STATEMENT: usize = memory.data(128, 4);

export let found_style: u32 = 0;
/** The card last read says, signed, that it is spent, and FOUND_HASH is that of its arming. */
export let found_spent: bool = false;
export const FOUND_HASH: usize = memory.data(32, 8);
export const FOUND_STATEMENT: usize = memory.data(32, 8);
let approvals: usize = 0;

function digest(p: usize, bytes: usize, out: usize): void {
  sha256_init(HMAC_CONTEXT);
  sha256_update(HMAC_CONTEXT, p, bytes);
  sha256_final(HMAC_CONTEXT, out);
}

/** Reads a Tarefe record that answers `challenge`: an armed card of this station and mode; 0, or the refusal. */
export function read_armed_card(p: usize, bytes: usize, challenge: usize): i32 {
  found_spent = false;
  if (bytes > (k.TAREFE_BYTES_MAX as usize) || !cose_parse(p, bytes, 'tarefe')) return k.REFUSAL_CARD_UNREADABLE;
  if (!same_bytes(record_election, record_election_bytes, election, election_bytes)) return k.REFUSAL_WRONG_ELECTION;
  const key = device_key(record_signer, record_signer_bytes, k.PURPOSE_TAREFE);
  if (key == 0) return k.REFUSAL_CARD_WRONG_STATION;
  if (!cose_verify(key)) return k.REFUSAL_CARD_SIGNATURE_INVALID;
  const sound =
    fields_open(FIELDS, record_payload, keys_to(2), key_set(3) | key_set(4)) &&
    field_has_bytes(FIELDS, k.TAREFE__CHALLENGE, 32, 32) &&
    field_has_uint(FIELDS, k.TAREFE__STATE, k.TAREFE_STATE_SPENT);
  if (!sound) return k.REFUSAL_CARD_UNREADABLE;
  if (!equal_blocks(cbor_bytes_exact(field_at(FIELDS, k.TAREFE__CHALLENGE), 32), challenge, 32)) return k.REFUSAL_CARD_SIGNATURE_INVALID;
  const state = field_uint(FIELDS, k.TAREFE__STATE) as i32;
  if (state == k.TAREFE_STATE_SPENT) {
    // Which arming it was is kept: the box may owe this card its burning.
    found_spent = read_statement(field_at(FIELDS, k.TAREFE__STATEMENT)) == 0;
    return k.REFUSAL_CARD_SPENT;
  }
  if (state != k.TAREFE_STATE_ARMED) return k.REFUSAL_CARD_NOT_ARMED;
  approvals = field_at(FIELDS, k.TAREFE__APPROVALS);
  if (!is_approval_list(approvals)) return k.REFUSAL_APPROVALS_INVALID;
  return read_statement(field_at(FIELDS, k.TAREFE__STATEMENT));
}

function read_statement(p: usize): i32 {
  if (p == CBOR_MISSING) return k.REFUSAL_CARD_NOT_ARMED;
  const sound =
    fields_open(STATEMENT, p, keys_to(4), 0) &&
    field_has_text(STATEMENT, k.ARM_STATEMENT__STATION_ID, k.ID_BYTES_MAX) &&
    field_has_uint(STATEMENT, k.ARM_STATEMENT__MODE, k.MODE_OFFICIAL) &&
    field_has_uint(STATEMENT, k.ARM_STATEMENT__STYLE, 0xff) &&
    field_has_bytes(STATEMENT, k.ARM_STATEMENT__ARMING_NONCE, 16, 16);
  if (!sound) return k.REFUSAL_CARD_UNREADABLE;
  const id = cbor_text(field_at(STATEMENT, k.ARM_STATEMENT__STATION_ID));
  if (!same_bytes(id, cbor_string_bytes(), station_id, station_id_bytes)) return k.REFUSAL_CARD_WRONG_STATION;
  if (field_uint(STATEMENT, k.ARM_STATEMENT__MODE) != (session_mode() as u64)) return k.REFUSAL_CARD_WRONG_MODE;
  found_style = field_uint(STATEMENT, k.ARM_STATEMENT__STYLE) as u32;
  if (found_style >= styles) return k.REFUSAL_STYLE_UNKNOWN;
  digest(cbor_bytes_exact(field_at(STATEMENT, k.ARM_STATEMENT__ARMING_NONCE), 16), 16, FOUND_HASH);
  digest(p, cbor_skip(p) - p, FOUND_STATEMENT);
  return 0;
}

/** Both roles approved what the card last read says; 0, or the refusal. */
export function check_arming_approvals(): i32 {
  memory.copy(WORK, FOUND_STATEMENT, 32);
  return check_approvals(approvals, k.ACTION_ARM_TAREFE, WORK, k.ROLE_EXECUTIVE, k.ROLE_SUPERVISOR);
}
