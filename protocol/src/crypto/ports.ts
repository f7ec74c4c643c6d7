/**
 * What the protocol needs of cryptography. `reference.ts` fills it on @noble; `protocol/node` on node:crypto;
 * one test holds every implementation to one verdict on the published edge cases.
 */
import type { Bytes } from '../codec/bytes.ts';

export const PUBLIC_KEY_BYTES = 32;
export const SECRET_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const AEAD_TAG_BYTES = 16;
export const AEAD_NONCE_BYTES = 12;

export interface Crypto {
  sha256(data: Bytes): Bytes;
  sha512(data: Bytes): Bytes;
  hmacSha256(key: Bytes, data: Bytes): Bytes;
  /** Ed25519 (RFC 8032); `secretKey` is the 32-byte seed. */
  signingPublicKey(secretKey: Bytes): Bytes;
  sign(secretKey: Bytes, message: Bytes): Bytes;
  /**
   * Strict and cofactorless: S below the group order, A and R canonical and not of small order.
   * `publicKey` must have passed `enrolPublicKey`. Never throws; wrong lengths are false.
   */
  verify(publicKey: Bytes, message: Bytes, signature: Bytes): boolean;
  agreementPublicKey(secretKey: Bytes): Bytes;
  /** X25519 (RFC 7748). @returns undefined for an all-zero shared secret. */
  agree(secretKey: Bytes, publicKey: Bytes): Bytes | undefined;
  /** ChaCha20-Poly1305 (RFC 8439): ciphertext followed by the 16-byte tag. */
  aeadSeal(key: Bytes, nonce: Bytes, associated: Bytes, plaintext: Bytes): Bytes;
  /** @returns undefined where the tag does not hold. */
  aeadOpen(key: Bytes, nonce: Bytes, associated: Bytes, ciphertext: Bytes): Bytes | undefined;
}

export interface SignatureCheck {
  readonly publicKey: Bytes;
  readonly message: Bytes;
  readonly signature: Bytes;
}

/** Checks in bulk, in the order given; asynchronous so that it may use several threads or WebCrypto. */
export type VerifyMany = (checks: readonly SignatureCheck[]) => Promise<readonly boolean[]>;

/** Randomness is passed in, like time. */
export type RandomBytes = (length: number) => Bytes;
