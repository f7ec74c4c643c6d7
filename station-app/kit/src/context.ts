import type { Locale } from '@sandoq/protocol/persian';
import { createContext, useContext } from 'react';
import en from '../locales/en.json' with { type: 'json' };
import fa from '../locales/fa.json' with { type: 'json' };
import type { Mode } from './display.ts';
import { type Catalogue, createText, type Text } from './text.ts';

export interface RootValue {
  readonly locale: Locale;
  readonly mode: Mode;
}

export const RootContext = createContext<RootValue>({ locale: 'fa', mode: 'official' });

export const useRoot = (): RootValue => useContext(RootContext);

/** By catalogue: every card on a screen asks for the same few texts, and each would write them anew. */
const written = { fa: new WeakMap<Catalogue, Text<string>>(), en: new WeakMap<Catalogue, Text<string>>() };

const textOf = (catalogue: Catalogue, locale: Locale): Text<string> => {
  const known = written[locale].get(catalogue);
  if (known !== undefined) return known;
  const made = createText(catalogue, locale);
  written[locale].set(catalogue, made);
  return made;
};

/** The texts of a screen in the language of its `<Root>`: `const t = useTexts({ fa, en })`. */
export const useTexts = <Entries extends Catalogue>(catalogues: {
  readonly fa: Entries;
  readonly en: Entries;
}): Text<keyof Entries & string> => {
  const { locale } = useRoot();
  return textOf(catalogues[locale], locale);
};

const KIT_TEXTS = { fa, en };

export const useKitTexts = (): Text<keyof typeof fa> => useTexts(KIT_TEXTS);
