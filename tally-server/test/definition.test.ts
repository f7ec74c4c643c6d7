import { type ElectionDefinitionInput, parseElectionDefinition } from '@sandoq/tally-server';
import { describe, expect, it } from 'vitest';
import { DEFINITION, NOW_SECONDS } from './province.ts';

const [president, majles] = DEFINITION.contests as [
  ElectionDefinitionInput['contests'][number],
  ElectionDefinitionInput['contests'][number],
];
const [first] = president.candidates as [(typeof president.candidates)[number]];

const mistakes = (json: unknown): readonly string[] => {
  const parsed = parseElectionDefinition(json, NOW_SECONDS);
  return parsed.ok ? [] : parsed.fault.map(({ path }) => path);
};
const withPresident = (change: object) => ({
  ...DEFINITION,
  contests: [{ ...president, ...change }, majles],
});

describe('a definition is judged before anyone signs it', () => {
  it('fills in what may be left out', () => {
    const parsed = parseElectionDefinition(
      { id: 'small', title: DEFINITION.title, contests: [president] },
      NOW_SECONDS,
    );
    expect(parsed.ok).toBe(true);
    if (!parsed.ok) return;
    expect(parsed.value.definition.styles.map(({ contests }) => contests)).toEqual([['president']]);
    expect(parsed.value.definition.settings).toMatchObject({
      opensAt: NOW_SECONDS,
      closesAt: NOW_SECONDS + 36_000,
      openMinutesMin: 600,
      denominator: 'all_votes',
    });
    expect(parsed.value.definition.rasters).toEqual({ widthDots: 384, heightDots: 40 });
  });

  it.each<[string, unknown, string]>([
    ['an id in capitals', { ...DEFINITION, id: 'Demo' }, 'id'],
    ['the reserved id', { ...DEFINITION, id: 'none' }, 'id'],
    ['a field that nobody knows', { ...DEFINITION, candidate: [] }, ''],
    ['no Persian title', { ...DEFINITION, title: { en: 'Election' } }, 'title.fa'],
    [
      'a name too long for the record',
      withPresident({ title: { fa: 'ا'.repeat(81), en: 'x' } }),
      'contests[0].title.fa',
    ],
    [
      'a control character in a name',
      withPresident({ title: { fa: 'الف\u0007', en: 'x' } }),
      'contests[0].title.fa',
    ],
    ['an unknown law', withPresident({ law: 'lottery' }), 'contests[0].law'],
    ['no seats', withPresident({ seats: 0 }), 'contests[0].seats'],
    ['more choices than a ballot holds', withPresident({ choicesMax: 33 }), 'contests[0].choicesMax'],
    ['no candidates', withPresident({ candidates: [] }), 'contests[0].candidates'],
    [
      'a code that is a number',
      withPresident({ candidates: [{ ...first, code: 11 }] }),
      'contests[0].candidates[0].code',
    ],
    ['a code repeated', withPresident({ candidates: [first, first] }), 'contests[0].candidates[1].code'],
    [
      'codes of unequal digits',
      withPresident({ candidates: [first, { ...first, code: '007' }] }),
      'contests[0].candidates[1].code',
    ],
    [
      'too many candidates',
      withPresident({
        candidates: Array.from({ length: 4097 }, (_, i) => ({ ...first, code: String(i).padStart(4, '0') })),
      }),
      'contests[0].candidates',
    ],
    ['a contest id twice', { ...DEFINITION, contests: [president, president] }, 'contests[1].id'],
    ['nine contests', { ...DEFINITION, contests: Array.from({ length: 9 }, () => president) }, 'contests'],
    [
      'a style with an unknown contest',
      { ...DEFINITION, styles: [{ id: 's', name: DEFINITION.title, contests: ['mayor'] }] },
      'styles[0].contests[0]',
    ],
    ['hours reversed', { ...DEFINITION, settings: { opensAt: 100, closesAt: 100 } }, 'settings.closesAt'],
    [
      'an hour without offset',
      { ...DEFINITION, settings: { opensAt: '2026-11-22T08:00:00' } },
      'settings.opensAt',
    ],
    [
      'a raster width that is no multiple of 8',
      { ...DEFINITION, rasters: { widthDots: 390 } },
      'rasters.widthDots',
    ],
    [
      'a city council of a number of seats that the law does not know',
      withPresident({ law: 'city_council', seats: 6, choicesMax: 6 }),
      'contests[0].seats',
    ],
    ['not an object', 'election', ''],
  ])('refuses %s by its path', (_, json, path) => {
    expect(mistakes(json)).toContain(path);
  });

  it('names every mistake at once', () => {
    const json = {
      ...withPresident({ candidates: [first, first] }),
      styles: [{ id: 's', name: DEFINITION.title, contests: ['mayor'] }],
    };
    expect(mistakes(json)).toEqual(['contests[0].candidates[1].code', 'styles[0].contests[0]']);
  });

  it('warns, and does not refuse, where more may be chosen than stand', () => {
    const parsed = parseElectionDefinition(withPresident({ law: 'plurality', choicesMax: 5 }), NOW_SECONDS);
    expect(parsed.ok && parsed.value.warnings.map(({ path }) => path)).toContain('contests[0].choicesMax');
  });
});
