// The face of `@sandoq/protocol/persian`: what people read and type, in Persian and in English.
export {
  FRACTION_DIGITS_MAX,
  formatDecimal,
  formatInteger,
  formatPercent,
  localizeDigits,
  toArabicIndicDigits,
  toAsciiDigits,
  toPersianDigits,
} from './digits.ts';
export { joinList } from './list.ts';
export { directionOf, LOCALES, type Locale } from './locale.ts';
export {
  formatNationalCode,
  NATIONAL_CODE_DIGITS,
  NATIONAL_CODE_REFUSALS,
  NATIONAL_CODE_TEXT_LENGTH_MAX,
  type NationalCode,
  type NationalCodeRefusal,
  type NationalCodeRule,
  parseNationalCode,
} from './national-code.ts';
export { NUMBER_WORDS_MAX, numberInWords, ordinalInWords } from './number-words.ts';
export {
  epochDayToSolarHijri,
  formatClock,
  formatInstant,
  formatSolarHijri,
  formatSolarHijriNumeric,
  fromSolarHijri,
  IRAN_UTC_OFFSET_MINUTES,
  isSolarHijriLeapYear,
  parseSolarHijri,
  SOLAR_HIJRI_REFUSALS,
  SOLAR_HIJRI_YEAR_MAX,
  SOLAR_HIJRI_YEAR_MIN,
  type SolarHijriDate,
  type SolarHijriInstant,
  type SolarHijriRefusal,
  solarHijriMonthDays,
  solarHijriToEpochDay,
  toSolarHijri,
  weekdayOfEpochDay,
} from './solar-hijri.ts';
export {
  canonicalPersian,
  createSearchIndex,
  SEARCH_KEY_LENGTH_MAX,
  SEARCH_TEXT_LENGTH_MAX,
  SEARCH_WORDS_MAX,
  type SearchIndex,
  searchFinds,
  searchKey,
} from './text.ts';
