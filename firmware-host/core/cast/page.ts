// The page: labels and names from the rasters in flash, candidates' codes in the box's own digits. Its length is the
// same for every ballot of an election: every line of every contest is there, white where nothing stands.
import { contest_choices_max, contest_code_digits, contests, raster_row_bytes, raster_rows } from '../election/package';
import { ITEM_BLANK, ITEM_ELECTION_TITLE, ITEM_NOT_IN_STYLE, ITEM_REHEARSAL, candidate_code, item_address, item_candidate, item_contest_title } from '../election/rasters';
import { read_flash } from '../flash/nor';
import * as k from '../generated/constants';
import { PORT_PRINTER, TX, send_frame, wipe_transmitted } from '../link/frames';
import { session_mode } from '../session/session';
import { PLAINTEXT, PLAINTEXT_STRIDE } from './ballot';
import { DIGIT_GLYPHS } from './generated_digits';

const TO_PRINTER_PAGE_START: u8 = 1;
const TO_PRINTER_ROWS: u8 = 2;
const TO_PRINTER_PAGE_END: u8 = 3;
const ROWS_HEAD_BYTES: u32 = 3;
const ITEM_HEAD_BYTES: u32 = 12;
const DIGIT_ROWS: u32 = 24;
const DIGIT_BYTES: u32 = 2;
/** Rows of the line that carries a candidate's code, above her name. */
export const CODE_LINE_ROWS: u32 = 28;

let row: u32 = 0; // of the page, first in the frame
let held: u32 = 0; // rows in the frame
let frame_rows: u32 = 0; // as many as fit

export function page_rows(): u32 {
  let lines: u32 = 0;
  for (let contest: u32 = 0; contest < contests; contest++) lines += contest_choices_max(contest);
  return raster_rows * (2 + contests + lines) + CODE_LINE_ROWS * lines;
}

function flush(): void {
  if (held == 0) return;
  store<u8>(TX, TO_PRINTER_ROWS, 0);
  store<u8>(TX, row >> 8, 1);
  store<u8>(TX, row, 2);
  send_frame(PORT_PRINTER, ROWS_HEAD_BYTES + held * raster_row_bytes);
  row += held;
  held = 0;
}

/** Room for up to `rows` whole rows in the frame, at least one; where they go is `place`. */
let place: usize = 0;
function room(rows: u32): u32 {
  if (held == frame_rows) flush();
  place = TX + ROWS_HEAD_BYTES + held * raster_row_bytes;
  const n = min<u32>(rows, frame_rows - held);
  held += n;
  return n;
}

function put_white(rows: u32): void {
  while (rows > 0) {
    const n = room(rows);
    memory.fill(place, 0, n * raster_row_bytes);
    rows -= n;
  }
}

function put_item(item: u32): void {
  let from = item_address(item) + ITEM_HEAD_BYTES;
  let rows = raster_rows;
  while (rows > 0) {
    const n = room(rows);
    read_flash(from, place, n * raster_row_bytes);
    from += n * raster_row_bytes;
    rows -= n;
  }
}

/** The code with its leading zeros, at the right edge less one byte, read left to right as numbers are. */
function put_code(code: u32, digits: u32): void {
  put_white((CODE_LINE_ROWS - DIGIT_ROWS) / 2);
  for (let y: u32 = 0; y < DIGIT_ROWS; y++) {
    room(1);
    memory.fill(place, 0, raster_row_bytes);
    let rest = code;
    for (let i: u32 = 0; i < digits; i++) {
      const glyph = DIGIT_GLYPHS + (rest % 10) * DIGIT_ROWS * DIGIT_BYTES + y * DIGIT_BYTES;
      const at = place + raster_row_bytes - 1 - DIGIT_BYTES * (i + 1);
      store<u8>(at, load<u8>(glyph, 0), 0);
      store<u8>(at, load<u8>(glyph, 1), 1);
      rest /= 10;
    }
  }
  put_white((CODE_LINE_ROWS - DIGIT_ROWS) / 2);
}

function put_contest(contest: u32): void {
  put_item(item_contest_title(contest));
  const plaintext = PLAINTEXT + (contest as usize) * PLAINTEXT_STRIDE;
  const ballot_class = load<u8>(plaintext, 2);
  const count: u32 = load<u8>(plaintext, 3);
  for (let line: u32 = 0; line < contest_choices_max(contest); line++) {
    if (line < count) {
      const at = plaintext + 4 + 2 * line;
      const item = item_candidate(contest, ((load<u8>(at) as u32) << 8) | load<u8>(at + 1));
      put_code(candidate_code(item), contest_code_digits(contest));
      put_item(item);
      continue;
    }
    put_white(CODE_LINE_ROWS);
    if (line == 0) put_item(ballot_class == 0 ? ITEM_NOT_IN_STYLE : ITEM_BLANK);
    else put_white(raster_rows);
  }
}

/** Sends the whole page of the plaintext in hand to the printer, and wipes what passed through. */
export function print_page(): void {
  const rows = page_rows();
  row = 0;
  held = 0;
  frame_rows = ((k.PERIPHERAL_BYTES_MAX as u32) - ROWS_HEAD_BYTES) / raster_row_bytes;
  store<u8>(TX, TO_PRINTER_PAGE_START, 0);
  store<u8>(TX, rows >> 8, 1);
  store<u8>(TX, rows, 2);
  send_frame(PORT_PRINTER, 3);
  put_item(ITEM_ELECTION_TITLE);
  if (session_mode() == (k.MODE_REHEARSAL as u32)) put_item(ITEM_REHEARSAL);
  else put_white(raster_rows);
  for (let contest: u32 = 0; contest < contests; contest++) put_contest(contest);
  flush();
  assert(row == rows);
  store<u8>(TX, TO_PRINTER_PAGE_END);
  send_frame(PORT_PRINTER, 1);
  wipe_transmitted();
}
