// Working memory of every computation, in one block: whatever a hash, a scalar or a cipher leaves behind is
// wiped by one fill. Nothing here lives longer than one message; keys and nonces have their own homes.
// The firmware allocates nothing at run time: each region is an offset, and the sum is checked at boot.

export const SCRATCH_BYTES: usize = 9216;
export const SCRATCH: usize = memory.data(9216, 16);

// Hash message schedules.
export const SHA256_W: usize = SCRATCH; // 256
export const SHA512_W: usize = SCRATCH + 256; // 640
// Hash contexts of the primitives themselves (104 and 200 bytes, rounded).
export const HMAC_CONTEXT: usize = SCRATCH + 896; // 112
export const HMAC_PAD: usize = SCRATCH + 1008; // 64
export const HMAC_INNER: usize = SCRATCH + 1072; // 32
export const HKDF_BLOCK: usize = SCRATCH + 1104; // 32
export const HKDF_COUNTER: usize = SCRATCH + 1136; // 16
export const SIGN_CONTEXT: usize = SCRATCH + 1152; // 208

// Field temporaries: 40 bytes an element.
export const FIELD: usize = SCRATCH + 1360; // 24 elements = 960
export const FIELD_BYTES: usize = SCRATCH + 2320; // 40 + 32 rounded to 80

// Edwards points (160) and tables.
export const POINT: usize = SCRATCH + 2400; // 8 points = 1280
export const POINT_TABLE: usize = SCRATCH + 3680; // 8 cached = 1280
export const DIGITS: usize = SCRATCH + 4960; // 2 x 256
export const SELECTED: usize = SCRATCH + 5472; // 128

// Scalars.
export const WIDE: usize = SCRATCH + 5600; // 65 x i64 = 520, rounded 528
export const SCALAR: usize = SCRATCH + 6128; // 64 + 64 + 64 + 32 = 224

// X25519 ladder: clamped scalar.
export const LADDER: usize = SCRATCH + 6352; // 32

// ChaCha20-Poly1305.
export const CHACHA_STATE: usize = SCRATCH + 6384; // 64
export const CHACHA_BLOCK: usize = SCRATCH + 6448; // 64
export const POLY_STATE: usize = SCRATCH + 6512; // 64
export const POLY_BLOCK: usize = SCRATCH + 6576; // 16
export const POLY_KEY: usize = SCRATCH + 6592; // 64
export const AEAD_TAG: usize = SCRATCH + 6656; // 16

// HPKE.
export const HPKE: usize = SCRATCH + 6672; // see hpke.ts
export const HPKE_BYTES: usize = 768;

// Signed heads of records; the second half holds a small payload or header in the making.
export const COSE_HEAD: usize = SCRATCH + 7440; // 512

// Digests, challenges, statements in the making.
export const WORK: usize = SCRATCH + 7952; // 1264 to the end
export const WORK_BYTES: usize = 1264;

export function wipe_scratch(): void {
  memory.fill(SCRATCH, 0, SCRATCH_BYTES);
}
