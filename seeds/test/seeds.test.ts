import { readFileSync } from 'node:fs';
import { parseNationalCode } from '@sandoq/protocol/persian';
import { parseElectionDefinition } from '@sandoq/tally-server';
import { describe, expect, it } from 'vitest';
import { seedFiles } from '../generate/files.ts';
import { demonstrationElection, people, RESIDENT_CONSTITUENCY } from '../generate/index.ts';

describe('the seeds', () => {
  it('are what the generator writes', () => {
    for (const [path, content] of Object.entries(seedFiles()))
      expect(
        readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'),
        'run node seeds/generate/write.ts',
      ).toBe(content);
  });
  it('hold a definition that can be signed: 4, 200 and some council candidates, visitors in one contest', () => {
    const parsed = parseElectionDefinition(demonstrationElection(), 1_800_000_000);
    expect(parsed).toMatchObject({ ok: true });
    if (!parsed.ok) return;
    const { contests, styles } = parsed.value.definition;
    expect(contests.map((contest) => [contest.law, contest.seats, contest.candidates.length])).toEqual([
      ['president', 1, 4],
      ['majles', 5, 200],
      ['city_council', 7, 36],
    ]);
    expect(styles.map((style) => style.contests.length)).toEqual([3, 1]);
    for (const contest of contests)
      expect(new Set(contest.candidates.map((one) => one.name.fa)).size).toBe(contest.candidates.length);
  });
  it('make people with correct, distinct national codes, the same for the same seed', () => {
    const today = Date.UTC(2026, 10, 22);
    const first = [...people(5, 2000, [RESIDENT_CONSTITUENCY], today)];
    expect([...people(5, 2000, [RESIDENT_CONSTITUENCY], today)]).toEqual(first);
    expect(new Set(first.map((person) => person.national_code)).size).toBe(2000);
    for (const person of first)
      expect(parseNationalCode(person.national_code).ok, person.national_code).toBe(true);
    expect([...people(6, 10, [RESIDENT_CONSTITUENCY], today)]).not.toEqual(first.slice(0, 10));
  });
});
