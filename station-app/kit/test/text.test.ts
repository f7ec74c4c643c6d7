import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogueProblems, createText, MISSING_TEXT_MARK } from '../src/text.ts';

const read = (path: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`../${path}.json`, import.meta.url), 'utf8')) as Record<string, string>;

const CATALOGUE = {
  counter: 'شمار: {count}',
  code: 'کد {code} از شعبه ۱۲',
  version: 'نسخه {digest}',
  name: 'پرونده {file} باز شد',
} as const;

describe('texts', () => {
  it.each(['locales', 'gallery/locales'])('%s say the same in both languages', (folder) => {
    expect(catalogueProblems(read(`${folder}/fa`), read(`${folder}/en`))).toEqual([]);
  });

  it('write numbers grouped and codes whole, in the digits of the language', () => {
    const t = createText(CATALOGUE, 'fa');
    expect(t('counter', { count: 80_101 })).toBe('شمار: ۸۰٬۱۰۱');
    expect(t('code', { code: '007' })).toBe('کد ۰۰۷ از شعبه ۱۲');
    expect(createText(CATALOGUE, 'en')('code', { code: '۰۰۷' })).toBe('کد 007 از شعبه 12');
  });

  it('leave verbatim values alone and isolate foreign letters', () => {
    const t = createText(CATALOGUE, 'fa');
    expect(t('version', { digest: { verbatim: '12 34' } })).toBe('نسخه 12 34');
    expect(t('version', { digest: { verbatim: 'ab12' } })).toBe('نسخه \u2068ab12\u2069');
    expect(createText({ who: 'Name: {name}' }, 'en')('who', { name: 'مهری' })).toBe('Name: \u2068مهری\u2069');
  });

  it('show a mark in place of what is missing, never nothing', () => {
    const t = createText(CATALOGUE, 'fa');
    expect(t('counter')).toBe(`شمار: ${MISSING_TEXT_MARK}count⟧`);
    expect((t as (key: string) => string)('toString')).toBe(`${MISSING_TEXT_MARK}toString⟧`);
    expect(t('counter', Object.create({ count: 1 }))).toContain(MISSING_TEXT_MARK);
  });

  it('do not read a parameter as a template', () => {
    expect(createText(CATALOGUE, 'fa')('name', { file: '{count}' })).toContain('{count}');
  });

  it('are found out by name when two languages differ', () => {
    const problems = catalogueProblems(
      { same: 'متن', lone: 'متن', parts: 'متن {a}', empty: ' ', arabic: 'علي' },
      { same: 'text', parts: 'text {b}', empty: 'text', arabic: 'text', foreign: 'text' },
    );
    expect(problems).toEqual([
      'lone: no English text',
      'parts: different parameters',
      'empty: empty text',
      'arabic: Arabic yeh or kaf in Persian text',
      'foreign: no Persian text',
    ]);
  });
});
