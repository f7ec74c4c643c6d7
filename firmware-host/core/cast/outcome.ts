// OUTCOME: what became of a ballot, by the names of its records. It asks and never causes, and what was cast stays
// cast for whoever asks, after any restart.
import { CBOR_MISSING, cbor_array, cbor_bytes_exact, cbor_count, cbor_skip } from '../codec/cbor_reader';
import { write_bytes, write_map } from '../codec/cbor_writer';
import { field_at, fields_open, keys_to } from '../codec/fields';
import { sha256_final, sha256_init, sha256_update } from '../crypto/sha256';
import { election_is_loaded } from '../election/load';
import { sealed_bytes } from '../election/package';
import { life_is_open, life_word, LIFE_CLOSED } from '../flash/life';
import { bodies_base, body_stride, index_base, index_rows } from '../flash/layout';
import { read_flash } from '../flash/nor';
import { find_row } from '../flash/rows';
import * as k from '../generated/constants';
import { host_is_proved } from '../link/hello';
import { event_open, message_send, reply_open, write_field_array, write_field_bytes, write_field_uint } from '../link/messages';
import { HMAC_CONTEXT } from '../scratch';
import { vote_signature } from '../session/session';
import { pad_may_burn } from './pad';
import { PHASE_CHECKING, PHASE_COMMITTED, PHASE_PRINTING, is_ballot_in_hand, phase } from './ballot';

const FIELDS: usize = memory.data(128, 4);
const BODY: usize = memory.data(168, 8);
/** SHA-256 of the records found, in the order asked. */
const DIGESTS: usize = memory.data(8 * 32, 8);
const SIGNATURE: usize = memory.data(64, 8);
const ASKED: usize = memory.data(128, 8);

// The ballot last finished without a vote; in memory only, for a host that missed the event.
const LAST_NAMES: usize = memory.data(128, 8);
let last_count: u32 = 0;
let last_outcome: i32 = 0;
const REJECTION: usize = memory.data(512, 8);
let rejection_bytes: u32 = 0;

export function remember_outcome(names: usize, count: u32, outcome: i32, rejection: usize, bytes: u32): void {
  assert(bytes <= 512);
  memory.copy(LAST_NAMES, names, (count as usize) << 4);
  last_count = count;
  last_outcome = outcome;
  memory.copy(REJECTION, rejection, bytes);
  rejection_bytes = bytes;
}

export function forget_outcome(): void {
  last_count = 0;
  rejection_bytes = 0;
}

/** Whether a committed record has this name; its digest goes to `digest`. */
function find_record(name: usize, digest: usize): bool {
  let from: u32 = 0;
  while (from < index_rows) {
    const slot = find_row(index_base, index_rows, name, from);
    if (slot < 0) return false;
    read_flash(bodies_base + (slot as u32) * body_stride, BODY, sealed_bytes);
    sha256_init(HMAC_CONTEXT);
    sha256_update(HMAC_CONTEXT, BODY, sealed_bytes);
    sha256_final(HMAC_CONTEXT, digest);
    if (memory.compare(digest, name, 16) == 0) return true;
    from = (slot as u32) + 1;
  }
  return false;
}

/** The outcome of the records of these names; −1 where only some of them are in the store. Fills DIGESTS. */
export function outcome_of(names: usize, count: u32): i32 {
  if (is_ballot_in_hand(names, count) && phase < PHASE_COMMITTED)
    return phase == PHASE_CHECKING || phase == PHASE_PRINTING ? k.OUTCOME_PRINTING : k.OUTCOME_IN_WINDOW;
  if (is_ballot_in_hand(names, count) && phase > PHASE_COMMITTED) return k.OUTCOME_IN_WINDOW;
  // `cast` says "take your card": not while it is being burnt.
  if (is_ballot_in_hand(names, count) && pad_may_burn()) return k.OUTCOME_IN_WINDOW;
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (find_record(names + ((i as usize) << 4), DIGESTS + ((i as usize) << 5))) found++;
    else if (found > 0) return -1;
  }
  if (found == count) return k.OUTCOME_CAST;
  if (found > 0) return -1;
  if (count == last_count && memory.compare(names, LAST_NAMES, (count as usize) << 4) == 0) return last_outcome;
  return k.OUTCOME_UNKNOWN;
}

/** Body of OutcomeReply; DIGESTS are those of the records. After close there is no key to sign with. */
function write_outcome(outcome: i32, count: u32): void {
  const signed: u32 = outcome == k.OUTCOME_CAST && life_is_open() ? count : 0;
  const rejected = outcome == k.OUTCOME_REJECTED;
  write_map(rejected ? 3 : 2);
  write_field_uint(k.OUTCOME_REPLY__OUTCOME, outcome);
  write_field_array(k.OUTCOME_REPLY__SIGNATURES, signed);
  for (let i: u32 = 0; i < signed; i++) {
    vote_signature(DIGESTS + ((i as usize) << 5), SIGNATURE);
    write_bytes(SIGNATURE, 64);
  }
  if (rejected) write_field_bytes(k.OUTCOME_REPLY__REJECTION, REJECTION, rejection_bytes);
}

export function on_outcome(body: usize, sequence: u32): i32 {
  if (!fields_open(FIELDS, body, keys_to(1), 0)) return k.REFUSAL_MESSAGE_MALFORMED;
  let at = cbor_array(field_at(FIELDS, 1));
  const count = cbor_count();
  if (at == CBOR_MISSING || count == 0 || count > (k.CONTESTS_MAX as u32)) return k.REFUSAL_MESSAGE_MALFORMED;
  for (let i: u32 = 0; i < count; i++) {
    const name = cbor_bytes_exact(at, 16);
    if (name == CBOR_MISSING) return k.REFUSAL_MESSAGE_MALFORMED;
    memory.copy(ASKED + ((i as usize) << 4), name, 16);
    at = cbor_skip(at);
  }
  if (!election_is_loaded() || !(life_is_open() || life_word() == LIFE_CLOSED)) return k.REFUSAL_WRONG_STATE;
  const outcome = outcome_of(ASKED, count);
  if (outcome < 0) return k.REFUSAL_RECORDS_UNKNOWN;
  // After a restart nothing says whose card lies there: it is burnt first, if it must be, and then she is told.
  if (outcome == k.OUTCOME_CAST && pad_may_burn()) return k.REFUSAL_BUSY;
  reply_open(k.MESSAGE_OUTCOME, sequence);
  write_outcome(outcome, count);
  message_send();
  return 0;
}

/** Tells the host; for `cast` the sealed records are still in hand at `sealed`. */
export function send_outcome_event(outcome: i32, sealed: usize, stride: usize, count: u32): void {
  if (!host_is_proved()) return;
  for (let i: u32 = 0; i < count; i++) {
    sha256_init(HMAC_CONTEXT);
    sha256_update(HMAC_CONTEXT, sealed + (i as usize) * stride, sealed_bytes);
    sha256_final(HMAC_CONTEXT, DIGESTS + ((i as usize) << 5));
  }
  event_open(k.MESSAGE_OUTCOME_EVENT);
  write_outcome(outcome, count);
  message_send();
}
