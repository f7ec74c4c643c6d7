/**
 * The page's cryptography on one thread: libsodium in WebAssembly, which is the code that the command checks with, and
 * the reference where a browser runs no WebAssembly. Large folders are checked by the browser's own Ed25519 where it
 * has one (browser-checks.ts): a fifth quicker, a key's import for each signature included.
 */
import loadSodium, { type Libsodium } from 'libsodium';
import { type Bytes, fromHex } from '../src/codec/bytes.ts';
import { isSmallOrderEncoding } from '../src/crypto/enrol.ts';
import { type Crypto, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../src/crypto/ports.ts';
import { referenceCrypto } from '../src/crypto/reference.ts';

export type PageCrypto = Pick<Crypto, 'sha256' | 'verify'>;

/** Longer messages get memory of their own. */
const MESSAGE_BYTES = 64 * 1024;

function portsOf(sodium: Libsodium): PageCrypto {
  const key = sodium._malloc(PUBLIC_KEY_BYTES + SIGNATURE_BYTES + MESSAGE_BYTES);
  const signature = key + PUBLIC_KEY_BYTES;
  const usual = signature + SIGNATURE_BYTES;
  return {
    // That build has no SHA-256; the reference's is as quick as one in WebAssembly.
    sha256: referenceCrypto.sha256,
    verify: (publicKey, message, signed) => {
      if (publicKey.length !== PUBLIC_KEY_BYTES || signed.length !== SIGNATURE_BYTES) return false;
      if (isSmallOrderEncoding(publicKey) || isSmallOrderEncoding(signed)) return false;
      const isLong = message.length > MESSAGE_BYTES;
      const at = isLong ? sodium._malloc(message.length) : usual;
      sodium.HEAPU8.set(publicKey, key);
      sodium.HEAPU8.set(signed, signature);
      sodium.HEAPU8.set(message, at);
      const holds = sodium._crypto_sign_verify_detached(signature, at, message.length, 0, key) === 0;
      if (isLong) sodium._free(at);
      return holds;
    },
  };
}

export interface Chosen {
  readonly crypto: PageCrypto;
  readonly isReference: boolean;
}

/** RFC 8032, section 7.1, test 1: the signature of nothing. */
export const PROBE = {
  key: fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a') as Bytes,
  signature: fromHex(
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ) as Bytes,
};

/** libsodium if it runs here and can tell a signature; otherwise the reference, some ten times as slow. */
export async function chooseCrypto(): Promise<Chosen> {
  try {
    const crypto = portsOf(await loadSodium());
    const { key, signature } = PROBE;
    const [none, one] = [new Uint8Array(0), new Uint8Array(1)];
    if (crypto.verify(key, none, signature) && !crypto.verify(key, one, signature))
      return { crypto, isReference: false };
  } catch {
    // No WebAssembly, or none that may be compiled here.
  }
  return { crypto: referenceCrypto, isReference: true };
}
