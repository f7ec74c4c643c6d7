import { encode as cborgEncode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpus, fromHex, toHex } from './corpora.ts';
import { loadPrimitives } from './primitives.ts';

const box = await loadPrimitives();

interface CobsRow {
  decoded: string;
  encoded: string;
}
const cobs = corpus<Record<string, CobsRow[]>>('cobs/cobs-vectors.json');
const crc = corpus<{ algorithms: { name: string; check: string }[] }>('crc/crc-catalogue.json');
const appendixA = corpus<{ hex: string; decoded?: unknown; diagnostic?: string }[]>('cbor/appendix_a.json');
const workingGroup = corpus<{ cases: { description: string; encoded: string; fail: boolean }[] }>(
  'cbor/cbor-wg-vectors.json',
);

describe('frames', () => {
  test.skipIf(cobs === null)('COBS gives every published encoding and reads it back', () => {
    const rows = Object.entries(cobs!).filter(
      ([name]) => name.startsWith('cobs.') && Array.isArray(cobs![name]),
    );
    let seen = 0;
    for (const [name, list] of rows) {
      for (const row of list.filter((r) => r.encoded !== undefined && r.decoded !== undefined)) {
        expect(toHex(box.cobsEncode(fromHex(row.decoded))), name).toBe(row.encoded);
        expect(toHex(box.cobsDecode(fromHex(row.encoded))!), name).toBe(row.decoded);
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(10);
  });

  test('COBS carries any bytes, holds no zero, and refuses what no encoder writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), (bytes) => {
        const encoded = box.cobsEncode(bytes);
        expect(encoded.includes(0)).toBe(false);
        expect(encoded.length).toBeLessThanOrEqual(bytes.length + Math.floor(bytes.length / 254) + 1);
        expect(box.cobsDecode(encoded)).toEqual(bytes);
      }),
    );
    for (const bad of ['', '00', '02', '0300', '0111ff', 'ff01', '05110022'])
      expect(box.cobsDecode(fromHex(bad)), bad).toBeNull();
  });

  test.skipIf(crc === null)('CRC-32 gives the catalogue’s check value', () => {
    const entry = crc!.algorithms.find((algorithm) => algorithm.name === 'CRC-32/ISO-HDLC');
    expect(box.crc32(Uint8Array.from(Buffer.from('123456789')))).toBe(Number(entry?.check));
  });
});

/** What the protocol's deterministic subset takes, read from the bytes alone: a second opinion beside the core's walk. */
function inSubset(encoded: Uint8Array): boolean {
  let at = 0;
  const item = (depth: number): boolean => {
    const first = encoded[at++];
    if (first === undefined || depth > 8) return false;
    const [major, low] = [first >> 5, first & 31];
    let value = BigInt(low);
    if (low > 27) return false;
    if (low > 23) {
      const width = 1 << (low - 24);
      if (at + width > encoded.length || major === 7) return false;
      value = BigInt(`0x${toHex(encoded.subarray(at, at + width))}`);
      at += width;
      if (value < (low === 24 ? 24n : 1n << BigInt(width * 4))) return false;
    }
    if (major <= 1) return true;
    if (major === 7) return low >= 20 && low <= 22;
    if (major === 6) return false;
    if (value > BigInt(encoded.length - at)) return false;
    const n = Number(value);
    if (major <= 3) {
      const text = encoded.subarray(at, at + n);
      at += n;
      if (major === 2) return true;
      try {
        new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
        return true;
      } catch {
        return false;
      }
    }
    let last = '';
    for (let i = 0; i < n; i++) {
      const start = at;
      if (!item(depth + 1)) return false;
      if (major === 4) continue;
      const key = toHex(encoded.subarray(start, at));
      if (i > 0 && key <= last) return false;
      last = key;
      if (!item(depth + 1)) return false;
    }
    return true;
  };
  return item(0) && at === encoded.length;
}

type Item = number | string | boolean | null | Uint8Array | Item[] | Map<number, Item>;
const { value: anyItem } = fc.letrec<{ value: Item }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text.isWellFormed()),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.integer({ min: 0, max: 70_000 }), tie('value')), { maxLength: 5 })
      .map((pairs) => new Map(pairs)),
  ),
}));

describe('CBOR reader', () => {
  test('takes every deterministic item', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        expect(box.cborCheck(cborgEncode(item, rfc8949EncodeOptions))).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('gives the verdict of a second reading on any bytes, mutated items among them', () => {
    const mutated = fc.tuple(anyItem, fc.nat(), fc.nat({ max: 255 })).map(([item, at, byte]) => {
      const bytes = Uint8Array.from(cborgEncode(item, rfc8949EncodeOptions));
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), mutated), (bytes) => {
        expect(box.cborCheck(bytes) === 0).toBe(inSubset(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['truncated head', '19ff', 1],
    ['truncated string', '43aabb', 1],
    ['a count that the bytes cannot hold', '9b00ffffffffffffff', 1],
    ['one byte where none is needed', '1817', 2],
    ['two bytes where one is enough', '1900ff', 2],
    ['four bytes where two are enough', '1a0000ffff', 2],
    ['eight bytes where four are enough', '1b00000000ffffffff', 2],
    ['a long length', '5803aabbcc', 2],
    ['an indefinite string', '5f41aaff', 3],
    ['an indefinite array', '9f01ff', 3],
    ['an indefinite map', 'bf0102ff', 3],
    ['a float', 'f93c00', 4],
    ['undefined', 'f7', 4],
    ['a tag', 'c001', 4],
    ['keys out of order', 'a202010102', 5],
    ['a key twice', 'a201010102', 5],
    ['a longer key before a shorter', 'a2181801010 1'.replace(' ', ''), 5],
    ['overlong UTF-8', '62c080', 6],
    ['a surrogate', '63eda080', 6],
    ['bytes after the item', '0101', 7],
    ['nine arrays deep', '818181818181818181 01'.replace(' ', ''), 8],
    ['a reserved head', '1c', 9],
  ])('refuses %s', (_name, hex, code) => {
    expect(box.cborCheck(fromHex(hex))).toBe(code);
  });

  test('takes exactly its depth', () => {
    expect(box.cborCheck(fromHex(`${'81'.repeat(8)}01`))).toBe(0);
  });

  test.skipIf(appendixA === null || workingGroup === null)(
    'judges all published vectors as the subset does',
    () => {
      const all = [...appendixA!.map((v) => v.hex), ...workingGroup!.cases.map((c) => c.encoded)];
      for (const hex of all) expect(box.cborCheck(fromHex(hex)) === 0, hex).toBe(inSubset(fromHex(hex)));
      const refused = workingGroup!.cases.filter((c) => c.fail);
      for (const c of refused) expect(box.cborCheck(fromHex(c.encoded)), c.description).not.toBe(0);
      expect(refused.length).toBeGreaterThan(30);
    },
  );
});

describe('CBOR writer', () => {
  test('writes what an independent encoder writes', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const written = box.cborWrite(8000, (call, put) => {
          const write = (value: Item): void => {
            if (value === null) call('write_null');
            else if (typeof value === 'boolean') call('write_bool', value ? 1 : 0);
            else if (typeof value === 'number') {
              if (value < 0) call('write_negative', BigInt(-1 - value));
              else call('write_uint', BigInt(value));
            } else if (typeof value === 'string') {
              const bytes = new TextEncoder().encode(value);
              call('write_text', put(bytes), bytes.length);
            } else if (value instanceof Uint8Array) call('write_bytes', put(value), value.length);
            else if (Array.isArray(value)) {
              call('write_array', value.length);
              value.forEach(write);
            } else {
              call('write_map', value.size);
              for (const [key, entry] of [...value].sort(([a], [b]) => a - b)) {
                write(key);
                write(entry);
              }
            }
          };
          write(item);
        });
        expect(toHex(written)).toBe(toHex(cborgEncode(item, rfc8949EncodeOptions)));
      }),
      { numRuns: 200 },
    );
  });

  test('a write past the end traps', () => {
    expect(() => box.cborWrite(2, (call) => call('write_uint', 256n))).toThrow(WebAssembly.RuntimeError);
    expect(toHex(box.cborWrite(3, (call) => call('write_uint', 256n)))).toBe('190100');
  });
});
