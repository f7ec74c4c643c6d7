// HMAC-SHA256 (RFC 2104) and HKDF-SHA256 (RFC 5869), in pieces so that labelled inputs (RFC 9180) need no
// concatenation buffer. One computation at a time; all state in the scratch block.
import { HKDF_BLOCK, HKDF_COUNTER, HMAC_CONTEXT, HMAC_INNER, HMAC_PAD } from '../scratch';
import { sha256_final, sha256_init, sha256_update, sha256_update_byte } from './sha256';

function xor_pad(v: u64): void {
  const wide = v * 0x0101010101010101;
  for (let i: usize = 0; i < 64; i += 8) store<u64>(HMAC_PAD + i, load<u64>(HMAC_PAD + i) ^ wide);
}

export function hmac_begin(key: usize, key_bytes: usize): void {
  memory.fill(HMAC_PAD, 0, 64);
  if (key_bytes > 64) {
    sha256_init(HMAC_CONTEXT);
    sha256_update(HMAC_CONTEXT, key, key_bytes);
    sha256_final(HMAC_CONTEXT, HMAC_PAD);
  } else {
    memory.copy(HMAC_PAD, key, key_bytes);
  }
  xor_pad(0x36);
  sha256_init(HMAC_CONTEXT);
  sha256_update(HMAC_CONTEXT, HMAC_PAD, 64);
}

export function hmac_update(p: usize, n: usize): void {
  sha256_update(HMAC_CONTEXT, p, n);
}

export function hmac_update_byte(v: u32): void {
  sha256_update_byte(HMAC_CONTEXT, v);
}

export function hmac_finish(out: usize): void {
  sha256_final(HMAC_CONTEXT, HMAC_INNER);
  xor_pad(0x36 ^ 0x5c);
  sha256_init(HMAC_CONTEXT);
  sha256_update(HMAC_CONTEXT, HMAC_PAD, 64);
  sha256_update(HMAC_CONTEXT, HMAC_INNER, 32);
  sha256_final(HMAC_CONTEXT, out);
  memory.fill(HMAC_PAD, 0, 64);
}

/** HKDF-Expand for any `info` given in one piece. `out_bytes` ≤ 255 x 32. */
export function hkdf_expand(prk: usize, info: usize, info_bytes: usize, out: usize, out_bytes: usize): void {
  assert(out_bytes <= 255 * 32);
  let done: usize = 0;
  for (let counter: u32 = 1; done < out_bytes; counter++) {
    hmac_begin(prk, 32);
    if (counter > 1) hmac_update(HKDF_BLOCK, 32);
    hmac_update(info, info_bytes);
    store<u8>(HKDF_COUNTER, counter);
    hmac_update(HKDF_COUNTER, 1);
    hmac_finish(HKDF_BLOCK);
    const n = min<usize>(32, out_bytes - done);
    memory.copy(out + done, HKDF_BLOCK, n);
    done += n;
  }
  memory.fill(HKDF_BLOCK, 0, 32);
}

export function hkdf_extract(salt: usize, salt_bytes: usize, ikm: usize, ikm_bytes: usize, prk: usize): void {
  hmac_begin(salt, salt_bytes);
  hmac_update(ikm, ikm_bytes);
  hmac_finish(prk);
}
