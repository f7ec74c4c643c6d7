// ChaCha20-Poly1305 (RFC 8439), sealing and opening in place or across. One computation at a time.
import { AEAD_TAG, CHACHA_BLOCK, CHACHA_STATE, POLY_BLOCK, POLY_KEY, POLY_STATE } from '../scratch';
import { equal_blocks } from './constant_time';

/** CHACHA_BLOCK = the key stream of the state at CHACHA_STATE. */
function chacha_block(): void {
  const s = CHACHA_STATE;
  const o = CHACHA_BLOCK;
  let x0 = load<u32>(s, 0), x1 = load<u32>(s, 4), x2 = load<u32>(s, 8), x3 = load<u32>(s, 12);
  let x4 = load<u32>(s, 16), x5 = load<u32>(s, 20), x6 = load<u32>(s, 24), x7 = load<u32>(s, 28);
  let x8 = load<u32>(s, 32), x9 = load<u32>(s, 36), x10 = load<u32>(s, 40), x11 = load<u32>(s, 44);
  let x12 = load<u32>(s, 48), x13 = load<u32>(s, 52), x14 = load<u32>(s, 56), x15 = load<u32>(s, 60);
  for (let round = 0; round < 10; round++) {
    x0 += x4; x12 = rotl<u32>(x12 ^ x0, 16); x8 += x12; x4 = rotl<u32>(x4 ^ x8, 12);
    x0 += x4; x12 = rotl<u32>(x12 ^ x0, 8); x8 += x12; x4 = rotl<u32>(x4 ^ x8, 7);
    x1 += x5; x13 = rotl<u32>(x13 ^ x1, 16); x9 += x13; x5 = rotl<u32>(x5 ^ x9, 12);
    x1 += x5; x13 = rotl<u32>(x13 ^ x1, 8); x9 += x13; x5 = rotl<u32>(x5 ^ x9, 7);
    x2 += x6; x14 = rotl<u32>(x14 ^ x2, 16); x10 += x14; x6 = rotl<u32>(x6 ^ x10, 12);
    x2 += x6; x14 = rotl<u32>(x14 ^ x2, 8); x10 += x14; x6 = rotl<u32>(x6 ^ x10, 7);
    x3 += x7; x15 = rotl<u32>(x15 ^ x3, 16); x11 += x15; x7 = rotl<u32>(x7 ^ x11, 12);
    x3 += x7; x15 = rotl<u32>(x15 ^ x3, 8); x11 += x15; x7 = rotl<u32>(x7 ^ x11, 7);
    x0 += x5; x15 = rotl<u32>(x15 ^ x0, 16); x10 += x15; x5 = rotl<u32>(x5 ^ x10, 12);
    x0 += x5; x15 = rotl<u32>(x15 ^ x0, 8); x10 += x15; x5 = rotl<u32>(x5 ^ x10, 7);
    x1 += x6; x12 = rotl<u32>(x12 ^ x1, 16); x11 += x12; x6 = rotl<u32>(x6 ^ x11, 12);
    x1 += x6; x12 = rotl<u32>(x12 ^ x1, 8); x11 += x12; x6 = rotl<u32>(x6 ^ x11, 7);
    x2 += x7; x13 = rotl<u32>(x13 ^ x2, 16); x8 += x13; x7 = rotl<u32>(x7 ^ x8, 12);
    x2 += x7; x13 = rotl<u32>(x13 ^ x2, 8); x8 += x13; x7 = rotl<u32>(x7 ^ x8, 7);
    x3 += x4; x14 = rotl<u32>(x14 ^ x3, 16); x9 += x14; x4 = rotl<u32>(x4 ^ x9, 12);
    x3 += x4; x14 = rotl<u32>(x14 ^ x3, 8); x9 += x14; x4 = rotl<u32>(x4 ^ x9, 7);
  }
  store<u32>(o, x0 + load<u32>(s, 0), 0);
  store<u32>(o, x1 + load<u32>(s, 4), 4);
  store<u32>(o, x2 + load<u32>(s, 8), 8);
  store<u32>(o, x3 + load<u32>(s, 12), 12);
  store<u32>(o, x4 + load<u32>(s, 16), 16);
  store<u32>(o, x5 + load<u32>(s, 20), 20);
  store<u32>(o, x6 + load<u32>(s, 24), 24);
  store<u32>(o, x7 + load<u32>(s, 28), 28);
  store<u32>(o, x8 + load<u32>(s, 32), 32);
  store<u32>(o, x9 + load<u32>(s, 36), 36);
  store<u32>(o, x10 + load<u32>(s, 40), 40);
  store<u32>(o, x11 + load<u32>(s, 44), 44);
  store<u32>(o, x12 + load<u32>(s, 48), 48);
  store<u32>(o, x13 + load<u32>(s, 52), 52);
  store<u32>(o, x14 + load<u32>(s, 56), 56);
  store<u32>(o, x15 + load<u32>(s, 60), 60);
}

function chacha_start(key: usize, nonce: usize, counter: u32): void {
  store<u32>(CHACHA_STATE, 0x61707865, 0);
  store<u32>(CHACHA_STATE, 0x3320646e, 4);
  store<u32>(CHACHA_STATE, 0x79622d32, 8);
  store<u32>(CHACHA_STATE, 0x6b206574, 12);
  memory.copy(CHACHA_STATE + 16, key, 32);
  store<u32>(CHACHA_STATE, counter, 48);
  memory.copy(CHACHA_STATE + 52, nonce, 12);
}

function chacha_xor(out: usize, input: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 64) {
    chacha_block();
    store<u32>(CHACHA_STATE, load<u32>(CHACHA_STATE, 48) + 1, 48);
    const n = min<usize>(64, bytes - at);
    for (let i: usize = 0; i < n; i++) store<u8>(out + at + i, load<u8>(input + at + i) ^ load<u8>(CHACHA_BLOCK + i));
  }
}

// Poly1305 in five limbs of 26 bits: r at POLY_STATE, h at POLY_STATE + 20.
function poly_start(key: usize): void {
  const r = POLY_STATE;
  store<u32>(r, load<u32>(key) & 0x3ffffff, 0);
  store<u32>(r, (load<u32>(key, 3) >> 2) & 0x3ffff03, 4);
  store<u32>(r, (load<u32>(key, 6) >> 4) & 0x3ffc0ff, 8);
  store<u32>(r, (load<u32>(key, 9) >> 6) & 0x3f03fff, 12);
  store<u32>(r, (load<u32>(key, 12) >> 8) & 0x00fffff, 16);
  memory.fill(r + 20, 0, 20);
}

function poly_block(p: usize): void {
  const r0 = load<u32>(POLY_STATE, 0) as u64, r1 = load<u32>(POLY_STATE, 4) as u64, r2 = load<u32>(POLY_STATE, 8) as u64;
  const r3 = load<u32>(POLY_STATE, 12) as u64, r4 = load<u32>(POLY_STATE, 16) as u64;
  const s1 = r1 * 5, s2 = r2 * 5, s3 = r3 * 5, s4 = r4 * 5;
  const h0 = (load<u32>(POLY_STATE, 20) + (load<u32>(p) & 0x3ffffff)) as u64;
  const h1 = (load<u32>(POLY_STATE, 24) + ((load<u32>(p, 3) >> 2) & 0x3ffffff)) as u64;
  const h2 = (load<u32>(POLY_STATE, 28) + ((load<u32>(p, 6) >> 4) & 0x3ffffff)) as u64;
  const h3 = (load<u32>(POLY_STATE, 32) + ((load<u32>(p, 9) >> 6) & 0x3ffffff)) as u64;
  const h4 = (load<u32>(POLY_STATE, 36) + ((load<u32>(p, 12) >> 8) | (1 << 24))) as u64;
  let d0 = h0 * r0 + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
  let d1 = h0 * r1 + h1 * r0 + h2 * s4 + h3 * s3 + h4 * s2;
  let d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s4 + h4 * s3;
  let d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s4;
  let d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0;
  d1 += d0 >> 26;
  d2 += d1 >> 26;
  d3 += d2 >> 26;
  d4 += d3 >> 26;
  d0 = (d0 & 0x3ffffff) + (d4 >> 26) * 5;
  store<u32>(POLY_STATE, (d0 & 0x3ffffff) as u32, 20);
  store<u32>(POLY_STATE, ((d1 & 0x3ffffff) + (d0 >> 26)) as u32, 24);
  store<u32>(POLY_STATE, (d2 & 0x3ffffff) as u32, 28);
  store<u32>(POLY_STATE, (d3 & 0x3ffffff) as u32, 32);
  store<u32>(POLY_STATE, (d4 & 0x3ffffff) as u32, 36);
}

/** Blocks of 16, the last padded with zeros as RFC 8439 §2.8 pads data before the lengths. */
function poly_update_padded(p: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) poly_block(p + at);
  if (at == bytes) return;
  memory.fill(POLY_BLOCK, 0, 16);
  memory.copy(POLY_BLOCK, p + at, bytes - at);
  poly_block(POLY_BLOCK);
}

function poly_finish(key: usize, tag: usize): void {
  let h0 = load<u32>(POLY_STATE, 20), h1 = load<u32>(POLY_STATE, 24), h2 = load<u32>(POLY_STATE, 28);
  let h3 = load<u32>(POLY_STATE, 32), h4 = load<u32>(POLY_STATE, 36);
  let c = h1 >> 26; h1 &= 0x3ffffff;
  h2 += c; c = h2 >> 26; h2 &= 0x3ffffff;
  h3 += c; c = h3 >> 26; h3 &= 0x3ffffff;
  h4 += c; c = h4 >> 26; h4 &= 0x3ffffff;
  h0 += c * 5; c = h0 >> 26; h0 &= 0x3ffffff;
  h1 += c;
  // g = h + 5 − 2^130; h stays where that is negative, without a branch.
  let g0 = h0 + 5; c = g0 >> 26; g0 &= 0x3ffffff;
  let g1 = h1 + c; c = g1 >> 26; g1 &= 0x3ffffff;
  let g2 = h2 + c; c = g2 >> 26; g2 &= 0x3ffffff;
  let g3 = h3 + c; c = g3 >> 26; g3 &= 0x3ffffff;
  const g4 = h4 + c - (1 << 26);
  const keep: u32 = ((g4 as i32) >> 31) as u32;
  h0 = (h0 & keep) | (g0 & ~keep);
  h1 = (h1 & keep) | (g1 & ~keep);
  h2 = (h2 & keep) | (g2 & ~keep);
  h3 = (h3 & keep) | (g3 & ~keep);
  h4 = (h4 & keep) | (g4 & ~keep);
  let sum: u64 = ((h0 | (h1 << 26)) as u64) + (load<u32>(key, 0) as u64);
  store<u32>(tag, sum as u32, 0);
  sum = (((h1 >> 6) | (h2 << 20)) as u64) + (load<u32>(key, 4) as u64) + (sum >> 32);
  store<u32>(tag, sum as u32, 4);
  sum = (((h2 >> 12) | (h3 << 14)) as u64) + (load<u32>(key, 8) as u64) + (sum >> 32);
  store<u32>(tag, sum as u32, 8);
  sum = (((h3 >> 18) | (h4 << 8)) as u64) + (load<u32>(key, 12) as u64) + (sum >> 32);
  store<u32>(tag, sum as u32, 12);
}

/** The tag of RFC 8439 §2.8 over additional data and ciphertext. The state must be at counter 0. */
function authenticate(aad: usize, aad_bytes: usize, ciphertext: usize, bytes: usize, tag: usize): void {
  poly_start(POLY_KEY);
  poly_update_padded(aad, aad_bytes);
  poly_update_padded(ciphertext, bytes);
  store<u64>(POLY_BLOCK, aad_bytes as u64, 0);
  store<u64>(POLY_BLOCK, bytes as u64, 8);
  poly_block(POLY_BLOCK);
  poly_finish(POLY_KEY + 16, tag);
}

function wipe(): void {
  memory.fill(CHACHA_STATE, 0, 64);
  memory.fill(CHACHA_BLOCK, 0, 64);
  memory.fill(POLY_STATE, 0, 64);
  memory.fill(POLY_KEY, 0, 64);
}

function start(key: usize, nonce: usize): void {
  chacha_start(key, nonce, 0);
  chacha_block();
  memory.copy(POLY_KEY, CHACHA_BLOCK, 32);
  store<u32>(CHACHA_STATE, 1, 48);
}

/** `out` receives `bytes` + 16; it may be `plaintext` itself. */
export function aead_seal(key: usize, nonce: usize, aad: usize, aad_bytes: usize, plaintext: usize, bytes: usize, out: usize): void {
  start(key, nonce);
  chacha_xor(out, plaintext, bytes);
  authenticate(aad, aad_bytes, out, bytes, out + bytes);
  wipe();
}

/** `bytes` counts ciphertext and tag; false, and nothing written, where the tag does not fit. */
export function aead_open(key: usize, nonce: usize, aad: usize, aad_bytes: usize, ciphertext: usize, bytes: usize, out: usize): bool {
  if (bytes < 16) return false;
  const n = bytes - 16;
  start(key, nonce);
  authenticate(aad, aad_bytes, ciphertext, n, AEAD_TAG);
  const sound = equal_blocks(AEAD_TAG, ciphertext + n, 16);
  if (sound) chacha_xor(out, ciphertext, n);
  wipe();
  return sound;
}
