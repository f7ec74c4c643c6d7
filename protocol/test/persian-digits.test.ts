import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatDecimal,
  formatInteger,
  formatPercent,
  joinList,
  localizeDigits,
  toArabicIndicDigits,
  toAsciiDigits,
  toPersianDigits,
} from '../src/persian/index.ts';

const anyDigits = fc.string({ unit: fc.constantFrom(...'0123456789۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩'), maxLength: 40 });

describe('digits of three sets', () => {
  it('keeps leading zeros and length whatever the set', () => {
    expect(toAsciiDigits('۰۰۱٠٠٢003')).toBe('001002003');
    fc.assert(
      fc.property(anyDigits, (text) => {
        expect(toAsciiDigits(text)).toMatch(/^[0-9]*$/);
        expect(toAsciiDigits(text)).toHaveLength(text.length);
        expect(toAsciiDigits(toPersianDigits(text))).toBe(toAsciiDigits(text));
        expect(toAsciiDigits(toArabicIndicDigits(text))).toBe(toAsciiDigits(text));
        expect(toPersianDigits(toArabicIndicDigits(text))).toBe(toPersianDigits(text));
      }),
    );
  });

  it('touches nothing but digits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const rest = (value: string) => value.replace(/[0-9۰-۹٠-٩]/g, '#');
        expect(rest(toAsciiDigits(text))).toBe(rest(text));
        expect(rest(toPersianDigits(text))).toBe(rest(text));
      }),
    );
  });

  it('shows the digits of the language', () => {
    expect(localizeDigits('کد 12', 'fa')).toBe('کد ۱۲');
    expect(localizeDigits('code ۱۲', 'en')).toBe('code 12');
  });
});

describe('numbers for people', () => {
  it('groups thousands with the marks of the language', () => {
    expect(formatInteger(80101, 'fa')).toBe('۸۰٬۱۰۱');
    expect(formatInteger(80101, 'en')).toBe('80,101');
    expect(formatInteger(-1234567n, 'en')).toBe('−1,234,567');
    expect(formatInteger(0, 'fa')).toBe('۰');
  });

  it('agrees with Intl on every integer', () => {
    const oracle = { fa: new Intl.NumberFormat('fa-IR'), en: new Intl.NumberFormat('en-US') };
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(formatInteger(value, 'fa')).toBe(oracle.fa.format(value));
        expect(formatInteger(value, 'en')).toBe(oracle.en.format(value));
      }),
    );
  });

  it('writes decimals and shares with the right marks', () => {
    expect(formatDecimal(12.5, 2, 'fa')).toBe('۱۲٫۵۰');
    expect(formatDecimal(1234.5, 1, 'en')).toBe('1,234.5');
    expect(formatDecimal(-0.001, 1, 'en')).toBe('0.0');
    expect(formatPercent(0.264, 1, 'fa')).toBe('۲۶٫۴٪');
    expect(formatPercent(1, 0, 'en')).toBe('100%');
  });

  it('refuses what it could only show wrongly', () => {
    expect(() => formatInteger(1.5, 'fa')).toThrow(RangeError);
    expect(() => formatInteger(2 ** 53, 'fa')).toThrow(RangeError);
    expect(() => formatDecimal(Number.NaN, 1, 'fa')).toThrow(RangeError);
    expect(() => formatDecimal(1, 7, 'fa')).toThrow(RangeError);
    expect(() => formatDecimal(1e20, 1, 'fa')).toThrow(RangeError);
  });
});

describe('lists', () => {
  it('joins with the conjunction of the language', () => {
    expect(joinList(['الف', 'ب', 'ج'], 'fa')).toBe('الف، ب و ج');
    expect(joinList(['a', 'b'], 'en', 'or')).toBe('a or b');
    expect(joinList(['تنها'], 'fa')).toBe('تنها');
    expect(joinList([], 'en')).toBe('');
  });
});
