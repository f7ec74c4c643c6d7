/** `npm run reconcile` as a person runs it, on Iran's results of 2009 and 2024 where the corpora are at hand. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const CORPUS = join(process.env['SANDOQ_CORPORA'] ?? join(ROOT, '..', 'shared', 'corpora'), 'iran-elections');
const folder = mkdtempSync(join(tmpdir(), 'sandoq-reconcile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Level {
  readonly level: string;
  readonly reported: number;
  readonly disagreeing: number;
  readonly names: readonly string[];
}
interface Figures {
  readonly rows: number;
  readonly places: number;
  readonly whole: Readonly<Record<string, number>>;
  readonly levels: readonly Level[];
  readonly findings: number;
  readonly matched_by_spelling: Readonly<Record<string, string>>;
}

const node = (script: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, [join(ROOT, script), ...args], { encoding: 'utf8', timeout: 30_000 });

function reconcile(...args: readonly string[]) {
  const ran = node('tally-server/bin/reconcile.ts', ...args);
  const last = ran.stdout.trim().split('\n').at(-1) ?? '';
  const said =
    last === '' ? undefined : (JSON.parse(last) as { name: string; ok: boolean; figures: Figures });
  return { status: ran.status, said, stderr: ran.stderr };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('reconcile', () => {
  it('a table that agrees', () => {
    const path = file(
      'good.csv',
      '\ufeffاستان,شهرستان,آرای مأخوذه,باطله,صحیح,الف,ب\r\nمرکزی,اراک,"۱,۰۰۰",۱۰,۹۹۰,۹۰۰,۹۰\r\n',
    );
    const { status, said } = reconcile(path);
    expect(status).toBe(0);
    expect(said).toMatchObject({ name: 'reconcile', ok: true, figures: { rows: 1, places: 1, findings: 0 } });
    expect(said?.figures.whole).toEqual({ total: 1000, invalid: 10, valid: 990, الف: 900, ب: 90 });
  });

  it('says in Persian what disagrees, and exits 1', () => {
    const path = file('bad.csv', 'province,county,total,valid,invalid,A\nX,Y,100,90,9,90\n');
    const { status, said, stderr } = reconcile(path);
    expect([status, said?.ok]).toEqual([1, false]);
    expect(stderr).toContain('۱۰۰ در برابر ۹۹؛ اختلاف ۱');
  });

  it.each([
    ['no place', 'total,valid\n1,1\n'],
    ['no count', 'province\nX\n'],
    ['a word where a count stands', 'province,total,valid\nX,1,many\n'],
    ['a negative count', 'province,total,A\nX,1,-1\nY,1,1\n'],
    ['an empty place', 'province,county,total\nX,,1\n'],
    ['rows of two lengths', 'province,total\nX,1,2\n'],
    ['an open quote', 'province,total\n"X,1\n'],
    ['one candidate twice', 'province,total,A,a\nX,2,1,1\n'],
  ])('refuses %s as a table, with its row', (_, text) => {
    const { status, said, stderr } = reconcile(file('refused.csv', text));
    expect([status, said]).toEqual([2, undefined]);
    expect(stderr).toMatch(/row \d|line \d/);
  });

  it('no file, two files and an unknown option are usage', () => {
    for (const args of [[], ['a', 'b'], ['--what'], [join(folder, 'absent.csv')]])
      expect(reconcile(...args).status).toBe(2);
  });
});

describe.skipIf(!existsSync(CORPUS))('Iran', () => {
  const counties = join(CORPUS, '2009-president-by-county.openintro.csv');
  const provinces = join(CORPUS, '2009-president-by-province.csv');

  it('2009: 366 counties roll up to 30 provinces; exactly 9 counties and 8 provinces do not agree', () => {
    const rolled = join(folder, 'rolled.json');
    const { status, said } = reconcile(counties, '--against', provinces, '--rolled-up', rolled);
    expect(status).toBe(1);
    const figures = said?.figures as Figures;
    expect([figures.rows, figures.places]).toEqual([366, 30]);
    expect(figures.whole).toMatchObject({ valid: 38_728_799, ahmadinejad: 24_515_209, mousavi: 13_225_330 });
    const [province, county] = figures.levels as [Level, Level];
    expect([province.level, province.reported, province.disagreeing]).toEqual(['province', 30, 8]);
    expect([county.level, county.reported, county.disagreeing]).toEqual(['county', 366, 9]);
    expect(province.names).toContain('Hormozgan');
    expect(county.names).toContain('Hormozgan / Bandar Abas');
    expect(Object.keys(figures.matched_by_spelling)).toHaveLength(4);
    const { places } = JSON.parse(readFileSync(rolled, 'utf8')) as {
      places: { place: string[]; leaves: number }[];
    };
    expect(places.reduce((sum, { place, leaves }) => sum + (place.length === 1 ? leaves : 0), 0)).toBe(366);
  });

  it('2009: candidates and valid votes roll up to every province exactly', () => {
    const { stderr } = reconcile(counties, '--against', provinces, '--lang', 'en');
    const sums = stderr.split('\n').filter((line) => line.includes('sum of the parts'));
    expect(sums).toHaveLength(8);
    for (const line of sums) expect(line).toMatch(/: (total|invalid): /);
  });

  it('2009: the nation elects by law from the files that it wrote for the law', () => {
    const prefix = join(folder, 'iran-2009');
    reconcile(counties, '--law', prefix);
    const law = node(
      'protocol/bin/law.ts',
      '--election',
      `${prefix}.election.json`,
      '--results',
      `${prefix}.results.json`,
    );
    const outcome = JSON.parse(law.stdout) as { contests: { elected: { candidate: string }[] }[] };
    expect(outcome.contests[0]?.elected.map(({ candidate }) => candidate)).toEqual(['ahmadinejad']);
  });

  it('2024: the first round yields its runoff by law', () => {
    const { rounds } = JSON.parse(readFileSync(join(CORPUS, 'presidential-2024-national.json'), 'utf8')) as {
      rounds: {
        ballotsCounted: number;
        valid: number;
        invalid: number;
        candidates: { nameEn: string; votes: number }[];
        expected: { runoff: string[] | null };
      }[];
    };
    const first = rounds[0];
    if (first === undefined) throw new Error('no first round');
    const header = ['nation', 'total', 'valid', 'invalid', ...first.candidates.map(({ nameEn }) => nameEn)];
    const row = [
      'Iran',
      first.ballotsCounted,
      first.valid,
      first.invalid,
      ...first.candidates.map(({ votes }) => votes),
    ];
    const prefix = join(folder, 'iran-2024');
    const { status } = reconcile(
      file('2024.csv', `${header.join(',')}\n${row.join(',')}\n`),
      '--law',
      prefix,
    );
    expect(status).toBe(0);
    const law = node(
      'protocol/bin/law.ts',
      '--election',
      `${prefix}.election.json`,
      '--results',
      `${prefix}.results.json`,
    );
    const outcome = JSON.parse(law.stdout) as {
      contests: { status: string; elected: unknown[]; runoff: { candidates: { candidate: string }[] } }[];
    };
    expect(outcome.contests[0]).toMatchObject({ status: 'runoff', elected: [] });
    expect(outcome.contests[0]?.runoff.candidates.map(({ candidate }) => candidate)).toEqual(
      first.expected.runoff,
    );
  });
});
