import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MerkleRoot } from '../src/codec/merkle.ts';
import {
  cobsDecode,
  cobsEncode,
  crc32,
  decode,
  decodeCbor,
  encode,
  encodeCbor,
  fromHex,
  merkleRoot,
  toHex,
  utf8,
} from '../src/index.ts';
import { candidateShape, slipShape } from '../src/records/generated.ts';
import { corpus } from './corpora.ts';

interface CborCase {
  readonly encoded: string;
  readonly fail: boolean;
  readonly description: string;
}
interface CobsVectors {
  readonly 'cobs.predefined_encodings': readonly { readonly decoded: string; readonly encoded: string }[];
  readonly 'cobs.decode_error_test_strings': readonly string[];
  readonly generated: readonly { readonly decoded: string; readonly encoded: string }[];
}

const cborCases = corpus('cbor/cbor-wg-vectors.json') as { readonly cases: readonly CborCase[] } | undefined;
const cobs = corpus('cobs/cobs-vectors.json') as CobsVectors | undefined;
const crcs = corpus('crc/crc-catalogue.json') as
  | { readonly algorithms: readonly { readonly name: string; readonly check: string }[] }
  | undefined;
const merkle = corpus('merkle/rfc6962-proofs.json') as
  | {
      readonly consistency: readonly {
        readonly file: string;
        readonly size1: number;
        readonly root1: string;
        readonly wantErr: boolean;
      }[];
    }
  | undefined;

describe('deterministic CBOR', () => {
  it.skipIf(cborCases === undefined)('refuses every malformed item of the working group', () => {
    const bad = (cborCases?.cases ?? []).filter((one) => one.fail);
    expect(bad.length).toBeGreaterThan(30);
    for (const one of bad)
      expect(decodeCbor(fromHex(one.encoded) as Uint8Array), one.description).toMatchObject({ ok: false });
  });

  it.each([
    ['a longer integer than need be', '1801'],
    ['an indefinite array', '9f01ff'],
    ['an indefinite byte string', '5f4101ff'],
    ['map keys out of order', 'a202010101'],
    ['a key twice', 'a201010102'],
    ['bytes after the item', '0101'],
    ['a half-precision float that is not shortest', 'fb3ff0000000000000'],
  ])('refuses %s', (_name, hex) => {
    expect(decodeCbor(fromHex(hex) as Uint8Array)).toMatchObject({ ok: false });
  });

  it('never throws on any bytes, and what it accepts is canonical', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const value = decodeCbor(bytes);
        if (value.ok) expect(toHex(encodeCbor(value.value as never))).toBe(toHex(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('survives nesting as deep as its bytes', () => {
    expect(decodeCbor(new Uint8Array(500_000).fill(0x81))).toMatchObject({ ok: false });
  });
});

describe('shapes', () => {
  const candidate = { code: '0012', name: { fa: 'نامزد', en: 'Candidate' } };
  it('keep leading zeros and say where a value is wrong', () => {
    expect(decode(candidateShape, encode(candidateShape, candidate))).toEqual({ ok: true, value: candidate });
    expect(() => encode(candidateShape, { ...candidate, code: '1234567' })).toThrow(/code/);
    expect(decode(slipShape, encodeCbor(new Map([[1, 'x']])))).toMatchObject({
      ok: false,
      fault: { code: 'wrong_shape', at: 'mode' },
    });
  });
  it('refuse an unknown field, control characters and a lone surrogate', () => {
    expect(
      decode(
        candidateShape,
        encodeCbor(
          new Map<number, never>([
            [1, '1'],
            [
              2,
              new Map([
                [1, 'a'],
                [2, 'b'],
              ]),
            ],
            [9, 1],
          ] as never),
        ),
      ),
    ).toMatchObject({ ok: false });
    expect(() => encode(candidateShape, { code: '1', name: { fa: 'a\u0007', en: 'b' } })).toThrow(RangeError);
    expect(() => encode(candidateShape, { code: '1', name: { fa: '\ud800', en: 'b' } })).toThrow(RangeError);
  });
});

describe('COBS and CRC-32', () => {
  it.skipIf(cobs === undefined)('hold the published vectors', () => {
    for (const one of [...(cobs?.['cobs.predefined_encodings'] ?? []), ...(cobs?.generated ?? [])]) {
      expect(toHex(cobsEncode(fromHex(one.decoded) as Uint8Array))).toBe(one.encoded.toLowerCase());
      expect(toHex(cobsDecode(fromHex(one.encoded) as Uint8Array) as Uint8Array)).toBe(
        one.decoded.toLowerCase(),
      );
    }
    for (const bad of cobs?.['cobs.decode_error_test_strings'] ?? [])
      expect(cobsDecode(fromHex(bad) as Uint8Array)).toBeUndefined();
  });
  it('check any bytes as another implementation does, wherever a word of four ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(crc32(bytes)).toBe(zlibCrc32(bytes));
      }),
    );
  });

  it.skipIf(crcs === undefined)('agree with the catalogue', () => {
    const entry = crcs?.algorithms.find((one) => one.name === 'CRC-32/ISO-HDLC');
    expect(crc32(utf8('123456789'))).toBe(Number(entry?.check));
  });
  it('round trip anything without a zero byte inside', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
        const encoded = cobsEncode(bytes);
        expect(encoded.includes(0)).toBe(false);
        expect(cobsDecode(encoded)).toEqual(bytes);
      }),
    );
  });
});

describe('Merkle roots', () => {
  it.skipIf(merkle === undefined)('equal those of RFC 6962 test trees', () => {
    const leaves = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ].map((hex) => fromHex(hex) as Uint8Array);
    const cases = (merkle?.consistency ?? []).filter(
      (one) => !one.wantErr && one.file.includes('happy-path') && one.size1 <= leaves.length && one.size1 > 0,
    );
    expect(cases.length).toBeGreaterThan(3);
    for (const one of cases)
      expect(Buffer.from(merkleRoot(leaves.slice(0, one.size1))).toString('base64')).toBe(one.root1);
  });
  it('do not depend on how they are computed', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 70 }), (leaves) => {
        const tree = new MerkleRoot();
        for (const leaf of leaves) tree.add(leaf);
        expect(toHex(tree.root())).toBe(toHex(merkleRoot(leaves)));
        expect(tree.leaves).toBe(leaves.length);
      }),
    );
  });
});
