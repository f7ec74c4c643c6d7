// Deterministic CBOR (RFC 8949 §4.2.1) into a bounded buffer. A write past the end is a broken invariant: the sizes
// of all replies are known, so it traps. Keys must be written in ascending order; messages use small integers.
let at: usize = 0;
let limit: usize = 0;
let start: usize = 0;

export function writer_open(p: usize, bytes: usize): void {
  start = p;
  at = p;
  limit = p + bytes;
}

/** Bytes written since `writer_open`. */
export function writer_bytes(): usize {
  return at - start;
}

function put(v: u32): void {
  assert(at < limit);
  store<u8>(at, v);
  at++;
}

export function write_head(major: u32, v: u64): void {
  const top = major << 5;
  if (v < 24) {
    put(top | (v as u32));
  } else if (v <= 0xff) {
    put(top | 24);
    put(v as u32);
  } else if (v <= 0xffff) {
    put(top | 25);
    put((v >> 8) as u32);
    put(v as u32);
  } else if (v <= 0xffffffff) {
    put(top | 26);
    for (let shift: i64 = 24; shift >= 0; shift -= 8) put((v >> shift) as u32);
  } else {
    put(top | 27);
    for (let shift: i64 = 56; shift >= 0; shift -= 8) put((v >> shift) as u32);
  }
}

export function write_uint(v: u64): void {
  write_head(0, v);
}

/** −1 − n */
export function write_negative(n: u64): void {
  write_head(1, n);
}

export function write_raw(p: usize, bytes: usize): void {
  assert(bytes <= limit - at);
  memory.copy(at, p, bytes);
  at += bytes;
}

export function write_bytes(p: usize, bytes: usize): void {
  write_head(2, bytes as u64);
  write_raw(p, bytes);
}

export function write_text(p: usize, bytes: usize): void {
  write_head(3, bytes as u64);
  write_raw(p, bytes);
}

export function write_array(count: u32): void {
  write_head(4, count);
}

export function write_map(count: u32): void {
  write_head(5, count);
}

export function write_bool(v: bool): void {
  put(v ? 0xf5 : 0xf4);
}

export function write_null(): void {
  put(0xf6);
}

/** Reserves a byte string of known length to be filled by the caller (a signature over what stands before it). */
export function write_bytes_in_place(bytes: usize): usize {
  write_head(2, bytes as u64);
  assert(bytes <= limit - at);
  const p = at;
  at += bytes;
  return p;
}

/** Writes a head at `p`, outside the open writer; returns the place after it. For small records built by hand. */
export function head_at(p: usize, major: u32, v: u32): usize {
  const top = major << 5;
  if (v < 24) {
    store<u8>(p, top | v);
    return p + 1;
  }
  if (v <= 0xff) {
    store<u8>(p, top | 24, 0);
    store<u8>(p, v, 1);
    return p + 2;
  }
  assert(v <= 0xffff);
  store<u8>(p, top | 25, 0);
  store<u8>(p, v >> 8, 1);
  store<u8>(p, v, 2);
  return p + 3;
}

export function bytes_at(p: usize, major: u32, from: usize, n: usize): usize {
  p = head_at(p, major, n as u32);
  memory.copy(p, from, n);
  return p + n;
}
