// A total reader for untrusted deterministic CBOR. `cbor_check` walks one whole item once and refuses whatever
// RFC 8949 §4.2.1 does not allow: longer-than-needed heads, indefinite lengths, floats, tags, simple values but
// false/true/null, unsorted or repeated keys, ill-formed UTF-8, trailing bytes, too deep or too many items.
// The accessors after it may then trust structure, and check types and ranges themselves.

export const CBOR_OK: i32 = 0;
export const CBOR_TRUNCATED: i32 = 1;
export const CBOR_NOT_SHORTEST: i32 = 2;
export const CBOR_INDEFINITE: i32 = 3;
export const CBOR_UNSUPPORTED: i32 = 4;
export const CBOR_KEY_ORDER: i32 = 5;
export const CBOR_TEXT: i32 = 6;
export const CBOR_TRAILING: i32 = 7;
export const CBOR_TOO_DEEP: i32 = 8;
export const CBOR_RESERVED: i32 = 9;

export const CBOR_DEPTH_MAX: i32 = 8;
export const CBOR_MISSING: usize = 0;

// The head last read.
let major: u32 = 0;
let argument: u64 = 0;
let next: usize = 0;

function read_head(p: usize, end: usize): i32 {
  if (p >= end) return CBOR_TRUNCATED;
  const first: u32 = load<u8>(p);
  major = first >> 5;
  const low = first & 31;
  p++;
  if (low < 24) {
    argument = low;
    next = p;
    return CBOR_OK;
  }
  if (low == 31) return CBOR_INDEFINITE;
  if (low > 27) return CBOR_RESERVED;
  const width: usize = 1 << (low - 24);
  if (width > end - p) return CBOR_TRUNCATED;
  let v: u64 = 0;
  for (let i: usize = 0; i < width; i++) v = (v << 8) | load<u8>(p + i);
  next = p + width;
  argument = v;
  if (major == 7) return CBOR_UNSUPPORTED;
  if (low == 24 ? v < 24 : v >> ((width * 4) as u64) == 0) return CBOR_NOT_SHORTEST;
  return CBOR_OK;
}

/** RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
function is_utf8(p: usize, end: usize): bool {
  while (p < end) {
    const a: u32 = load<u8>(p);
    p++;
    if (a < 0x80) continue;
    let more: usize = 0;
    let low: u32 = 0x80;
    let high: u32 = 0xbf;
    if (a >= 0xc2 && a <= 0xdf) more = 1;
    else if (a >= 0xe0 && a <= 0xef) {
      more = 2;
      if (a == 0xe0) low = 0xa0;
      if (a == 0xed) high = 0x9f;
    } else if (a >= 0xf0 && a <= 0xf4) {
      more = 3;
      if (a == 0xf0) low = 0x90;
      if (a == 0xf4) high = 0x8f;
    } else return false;
    if (more > end - p) return false;
    for (let i: usize = 0; i < more; i++) {
      const b: u32 = load<u8>(p + i);
      if (b < low || b > high) return false;
      low = 0x80;
      high = 0xbf;
    }
    p += more;
  }
  return true;
}

/** Bytewise order of two encoded keys: negative, zero or positive. */
function compare(a: usize, a_bytes: usize, b: usize, b_bytes: usize): i32 {
  const n = min<usize>(a_bytes, b_bytes);
  for (let i: usize = 0; i < n; i++) {
    const x: i32 = load<u8>(a + i);
    const y: i32 = load<u8>(b + i);
    if (x != y) return x - y;
  }
  return (a_bytes as i32) - (b_bytes as i32);
}

// One frame an open array or map: items left, and for a map the last key's place (0 for none yet, 1 for an array).
const STACK: usize = memory.data(8 * 24, 8);
const LEFT: usize = 0; // u64; in a map keys and values both count
const LAST_KEY: usize = 8;
const LAST_KEY_BYTES: usize = 12;
const KEY_START: usize = 16; // of the key being read; 0 while reading a value
const IS_MAP: usize = 20;

/** Closes what ended at `p`; returns the depth that is still open, or −1 where a key is out of order. */
function close_items(depth: i32, p: usize): i32 {
  while (depth > 0) {
    const frame = STACK + ((depth - 1) as usize) * 24;
    const left = load<u64>(frame, LEFT) - 1;
    store<u64>(frame, left, LEFT);
    if (load<u32>(frame, IS_MAP) != 0) {
      const key_start: usize = load<u32>(frame, KEY_START);
      if (key_start != 0) {
        const last: usize = load<u32>(frame, LAST_KEY);
        if (last != 0 && compare(last, load<u32>(frame, LAST_KEY_BYTES), key_start, p - key_start) >= 0) return -1;
        store<u32>(frame, key_start as u32, LAST_KEY);
        store<u32>(frame, (p - key_start) as u32, LAST_KEY_BYTES);
        store<u32>(frame, 0, KEY_START);
      } else {
        store<u32>(frame, p as u32, KEY_START);
      }
    }
    if (left > 0) return depth;
    depth--;
  }
  return 0;
}

function open_items(depth: i32, count: u64, is_map: bool): void {
  const frame = STACK + (depth as usize) * 24;
  store<u64>(frame, is_map ? count * 2 : count, LEFT);
  store<u32>(frame, 0, LAST_KEY);
  store<u32>(frame, is_map ? (next as u32) : 0, KEY_START);
  store<u32>(frame, is_map ? 1 : 0, IS_MAP);
}

export function cbor_check(p: usize, bytes: usize): i32 {
  const end = p + bytes;
  let depth: i32 = 0;
  let at = p;
  do {
    const error = read_head(at, end);
    if (error != CBOR_OK) return error;
    at = next;
    if (major == 2 || major == 3) {
      if (argument > ((end - at) as u64)) return CBOR_TRUNCATED;
      if (major == 3 && !is_utf8(at, at + (argument as usize))) return CBOR_TEXT;
      at += argument as usize;
    } else if (major == 4 || major == 5) {
      // Each item takes a byte or more, which bounds the count before it is trusted.
      if (argument > ((end - at) as u64)) return CBOR_TRUNCATED;
      if (argument > 0) {
        if (depth == CBOR_DEPTH_MAX) return CBOR_TOO_DEEP;
        open_items(depth, argument, major == 5);
        depth++;
        continue;
      }
    } else if (major == 6) {
      return CBOR_UNSUPPORTED;
    } else if (major == 7 && (argument < 20 || argument > 22)) {
      return CBOR_UNSUPPORTED;
    }
    depth = close_items(depth, at);
    if (depth < 0) return CBOR_KEY_ORDER;
  } while (depth > 0);
  return at == end ? CBOR_OK : CBOR_TRAILING;
}

// --- Accessors, for items that cbor_check has passed. Each takes the item's place; a wrong type gives the miss. ---

/** The place after the item at `p`. */
export function cbor_skip(p: usize): usize {
  let left: u64 = 1;
  do {
    read_head(p, usize.MAX_VALUE);
    p = next;
    if (major == 2 || major == 3) p += argument as usize;
    else if (major == 4) left += argument;
    else if (major == 5) left += argument * 2;
  } while (--left > 0);
  return p;
}

export function cbor_is_null(p: usize): bool {
  return load<u8>(p) == 0xf6;
}

/** Value of an unsigned integer, or `miss` for anything else. */
export function cbor_uint(p: usize, miss: u64): u64 {
  if (p == CBOR_MISSING) return miss;
  read_head(p, usize.MAX_VALUE);
  return major == 0 ? argument : miss;
}

/** 1, 0, or −1 for anything else. */
export function cbor_bool(p: usize): i32 {
  if (p == CBOR_MISSING) return -1;
  const v = load<u8>(p);
  return v == 0xf5 ? 1 : v == 0xf4 ? 0 : -1;
}

let string_bytes: usize = 0;
/** Length of the string last found by cbor_bytes or cbor_text. */
export function cbor_string_bytes(): usize {
  return string_bytes;
}

function string_at(p: usize, kind: u32): usize {
  string_bytes = 0;
  if (p == CBOR_MISSING) return CBOR_MISSING;
  read_head(p, usize.MAX_VALUE);
  if (major != kind) return CBOR_MISSING;
  string_bytes = argument as usize;
  return next;
}

export function cbor_bytes(p: usize): usize {
  return string_at(p, 2);
}

export function cbor_text(p: usize): usize {
  return string_at(p, 3);
}

/** The content of a byte string of exactly `bytes`. */
export function cbor_bytes_exact(p: usize, bytes: usize): usize {
  const content = string_at(p, 2);
  return content != CBOR_MISSING && string_bytes == bytes ? content : CBOR_MISSING;
}

let item_count: u32 = 0;
/** Number of items of the array last entered. */
export function cbor_count(): u32 {
  return item_count;
}

function enter(p: usize, kind: u32): usize {
  item_count = 0;
  if (p == CBOR_MISSING) return CBOR_MISSING;
  read_head(p, usize.MAX_VALUE);
  if (major != kind) return CBOR_MISSING;
  item_count = argument as u32;
  return next;
}

/** The place of an array's first item (its end where it is empty); cbor_count() says how many. */
export function cbor_array(p: usize): usize {
  return enter(p, 4);
}

export function cbor_map(p: usize): usize {
  return enter(p, 5);
}

/** The value under an unsigned key, or CBOR_MISSING. */
export function cbor_find(map: usize, key: u32): usize {
  let p = enter(map, 5);
  if (p == CBOR_MISSING) return CBOR_MISSING;
  for (let left = item_count; left > 0; left--) {
    read_head(p, usize.MAX_VALUE);
    if (major == 0 && argument == (key as u64)) return next;
    p = cbor_skip(cbor_skip(p));
  }
  return CBOR_MISSING;
}
