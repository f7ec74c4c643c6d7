// PRINT: the box repeats the seal of every contest, asks the card once more, and composes the page itself. Nothing is
// printed that was not sealed, and nothing sealed that was not printed.
import { CBOR_MISSING, cbor_array, cbor_bytes, cbor_bytes_exact, cbor_count, cbor_skip, cbor_string_bytes } from '../codec/cbor_reader';
import { field_at, field_has_bytes, fields_open, keys_to } from '../codec/fields';
import { equal_blocks } from '../crypto/constant_time';
import { hpke_seal } from '../crypto/hpke';
import { sha256_final, sha256_init, sha256_update } from '../crypto/sha256';
import { sha512_final, sha512_init, sha512_update, sha512_update_byte } from '../crypto/sha512';
import { ballot_bytes, contest_allows_blank, contest_candidates, contest_choices_max, contests, sealed_bytes, style_has_contest } from '../election/package';
import { council_key, governor_key } from '../election/station';
import { LIFE_CLOSED, life_is_open, life_word } from '../flash/life';
import * as k from '../generated/constants';
import { refuse, reply_uint } from '../link/messages';
import { HMAC_CONTEXT, SIGN_CONTEXT, WORK } from '../scratch';
import { SESSION_ID } from '../session/session';
import { put_text } from '../text';
import { BOX_NONCE, CARD_HASH, NAMES, PHASE_BEGUN, PHASE_CHECKING, PHASE_IN_WINDOW, PHASE_PRINTING, PLAINTEXT, PLAINTEXT_STRIDE, SEALED, SEALED_STRIDE, STATION_COMMITMENT, ballot_forget, phase, set_card_confirmed, set_phase, style, wipe_secrets } from './ballot';
import { FOUND_HASH, read_armed_card } from './card';
import { outcome_of } from './outcome';
import { print_page } from './page';
import { CHALLENGE, FOR_NOTHING, FOR_PRINT, check_laid_card, pad_may_burn, pad_purpose, pad_start } from './pad';
import { paper_printing, paper_refusal } from './paper';

const FIELDS: usize = memory.data(128, 4);
const ASKED_NAMES: usize = memory.data(128, 8);
const CLASS_NOT_IN_STYLE: u8 = 0;
const CLASS_MARKED: u8 = 1;
const CLASS_BLANK: u8 = 2;

// Working room of one seal: key material 64, info 32, the inner layer 116, the outer 164.
const SEAL: usize = memory.data(384, 8);
const MATERIAL: usize = SEAL;
const INFO: usize = SEAL + 64;
const INNER: usize = SEAL + 96;
const OUTER: usize = SEAL + 216;

let print_sequence: u32 = 0;

function choices_refusal(p: usize, contest: u32): i32 {
  const count: u32 = load<u8>(p, 3);
  if (count > contest_choices_max(contest)) return k.REFUSAL_TOO_MANY_CHOICES;
  let last: i32 = -1;
  for (let at: u32 = 4, i: u32 = 0; at < ballot_bytes; at += 2, i++) {
    const choice = ((load<u8>(p + at) as i32) << 8) | (load<u8>(p + at + 1) as i32);
    if (i >= count) {
      if (choice != 0) return k.REFUSAL_BALLOT_MALFORMED;
      continue;
    }
    if ((choice as u32) >= contest_candidates(contest)) return k.REFUSAL_CHOICE_UNKNOWN;
    if (choice == last) return k.REFUSAL_CHOICE_REPEATED;
    if (choice < last) return k.REFUSAL_BALLOT_MALFORMED;
    last = choice;
  }
  return 0;
}

/** One contest's plaintext against its rules and the voter's style; 0, or the refusal. */
function plaintext_refusal(p: usize, bytes: usize, contest: u32): i32 {
  if (bytes != (ballot_bytes as usize) || load<u8>(p, 0) != 1 || load<u8>(p, 1) != (contest as u8)) return k.REFUSAL_BALLOT_MALFORMED;
  const ballot_class = load<u8>(p, 2);
  if (ballot_class > CLASS_BLANK) return k.REFUSAL_BALLOT_MALFORMED;
  if ((ballot_class == CLASS_NOT_IN_STYLE) == style_has_contest(style, contest)) return k.REFUSAL_BALLOT_NOT_OF_STYLE;
  if (ballot_class == CLASS_BLANK && !contest_allows_blank(contest)) return k.REFUSAL_BLANK_NOT_ALLOWED;
  if ((ballot_class == CLASS_MARKED) != (load<u8>(p, 3) > 0)) return k.REFUSAL_BALLOT_MALFORMED;
  return choices_refusal(p, contest);
}

function derive_material(station_nonce: usize, contest: u32, layer: u32): void {
  sha512_init(SIGN_CONTEXT);
  const label_end = put_text(WORK, 'sandoq/ephemeral/1');
  sha512_update(SIGN_CONTEXT, WORK, label_end - WORK);
  sha512_update(SIGN_CONTEXT, station_nonce, 32);
  sha512_update(SIGN_CONTEXT, BOX_NONCE, 32);
  sha512_update_byte(SIGN_CONTEXT, contest);
  sha512_update_byte(SIGN_CONTEXT, layer);
  sha512_final(SIGN_CONTEXT, MATERIAL);
}

function seal_layer(recipient: usize, station_nonce: usize, contest: u32, layer: u32, p: usize, bytes: usize, out: usize): bool {
  derive_material(station_nonce, contest, layer);
  let end = put_text(INFO, 'sandoq/seal/1');
  memory.copy(end, SESSION_ID, 16);
  end += 16;
  store<u8>(end, layer);
  return hpke_seal(recipient, MATERIAL, 32, INFO, end + 1 - INFO, 0, 0, p, bytes, out);
}

/** Whether `sealed` is what sealing `plaintext` with both nonces gives, byte for byte. */
function seal_holds(plaintext: usize, station_nonce: usize, contest: u32, sealed: usize): bool {
  const inner_bytes = ballot_bytes + 48;
  const made =
    seal_layer(governor_key, station_nonce, contest, 1, plaintext, ballot_bytes, INNER) &&
    seal_layer(council_key, station_nonce, contest, 2, INNER, inner_bytes, OUTER);
  const holds = made && memory.compare(OUTER, sealed, sealed_bytes) == 0;
  memory.fill(SEAL, 0, 384);
  return holds;
}

/** Names of a list of sealed records into ASKED_NAMES; false where one has not the election's length. */
function name_records(list: usize): bool {
  let at = cbor_array(list);
  for (let i: u32 = 0; i < contests; i++) {
    const p = cbor_bytes(at);
    if (p == CBOR_MISSING || cbor_string_bytes() != (sealed_bytes as usize)) return false;
    sha256_init(HMAC_CONTEXT);
    sha256_update(HMAC_CONTEXT, p, sealed_bytes);
    sha256_final(HMAC_CONTEXT, WORK);
    memory.copy(ASKED_NAMES + ((i as usize) << 4), WORK, 16);
    at = cbor_skip(at);
  }
  return true;
}

/** Checks and takes every contest of the message; 0, or the refusal. */
function take_ballot(ballots: usize, sealed: usize, station_nonce: usize): i32 {
  let plain_at = cbor_array(ballots);
  let sealed_at = cbor_array(sealed);
  for (let contest: u32 = 0; contest < contests; contest++) {
    const plaintext = cbor_bytes(plain_at);
    if (plaintext == CBOR_MISSING) return k.REFUSAL_MESSAGE_MALFORMED;
    const refusal = plaintext_refusal(plaintext, cbor_string_bytes(), contest);
    if (refusal != 0) return refusal;
    const record = cbor_bytes(sealed_at);
    if (!seal_holds(plaintext, station_nonce, contest, record)) return k.REFUSAL_SEAL_MISMATCH;
    memory.copy(PLAINTEXT + (contest as usize) * PLAINTEXT_STRIDE, plaintext, ballot_bytes);
    memory.copy(SEALED + (contest as usize) * SEALED_STRIDE, record, sealed_bytes);
    plain_at = cbor_skip(plain_at);
    sealed_at = cbor_skip(sealed_at);
  }
  return 0;
}

function is_nonce_committed(nonce: usize): bool {
  sha256_init(HMAC_CONTEXT);
  sha256_update(HMAC_CONTEXT, nonce, 32);
  sha256_final(HMAC_CONTEXT, WORK);
  return equal_blocks(WORK, STATION_COMMITMENT, 32);
}

function lists_are_sound(ballots: usize, sealed: usize): bool {
  if (cbor_array(ballots) == CBOR_MISSING || cbor_count() == 0 || cbor_count() > (k.CONTESTS_MAX as u32)) return false;
  return cbor_array(sealed) != CBOR_MISSING && cbor_count() > 0 && cbor_count() <= (k.CONTESTS_MAX as u32);
}

function lists_are_whole(ballots: usize, sealed: usize): bool {
  cbor_array(ballots);
  if (cbor_count() != contests) return false;
  cbor_array(sealed);
  return cbor_count() == contests;
}

export function on_print(body: usize, sequence: u32): i32 {
  if (!fields_open(FIELDS, body, keys_to(3), 0) || !field_has_bytes(FIELDS, 1, 32, 32)) return k.REFUSAL_MESSAGE_MALFORMED;
  const nonce = cbor_bytes_exact(field_at(FIELDS, 1), 32);
  const ballots = field_at(FIELDS, 2);
  const sealed = field_at(FIELDS, 3);
  if (!lists_are_sound(ballots, sealed)) return k.REFUSAL_MESSAGE_MALFORMED;
  if (!life_is_open()) return life_word() == LIFE_CLOSED ? k.REFUSAL_SESSION_CLOSED : k.REFUSAL_WRONG_STATE;
  if (!lists_are_whole(ballots, sealed)) return k.REFUSAL_RECORDS_COUNT_WRONG;
  if (!name_records(sealed)) return k.REFUSAL_SEAL_MISMATCH;
  // The same PRINT again: where it has got to, now or for ever.
  const outcome = outcome_of(ASKED_NAMES, contests);
  if (outcome < 0) return k.REFUSAL_RECORDS_UNKNOWN;
  if (outcome == k.OUTCOME_CAST && pad_may_burn()) return k.REFUSAL_BUSY;
  if (outcome != k.OUTCOME_UNKNOWN) {
    if (phase == PHASE_CHECKING || phase == PHASE_PRINTING) print_sequence = sequence;
    reply_uint(k.MESSAGE_PRINT, sequence, k.PRINT_REPLY__OUTCOME, outcome);
    return 0;
  }
  if (phase > PHASE_BEGUN || pad_purpose != FOR_NOTHING) return phase == PHASE_IN_WINDOW ? k.REFUSAL_PAPER_IN_WINDOW : k.REFUSAL_BUSY;
  if (phase != PHASE_BEGUN) return k.REFUSAL_NO_BALLOT_BEGUN;
  if (!is_nonce_committed(nonce)) return k.REFUSAL_COMMITMENT_MISMATCH;
  const paper = paper_refusal();
  if (paper != 0) return paper;
  const refusal = take_ballot(ballots, sealed, nonce);
  if (refusal != 0) {
    // The box's nonce is kept: the same ballot may be asked again as it should be.
    memory.fill(PLAINTEXT, 0, 8 * PLAINTEXT_STRIDE);
    return refusal;
  }
  memory.copy(NAMES, ASKED_NAMES, 128);
  print_sequence = sequence;
  set_phase(PHASE_CHECKING);
  pad_start(FOR_PRINT);
  return 0;
}

export function on_print_card(p: usize, bytes: usize, refusal: i32): void {
  if (phase != PHASE_CHECKING) return;
  if (refusal == 0) refusal = read_armed_card(p, bytes, CHALLENGE);
  if (refusal == 0 && memory.compare(FOUND_HASH, CARD_HASH, 12) != 0) refusal = k.REFUSAL_CARD_CHANGED;
  if (refusal == 0) refusal = paper_refusal();
  if (refusal != 0) {
    memory.fill(PLAINTEXT, 0, 8 * PLAINTEXT_STRIDE);
    set_phase(PHASE_BEGUN);
    refuse(print_sequence, refusal);
    return;
  }
  set_card_confirmed(true);
  set_phase(PHASE_PRINTING);
  paper_printing();
  print_page();
  wipe_secrets();
}

export function on_in_window(): void {
  set_phase(PHASE_IN_WINDOW);
  reply_uint(k.MESSAGE_PRINT, print_sequence, k.PRINT_REPLY__OUTCOME, k.OUTCOME_IN_WINDOW);
  // The card left while the page was printed, and may be back.
  check_laid_card();
}

export function on_print_failed(refusal: i32): void {
  ballot_forget();
  refuse(print_sequence, refusal);
}
