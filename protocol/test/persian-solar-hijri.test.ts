import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  epochDayToSolarHijri,
  formatClock,
  formatInstant,
  formatSolarHijri,
  formatSolarHijriNumeric,
  fromSolarHijri,
  IRAN_UTC_OFFSET_MINUTES,
  isSolarHijriLeapYear,
  parseSolarHijri,
  solarHijriMonthDays,
  solarHijriToEpochDay,
  toSolarHijri,
} from '../src/persian/index.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(1921, 2, 21) / DAY_MS;

describe('solar Hijri dates', () => {
  it('goes day by day from 1300 to 1500 as ICU does, there and back', () => {
    const icu = new Intl.DateTimeFormat('en-u-ca-persian-nu-latn', {
      timeZone: 'UTC',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    });
    let epochDay = FIRST_DAY;
    for (let year = 1300; year <= 1500; year += 1) {
      for (let month = 1; month <= 12; month += 1) {
        for (let day = 1; day <= solarHijriMonthDays(year, month); day += 1) {
          const back = epochDayToSolarHijri(epochDay);
          if (back.year !== year || back.month !== month || back.day !== day) {
            throw new Error(`day ${epochDay}: ${JSON.stringify(back)} is not ${year}/${month}/${day}`);
          }
          if (solarHijriToEpochDay(back) !== epochDay)
            throw new Error(`${year}/${month}/${day} does not return`);
          // ICU decides where months and years begin and end; the days between follow.
          if (day === 1 || day >= 29) {
            const parts = icu.formatToParts(epochDay * DAY_MS);
            const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
            expect([part('year'), part('month'), part('day')]).toEqual([year, month, day]);
          }
          epochDay += 1;
        }
      }
    }
    expect(() => epochDayToSolarHijri(epochDay)).toThrow(RangeError);
    expect(() => epochDayToSolarHijri(FIRST_DAY - 1)).toThrow(RangeError);
  });

  it('names the weekday as ICU does', () => {
    const icu = new Intl.DateTimeFormat('en', { timeZone: 'UTC', weekday: 'long' });
    fc.assert(
      fc.property(fc.integer({ min: FIRST_DAY, max: FIRST_DAY + 73_000 }), (epochDay) => {
        expect(formatSolarHijri(epochDayToSolarHijri(epochDay), 'en').split(' ')[0]).toBe(
          icu.format(epochDay * DAY_MS),
        );
      }),
    );
  });

  it('is written as people write it', () => {
    const instant = Date.UTC(2026, 10, 22, 4, 35);
    expect(formatSolarHijri({ year: 1405, month: 9, day: 1 }, 'fa')).toBe('یکشنبه ۱ آذر ۱۴۰۵');
    expect(formatInstant(instant, IRAN_UTC_OFFSET_MINUTES, 'fa')).toBe('یکشنبه ۱ آذر ۱۴۰۵، ساعت ۰۸:۰۵');
    expect(formatInstant(instant, IRAN_UTC_OFFSET_MINUTES, 'en')).toBe('Sunday 1 Azar 1405, 08:05');
    expect(formatSolarHijriNumeric({ year: 1405, month: 9, day: 1 }, 'fa')).toBe('۱۴۰۵/۰۹/۰۱');
    expect(formatClock({ hour: 7, minute: 5 }, 'fa')).toBe('۰۷:۰۵');
  });

  it('changes the day at midnight of the given offset', () => {
    const midnight = fromSolarHijri({ year: 1405, month: 9, day: 1 }, 210);
    expect(midnight).toBe(Date.UTC(2026, 10, 21, 20, 30));
    expect(toSolarHijri(midnight - 1, 210)).toMatchObject({ month: 8, day: 30, hour: 23, minute: 59 });
    expect(toSolarHijri(midnight, 210)).toMatchObject({ month: 9, day: 1, weekday: 1, hour: 0, minute: 0 });
    expect(toSolarHijri(midnight, -600)).toMatchObject({ month: 8, day: 30, hour: 10, minute: 30 });
    expect(() => toSolarHijri(midnight, 841)).toThrow(RangeError);
  });

  it('returns to the same minute for any instant and offset', () => {
    const minutes = fc.integer({ min: (FIRST_DAY + 1) * 1440, max: (FIRST_DAY + 73_000) * 1440 });
    fc.assert(
      fc.property(minutes, fc.integer({ min: -840, max: 840 }), (minute, offset) => {
        expect(fromSolarHijri(toSolarHijri(minute * 60_000, offset), offset)).toBe(minute * 60_000);
      }),
    );
  });

  it('knows the leap years that are published', () => {
    const published = [1387, 1391, 1395, 1399, 1403, 1408, 1412, 1416, 1420, 1424, 1428, 1432, 1436, 1441];
    const computed = [];
    for (let year = 1387; year <= 1441; year += 1) if (isSolarHijriLeapYear(year)) computed.push(year);
    expect(computed).toEqual(published);
  });

  it('parses any digits and refuses by name', () => {
    expect(parseSolarHijri(' ۱۴۰۳/۱۲/۳۰ ')).toEqual({ ok: true, value: { year: 1403, month: 12, day: 30 } });
    expect(parseSolarHijri('1405-9-1')).toEqual({ ok: true, value: { year: 1405, month: 9, day: 1 } });
    expect(parseSolarHijri('۱۴۰۴/۱۲/۳۰')).toEqual({ ok: false, fault: 'no_such_day' });
    expect(parseSolarHijri('۱۴۰۴/۱۳/۱')).toEqual({ ok: false, fault: 'no_such_month' });
    expect(parseSolarHijri('2026/11/22')).toEqual({ ok: false, fault: 'year_out_of_range' });
    expect(parseSolarHijri('دیروز')).toEqual({ ok: false, fault: 'not_a_date' });
    expect(() => solarHijriToEpochDay({ year: 1405, month: 9, day: 31 })).toThrow(RangeError);
  });
});
