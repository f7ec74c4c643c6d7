/** Texts for people, from the catalogues. */
import en from '../../locales/en.json' with { type: 'json' };
import fa from '../../locales/fa.json' with { type: 'json' };
import type { Locale } from '../persian/locale.ts';

export type TextKey = keyof typeof fa;

const CATALOGUES: Readonly<Record<Locale, Readonly<Record<TextKey, string>>>> = { fa, en };

/** A text with its `{placeholders}` filled in. */
export function textOf(locale: Locale, key: TextKey, values: Readonly<Record<string, string>> = {}): string {
  return CATALOGUES[locale][key].replace(/\{([a-z_]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

export const isTextKey = (key: string): key is TextKey => Object.hasOwn(fa, key);
