// Points of edwards25519 in the coordinates and formulas of SUPERCOP's ref10:
//   extended X Y Z T (160 bytes), projective X Y Z (the first 120 of it), completed X Y Z T (160),
//   cached Y+X Y−X Z 2dT (160), niels y+x y−x 2dxy (120).
import { DIGITS, POINT, POINT_TABLE, SELECTED } from '../scratch';
import { FIELD_FREE, fe_copy, fe_from_bytes, fe_invert, fe_is_odd, fe_is_zero, fe_move_if, fe_neg, fe_power_22523, fe_set, fe_to_bytes } from './field';
import { BASE_COMB, BASE_ODD, FE_2D, FE_D, FE_SQRT_M1, SMALL_ORDER_Y } from './generated_edwards';
import { fe_add, fe_mul, fe_sq, fe_sq2, fe_sub } from './generated_field';

const Y: usize = 40;
const Z: usize = 80;
const T: usize = 120;

const COMPLETED: usize = POINT;
const TWICE: usize = POINT + 160;
const CACHED: usize = POINT + 320;
/** Points that callers may use. */
export const POINT_A: usize = POINT + 480;
export const POINT_R: usize = POINT + 640;

const A: usize = FIELD_FREE;
const B: usize = FIELD_FREE + 40;
const C: usize = FIELD_FREE + 80;
const D: usize = FIELD_FREE + 120;

function set_identity(p: usize): void {
  fe_set(p, 0);
  fe_set(p + Y, 1);
  fe_set(p + Z, 1);
  fe_set(p + T, 0);
}

function complete_to_projective(r: usize, p: usize): void {
  fe_mul(r, p, p + T);
  fe_mul(r + Y, p + Y, p + Z);
  fe_mul(r + Z, p + Z, p + T);
}

function complete_to_extended(r: usize, p: usize): void {
  complete_to_projective(r, p);
  fe_mul(r + T, p, p + Y);
}

/** completed r = 2p */
function double(r: usize, p: usize): void {
  fe_sq(r, p);
  fe_sq(r + Z, p + Y);
  fe_sq2(r + T, p + Z);
  fe_add(r + Y, p, p + Y);
  fe_sq(A, r + Y);
  fe_add(r + Y, r + Z, r);
  fe_sub(r + Z, r + Z, r);
  fe_sub(r, A, r + Y);
  fe_sub(r + T, r + T, r + Z);
}

function to_cached(c: usize, p: usize): void {
  fe_add(c, p + Y, p);
  fe_sub(c + Y, p + Y, p);
  fe_copy(c + Z, p + Z);
  fe_mul(c + T, p + T, FE_2D);
}

/** completed r = p + q, q cached (`sign` +1) or p − q (−1) */
function add_cached(r: usize, p: usize, q: usize, sign: i32): void {
  const plus = sign > 0 ? q : q + Y;
  const minus = sign > 0 ? q + Y : q;
  fe_add(r, p + Y, p);
  fe_sub(r + Y, p + Y, p);
  fe_mul(r + Z, r, plus);
  fe_mul(r + Y, r + Y, minus);
  fe_mul(r + T, q + T, p + T);
  fe_mul(r, p + Z, q + Z);
  fe_add(A, r, r);
  finish_addition(r, sign);
}

/** completed r = p ± q, q niels */
function add_niels(r: usize, p: usize, q: usize, sign: i32): void {
  const plus = sign > 0 ? q : q + 40;
  const minus = sign > 0 ? q + 40 : q;
  fe_add(r, p + Y, p);
  fe_sub(r + Y, p + Y, p);
  fe_mul(r + Z, r, plus);
  fe_mul(r + Y, r + Y, minus);
  fe_mul(r + T, q + 80, p + T);
  fe_add(A, p + Z, p + Z);
  finish_addition(r, sign);
}

// @ts-ignore: decorator
@inline function finish_addition(r: usize, sign: i32): void {
  fe_sub(r, r + Z, r + Y);
  fe_add(r + Y, r + Z, r + Y);
  if (sign > 0) {
    fe_add(r + Z, A, r + T);
    fe_sub(r + T, A, r + T);
  } else {
    fe_sub(r + Z, A, r + T);
    fe_add(r + T, A, r + T);
  }
}

/** SELECTED = digit (−8…8) times row `row` of the comb; every entry is touched whatever the digit is. */
function select_from_comb(row: usize, digit: i32): void {
  const negative = (digit as u32) >> 31;
  const magnitude: u32 = digit - (((-(negative as i32)) & digit) << 1);
  fe_set(SELECTED, 1);
  fe_set(SELECTED + 40, 1);
  fe_set(SELECTED + 80, 0);
  const table = BASE_COMB + row * 960;
  for (let k: u32 = 0; k < 8; k++) {
    const flag = (((k + 1) ^ magnitude) - 1) >> 31;
    const entry = table + (k as usize) * 120;
    const mask: u32 = 0 - flag;
    for (let i: usize = 0; i < 120; i += 4) {
      const v = load<u32>(SELECTED + i);
      store<u32>(SELECTED + i, v ^ (mask & (v ^ load<u32>(entry + i))));
    }
  }
  // −(y+x, y−x, 2dxy) = (y−x, y+x, −2dxy)
  fe_copy(A, SELECTED);
  fe_move_if(SELECTED, SELECTED + 40, negative);
  fe_move_if(SELECTED + 40, A, negative);
  fe_neg(A, SELECTED + 80);
  fe_move_if(SELECTED + 80, A, negative);
}

/** extended r = s·B for a secret 32-byte s < 2^255, in a time that does not depend on s. */
export function base_multiply(r: usize, s: usize): void {
  let carry: i32 = 0;
  for (let i: usize = 0; i < 64; i++) {
    const nibble = ((load<u8>(s + (i >> 1)) as u32) >> ((i as u32 & 1) << 2)) & 15;
    const digit = (nibble as i32) + carry;
    carry = i < 63 ? (digit + 8) >> 4 : 0;
    store<i8>(DIGITS + i, digit - (carry << 4));
  }
  set_identity(r);
  for (let column: i32 = 7; column >= 0; column--) {
    if (column != 7) {
      double(COMPLETED, r);
      complete_to_projective(TWICE, COMPLETED);
      double(COMPLETED, TWICE);
      complete_to_projective(TWICE, COMPLETED);
      double(COMPLETED, TWICE);
      complete_to_projective(TWICE, COMPLETED);
      double(COMPLETED, TWICE);
      complete_to_extended(r, COMPLETED);
    }
    for (let row: usize = 0; row < 8; row++) {
      select_from_comb(row, load<i8>(DIGITS + row * 8 + (column as usize)));
      add_niels(COMPLETED, r, SELECTED, 1);
      complete_to_extended(r, COMPLETED);
    }
  }
  memory.fill(DIGITS, 0, 64);
  memory.fill(SELECTED, 0, 120);
}

/** Sliding windows of odd digits −15…15, 256 of them at `out`. For public scalars only. */
function slide(out: usize, s: usize): void {
  for (let i: usize = 0; i < 256; i++) store<i8>(out + i, (load<u8>(s + (i >> 3)) >> ((i & 7) as u8)) & 1);
  for (let i: usize = 0; i < 256; i++) {
    if (load<i8>(out + i) == 0) continue;
    for (let b: usize = 1; b <= 6 && i + b < 256; b++) {
      const here: i32 = load<i8>(out + i);
      const there: i32 = (load<i8>(out + i + b) as i32) << (b as i32);
      if (there == 0) continue;
      if (here + there <= 15) {
        store<i8>(out + i, here + there);
        store<i8>(out + i + b, 0);
      } else if (here - there >= -15) {
        store<i8>(out + i, here - there);
        for (let k = i + b; k < 256; k++) {
          if (load<i8>(out + k) == 0) {
            store<i8>(out + k, 1);
            break;
          }
          store<i8>(out + k, 0);
        }
      } else {
        break;
      }
    }
  }
}

/** projective r = a·P + b·B, for public a, b (verification): one run of doublings for both. */
export function double_multiply(r: usize, a: usize, p: usize, b: usize): void {
  slide(DIGITS, a);
  slide(DIGITS + 256, b);
  to_cached(POINT_TABLE, p);
  double(COMPLETED, p);
  complete_to_extended(TWICE, COMPLETED);
  for (let i: usize = 1; i < 8; i++) {
    add_cached(COMPLETED, TWICE, POINT_TABLE + (i - 1) * 160, 1);
    complete_to_extended(CACHED, COMPLETED);
    to_cached(POINT_TABLE + i * 160, CACHED);
  }
  set_identity(r);
  let i: i32 = 255;
  while (i >= 0 && load<i8>(DIGITS + i) == 0 && load<i8>(DIGITS + 256 + i) == 0) i--;
  for (; i >= 0; i--) {
    double(COMPLETED, r);
    const da: i32 = load<i8>(DIGITS + i);
    const db: i32 = load<i8>(DIGITS + 256 + i);
    if (da != 0) {
      complete_to_extended(TWICE, COMPLETED);
      add_cached(COMPLETED, TWICE, POINT_TABLE + ((abs(da) >> 1) as usize) * 160, da);
    }
    if (db != 0) {
      complete_to_extended(TWICE, COMPLETED);
      add_niels(COMPLETED, TWICE, BASE_ODD + ((abs(db) >> 1) as usize) * 120, db);
    }
    complete_to_projective(r, COMPLETED);
  }
}

/** 32 bytes: y, and the parity of x in the top bit. */
export function encode_point(out: usize, p: usize): void {
  fe_invert(C, p + Z);
  fe_mul(A, p, C);
  fe_mul(B, p + Y, C);
  const odd = fe_is_odd(A);
  fe_to_bytes(out, B);
  store<u8>(out + 31, load<u8>(out + 31) | ((odd as u8) << 7));
}

/** The Montgomery u = (1 + y)/(1 − y) of a point: what X25519 calls its public key. */
export function encode_montgomery(out: usize, p: usize): void {
  fe_add(A, p + Z, p + Y);
  fe_sub(B, p + Z, p + Y);
  fe_invert(C, B);
  fe_mul(A, A, C);
  fe_to_bytes(out, A);
}

/** Whether 32 bytes, the top bit aside, are a y below p = 2^255 − 19. */
export function is_canonical_y(s: usize): bool {
  if ((load<u8>(s, 31) & 127) != 127) return true;
  for (let i: usize = 30; i >= 1; i--) if (load<u8>(s + i) != 255) return true;
  return load<u8>(s) < 0xed;
}

/** Whether a canonical encoding names one of the eight points of small order. */
export function is_small_order(s: usize): bool {
  for (let k: usize = 0; k < 5; k++) {
    const row = SMALL_ORDER_Y + k * 32;
    let difference: u32 = (load<u8>(s, 31) & 127) ^ load<u8>(row, 31);
    for (let i: usize = 0; i < 31; i++) difference |= load<u8>(s + i) ^ load<u8>(row + i);
    if (difference == 0) return true;
  }
  return false;
}

/** extended p = −decode(s), or false where s is no point. */
export function decode_negated(p: usize, s: usize): bool {
  const u = A;
  const v = B;
  fe_from_bytes(p + Y, s);
  fe_set(p + Z, 1);
  fe_sq(u, p + Y);
  fe_mul(v, u, FE_D);
  fe_sub(u, u, p + Z);
  fe_add(v, v, p + Z);
  fe_sq(C, v);
  fe_mul(C, C, v); // v^3
  fe_sq(p, C);
  fe_mul(p, p, v);
  fe_mul(p, p, u); // u·v^7
  fe_power_22523(p, p);
  fe_mul(p, p, C);
  fe_mul(p, p, u); // u·v^3·(u·v^7)^((p−5)/8)
  fe_sq(C, p);
  fe_mul(C, C, v);
  fe_sub(D, C, u);
  if (!fe_is_zero(D)) {
    fe_add(D, C, u);
    if (!fe_is_zero(D)) return false;
    fe_mul(p, p, FE_SQRT_M1);
  }
  const sign = load<u8>(s, 31) >> 7 == 1;
  // x = 0 has no odd form: the encoding with the sign bit set is a second name for one point.
  if (sign && fe_is_zero(p)) return false;
  if (fe_is_odd(p) == sign) fe_neg(p, p);
  fe_mul(p + T, p, p + Y);
  return true;
}
