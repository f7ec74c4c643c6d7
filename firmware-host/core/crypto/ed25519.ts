// Ed25519 (RFC 8032). Verification has one verdict, the same that the station, the server and the verifier give:
// cofactorless, S < L, A and R canonical and not of small order.
import { SCALAR, SIGN_CONTEXT } from '../scratch';
import { equal_blocks } from './constant_time';
import { base_multiply, decode_negated, double_multiply, encode_point, is_canonical_y, is_small_order, POINT_A, POINT_R } from './edwards';
import { is_canonical_scalar, scalar_multiply_add, scalar_reduce } from './scalar';
import { sha512_final, sha512_init, sha512_update } from './sha512';

const SECRET: usize = SCALAR; // 64: clamped scalar and prefix
const NONCE: usize = SCALAR + 64; // 64
const CHALLENGE: usize = SCALAR + 128; // 64
const ENCODED: usize = SCALAR + 192; // 32

function expand_seed(seed: usize): void {
  sha512_init(SIGN_CONTEXT);
  sha512_update(SIGN_CONTEXT, seed, 32);
  sha512_final(SIGN_CONTEXT, SECRET);
  store<u8>(SECRET, load<u8>(SECRET) & 248);
  store<u8>(SECRET + 31, (load<u8>(SECRET + 31) & 127) | 64);
}

export function ed25519_public_key(seed: usize, public_key: usize): void {
  expand_seed(seed);
  base_multiply(POINT_R, SECRET);
  encode_point(public_key, POINT_R);
  memory.fill(SECRET, 0, 64);
}

/**
 * Signs head ‖ body, so that a record need not be copied behind its signed prefix. `public_key` must be the seed's
 * own: signing with another would give the secret away.
 */
export function ed25519_sign(
  seed: usize, public_key: usize, head: usize, head_bytes: usize, body: usize, body_bytes: usize, signature: usize,
): void {
  expand_seed(seed);
  sha512_init(SIGN_CONTEXT);
  sha512_update(SIGN_CONTEXT, SECRET + 32, 32);
  sha512_update(SIGN_CONTEXT, head, head_bytes);
  sha512_update(SIGN_CONTEXT, body, body_bytes);
  sha512_final(SIGN_CONTEXT, NONCE);
  scalar_reduce(NONCE, NONCE);
  base_multiply(POINT_R, NONCE);
  encode_point(signature, POINT_R);
  sha512_init(SIGN_CONTEXT);
  sha512_update(SIGN_CONTEXT, signature, 32);
  sha512_update(SIGN_CONTEXT, public_key, 32);
  sha512_update(SIGN_CONTEXT, head, head_bytes);
  sha512_update(SIGN_CONTEXT, body, body_bytes);
  sha512_final(SIGN_CONTEXT, CHALLENGE);
  scalar_reduce(CHALLENGE, CHALLENGE);
  scalar_multiply_add(signature + 32, CHALLENGE, SECRET, NONCE);
  memory.fill(SECRET, 0, 128);
}

/** Whether a key may be enrolled or used: a canonical point, not of small order. */
export function ed25519_key_is_sound(public_key: usize): bool {
  return is_canonical_y(public_key) && !is_small_order(public_key) && decode_negated(POINT_A, public_key);
}

/** Whether `signature` over head ‖ body holds. */
export function ed25519_verify(
  public_key: usize, head: usize, head_bytes: usize, body: usize, body_bytes: usize, signature: usize,
): bool {
  if (!is_canonical_scalar(signature + 32)) return false;
  if (!is_canonical_y(signature) || is_small_order(signature)) return false;
  if (!ed25519_key_is_sound(public_key)) return false;
  sha512_init(SIGN_CONTEXT);
  sha512_update(SIGN_CONTEXT, signature, 32);
  sha512_update(SIGN_CONTEXT, public_key, 32);
  sha512_update(SIGN_CONTEXT, head, head_bytes);
  sha512_update(SIGN_CONTEXT, body, body_bytes);
  sha512_final(SIGN_CONTEXT, CHALLENGE);
  scalar_reduce(CHALLENGE, CHALLENGE);
  double_multiply(POINT_R, CHALLENGE, POINT_A, signature + 32); // S·B − k·A
  encode_point(ENCODED, POINT_R);
  return equal_blocks(ENCODED, signature, 32);
}
