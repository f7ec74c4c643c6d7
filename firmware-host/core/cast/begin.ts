// BEGIN: a voter laid her card. The card is asked, and if it may vote here the ballot is in hand.
import { entropy } from '../board';
import { cbor_bytes_exact } from '../codec/cbor_reader';
import { write_map } from '../codec/cbor_writer';
import { field_at, field_has_bytes, fields_open, keys_to } from '../codec/fields';
import { equal_blocks } from '../crypto/constant_time';
import { contests, corrections_max } from '../election/package';
import { votes_max } from '../election/station';
import { LIFE_CLOSED, life_is_open, life_word } from '../flash/life';
import { papers_rows } from '../flash/layout';
import { papers_printed } from '../flash/papers';
import * as k from '../generated/constants';
import { message_send, refuse, reply_open, write_field_bytes, write_field_uint } from '../link/messages';
import { cards_free, cards_spent, count_all, slots_free } from '../session/counters';
import { BOX_NONCE, CARD_HASH, CARD_STATEMENT, PHASE_BEGUN, STATION_COMMITMENT, ballot_forget, card_rejections, phase, set_card_confirmed, set_phase, set_style, style } from './ballot';
import { FOUND_HASH, FOUND_STATEMENT, check_arming_approvals, found_style, is_card_spent, read_armed_card } from './card';
import { CHALLENGE, FOR_BEGIN, FOR_LATE_BURN, FOR_NOTHING, pad_has_card, pad_purpose, pad_start } from './pad';
import { paper_refusal } from './paper';

const FIELDS: usize = memory.data(128, 4);
const ASKED_COMMITMENT: usize = memory.data(32, 8);
let begin_sequence: u32 = 0;

function reply_begun(): void {
  reply_open(k.MESSAGE_BEGIN, begin_sequence);
  write_map(3);
  write_field_uint(k.BEGIN_REPLY__STYLE, style);
  write_field_bytes(k.BEGIN_REPLY__BOX_NONCE, BOX_NONCE, 32);
  write_field_uint(k.BEGIN_REPLY__REJECTIONS, card_rejections());
  message_send();
}

/** Whether one more vote would find room for everything that it leaves. */
function store_has_room(): bool {
  count_all();
  return cards_spent < votes_max && cards_free > 0 && slots_free >= contests && papers_printed < papers_rows;
}

export function on_begin(body: usize, sequence: u32): i32 {
  if (!fields_open(FIELDS, body, keys_to(1), 0) || !field_has_bytes(FIELDS, 1, 32, 32)) return k.REFUSAL_MESSAGE_MALFORMED;
  const commitment = cbor_bytes_exact(field_at(FIELDS, 1), 32);
  if (!life_is_open()) return life_word() == LIFE_CLOSED ? k.REFUSAL_SESSION_CLOSED : k.REFUSAL_WRONG_STATE;
  if (pad_purpose == FOR_BEGIN) {
    if (!equal_blocks(commitment, ASKED_COMMITMENT, 32)) return k.REFUSAL_BUSY;
    begin_sequence = sequence;
    return 0;
  }
  const paper = paper_refusal();
  if (paper != 0) return paper;
  if (phase > PHASE_BEGUN || pad_purpose != FOR_NOTHING) return k.REFUSAL_BUSY;
  if (!pad_has_card) return k.REFUSAL_NO_CARD;
  begin_sequence = sequence;
  if (phase == PHASE_BEGUN && equal_blocks(commitment, STATION_COMMITMENT, 32)) {
    // A repeated request: the same answer, and no second nonce for one commitment.
    reply_begun();
    return 0;
  }
  if (!store_has_room()) return k.REFUSAL_STORE_FULL;
  ballot_forget();
  memory.copy(ASKED_COMMITMENT, commitment, 32);
  pad_start(FOR_BEGIN);
  return 0;
}

function judge_card(p: usize, bytes: usize): i32 {
  const refusal = read_armed_card(p, bytes, CHALLENGE);
  if (refusal != 0) return refusal;
  const approvals = check_arming_approvals();
  if (approvals != 0) return approvals;
  if (is_card_spent(FOUND_HASH)) return k.REFUSAL_CARD_SPENT;
  memory.copy(CARD_HASH, FOUND_HASH, 12);
  return card_rejections() > corrections_max ? k.REFUSAL_CORRECTIONS_EXHAUSTED : 0;
}

export function on_begin_card(p: usize, bytes: usize, refusal: i32): void {
  if (refusal == 0) refusal = judge_card(p, bytes);
  if (refusal != 0) {
    const escaped = refusal == k.REFUSAL_CARD_SPENT && is_card_spent(FOUND_HASH);
    ballot_forget();
    refuse(begin_sequence, refusal);
    // Spent here, yet armed: its burning was cut short.
    if (escaped && pad_has_card) pad_start(FOR_LATE_BURN);
    return;
  }
  memory.copy(STATION_COMMITMENT, ASKED_COMMITMENT, 32);
  memory.copy(CARD_STATEMENT, FOUND_STATEMENT, 32);
  set_style(found_style);
  set_card_confirmed(true);
  entropy(BOX_NONCE, 32);
  set_phase(PHASE_BEGUN);
  reply_begun();
}
