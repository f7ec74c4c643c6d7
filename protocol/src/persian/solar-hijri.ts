import { failure, type Result, success } from '../result.ts';
import { localizeDigits, toAsciiDigits } from './digits.ts';
import type { Locale } from './locale.ts';

/** Years that the arithmetic is checked for, day by day, against the calendar data of ICU. */
export const SOLAR_HIJRI_YEAR_MIN = 1300;
export const SOLAR_HIJRI_YEAR_MAX = 1500;

/** Iran keeps one offset all year since 1402. A value for defaults and tests: the caller still passes it. */
export const IRAN_UTC_OFFSET_MINUTES = 210;

const UTC_OFFSET_MINUTES_MAX = 14 * 60;
const DAY_MS = 86_400_000;

/** 1 Farvardin 1300 was 21 March 1921, 17,818 days before 1 January 1970. */
const EPOCH_DAY_OF_FIRST_YEAR = -17_818;
const EPOCH_DAY_OF_LAST = (): number => startOfYear(SOLAR_HIJRI_YEAR_MAX + 1) - 1;

export interface SolarHijriDate {
  readonly year: number;
  /** 1 (Farvardin) to 12 (Esfand). */
  readonly month: number;
  readonly day: number;
}

export interface SolarHijriInstant extends SolarHijriDate {
  /** 0 is Saturday (شنبه), the first day of the week. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

export const SOLAR_HIJRI_REFUSALS = [
  'not_a_date',
  'year_out_of_range',
  'no_such_month',
  'no_such_day',
] as const;
export type SolarHijriRefusal = (typeof SOLAR_HIJRI_REFUSALS)[number];

const MONTHS = {
  fa: ['فروردین', 'اردیبهشت', 'خرداد', 'تیر', 'مرداد', 'شهریور', 'مهر', 'آبان', 'آذر', 'دی', 'بهمن', 'اسفند'],
  en: [
    'Farvardin',
    'Ordibehesht',
    'Khordad',
    'Tir',
    'Mordad',
    'Shahrivar',
    'Mehr',
    'Aban',
    'Azar',
    'Dey',
    'Bahman',
    'Esfand',
  ],
} as const;

const WEEKDAYS = {
  fa: ['شنبه', 'یکشنبه', 'دوشنبه', 'سه\u200cشنبه', 'چهارشنبه', 'پنجشنبه', 'جمعه'],
  en: ['Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'],
} as const;

const TIME_WORD = { fa: '، ساعت ', en: ', ' } as const;

/**
 * The 33-year rule. It agrees with the astronomical calendar from 1178 to 1501; outside, ICU corrects single
 * years by a table, and so the range of this module ends before.
 */
export const isSolarHijriLeapYear = (year: number): boolean => (25 * year + 11) % 33 < 8;

export const solarHijriMonthDays = (year: number, month: number): number => {
  if (month <= 6) return 31;
  if (month <= 11) return 30;
  return isSolarHijriLeapYear(year) ? 30 : 29;
};

/** Days since 1 January 1970 of 1 Farvardin. */
const startOfYear = (year: number): number => {
  let day = EPOCH_DAY_OF_FIRST_YEAR + (year - SOLAR_HIJRI_YEAR_MIN) * 365;
  for (let past = SOLAR_HIJRI_YEAR_MIN; past < year; past += 1) if (isSolarHijriLeapYear(past)) day += 1;
  return day;
};

const daysBeforeMonth = (month: number): number => (month <= 7 ? (month - 1) * 31 : 186 + (month - 7) * 30);

const refusalOf = ({ year, month, day }: SolarHijriDate): SolarHijriRefusal | undefined => {
  if (![year, month, day].every(Number.isInteger)) return 'not_a_date';
  if (year < SOLAR_HIJRI_YEAR_MIN || year > SOLAR_HIJRI_YEAR_MAX) return 'year_out_of_range';
  if (month < 1 || month > 12) return 'no_such_month';
  if (day < 1 || day > solarHijriMonthDays(year, month)) return 'no_such_day';
  return undefined;
};

/** Days since 1 January 1970. Throws on a date that does not exist: parse first. */
export const solarHijriToEpochDay = (date: SolarHijriDate): number => {
  const refusal = refusalOf(date);
  if (refusal !== undefined) throw new RangeError(`solar Hijri date: ${refusal}`);
  return startOfYear(date.year) + daysBeforeMonth(date.month) + date.day - 1;
};

/** Throws outside 1300…1500. */
export const epochDayToSolarHijri = (epochDay: number): SolarHijriDate => {
  if (!Number.isInteger(epochDay) || epochDay < EPOCH_DAY_OF_FIRST_YEAR || epochDay > EPOCH_DAY_OF_LAST()) {
    throw new RangeError('solar Hijri date: year_out_of_range');
  }
  let year = SOLAR_HIJRI_YEAR_MIN + Math.floor((epochDay - EPOCH_DAY_OF_FIRST_YEAR) / 366);
  while (startOfYear(year + 1) <= epochDay) year += 1;
  const dayOfYear = epochDay - startOfYear(year);
  const month = dayOfYear < 186 ? Math.floor(dayOfYear / 31) + 1 : Math.floor((dayOfYear - 186) / 30) + 7;
  return { year, month, day: dayOfYear - daysBeforeMonth(month) + 1 };
};

/** 0 is Saturday. 1 January 1970 was a Thursday, the fifth after Saturday. */
export const weekdayOfEpochDay = (epochDay: number): number => (((epochDay + 5) % 7) + 7) % 7;

/** The wall clock at an instant (milliseconds since 1970, UTC) where clocks are `utcOffsetMinutes` ahead. */
export const toSolarHijri = (instantMs: number, utcOffsetMinutes: number): SolarHijriInstant => {
  if (!Number.isInteger(utcOffsetMinutes) || Math.abs(utcOffsetMinutes) > UTC_OFFSET_MINUTES_MAX) {
    throw new RangeError('utcOffsetMinutes is an integer between -840 and 840');
  }
  const localMs = instantMs + utcOffsetMinutes * 60_000;
  const epochDay = Math.floor(localMs / DAY_MS);
  const minuteOfDay = Math.floor((localMs - epochDay * DAY_MS) / 60_000);
  return {
    ...epochDayToSolarHijri(epochDay),
    weekday: weekdayOfEpochDay(epochDay),
    hour: Math.floor(minuteOfDay / 60),
    minute: minuteOfDay % 60,
  };
};

/** The instant (milliseconds since 1970, UTC) of a wall clock reading. */
export const fromSolarHijri = (
  date: SolarHijriDate & { readonly hour?: number; readonly minute?: number },
  utcOffsetMinutes: number,
): number =>
  solarHijriToEpochDay(date) * DAY_MS +
  ((date.hour ?? 0) * 60 + (date.minute ?? 0) - utcOffsetMinutes) * 60_000;

/** «۱۴۰۵/۹/۱», "1405-09-01", in any of the three digit sets. */
export const parseSolarHijri = (text: string): Result<SolarHijriDate, SolarHijriRefusal> => {
  const match = /^\s*(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})\s*$/.exec(toAsciiDigits(text.slice(0, 40)));
  if (match === null) return failure('not_a_date');
  const date = { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
  const refusal = refusalOf(date);
  return refusal === undefined ? success(date) : failure(refusal);
};

/** «یکشنبه ۱ آذر ۱۴۰۵», "Sunday 1 Azar 1405". */
export const formatSolarHijri = (date: SolarHijriDate, locale: Locale): string => {
  const weekday = WEEKDAYS[locale][weekdayOfEpochDay(solarHijriToEpochDay(date))];
  return localizeDigits(`${weekday} ${date.day} ${MONTHS[locale][date.month - 1]} ${date.year}`, locale);
};

/** «۱۴۰۵/۰۹/۰۱», for tables and forms. */
export const formatSolarHijriNumeric = (date: SolarHijriDate, locale: Locale): string => {
  const two = (value: number): string => String(value).padStart(2, '0');
  return localizeDigits(`${date.year}/${two(date.month)}/${two(date.day)}`, locale);
};

/** «۰۸:۰۵», of the wall clock. */
export const formatClock = (
  time: { readonly hour: number; readonly minute: number },
  locale: Locale,
): string =>
  localizeDigits(`${String(time.hour).padStart(2, '0')}:${String(time.minute).padStart(2, '0')}`, locale);

/** «یکشنبه ۱ آذر ۱۴۰۵، ساعت ۰۸:۰۵», "Sunday 1 Azar 1405, 08:05". */
export const formatInstant = (instantMs: number, utcOffsetMinutes: number, locale: Locale): string => {
  const local = toSolarHijri(instantMs, utcOffsetMinutes);
  return `${formatSolarHijri(local, locale)}${TIME_WORD[locale]}${formatClock(local, locale)}`;
};
