/** Keys are checked once and their verdicts kept, up to a bound; forgetting one changes no verdict. */
import { Point } from '@noble/ed25519';
import { enrolPublicKey, isKeyEncoding, isPrimeOrder, referenceCrypto, utf8 } from '@sandoq/protocol';
import { nodeCrypto, nodeKeyCheck } from '@sandoq/protocol/node';
import { describe, expect, it } from 'vitest';
import { ENROLLED_KEYS_MAX } from '../src/crypto/enrol.ts';
import { craftedSignatures, torsionPoints } from './torsion.ts';

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
  it('gives one verdict on a signature everywhere, whatever its order: the equation is cofactorless', async () => {
    for (const { publicKey, message, signature, holds, order } of craftedSignatures()) {
      expect(isKeyEncoding(publicKey)).toBe(true);
      expect(referenceCrypto.verify(publicKey, message, signature), `order ${order}`).toBe(holds);
      expect(nodeCrypto.verify(publicKey, message, signature), `order ${order}`).toBe(holds);
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
      ).toBe(holds);
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
