/** A moment of the definition is written as people write it, and comes back as the same moment. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoOf, readBack, wordsOf } from '../src/authoring/page/moment.ts';

describe('a moment in Solar Hijri words', () => {
  it('comes back as the same moment, for every minute of two centuries', () => {
    const minutes = fc.integer({
      min: Date.parse('1922-01-01T00:00:00Z') / 60_000,
      max: Date.parse('2120-01-01T00:00:00Z') / 60_000,
    });
    fc.assert(
      fc.property(minutes, (minute) => {
        const iso = new Date(minute * 60_000).toISOString();
        expect(Date.parse(isoOf(wordsOf(iso)) as string)).toBe(minute * 60_000);
      }),
    );
  });

  it('takes any of the three digit sets, and an hour alone as the full hour', () => {
    const wanted = '2026-11-27T20:00:00+03:30';
    for (const [date, clock] of [
      ['۱۴۰۵/۰۹/۰۶', '۲۰:۰۰'],
      ['١٤٠٥/٩/٦', '٢٠'],
      [' 1405-9-6 ', '20.00'],
    ] as const)
      expect(isoOf({ date, clock })).toBe(wanted);
    expect(readBack(wanted)).toBe('جمعه ۶ آذر ۱۴۰۵، ساعت ۲۰:۰۰');
  });

  it('is none where a day or an hour does not exist, and what is none stays to be seen', () => {
    for (const [date, clock] of [
      ['۱۴۰۵/۱۳/۰۱', '۲۰:۰۰'],
      ['۱۴۰۵/۱۲/۳۰', '۲۰:۰۰'],
      ['۱۴۰۵/۰۹/۰۶', '۲۴:۰۰'],
      ['۱۴۰۵/۰۹/۰۶', '۲۰:۶۰'],
      ['۱۴۰۵/۰۹/۰۶', ''],
      ['2026-11-27', '۲۰:۰۰'],
    ] as const)
      expect([date, clock, isoOf({ date, clock })]).toEqual([date, clock, undefined]);
    expect(wordsOf('tomorrow')).toEqual({ date: 'tomorrow', clock: '' });
    expect(readBack('tomorrow')).toBeUndefined();
  });
});
