/** Texts of the papers in one language, with numbers, dates and names as its readers write them. */
import { type Catalogue, createText, type TextParams } from '@sandoq/kit/text.ts';
import type { records } from '@sandoq/protocol';
import { formatInstant, formatInteger, type Locale, localizeDigits } from '@sandoq/protocol/persian';
import en from '../../locales/en.json' with { type: 'json' };
import fa from '../../locales/fa.json' with { type: 'json' };

const CATALOGUES: Readonly<Record<Locale, Catalogue>> = { fa, en };

export interface Say {
  readonly locale: Locale;
  text(key: string, params?: TextParams): string;
  number(value: number): string;
  /** digits of a code, ungrouped */
  digits(text: string): string;
  instant(epochSeconds: number): string;
  name(of: records.Bilingual): string;
}

export function sayIn(locale: Locale, utcOffsetMinutes: number): Say {
  const text = createText(CATALOGUES[locale], locale);
  return {
    locale,
    text,
    number: (value) => formatInteger(value, locale),
    digits: (digits) => localizeDigits(digits, locale),
    instant: (epochSeconds) => formatInstant(epochSeconds * 1000, utcOffsetMinutes, locale),
    name: (of) => of[locale],
  };
}
