// The voter's own keys on the paper in the window: green commits, correction rejects. And the officers' abandonment.
import { write_map, writer_bytes, writer_open } from '../codec/cbor_writer';
import { field_at, fields_open, keys_to } from '../codec/fields';
import { contests, sealed_bytes } from '../election/package';
import { life_is_open } from '../flash/life';
import { commit_vote } from '../flash/ledger';
import * as k from '../generated/constants';
import { cards_unburnt, spent_added } from '../flash/spent';
import { send_state_event } from '../link/events';
import { reply_uint, write_field_bytes } from '../link/messages';
import { check_approvals, is_approval_list } from '../records/approvals';
import { WORK } from '../scratch';
import { RECORD_A } from '../session/record_buffers';
import { SESSION_ID, close_statement_digest, session_sign } from '../session/session';
import { EVENT_CAST, log_event } from '../flash/log';
import { CARD_HASH, CARD_STATEMENT, NAMES, PHASE_COMMITTED, PHASE_IN_WINDOW, PHASE_REJECTING, PHASE_RETAINING, SEALED, SEALED_STRIDE, STATION_COMMITMENT, add_rejection, ballot_forget, card_confirmed, phase, set_card_confirmed, set_phase } from './ballot';
import { FOUND_HASH, read_armed_card } from './card';
import { forget_outcome, remember_outcome, send_outcome_event } from './outcome';
import { burning_is_owed, note_burnt } from './late_burn';
import { CHALLENGE, FOR_BURN, FOR_LATE_BURN, FOR_NOTHING, pad_has_card, pad_purpose, pad_start } from './pad';
import { paper_is_in_window, paper_reject, paper_retain, paper_row, paper_to_bin } from './paper';

const TARGET_BIN: u8 = 1;
const TARGET_REJECTED: u8 = 2;

const FIELDS: usize = memory.data(128, 4);
let abandon_sequence: u32 = 0;
let abandon_is_asked: bool = false;

/** The commit. With the card torn away there is none: it could vote again where this box cannot see. */
export function on_green(): void {
  if (!card_confirmed || !pad_has_card || pad_purpose != FOR_NOTHING) {
    send_state_event();
    return;
  }
  const committed = commit_vote(SEALED, SEALED_STRIDE, sealed_bytes, NAMES, contests, CARD_HASH, paper_row());
  // BEGIN saw to the room, and one ballot is in hand at a time.
  assert(committed);
  spent_added();
  log_event(EVENT_CAST);
  set_phase(PHASE_COMMITTED);
  forget_outcome();
  pad_start(FOR_BURN);
}

/** Burnt, or gone: the spent memory of this box holds either way, and says which. */
export function on_burnt(p: usize, bytes: usize, refusal: i32): void {
  note_burnt(p, bytes, refusal);
  // Jammed or in doubt, the sensors decide when the paper goes on.
  if (phase == PHASE_COMMITTED && paper_is_in_window()) paper_to_bin();
  if (cards_unburnt > 0) send_state_event();
}

export function on_correction(): void {
  set_phase(PHASE_REJECTING);
  add_rejection();
  paper_reject();
}

/** A card was laid while the paper stands in the window. */
export function on_window_card(p: usize, bytes: usize, refusal: i32): void {
  if (phase != PHASE_IN_WINDOW) return;
  if (refusal == 0) refusal = read_armed_card(p, bytes, CHALLENGE);
  set_card_confirmed(refusal == 0 && memory.compare(FOUND_HASH, CARD_HASH, 12) == 0);
  send_state_event();
  // Another voter's card, that went before it was burnt.
  if (refusal == 0 && burning_is_owed()) pad_start(FOR_LATE_BURN);
}

/** Rejection {1: session id, 2: station commitment}, signed, into RECORD_A; its length. */
function make_rejection(): u32 {
  writer_open(WORK, 128);
  write_map(2);
  write_field_bytes(k.REJECTION__SESSION_ID, SESSION_ID, 16);
  write_field_bytes(k.REJECTION__CHALLENGE, STATION_COMMITMENT, 32);
  return session_sign(RECORD_A, 'rejection', WORK, writer_bytes()) as u32;
}

/** The paper's fall was seen; `target` is where it went. A paper left from before a restart has no ballot in hand. */
export function on_fell(target: u8): void {
  if (phase == PHASE_COMMITTED && target == TARGET_BIN) {
    send_outcome_event(k.OUTCOME_CAST, SEALED, SEALED_STRIDE, contests);
    ballot_forget();
  } else if (phase == PHASE_REJECTING && target == TARGET_REJECTED) {
    remember_outcome(NAMES, contests, k.OUTCOME_REJECTED, RECORD_A, make_rejection());
    ballot_forget();
    send_outcome_event(k.OUTCOME_REJECTED, 0, 0, 0);
  } else if (phase == PHASE_RETAINING) {
    remember_outcome(NAMES, contests, k.OUTCOME_RETAINED, RECORD_A, 0);
    ballot_forget();
    if (abandon_is_asked) reply_uint(k.MESSAGE_ABANDON, abandon_sequence, k.ABANDON_REPLY__OUTCOME, k.OUTCOME_RETAINED);
    abandon_is_asked = false;
  }
}

/** The paper was taken from the window by hand. A committed vote stands; anything else never was. */
export function on_paper_gone(): void {
  if (phase == PHASE_COMMITTED) send_outcome_event(k.OUTCOME_CAST, SEALED, SEALED_STRIDE, contests);
  if (phase >= PHASE_IN_WINDOW) ballot_forget();
}

export function on_abandon(body: usize, sequence: u32): i32 {
  if (!fields_open(FIELDS, body, keys_to(1), 0) || !is_approval_list(field_at(FIELDS, 1))) return k.REFUSAL_MESSAGE_MALFORMED;
  if (!life_is_open()) return k.REFUSAL_WRONG_STATE;
  if (phase == PHASE_RETAINING) {
    abandon_sequence = sequence;
    return 0;
  }
  if (phase != PHASE_IN_WINDOW || !paper_is_in_window()) return k.REFUSAL_NO_BALLOT_BEGUN;
  const digest = WORK + 512;
  if (pad_has_card && card_confirmed) memory.copy(digest, CARD_STATEMENT, 32);
  else close_statement_digest(digest);
  const refusal = check_approvals(field_at(FIELDS, 1), k.ACTION_ABANDON_BALLOT, digest, k.ROLE_EXECUTIVE, k.ROLE_SUPERVISOR);
  if (refusal != 0) return refusal;
  abandon_sequence = sequence;
  abandon_is_asked = true;
  set_phase(PHASE_RETAINING);
  paper_retain();
  return 0;
}
