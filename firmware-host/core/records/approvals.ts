// Two role cards, one press each, over one statement.
import { CBOR_MISSING, cbor_array, cbor_bool, cbor_bytes, cbor_bytes_exact, cbor_count, cbor_skip, cbor_string_bytes } from '../codec/cbor_reader';
import { field_at, field_has_bool, field_has_bytes, field_has_text, field_has_uint, field_uint, fields_open, key_set, keys_to } from '../codec/fields';
import { equal_blocks } from '../crypto/constant_time';
import { election, election_bytes } from '../election/package';
import { found_role, role_key } from '../election/station';
import * as k from '../generated/constants';
import { same_bytes } from '../text';
import { cose_parse, cose_verify, record_election, record_election_bytes, record_payload, record_signer, record_signer_bytes } from './cose';

const FIELDS: usize = memory.data(128, 4);
let approving_role: i32 = 0;

/** Checks one approval and leaves its role in `approving_role`; 0, or the refusal. */
function check_one(p: usize, bytes: usize, action: i32, digest: usize): i32 {
  if (bytes > (k.APPROVAL_BYTES_MAX as usize) || !cose_parse(p, bytes, 'approval')) return k.REFUSAL_APPROVALS_INVALID;
  if (!same_bytes(record_election, record_election_bytes, election, election_bytes)) return k.REFUSAL_WRONG_ELECTION;
  const key = role_key(record_signer, record_signer_bytes);
  if (key == 0) return k.REFUSAL_SUBJECT_UNKNOWN;
  const enrolled = found_role;
  if (!cose_verify(key)) return k.REFUSAL_APPROVALS_INVALID;
  const sound =
    fields_open(FIELDS, record_payload, keys_to(3), key_set(4) | key_set(5)) &&
    field_has_uint(FIELDS, k.APPROVAL__ACTION, 255) &&
    field_has_uint(FIELDS, k.APPROVAL__ROLE, 255) &&
    field_has_bytes(FIELDS, k.APPROVAL__DIGEST, 32, 32) &&
    (field_at(FIELDS, k.APPROVAL__REMARK) == CBOR_MISSING || field_has_text(FIELDS, k.APPROVAL__REMARK, k.REMARK_BYTES_MAX)) &&
    (field_at(FIELDS, k.APPROVAL__REFUSED) == CBOR_MISSING || field_has_bool(FIELDS, k.APPROVAL__REFUSED));
  if (!sound) return k.REFUSAL_APPROVALS_INVALID;
  approving_role = field_uint(FIELDS, k.APPROVAL__ROLE) as i32;
  if (approving_role != enrolled) return k.REFUSAL_ROLE_NOT_ALLOWED;
  const holds =
    field_uint(FIELDS, k.APPROVAL__ACTION) == (action as u64) &&
    equal_blocks(cbor_bytes_exact(field_at(FIELDS, k.APPROVAL__DIGEST), 32), digest, 32) &&
    cbor_bool(field_at(FIELDS, k.APPROVAL__REFUSED)) != 1;
  return holds ? 0 : k.REFUSAL_APPROVALS_INVALID;
}

/** Whether `list` is exactly two byte strings: what a message or record must look like before it is believed. */
export function is_approval_list(list: usize): bool {
  let at = cbor_array(list);
  if (at == CBOR_MISSING || cbor_count() != 2) return false;
  for (let i = 0; i < 2; i++) {
    if (cbor_bytes(at) == CBOR_MISSING || cbor_string_bytes() > (k.APPROVAL_BYTES_MAX as usize)) return false;
    at = cbor_skip(at);
  }
  return true;
}

/** Two approvals of `action` over `digest` by the two roles, in either order; 0, or the refusal. */
export function check_approvals(list: usize, action: i32, digest: usize, role_a: i32, role_b: i32): i32 {
  let at = cbor_array(list);
  let first: i32 = 0;
  for (let i = 0; i < 2; i++) {
    const p = cbor_bytes(at);
    const refusal = check_one(p, cbor_string_bytes(), action, digest);
    if (refusal != 0) return refusal;
    if (approving_role != role_a && approving_role != role_b) return k.REFUSAL_ROLE_NOT_ALLOWED;
    if (approving_role == first) return k.REFUSAL_SAME_ROLE_TWICE;
    first = approving_role;
    at = cbor_skip(at);
  }
  return 0;
}
