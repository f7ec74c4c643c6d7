// The loaded station's entry: which keys this box believes for what.
import { CBOR_MISSING, cbor_array, cbor_bytes_exact, cbor_count, cbor_skip, cbor_string_bytes, cbor_text, cbor_uint } from '../codec/cbor_reader';
import { field_at, field_has_bytes, field_has_text, field_has_uint, field_uint, fields_open, key_set, keys_to } from '../codec/fields';
import { ed25519_key_is_sound } from '../crypto/ed25519';
import * as k from '../generated/constants';
import { cose_parse, cose_verify, record_election, record_election_bytes, record_payload, record_signer, record_signer_bytes } from '../records/cose';
import { is_text, same_bytes } from '../text';
import { election, election_bytes } from './package';

export const STATION_RECORD: usize = memory.data(8192, 16);

export let station_id: usize = 0;
export let station_id_bytes: usize = 0;
export let votes_max: u32 = 0;
/** X25519 keys of the count. */
export let governor_key: usize = 0;
export let council_key: usize = 0;

let devices: usize = 0;
let roles: usize = 0;
const TOP: usize = memory.data(128, 4);
const INNER: usize = memory.data(128, 4);

function devices_are_sound(): bool {
  let at = cbor_array(devices);
  const n = cbor_count();
  if (at == CBOR_MISSING || n > (k.DEVICES_MAX as u32)) return false;
  for (let i: u32 = 0; i < n; i++) {
    const sound =
      fields_open(INNER, at, keys_to(3), 0) &&
      field_has_text(INNER, k.ENROLLED_DEVICE__SUBJECT, k.SUBJECT_BYTES_MAX) &&
      field_has_uint(INNER, k.ENROLLED_DEVICE__PURPOSE, k.PURPOSE_BOARD) &&
      field_has_bytes(INNER, k.ENROLLED_DEVICE__KEY, 32, 32) &&
      ed25519_key_is_sound(cbor_bytes_exact(field_at(INNER, k.ENROLLED_DEVICE__KEY), 32));
    if (!sound) return false;
    at = cbor_skip(at);
  }
  return true;
}

function roles_are_sound(): bool {
  let at = cbor_array(roles);
  const n = cbor_count();
  if (at == CBOR_MISSING || n > (k.ROLES_MAX as u32)) return false;
  governor_key = 0;
  council_key = 0;
  for (let i: u32 = 0; i < n; i++) {
    const sound =
      fields_open(INNER, at, keys_to(3), key_set(4)) &&
      field_has_text(INNER, k.ENROLLED_ROLE__SUBJECT, k.SUBJECT_BYTES_MAX) &&
      field_has_uint(INNER, k.ENROLLED_ROLE__ROLE, k.ROLE_SUPERVISORY_BOARD) &&
      field_has_bytes(INNER, k.ENROLLED_ROLE__KEY, 32, 32) &&
      ed25519_key_is_sound(cbor_bytes_exact(field_at(INNER, k.ENROLLED_ROLE__KEY), 32));
    if (!sound) return false;
    const count_at = field_at(INNER, k.ENROLLED_ROLE__COUNT_KEY);
    const count_key = cbor_bytes_exact(count_at, 32);
    if (count_at != CBOR_MISSING && count_key == CBOR_MISSING) return false;
    const role = field_uint(INNER, k.ENROLLED_ROLE__ROLE) as i32;
    // The first of each, as every other reader of the list takes it.
    if (role == k.ROLE_GOVERNOR_REPRESENTATIVE && governor_key == 0) governor_key = count_key;
    if (role == k.ROLE_COUNCIL_REPRESENTATIVE && council_key == 0) council_key = count_key;
    at = cbor_skip(at);
  }
  return governor_key != 0 && council_key != 0;
}

/** Reads STATION_RECORD under a package already read; 0, or the refusal. */
export function read_station(bytes: u32, authority_key: usize, box_subject: usize, box_subject_bytes: usize, box_key: usize): i32 {
  if (!cose_parse(STATION_RECORD, bytes, 'station')) return k.REFUSAL_STATION_INVALID;
  if (!is_text(record_signer, record_signer_bytes, 'authority') || !cose_verify(authority_key)) return k.REFUSAL_SIGNATURE_INVALID;
  if (!same_bytes(record_election, record_election_bytes, election, election_bytes)) return k.REFUSAL_WRONG_ELECTION;
  const sound =
    fields_open(TOP, record_payload, keys_to(7), key_set(8)) &&
    field_has_text(TOP, k.STATION__ID, k.ID_BYTES_MAX) &&
    field_has_uint(TOP, k.STATION__VOTES_MAX, k.VOTES_MAX);
  if (!sound) return k.REFUSAL_STATION_INVALID;
  station_id = cbor_text(field_at(TOP, k.STATION__ID));
  station_id_bytes = cbor_string_bytes();
  votes_max = field_uint(TOP, k.STATION__VOTES_MAX) as u32;
  devices = field_at(TOP, k.STATION__DEVICES);
  roles = field_at(TOP, k.STATION__ROLES);
  if (votes_max == 0 || !devices_are_sound() || !roles_are_sound()) return k.REFUSAL_STATION_INVALID;
  const own = device_key(box_subject, box_subject_bytes, k.PURPOSE_BOX);
  return own != 0 && same_bytes(own, 32, box_key, 32) ? 0 : k.REFUSAL_DEVICE_NOT_ENROLLED;
}

/** The key of an enrolled device of this subject and purpose, or 0. */
export function device_key(subject: usize, subject_bytes: usize, purpose: i32): usize {
  let at = cbor_array(devices);
  for (let left = cbor_count(); left > 0; left--) {
    fields_open(INNER, at, keys_to(3), 0);
    const name = cbor_text(field_at(INNER, k.ENROLLED_DEVICE__SUBJECT));
    if (same_bytes(name, cbor_string_bytes(), subject, subject_bytes) && cbor_uint(field_at(INNER, k.ENROLLED_DEVICE__PURPOSE), 0) == (purpose as u64))
      return cbor_bytes_exact(field_at(INNER, k.ENROLLED_DEVICE__KEY), 32);
    at = cbor_skip(at);
  }
  return 0;
}

/** The enrolled role of the card last found by role_key. */
export let found_role: i32 = 0;

/** The key of an enrolled role card, or 0. */
export function role_key(subject: usize, subject_bytes: usize): usize {
  let at = cbor_array(roles);
  for (let left = cbor_count(); left > 0; left--) {
    fields_open(INNER, at, keys_to(3), key_set(4));
    const name = cbor_text(field_at(INNER, k.ENROLLED_ROLE__SUBJECT));
    if (same_bytes(name, cbor_string_bytes(), subject, subject_bytes)) {
      found_role = cbor_uint(field_at(INNER, k.ENROLLED_ROLE__ROLE), 0) as i32;
      return cbor_bytes_exact(field_at(INNER, k.ENROLLED_ROLE__KEY), 32);
    }
    at = cbor_skip(at);
  }
  return 0;
}
