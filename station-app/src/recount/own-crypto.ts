/**
 * Digests and signatures for the recount, on node:crypto: not the library that the voting process trusts, and none that
 * has to be loaded for the dozen signatures that a recount rests on.
 */
import { createPublicKey, hash, verify } from 'node:crypto';
import {
  type Bytes,
  type Crypto,
  isSmallOrderEncoding,
  PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
} from '@sandoq/protocol';

/** RFC 8410 */
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

export const ownCrypto: Pick<Crypto, 'sha256' | 'verify'> = {
  sha256: (data) => new Uint8Array(hash('sha256', data, 'buffer')),
  verify: (publicKey: Bytes, message: Bytes, signature: Bytes) => {
    if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
    if (isSmallOrderEncoding(publicKey) || isSmallOrderEncoding(signature)) return false;
    const key = createPublicKey({
      key: Buffer.concat([SPKI_ED25519, publicKey]),
      format: 'der',
      type: 'spki',
    });
    return verify(null, message, key, signature);
  },
};
