import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareIds, compareProducts, divideProduct } from '../src/law/exact.ts';

const large = fc.oneof(fc.nat(20), fc.maxSafeNat());

describe('exact arithmetic', () => {
  it('compares products that no number can hold', () => {
    const sign = (value: number | bigint): number => (value > 0 ? 1 : value < 0 ? -1 : 0);
    fc.assert(
      fc.property(large, large, large, large, (a, b, c, d) => {
        expect(sign(compareProducts(a, b, c, d))).toBe(sign(BigInt(a) * BigInt(b) - BigInt(c) * BigInt(d)));
      }),
    );
    expect(compareProducts(94_906_267, 94_906_267, 94_906_266, 94_906_268)).toBeGreaterThan(0);
  });

  it('divides them without rounding', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 30), fc.nat(2 ** 30), fc.integer({ min: 1 }), (a, b, c) => {
        fc.pre(b <= c);
        const { quotient, remainder } = divideProduct(a, b, c);
        expect(BigInt(quotient) * BigInt(c) + BigInt(remainder)).toBe(BigInt(a) * BigInt(b));
        expect(remainder < c).toBe(true);
      }),
    );
  });

  it('orders ids as the bytes of UTF-8', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', 'ص', '\uffee', '\ud83d\ude00', '\ud800\udc00'),
    });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareIds(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
