import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, fromText, toHex } from './corpora.ts';
import { loadPrimitives } from './primitives.ts';

const box = await loadPrimitives();
const EMPTY = new Uint8Array();

// RFC 9180 again, in the words of the RFC, over a library that shares no line with the box.
const KEM = concatBytes(fromText('KEM'), fromHex('0020'));
const SUITE = concatBytes(fromText('HPKE'), fromHex('002000010003'));
const labeledExtract = (suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array) =>
  extract(sha256, concatBytes(fromText('HPKE-v1'), suite, fromText(label), ikm), salt);
const labeledExpand = (suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number) =>
  expand(
    sha256,
    prk,
    concatBytes(Uint8Array.of(length >> 8, length & 255), fromText('HPKE-v1'), suite, fromText(label), info),
    length,
  );
const deriveSecret = (ikm: Uint8Array) =>
  labeledExpand(KEM, labeledExtract(KEM, EMPTY, 'dkp_prk', ikm), 'sk', EMPTY, 32);

function schedule(shared: Uint8Array, info: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const context = concatBytes(
    Uint8Array.of(0),
    labeledExtract(SUITE, EMPTY, 'psk_id_hash', EMPTY),
    labeledExtract(SUITE, EMPTY, 'info_hash', info),
  );
  const secret = labeledExtract(SUITE, shared, 'secret', EMPTY);
  return {
    key: labeledExpand(SUITE, secret, 'key', context, 32),
    nonce: labeledExpand(SUITE, secret, 'base_nonce', context, 12),
  };
}

function openBase(secret: Uint8Array, sealed: Uint8Array, info: Uint8Array, aad: Uint8Array): Uint8Array {
  const enc = sealed.subarray(0, 32);
  const prk = labeledExtract(KEM, EMPTY, 'eae_prk', x25519.getSharedSecret(secret, enc));
  const shared = labeledExpand(KEM, prk, 'shared_secret', concatBytes(enc, x25519.getPublicKey(secret)), 32);
  const { key, nonce } = schedule(shared, info);
  return chacha20poly1305(key, nonce, aad).decrypt(sealed.subarray(32));
}

describe('HPKE base mode of the box', () => {
  const ikmE = fromHex('909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b');
  const ikmR = fromHex('1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df');
  const pkR = fromHex('4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a');

  test('RFC 9180 appendix A.2.1: key pairs from key material, encapsulation and the first ciphertext', () => {
    expect(toHex(box.hpkeSecret(ikmE))).toBe(
      'f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600',
    );
    expect(toHex(box.x25519PublicKey(box.hpkeSecret(ikmR)))).toBe(toHex(pkR));
    const info = fromHex('4f6465206f6e2061204772656369616e2055726e');
    const sealed = box.hpkeSeal(
      pkR,
      ikmE,
      info,
      fromText('Count-0'),
      fromText('Beauty is truth, truth beauty'),
    );
    expect(toHex(sealed!)).toBe(
      '1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a' +
        '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28',
    );
  });

  test('whatever the box seals, an independent reading of the RFC opens; twice the same bytes', () => {
    const input = fc.uint8Array({ maxLength: 300 });
    const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const ikm = fc.uint8Array({ minLength: 32, maxLength: 96 });
    fc.assert(
      fc.property(
        bytes32,
        ikm,
        fc.uint8Array({ maxLength: 256 }),
        input,
        input,
        (secret, material, info, aad, text) => {
          const recipient = x25519.getPublicKey(secret);
          const sealed = box.hpkeSeal(recipient, material, info, aad, text)!;
          expect(toHex(sealed.subarray(0, 32))).toBe(toHex(x25519.getPublicKey(deriveSecret(material))));
          expect(openBase(secret, sealed, info, aad)).toEqual(text);
          expect(box.hpkeSeal(recipient, material, info, aad, text)).toEqual(sealed);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a recipient of small order is refused', () => {
    expect(box.hpkeSeal(new Uint8Array(32), ikmE, EMPTY, EMPTY, ikmR)).toBeNull();
  });

  test('no secret of a seal stays in working memory', () => {
    const secret = deriveSecret(ikmE);
    const text = fromText('a plaintext that is easily found again');
    box.hpkeSeal(pkR, ikmE, EMPTY, EMPTY, text);
    const left = Buffer.from(box.scratch());
    for (const planted of [secret, x25519.getSharedSecret(secret, pkR), text]) {
      for (let at = 0; at + 8 <= planted.length; at++)
        expect(left.includes(Buffer.from(planted.subarray(at, at + 8)))).toBe(false);
    }
  });
});
