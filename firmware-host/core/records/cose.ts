// Signed records: COSE_Sign1 as RECORDS.md has it. `cose_parse` takes one apart in place; the parts stand in the
// variables below until the next call.
import { CBOR_OK, cbor_check } from '../codec/cbor_reader';
import { bytes_at, head_at } from '../codec/cbor_writer';
import { ed25519_sign, ed25519_verify } from '../crypto/ed25519';
import { ID_BYTES_MAX, SUBJECT_BYTES_MAX } from '../generated/constants';
import { COSE_HEAD } from '../scratch';
import { is_text, put_text } from '../text';

export let record_signer: usize = 0;
export let record_signer_bytes: usize = 0;
export let record_type: usize = 0;
export let record_type_bytes: usize = 0;
export let record_election: usize = 0;
export let record_election_bytes: usize = 0;
export let record_payload: usize = 0;
export let record_payload_bytes: usize = 0;
let signature: usize = 0;
// The protected header and the payload as byte strings, heads included: they are signed in that form.
let protected_raw: usize = 0;
let protected_raw_bytes: usize = 0;
let payload_raw: usize = 0;
let payload_raw_bytes: usize = 0;

const PROTECTED_BYTES_MAX: usize = 224;

// The string last taken by take_string.
let taken: usize = 0;
let taken_bytes: usize = 0;

/** A definite string head of the given major type in its shortest form; returns the place after it, or 0. */
function take_string(p: usize, end: usize, major: u32): usize {
  if (p >= end || load<u8>(p) >> 5 != major) return 0;
  const low: u32 = load<u8>(p) & 31;
  p++;
  let n: usize = low;
  if (low >= 24) {
    if (low > 26) return 0;
    const width: usize = 1 << (low - 24);
    if (width > end - p) return 0;
    n = 0;
    for (let i: usize = 0; i < width; i++) n = (n << 8) | (load<u8>(p + i) as usize);
    p += width;
    if (n < (low == 24 ? 24 : low == 25 ? 256 : 65536)) return 0;
  }
  if (n > end - p) return 0;
  taken = p;
  taken_bytes = n;
  return p + n;
}

function parse_protected(p: usize, bytes: usize): bool {
  const end = p + bytes;
  // {1: -8, 4: …
  if (bytes < 4 || load<u32>(p) != 0x042701a4) return false;
  p = take_string(p + 4, end, 2);
  if (p == 0 || taken_bytes > (SUBJECT_BYTES_MAX as usize) || p >= end || load<u8>(p) != 0x10) return false;
  record_signer = taken;
  record_signer_bytes = taken_bytes;
  p = take_string(p + 1, end, 3);
  if (p == 0 || taken_bytes <= 7 || !is_text(taken, 7, 'sandoq/')) return false;
  record_type = taken + 7;
  record_type_bytes = taken_bytes - 7;
  // -65537
  if (end - p < 5 || load<u8>(p) != 0x3a || load<u32>(p, 1) != 0x00000100) return false;
  p = take_string(p + 5, end, 3);
  record_election = taken;
  record_election_bytes = taken_bytes;
  return p == end && taken_bytes > 0 && taken_bytes <= (ID_BYTES_MAX as usize);
}

/** Whether the bytes are a record of this type whose payload is deterministic CBOR. The signature is the next step. */
export function cose_parse(p: usize, bytes: usize, type: string): bool {
  const end = p + bytes;
  if (bytes < 2 || load<u16>(p) != 0x84d2) return false;
  protected_raw = p + 2;
  p = take_string(protected_raw, end, 2);
  if (p == 0 || taken_bytes > PROTECTED_BYTES_MAX || p >= end || load<u8>(p) != 0xa0) return false;
  protected_raw_bytes = p - protected_raw;
  if (!parse_protected(taken, taken_bytes)) return false;
  payload_raw = p + 1;
  p = take_string(payload_raw, end, 2);
  if (p == 0) return false;
  payload_raw_bytes = p - payload_raw;
  record_payload = taken;
  record_payload_bytes = taken_bytes;
  p = take_string(p, end, 2);
  if (p != end || taken_bytes != 64) return false;
  signature = taken;
  return is_text(record_type, record_type_bytes, type) && cbor_check(record_payload, record_payload_bytes) == CBOR_OK;
}

/** COSE_HEAD = ["Signature1", protected, h'' … up to the payload; returns its length. */
function signed_head(raw: usize, raw_bytes: usize): usize {
  store<u8>(COSE_HEAD, 0x84);
  let p = put_text(head_at(COSE_HEAD + 1, 3, 10), 'Signature1');
  memory.copy(p, raw, raw_bytes);
  p += raw_bytes;
  store<u8>(p, 0x40);
  return p + 1 - COSE_HEAD;
}

/** Whether the record last parsed is signed by this key. */
export function cose_verify(public_key: usize): bool {
  const n = signed_head(protected_raw, protected_raw_bytes);
  return ed25519_verify(public_key, COSE_HEAD, n, payload_raw, payload_raw_bytes, signature);
}

function put_protected(p: usize, type: string, signer: usize, signer_bytes: usize, election: usize, election_bytes: usize): usize {
  // Header bytes: 4 + kid + 1 + type + 5 + election, as a byte string.
  const type_bytes = (type.length as usize) + 7;
  const n: usize = 4 + string_bytes(signer_bytes) + 1 + string_bytes(type_bytes) + 5 + string_bytes(election_bytes);
  p = head_at(p, 2, n as u32);
  store<u32>(p, 0x042701a4);
  p = bytes_at(p + 4, 2, signer, signer_bytes);
  store<u8>(p, 0x10);
  p = put_text(put_text(head_at(p + 1, 3, type_bytes as u32), 'sandoq/'), type);
  store<u8>(p, 0x3a);
  store<u32>(p, 0x00000100, 1);
  return bytes_at(p + 5, 3, election, election_bytes);
}

// @ts-ignore: decorator
@inline function string_bytes(n: usize): usize {
  return n < 24 ? n + 1 : n <= 0xff ? n + 2 : n + 3;
}

/** Writes a signed record at `out` (payload + 400 bytes suffice); returns its length. */
export function cose_sign(
  out: usize, type: string, signer: usize, signer_bytes: usize, election: usize, election_bytes: usize,
  payload: usize, payload_bytes: usize, seed: usize, public_key: usize,
): usize {
  store<u16>(out, 0x84d2);
  const raw = out + 2;
  let p = put_protected(raw, type, signer, signer_bytes, election, election_bytes);
  const head_bytes = signed_head(raw, p - raw);
  store<u8>(p, 0xa0);
  const body = p + 1;
  p = bytes_at(body, 2, payload, payload_bytes);
  const sig = head_at(p, 2, 64);
  ed25519_sign(seed, public_key, COSE_HEAD, head_bytes, body, p - body, sig);
  return sig + 64 - out;
}

/** Only the 64 bytes of signature of a record whose every other part the reader knows. */
export function cose_signature(
  type: string, signer: usize, signer_bytes: usize, election: usize, election_bytes: usize,
  payload: usize, payload_bytes: usize, seed: usize, public_key: usize, out: usize,
): void {
  const raw = COSE_HEAD + 256;
  const end = put_protected(raw, type, signer, signer_bytes, election, election_bytes);
  const head_bytes = signed_head(raw, end - raw);
  const body_end = bytes_at(raw, 2, payload, payload_bytes);
  ed25519_sign(seed, public_key, COSE_HEAD, head_bytes, raw, body_end - raw, out);
}

/** Whether `sig` is what cose_signature makes with the secret of `public_key`. */
export function cose_signature_holds(
  type: string, signer: usize, signer_bytes: usize, election: usize, election_bytes: usize,
  payload: usize, payload_bytes: usize, public_key: usize, sig: usize,
): bool {
  const raw = COSE_HEAD + 256;
  const end = put_protected(raw, type, signer, signer_bytes, election, election_bytes);
  const head_bytes = signed_head(raw, end - raw);
  const body_end = bytes_at(raw, 2, payload, payload_bytes);
  return ed25519_verify(public_key, COSE_HEAD, head_bytes, raw, body_end - raw, sig);
}
