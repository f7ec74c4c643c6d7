/** Largest number that is put into words: a thousand billions, «یک هزار میلیارد» as officials say it. */
export const NUMBER_WORDS_MAX = 1_000_000_000_000;

const ONES = [
  '',
  'یک',
  'دو',
  'سه',
  'چهار',
  'پنج',
  'شش',
  'هفت',
  'هشت',
  'نه',
  'ده',
  'یازده',
  'دوازده',
  'سیزده',
  'چهارده',
  'پانزده',
  'شانزده',
  'هفده',
  'هجده',
  'نوزده',
];
const TENS = ['', '', 'بیست', 'سی', 'چهل', 'پنجاه', 'شصت', 'هفتاد', 'هشتاد', 'نود'];
// Irregular: دویست, سیصد, پانصد are not «دو صد», «سه صد», «پنج صد»; and it is ششصد in one word.
const HUNDREDS = ['', 'صد', 'دویست', 'سیصد', 'چهارصد', 'پانصد', 'ششصد', 'هفتصد', 'هشتصد', 'نهصد'];

const BILLION = 1_000_000_000;
const MILLION = 1_000_000;
const THOUSAND = 1_000;
const AND = ' و ';

/** 1…999. */
const underThousand = (value: number): string => {
  const words: string[] = [];
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  if (hundreds > 0) words.push(HUNDREDS[hundreds]!);
  if (rest >= 20) {
    words.push(TENS[Math.floor(rest / 10)]!);
    if (rest % 10 > 0) words.push(ONES[rest % 10]!);
  } else if (rest > 0) {
    words.push(ONES[rest]!);
  }
  return words.join(AND);
};

/** Cardinal in Persian words as minutes are written: ۱۲۰۰ is «یک هزار و دویست». Throws outside 0…10^12. */
export const numberInWords = (value: number): string => {
  if (!Number.isSafeInteger(value) || value < 0 || value > NUMBER_WORDS_MAX) {
    throw new RangeError(`numberInWords takes an integer from 0 to ${NUMBER_WORDS_MAX}`);
  }
  if (value === 0) return 'صفر';
  const words: string[] = [];
  const billions = Math.floor(value / BILLION);
  const millions = Math.floor((value % BILLION) / MILLION);
  const thousands = Math.floor((value % MILLION) / THOUSAND);
  const units = value % THOUSAND;
  if (billions > 0) words.push(`${billions === THOUSAND ? 'یک هزار' : underThousand(billions)} میلیارد`);
  if (millions > 0) words.push(`${underThousand(millions)} میلیون`);
  if (thousands > 0) words.push(`${underThousand(thousands)} هزار`);
  if (units > 0) words.push(underThousand(units));
  return words.join(AND);
};

/** Ordinal in Persian words: «اول», «دوم», «سوم», «سی‌ام», «بیست و یکم». Throws outside 1…10^12. */
export const ordinalInWords = (value: number): string => {
  if (value === 1) return 'اول';
  if (value === 0) throw new RangeError('ordinalInWords takes an integer from 1');
  const cardinal = numberInWords(value);
  if (cardinal.endsWith('سه')) return `${cardinal.slice(0, -2)}سوم`;
  // «سی» ends in a vowel: the ordinal is «سی‌ام», with a half-space.
  if (cardinal.endsWith('سی')) return `${cardinal}\u200cام`;
  return `${cardinal}م`;
};
