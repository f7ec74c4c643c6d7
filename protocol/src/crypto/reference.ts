/** The reference cryptography, on @noble: slow, readable, and what an auditor compares the others with. */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { getPublicKey, hashes, Point, sign } from '@noble/ed25519';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes } from '../codec/bytes.ts';
import { type Crypto, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './ports.ts';

hashes.sha512 = (message) => sha512(message);

const GROUP_ORDER = Point.CURVE().n;

function littleEndian(bytes: Bytes): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}

/** Written out rather than called: noble's own `verify` multiplies by the cofactor, our rule does not. */
function verifyStrict(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  const s = littleEndian(signature.subarray(32));
  if (s >= GROUP_ORDER) return false;
  try {
    const a = Point.fromBytes(publicKey, false);
    const r = Point.fromBytes(signature.subarray(0, 32), false);
    if (a.isSmallOrder() || r.isSmallOrder()) return false;
    const k = littleEndian(sha512(concatBytes(signature.subarray(0, 32), publicKey, message))) % GROUP_ORDER;
    const left = s === 0n ? Point.ZERO : Point.BASE.multiply(s);
    return left.equals(r.add(a.multiplyUnsafe(k)));
  } catch {
    return false;
  }
}

export const referenceCrypto: Crypto = {
  sha256: (data) => sha256(data),
  sha512: (data) => sha512(data),
  hmacSha256: (key, data) => hmac(sha256, key, data),
  signingPublicKey: (secretKey) => getPublicKey(secretKey),
  sign: (secretKey, message) => sign(message, secretKey),
  verify: verifyStrict,
  agreementPublicKey: (secretKey) => x25519.getPublicKey(secretKey),
  agree: (secretKey, publicKey) => {
    try {
      return x25519.getSharedSecret(secretKey, publicKey);
    } catch {
      return undefined; // the all-zero secret of a small-order point
    }
  },
  aeadSeal: (key, nonce, associated, plaintext) =>
    chacha20poly1305(key, nonce, associated).encrypt(plaintext),
  aeadOpen: (key, nonce, associated, ciphertext) => {
    try {
      return chacha20poly1305(key, nonce, associated).decrypt(ciphertext);
    } catch {
      return undefined;
    }
  },
};
