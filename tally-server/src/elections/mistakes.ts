/**
 * A mistake in an election definition, in words: where it is, as a person finds it on the form, and what is wrong and
 * wanted. The path stays beside it for programs. Pure.
 */
import { joinList, type Locale, localizeDigits } from '@sandoq/protocol/persian';
import type { z } from 'zod';
import { isTextKey, type TextKey, textOf } from '../texts.ts';

/** Words of the catalogue under `mistake.`; the values fill their places. */
export interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly code: string;
  readonly values: Readonly<Record<string, string | number>>;
}

export interface DefinitionMistake {
  /** for example `contests[1].candidates[17].code` */
  readonly path: string;
  /** where it is, in words */
  readonly where_fa: string;
  readonly where_en: string;
  readonly code: string;
  readonly message: string;
  readonly message_fa: string;
}

export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );

/** A path as the law and others write it, taken apart again. */
export const pathOf = (text: string): readonly PropertyKey[] =>
  [...text.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) =>
    index === undefined ? (name as string) : Number(index),
  );

const SEPARATORS: Readonly<Record<Locale, string>> = { fa: '، ', en: ', ' };

/** «رأی‌گیری ۲، نامزد ۱۸، کد» */
export function whereText(locale: Locale, path: readonly PropertyKey[]): string {
  const words: string[] = [];
  for (const [i, part] of path.entries()) {
    if (typeof part === 'number') {
      const list = `where.${String(path[i - 1])}`;
      const one = isTextKey(`${list}.one`) ? textOf(locale, `${list}.one` as TextKey) : String(path[i - 1]);
      words.push(`${one} ${localizeDigits(String(part + 1), locale)}`);
    } else if (typeof path[i + 1] !== 'number') {
      const key = `where.${String(part)}`;
      words.push(isTextKey(key) ? textOf(locale, key) : String(part));
    }
  }
  return words.length === 0 ? textOf(locale, 'where.whole') : words.join(SEPARATORS[locale]);
}

function messageText(locale: Locale, { code, values }: Mistake): string {
  const key = `mistake.${code}`;
  const filled = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' ? localizeDigits(String(value), locale) : value,
    ]),
  );
  if (!isTextKey(key)) throw new Error(`no sentence for the mistake ${code}`);
  return textOf(locale, key, filled);
}

export const told = (mistake: Mistake): DefinitionMistake => ({
  path: pathText(mistake.path),
  where_fa: whereText('fa', mistake.path),
  where_en: whereText('en', mistake.path),
  code: mistake.code,
  message: messageText('en', mistake),
  message_fa: messageText('fa', mistake),
});

type Issue = z.core.$ZodIssue;

function sizeMistake(issue: Issue & { readonly code: 'too_small' | 'too_big' }): Omit<Mistake, 'path'> {
  const small = issue.code === 'too_small';
  const bound = Number(issue.code === 'too_small' ? issue.minimum : issue.maximum);
  if (issue.origin === 'string')
    return small ? { code: 'empty', values: {} } : { code: 'too_long', values: { bound } };
  if (issue.origin === 'array') return { code: small ? 'too_few' : 'too_many', values: { bound } };
  return { code: small ? 'below' : 'above', values: { bound } };
}

/** What the schema found, by the catalogue's names: every kind of issue has its own sentence. */
export function mistakeOfIssue(issue: Issue): Mistake {
  const { path } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && !/received (?!undefined)/.test(issue.message)
        ? { path, code: 'missing', values: {} }
        : { path, code: 'wrong_type', values: { type: issue.expected } };
    case 'too_small':
    case 'too_big':
      return { path, ...sizeMistake(issue) };
    case 'invalid_value':
      return { path, code: 'not_one_of', values: { allowed: joinList(issue.values.map(String), 'en') } };
    case 'unrecognized_keys':
      return { path, code: 'unknown_field', values: { fields: issue.keys.join(', ') } };
    case 'not_multiple_of':
      return { path, code: 'multiple', values: { of: Number(issue.divisor) } };
    case 'invalid_format':
      return { path, code: path.at(-1) === 'code' ? 'code_digits' : 'format', values: {} };
    case 'invalid_union':
      return { path, code: 'instant', values: {} };
    case 'custom': {
      const code: unknown = issue.params?.['mistake'];
      const { mistake: _, ...values } = issue.params ?? {};
      return { path, code: typeof code === 'string' ? code : 'format', values: values as Mistake['values'] };
    }
    default:
      return { path, code: 'format', values: {} };
  }
}
