// Link-up: each side proves its key over both challenges and reports its software.
import { entropy, software_hash } from '../board';
import { begin_end } from '../cast/begin';
import { cbor_bytes_exact, cbor_string_bytes, cbor_text } from '../codec/cbor_reader';
import { bytes_at, head_at, write_map, write_text, write_uint } from '../codec/cbor_writer';
import { field_at, field_has_bytes, field_has_text, fields_open, keys_to } from '../codec/fields';
import { election_is_loaded, lifecycle } from '../election/load';
import { device_key } from '../election/station';
import { LIFE_PROVISIONED, life_append, life_word } from '../flash/life';
import { ERASED } from '../flash/layout';
import * as k from '../generated/constants';
import { cose_signature, cose_signature_holds } from '../records/cose';
import { WORK } from '../scratch';
import { AUTHORITY_KEY, BOX_KEY, BOX_SEED, BOX_SUBJECT, box_subject_bytes, make_identity } from '../session/identity';
import { put_text } from '../text';
import { message_send, reply_open, write_field_bytes, write_field_uint } from './messages';

const FIELDS: usize = memory.data(128, 4);
const HOST_CHALLENGE: usize = memory.data(32, 4);
const HOST_SOFTWARE: usize = memory.data(32, 4);
const BOX_CHALLENGE: usize = memory.data(32, 4);
const SOFTWARE: usize = memory.data(32, 4);
const NONE: usize = memory.data(4, 4);
/** The voting device that proved itself on this link. */
export const VOTING_SUBJECT: usize = memory.data(64, 4);
export let voting_subject_bytes: usize = 0;
let greeted: bool = false;

export function host_is_proved(): bool {
  return voting_subject_bytes != 0;
}

/** LinkProof {1: from box, 2, 3: challenges, 4: software hash} at WORK; returns its length. */
function link_proof(from_box: bool, software: usize): usize {
  let p = head_at(WORK, 5, 4);
  store<u8>(p, 1, 0);
  store<u8>(p, from_box ? 0xf5 : 0xf4, 1);
  store<u8>(p, 2, 2);
  p = bytes_at(p + 3, 2, HOST_CHALLENGE, 32);
  store<u8>(p, 3);
  p = bytes_at(p + 1, 2, BOX_CHALLENGE, 32);
  store<u8>(p, 4);
  return bytes_at(p + 1, 2, software, 32) - WORK;
}

export function on_hello(body: usize, sequence: u32): i32 {
  const sound =
    fields_open(FIELDS, body, keys_to(2), 0) &&
    field_has_bytes(FIELDS, k.HELLO_REQUEST__CHALLENGE, 32, 32) &&
    field_has_bytes(FIELDS, k.HELLO_REQUEST__SOFTWARE_HASH, 32, 32);
  if (!sound) return k.REFUSAL_MESSAGE_MALFORMED;
  memory.copy(HOST_CHALLENGE, cbor_bytes_exact(field_at(FIELDS, k.HELLO_REQUEST__CHALLENGE), 32), 32);
  memory.copy(HOST_SOFTWARE, cbor_bytes_exact(field_at(FIELDS, k.HELLO_REQUEST__SOFTWARE_HASH), 32), 32);
  voting_subject_bytes = 0;
  begin_end();
  greeted = true;
  software_hash(SOFTWARE);
  const signature = WORK + 256;
  memory.fill(signature, 0, 64);
  memory.fill(BOX_CHALLENGE, 0, 32);
  if (life_word() != ERASED) {
    entropy(BOX_CHALLENGE, 32);
    put_text(NONE, 'none');
    const n = link_proof(true, SOFTWARE);
    cose_signature('link', BOX_SUBJECT, box_subject_bytes(), NONE, 4, WORK, n, BOX_SEED, BOX_KEY, signature);
  }
  reply_open(k.MESSAGE_HELLO, sequence);
  write_map(6);
  write_uint(k.HELLO_REPLY__SUBJECT);
  write_text(BOX_SUBJECT, box_subject_bytes());
  write_field_bytes(k.HELLO_REPLY__KEY, BOX_KEY, 32);
  write_field_bytes(k.HELLO_REPLY__CHALLENGE, BOX_CHALLENGE, 32);
  write_field_bytes(k.HELLO_REPLY__SOFTWARE_HASH, SOFTWARE, 32);
  write_field_bytes(k.HELLO_REPLY__SIGNATURE, signature, 64);
  write_field_uint(k.HELLO_REPLY__LIFECYCLE, lifecycle());
  message_send();
  return 0;
}

export function on_prove(body: usize, sequence: u32): i32 {
  const sound =
    fields_open(FIELDS, body, keys_to(2), 0) &&
    field_has_text(FIELDS, k.PROVE_REQUEST__SUBJECT, k.SUBJECT_BYTES_MAX) &&
    field_has_bytes(FIELDS, k.PROVE_REQUEST__SIGNATURE, 64, 64);
  if (!sound) return k.REFUSAL_MESSAGE_MALFORMED;
  if (!greeted) return k.REFUSAL_PROOF_INVALID;
  if (!election_is_loaded()) return k.REFUSAL_WRONG_STATE;
  const subject = cbor_text(field_at(FIELDS, k.PROVE_REQUEST__SUBJECT));
  const subject_bytes = cbor_string_bytes();
  const key = device_key(subject, subject_bytes, k.PURPOSE_VOTING);
  if (key == 0) return k.REFUSAL_SUBJECT_UNKNOWN;
  put_text(NONE, 'none');
  const n = link_proof(false, HOST_SOFTWARE);
  const signature = cbor_bytes_exact(field_at(FIELDS, k.PROVE_REQUEST__SIGNATURE), 64);
  if (!cose_signature_holds('link', subject, subject_bytes, NONE, 4, WORK, n, key, signature)) return k.REFUSAL_PROOF_INVALID;
  memory.copy(VOTING_SUBJECT, subject, subject_bytes);
  voting_subject_bytes = subject_bytes;
  reply_open(k.MESSAGE_PROVE, sequence);
  write_map(0);
  message_send();
  return 0;
}

export function on_provision(body: usize, sequence: u32): i32 {
  const sound =
    fields_open(FIELDS, body, keys_to(2), 0) &&
    field_has_bytes(FIELDS, k.PROVISION_REQUEST__AUTHORITY_KEY, 32, 32) &&
    field_has_text(FIELDS, k.PROVISION_REQUEST__SUBJECT, k.SUBJECT_BYTES_MAX);
  if (!sound) return k.REFUSAL_MESSAGE_MALFORMED;
  const authority = cbor_bytes_exact(field_at(FIELDS, k.PROVISION_REQUEST__AUTHORITY_KEY), 32);
  const subject = cbor_text(field_at(FIELDS, k.PROVISION_REQUEST__SUBJECT));
  const subject_bytes = cbor_string_bytes();
  if (life_word() != ERASED) {
    // Repeated with the same words it answers the same.
    if (!is_same_identity(authority, subject, subject_bytes)) return k.REFUSAL_ALREADY_PROVISIONED;
  } else {
    if (subject_bytes == 0 || !make_identity(authority, subject, subject_bytes)) return k.REFUSAL_MESSAGE_MALFORMED;
    life_append(LIFE_PROVISIONED);
  }
  reply_open(k.MESSAGE_PROVISION, sequence);
  write_map(1);
  write_field_bytes(k.PROVISION_REPLY__KEY, BOX_KEY, 32);
  message_send();
  return 0;
}

function is_same_identity(authority: usize, subject: usize, subject_bytes: usize): bool {
  if (subject_bytes != box_subject_bytes() || memory.compare(subject, BOX_SUBJECT, subject_bytes) != 0) return false;
  return memory.compare(authority, AUTHORITY_KEY, 32) == 0;
}
