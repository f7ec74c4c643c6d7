import type { Locale } from './locale.ts';

// Three sets of decimal digits meet in Iran: ASCII from machines, Persian (U+06F0) from people, and
// Arabic-Indic (U+0660) from keyboards set to Arabic. Conversion is character by character and never goes
// through a number, so that leading zeros, separators and length survive.
const PERSIAN_ZERO = 0x06f0;
const ARABIC_INDIC_ZERO = 0x0660;
const ASCII_ZERO = 0x30;

const shiftDigits = (text: string, pattern: RegExp, zeroTo: number): string =>
  text.replace(pattern, (digit) => String.fromCharCode(digitValue(digit) + zeroTo));

const digitValue = (digit: string): number => {
  const code = digit.charCodeAt(0);
  if (code >= PERSIAN_ZERO) return code - PERSIAN_ZERO;
  if (code >= ARABIC_INDIC_ZERO) return code - ARABIC_INDIC_ZERO;
  return code - ASCII_ZERO;
};

/** Persian and Arabic-Indic digits become ASCII; everything else is left as it is. */
export const toAsciiDigits = (text: string): string => shiftDigits(text, /[۰-۹٠-٩]/g, ASCII_ZERO);

/** ASCII and Arabic-Indic digits become Persian; everything else is left as it is. */
export const toPersianDigits = (text: string): string => shiftDigits(text, /[0-9٠-٩]/g, PERSIAN_ZERO);

/** ASCII and Persian digits become Arabic-Indic; everything else is left as it is. */
export const toArabicIndicDigits = (text: string): string =>
  shiftDigits(text, /[0-9۰-۹]/g, ARABIC_INDIC_ZERO);

/** The digits in which a reader of this language expects codes and numbers. */
export const localizeDigits = (text: string, locale: Locale): string =>
  locale === 'fa' ? toPersianDigits(text) : toAsciiDigits(text);

const GROUP = { fa: '٬', en: ',' } as const;
const DECIMAL = { fa: '٫', en: '.' } as const;
const PERCENT = { fa: '٪', en: '%' } as const;

/** More fraction digits than this are noise on a screen and doubtful in a double. */
export const FRACTION_DIGITS_MAX = 6;

const groupThousands = (digits: string, separator: string): string =>
  digits.replace(/\B(?=(\d{3})+$)/g, separator);

/** A whole number grouped in thousands: «۸۰٬۱۰۱», "80,101". Throws on a fraction: a count is never rounded. */
export const formatInteger = (value: number | bigint, locale: Locale): string => {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError('formatInteger takes a safe integer');
  }
  const text = value.toString();
  const negative = text.startsWith('-');
  const grouped = groupThousands(negative ? text.slice(1) : text, GROUP[locale]);
  return localizeDigits(negative ? `−${grouped}` : grouped, locale);
};

/** A decimal with exactly `fractionDigits` digits after the mark: «۱۲٫۵۰», "12.50". */
export const formatDecimal = (value: number, fractionDigits: number, locale: Locale): string => {
  if (!Number.isFinite(value)) throw new RangeError('formatDecimal takes a finite number');
  if (!Number.isInteger(fractionDigits) || fractionDigits < 0 || fractionDigits > FRACTION_DIGITS_MAX) {
    throw new RangeError(`formatDecimal takes 0 to ${FRACTION_DIGITS_MAX} fraction digits`);
  }
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw new RangeError('formatDecimal takes a safe number');
  const fixed = Math.abs(value).toFixed(fractionDigits);
  const [whole = '0', fraction = ''] = fixed.split('.');
  const negative = value < 0 && Number(fixed) !== 0;
  const grouped = groupThousands(whole, GROUP[locale]);
  const joined = fraction === '' ? grouped : `${grouped}${DECIMAL[locale]}${fraction}`;
  return localizeDigits(negative ? `−${joined}` : joined, locale);
};

/** A share (0.264) as a percentage: «۲۶٫۴٪», "26.4%". */
export const formatPercent = (share: number, fractionDigits: number, locale: Locale): string =>
  `${formatDecimal(share * 100, fractionDigits, locale)}${PERCENT[locale]}`;
