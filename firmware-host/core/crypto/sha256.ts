// SHA-256 (FIPS 180-4). A context is 104 bytes of the caller's: state 32, block 64, length 8.
import { SHA256_W } from '../scratch';

export const SHA256_CONTEXT_BYTES: usize = 104;
const BLOCK: usize = 32;
const LENGTH: usize = 96;

const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

export function sha256_init(c: usize): void {
  store<u32>(c, 0x6a09e667, 0);
  store<u32>(c, 0xbb67ae85, 4);
  store<u32>(c, 0x3c6ef372, 8);
  store<u32>(c, 0xa54ff53a, 12);
  store<u32>(c, 0x510e527f, 16);
  store<u32>(c, 0x9b05688c, 20);
  store<u32>(c, 0x1f83d9ab, 24);
  store<u32>(c, 0x5be0cd19, 28);
  store<u64>(c, 0, LENGTH);
}

function compress(s: usize, p: usize): void {
  const w = SHA256_W;
  for (let i: usize = 0; i < 64; i += 4) store<u32>(w + i, bswap<u32>(load<u32>(p + i)));
  for (let i: usize = 64; i < 256; i += 4) {
    const x = load<u32>(w + i - 60);
    const y = load<u32>(w + i - 8);
    const s0 = rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >> 3);
    const s1 = rotr<u32>(y, 17) ^ rotr<u32>(y, 19) ^ (y >> 10);
    store<u32>(w + i, load<u32>(w + i - 64) + s0 + load<u32>(w + i - 28) + s1);
  }
  let a = load<u32>(s, 0), b = load<u32>(s, 4), c = load<u32>(s, 8), d = load<u32>(s, 12);
  let e = load<u32>(s, 16), f = load<u32>(s, 20), g = load<u32>(s, 24), h = load<u32>(s, 28);
  for (let i: usize = 0; i < 256; i += 4) {
    const t1: u32 = h + (rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)) + (g ^ (e & (f ^ g))) + load<u32>(K + i) + load<u32>(w + i);
    const t2: u32 = (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + ((a & b) | (c & (a | b)));
    h = g; g = f; f = e; e = d + t1;
    d = c; c = b; b = a; a = t1 + t2;
  }
  store<u32>(s, load<u32>(s, 0) + a, 0);
  store<u32>(s, load<u32>(s, 4) + b, 4);
  store<u32>(s, load<u32>(s, 8) + c, 8);
  store<u32>(s, load<u32>(s, 12) + d, 12);
  store<u32>(s, load<u32>(s, 16) + e, 16);
  store<u32>(s, load<u32>(s, 20) + f, 20);
  store<u32>(s, load<u32>(s, 24) + g, 24);
  store<u32>(s, load<u32>(s, 28) + h, 28);
}

export function sha256_update(c: usize, p: usize, n: usize): void {
  const total = load<u64>(c, LENGTH);
  store<u64>(c, total + (n as u64), LENGTH);
  let fill = (total & 63) as usize;
  if (fill != 0) {
    const k = min<usize>(n, 64 - fill);
    memory.copy(c + BLOCK + fill, p, k);
    fill += k; p += k; n -= k;
    if (fill < 64) return;
    compress(c, c + BLOCK);
  }
  while (n >= 64) {
    compress(c, p);
    p += 64; n -= 64;
  }
  memory.copy(c + BLOCK, p, n);
}

export function sha256_update_byte(c: usize, v: u32): void {
  const total = load<u64>(c, LENGTH);
  store<u64>(c, total + 1, LENGTH);
  const fill = (total & 63) as usize;
  store<u8>(c + BLOCK + fill, v);
  if (fill == 63) compress(c, c + BLOCK);
}

/** Writes 32 bytes to `out` and wipes the context. */
export function sha256_final(c: usize, out: usize): void {
  const total = load<u64>(c, LENGTH);
  let fill = (total & 63) as usize;
  store<u8>(c + BLOCK + fill, 0x80);
  fill++;
  if (fill > 56) {
    memory.fill(c + BLOCK + fill, 0, 64 - fill);
    compress(c, c + BLOCK);
    fill = 0;
  }
  memory.fill(c + BLOCK + fill, 0, 56 - fill);
  store<u64>(c + BLOCK + 56, bswap<u64>(total << 3));
  compress(c, c + BLOCK);
  for (let i: usize = 0; i < 32; i += 4) store<u32>(out + i, bswap<u32>(load<u32>(c + i)));
  memory.fill(c, 0, SHA256_CONTEXT_BYTES);
}
