// X25519 (RFC 7748). Public keys come from the Edwards comb, a third of the ladder's time; shared secrets from the
// ladder. An all-zero shared secret is refused (RFC 7748 §6.1, required by RFC 9180 §7.1.4).
import { LADDER } from '../scratch';
import { base_multiply, encode_montgomery, POINT_R } from './edwards';
import { FIELD_FREE, fe_copy, fe_from_bytes, fe_invert, fe_set, fe_swap_if, fe_to_bytes } from './field';
import { fe_add, fe_mul, fe_mul121666, fe_sq, fe_sub } from './generated_field';

const X1: usize = FIELD_FREE;
const X2: usize = FIELD_FREE + 40;
const Z2: usize = FIELD_FREE + 80;
const X3: usize = FIELD_FREE + 120;
const Z3: usize = FIELD_FREE + 160;
const S: usize = FIELD_FREE + 200;
const T: usize = FIELD_FREE + 240;

function clamp_to_ladder(secret: usize): void {
  memory.copy(LADDER, secret, 32);
  store<u8>(LADDER, load<u8>(LADDER) & 248);
  store<u8>(LADDER + 31, (load<u8>(LADDER + 31) & 127) | 64);
}

export function x25519_public_key(secret: usize, public_key: usize): void {
  clamp_to_ladder(secret);
  base_multiply(POINT_R, LADDER);
  encode_montgomery(public_key, POINT_R);
  memory.fill(LADDER, 0, 32);
}

/** One step of RFC 7748 §5: (X2:Z2) doubled, (X3:Z3) = (X2:Z2) + (X3:Z3). */
function ladder_step(): void {
  fe_sub(S, X3, Z3);
  fe_sub(T, X2, Z2);
  fe_add(X2, X2, Z2);
  fe_add(Z2, X3, Z3);
  fe_mul(Z3, S, X2);
  fe_mul(Z2, Z2, T);
  fe_sq(S, T);
  fe_sq(T, X2);
  fe_add(X3, Z3, Z2);
  fe_sub(Z2, Z3, Z2);
  fe_mul(X2, T, S);
  fe_sub(T, T, S);
  fe_sq(Z2, Z2);
  fe_mul121666(Z3, T);
  fe_sq(X3, X3);
  fe_add(S, S, Z3);
  fe_mul(Z3, X1, Z2);
  fe_mul(Z2, T, S);
}

/** False, with `shared` zero, where the peer's point is of small order. */
export function x25519(secret: usize, peer: usize, shared: usize): bool {
  clamp_to_ladder(secret);
  fe_from_bytes(X1, peer);
  fe_set(X2, 1);
  fe_set(Z2, 0);
  fe_copy(X3, X1);
  fe_set(Z3, 1);
  let swap: u64 = 0;
  for (let i: i32 = 254; i >= 0; i--) {
    const bit = ((load<u8>(LADDER + (i >> 3)) >> ((i & 7) as u8)) & 1) as u64;
    swap ^= bit;
    fe_swap_if(X2, X3, swap);
    fe_swap_if(Z2, Z3, swap);
    swap = bit;
    ladder_step();
  }
  fe_swap_if(X2, X3, swap);
  fe_swap_if(Z2, Z3, swap);
  fe_invert(Z2, Z2);
  fe_mul(X2, X2, Z2);
  fe_to_bytes(shared, X2);
  memory.fill(LADDER, 0, 32);
  return (load<u64>(shared) | load<u64>(shared, 8) | load<u64>(shared, 16) | load<u64>(shared, 24)) != 0;
}
