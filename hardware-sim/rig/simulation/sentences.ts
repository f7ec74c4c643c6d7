/** Whether people are told what to do in every state that was passed: the screens' catalogues, in both languages. */
import { readFileSync } from 'node:fs';

const CATALOGUES = ['fa', 'en'].map(
  (language) =>
    JSON.parse(
      readFileSync(new URL(`../../../station-app/locales/${language}.json`, import.meta.url), 'utf8'),
    ) as Readonly<Record<string, unknown>>,
);

/** `next.CODE`, `code.CODE` and `code.person.CODE`, as the screens look them up. */
export function missingSentences(passed: Iterable<string>): readonly string[] {
  const has = (catalogue: Readonly<Record<string, unknown>>, key: string): boolean => {
    const nested = key
      .split('.')
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], catalogue);
    return typeof (catalogue[key] ?? nested) === 'string';
  };
  return [...new Set(passed)].filter((key) => {
    // A person's and a voter's have words of their own where they differ.
    const keys = [key, key.replace(/^code\.(person|voter)\./, 'code.')];
    return !CATALOGUES.every((catalogue) => keys.some((one) => has(catalogue, one)));
  });
}
