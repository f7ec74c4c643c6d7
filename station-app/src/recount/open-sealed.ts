/**
 * Opens a sealed record with code of its own: HPKE base mode (RFC 9180, X25519-HKDF-SHA256, HKDF-SHA256,
 * ChaCha20-Poly1305) straight on node:crypto, twice, as RECORDS.md ("A vote") says. It shares no line with the code that
 * sealed and first opened it, so that one mistake cannot be made in both places unseen.
 */
import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  type KeyObject,
} from 'node:crypto';

const ENC_BYTES = 32;
const TAG_BYTES = 16;
const KEM = Buffer.concat([Buffer.from('KEM'), Buffer.from([0x00, 0x20])]);
const HPKE = Buffer.concat([Buffer.from('HPKE'), Buffer.from([0x00, 0x20, 0x00, 0x01, 0x00, 0x03])]);
/** RFC 8410 */
const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_X25519 = Buffer.from('302a300506032b656e032100', 'hex');

export interface CountKey {
  readonly secret: KeyObject;
  readonly publicBytes: Buffer;
}

/** @param raw 32 bytes; wiping them is the caller's */
export function countKeyOf(raw: Uint8Array): CountKey {
  const der = Buffer.concat([PKCS8_X25519, raw]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  const publicBytes = createPublicKey(secret)
    .export({ format: 'der', type: 'spki' })
    .subarray(SPKI_X25519.length);
  return { secret, publicBytes };
}

/** SHA-256's block (RFC 2104); no key here is longer. */
const BLOCK_BYTES = 64;

function padded(key: Uint8Array, filler: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES, filler);
  for (let i = 0; i < key.length; i++) block[i] = (key[i] as number) ^ filler;
  return block;
}

/** By two hashes: node's own takes longer to look at its key than to use it, and a count asks sixteen times a record. */
function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  const inner = hash('sha256', Buffer.concat([padded(key, 0x36), data]), 'buffer');
  return hash('sha256', Buffer.concat([padded(key, 0x5c), inner]), 'buffer');
}

const extract = (suite: Buffer, salt: Buffer, label: string, ikm: Buffer): Buffer =>
  hmac(
    salt.length > 0 ? salt : Buffer.alloc(32),
    Buffer.concat([Buffer.from('HPKE-v1'), suite, Buffer.from(label), ikm]),
  );

function expand(suite: Buffer, prk: Buffer, label: string, info: Buffer, length: number): Buffer {
  const lengthBytes = Buffer.alloc(2);
  lengthBytes.writeUInt16BE(length);
  const labeled = Buffer.concat([lengthBytes, Buffer.from('HPKE-v1'), suite, Buffer.from(label), info]);
  // One block of HKDF-Expand: nothing here is longer than a hash.
  return hmac(prk, Buffer.concat([labeled, Buffer.from([1])])).subarray(0, length);
}

const NOTHING = Buffer.alloc(0);

/** RFC 9180 section 5.1, base mode: the same for every record that was sealed under this info. */
const scheduleContextOf = (info: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from([0]),
    extract(HPKE, NOTHING, 'psk_id_hash', NOTHING),
    extract(HPKE, NOTHING, 'info_hash', info),
  ]);

/** @returns undefined where this key did not seal it, or a bit has changed */
function openLayer(key: CountKey, context: Buffer, sealed: Buffer): Buffer | undefined {
  if (sealed.length < ENC_BYTES + TAG_BYTES) return undefined;
  const enc = sealed.subarray(0, ENC_BYTES);
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([SPKI_X25519, enc]),
      format: 'der',
      type: 'spki',
    });
    const dh = diffieHellman({ privateKey: key.secret, publicKey });
    const kemContext = Buffer.concat([enc, key.publicBytes]);
    const shared = expand(KEM, extract(KEM, NOTHING, 'eae_prk', dh), 'shared_secret', kemContext, 32);
    const secret = extract(HPKE, shared, 'secret', NOTHING);
    const cipher = createDecipheriv(
      'chacha20-poly1305',
      expand(HPKE, secret, 'key', context, 32),
      expand(HPKE, secret, 'base_nonce', context, 12),
      { authTagLength: TAG_BYTES },
    );
    cipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const body = sealed.subarray(ENC_BYTES, sealed.length - TAG_BYTES);
    return Buffer.concat([cipher.update(body), cipher.final()]);
  } catch {
    return undefined;
  }
}

const infoOf = (sessionId: Uint8Array, layer: number): Buffer =>
  Buffer.concat([Buffer.from('sandoq/seal/1'), sessionId, Buffer.from([layer])]);

export interface CountKeys {
  readonly governor: CountKey;
  readonly council: CountKey;
}

/** Opens one sealed record; undefined where these keys did not seal it, or a bit has changed. */
export type OpenSealed = (sealed: Uint8Array) => Buffer | undefined;

/** The outer layer is the council's representative's, the inner the governor's. */
export function sealedOpener(keys: CountKeys, sessionId: Uint8Array): OpenSealed {
  const outer = scheduleContextOf(infoOf(sessionId, 2));
  const inner = scheduleContextOf(infoOf(sessionId, 1));
  return (sealed) => {
    const within = openLayer(keys.council, outer, Buffer.from(sealed));
    return within && openLayer(keys.governor, inner, within);
  };
}
