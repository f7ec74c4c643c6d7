/** Checks for another thread in one piece of memory: views into larger files are not worth handing over by themselves. */
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type SignatureCheck } from '../crypto/ports.ts';

const KEY_BYTES = PUBLIC_KEY_BYTES;
const LENGTH_BYTES = 4;
const HEAD_BYTES = KEY_BYTES + SIGNATURE_BYTES + LENGTH_BYTES;

/** Keys and signatures of another length are none, and are not handed on. */
export function packChecks(checks: readonly SignatureCheck[]): Uint8Array {
  const bytes = checks.reduce((sum, { message }) => sum + HEAD_BYTES + message.length, 0);
  const packed = new Uint8Array(bytes);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const { publicKey, message, signature } of checks) {
    packed.set(publicKey, at);
    packed.set(signature, at + KEY_BYTES);
    view.setUint32(at + KEY_BYTES + SIGNATURE_BYTES, message.length);
    packed.set(message, at + HEAD_BYTES);
    at += HEAD_BYTES + message.length;
  }
  return packed;
}

export function unpackChecks(packed: Uint8Array): readonly SignatureCheck[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const checks: SignatureCheck[] = [];
  for (let at = 0; at < packed.length; ) {
    const length = view.getUint32(at + KEY_BYTES + SIGNATURE_BYTES);
    const end = at + HEAD_BYTES + length;
    checks.push({
      publicKey: packed.subarray(at, at + KEY_BYTES),
      signature: packed.subarray(at + KEY_BYTES, at + KEY_BYTES + SIGNATURE_BYTES),
      message: packed.subarray(at + HEAD_BYTES, end),
    });
    at = end;
  }
  return checks;
}
