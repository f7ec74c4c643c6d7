// The ballot box. In: boot, rx, tick. Out: the doors of board.ts. Everything is placed at compile time; an impossible
// state traps, the board resets, and boot decides from flash, card and sensors what is true.
import { uart_tx, watchdog } from './board';
import { ballot_forget } from './cast/ballot';
import { on_pad_frame, pad_boot, pad_tick } from './cast/pad';
import { on_mechanics_frame, on_printer_frame, paper_boot, paper_tick } from './cast/paper';
import { BOOTS_MAX, on_host_frame } from './dispatch';
import { election_is_loaded, load_parts } from './election/load';
import { recover_intents } from './flash/ledger';
import { BOOTS, ERASED } from './flash/layout';
import { LIFE_CLEARING, life_load, life_word } from './flash/life';
import { log_boot } from './flash/log';
import { count_unburnt } from './flash/spent';
import { tally_add } from './flash/nor';
import { FRAME_NONE, FRAME_READY, PORT_CONSOLE, PORT_HOST, PORT_MECHANICS, PORT_PAD, PORT_PRINTER, RX, RX_BYTES, frame_byte, frame_bytes, frame_payload, wipe_frame } from './link/frames';
import { refuse } from './link/messages';
import { wipe_scratch } from './scratch';
import { finish_clear } from './session/close';
import { forget_identity, load_identity } from './session/identity';
import { minutes_begin, minutes_tick } from './session/minutes';
import { load_session } from './session/session';
import { put_text } from './text';

const BANNER: usize = memory.data(16, 4);

export function boot(): void {
  watchdog();
  tally_add(BOOTS, BOOTS_MAX);
  life_load();
  if (life_word() == ERASED) forget_identity();
  else load_identity();
  load_parts();
  ballot_forget();
  if (life_word() == LIFE_CLEARING) finish_clear();
  if (election_is_loaded()) recover_intents();
  count_unburnt();
  load_session();
  minutes_begin();
  log_boot();
  paper_boot();
  pad_boot();
  wipe_scratch();
  uart_tx(PORT_CONSOLE, BANNER, put_text(BANNER, 'sandoq box\n') - BANNER);
}

/** Where the board puts a chunk of at most rx_bytes() before it calls rx. */
export function rx_buffer(): usize {
  return RX;
}
export function rx_bytes(): u32 {
  return RX_BYTES;
}

/** Where what was laid out at compile time ends: a board need give no more memory than this. */
export function memory_bytes(): usize {
  return __heap_base;
}

function on_frame(port: u32): void {
  if (port == PORT_HOST) on_host_frame(frame_payload, frame_bytes);
  else if (port == PORT_PRINTER) on_printer_frame(frame_payload, frame_bytes);
  else if (port == PORT_PAD) on_pad_frame(frame_payload, frame_bytes);
  else if (port == PORT_MECHANICS) on_mechanics_frame(frame_payload, frame_bytes);
  wipe_frame(port);
}

/** Takes the first `bytes` of the receive buffer as arrived on `port`, in any pieces. */
export function rx(port: u32, bytes: u32): void {
  assert(bytes <= RX_BYTES && port <= PORT_MECHANICS);
  if (port == PORT_CONSOLE) return;
  for (let i: u32 = 0; i < bytes; i++) {
    const result = frame_byte(port, load<u8>(RX + i));
    if (result == FRAME_NONE) continue;
    if (result == FRAME_READY) {
      on_frame(port);
      continue;
    }
    wipe_frame(port);
    if (port == PORT_HOST) refuse(0, result);
  }
  memory.fill(RX, 0, bytes);
  wipe_scratch();
}

/** To be called often, at least ten times a second. */
export function tick(): void {
  watchdog();
  minutes_tick();
  pad_tick();
  paper_tick();
  wipe_scratch();
}
