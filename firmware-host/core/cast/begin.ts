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
import { is_card_spent, mark_burnt } from '../flash/spent';
import * as k from '../generated/constants';
import { message_send, refuse, reply_open, write_field_bytes, write_field_uint } from '../link/messages';
import { cards_free, cards_spent, count_all, slots_free } from '../session/counters';
import { BOX_NONCE, CARD_HASH, CARD_STATEMENT, PHASE_BEGUN, STATION_COMMITMENT, ballot_forget, card_rejections, phase, set_card_confirmed, set_phase, set_style, style } from './ballot';
import { FOUND_HASH, FOUND_STATEMENT, check_arming_approvals, found_spent, found_style, read_armed_card } from './card';
import { burning_is_owed } from './late_burn';
import { CHALLENGE, FOR_BEGIN, FOR_LATE_BURN, FOR_LOOK, FOR_NOTHING, pad_has_card, pad_purpose, pad_start } from './pad';
import { paper_refusal } from './paper';

const FIELDS: usize = memory.data(128, 4);
const ASKED_COMMITMENT: usize = memory.data(32, 8);
let begin_sequence: u32 = 0;
/** Asked while the pad was at something else; asked of the card when that has ended. */
let waits: bool = false;
/** The card is spent and being burnt at last; the refusal is told afterwards. */
let refused: bool = false;
/** The link was renewed since: the card's answer is nobody's. */
let void_asked: bool = false;

/** A BEGIN is owed its answer. */
export function begin_is_asked(): bool {
  return waits || refused || (pad_purpose == FOR_BEGIN && !void_asked);
}

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
  if (begin_is_asked()) {
    if (!equal_blocks(commitment, ASKED_COMMITMENT, 32)) return k.REFUSAL_BUSY;
    begin_sequence = sequence;
    return 0;
  }
  const paper = paper_refusal();
  if (paper != 0) return paper;
  const looks = pad_purpose == FOR_LOOK || pad_purpose == FOR_LATE_BURN || pad_purpose == FOR_BEGIN;
  if (phase > PHASE_BEGUN || (pad_purpose != FOR_NOTHING && !looks)) return k.REFUSAL_BUSY;
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
  if (looks) waits = true;
  else start();
  return 0;
}

function start(): void {
  waits = false;
  void_asked = false;
  pad_start(FOR_BEGIN);
}

/** The pad is free again. */
export function begin_after_pad(): void {
  if (waits) start();
}

/** A new hello: what was begun on the link before is nobody's, and an old PRINT finds nothing. */
export function begin_end(): void {
  waits = false;
  refused = false;
  void_asked = true;
  if (phase == PHASE_BEGUN) ballot_forget();
}

/** The late burning has ended, well or not: now she may be told. */
export function on_begin_burnt(): void {
  if (!refused) return;
  refused = false;
  refuse(begin_sequence, k.REFUSAL_CARD_SPENT);
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
  const answered = refusal == 0;
  if (refusal == 0) refusal = judge_card(p, bytes);
  if (answered && found_spent) mark_burnt(FOUND_HASH);
  // Spent here, yet armed: its burning was cut short. She is not told before it has ended, or she takes it unburnt.
  const escaped = answered && refusal == k.REFUSAL_CARD_SPENT && !found_spent && burning_is_owed();
  if (void_asked) {
    if (escaped) pad_start(FOR_LATE_BURN);
    return;
  }
  if (refusal != 0) {
    ballot_forget();
    refused = escaped;
    if (escaped) pad_start(FOR_LATE_BURN);
    else refuse(begin_sequence, refusal);
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
