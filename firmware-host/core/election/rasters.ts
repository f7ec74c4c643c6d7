// The names and labels for paper, in flash behind the signed root. Items are of one size and in one order, so an
// address is computed.
import { watchdog } from '../board';
import { sha256_final, sha256_init, sha256_update, sha256_update_byte } from '../crypto/sha256';
import { RASTERS } from '../flash/layout';
import { IO, read_flash } from '../flash/nor';
import { merkle_add_hash, merkle_begin, merkle_root } from '../session/merkle';
import { WORK } from '../scratch';
import { equal_blocks } from '../crypto/constant_time';
import { contest_candidates, contest_code_digits, contests, raster_count, raster_root, raster_row_bytes, raster_rows } from './package';

const HEAD_BYTES: u32 = 12;
const KIND_CANDIDATE: u32 = 0;
const KIND_CONTEST_TITLE: u32 = 5;
/** Places of the fixed items; their kinds are one more. */
export const ITEM_ELECTION_TITLE: u32 = 0;
export const ITEM_REHEARSAL: u32 = 1;
export const ITEM_BLANK: u32 = 2;
export const ITEM_NOT_IN_STYLE: u32 = 3;
const FIXED_ITEMS: u32 = 4;

const CONTEXT: usize = memory.data(104, 8);

export function raster_item_bytes(): u32 {
  return HEAD_BYTES + raster_row_bytes * raster_rows;
}

export function rasters_bytes(): u32 {
  return raster_item_bytes() * raster_count;
}

export function item_contest_title(contest: u32): u32 {
  return FIXED_ITEMS + contest;
}

export function item_candidate(contest: u32, candidate: u32): u32 {
  let item = FIXED_ITEMS + contests + candidate;
  for (let i: u32 = 0; i < contest; i++) item += contest_candidates(i);
  return item;
}

export function item_address(item: u32): u32 {
  return RASTERS + item * raster_item_bytes();
}

const HEAD: usize = memory.data(12, 4);

/** The code in a candidate's head. */
export function candidate_code(item: u32): u32 {
  read_flash(item_address(item), HEAD, HEAD_BYTES);
  const code = bswap<u32>(load<u32>(HEAD, 8));
  // Whose name was printed last must not be read from memory.
  memory.fill(HEAD, 0, HEAD_BYTES);
  return code;
}

function ten_to(digits: u32): u32 {
  let v: u32 = 1;
  for (let i: u32 = 0; i < digits; i++) v *= 10;
  return v;
}

function head_is_sound(kind: u32, contest: u32, index: u32, digits: u32): bool {
  const code = bswap<u32>(load<u32>(HEAD, 8));
  return (
    load<u8>(HEAD, 0) == (kind as u8) &&
    load<u8>(HEAD, 1) == (contest as u8) &&
    (((load<u8>(HEAD, 2) as u32) << 8) | load<u8>(HEAD, 3)) == index &&
    load<u8>(HEAD, 4) == (digits as u8) &&
    load<u8>(HEAD, 5) == 0 &&
    load<u16>(HEAD, 6) == 0 &&
    (digits == 0 ? code == 0 : code < ten_to(digits))
  );
}

function head_of_item_is_sound(item: u32): bool {
  if (item < FIXED_ITEMS) return head_is_sound(item + 1, 0, 0, 0);
  item -= FIXED_ITEMS;
  if (item < contests) return head_is_sound(KIND_CONTEST_TITLE, item, 0, 0);
  item -= contests;
  for (let contest: u32 = 0; contest < contests; contest++) {
    if (item < contest_candidates(contest)) return head_is_sound(KIND_CANDIDATE, contest, item, contest_code_digits(contest));
    item -= contest_candidates(contest);
  }
  return false;
}

/** Whether every item in flash has the head that its place demands and all of them the package's root. */
export function rasters_are_sound(): bool {
  merkle_begin();
  const item_bytes = raster_item_bytes();
  for (let item: u32 = 0; item < raster_count; item++) {
    const base = item_address(item);
    read_flash(base, HEAD, HEAD_BYTES);
    if (!head_of_item_is_sound(item)) return false;
    sha256_init(CONTEXT);
    sha256_update_byte(CONTEXT, 0); // leaf prefix, RFC 9162 §2.1.1
    for (let at: u32 = 0; at < item_bytes; at += 4096) {
      const n = min<u32>(4096, item_bytes - at);
      read_flash(base + at, IO, n);
      sha256_update(CONTEXT, IO, n);
    }
    sha256_final(CONTEXT, WORK);
    merkle_add_hash(WORK);
    if ((item & 63) == 0) watchdog();
  }
  merkle_root(WORK);
  return equal_blocks(WORK, raster_root, 32);
}
