/**
 * ECDSA over P-256 of a digest that is given as it is, which a PIV card does and `node:crypto` does not offer: the point
 * is OpenSSL's, the two modular steps are here (FIPS 186-5 section 6.4.1). Not constant-time: simulated cards only.
 */
import { createECDH, type ECDH } from 'node:crypto';
import { type Bytes, concatBytes, fromHex, type RandomBytes, toHex } from '@sandoq/protocol';

/** Order of the group, FIPS 186-5 / SP 800-186. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SCALAR_BYTES = 32;
/** Chance of one more round is below 2^-32 each time: at the bound the source of randomness is broken. */
const DRAWS_MAX = 8;

const toScalar = (bytes: Bytes): bigint => (bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`));
const fromScalar = (value: bigint): Bytes => fromHex(value.toString(16).padStart(64, '0')) as Bytes;

const modulo = (value: bigint): bigint => ((value % N) + N) % N;

/** Extended Euclid. */
function inverse(value: bigint): bigint {
  let [a, b, x, y] = [modulo(value), N, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b, x, y] = [b % a, a, y - quotient * x, x];
    if (a === 0n) throw new RangeError('zero has no inverse');
  }
  return modulo(x);
}

/** One for all: it is given another secret at each use, and making one costs as much as its work. */
let ecdh: ECDH | undefined;

/** @returns the uncompressed point, 65 bytes. */
export function p256PublicKey(secretKey: Bytes): Bytes {
  ecdh ??= createECDH('prime256v1');
  ecdh.setPrivateKey(secretKey);
  return new Uint8Array(ecdh.getPublicKey());
}

/** A secret key out of 32 bytes of keying material. @returns undefined for the few values outside 1…n−1. */
export function p256SecretKey(material: Bytes): Bytes | undefined {
  const value = toScalar(material);
  return material.length === SCALAR_BYTES && value > 0n && value < N ? material : undefined;
}

function derInteger(value: bigint): Bytes {
  const bytes = fromScalar(value);
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const trimmed = bytes.subarray(start);
  const padded = (trimmed[0] as number) & 0x80 ? concatBytes(Uint8Array.of(0), trimmed) : trimmed;
  return concatBytes(Uint8Array.of(0x02, padded.length), padded);
}

/** @param digest 32 bytes, signed as they are. @returns the DER signature. */
export function p256SignDigest(secretKey: Bytes, digest: Bytes, random: RandomBytes): Bytes {
  if (digest.length !== SCALAR_BYTES) throw new RangeError('a digest is 32 bytes');
  const d = toScalar(secretKey);
  const z = toScalar(digest);
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const nonce = p256SecretKey(random(SCALAR_BYTES));
    if (nonce === undefined) continue;
    const r = modulo(toScalar(p256PublicKey(nonce).subarray(1, 33)));
    const s = modulo(inverse(toScalar(nonce)) * modulo(z + r * d));
    if (r === 0n || s === 0n) continue;
    const integers = concatBytes(derInteger(r), derInteger(s));
    return concatBytes(Uint8Array.of(0x30, integers.length), integers);
  }
  throw new RangeError('randomness gave no nonce below the order');
}
