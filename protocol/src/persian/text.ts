import { toAsciiDigits } from './digits.ts';

/** Longest text that a search key is made from, in UTF-16 units; the rest is ignored. */
export const SEARCH_TEXT_LENGTH_MAX = 256;

/** Longest search key, in UTF-16 units. */
export const SEARCH_KEY_LENGTH_MAX = 128;

/** Words of a query that are looked at. */
export const SEARCH_WORDS_MAX = 12;

/**
 * Letters that Persian readers take for one letter although Unicode has several: Arabic and Urdu keyboards,
 * Kurdish and Azeri spellings of names, old web pages. Applied after decomposition, so hamza and madda above
 * or below a letter are already marks.
 */
const LETTERS: Readonly<Record<string, string>> = {
  ي: 'ی', // U+064A Arabic yeh
  ى: 'ی', // U+0649 alef maksura
  ې: 'ی', // U+06D0
  ۍ: 'ی', // U+06CD
  ے: 'ی', // U+06D2 yeh barree
  ێ: 'ی', // U+06CE Kurdish
  ك: 'ک', // U+0643 Arabic kaf
  ڪ: 'ک', // U+06AA swash kaf
  ٱ: 'ا', // U+0671 alef wasla
  ة: 'ه', // U+0629 teh marbuta
  ۃ: 'ه', // U+06C3
  ە: 'ه', // U+06D5, and what ۀ decomposes to
  ہ: 'ه', // U+06C1 heh goal
  ھ: 'ه', // U+06BE heh doachashmee
  ۆ: 'و', // U+06C6 Kurdish
  ۇ: 'و', // U+06C7 Azeri
  ڵ: 'ل', // U+06B5 Kurdish
  ڕ: 'ر', // U+0695 Kurdish
};

const foldLetters = (text: string): string => text.replace(/\p{L}/gu, (letter) => LETTERS[letter] ?? letter);

/**
 * The form in which a name is stored and compared exactly: Persian ی and ک, composed, without kashida,
 * direction marks or doubled spaces. The half-space, hamza and diacritics stay: they are spelling.
 */
export const canonicalPersian = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/ـ/g, '')
    .replace(/(?!\u200c)[\p{Cf}\u200b]/gu, '')
    .replace(/[يى]/g, 'ی')
    .replace(/ك/g, 'ک')
    .replace(/\s*\u200c[\s\u200c]*/g, (run) => (/\s/.test(run) ? ' ' : '\u200c'))
    .replace(/\s+/g, ' ')
    .replace(/^[\s\u200c]+|[\s\u200c]+$/g, '');

/**
 * What a text is found by: words of folded letters and ASCII digits, one space between. ZWNJ joins («علی‌رضا»
 * and «علیرضا» have one key); standalone hamza is dropped («ثناء» is found as «ثنا»).
 */
export const searchKey = (text: string): string =>
  foldLetters(
    toAsciiDigits(text.slice(0, SEARCH_TEXT_LENGTH_MAX))
      .normalize('NFKD')
      .replace(/[\p{M}\p{Cf}ـء]/gu, '')
      .toLowerCase(),
  )
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .slice(0, SEARCH_KEY_LENGTH_MAX)
    .replace(/[\ud800-\udbff]$/u, '') // half of a letter outside the basic plane
    .trim();

/**
 * Whether a query finds an entry; both are search keys. Either every word of the query begins a word of the
 * entry, in any order («رضا علی» finds «علی رضایی»), or the letters occur in sequence whatever the spaces
 * («علیرضا» finds «علی رضا»). An empty query finds everything.
 */
export const searchFinds = (entryKey: string, queryKey: string): boolean => {
  if (queryKey === '') return true;
  const queryWords = queryKey.split(' ').slice(0, SEARCH_WORDS_MAX);
  const entryWords = entryKey.split(' ');
  if (queryWords.every((word) => entryWords.some((entryWord) => entryWord.startsWith(word)))) return true;
  const compactQuery = queryKey.replaceAll(' ', '');
  const compactEntry = entryKey.replaceAll(' ', '');
  // Inside a word only from two letters on: a single letter would find nearly every name.
  return compactQuery.length >= 2 && compactEntry.includes(compactQuery);
};

export interface SearchIndex {
  /**
   * Places of the entries that the query finds: those of which it begins words, then those in which it occurs, each in
   * their order. None for a query of nothing. The query is as typed.
   */
  find(query: string): readonly number[];
}

interface SearchEntry {
  readonly place: number;
  /** a space before each word */
  readonly begins: string;
  readonly compact: string;
}

/** Each entry under every one of its parts, once, in the order of the entries. */
const entriesBy = (
  entries: readonly SearchEntry[],
  partsOf: (entry: SearchEntry) => Iterable<string>,
): ReadonlyMap<string, readonly SearchEntry[]> => {
  const under = new Map<string, SearchEntry[]>();
  for (const entry of entries)
    for (const part of new Set(partsOf(entry))) {
      const known = under.get(part);
      if (known === undefined) under.set(part, [entry]);
      else known.push(entry);
    }
  return under;
};

const pairsOf = ({ compact }: SearchEntry): string[] =>
  Array.from({ length: Math.max(0, compact.length - 1) }, (_, at) => compact.slice(at, at + 2));

const initialsOf = ({ begins }: SearchEntry): string[] =>
  begins
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => word.slice(0, 1));

/**
 * The same answers as `searchFinds` for thousands of entries between two frames: what an entry is compared by is made
 * once. Whatever a query finds has the first two letters of its first word side by side, so only the entries that have
 * them are asked; one letter alone finds those of which a word begins with it.
 */
export const createSearchIndex = (texts: readonly string[]): SearchIndex => {
  const entries = texts.map((text, place): SearchEntry => {
    const key = searchKey(text);
    return { place, begins: ` ${key}`, compact: key.replaceAll(' ', '') };
  });
  const byPair = entriesBy(entries, pairsOf);
  const byInitial = entriesBy(entries, initialsOf);
  const toAsk = (queryKey: string): readonly SearchEntry[] => {
    if (queryKey.length === 1) return byInitial.get(queryKey) ?? [];
    // A first word of one letter need not stand beside the second.
    return queryKey[1] === ' ' ? entries : (byPair.get(queryKey.slice(0, 2)) ?? []);
  };
  return {
    find(query) {
      const queryKey = searchKey(query);
      if (queryKey === '') return [];
      const words = queryKey
        .split(' ')
        .slice(0, SEARCH_WORDS_MAX)
        .map((word) => ` ${word}`);
      const compactQuery = queryKey.replaceAll(' ', '');
      const begun: number[] = [];
      const within: number[] = [];
      for (const { place, begins, compact } of toAsk(queryKey))
        if (words.every((word) => begins.includes(word))) begun.push(place);
        else if (compactQuery.length >= 2 && compact.includes(compactQuery)) within.push(place);
      return [...begun, ...within];
    },
  };
};
