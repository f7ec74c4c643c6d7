// Fixed texts as string literals: AssemblyScript keeps them as UTF-16 in the data segment; ours are ASCII.

export function is_text(p: usize, bytes: usize, text: string): bool {
  if (p == 0 || bytes != (text.length as usize)) return false;
  const s = changetype<usize>(text);
  for (let i: usize = 0; i < bytes; i++) if (load<u8>(p + i) != load<u8>(s + (i << 1))) return false;
  return true;
}

/** Writes the text at `p`; returns the place after it. */
export function put_text(p: usize, text: string): usize {
  const s = changetype<usize>(text);
  const n = text.length as usize;
  for (let i: usize = 0; i < n; i++) store<u8>(p + i, load<u8>(s + (i << 1)));
  return p + n;
}

export function same_bytes(a: usize, a_bytes: usize, b: usize, b_bytes: usize): bool {
  if (a_bytes != b_bytes || a == 0 || b == 0) return false;
  for (let i: usize = 0; i < a_bytes; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

/** Text for people or subjects: no control characters (UTF-8 itself is checked with the item). */
export function has_no_controls(p: usize, bytes: usize): bool {
  for (let i: usize = 0; i < bytes; i++) {
    const c = load<u8>(p + i);
    if (c < 0x20 || c == 0x7f) return false;
  }
  return true;
}
