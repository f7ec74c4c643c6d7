// The election as the box needs it, from a package whose signature was checked when it was loaded. The record stays
// in memory as it is; what is asked at every vote is read out once.
import { CBOR_MISSING, cbor_array, cbor_bytes_exact, cbor_count, cbor_skip, cbor_uint } from '../codec/cbor_reader';
import { FIELDS_BYTES, field_at, field_has_bool, field_has_bytes, field_has_text, field_has_uint, field_is_true, field_uint, fields_open, key_set, keys_to } from '../codec/fields';
import { sha256_final, sha256_init, sha256_update } from '../crypto/sha256';
import * as k from '../generated/constants';
import { cose_parse, cose_verify, record_election, record_election_bytes, record_payload, record_payload_bytes, record_signer, record_signer_bytes } from '../records/cose';
import { HMAC_CONTEXT } from '../scratch';
import { is_text } from '../text';

export const PACKAGE_RECORD: usize = memory.data(8192, 16);

export let election: usize = 0;
export let election_bytes: usize = 0;
export const PACKAGE_DIGEST: usize = memory.data(32, 4);
export let demonstration: bool = false;
export let contests: u32 = 0;
export let styles: u32 = 0;
export let corrections_max: u32 = 0;
export let open_minutes_min: u32 = 0;
/** Plaintext and sealed length of every record of this election. */
export let ballot_bytes: u32 = 0;
export let sealed_bytes: u32 = 0;
export let raster_count: u32 = 0;
export let raster_row_bytes: u32 = 0;
export let raster_rows: u32 = 0;
export let raster_root: usize = 0;

// Per contest, 16 bytes: choices max, candidates, code digits, blank allowed.
const CONTESTS: usize = memory.data(8 * 16, 4);
const STYLE_CONTESTS: usize = memory.data(16 * 4, 4); // bit masks
const TOP: usize = memory.data(128, 4);
const INNER: usize = memory.data(128, 4);

export function contest_choices_max(contest: u32): u32 {
  return load<u32>(CONTESTS + (contest << 4), 0);
}
export function contest_candidates(contest: u32): u32 {
  return load<u32>(CONTESTS + (contest << 4), 4);
}
export function contest_code_digits(contest: u32): u32 {
  return load<u32>(CONTESTS + (contest << 4), 8);
}
export function contest_allows_blank(contest: u32): bool {
  return load<u32>(CONTESTS + (contest << 4), 12) == 1;
}
export function style_has_contest(style: u32, contest: u32): bool {
  return (load<u32>(STYLE_CONTESTS + (style << 2)) & (1 << contest)) != 0;
}

function bilingual_is_sound(p: usize): bool {
  return fields_open(INNER, p, keys_to(2), 0) && field_has_text(INNER, 1, k.NAME_BYTES_MAX) && field_has_text(INNER, 2, k.NAME_BYTES_MAX);
}

function read_contest(p: usize, contest: u32): bool {
  if (!fields_open(INNER, p, keys_to(9), key_set(10) | key_set(11))) return false;
  const at = CONTESTS + (contest << 4);
  const sound =
    field_has_text(INNER, k.CONTEST__ID, k.ID_BYTES_MAX) &&
    field_has_uint(INNER, k.CONTEST__CHOICES_MAX, k.CHOICES_MAX) &&
    field_has_bool(INNER, k.CONTEST__BLANK_ALLOWED) &&
    field_has_uint(INNER, k.CONTEST__CANDIDATES_COUNT, k.CANDIDATES_MAX) &&
    field_has_bytes(INNER, k.CONTEST__CANDIDATES_DIGEST, 32, 32) &&
    field_has_uint(INNER, k.CONTEST__CODE_DIGITS, 6);
  store<u32>(at, field_uint(INNER, k.CONTEST__CHOICES_MAX) as u32, 0);
  store<u32>(at, field_uint(INNER, k.CONTEST__CANDIDATES_COUNT) as u32, 4);
  store<u32>(at, field_uint(INNER, k.CONTEST__CODE_DIGITS) as u32, 8);
  store<u32>(at, field_is_true(INNER, k.CONTEST__BLANK_ALLOWED) ? 1 : 0, 12);
  const title = field_at(INNER, k.CONTEST__TITLE);
  return sound && load<u32>(at, 0) > 0 && load<u32>(at, 4) > 0 && load<u32>(at, 8) > 0 && bilingual_is_sound(title);
}

function read_contests(p: usize): bool {
  let at = cbor_array(p);
  contests = cbor_count();
  if (at == CBOR_MISSING || contests == 0 || contests > (k.CONTESTS_MAX as u32)) return false;
  let choices: u32 = 0;
  raster_count = 4 + contests;
  for (let contest: u32 = 0; contest < contests; contest++) {
    if (!read_contest(at, contest)) return false;
    choices = max<u32>(choices, contest_choices_max(contest));
    raster_count += contest_candidates(contest);
    at = cbor_skip(at);
  }
  ballot_bytes = (k.BALLOT_HEADER_BYTES as u32) + 2 * choices;
  sealed_bytes = ballot_bytes + (k.SEAL_OVERHEAD_BYTES as u32);
  return true;
}

function read_styles(p: usize): bool {
  let at = cbor_array(p);
  styles = cbor_count();
  if (at == CBOR_MISSING || styles == 0 || styles > (k.STYLES_MAX as u32)) return false;
  for (let style: u32 = 0; style < styles; style++) {
    if (!fields_open(INNER, at, keys_to(3), 0) || !field_has_text(INNER, 1, k.ID_BYTES_MAX)) return false;
    let item = cbor_array(field_at(INNER, k.BALLOT_STYLE__CONTESTS));
    const n = cbor_count();
    if (item == CBOR_MISSING || n == 0 || n > contests) return false;
    let mask: u32 = 0;
    for (let i: u32 = 0; i < n; i++) {
      const contest = cbor_uint(item, 99);
      // Ascending, each once.
      if (contest >= (contests as u64) || mask >> (contest as u32) != 0) return false;
      mask |= 1 << (contest as u32);
      item = cbor_skip(item);
    }
    store<u32>(STYLE_CONTESTS + (style << 2), mask);
    at = cbor_skip(at);
  }
  return true;
}

function read_settings(p: usize): bool {
  if (!fields_open(INNER, p, keys_to(13), 0)) return false;
  if (!field_has_uint(INNER, k.SETTINGS__OPEN_MINUTES_MIN, 2880) || !field_has_uint(INNER, k.SETTINGS__CORRECTIONS_MAX, 16)) return false;
  open_minutes_min = field_uint(INNER, k.SETTINGS__OPEN_MINUTES_MIN) as u32;
  corrections_max = field_uint(INNER, k.SETTINGS__CORRECTIONS_MAX) as u32;
  return true;
}

function read_rasters(p: usize): bool {
  if (!fields_open(INNER, p, keys_to(4), 0) || !field_has_uint(INNER, k.RASTER_SET__WIDTH_DOTS, 832)) return false;
  if (!field_has_uint(INNER, k.RASTER_SET__HEIGHT_DOTS, 128) || field_uint(INNER, k.RASTER_SET__COUNT) != (raster_count as u64)) return false;
  raster_root = cbor_bytes_exact(field_at(INNER, k.RASTER_SET__ROOT), 32);
  const width = field_uint(INNER, k.RASTER_SET__WIDTH_DOTS) as u32;
  raster_rows = field_uint(INNER, k.RASTER_SET__HEIGHT_DOTS) as u32;
  raster_row_bytes = width >> 3;
  let digits: u32 = 0;
  for (let contest: u32 = 0; contest < contests; contest++) digits = max<u32>(digits, contest_code_digits(contest));
  // The box draws codes in cells of two bytes and needs a byte of margin.
  return raster_root != CBOR_MISSING && (width & 7) == 0 && raster_rows > 0 && raster_row_bytes >= 2 * digits + 1;
}

function read_payload(): bool {
  if (!fields_open(TOP, record_payload, keys_to(10), key_set(11))) return false;
  demonstration = field_is_true(TOP, k.PACKAGE__DEMONSTRATION);
  return (
    field_has_bool(TOP, k.PACKAGE__DEMONSTRATION) &&
    field_has_bytes(TOP, k.PACKAGE__STATIONS_ROOT, 32, 32) &&
    field_has_bytes(TOP, k.PACKAGE__INTAKE_KEY, 32, 32) &&
    bilingual_is_sound(field_at(TOP, k.PACKAGE__TITLE)) &&
    read_contests(field_at(TOP, k.PACKAGE__CONTESTS)) &&
    read_styles(field_at(TOP, k.PACKAGE__STYLES)) &&
    read_settings(field_at(TOP, k.PACKAGE__SETTINGS)) &&
    read_rasters(field_at(TOP, k.PACKAGE__RASTERS))
  );
}

/** Reads PACKAGE_RECORD; 0, or the refusal. The signature is checked under `authority_key`. */
export function read_package(bytes: u32, authority_key: usize): i32 {
  if (!cose_parse(PACKAGE_RECORD, bytes, 'package')) return k.REFUSAL_PACKAGE_INVALID;
  if (!is_text(record_signer, record_signer_bytes, 'authority') || !cose_verify(authority_key)) return k.REFUSAL_SIGNATURE_INVALID;
  if (!read_payload()) return k.REFUSAL_PACKAGE_INVALID;
  election = record_election;
  election_bytes = record_election_bytes;
  sha256_init(HMAC_CONTEXT);
  sha256_update(HMAC_CONTEXT, record_payload, record_payload_bytes);
  sha256_final(HMAC_CONTEXT, PACKAGE_DIGEST);
  return 0;
}
