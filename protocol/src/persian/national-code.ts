import { failure, type Result, success } from '../result.ts';
import { localizeDigits, toAsciiDigits } from './digits.ts';
import type { Locale } from './locale.ts';

/** Ten ASCII digits whose check digit holds. A string: leading zeros survive every export. */
export type NationalCode = string & { readonly __brand: 'NationalCode' };

export const NATIONAL_CODE_DIGITS = 10;

/**
 * The fewest digits that are padded. Spreadsheets drop leading zeros, and the lowest place prefix is 001, so
 * an issued code never lost more than two.
 */
export const NATIONAL_CODE_DIGITS_UNPADDED_MIN = 8;

/** Longest text looked at; a longer one is refused unread. Ten digits with a separator after each is 19. */
export const NATIONAL_CODE_TEXT_LENGTH_MAX = 40;

export const NATIONAL_CODE_REFUSALS = [
  'empty',
  'not_digits',
  'too_few_digits',
  'too_many_digits',
  'repeated_digit',
  'middle_zero',
  'check_digit',
] as const;
export type NationalCodeRefusal = (typeof NATIONAL_CODE_REFUSALS)[number];

export interface NationalCodeRule {
  /** 'padded' restores zeros that a spreadsheet dropped (8 or 9 digits); 'exact' is for a person typing. */
  readonly length: 'padded' | 'exact';
}

// Space of any kind, hyphens and dashes, dot, slash, half-space and direction marks: what people and copied
// text put between or around the digits.
const SEPARATORS = /[\s\p{Cf}\p{Pd}._/−]/gu;

/** Weights 10…2 on the first nine digits; r = sum mod 11; the check digit is r if r < 2, else 11 − r. */
const checkDigitOf = (firstNine: string): number => {
  let sum = 0;
  for (let index = 0; index < 9; index += 1) sum += Number(firstNine[index]) * (10 - index);
  const remainder = sum % 11;
  return remainder < 2 ? remainder : 11 - remainder;
};

/**
 * A national code (کد ملی) from text in any of the three digit sets, with separators. The order of refusals
 * is from the plainest mistake to the subtlest, so that the message helps whoever typed it.
 */
export const parseNationalCode = (
  text: string,
  rule: NationalCodeRule = { length: 'padded' },
): Result<NationalCode, NationalCodeRefusal> => {
  if (text.length > NATIONAL_CODE_TEXT_LENGTH_MAX) return failure('too_many_digits');
  const digits = toAsciiDigits(text).replace(SEPARATORS, '');
  if (digits === '') return failure('empty');
  if (!/^[0-9]+$/.test(digits)) return failure('not_digits');
  if (digits.length > NATIONAL_CODE_DIGITS) return failure('too_many_digits');
  const fewest = rule.length === 'exact' ? NATIONAL_CODE_DIGITS : NATIONAL_CODE_DIGITS_UNPADDED_MIN;
  if (digits.length < fewest) return failure('too_few_digits');
  const code = digits.padStart(NATIONAL_CODE_DIGITS, '0');
  if (/^(\d)\1{9}$/.test(code)) return failure('repeated_digit');
  // Three digits of place, six of serial, one of check: serial zero is not issued.
  if (code.slice(3, 9) === '000000') return failure('middle_zero');
  if (checkDigitOf(code) !== Number(code[9])) return failure('check_digit');
  return success(code as NationalCode);
};

/** For display only, grouped as on the card's back: «۱۲۳-۴۵۶۷۸۹-۱». */
export const formatNationalCode = (code: NationalCode, locale: Locale): string =>
  localizeDigits(`${code.slice(0, 3)}-${code.slice(3, 9)}-${code.slice(9)}`, locale);
