// The card pad: at most one conversation with the card at a time, and what it is for.
import { entropy, ticks_ms } from '../board';
import * as k from '../generated/constants';
import { PORT_PAD, TX, send_frame } from '../link/frames';
import { send_state_event } from '../link/events';
import { cards_unburnt } from '../flash/spent';
import { PHASE_CHECKING, PHASE_IN_WINDOW, PHASE_PRINTING, phase, set_card_confirmed } from './ballot';
import { begin_after_pad, on_begin_card } from './begin';
import { on_burnt, on_window_card } from './commit';
import { on_late_burnt, on_look_card } from './late_burn';
import { on_print_card } from './print';

export const FOR_NOTHING: i32 = 0;
export const FOR_BEGIN: i32 = 1;
export const FOR_PRINT: i32 = 2;
/** A card was laid while a paper stands in the window: is it the one? */
export const FOR_WINDOW: i32 = 3;
export const FOR_BURN: i32 = 4;
/** A card that was spent here but escaped its burning. */
export const FOR_LATE_BURN: i32 = 5;
/** Some card here was not seen burnt, and a card was laid, or lay there at boot: is it that one? */
export const FOR_LOOK: i32 = 6;

const STEP_SELECT: i32 = 1;
const STEP_STATE: i32 = 2;
const STEP_BURN: i32 = 3;

/** A card answers in some tens of milliseconds; the host waits two seconds for the whole. */
const CARD_TIMEOUT_MS: u32 = 700;

const TO_PAD_APDU: u8 = 1;
const TO_PAD_QUERY: u8 = 2;
const FROM_PAD_CARD_LAID: u8 = 1;
const FROM_PAD_CARD_REMOVED: u8 = 2;
const FROM_PAD_RESPONSE: u8 = 3;

const AID: usize = memory.data<u8>([0xf0, 0x53, 0x4e, 0x44, 0x51, 0x02]);
const AID_BYTES: usize = 6;
const INS_SELECT: u8 = 0xa4;
const INS_TAREFE_STATE: u8 = 0x10;
const INS_TAREFE_BURN: u8 = 0x12;

export const CHALLENGE: usize = memory.data(32, 8);
export let pad_has_card: bool = false;
/** The pad has said since boot what lies on it. */
let answered: bool = false;
let selected: bool = false;
let unasked: bool = false;
export let pad_purpose: i32 = FOR_NOTHING;
let step: i32 = 0;
/** Another card was laid, or the card taken, since the command in hand was sent: its answer is nobody's. */
let changed: bool = false;
let since_ms: u32 = 0;

/** An extended-length command, case 4. */
function send_apdu(cla: u8, ins: u8, p1: u8, data: usize, bytes: usize): void {
  let p = TX;
  store<u8>(p, TO_PAD_APDU, 0);
  store<u8>(p, cla, 1);
  store<u8>(p, ins, 2);
  store<u8>(p, p1, 3);
  store<u8>(p, 0, 4);
  store<u8>(p, 0, 5);
  store<u8>(p, bytes >> 8, 6);
  store<u8>(p, bytes, 7);
  memory.copy(p + 8, data, bytes);
  p += 8 + bytes;
  store<u16>(p, 0);
  send_frame(PORT_PAD, (p + 2 - TX) as u32);
  changed = false;
  since_ms = ticks_ms();
}

/** Whether a card may be on its way to its burning: until then nobody is told that she may take it. */
export function pad_may_burn(): bool {
  if (pad_purpose == FOR_BURN || pad_purpose == FOR_LATE_BURN || pad_purpose == FOR_LOOK) return true;
  return !answered && cards_unburnt > 0;
}

/** At boot. A pad that says nothing is taken for empty after the time of a card. */
export function pad_boot(): void {
  answered = false;
  since_ms = ticks_ms();
  pad_query();
}

function pad_query(): void {
  store<u8>(TX, TO_PAD_QUERY);
  send_frame(PORT_PAD, 1);
}

function next_step(): void {
  if (!selected) {
    step = STEP_SELECT;
    send_apdu(0x00, INS_SELECT, 0x04, AID, AID_BYTES);
    return;
  }
  entropy(CHALLENGE, 32);
  const burns = pad_purpose == FOR_BURN || pad_purpose == FOR_LATE_BURN;
  step = burns ? STEP_BURN : STEP_STATE;
  unasked = false;
  send_apdu(0x80, burns ? INS_TAREFE_BURN : INS_TAREFE_STATE, 0, CHALLENGE, 32);
}

/** Begins a conversation; it ends in one of the callbacks below. */
export function pad_start(purpose: i32): void {
  pad_purpose = purpose;
  if (pad_has_card) next_step();
  else finish(0, 0, k.REFUSAL_NO_CARD);
}

function finish(p: usize, bytes: usize, refusal: i32): void {
  const purpose = pad_purpose;
  pad_purpose = FOR_NOTHING;
  step = 0;
  if (purpose == FOR_BEGIN) on_begin_card(p, bytes, refusal);
  else if (purpose == FOR_PRINT) on_print_card(p, bytes, refusal);
  else if (purpose == FOR_WINDOW) on_window_card(p, bytes, refusal);
  else if (purpose == FOR_BURN) on_burnt(p, bytes, refusal);
  else if (purpose == FOR_LATE_BURN) on_late_burnt(p, bytes, refusal);
  else if (purpose == FOR_LOOK) on_look_card(p, bytes, refusal);
  if (pad_purpose == FOR_NOTHING) begin_after_pad();
  check_laid_card();
}

/** A card lies there that has not been asked since it was laid, and paper stands in the window or a burning is owed. */
export function check_laid_card(): void {
  if (!unasked || pad_purpose != FOR_NOTHING || !pad_has_card) return;
  if (phase == PHASE_CHECKING || phase == PHASE_PRINTING) return;
  if (phase != PHASE_IN_WINDOW && cards_unburnt == 0) return;
  unasked = false;
  pad_start(phase == PHASE_IN_WINDOW ? FOR_WINDOW : FOR_LOOK);
}

function on_response(p: usize, bytes: usize): void {
  if (step == 0) return;
  if (bytes < 2 || changed) {
    selected = false;
    finish(0, 0, k.REFUSAL_NO_CARD);
    return;
  }
  const status = ((load<u8>(p + bytes - 2) as u32) << 8) | load<u8>(p + bytes - 1);
  if (step == STEP_SELECT) {
    if (status != 0x9000) {
      finish(0, 0, k.REFUSAL_CARD_FOREIGN);
      return;
    }
    selected = true;
    next_step();
    return;
  }
  finish(p, bytes - 2, status == 0x9000 ? 0 : k.REFUSAL_CARD_UNREADABLE);
}

export function on_pad_frame(p: usize, bytes: usize): void {
  if (bytes == 0) return;
  const type = load<u8>(p);
  if (type == FROM_PAD_RESPONSE) {
    on_response(p + 1, bytes - 1);
  } else if (type == FROM_PAD_CARD_LAID && bytes == 1) {
    card_moved(true);
    unasked = true;
    check_laid_card();
  } else if (type == FROM_PAD_CARD_REMOVED && bytes == 1) {
    card_moved(false);
  }
}

/** A conversation in hand ends with its answer, which the pad owes, or with its time. */
function card_moved(has_card: bool): void {
  const had = pad_has_card;
  pad_has_card = has_card;
  answered = true;
  selected = false;
  changed = true;
  set_card_confirmed(false);
  if (had || has_card) send_state_event();
}

export function pad_tick(): void {
  if (step != 0 && ticks_ms() - since_ms >= CARD_TIMEOUT_MS) {
    selected = false;
    finish(0, 0, k.REFUSAL_CARD_UNREADABLE);
  }
  if (!answered && ticks_ms() - since_ms >= CARD_TIMEOUT_MS) answered = true;
  check_laid_card();
}
