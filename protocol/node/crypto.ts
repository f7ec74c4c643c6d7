/** The protocol's cryptography on node:crypto (OpenSSL): what station and server run. */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  type KeyObject,
  randomBytes as nodeRandomBytes,
  sign as nodeSign,
  verify as nodeVerify,
} from 'node:crypto';
import {
  AEAD_TAG_BYTES,
  type Bytes,
  type Crypto,
  concatBytes,
  isSmallOrderEncoding,
  PUBLIC_KEY_BYTES,
  type RandomBytes,
  SIGNATURE_BYTES,
  toHex,
} from '@sandoq/protocol';

/** DER prefixes of RFC 8410 around a raw 32-byte key. */
const PRIVATE_PREFIX = {
  ed25519: der('302e020100300506032b657004220420'),
  x25519: der('302e020100300506032b656e04220420'),
};
const PUBLIC_PREFIX = { ed25519: der('302a300506032b6570032100'), x25519: der('302a300506032b656e032100') };

function der(hex: string): Bytes {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

type Curve = keyof typeof PUBLIC_PREFIX;

/** Parsing a key costs more than a signature: parsed public keys are kept, the oldest forgotten at the bound. */
export const PARSED_KEYS_MAX = 4096;
const parsed = new Map<string, KeyObject>();

function publicKeyObject(curve: Curve, raw: Bytes): KeyObject {
  const name = `${curve}:${toHex(raw)}`;
  const known = parsed.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({
    key: Buffer.from(concatBytes(PUBLIC_PREFIX[curve], raw)),
    format: 'der',
    type: 'spki',
  });
  if (parsed.size >= PARSED_KEYS_MAX) parsed.delete(parsed.keys().next().value as string);
  parsed.set(name, key);
  return key;
}

/** Secret keys are parsed anew at each use: none outlives its caller's copy. */
function privateKeyObject(curve: Curve, raw: Bytes): KeyObject {
  const encoded = Buffer.from(concatBytes(PRIVATE_PREFIX[curve], raw));
  const key = createPrivateKey({ key: encoded, format: 'der', type: 'pkcs8' });
  encoded.fill(0);
  return key;
}

function rawPublicKey(curve: Curve, secretKey: Bytes): Bytes {
  const spki = createPublicKey(privateKeyObject(curve, secretKey)).export({ format: 'der', type: 'spki' });
  return Uint8Array.from(spki.subarray(PUBLIC_PREFIX[curve].length));
}

const own = (buffer: Buffer): Bytes =>
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length).slice();

const digest = (algorithm: 'sha256' | 'sha512', data: Bytes): Bytes =>
  own(hash(algorithm, data, 'buffer') as unknown as Buffer);

const HMAC_BLOCK_BYTES = 64;

/** RFC 2104 on one-shot hashes: measured three times as fast as `createHmac`, which first asks what kind of key it got. */
function hmacSha256(key: Bytes, data: Bytes): Bytes {
  const block = new Uint8Array(HMAC_BLOCK_BYTES);
  block.set(key.length > HMAC_BLOCK_BYTES ? digest('sha256', key) : key);
  const inner = new Uint8Array(HMAC_BLOCK_BYTES + data.length);
  for (let i = 0; i < HMAC_BLOCK_BYTES; i++) inner[i] = (block[i] as number) ^ 0x36;
  inner.set(data, HMAC_BLOCK_BYTES);
  const outer = new Uint8Array(HMAC_BLOCK_BYTES + 32);
  for (let i = 0; i < HMAC_BLOCK_BYTES; i++) outer[i] = (block[i] as number) ^ 0x5c;
  outer.set(digest('sha256', inner), HMAC_BLOCK_BYTES);
  const mac = digest('sha256', outer);
  for (const secret of [block, inner, outer]) secret.fill(0);
  return mac;
}

export const nodeCrypto: Crypto = {
  sha256: (data) => digest('sha256', data),
  sha512: (data) => digest('sha512', data),
  hmacSha256,
  signingPublicKey: (secretKey) => rawPublicKey('ed25519', secretKey),
  sign: (secretKey, message) => own(nodeSign(null, message, privateKeyObject('ed25519', secretKey))),
  verify: (publicKey, message, signature) => {
    if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
    if (isSmallOrderEncoding(publicKey) || isSmallOrderEncoding(signature)) return false;
    try {
      return nodeVerify(null, message, publicKeyObject('ed25519', publicKey), signature);
    } catch {
      return false;
    }
  },
  agreementPublicKey: (secretKey) => rawPublicKey('x25519', secretKey),
  agree: (secretKey, publicKey) => {
    try {
      return own(
        diffieHellman({
          privateKey: privateKeyObject('x25519', secretKey),
          publicKey: publicKeyObject('x25519', publicKey),
        }),
      );
    } catch {
      return undefined;
    }
  },
  aeadSeal: (key, nonce, associated, plaintext) => {
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: AEAD_TAG_BYTES });
    cipher.setAAD(associated, { plaintextLength: plaintext.length });
    return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
  },
  aeadOpen: (key, nonce, associated, ciphertext) => {
    if (ciphertext.length < AEAD_TAG_BYTES) return undefined;
    const body = ciphertext.subarray(0, ciphertext.length - AEAD_TAG_BYTES);
    const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: AEAD_TAG_BYTES });
    decipher.setAAD(associated, { plaintextLength: body.length });
    decipher.setAuthTag(ciphertext.subarray(body.length));
    try {
      return concatBytes(decipher.update(body), decipher.final());
    } catch {
      return undefined;
    }
  },
};

export const nodeRandomness: RandomBytes = (length) => own(nodeRandomBytes(length));
