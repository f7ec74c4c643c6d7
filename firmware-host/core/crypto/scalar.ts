// Integers modulo L = 2^252 + 27742317777372353535851937790883648493 (the order of edwards25519's base point),
// by schoolbook in byte limbs as in TweetNaCl: some thousands of multiplications beside a signature's quarter million.
import { WIDE } from '../scratch';

const ORDER: usize = memory.data<u8>([
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
]);

/** out = the 64 limbs at WIDE, modulo L; 32 bytes. */
function reduce_wide(out: usize): void {
  for (let i: isize = 63; i >= 32; i--) {
    let carry: i64 = 0;
    const top = load<i64>(WIDE + (i << 3));
    let j: isize = i - 32;
    for (; j < i - 12; j++) {
      const at = WIDE + (j << 3);
      const v = load<i64>(at) + carry - 16 * top * (load<u8>(ORDER + (j - (i - 32))) as i64);
      carry = (v + 128) >> 8;
      store<i64>(at, v - (carry << 8));
    }
    const at = WIDE + (j << 3);
    store<i64>(at, load<i64>(at) + carry);
    store<i64>(WIDE + (i << 3), 0);
  }
  let carry: i64 = 0;
  const over = load<i64>(WIDE + (31 << 3)) >> 4;
  for (let j: usize = 0; j < 32; j++) {
    const at = WIDE + (j << 3);
    const v = load<i64>(at) + carry - over * (load<u8>(ORDER + j) as i64);
    carry = v >> 8;
    store<i64>(at, v & 255);
  }
  for (let j: usize = 0; j < 32; j++) {
    const at = WIDE + (j << 3);
    store<i64>(at, load<i64>(at) - carry * (load<u8>(ORDER + j) as i64));
  }
  for (let i: usize = 0; i < 32; i++) {
    const at = WIDE + (i << 3);
    const v = load<i64>(at);
    store<i64>(at + 8, load<i64>(at + 8) + (v >> 8));
    store<u8>(out + i, v as u8);
  }
}

/** out = the 64-byte little-endian number at `wide`, modulo L. */
export function scalar_reduce(out: usize, wide: usize): void {
  for (let i: usize = 0; i < 64; i++) store<i64>(WIDE + (i << 3), load<u8>(wide + i));
  reduce_wide(out);
}

/** out = a·b + c modulo L. */
export function scalar_multiply_add(out: usize, a: usize, b: usize, c: usize): void {
  for (let i: usize = 0; i < 64; i++) store<i64>(WIDE + (i << 3), i < 32 ? load<u8>(c + i) : 0);
  for (let i: usize = 0; i < 32; i++) {
    const x: i64 = load<u8>(a + i);
    for (let j: usize = 0; j < 32; j++) {
      const at = WIDE + ((i + j) << 3);
      store<i64>(at, load<i64>(at) + x * (load<u8>(b + j) as i64));
    }
  }
  reduce_wide(out);
}

/** Whether a 32-byte number is below L: S is accepted in that form alone (RFC 8032 §5.1.7). */
export function is_canonical_scalar(s: usize): bool {
  for (let i: isize = 31; i >= 0; i--) {
    const a = load<u8>(s + i);
    const b = load<u8>(ORDER + i);
    if (a != b) return a < b;
  }
  return false;
}
