/** Keys are checked once and their verdicts kept, up to a bound; forgetting one changes no verdict. */
import { Point } from '@noble/ed25519';
import {
  concatBytes,
  enrolPublicKey,
  fromHex,
  isKeyEncoding,
  isPrimeOrder,
  referenceCrypto,
  toHex,
  utf8,
} from '@sandoq/protocol';
import { nodeCrypto, nodeKeyCheck } from '@sandoq/protocol/node';
import { describe, expect, it } from 'vitest';
import { ENROLLED_KEYS_MAX } from '../src/crypto/enrol.ts';

/** A point of order eight: what is left of a point when the prime order is taken out of it. */
function torsionPoints(): readonly Point[] {
  for (let i = 0; ; i++) {
    const bytes = nodeCrypto.sha256(utf8(`torsion ${i}`));
    let point: Point;
    try {
      point = Point.fromBytes(bytes, false);
    } catch {
      continue;
    }
    const torsion = point.multiplyUnsafe(Point.CURVE().n - 1n).add(point);
    const multiples = Array.from({ length: 8 }, (_, k) =>
      k === 0 ? Point.ZERO : torsion.multiplyUnsafe(BigInt(k)),
    );
    if (new Set(multiples.map((one) => one.toHex())).size === 8) return multiples;
  }
}

describe('the check of a key', () => {
  it('is the same in the reference and in libsodium: all torsion, small orders, odd encodings, no points', () => {
    const keys: Uint8Array[] = [];
    const torsion = torsionPoints();
    for (let i = 0; i < 6; i++) {
      const good = Point.fromBytes(nodeCrypto.signingPublicKey(nodeCrypto.sha256(utf8(`key ${i}`))));
      for (const one of torsion) keys.push(good.add(one).toBytes());
    }
    for (const one of torsion) keys.push(one.toBytes());
    // y from p - 2 to 2^255 - 1: the last numbers below the prime, and every encoding that is not canonical.
    for (let low = 0xeb; low <= 0xff; low++)
      for (const top of [0x7f, 0xff]) {
        const key = new Uint8Array(32).fill(0xff);
        key[0] = low;
        key[31] = top;
        keys.push(key);
      }
    for (let i = 0; i < 40; i++) keys.push(nodeCrypto.sha256(utf8(`any ${i}`)));
    keys.push(new Uint8Array(31), new Uint8Array(33));
    const reference = keys.map((key) => key.length === 32 && isPrimeOrder(key));
    expect(keys.map(nodeKeyCheck)).toEqual(reference);
    expect(reference.filter(Boolean).length).toBeGreaterThan(6);
    expect(reference.slice(0, 48).filter(Boolean)).toHaveLength(6);
  });
});

describe('a key that others enrolled', () => {
  const { n } = Point.CURVE();
  const littleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes.slice().reverse())}`);
  const scalarBytes = (value: bigint): Uint8Array =>
    (fromHex(value.toString(16).padStart(64, '0')) as Uint8Array).reverse();

  it('gives one verdict on a signature everywhere, whatever its order: the equation is cofactorless', async () => {
    const torsion = torsionPoints();
    const message = utf8('one verdict');
    for (const [order, extra] of torsion.entries()) {
      const secret = 123_456_789n + BigInt(order);
      const key = Point.BASE.multiply(secret).add(extra);
      const publicKey = key.toBytes();
      // Half of the signatures are made to hold by a torsion of R against that of the key, the others just miss it.
      for (const [nonce, offset] of [
        [11n, 0],
        [12n, 1],
        [13n, 0],
        [14n, 3],
      ] as const) {
        let signature: Uint8Array | undefined;
        for (let k = 0; k < torsion.length && signature === undefined; k++) {
          const r = Point.BASE.multiply(nonce).add(torsion[k] as Point);
          const challenge = littleEndian(nodeCrypto.sha512(concatBytes(r.toBytes(), publicKey, message))) % n;
          const left = extra
            .multiplyUnsafe(challenge % 8n === 0n ? 8n : challenge % 8n)
            .add(torsion[k] as Point);
          if (!left.equals(torsion[offset] as Point)) continue;
          signature = concatBytes(r.toBytes(), scalarBytes((nonce + challenge * secret) % n));
        }
        if (signature === undefined) continue;
        const wanted = offset === 0;
        expect(isKeyEncoding(publicKey)).toBe(true);
        expect(referenceCrypto.verify(publicKey, message, signature), `order ${order}`).toBe(wanted);
        expect(nodeCrypto.verify(publicKey, message, signature), `order ${order}`).toBe(wanted);
        const browsers = await crypto.subtle.importKey(
          'raw',
          Uint8Array.from(publicKey),
          { name: 'Ed25519' },
          false,
          ['verify'],
        );
        expect(
          await crypto.subtle.verify(
            { name: 'Ed25519' },
            browsers,
            Uint8Array.from(signature),
            Uint8Array.from(message),
          ),
          `order ${order}`,
        ).toBe(wanted);
      }
    }
  });

  it('is refused by its bytes alone where it is of small order or not canonical', () => {
    for (const one of torsionPoints()) expect(isKeyEncoding(one.toBytes())).toBe(false);
    for (let low = 0xed; low <= 0xff; low++) {
      const key = new Uint8Array(32).fill(0xff);
      key[0] = low;
      key[31] = 0x7f;
      expect(isKeyEncoding(key), low.toString(16)).toBe(false);
      key[31] = 0xff;
      expect(isKeyEncoding(key), low.toString(16)).toBe(false);
    }
    expect(isKeyEncoding(new Uint8Array(31).fill(9))).toBe(false);
    expect(isKeyEncoding(nodeCrypto.signingPublicKey(nodeCrypto.sha256(utf8('good'))))).toBe(true);
  });
});

describe('enrolled keys', () => {
  it('keep their verdict when it is repeated, and after more keys than are kept', () => {
    const good = nodeCrypto.signingPublicKey(nodeCrypto.sha256(utf8('good')));
    const smallOrder = new Uint8Array(32);
    const verdicts = () => [enrolPublicKey(good), enrolPublicKey(smallOrder), enrolPublicKey(good.slice(1))];
    expect(verdicts()).toEqual([true, false, false]);
    expect(verdicts()).toEqual([true, false, false]);
    // As many other keys as are kept, so that the first ones are forgotten; most are no points, which is quick.
    for (let i = 0; i <= ENROLLED_KEYS_MAX; i++) enrolPublicKey(nodeCrypto.sha256(utf8(`other ${i}`)));
    expect(verdicts()).toEqual([true, false, false]);
  });
});
