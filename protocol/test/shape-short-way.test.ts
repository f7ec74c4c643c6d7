/** The short way from bytes to values and back beside the long one over the model: the same values, bytes and faults. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reader, written } from '../src/codec/cbor-model.ts';
import * as shape from '../src/codec/shape.ts';
import { decodeCbor, encodeCbor } from '../src/index.ts';

interface Inner {
  readonly digest: Uint8Array;
  readonly isOn?: boolean;
}
interface Whole {
  readonly count: number;
  readonly name: string;
  readonly role: 'chief' | 'deputy';
  readonly inner: readonly Inner[];
  readonly either: { readonly kind: 'left'; readonly n: number } | ({ readonly kind: 'right' } & Inner);
  readonly late?: number;
}

const innerShape = shape.struct<Inner>([
  { key: 1, name: 'digest', shape: () => shape.bytes(2, 80) },
  { key: 2, name: 'isOn', shape: () => shape.bool, optional: true },
]);
const wholeShape = shape.struct<Whole>([
  { key: 1, name: 'count', shape: () => shape.uint(70_000) },
  { key: 2, name: 'name', shape: () => shape.text(60) },
  { key: 3, name: 'role', shape: () => shape.enumeration({ chief: 1, deputy: 300 }) },
  { key: 4, name: 'inner', shape: () => shape.list(innerShape, 0, 3) },
  {
    key: 9,
    name: 'either',
    shape: () =>
      shape.union<Whole['either']>({
        left: {
          tag: 1,
          shape: () =>
            shape.struct([{ key: 1, name: 'n', shape: () => shape.uint(Number.MAX_SAFE_INTEGER) }]),
        },
        right: { tag: 2, shape: () => innerShape },
      }),
  },
  { key: 200, name: 'late', shape: () => shape.uint(5), optional: true },
]);

const inner: fc.Arbitrary<Inner> = fc.record(
  { digest: fc.uint8Array({ minLength: 2, maxLength: 80 }), isOn: fc.boolean() },
  { requiredKeys: ['digest'] },
);
/** Texts whose first byte is a byte order mark's are left to the long way. */
const whole: fc.Arbitrary<Whole> = fc.record(
  {
    count: fc.nat(70_000),
    name: fc
      .string({ maxLength: 15, unit: 'grapheme' })
      .filter((text) => !/\p{Cc}|^[\uf000-\uffff]/u.test(text)),
    role: fc.constantFrom('chief' as const, 'deputy' as const),
    inner: fc.array(inner, { maxLength: 3 }),
    either: fc.oneof(
      fc.maxSafeNat().map((n) => ({ kind: 'left' as const, n })),
      inner.map((one) => ({ kind: 'right' as const, ...one })),
    ),
    late: fc.nat(5),
  },
  { requiredKeys: ['count', 'name', 'role', 'inner', 'either'] },
);

/** Over the model alone. */
function longWay(bytes: Uint8Array): Whole | undefined {
  const raw = decodeCbor(bytes);
  if (!raw.ok) return undefined;
  try {
    return wholeShape.fromCbor(raw.value, '');
  } catch {
    return undefined;
  }
}

function shortWay(bytes: Uint8Array, copies: boolean): Whole | undefined {
  try {
    const reader = new Reader(bytes, copies);
    const value = wholeShape.read(reader);
    return reader.isAtEnd ? value : undefined;
  } catch {
    return undefined;
  }
}

describe('the short way', () => {
  it('writes the same bytes and reads the same values, as copies or as views', () => {
    fc.assert(
      fc.property(whole, (value) => {
        const bytes = encodeCbor(wholeShape.toCbor(value, ''));
        expect(written((writer) => wholeShape.write(writer, value))).toEqual(bytes);
        const long = longWay(bytes);
        expect(long).toBeDefined();
        for (const copies of [true, false]) expect(shortWay(bytes, copies)).toEqual(long);
      }),
      { numRuns: 400 },
    );
  });

  it('takes nothing of bent bytes that the long way would not take, and takes it as the same', () => {
    let taken = 0;
    fc.assert(
      fc.property(whole, fc.nat(), fc.nat(255), fc.boolean(), (value, at, byte, cut) => {
        const bytes = shape.encode(wholeShape, value);
        const bent = cut ? bytes.slice(0, at % bytes.length) : Uint8Array.from(bytes);
        if (!cut) bent[at % bent.length] = byte;
        const short = shortWay(bent, true);
        const long = longWay(bent);
        if (short !== undefined) {
          expect(short).toEqual(long);
          taken++;
        }
        const decoded = shape.decode(wholeShape, bent);
        expect(decoded.ok ? decoded.value : undefined).toEqual(long);
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(0);
  });

  it('leaves what breaks a bound to the long way, which says where', () => {
    const value: Whole = {
      count: 1,
      name: 'x',
      role: 'chief',
      inner: [{ digest: new Uint8Array(1) }],
      either: { kind: 'left', n: 1 },
    };
    expect(written((writer) => wholeShape.write(writer, value))).toBeUndefined();
    expect(() => shape.encode(wholeShape, value)).toThrow(/inner\[0\]\.digest: wanted 2 to 80 bytes/);
    const bytes = encodeCbor(
      new Map<number, never>([
        [1, 70_001 as never],
        [2, 'x' as never],
      ]),
    );
    expect(shape.decode(wholeShape, bytes)).toMatchObject({ ok: false, fault: { at: 'count' } });
  });
});
