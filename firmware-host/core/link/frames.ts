// Frames in and out of every port: COBS(payload ‖ CRC-32 little-endian) and a zero byte. The reader takes any bytes;
// a bad frame is reported, and the next good one is read as ever.
import { uart_tx } from '../board';
import { cobs_decode_in_place, cobs_encode } from '../codec/cobs';
import { crc32 } from '../codec/crc32';
import * as k from '../generated/constants';

export const PORT_HOST: u32 = 0;
export const PORT_CONSOLE: u32 = 1;
export const PORT_PRINTER: u32 = 2;
export const PORT_PAD: u32 = 3;
export const PORT_MECHANICS: u32 = 4;

/** A chunk from the board, at most this long. */
export const RX_BYTES: u32 = 4096;
export const RX: usize = memory.data(4096, 16);

/** A payload on its way out; 4 bytes more for its check. */
export const TX: usize = memory.data(6152, 16);
const TX_FRAME: usize = memory.data(6176, 16);

// Frame buffers: host 6,176, pad 2,080, printer and mechanics 64 each.
const HOST_FRAME: usize = memory.data(6176, 16);
const PAD_FRAME: usize = memory.data(2080, 16);
const PRINTER_FRAME: usize = memory.data(64, 16);
const MECHANICS_FRAME: usize = memory.data(64, 16);

const LENGTHS: usize = memory.data(5 * 4, 4);
const OVERFLOWED: usize = memory.data(5 * 4, 4);

function frame_buffer(port: u32): usize {
  if (port == PORT_HOST) return HOST_FRAME;
  if (port == PORT_PAD) return PAD_FRAME;
  return port == PORT_PRINTER ? PRINTER_FRAME : MECHANICS_FRAME;
}

function frame_limit(port: u32): u32 {
  if (port == PORT_HOST) return (k.FRAME_BYTES_MAX as u32) - 1;
  return port == PORT_PAD ? 2065 : 64;
}

/** The payload of the frame last taken. */
export let frame_payload: usize = 0;
export let frame_bytes: u32 = 0;

/** Nothing yet; or a whole good frame; or a refusal's code. */
export const FRAME_NONE: i32 = 0;
export const FRAME_READY: i32 = -1;

/** Takes one byte; the answer is FRAME_NONE, FRAME_READY, or the reason for which a frame is refused. */
export function frame_byte(port: u32, v: u8): i32 {
  const buffer = frame_buffer(port);
  const n = load<u32>(LENGTHS + (port << 2));
  if (v != 0) {
    if (n < frame_limit(port)) {
      store<u8>(buffer + n, v);
      store<u32>(LENGTHS + (port << 2), n + 1);
    } else {
      store<u32>(OVERFLOWED + (port << 2), 1);
    }
    return FRAME_NONE;
  }
  const overflowed = load<u32>(OVERFLOWED + (port << 2)) != 0;
  store<u32>(LENGTHS + (port << 2), 0);
  store<u32>(OVERFLOWED + (port << 2), 0);
  if (overflowed) return k.REFUSAL_FRAME_TOO_LONG;
  return n == 0 ? FRAME_NONE : finish_frame(buffer, n);
}

function finish_frame(buffer: usize, n: u32): i32 {
  const bytes = cobs_decode_in_place(buffer, n);
  if (bytes < 4) return k.REFUSAL_FRAME_MALFORMED;
  frame_payload = buffer;
  frame_bytes = (bytes as u32) - 4;
  if (frame_bytes > (k.MESSAGE_BYTES_MAX as u32)) return k.REFUSAL_FRAME_TOO_LONG;
  return crc32(buffer, frame_bytes) == load<u32>(buffer + frame_bytes) ? FRAME_READY : k.REFUSAL_FRAME_CHECK_FAILED;
}

/** Nothing of a message stays in its frame once it has been dealt with. */
export function wipe_frame(port: u32): void {
  const bytes: usize = port == PORT_HOST ? 6176 : port == PORT_PAD ? 2080 : 64;
  memory.fill(frame_buffer(port), 0, bytes);
}

/** Sends the payload at TX. */
export function send_frame(port: u32, bytes: u32): void {
  assert(bytes <= (k.MESSAGE_BYTES_MAX as u32));
  store<u32>(TX + bytes, crc32(TX, bytes));
  const n = cobs_encode(TX, bytes + 4, TX_FRAME);
  store<u8>(TX_FRAME + n, 0);
  uart_tx(port, TX_FRAME, n + 1);
}

export function wipe_transmitted(): void {
  memory.fill(TX, 0, 6152);
  memory.fill(TX_FRAME, 0, 6176);
}
