/**
 * The protocol's cryptography for station, server and bench: libsodium for the curves and ChaCha20-Poly1305, where it
 * costs a third of node:crypto's key objects, and node:crypto for randomness.
 */
import { hash, randomBytes as nodeRandomBytes } from 'node:crypto';
import {
  AEAD_TAG_BYTES,
  type Bytes,
  type Crypto,
  concatBytes,
  isSmallOrderEncoding,
  PUBLIC_KEY_BYTES,
  type RandomBytes,
  SECRET_KEY_BYTES,
  SIGNATURE_BYTES,
} from '@sandoq/protocol';
import sodium from 'sodium-native';

const own = (buffer: Buffer): Bytes =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length).slice();

/** OpenSSL uses the processor's own SHA instructions: from here on that is worth its dearer call. */
const OPENSSL_BYTES_MIN = 512;

/** Written by the library and copied out: an array that is given to it costs memory outside the heap, each time. */
const digested = new Uint8Array(new ArrayBuffer(32));

const sha256 = (data: Bytes): Bytes => {
  if (data.length >= OPENSSL_BYTES_MIN) return own(hash('sha256', data, 'buffer'));
  sodium.crypto_hash_sha256(digested, data);
  return digested.slice();
};

const SHA256_BLOCK_BYTES = 64;

/** RFC 2104 on libsodium's SHA-256: a key object of node:crypto costs more than the hashing. */
function hmacSha256(key: Bytes, data: Bytes): Bytes {
  const inner = new Uint8Array(SHA256_BLOCK_BYTES).fill(0x36);
  const outer = new Uint8Array(SHA256_BLOCK_BYTES).fill(0x5c);
  const block = key.length > SHA256_BLOCK_BYTES ? sha256(key) : key;
  block.forEach((byte, i) => {
    inner[i] = (inner[i] as number) ^ byte;
    outer[i] = (outer[i] as number) ^ byte;
  });
  return sha256(concatBytes(outer, sha256(concatBytes(inner, data))));
}

/** libsodium's secret key is the seed and the public key; it lives for one call. */
function withExpanded<Value>(seed: Bytes, use: (secretKey: Bytes, publicKey: Bytes) => Value): Value {
  if (seed.length !== SECRET_KEY_BYTES) throw new RangeError('a signing key is 32 bytes');
  const publicKey = new Uint8Array(PUBLIC_KEY_BYTES);
  const secretKey = new Uint8Array(2 * SECRET_KEY_BYTES);
  try {
    sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
    return use(secretKey, publicKey);
  } finally {
    secretKey.fill(0);
  }
}

/** Signs often with one key and keeps it expanded as long as the signer lives: for simulated cards, not for stations. */
export function keptSigner(seed: Bytes): (message: Bytes) => Bytes {
  const kept = withExpanded(seed, (expanded) => expanded.slice());
  return (message) => {
    const signature = new Uint8Array(SIGNATURE_BYTES);
    sodium.crypto_sign_detached(signature, message, kept);
    return signature;
  };
}

export const nodeCrypto: Crypto = {
  sha256,
  sha512: (data) => {
    const digest = new Uint8Array(64);
    sodium.crypto_hash_sha512(digest, data);
    return digest;
  },
  hmacSha256,
  signingPublicKey: (secretKey) => withExpanded(secretKey, (_expanded, publicKey) => publicKey),
  sign: (secretKey, message) =>
    withExpanded(secretKey, (expanded) => {
      const signature = new Uint8Array(SIGNATURE_BYTES);
      sodium.crypto_sign_detached(signature, message, expanded);
      return signature;
    }),
  verify: (publicKey, message, signature) => {
    if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
    if (isSmallOrderEncoding(publicKey) || isSmallOrderEncoding(signature)) return false;
    return sodium.crypto_sign_verify_detached(signature, message, publicKey);
  },
  agreementPublicKey: (secretKey) => {
    const publicKey = new Uint8Array(PUBLIC_KEY_BYTES);
    sodium.crypto_scalarmult_base(publicKey, secretKey);
    return publicKey;
  },
  agree: (secretKey, publicKey) => {
    if (publicKey.length !== PUBLIC_KEY_BYTES || secretKey.length !== SECRET_KEY_BYTES) return undefined;
    const shared = new Uint8Array(32);
    try {
      sodium.crypto_scalarmult(shared, secretKey, publicKey);
      return shared;
    } catch {
      return undefined; // the all-zero secret of a small-order point
    }
  },
  aeadSeal: (key, nonce, associated, plaintext) => {
    const ciphertext = new Uint8Array(plaintext.length + AEAD_TAG_BYTES);
    sodium.crypto_aead_chacha20poly1305_ietf_encrypt(ciphertext, plaintext, associated, null, nonce, key);
    return ciphertext;
  },
  aeadOpen: (key, nonce, associated, ciphertext) => {
    if (ciphertext.length < AEAD_TAG_BYTES) return undefined;
    const plaintext = new Uint8Array(ciphertext.length - AEAD_TAG_BYTES);
    try {
      sodium.crypto_aead_chacha20poly1305_ietf_decrypt(plaintext, null, ciphertext, associated, nonce, key);
      return plaintext;
    } catch {
      return undefined;
    }
  },
};

/** libsodium's own check of a key: canonical, on the curve, in the main subgroup, not of small order. */
export const nodeKeyCheck = (publicKey: Bytes): boolean =>
  publicKey.length === PUBLIC_KEY_BYTES && sodium.crypto_core_ed25519_is_valid_point(publicKey);

export const nodeRandomness: RandomBytes = (length) => own(nodeRandomBytes(length));
