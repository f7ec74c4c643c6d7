import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpus, fromHex, toHex } from './corpora.ts';
import { loadPrimitives } from './primitives.ts';

const box = await loadPrimitives();
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

interface HkdfFile {
  testGroups: {
    tests: {
      tcId: number;
      ikm: string;
      salt: string;
      info: string;
      size: number;
      okm: string;
      result: string;
    }[];
  }[];
}
const hkdfVectors = corpus<HkdfFile>('wycheproof/hkdf_sha256_test.json');

describe('hashes of the box', () => {
  test('SHA-256 and SHA-512 agree with an independent library on every length around a block, in pieces', () => {
    for (let length = 0; length <= 260; length++) {
      const message = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 255);
      for (const pieces of [1, 3]) {
        expect(toHex(box.sha256(message, pieces))).toBe(toHex(sha256(message)));
        expect(toHex(box.sha512(message, pieces))).toBe(toHex(sha512(message)));
      }
    }
  });

  test('SHA-256, SHA-512 and HMAC agree on random messages cut anywhere', () => {
    fc.assert(
      fc.property(bytes(2000), bytes(200), fc.integer({ min: 1, max: 40 }), (message, key, pieces) => {
        expect(toHex(box.sha256(message, pieces))).toBe(toHex(sha256(message)));
        expect(toHex(box.sha512(message, pieces))).toBe(toHex(sha512(message)));
        expect(toHex(box.hmac(key, message))).toBe(toHex(hmac(sha256, key, message)));
      }),
      { numRuns: 100 },
    );
  });

  test('HKDF agrees on random inputs', () => {
    fc.assert(
      fc.property(
        bytes(100),
        bytes(100),
        bytes(100),
        fc.integer({ min: 1, max: 300 }),
        (ikm, salt, info, size) => {
          expect(toHex(box.hkdf(ikm, salt, info, size))).toBe(toHex(hkdf(sha256, ikm, salt, info, size)));
        },
      ),
      { numRuns: 50 },
    );
  });

  test.skipIf(hkdfVectors === null)(
    'HKDF gives every answer of the published vectors and refuses too long outputs',
    () => {
      let seen = 0;
      for (const vector of hkdfVectors?.testGroups.flatMap((group) => group.tests) ?? []) {
        const run = () =>
          toHex(box.hkdf(fromHex(vector.ikm), fromHex(vector.salt), fromHex(vector.info), vector.size));
        if (vector.result === 'valid') expect(run(), `case ${vector.tcId}`).toBe(vector.okm);
        else expect(run, `case ${vector.tcId}`).toThrow(WebAssembly.RuntimeError);
        seen++;
      }
      expect(seen).toBe(86);
    },
  );
});
