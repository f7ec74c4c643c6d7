// GF(2^255−19) beside the generated products: encoding, inversion, square roots, constant-time choice.
import { FIELD, FIELD_BYTES } from '../scratch';
import { fe_mul, fe_sq } from './generated_field';

export const FE_BYTES: usize = 40;

// Temporaries of exponentiation; the curve's own formulas use the elements after them.
const T0: usize = FIELD;
const T1: usize = FIELD + 40;
const T2: usize = FIELD + 80;
const T3: usize = FIELD + 120;
export const FIELD_FREE: usize = FIELD + 160;

// @ts-ignore: decorator
@inline export function fe_copy(h: usize, f: usize): void {
  memory.copy(h, f, 40);
}

export function fe_set(h: usize, v: i32): void {
  memory.fill(h, 0, 40);
  store<i32>(h, v);
}

export function fe_neg(h: usize, f: usize): void {
  for (let i: usize = 0; i < 40; i += 4) store<i32>(h + i, -load<i32>(f + i));
}

/** h = f where `flag` is 1, unchanged where 0, in the same time. */
export function fe_move_if(h: usize, f: usize, flag: u32): void {
  const mask: u32 = 0 - flag;
  for (let i: usize = 0; i < 40; i += 4) {
    const a = load<u32>(h + i);
    store<u32>(h + i, a ^ (mask & (a ^ load<u32>(f + i))));
  }
}

export function fe_swap_if(f: usize, g: usize, flag: u64): void {
  const mask: u64 = 0 - flag;
  for (let i: usize = 0; i < 40; i += 8) {
    const a = load<u64>(f + i);
    const b = load<u64>(g + i);
    const x = mask & (a ^ b);
    store<u64>(f + i, a ^ x);
    store<u64>(g + i, b ^ x);
  }
}

function square_times(h: usize, f: usize, n: i32): void {
  fe_sq(h, f);
  while (--n > 0) fe_sq(h, h);
}

/** T2 = z^(2^250 − 1), T0 = z^11: the part that inversion and square roots share. */
function power_250(z: usize): void {
  fe_sq(T0, z);
  square_times(T1, T0, 2);
  fe_mul(T1, z, T1);
  fe_mul(T0, T0, T1);
  fe_sq(T2, T0);
  fe_mul(T1, T1, T2); // 2^5 − 1
  square_times(T2, T1, 5);
  fe_mul(T1, T2, T1); // 2^10 − 1
  square_times(T2, T1, 10);
  fe_mul(T2, T2, T1); // 2^20 − 1
  square_times(T3, T2, 20);
  fe_mul(T2, T3, T2); // 2^40 − 1
  square_times(T2, T2, 10);
  fe_mul(T1, T2, T1); // 2^50 − 1
  square_times(T2, T1, 50);
  fe_mul(T2, T2, T1); // 2^100 − 1
  square_times(T3, T2, 100);
  fe_mul(T2, T3, T2); // 2^200 − 1
  square_times(T2, T2, 50);
  fe_mul(T2, T2, T1); // 2^250 − 1
}

/** h = 1/z, and 0 for 0. */
export function fe_invert(h: usize, z: usize): void {
  power_250(z);
  square_times(T2, T2, 5);
  fe_mul(h, T2, T0);
}

/** h = z^((p − 5)/8). */
export function fe_power_22523(h: usize, z: usize): void {
  power_250(z);
  square_times(T2, T2, 2);
  fe_mul(h, T2, z);
}

/** The one canonical encoding, 32 bytes. */
export function fe_to_bytes(out: usize, f: usize): void {
  const w = FIELD_BYTES;
  memory.copy(w, f, 40);
  let q: i32 = (19 * load<i32>(w, 36) + (1 << 24)) >> 25;
  for (let i: usize = 0; i < 10; i++) q = (load<i32>(w + (i << 2)) + q) >> (i & 1 ? 25 : 26);
  store<i32>(w, load<i32>(w) + 19 * q);
  for (let i: usize = 0; i < 10; i++) {
    const bits: i32 = i & 1 ? 25 : 26;
    const at = w + (i << 2);
    const v = load<i32>(at);
    const c = v >> bits;
    if (i < 9) store<i32>(at + 4, load<i32>(at + 4) + c);
    store<i32>(at, v - (c << bits));
  }
  let pending: u64 = 0;
  let held: u64 = 0;
  let o = out;
  for (let i: usize = 0; i < 10; i++) {
    pending |= (load<u32>(w + (i << 2)) as u64) << held;
    held += i & 1 ? 25 : 26;
    while (held >= 8) {
      store<u8>(o, pending as u8);
      o++;
      pending >>= 8;
      held -= 8;
    }
  }
  store<u8>(o, pending as u8);
}

/** Reads 255 bits; the caller decides what bit 255 and values of p or more mean. */
export function fe_from_bytes(h: usize, s: usize): void {
  let pending: u64 = 0;
  let held: u64 = 0;
  let o: usize = 0;
  for (let i: usize = 0; i < 10; i++) {
    const bits: u64 = i & 1 ? 25 : 26;
    while (held < bits && o < 32) {
      let v = load<u8>(s + o) as u64;
      if (o == 31) v &= 127;
      pending |= v << held;
      held += 8;
      o++;
    }
    store<i32>(h + (i << 2), (pending & ((1 << bits) - 1)) as i32);
    pending >>= bits;
    held = held > bits ? held - bits : 0;
  }
}

export function fe_is_zero(f: usize): bool {
  const w = FIELD_BYTES + 40;
  fe_to_bytes(w, f);
  return (load<u64>(w) | load<u64>(w, 8) | load<u64>(w, 16) | load<u64>(w, 24)) == 0;
}

export function fe_is_odd(f: usize): bool {
  const w = FIELD_BYTES + 40;
  fe_to_bytes(w, f);
  return (load<u8>(w) & 1) == 1;
}
