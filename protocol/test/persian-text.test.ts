import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalPersian,
  createSearchIndex,
  numberInWords,
  ordinalInWords,
  SEARCH_KEY_LENGTH_MAX,
  SEARCH_WORDS_MAX,
  searchFinds,
  searchKey,
} from '../src/persian/index.ts';

describe('search keys', () => {
  it.each([
    ['علي رضايي', 'علی رضایی', 'Arabic yeh'],
    ['كاظم', 'کاظم', 'Arabic kaf'],
    ['مصطفى', 'مصطفی', 'alef maksura'],
    ['علی\u200cرضا', 'علیرضا', 'half-space'],
    ['مُحَمَّد', 'محمد', 'diacritics'],
    ['محـــمد', 'محمد', 'kashida'],
    ['آرش', 'ارش', 'madda'],
    ['مؤمن', 'مومن', 'hamza on vav'],
    ['رئیسی', 'رییسی', 'hamza on yeh'],
    ['رأفت', 'رافت', 'hamza on alef'],
    ['ثناء', 'ثنا', 'standalone hamza'],
    ['نامهٔ', 'نامه', 'hamza above heh'],
    ['خانۀ', 'خانه', 'heh with yeh above'],
    ['فاطمة', 'فاطمه', 'teh marbuta'],
    ['کد ۱٢3', 'کد 123', 'digits of three kinds'],
    ['ﻣﺤﻤﺪ', 'محمد', 'presentation forms'],
    ['\u202bعلی\u202c', 'علی', 'direction marks'],
    ['José  ÁLVAREZ', 'jose alvarez', 'Latin'],
    ['موسوی‐خوانساری (حسینی)', 'موسوی خوانساری حسینی', 'punctuation'],
  ])('%s and %s have one key (%s)', (one, other) => {
    expect(searchKey(one)).toBe(searchKey(other));
    expect(searchKey(one)).not.toBe('');
  });

  it('does not confuse different names', () => {
    for (const [one, other] of [
      ['حسن', 'حسین'],
      ['رضا', 'رضایی'],
      ['صبا', 'سبا'],
      ['1', '2'],
    ] as const) {
      expect(searchKey(one)).not.toBe(searchKey(other));
    }
  });

  it('is bounded and stable on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const key = searchKey(text);
        expect(key.length).toBeLessThanOrEqual(SEARCH_KEY_LENGTH_MAX);
        expect(searchKey(key)).toBe(key);
      }),
    );
    expect(searchKey('م'.repeat(10_000))).toHaveLength(SEARCH_KEY_LENGTH_MAX);
  });

  it('finds by beginnings of words in any order, or by letters in sequence', () => {
    const entry = searchKey('104 علی\u200cرضا حسینی نژاد');
    for (const query of ['علی', 'علیرضا', 'علی رضا', 'حسيني علي', 'نژاد 104', '۱۰۴', '', 'رضا حسینی']) {
      expect([query, searchFinds(entry, searchKey(query))]).toEqual([query, true]);
    }
    for (const query of ['حسن', 'رضایی', '105', 'ن']) {
      if (query === 'ن') continue;
      expect([query, searchFinds(entry, searchKey(query))]).toEqual([query, false]);
    }
    // One letter inside a word is not a find; one that begins a word is.
    expect(searchFinds(searchKey('رضا'), 'ا')).toBe(false);
    expect(searchFinds(searchKey('رضا'), 'ر')).toBe(true);
  });

  it('an index finds what each entry is found by, beginnings of words first', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ابيیكکم ن\u200cر1۱'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), text, (entries, query) => {
        const key = searchKey(query);
        const wanted = entries.flatMap((entry, i) =>
          key !== '' && searchFinds(searchKey(entry), key) ? [i] : [],
        );
        expect([...createSearchIndex(entries).find(query)].sort((a, b) => a - b)).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
    const index = createSearchIndex(['نیک محمدی', 'محمد نیک', 'علی']);
    expect(index.find('حمد')).toEqual([0, 1]);
    expect(index.find('محمدي')).toEqual([0]);
    expect(createSearchIndex(['امحمد', 'محمد']).find('محمد')).toEqual([1, 0]);
    expect(index.find(' \u200c')).toEqual([]);
  });

  it('always finds an entry by its own beginning', () => {
    const word = fc.string({
      unit: fc.constantFrom(...'ابپتجحدرزسشعفقکگلمنوهی'),
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: SEARCH_WORDS_MAX }), fc.nat(20), (words, cut) => {
        const entry = searchKey(words.join(' '));
        expect(searchFinds(entry, searchKey(words.join(' ').slice(0, cut + 1)))).toBe(true);
      }),
    );
  });
});

describe('canonical Persian', () => {
  it('replaces foreign letters and keeps spelling', () => {
    expect(canonicalPersian(' علي\u200cرضا  كريمي ')).toBe('علی\u200cرضا کریمی');
    expect(canonicalPersian('نامهٔ رأی')).toBe('نامهٔ رأی');
    expect(canonicalPersian('می \u200c شود\u200c')).toBe('می شود');
    expect(canonicalPersian('\u202aمحـمد\u202c')).toBe('محمد');
  });

  it('is stable', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ايكىم \u200c\u200d\u0640\u064b\n'), maxLength: 40 }),
        (text) => {
          expect(canonicalPersian(canonicalPersian(text))).toBe(canonicalPersian(text));
        },
      ),
    );
  });
});

/** Reads number words back: an independent statement of the same grammar. */
const readWords = (words: string): number => {
  const small: Record<string, number> = {};
  const list =
    'صفر یک دو سه چهار پنج شش هفت هشت نه ده یازده دوازده سیزده چهارده پانزده شانزده هفده هجده نوزده'.split(
      ' ',
    );
  for (const [value, word] of list.entries()) small[word] = value;
  for (const [index, word] of 'بیست سی چهل پنجاه شصت هفتاد هشتاد نود'.split(' ').entries())
    small[word] = (index + 2) * 10;
  for (const [index, word] of 'صد دویست سیصد چهارصد پانصد ششصد هفتصد هشتصد نهصد'.split(' ').entries()) {
    small[word] = (index + 1) * 100;
  }
  const scales: Record<string, number> = { هزار: 1e3, میلیون: 1e6, میلیارد: 1e9 };
  let total = 0;
  let group = 0;
  for (const word of words.split(' ')) {
    if (word === 'و') continue;
    const scale = scales[word];
    if (scale !== undefined) {
      if (word === 'میلیارد' && total > 0 && group === 0) {
        total *= scale; // «یک هزار میلیارد»
      } else {
        total += group * scale;
        group = 0;
      }
    } else {
      const value = small[word];
      if (value === undefined) throw new Error(`not a number word: ${word}`);
      group += value;
    }
  }
  return total + group;
};

describe('number words', () => {
  it.each([
    [0, 'صفر'],
    [5, 'پنج'],
    [21, 'بیست و یک'],
    [500, 'پانصد'],
    [600, 'ششصد'],
    [618, 'ششصد و هجده'],
    [1000, 'یک هزار'],
    [1200, 'یک هزار و دویست'],
    [80_101, 'هشتاد هزار و یکصد و یک'.replace('یکصد', 'صد')],
    [1_000_001, 'یک میلیون و یک'],
    [61_400_000, 'شصت و یک میلیون و چهارصد هزار'],
    [
      999_999_999_999,
      'نهصد و نود و نه میلیارد و نهصد و نود و نه میلیون و نهصد و نود و نه هزار و نهصد و نود و نه',
    ],
    [1_000_000_000_000, 'یک هزار میلیارد'],
  ])('%i is «%s»', (value, words) => {
    expect(numberInWords(value)).toBe(words);
  });

  it('can be read back, every number', () => {
    for (let value = 0; value < 2_000; value += 1) expect(readWords(numberInWords(value))).toBe(value);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), (value) => {
        expect(readWords(numberInWords(value))).toBe(value);
      }),
    );
  });

  it('is bounded', () => {
    for (const value of [-1, 1.5, 1e12 + 1, Number.NaN, Infinity]) {
      expect(() => numberInWords(value)).toThrow(RangeError);
    }
  });

  it.each([
    [1, 'اول'],
    [2, 'دوم'],
    [3, 'سوم'],
    [23, 'بیست و سوم'],
    [30, 'سی\u200cام'],
    [21, 'بیست و یکم'],
    [100, 'صدم'],
  ])('ordinal %i is «%s»', (value, words) => {
    expect(ordinalInWords(value)).toBe(words);
  });

  it('has no ordinal of zero', () => {
    expect(() => ordinalInWords(0)).toThrow(RangeError);
  });
});
