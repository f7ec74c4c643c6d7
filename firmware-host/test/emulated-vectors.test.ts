// The published vectors on the emulated Cortex-M4: what the compiler for the part made of the primitives answers as the
// wasm does. All edge cases and a sample of the large sets; `npm run bench -- firmware` runs every one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmulatedPrimitives } from './emulated-primitives.ts';
import { builtImage } from './hosts.ts';
import { loadPrimitives } from './primitives.ts';
import { runVectors } from './vectors.ts';

const SAMPLE_EVERY = 20;
const image = await builtImage('primitives');

describe.skipIf(image === undefined)('the primitives on the emulated core', () => {
  let core: EmulatedPrimitives;
  beforeAll(async () => {
    core = await EmulatedPrimitives.start(image as NonNullable<typeof image>);
  });
  afterAll(() => core.end());

  test('answer the published vectors', async () => {
    const { run, wrong } = await runVectors(core, SAMPLE_EVERY);
    expect(wrong).toEqual([]);
    expect(run).toMatchObject({ rfc9180: 4, rfc8439: 1 });
  });

  test('sign and seal the same bytes as in Node, over lengths about the blocks of their hashes', async () => {
    const inNode = await loadPrimitives();
    const seed = new Uint8Array(32).fill(11);
    const key = inNode.publicKey(seed);
    for (const length of [0, 1, 63, 64, 111, 112, 127, 128, 200]) {
      const text = Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
      const signature = await core.sign(seed, key, text);
      expect(signature).toEqual(inNode.sign(seed, key, text));
      expect(await core.verify(key, text, signature)).toBe(true);
      signature[length & 63]! ^= 1;
      expect(await core.verify(key, text, signature)).toBe(false);
      const peer = inNode.x25519PublicKey(seed);
      expect(await core.hpkeSeal(peer, seed, text, text, text)).toEqual(
        inNode.hpkeSeal(peer, seed, text, text, text),
      );
    }
  });
});
