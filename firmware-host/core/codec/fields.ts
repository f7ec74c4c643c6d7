// Maps with small unsigned keys, as all our records and messages are. A map is opened once into a table of the
// places of its values; an unknown, missing or out-of-range key refuses the whole map.
import { CBOR_MISSING, cbor_bool, cbor_bytes, cbor_count, cbor_map, cbor_skip, cbor_string_bytes, cbor_text, cbor_uint } from './cbor_reader';
import { has_no_controls } from '../text';

export const FIELDS_BYTES: usize = 128; // places of keys 0 to 31
const NO_VALUE: u64 = u64.MAX_VALUE;

/** The set {1 … last}. */
// @ts-ignore: decorator
@inline export function keys_to(last: u32): u32 {
  return ((1 << (last + 1)) - 1) & ~1;
}
// @ts-ignore: decorator
@inline export function key_set(key: u32): u32 {
  return 1 << key;
}

export function fields_open(table: usize, p: usize, required: u32, optional: u32): bool {
  memory.fill(table, 0, FIELDS_BYTES);
  let at = cbor_map(p);
  if (at == CBOR_MISSING) return false;
  const allowed = required | optional;
  let seen: u32 = 0;
  for (let left = cbor_count(); left > 0; left--) {
    const key = cbor_uint(at, NO_VALUE);
    if (key > 31 || (allowed & (1 << (key as u32))) == 0) return false;
    const value = cbor_skip(at);
    store<u32>(table + ((key as usize) << 2), value as u32);
    seen |= 1 << (key as u32);
    at = cbor_skip(value);
  }
  return (seen & required) == required;
}

// @ts-ignore: decorator
@inline export function field_at(table: usize, key: u32): usize {
  return load<u32>(table + ((key as usize) << 2));
}

export function field_has_uint(table: usize, key: u32, max: u64): bool {
  const v = cbor_uint(field_at(table, key), NO_VALUE);
  return v != NO_VALUE && v <= max;
}

export function field_uint(table: usize, key: u32): u64 {
  return cbor_uint(field_at(table, key), 0);
}

export function field_has_bool(table: usize, key: u32): bool {
  return cbor_bool(field_at(table, key)) >= 0;
}

export function field_is_true(table: usize, key: u32): bool {
  return cbor_bool(field_at(table, key)) == 1;
}

export function field_has_bytes(table: usize, key: u32, min: usize, max: usize): bool {
  return cbor_bytes(field_at(table, key)) != CBOR_MISSING && cbor_string_bytes() >= min && cbor_string_bytes() <= max;
}

export function field_has_text(table: usize, key: u32, max: usize): bool {
  return is_item_text(field_at(table, key), max);
}

export function is_item_text(p: usize, max: usize): bool {
  const content = cbor_text(p);
  return content != CBOR_MISSING && cbor_string_bytes() <= max && has_no_controls(content, cbor_string_bytes());
}
