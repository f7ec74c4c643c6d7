// Loading: package, station and rasters into flash, in order, resumable, each believed only after digest and
// signature. A part's head (its own sector): length, digest, mark, the package it was checked with, check; then one
// bit a finished sector.
import { cbor_bytes, cbor_bytes_exact, cbor_string_bytes } from '../codec/cbor_reader';
import { field_at, field_has_bytes, field_has_uint, field_uint, fields_open, keys_to } from '../codec/fields';
import { crc32 } from '../codec/crc32';
import { equal_blocks } from '../crypto/constant_time';
import { sha256_final, sha256_init, sha256_update } from '../crypto/sha256';
import { LIFE_PROVISIONED, life_code, life_word } from '../flash/life';
import { ERASED, PACKAGE, PART_HEADS, RASTERS, SECTOR_BYTES, STATION, index_base, place_store, store_end } from '../flash/layout';
import { log_load } from '../flash/log';
import { IO, erase_range, program_bytes, program_word, program_words, read_flash, tally_add, tally_read } from '../flash/nor';
import * as k from '../generated/constants';
import { reply_uint } from '../link/messages';
import { WORK } from '../scratch';
import { AUTHORITY_KEY, BOX_KEY, BOX_SUBJECT, box_subject_bytes } from '../session/identity';
import { PACKAGE_DIGEST, PACKAGE_RECORD, contests, read_package, sealed_bytes } from './package';
import { rasters_are_sound, rasters_bytes } from './rasters';
import { STATION_RECORD, read_station, votes_max } from './station';

const PARTS: u32 = 3;
const H_LENGTH: u32 = 0;
const H_DIGEST: u32 = 4;
const H_MARK: u32 = 36;
const H_PACKAGE: u32 = 64;
const H_CHECK: u32 = 96;
const H_PROGRESS: u32 = 128;
const PROGRESS_BITS: u32 = 3072;
const HEAD_BYTES: u32 = 100;
const MARK: u32 = 0x10ad10ad;
/** So that a checksum of erased or zeroed words is no check. */
const CHECK_SALT: u32 = 0x5a17c4ec;

const HEAD: usize = memory.data(100, 4);
const FIELDS: usize = memory.data(128, 4);
const CONTEXT: usize = memory.data(104, 8);
const OFFSETS: usize = memory.data(12, 4); // next byte wanted, a part
const VERIFIED: usize = memory.data(12, 4);

function part_base(part: u32): u32 {
  return part == (k.LOAD_PART_PACKAGE as u32) ? PACKAGE : part == (k.LOAD_PART_STATION as u32) ? STATION : RASTERS;
}

function part_bytes_max(part: u32): u32 {
  if (part == (k.LOAD_PART_RASTERS as u32)) return k.LOAD_BYTES_MAX as u32;
  return part == (k.LOAD_PART_PACKAGE as u32) ? (k.PACKAGE_BYTES_MAX as u32) : (k.STATION_BYTES_MAX as u32);
}

function head_address(part: u32): u32 {
  return PART_HEADS + (part - 1) * SECTOR_BYTES;
}

function is_verified(part: u32): bool {
  return load<u32>(VERIFIED + ((part - 1) << 2)) == 1;
}

function set_verified(part: u32, v: bool): void {
  store<u32>(VERIFIED + ((part - 1) << 2), v ? 1 : 0);
}

function offset_of(part: u32): u32 {
  return load<u32>(OFFSETS + ((part - 1) << 2));
}

function set_offset(part: u32, v: u32): void {
  store<u32>(OFFSETS + ((part - 1) << 2), v);
}

/** Package and station are known: roles and keys may be asked for. */
export function election_is_loaded(): bool {
  return is_verified(1) && is_verified(2) && is_verified(3);
}

export function lifecycle(): i32 {
  const code = life_code();
  if (code >= 0) return code;
  return election_is_loaded() ? k.LIFECYCLE_LOADED : k.LIFECYCLE_PROVISIONED;
}

function read_head(part: u32): bool {
  read_flash(head_address(part), HEAD, HEAD_BYTES);
  return load<u32>(HEAD + H_MARK) == MARK && load<u32>(HEAD + H_LENGTH) <= part_bytes_max(part);
}

function head_check(): u32 {
  memory.copy(WORK, HEAD, 36);
  memory.copy(WORK + 36, HEAD + H_PACKAGE, 32);
  return crc32(WORK, 68) ^ CHECK_SALT;
}

function digest_part(part: u32, length: u32, out: usize): void {
  sha256_init(CONTEXT);
  for (let at: u32 = 0; at < length; at += SECTOR_BYTES) {
    const n = min<u32>(SECTOR_BYTES, length - at);
    read_flash(part_base(part) + at, IO, n);
    sha256_update(CONTEXT, IO, n);
  }
  sha256_final(CONTEXT, out);
}

/** Reads a part that lies in flash whole; 0, or the refusal. HEAD is the part's. */
function read_part(part: u32): i32 {
  const length = load<u32>(HEAD + H_LENGTH);
  if (part == (k.LOAD_PART_PACKAGE as u32)) {
    read_flash(PACKAGE, PACKAGE_RECORD, length);
    return read_package(length, AUTHORITY_KEY);
  }
  if (part == (k.LOAD_PART_STATION as u32)) {
    read_flash(STATION, STATION_RECORD, length);
    const refusal = read_station(length, AUTHORITY_KEY, BOX_SUBJECT, box_subject_bytes(), BOX_KEY);
    if (refusal != 0) return refusal;
    return place_store(rasters_bytes(), votes_max, contests, sealed_bytes) ? 0 : k.REFUSAL_CAPACITY_EXCEEDED;
  }
  return length == rasters_bytes() && rasters_are_sound() ? 0 : k.REFUSAL_RASTERS_INVALID;
}

/** At boot: what was verified before is read again. Rasters are believed by their head's check alone. */
export function load_parts(): void {
  memory.fill(VERIFIED, 0, 12);
  memory.fill(OFFSETS, 0, 12);
  if (life_word() == ERASED) return;
  for (let part: u32 = 1; part <= PARTS; part++) {
    if (!read_head(part) || load<u32>(HEAD + H_CHECK) != head_check()) break;
    if (part > 1 && !equal_blocks(HEAD + H_PACKAGE, PACKAGE_DIGEST, 32)) break;
    if (part < 3 && read_part(part) != 0) break;
    set_verified(part, true);
    set_offset(part, load<u32>(HEAD + H_LENGTH));
  }
  // A box that has opened without its election is a broken one.
  assert(election_is_loaded() || life_code() < 0);
}

/** A part is to be replaced: it is no longer believed, and with a package nothing that was checked under it. */
function forget(part: u32): void {
  const last = part == (k.LOAD_PART_PACKAGE as u32) ? PARTS : part;
  for (let p = part; p <= last; p++) {
    set_verified(p, false);
    erase_range(head_address(p), SECTOR_BYTES);
    set_offset(p, 0);
  }
}

function may_load(): bool {
  return life_word() == LIFE_PROVISIONED;
}

export function on_load_begin(body: usize, sequence: u32): i32 {
  const sound =
    fields_open(FIELDS, body, keys_to(3), 0) &&
    field_has_uint(FIELDS, 1, PARTS) && field_uint(FIELDS, 1) >= 1 &&
    field_has_uint(FIELDS, 2, k.LOAD_BYTES_MAX) &&
    field_has_bytes(FIELDS, 3, 32, 32);
  if (!sound) return k.REFUSAL_MESSAGE_MALFORMED;
  if (!may_load()) return k.REFUSAL_WRONG_STATE;
  const part = field_uint(FIELDS, 1) as u32;
  const length = field_uint(FIELDS, 2) as u32;
  const digest = cbor_bytes_exact(field_at(FIELDS, 3), 32);
  if (length > part_bytes_max(part)) return k.REFUSAL_LOAD_TOO_LONG;
  if (read_head(part) && load<u32>(HEAD + H_LENGTH) == length && equal_blocks(HEAD + H_DIGEST, digest, 32)) {
    if (!is_verified(part)) {
      const done = tally_read(head_address(part) + H_PROGRESS, PROGRESS_BITS) * SECTOR_BYTES;
      // In this power cycle the exact place is known; after a restart, the finished sectors.
      set_offset(part, max<u32>(offset_of(part), min<u32>(done, length)));
    }
  } else {
    forget(part);
    memory.fill(HEAD, 0xff, HEAD_BYTES);
    store<u32>(HEAD + H_LENGTH, length);
    memory.copy(HEAD + H_DIGEST, digest, 32);
    program_words(head_address(part), HEAD, 36);
    program_word(head_address(part) + H_MARK, MARK);
  }
  reply_uint(k.MESSAGE_LOAD_BEGIN, sequence, k.LOAD_BEGIN_REPLY__OFFSET, offset_of(part));
  return 0;
}

function write_chunk(part: u32, offset: u32, p: usize, bytes: u32): void {
  while (bytes > 0) {
    const address = part_base(part) + offset;
    const in_sector = offset & (SECTOR_BYTES - 1);
    if (in_sector == 0) erase_range(address, SECTOR_BYTES);
    const n = min<u32>(bytes, SECTOR_BYTES - in_sector);
    program_bytes(address, p, n);
    offset += n; p += n; bytes -= n;
    if ((offset & (SECTOR_BYTES - 1)) == 0) tally_add(head_address(part) + H_PROGRESS, PROGRESS_BITS);
  }
}

export function on_load_chunk(body: usize, sequence: u32): i32 {
  const sound =
    fields_open(FIELDS, body, keys_to(3), 0) &&
    field_has_uint(FIELDS, 1, PARTS) && field_uint(FIELDS, 1) >= 1 &&
    field_has_uint(FIELDS, 2, k.LOAD_BYTES_MAX) &&
    field_has_bytes(FIELDS, 3, 1, k.LOAD_CHUNK_BYTES_MAX);
  if (!sound) return k.REFUSAL_MESSAGE_MALFORMED;
  if (!may_load()) return k.REFUSAL_WRONG_STATE;
  const part = field_uint(FIELDS, 1) as u32;
  const offset = field_uint(FIELDS, 2) as u32;
  const p = cbor_bytes(field_at(FIELDS, 3));
  const bytes = cbor_string_bytes() as u32;
  if (!read_head(part)) return k.REFUSAL_LOAD_OUT_OF_ORDER;
  const length = load<u32>(HEAD + H_LENGTH);
  const wanted = offset_of(part);
  if (offset > wanted) return k.REFUSAL_LOAD_OUT_OF_ORDER;
  if (bytes > length - min<u32>(offset, length)) return k.REFUSAL_LOAD_TOO_LONG;
  // A repeated chunk is already there.
  if (offset == wanted && !is_verified(part)) {
    write_chunk(part, offset, p, bytes);
    set_offset(part, offset + bytes);
  } else if (offset + bytes > wanted) {
    return k.REFUSAL_LOAD_OUT_OF_ORDER;
  }
  reply_uint(k.MESSAGE_LOAD_CHUNK, sequence, k.LOAD_CHUNK_REPLY__OFFSET, offset_of(part));
  return 0;
}

/** Every part is there: the store behind the rasters is emptied of whatever an earlier election left. */
function would_complete(part: u32): bool {
  return (part == 1 || is_verified(1)) && (part == 2 || is_verified(2)) && (part == 3 || is_verified(3));
}

function verify_part(part: u32): i32 {
  if (!read_head(part) || offset_of(part) != load<u32>(HEAD + H_LENGTH)) return k.REFUSAL_LOAD_OUT_OF_ORDER;
  if (part > 1 && !is_verified(1)) return k.REFUSAL_LOAD_OUT_OF_ORDER;
  if (part > 2 && !is_verified(2)) return k.REFUSAL_LOAD_OUT_OF_ORDER;
  digest_part(part, load<u32>(HEAD + H_LENGTH), WORK);
  const refusal = equal_blocks(WORK, HEAD + H_DIGEST, 32) ? read_part(part) : k.REFUSAL_DIGEST_MISMATCH;
  if (refusal != 0) {
    // Whatever was loaded is not what was promised: the next try starts from nothing.
    forget(part);
    return refusal;
  }
  if (would_complete(part)) erase_range(index_base, store_end - index_base);
  memory.fill(HEAD + H_PACKAGE, 0, 32);
  if (part > 1) memory.copy(HEAD + H_PACKAGE, PACKAGE_DIGEST, 32);
  program_words(head_address(part) + H_PACKAGE, HEAD + H_PACKAGE, 32);
  program_word(head_address(part) + H_CHECK, head_check());
  set_verified(part, true);
  if (election_is_loaded()) log_load();
  return 0;
}

export function on_load_end(body: usize, sequence: u32): i32 {
  if (!fields_open(FIELDS, body, keys_to(1), 0) || !field_has_uint(FIELDS, 1, PARTS) || field_uint(FIELDS, 1) < 1)
    return k.REFUSAL_MESSAGE_MALFORMED;
  if (!may_load()) return k.REFUSAL_WRONG_STATE;
  const part = field_uint(FIELDS, 1) as u32;
  if (!is_verified(part)) {
    const refusal = verify_part(part);
    if (refusal != 0) return refusal;
  }
  reply_uint(k.MESSAGE_LOAD_END, sequence, k.LOAD_END_REPLY__LIFECYCLE, lifecycle());
  return 0;
}
