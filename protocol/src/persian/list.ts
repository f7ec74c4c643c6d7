import type { Locale } from './locale.ts';

const COMMA = { fa: '، ', en: ', ' } as const;
const LAST = { fa: { and: ' و ', or: ' یا ' }, en: { and: ' and ', or: ' or ' } } as const;

/** «الف، ب و ج», "a, b and c". An empty list is the empty string. */
export const joinList = (items: readonly string[], locale: Locale, last: 'and' | 'or' = 'and'): string => {
  if (items.length <= 1) return items[0] ?? '';
  return `${items.slice(0, -1).join(COMMA[locale])}${LAST[locale][last]}${items.at(-1)}`;
};
