// The paper's path: printer, window, flap. The sensors and the paper's word in flash decide what is done, in a run as
// after a restart: `resolve` is the one place where a paper whose fate is open gets one.
import { ticks_ms } from '../board';
import { election_is_loaded } from '../election/load';
import { life_is_open } from '../flash/life';
import { EVENT_JAMMED, EVENT_PRINTED, EVENT_REJECTED, EVENT_RETAINED, log_event } from '../flash/log';
import { PAPER_DONE, PAPER_DROPPING, PAPER_LOST, PAPER_TO_BIN, PAPER_TO_REJECTED, PAPER_TO_RETAINED, count_papers, paper_add, paper_has, paper_mark, paper_unfinished } from '../flash/papers';
import * as k from '../generated/constants';
import { send_key_event, send_state_event } from '../link/events';
import { PORT_MECHANICS, PORT_PRINTER, TX, send_frame } from '../link/frames';
import { PHASE_COMMITTED, PHASE_IN_WINDOW, phase } from './ballot';
import { on_correction, on_fell, on_green, on_paper_gone } from './commit';
import { FOR_BURN, pad_purpose } from './pad';
import { on_in_window, on_print_failed } from './print';

const TO_PRINTER_OVERPRINT: u8 = 4;
const TO_PRINTER_QUERY: u8 = 5;
const FROM_PRINTER_IN_WINDOW: u8 = 1;
const FROM_PRINTER_OVERPRINTED: u8 = 2;
const FROM_PRINTER_FAULT: u8 = 3;
const FROM_PRINTER_STATE: u8 = 4;
const FAULT_OUT_OF_PAPER: u8 = 2;
const FAULT_JAM: u8 = 1;
const TO_MECHANICS_DROP: u8 = 1;
const TO_MECHANICS_QUERY: u8 = 2;
const FROM_MECHANICS_FELL: u8 = 1;
const FROM_MECHANICS_KEY: u8 = 2;
const FROM_MECHANICS_LID: u8 = 3;
const FROM_MECHANICS_JAM: u8 = 4;
const FROM_MECHANICS_STATE: u8 = 5;
const TARGET_BIN: u8 = 1;
const TARGET_REJECTED: u8 = 2;
const TARGET_RETAINED: u8 = 3;
const WINDOW_PAPER: u32 = 1;
const WINDOW_JAMMED: u32 = 2;
const WINDOW_UNKNOWN: u32 = 255;

/** Waiting for the sensors' word: after power-up, a fault or a jam. */
const STAGE_UNKNOWN: i32 = 0;
const STAGE_IDLE: i32 = 1;
const STAGE_PRINTING: i32 = 2;
const STAGE_IN_WINDOW: i32 = 3;
const STAGE_OVERPRINTING: i32 = 4;
const STAGE_DROPPING: i32 = 5;
const STAGE_JAMMED: i32 = 6;

const PRINT_TIMEOUT_MS: u32 = 25_000;
const DROP_TIMEOUT_MS: u32 = 10_000;
const QUERY_EVERY_MS: u32 = 1_000;

let stage: i32 = STAGE_UNKNOWN;
let since_ms: u32 = 0;
let row: i32 = -1;
let printer_window: u32 = WINDOW_UNKNOWN;
let mechanics_window: u32 = WINDOW_UNKNOWN;
let out_of_paper: bool = false;
let lost: bool = false;
export let lid_is_open: bool = false;

export function paper_row(): i32 {
  return row;
}

export function paper_path(): i32 {
  if (stage == STAGE_PRINTING) return k.PAPER_PATH_PRINTING;
  if (stage == STAGE_IN_WINDOW) return k.PAPER_PATH_IN_WINDOW;
  if (stage == STAGE_OVERPRINTING) return k.PAPER_PATH_OVERPRINTING;
  if (stage == STAGE_DROPPING) return k.PAPER_PATH_DROPPING;
  if (stage == STAGE_JAMMED) return k.PAPER_PATH_JAMMED;
  if (stage == STAGE_UNKNOWN && row >= 0) return k.PAPER_PATH_IN_WINDOW;
  if (out_of_paper) return k.PAPER_PATH_OUT_OF_PAPER;
  return lost ? k.PAPER_PATH_LOST : k.PAPER_PATH_IDLE;
}

/** Why no new paper may be begun now; 0 where one may. */
export function paper_refusal(): i32 {
  if (lid_is_open) return k.REFUSAL_LID_OPEN;
  if (stage == STAGE_IDLE) return 0;
  if (stage == STAGE_JAMMED) return k.REFUSAL_PAPER_JAMMED;
  return stage == STAGE_IN_WINDOW ? k.REFUSAL_PAPER_IN_WINDOW : k.REFUSAL_BUSY;
}

export function paper_is_in_window(): bool {
  return stage == STAGE_IN_WINDOW;
}

function enter(v: i32): void {
  stage = v;
  since_ms = ticks_ms();
}

function send_byte(port: u32, type: u8): void {
  store<u8>(TX, type);
  send_frame(port, 1);
}

/** Asks both sensors; `resolve` goes on when both have answered. */
function query_sensors(): void {
  since_ms = ticks_ms();
  printer_window = WINDOW_UNKNOWN;
  mechanics_window = WINDOW_UNKNOWN;
  send_byte(PORT_PRINTER, TO_PRINTER_QUERY);
  send_byte(PORT_MECHANICS, TO_MECHANICS_QUERY);
}

function ask_sensors(): void {
  enter(STAGE_UNKNOWN);
  query_sensors();
}

export function paper_boot(): void {
  row = -1;
  out_of_paper = false;
  lost = false;
  if (election_is_loaded()) {
    count_papers();
    row = paper_unfinished;
  }
  ask_sensors();
}

export function paper_printing(): void {
  out_of_paper = false;
  lost = false;
  enter(STAGE_PRINTING);
}

function start_drop(target: u8): void {
  paper_mark(row, PAPER_DROPPING);
  store<u8>(TX, TO_MECHANICS_DROP, 0);
  store<u8>(TX, target, 1);
  send_frame(PORT_MECHANICS, 2);
  enter(STAGE_DROPPING);
}

/** The committed paper goes into the bin. Its fate was written with the commit. */
export function paper_to_bin(): void {
  start_drop(TARGET_BIN);
}

/** Made unreadable first, then dropped among the rejected. */
export function paper_reject(): void {
  if (!paper_has(row, PAPER_TO_REJECTED)) paper_mark(row, PAPER_TO_REJECTED);
  send_byte(PORT_PRINTER, TO_PRINTER_OVERPRINT);
  enter(STAGE_OVERPRINTING);
}

export function paper_retain(): void {
  paper_mark(row, PAPER_TO_RETAINED);
  start_drop(TARGET_RETAINED);
}

function finish_paper(): void {
  const target = paper_has(row, PAPER_TO_BIN) ? TARGET_BIN : paper_has(row, PAPER_TO_REJECTED) ? TARGET_REJECTED : TARGET_RETAINED;
  paper_mark(row, PAPER_DONE);
  if (target != TARGET_BIN) log_event(target == TARGET_REJECTED ? EVENT_REJECTED : EVENT_RETAINED);
  row = -1;
  enter(STAGE_IDLE);
  on_fell(target);
  send_state_event();
}

function lose_paper(): void {
  paper_mark(row, PAPER_LOST);
  row = -1;
  lost = true;
  enter(STAGE_IDLE);
  on_paper_gone();
  send_state_event();
}

/** No word accounts for a paper; perhaps there is none. */
function resolve_stray(sees_paper: bool): void {
  if (!sees_paper) {
    enter(STAGE_IDLE);
  } else if (life_is_open()) {
    // Power or the printer failed before it was counted.
    row = paper_add();
    assert(row >= 0);
    log_event(EVENT_PRINTED);
    paper_reject();
  } else {
    // Before opening and after close nothing may be counted: a hand must take it out, and until then it blocks.
    enter(STAGE_JAMMED);
  }
}

/** Decides about the paper in hand from its word and from what the sensors see. */
function resolve(): void {
  // The fall would tell her to take her card: first it is burnt. The sensors are asked again.
  if (phase == PHASE_COMMITTED && pad_purpose == FOR_BURN) return;
  const sees_paper = printer_window == WINDOW_PAPER || mechanics_window == WINDOW_PAPER;
  if (printer_window == WINDOW_JAMMED || mechanics_window == WINDOW_JAMMED) {
    const was = stage;
    enter(STAGE_JAMMED);
    if (was != STAGE_JAMMED) send_state_event();
    return;
  }
  if (row < 0) {
    resolve_stray(sees_paper);
    send_state_event();
    return;
  }
  if (!sees_paper) {
    if (paper_has(row, PAPER_DROPPING)) finish_paper();
    else lose_paper();
    return;
  }
  if (paper_has(row, PAPER_TO_BIN)) start_drop(TARGET_BIN);
  else if (paper_has(row, PAPER_TO_RETAINED)) start_drop(TARGET_RETAINED);
  else if (!paper_has(row, PAPER_TO_REJECTED) && phase == PHASE_IN_WINDOW) enter(STAGE_IN_WINDOW);
  else paper_reject();
  send_state_event();
}

function on_sensor(): void {
  if (printer_window == WINDOW_UNKNOWN || mechanics_window == WINDOW_UNKNOWN) return;
  if (stage == STAGE_UNKNOWN || stage == STAGE_JAMMED) resolve();
}

function print_failed(refusal: i32): void {
  on_print_failed(refusal);
  ask_sensors();
}

export function on_printer_frame(p: usize, bytes: usize): void {
  if (bytes == 0) return;
  const type = load<u8>(p);
  if (type == FROM_PRINTER_IN_WINDOW && bytes == 1) {
    if (stage != STAGE_PRINTING) {
      ask_sensors();
      return;
    }
    row = paper_add();
    assert(row >= 0);
    log_event(EVENT_PRINTED);
    enter(STAGE_IN_WINDOW);
    on_in_window();
    send_state_event();
  } else if (type == FROM_PRINTER_OVERPRINTED && bytes == 1) {
    if (stage == STAGE_OVERPRINTING) start_drop(TARGET_REJECTED);
  } else if (type == FROM_PRINTER_FAULT && bytes == 2) {
    const fault = load<u8>(p, 1);
    if (fault == FAULT_OUT_OF_PAPER) out_of_paper = true;
    const refusal = fault == FAULT_OUT_OF_PAPER ? k.REFUSAL_PAPER_OUT : fault == FAULT_JAM ? k.REFUSAL_PAPER_JAMMED : k.REFUSAL_PRINTER_FAILED;
    if (stage == STAGE_PRINTING) print_failed(refusal);
    else if (stage != STAGE_UNKNOWN && stage != STAGE_JAMMED) ask_sensors();
  } else if (type == FROM_PRINTER_STATE && bytes == 2) {
    printer_window = load<u8>(p, 1);
    on_sensor();
  }
}

export function on_mechanics_frame(p: usize, bytes: usize): void {
  if (bytes == 0) return;
  const type = load<u8>(p);
  if (type == FROM_MECHANICS_FELL && bytes == 2) {
    if (stage == STAGE_DROPPING) finish_paper();
  } else if (type == FROM_MECHANICS_KEY && bytes == 2) {
    on_key(load<u8>(p, 1));
  } else if (type == FROM_MECHANICS_LID && bytes == 2) {
    lid_is_open = load<u8>(p, 1) != 0;
    // A roll goes in through the lid: whether there is one, the next page will tell.
    if (!lid_is_open) out_of_paper = false;
    send_state_event();
  } else if (type == FROM_MECHANICS_JAM && bytes == 1) {
    if (life_is_open()) log_event(EVENT_JAMMED);
    if (stage == STAGE_PRINTING) on_print_failed(k.REFUSAL_PAPER_JAMMED);
    enter(STAGE_JAMMED);
    send_state_event();
  } else if (type == FROM_MECHANICS_STATE && bytes == 3) {
    mechanics_window = load<u8>(p, 1);
    lid_is_open = load<u8>(p, 2) != 0;
    // Unasked, when a jam was cleared: the printer's word is from before.
    if (stage == STAGE_JAMMED && printer_window == WINDOW_JAMMED && mechanics_window != WINDOW_JAMMED) query_sensors();
    else on_sensor();
  }
}

function on_key(key: u32): void {
  if (stage == STAGE_IN_WINDOW && phase == PHASE_IN_WINDOW) {
    if (lid_is_open) send_state_event();
    else if (key == (k.KEY_GREEN as u32)) on_green();
    else if (key == (k.KEY_CORRECTION as u32)) on_correction();
  } else if (key <= (k.KEY_GREEN as u32) && stage == STAGE_IDLE) {
    send_key_event(key);
  }
}

export function paper_tick(): void {
  const waited = ticks_ms() - since_ms;
  if (stage == STAGE_PRINTING && waited >= PRINT_TIMEOUT_MS) print_failed(k.REFUSAL_PRINTER_FAILED);
  else if ((stage == STAGE_DROPPING || stage == STAGE_OVERPRINTING) && waited >= DROP_TIMEOUT_MS) ask_sensors();
  else if ((stage == STAGE_UNKNOWN || stage == STAGE_JAMMED) && waited >= QUERY_EVERY_MS) query_sensors();
}
