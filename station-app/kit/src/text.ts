import { formatInteger, type Locale, localizeDigits } from '@sandoq/protocol/persian';

/**
 * Texts for people, one JSON file a language: key to text with `{param}`. No plural forms: texts are worded so
 * that none is needed (Persian nouns after a number stay singular; English puts the number last or apart).
 */
export type Catalogue = Readonly<Record<string, string>>;

/** A string whose digits must not be changed: a digest, a version, a file name. */
export interface Verbatim {
  readonly verbatim: string;
}

export type TextParams = Readonly<Record<string, string | number | bigint | Verbatim>>;

export type Text<Keys extends string> = (key: Keys, params?: TextParams) => string;

/**
 * Surrounds a key or parameter that a text lacks. On a running station a visible mark is better than a blank
 * screen; tests of screens assert that no page contains it.
 */
export const MISSING_TEXT_MARK = '⟦';
const missing = (name: string): string => `${MISSING_TEXT_MARK}${name}⟧`;

const PARAM = /\{([a-zA-Z][a-zA-Z0-9]*)\}/g;

// First strong isolate … pop directional isolate: keeps a foreign-script value from reordering its sentence.
const isolate = (value: string): string => `\u2068${value}\u2069`;
const RIGHT_TO_LEFT_LETTER = /\p{Script=Arabic}/u;
const LEFT_TO_RIGHT_LETTER = /\p{Script=Latin}/u;

const writeParam = (value: TextParams[string], locale: Locale): string => {
  if (typeof value === 'number' || typeof value === 'bigint') return formatInteger(value, locale);
  const text = typeof value === 'string' ? localizeDigits(value, locale) : value.verbatim;
  const foreign = locale === 'fa' ? LEFT_TO_RIGHT_LETTER : RIGHT_TO_LEFT_LETTER;
  return foreign.test(text) ? isolate(text) : text;
};

/** `t(key, params)` for one language. Whole numbers are grouped; digits are those of the language. */
export const createText = <Entries extends Catalogue>(
  catalogue: Entries,
  locale: Locale,
): Text<keyof Entries & string> => {
  // A screen asks for the same hundred texts at each key press.
  const templates = new Map<string, string>();
  return (key, params = {}) => {
    let template = templates.get(key);
    if (template === undefined) {
      const found = Object.hasOwn(catalogue, key) ? catalogue[key] : undefined;
      if (found === undefined) return missing(key);
      template = localizeDigits(found, locale);
      templates.set(key, template);
    }
    return template.replace(PARAM, (_whole, name: string) => {
      const value = Object.hasOwn(params, name) ? params[name] : undefined;
      return value === undefined ? missing(name) : writeParam(value, locale);
    });
  };
};

const paramsOf = (text: string): string =>
  [...new Set([...text.matchAll(PARAM)].map((match) => match[1]))].sort().join(',');

/** What keeps two languages from being one catalogue, in words; empty when nothing does. For tests. */
export const catalogueProblems = (fa: Catalogue, en: Catalogue): readonly string[] => {
  const problems: string[] = [];
  for (const key of new Set([...Object.keys(fa), ...Object.keys(en)])) {
    const persian = fa[key];
    const english = en[key];
    if (persian === undefined) problems.push(`${key}: no Persian text`);
    else if (english === undefined) problems.push(`${key}: no English text`);
    else {
      if (persian.trim() === '' || english.trim() === '') problems.push(`${key}: empty text`);
      if (paramsOf(persian) !== paramsOf(english)) problems.push(`${key}: different parameters`);
      if (/[يك]/.test(persian)) problems.push(`${key}: Arabic yeh or kaf in Persian text`);
    }
  }
  return problems;
};
