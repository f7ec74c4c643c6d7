// The session of one opening: its id, mode, signing key and records, in flash from open to clear; the seed in a
// sector of its own from open to close.
import { bytes_at, head_at } from '../codec/cbor_writer';
import { ed25519_public_key } from '../crypto/ed25519';
import { sha256_final, sha256_init, sha256_update } from '../crypto/sha256';
import { election, election_bytes } from '../election/package';
import { station_id, station_id_bytes } from '../election/station';
import { LIFE_CLOSED, life_is_open, life_word } from '../flash/life';
import { SECRET, SECTOR_BYTES, SESSION } from '../flash/layout';
import { erase_range, is_erased, program_bytes, program_words, read_flash, zero_words } from '../flash/nor';
import { cose_sign, cose_signature } from '../records/cose';
import { HMAC_CONTEXT, WORK } from '../scratch';
import { put_text } from '../text';

// As in flash: mode 4, id 16, key 32, station nonce 32, lengths of the two records 8.
const IMAGE_BYTES: u32 = 92;
const IMAGE: usize = memory.data(92, 4);
export const SESSION_ID: usize = IMAGE + 4;
export const SESSION_KEY: usize = IMAGE + 20;
export const SESSION_NONCE: usize = IMAGE + 52;
const RECORD_AT: u32 = SESSION + 128;
const ZERO_AT: u32 = SESSION + SECTOR_BYTES;
export const SESSION_RECORD_BYTES_MAX: u32 = SECTOR_BYTES - 128;

const SEED: usize = memory.data(32, 4);
/** "session/" and the id in hexadecimal. */
export const SESSION_SUBJECT: usize = memory.data(40, 4);
export const SESSION_SUBJECT_BYTES: usize = 40;

export function session_mode(): u32 {
  return load<u32>(IMAGE);
}
export function session_record_bytes(): u32 {
  return load<u32>(IMAGE + 84);
}
export function zero_report_bytes(): u32 {
  return load<u32>(IMAGE + 88);
}
export function read_session_record(out: usize): void {
  read_flash(RECORD_AT, out, session_record_bytes());
}
export function read_zero_report(out: usize): void {
  read_flash(ZERO_AT, out, zero_report_bytes());
}

function name_subject(): void {
  let p = put_text(SESSION_SUBJECT, 'session/');
  for (let i: usize = 0; i < 16; i++) {
    const v = load<u8>(SESSION_ID + i);
    store<u8>(p, hex_digit(v >> 4), 0);
    store<u8>(p, hex_digit(v & 15), 1);
    p += 2;
  }
}

function hex_digit(v: u8): u8 {
  return v < 10 ? 0x30 + v : 0x61 + v - 10;
}

/** At boot. A closed session's seed is erased here if power was lost before that was done. */
export function load_session(): void {
  memory.fill(IMAGE, 0, IMAGE_BYTES);
  memory.fill(SEED, 0, 32);
  if (!life_is_open() && life_word() != LIFE_CLOSED) return;
  read_flash(SESSION, IMAGE, IMAGE_BYTES);
  assert(session_record_bytes() <= SESSION_RECORD_BYTES_MAX && zero_report_bytes() <= SECTOR_BYTES);
  name_subject();
  if (life_is_open()) read_flash(SECRET, SEED, 32);
  else erase_secret();
}

export function erase_secret(): void {
  memory.fill(SEED, 0, 32);
  if (is_erased(SECRET, SECTOR_BYTES)) return;
  zero_words(SECRET, 32);
  erase_range(SECRET, SECTOR_BYTES);
}

/** Takes the session into memory; nothing is in flash yet. `seed` is 32 bytes. */
export function begin_session(mode: u32, id: usize, seed: usize, nonce: usize): void {
  store<u32>(IMAGE, mode);
  memory.copy(SESSION_ID, id, 16);
  memory.copy(SEED, seed, 32);
  ed25519_public_key(SEED, SESSION_KEY);
  memory.copy(SESSION_NONCE, nonce, 32);
  name_subject();
}

/** Writes the session with its two records; the lifecycle's word makes it true. */
export function write_session(record: usize, record_bytes: u32, zero: usize, zero_bytes: u32): void {
  assert(record_bytes <= SESSION_RECORD_BYTES_MAX && zero_bytes <= SECTOR_BYTES);
  store<u32>(IMAGE + 84, record_bytes);
  store<u32>(IMAGE + 88, zero_bytes);
  erase_range(SECRET, SECTOR_BYTES);
  erase_range(SESSION, 2 * SECTOR_BYTES);
  program_words(SECRET, SEED, 32);
  program_words(SESSION, IMAGE, IMAGE_BYTES);
  program_bytes(RECORD_AT, record, record_bytes);
  program_bytes(ZERO_AT, zero, zero_bytes);
}

export function forget_session(): void {
  memory.fill(IMAGE, 0, IMAGE_BYTES);
  memory.fill(SEED, 0, 32);
}

/** A record under the session key; returns its length. */
export function session_sign(out: usize, type: string, payload: usize, payload_bytes: usize): usize {
  return cose_sign(out, type, SESSION_SUBJECT, SESSION_SUBJECT_BYTES, election, election_bytes, payload, payload_bytes, SEED, SESSION_KEY);
}

/** Signature of the Vote record {1: session id, 2: SHA-256 of the sealed record} at `digest`. */
export function vote_signature(digest: usize, out: usize): void {
  const payload = WORK;
  let p = head_at(payload, 5, 2);
  store<u8>(p, 1);
  p = bytes_at(p + 1, 2, SESSION_ID, 16);
  store<u8>(p, 2);
  p = bytes_at(p + 1, 2, digest, 32);
  cose_signature('vote', SESSION_SUBJECT, SESSION_SUBJECT_BYTES, election, election_bytes, payload, p - payload, SEED, SESSION_KEY, out);
}

/** SHA-256 of the encoded CloseStatement {1: session id, 2: station id}. */
export function close_statement_digest(out: usize): void {
  let p = head_at(WORK, 5, 2);
  store<u8>(p, 1);
  p = bytes_at(p + 1, 2, SESSION_ID, 16);
  store<u8>(p, 2);
  p = bytes_at(p + 1, 3, station_id, station_id_bytes);
  sha256_init(HMAC_CONTEXT);
  sha256_update(HMAC_CONTEXT, WORK, p - WORK);
  sha256_final(HMAC_CONTEXT, out);
}
