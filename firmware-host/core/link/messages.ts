// The envelope {0: version, 1: kind, 2: sequence, 3: body} of every message between host and box.
import { CBOR_OK, cbor_check, cbor_count, cbor_map, cbor_uint } from '../codec/cbor_reader';
import { write_array, write_bool, write_bytes, write_map, write_uint, writer_bytes, writer_open } from '../codec/cbor_writer';
import { field_at, fields_open } from '../codec/fields';
import * as k from '../generated/constants';
import { PORT_HOST, TX, send_frame } from './frames';

const ENVELOPE: usize = memory.data(128, 4);
const NO_NUMBER: u64 = u64.MAX_VALUE;

export let message_kind: i32 = 0;
export let message_sequence: u32 = 0;
export let message_body: usize = 0;

/** Opens a payload; 0, or the refusal. The sequence is 0 where it could not be read. */
export function open_message(p: usize, bytes: u32): i32 {
  message_sequence = 0;
  if (cbor_check(p, bytes) != CBOR_OK) return k.REFUSAL_MESSAGE_MALFORMED;
  cbor_map(p);
  if (cbor_count() != 4 || !fields_open(ENVELOPE, p, 0x0f, 0)) return k.REFUSAL_MESSAGE_MALFORMED;
  if (cbor_uint(field_at(ENVELOPE, 0), NO_NUMBER) != (k.WIRE_VERSION as u64)) return k.REFUSAL_VERSION_UNKNOWN;
  const kind = cbor_uint(field_at(ENVELOPE, 1), NO_NUMBER);
  const sequence = cbor_uint(field_at(ENVELOPE, 2), NO_NUMBER);
  if (kind > 0xffff || sequence > 0xffffffff) return k.REFUSAL_MESSAGE_MALFORMED;
  message_kind = kind as i32;
  message_sequence = sequence as u32;
  message_body = field_at(ENVELOPE, 3);
  return 0;
}

function open_envelope(kind: i32, sequence: u32): void {
  writer_open(TX, k.MESSAGE_BYTES_MAX);
  write_map(4);
  write_uint(0);
  write_uint(k.WIRE_VERSION);
  write_uint(1);
  write_uint(kind);
  write_uint(2);
  write_uint(sequence);
  write_uint(3);
}

/** Opens the writer at the body of the reply to a request of this kind. */
export function reply_open(request: i32, sequence: u32): void {
  open_envelope(request + 100, sequence);
}

export function event_open(kind: i32): void {
  open_envelope(kind, 0);
}

export function message_send(): void {
  send_frame(PORT_HOST, writer_bytes() as u32);
}

export function refuse(sequence: u32, reason: i32): void {
  open_envelope(k.MESSAGE_REFUSAL, sequence);
  write_map(1);
  write_uint(k.REFUSAL__REASON);
  write_uint(reason);
  message_send();
}

export function write_field_uint(key: i32, v: u64): void {
  write_uint(key);
  write_uint(v);
}
export function write_field_bytes(key: i32, p: usize, bytes: usize): void {
  write_uint(key);
  write_bytes(p, bytes);
}
export function write_field_bool(key: i32, v: bool): void {
  write_uint(key);
  write_bool(v);
}
export function write_field_array(key: i32, count: u32): void {
  write_uint(key);
  write_array(count);
}
/** A reply whose body is one number. */
export function reply_uint(request: i32, sequence: u32, key: i32, v: u64): void {
  reply_open(request, sequence);
  write_map(1);
  write_field_uint(key, v);
  message_send();
}
