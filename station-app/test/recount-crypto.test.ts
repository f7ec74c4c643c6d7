/** The recount checks signatures with another library than the station: their verdicts must be one, on crafted ones too. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { enrolPublicKey, fromHex, referenceCrypto } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { describe, expect, it } from 'vitest';
import { ownCrypto } from '../src/recount/own-crypto.ts';

const corpora = process.env.SANDOQ_CORPORA;
const corpus = <Value>(name: string): Value | undefined => {
  const path = corpora === undefined ? undefined : join(corpora, name);
  return path !== undefined && existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Value)
    : undefined;
};
const bytes = (hex: string): Uint8Array => fromHex(hex) as Uint8Array;

interface Case {
  readonly message: string;
  readonly pub_key: string;
  readonly signature: string;
}
interface Group {
  readonly publicKey: { readonly pk: string };
  readonly tests: readonly {
    readonly tcId: number;
    readonly msg: string;
    readonly sig: string;
    readonly result: string;
  }[];
}

describe("the recount's own check of signatures", () => {
  it('holds what was signed, and nothing that is one bit, one key or one byte away', () => {
    const secret = new Uint8Array(32).fill(7);
    const key = nodeCrypto.signingPublicKey(secret);
    const message = new Uint8Array(40).fill(3);
    const signature = nodeCrypto.sign(secret, message);
    expect(ownCrypto.verify(key, message, signature)).toBe(true);
    for (let bit = 0; bit < 8 * signature.length; bit += 5) {
      const bent = signature.slice();
      bent[bit >> 3] = (bent[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(ownCrypto.verify(key, message, bent), `bit ${bit}`).toBe(false);
    }
    expect(ownCrypto.verify(nodeCrypto.signingPublicKey(message.slice(0, 32)), message, signature)).toBe(
      false,
    );
    expect(ownCrypto.verify(key, message, signature.slice(0, 63))).toBe(false);
    expect(ownCrypto.verify(key.slice(0, 31), message, signature)).toBe(false);
    expect(ownCrypto.sha256(message)).toEqual(referenceCrypto.sha256(message));
  });

  const cases = corpus<readonly Case[]>('ed25519-speccheck/cases.json');
  it.skipIf(cases === undefined)('agrees with the reference on every published edge case', () => {
    expect(cases?.length).toBe(12);
    for (const one of cases ?? []) {
      const key = bytes(one.pub_key);
      const [own, reference] = [ownCrypto, referenceCrypto].map(
        (crypto) => enrolPublicKey(key) && crypto.verify(key, bytes(one.message), bytes(one.signature)),
      );
      expect(own, one.pub_key).toBe(reference);
    }
  });

  const wycheproof = corpus<{ readonly testGroups: readonly Group[] }>('wycheproof/ed25519_test.json');
  it.skipIf(wycheproof === undefined)('and with Wycheproof', () => {
    const tests = (wycheproof?.testGroups ?? []).flatMap(({ publicKey, tests }) =>
      tests.map((test) => ({ ...test, key: bytes(publicKey.pk) })),
    );
    expect(tests.length).toBeGreaterThan(100);
    for (const { tcId, key, msg, sig, result } of tests)
      expect(ownCrypto.verify(key, bytes(msg), bytes(sig)), `${tcId}`).toBe(result === 'valid');
  });
});
