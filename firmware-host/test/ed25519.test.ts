import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpus, fromHex, toHex } from './corpora.ts';
import { loadPrimitives } from './primitives.ts';

const box = await loadPrimitives();
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const message = fc.uint8Array({ maxLength: 400 });

const rfc8032 = corpus<{ priv: string; pub: string; msg: string; sig: string }[]>(
  'ed25519-rfc8032/rfc8032-ed25519.json',
);
const zip215 = corpus<{ vk_bytes: string; sig_bytes: string }[]>('ed25519-rfc8032/zip215.json');
const speccheck = corpus<{ message: string; pub_key: string; signature: string }[]>(
  'ed25519-speccheck/cases.json',
);
interface WycheproofFile {
  testGroups: {
    publicKey: { pk: string };
    tests: { tcId: number; msg: string; sig: string; result: string }[];
  }[];
}
const wycheproof = corpus<WycheproofFile>('wycheproof/ed25519_test.json');

const P = (1n << 255n) - 19n;
const L = (1n << 252n) + 27742317777372353535851937790883648493n;
const littleEndian = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
const number = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

describe('Ed25519 of the box', () => {
  test('keys and signatures are those of an independent library, and verify', () => {
    fc.assert(
      fc.property(bytes32, message, (seed, text) => {
        const key = box.publicKey(seed);
        expect(toHex(key)).toBe(toHex(ed25519.getPublicKey(seed)));
        const signature = box.sign(seed, key, text);
        expect(toHex(signature)).toBe(toHex(ed25519.sign(text, seed)));
        expect(box.verify(key, text, signature)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('one flipped bit anywhere in key, message or signature is refused', () => {
    fc.assert(
      fc.property(bytes32, fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (seed, text, at) => {
        const key = box.publicKey(seed);
        const signature = box.sign(seed, key, text);
        for (const [field, of] of [
          [key, 0],
          [text, 1],
          [signature, 2],
        ] as const) {
          const changed = Uint8Array.from(field);
          const bit = at % (field.length * 8);
          changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
          const parts = [key, text, signature].map((part, i) => (i === of ? changed : part));
          expect(box.verify(parts[0]!, parts[1]!, parts[2]!)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('S + L, which a lax verifier takes for S, is refused', () => {
    const seed = new Uint8Array(32).fill(7);
    const key = box.publicKey(seed);
    const signature = box.sign(seed, key, seed);
    const malleated = Uint8Array.from(signature);
    malleated.set(littleEndian(number(signature.subarray(32)) + L), 32);
    expect(box.verify(key, seed, signature)).toBe(true);
    expect(box.verify(key, seed, malleated)).toBe(false);
  });

  test('a key is sound only if it is a canonical point and not of small order', () => {
    expect(box.keyIsSound(box.publicKey(new Uint8Array(32)))).toBe(true);
    for (const y of [0n, 1n, P - 1n, P, P + 1n, (1n << 255n) - 1n]) {
      for (const sign of [0n, 1n << 255n])
        expect(box.keyIsSound(littleEndian(y + sign)), `y=${y}`).toBe(false);
    }
    // y = 2 is on no point of the curve.
    expect(() => ed25519.Point.fromBytes(littleEndian(2n))).toThrow();
    expect(box.keyIsSound(littleEndian(2n))).toBe(false);
  });

  test('soundness of random encodings agrees with an independent library', () => {
    fc.assert(
      fc.property(bytes32, (encoded) => {
        let sound = true;
        try {
          sound = !ed25519.Point.fromBytes(encoded, false).isSmallOrder();
        } catch {
          sound = false;
        }
        expect(box.keyIsSound(encoded)).toBe(sound);
      }),
      { numRuns: 200 },
    );
  });

  test.skipIf(rfc8032 === null)('signs and verifies every vector of RFC 8032', () => {
    expect(rfc8032!.length).toBe(4);
    for (const vector of rfc8032!) {
      const [seed, key, text] = [fromHex(vector.priv), fromHex(vector.pub), fromHex(vector.msg)];
      expect(toHex(box.publicKey(seed))).toBe(vector.pub);
      expect(toHex(box.sign(seed, key, text))).toBe(vector.sig);
      expect(box.verify(key, text, fromHex(vector.sig))).toBe(true);
    }
  });

  test.skipIf(zip215 === null)('refuses every one of the small-order and non-canonical combinations', () => {
    expect(zip215!.length).toBe(196);
    const text = Uint8Array.from(Buffer.from('Zcash'));
    for (const vector of zip215!)
      expect(box.verify(fromHex(vector.vk_bytes), text, fromHex(vector.sig_bytes))).toBe(false);
  });

  test.skipIf(speccheck === null)(
    'gives the one verdict on the twelve disputed signatures: only case 3 passes',
    () => {
      const verdicts = speccheck!.map((c) =>
        box.verify(fromHex(c.pub_key), fromHex(c.message), fromHex(c.signature)),
      );
      expect(verdicts.map((accepted, i) => (accepted ? i : -1)).filter((i) => i >= 0)).toEqual([3]);
      expect(verdicts).toHaveLength(12);
    },
  );

  test.skipIf(wycheproof === null)('agrees with every published signature case', () => {
    let seen = 0;
    for (const group of wycheproof!.testGroups) {
      for (const vector of group.tests) {
        const signature = fromHex(vector.sig);
        // A signature of another length never reaches the verifier: the reader takes exactly 64 bytes.
        const accepted =
          signature.length === 64 && box.verify(fromHex(group.publicKey.pk), fromHex(vector.msg), signature);
        expect(accepted, `case ${vector.tcId}`).toBe(vector.result === 'valid');
        seen++;
      }
    }
    expect(seen).toBe(151);
  });
});
