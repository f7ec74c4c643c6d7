import { x25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpus, fromHex, toHex } from './corpora.ts';
import { loadPrimitives } from './primitives.ts';

const box = await loadPrimitives();
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

interface XdhFile {
  testGroups: {
    tests: { tcId: number; public: string; private: string; shared: string; flags: string[] }[];
  }[];
}
const vectors = corpus<XdhFile>('wycheproof/x25519_test.json');

describe('X25519 of the box', () => {
  test('public keys and shared secrets are those of an independent library', () => {
    fc.assert(
      fc.property(bytes32, bytes32, (mine, theirs) => {
        const peer = x25519.getPublicKey(theirs);
        expect(toHex(box.x25519PublicKey(mine))).toBe(toHex(x25519.getPublicKey(mine)));
        expect(box.x25519(mine, peer)).toEqual({ shared: x25519.getSharedSecret(mine, peer), sound: true });
      }),
      { numRuns: 40 },
    );
  });

  test('RFC 7748 §5.2: a thousand iterations', () => {
    let k: Uint8Array = new Uint8Array(32);
    k[0] = 9;
    let u = k;
    for (let i = 0; i < 1000; i++) [k, u] = [box.x25519(k, u).shared, k];
    expect(toHex(k)).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
  });

  test('points of small order give an all-zero secret, which is refused', () => {
    for (const u of [0n, 1n, (1n << 255n) - 20n, (1n << 255n) - 19n, (1n << 255n) - 18n]) {
      const peer = Uint8Array.from({ length: 32 }, (_, i) => Number((u >> BigInt(8 * i)) & 255n));
      expect(box.x25519(new Uint8Array(32).fill(0x55), peer)).toEqual({
        shared: new Uint8Array(32),
        sound: false,
      });
    }
  });

  test.skipIf(vectors === null)(
    'gives every published shared secret and refuses exactly the zero ones',
    () => {
      let seen = 0;
      for (const vector of vectors!.testGroups.flatMap((group) => group.tests)) {
        const { shared, sound } = box.x25519(fromHex(vector.private), fromHex(vector.public));
        expect(toHex(shared), `case ${vector.tcId}`).toBe(vector.shared);
        expect(sound, `case ${vector.tcId}`).toBe(!vector.flags.includes('ZeroSharedSecret'));
        seen++;
      }
      expect(seen).toBe(518);
    },
  );
});
