// Who may ask what, and who answers. A request's handler replies itself (now, or when card and paper have spoken) and
// returns 0, or returns the refusal.
import { write_map } from './codec/cbor_writer';
import { fields_open } from './codec/fields';
import { begin_is_asked, on_begin } from './cast/begin';
import { PHASE_CHECKING, PHASE_COMMITTED, PHASE_PRINTING, PHASE_RETAINING, phase } from './cast/ballot';
import { on_abandon } from './cast/commit';
import { on_outcome } from './cast/outcome';
import { FOR_BURN, pad_has_card, pad_purpose } from './cast/pad';
import { lid_is_open, paper_path } from './cast/paper';
import { on_print } from './cast/print';
import { lifecycle, on_load_begin, on_load_chunk, on_load_end } from './election/load';
import { BOOTS } from './flash/layout';
import { life_is_open, life_word, LIFE_CLOSED } from './flash/life';
import { tally_read } from './flash/nor';
import { cards_unburnt } from './flash/spent';
import * as k from './generated/constants';
import { host_is_proved, on_hello, on_prove, on_provision } from './link/hello';
import { message_body, message_kind, message_send, message_sequence, open_message, refuse, reply_open, write_field_bool, write_field_bytes, write_field_uint } from './link/messages';
import { on_clear, on_close, on_close_doors, on_read_slots } from './session/close';
import { write_counters } from './session/counters';
import { powered_minutes } from './session/minutes';
import { on_open, on_open_prepare } from './session/open';
import { SESSION_ID, session_mode } from './session/session';

/** Saturates: a box that started 32,768 times is long in a museum. */
export const BOOTS_MAX: u32 = 32768;
const FIELDS: usize = memory.data(128, 4);

function on_status(body: usize, sequence: u32): i32 {
  if (!fields_open(FIELDS, body, 0, 0)) return k.REFUSAL_MESSAGE_MALFORMED;
  const has_session = life_is_open() || life_word() == LIFE_CLOSED;
  reply_open(k.MESSAGE_STATUS, sequence);
  write_map(has_session ? 10 : 7);
  write_field_uint(k.STATUS_REPLY__LIFECYCLE, lifecycle());
  write_counters(k.STATUS_REPLY__COUNTERS);
  write_field_uint(k.STATUS_REPLY__PAPER, paper_path());
  write_field_uint(k.STATUS_REPLY__PAD, pad_has_card ? k.PAD_CARD : k.PAD_EMPTY);
  write_field_bool(k.STATUS_REPLY__LID_OPEN, lid_is_open);
  write_field_uint(k.STATUS_REPLY__POWERED_MINUTES, powered_minutes());
  write_field_uint(k.STATUS_REPLY__BOOTS, tally_read(BOOTS, BOOTS_MAX));
  if (has_session) {
    write_field_uint(k.STATUS_REPLY__MODE, session_mode());
    write_field_bytes(k.STATUS_REPLY__SESSION_ID, SESSION_ID, 16);
    // A card that is being burnt at this moment is not missed.
    write_field_uint(k.STATUS_REPLY__CARDS_UNBURNT, phase == PHASE_COMMITTED && pad_purpose == FOR_BURN ? cards_unburnt - 1 : cards_unburnt);
  }
  message_send();
  return 0;
}

/** A request whose answer waits for card or paper is outstanding. */
function is_busy(): bool {
  return begin_is_asked() || phase == PHASE_CHECKING || phase == PHASE_PRINTING || phase == PHASE_RETAINING;
}

/** What a host may ask before it has proved its key. */
function handle_unproved(kind: i32, body: usize, sequence: u32): i32 {
  if (kind == k.MESSAGE_HELLO) return on_hello(body, sequence);
  if (kind == k.MESSAGE_PROVE) return on_prove(body, sequence);
  if (kind == k.MESSAGE_PROVISION) return on_provision(body, sequence);
  if (kind == k.MESSAGE_LOAD_BEGIN) return on_load_begin(body, sequence);
  if (kind == k.MESSAGE_LOAD_CHUNK) return on_load_chunk(body, sequence);
  if (kind == k.MESSAGE_LOAD_END) return on_load_end(body, sequence);
  return on_status(body, sequence);
}

function handle_proved(kind: i32, body: usize, sequence: u32): i32 {
  if (kind == k.MESSAGE_OUTCOME) return on_outcome(body, sequence);
  if (kind == k.MESSAGE_BEGIN) return on_begin(body, sequence);
  if (kind == k.MESSAGE_PRINT) return on_print(body, sequence);
  if (kind == k.MESSAGE_ABANDON) return on_abandon(body, sequence);
  if (is_busy()) return k.REFUSAL_BUSY;
  if (kind == k.MESSAGE_OPEN_PREPARE) return on_open_prepare(body, sequence);
  if (kind == k.MESSAGE_OPEN) return on_open(body, sequence);
  if (kind == k.MESSAGE_CLOSE_DOORS) return on_close_doors(body, sequence);
  if (kind == k.MESSAGE_CLOSE) return on_close(body, sequence);
  if (kind == k.MESSAGE_READ_SLOTS) return on_read_slots(body, sequence);
  return on_clear(body, sequence);
}

/** A whole good frame from the host. */
export function on_host_frame(p: usize, bytes: u32): void {
  const fault = open_message(p, bytes);
  if (fault != 0) {
    refuse(message_sequence, fault);
    return;
  }
  const kind = message_kind;
  const sequence = message_sequence;
  const before_proof = kind >= k.MESSAGE_HELLO && kind <= k.MESSAGE_LOAD_END || kind == k.MESSAGE_STATUS;
  let refusal: i32 = 0;
  if (kind < k.MESSAGE_HELLO || kind > k.MESSAGE_ABANDON) refusal = k.REFUSAL_MESSAGE_UNKNOWN;
  else if (before_proof) refusal = handle_unproved(kind, message_body, sequence);
  else refusal = host_is_proved() ? handle_proved(kind, message_body, sequence) : k.REFUSAL_NOT_PROVED;
  if (refusal != 0) refuse(sequence, refusal);
}
