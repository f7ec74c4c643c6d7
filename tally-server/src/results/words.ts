/** How a page speaks: a catalogue, digits, dates and links of one language. */
import type { records } from '@sandoq/protocol';
import {
  formatInstant,
  formatInteger,
  formatPercent,
  type Locale,
  localizeDigits,
} from '@sandoq/protocol/persian';
import { isTextKey, type TextKey } from '../texts.ts';
import { linkIn, type Say, sayIn } from '../web/page.ts';

export interface Words {
  readonly locale: Locale;
  readonly say: Say;
  readonly name: (both: records.Bilingual) => string;
  readonly number: (value: number) => string;
  readonly percent: (share: number) => string;
  /** candidate codes: digits of the language, leading zeros kept */
  readonly code: (text: string) => string;
  readonly instant: (epochSeconds: number) => string;
  readonly link: (path: string) => string;
  /** a text whose key is made from data; the data's own word where the catalogue has none */
  readonly term: (prefix: string, word: string) => string;
}

export function wordsIn(locale: Locale, utcOffsetMinutes: number): Words {
  const say = sayIn(locale);
  return {
    locale,
    say,
    name: (both) => both[locale],
    number: (value) => formatInteger(value, locale),
    percent: (share) => formatPercent(share, 1, locale),
    code: (text) => localizeDigits(text, locale),
    instant: (epochSeconds) => formatInstant(epochSeconds * 1000, utcOffsetMinutes, locale),
    link: linkIn(locale),
    term: (prefix, word) => {
      const key = `${prefix}.${word}`;
      return isTextKey(key) ? say(key as TextKey) : word;
    },
  };
}
