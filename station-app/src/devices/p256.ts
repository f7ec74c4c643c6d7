/** ECDSA over P-256 with SHA-256, as voters' cards answer a challenge. */
import { createPublicKey, verify } from 'node:crypto';
import { type Bytes, concatBytes, P256_PUBLIC_KEY_BYTES } from '@sandoq/protocol';

/** SubjectPublicKeyInfo of an uncompressed P-256 point (RFC 5480) without the point itself. */
const SPKI_PREFIX = Uint8Array.from(
  Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
);

/** Total: a point off the curve or a signature out of form is false. @param signature in DER */
export function verifyP256(point: Bytes, message: Bytes, signature: Bytes): boolean {
  if (point.length !== P256_PUBLIC_KEY_BYTES) return false;
  try {
    const key = createPublicKey({
      key: Buffer.from(concatBytes(SPKI_PREFIX, point)),
      format: 'der',
      type: 'spki',
    });
    return verify('sha256', message, key, signature);
  } catch {
    return false;
  }
}
