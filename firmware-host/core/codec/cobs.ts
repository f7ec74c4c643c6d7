// Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999): no zero byte inside a frame.

/** The most that `bytes` can become. */
export function cobs_bytes_max(bytes: usize): usize {
  return bytes + bytes / 254 + 1;
}

/** Encodes without the delimiter; `out` must not overlap the input. Returns the encoded length. */
export function cobs_encode(input: usize, bytes: usize, out: usize): usize {
  let code = out;
  let o = out + 1;
  let run: u32 = 1;
  for (let i: usize = 0; i < bytes; i++) {
    const v = load<u8>(input + i);
    if (v != 0) {
      store<u8>(o, v);
      o++;
      run++;
    }
    if (v == 0 || (run == 255 && i + 1 < bytes)) {
      store<u8>(code, run);
      code = o;
      o++;
      run = 1;
    }
  }
  store<u8>(code, run);
  return o - out;
}

/** Decodes one frame (no delimiter) in place; −1 where it is not COBS. */
export function cobs_decode_in_place(p: usize, bytes: usize): isize {
  const end = p + bytes;
  let from = p;
  let to = p;
  if (bytes == 0) return -1;
  while (from < end) {
    const code: usize = load<u8>(from);
    if (code == 0 || from + code > end) return -1;
    for (let i: usize = 1; i < code; i++) {
      const v = load<u8>(from + i);
      if (v == 0) return -1;
      store<u8>(to, v);
      to++;
    }
    from += code;
    if (code != 255 && from < end) {
      store<u8>(to, 0);
      to++;
    }
  }
  return (to - p) as isize;
}
