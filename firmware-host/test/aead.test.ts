import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, fromText, toHex } from './corpora.ts';
import { loadPrimitives } from './primitives.ts';

const box = await loadPrimitives();
const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('ChaCha20-Poly1305 of the box', () => {
  test('RFC 8439 §2.8.2', () => {
    const sealed = box.seal(
      fromHex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
      fromHex('070000004041424344454647'),
      fromHex('50515253c0c1c2c3c4c5c6c7'),
      fromText(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
      ),
    );
    expect(toHex(sealed)).toBe(
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36' +
        '92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116' +
        '1ae10b594f09e26a7e902ecbd0600691',
    );
  });

  test('seals as an independent library does, and opens what that sealed', () => {
    fc.assert(
      fc.property(
        fixed(32),
        fixed(12),
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ maxLength: 700 }),
        (key, nonce, aad, text) => {
          const theirs = chacha20poly1305(key, nonce, aad).encrypt(text);
          expect(toHex(box.seal(key, nonce, aad, text))).toBe(toHex(theirs));
          expect(box.open(key, nonce, aad, theirs)).toEqual(text);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('limbs at their limits: all-ones keys and messages of every length to five blocks', () => {
    const ones = new Uint8Array(90).fill(255);
    for (let length = 0; length <= 80; length++) {
      const args = [ones.subarray(0, 32), ones.subarray(0, 12), ones.subarray(0, length)] as const;
      expect(toHex(box.seal(...args, ones.subarray(0, length)))).toBe(
        toHex(chacha20poly1305(...args).encrypt(ones.subarray(0, length))),
      );
    }
  });

  test('a flipped bit anywhere is refused, and so is a text shorter than a tag', () => {
    fc.assert(
      fc.property(
        fixed(32),
        fixed(12),
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(),
        (key, nonce, text, at) => {
          const sealed = box.seal(key, nonce, key, text);
          const bit = at % (sealed.length * 8);
          sealed[bit >> 3] = sealed[bit >> 3]! ^ (1 << (bit & 7));
          expect(box.open(key, nonce, key, sealed)).toBeNull();
          expect(box.open(key, nonce, key, sealed.subarray(0, 15))).toBeNull();
        },
      ),
    );
  });
});
