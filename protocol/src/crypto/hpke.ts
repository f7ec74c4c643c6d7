/**
 * HPKE base mode (RFC 9180), one message a context: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001,
 * ChaCha20-Poly1305 0x0003. The ephemeral key comes from given keying material (RFC 9180 section 7.1.3), because
 * the ballot box must be able to repeat the station's seal byte for byte.
 */
import { type Bytes, concatBytes, utf8 } from '../codec/bytes.ts';
import { AEAD_NONCE_BYTES, AEAD_TAG_BYTES, type Crypto, PUBLIC_KEY_BYTES } from './ports.ts';

/** `enc` and the tag: what one layer adds to a plaintext. */
export const HPKE_OVERHEAD_BYTES = PUBLIC_KEY_BYTES + AEAD_TAG_BYTES;

const EMPTY = new Uint8Array(0);
const VERSION = utf8('HPKE-v1');
const KEM_SUITE = concatBytes(utf8('KEM'), Uint8Array.of(0x00, 0x20));
const SUITE = concatBytes(utf8('HPKE'), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x03));
const MODE_BASE = Uint8Array.of(0);

function labeledExtract(crypto: Crypto, suite: Bytes, salt: Bytes, label: string, ikm: Bytes): Bytes {
  return crypto.hmacSha256(
    salt.length === 0 ? new Uint8Array(32) : salt,
    concatBytes(VERSION, suite, utf8(label), ikm),
  );
}

/** One HMAC block suffices: no output here is longer than 32 bytes. */
function labeledExpand(
  crypto: Crypto,
  suite: Bytes,
  prk: Bytes,
  label: string,
  info: Bytes,
  length: number,
): Bytes {
  const labeledInfo = concatBytes(
    Uint8Array.of(length >> 8, length & 0xff),
    VERSION,
    suite,
    utf8(label),
    info,
  );
  return crypto.hmacSha256(prk, concatBytes(labeledInfo, Uint8Array.of(1))).slice(0, length);
}

/** RFC 9180 section 7.1.3, DeriveKeyPair for X25519. */
export function deriveSecretKey(crypto: Crypto, ikm: Bytes): Bytes {
  const prk = labeledExtract(crypto, KEM_SUITE, EMPTY, 'dkp_prk', ikm);
  return labeledExpand(crypto, KEM_SUITE, prk, 'sk', EMPTY, 32);
}

/** What the key schedule has of the info alone. */
function contextOf(crypto: Crypto, info: Bytes): Bytes {
  const pskIdHash = labeledExtract(crypto, SUITE, EMPTY, 'psk_id_hash', EMPTY);
  const infoHash = labeledExtract(crypto, SUITE, EMPTY, 'info_hash', info);
  return concatBytes(MODE_BASE, pskIdHash, infoHash);
}

function keySchedule(
  crypto: Crypto,
  dh: Bytes,
  enc: Bytes,
  recipient: Bytes,
  context: Bytes,
): { key: Bytes; nonce: Bytes } {
  const eaePrk = labeledExtract(crypto, KEM_SUITE, EMPTY, 'eae_prk', dh);
  const shared = labeledExpand(crypto, KEM_SUITE, eaePrk, 'shared_secret', concatBytes(enc, recipient), 32);
  const secret = labeledExtract(crypto, SUITE, shared, 'secret', EMPTY);
  return {
    key: labeledExpand(crypto, SUITE, secret, 'key', context, 32),
    nonce: labeledExpand(crypto, SUITE, secret, 'base_nonce', context, AEAD_NONCE_BYTES),
  };
}

/** @returns `enc || ciphertext || tag`, or undefined where the recipient's key is of small order. */
export function hpkeSeal(
  crypto: Crypto,
  recipient: Bytes,
  info: Bytes,
  ephemeralIkm: Bytes,
  plaintext: Bytes,
): Bytes | undefined {
  const ephemeral = deriveSecretKey(crypto, ephemeralIkm);
  const enc = crypto.agreementPublicKey(ephemeral);
  const dh = crypto.agree(ephemeral, recipient);
  ephemeral.fill(0);
  if (dh === undefined) return undefined;
  const { key, nonce } = keySchedule(crypto, dh, enc, recipient, contextOf(crypto, info));
  return concatBytes(enc, crypto.aeadSeal(key, nonce, EMPTY, plaintext));
}

/** @returns undefined where the message was not sealed to this key under this info. */
export type HpkeOpener = (sealed: Bytes) => Bytes | undefined;

/** Opens many messages of one key and info: the public key and the info's part of the schedule are made once. */
export function hpkeOpener(crypto: Crypto, secretKey: Bytes, info: Bytes): HpkeOpener {
  const recipient = crypto.agreementPublicKey(secretKey);
  const context = contextOf(crypto, info);
  return (sealed) => {
    if (sealed.length < HPKE_OVERHEAD_BYTES) return undefined;
    const enc = sealed.slice(0, PUBLIC_KEY_BYTES);
    const dh = crypto.agree(secretKey, enc);
    if (dh === undefined) return undefined;
    const { key, nonce } = keySchedule(crypto, dh, enc, recipient, context);
    return crypto.aeadOpen(key, nonce, EMPTY, sealed.slice(PUBLIC_KEY_BYTES));
  };
}

export const hpkeOpen = (crypto: Crypto, secretKey: Bytes, info: Bytes, sealed: Bytes): Bytes | undefined =>
  hpkeOpener(crypto, secretKey, info)(sealed);
