/* SHA-256 (FIPS 180-4) for the boot stage: it measures the image before anything of the image runs, so it calls nothing
   of it, the C library included. */
#include "sha256.h"

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t right(uint32_t x, uint32_t by) { return x >> by | x << (32 - by); }

/* The byte at `at` of the padded message: the message, 0x80, zeros, its length in bits. */
static uint8_t padded(const uint8_t *message, uint32_t bytes, uint32_t total, uint32_t at) {
  if (at < bytes) return message[at];
  if (at == bytes) return 0x80;
  uint32_t from_end = total - 1 - at;
  return from_end < 8 ? (uint8_t)(((uint64_t)bytes << 3) >> (8 * from_end)) : 0;
}

static void block(uint32_t state[8], const uint32_t schedule[16]) {
  uint32_t w[64], s[8];
  for (uint32_t i = 0; i < 16; i++) w[i] = schedule[i];
  for (uint32_t i = 16; i < 64; i++) {
    uint32_t s0 = right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t s1 = right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  for (uint32_t i = 0; i < 8; i++) s[i] = state[i];
  for (uint32_t i = 0; i < 64; i++) {
    uint32_t s1 = right(s[4], 6) ^ right(s[4], 11) ^ right(s[4], 25);
    uint32_t t1 = s[7] + s1 + ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
    uint32_t s0 = right(s[0], 2) ^ right(s[0], 13) ^ right(s[0], 22);
    uint32_t t2 = s0 + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    for (uint32_t k = 7; k > 0; k--) s[k] = s[k - 1];
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (uint32_t i = 0; i < 8; i++) state[i] += s[i];
}

void sha256(const uint8_t *message, uint32_t bytes, uint8_t digest[32]) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint32_t total = (bytes + 9 + 63) & ~63u;
  for (uint32_t at = 0; at < total; at += 64) {
    uint32_t schedule[16];
    for (uint32_t i = 0; i < 16; i++) {
      uint32_t word = 0;
      for (uint32_t k = 0; k < 4; k++) word = word << 8 | padded(message, bytes, total, at + 4 * i + k);
      schedule[i] = word;
    }
    block(state, schedule);
  }
  for (uint32_t i = 0; i < 32; i++) digest[i] = (uint8_t)(state[i >> 2] >> (24 - 8 * (i & 3)));
}
