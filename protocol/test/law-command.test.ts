import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../src/law/index.ts';
import { runLaw } from './law-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'law-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const candidates = Array.from({ length: 3_500 }, (_, i) => `${10_000 + i}`);
const election = file('election.json', {
  form: 'sandoq.law.election/1',
  election: 'tehran',
  contests: [
    {
      id: 'majles',
      rule: 'majles',
      seats: 30,
      threshold: { numerator: 1, denominator: 5, of: 'valid_votes' },
      candidates: candidates.map((id) => ({ id })),
    },
  ],
});

function results(boxes: number): unknown {
  const votes = Object.fromEntries(candidates.map((id, i) => [id, i % 7]));
  const marks = Object.values(votes).reduce((sum, count) => sum + count, 0);
  const valid = 1_000;
  const sums = {
    contest: 'majles',
    records: valid,
    valid,
    blank: 0,
    invalid: 0,
    not_counted: 0,
    marks,
    undervotes: valid * 30 - marks,
    votes,
  };
  return {
    form: 'sandoq.law.results/1',
    election: 'tehran',
    boxes: Array.from({ length: boxes }, (_, i) => ({ id: `box ${i}`, contests: [sums] })),
  };
}

describe('npm run law', () => {
  const good = file('results.json', results(300));

  it('prints the outcome of 3,500 candidates in 300 boxes as one line, and the same line again', () => {
    const run = runLaw('--election', election, '--results', good, '--lots', 'seed');
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout.indexOf('\n')).toBe(run.stdout.length - 1);
    const [certificate] = (JSON.parse(run.stdout) as Outcome).contests;
    expect(certificate).toMatchObject({ boxes: 300, status: 'runoff', runoff: { seats: 30, places: 60 } });
    expect(runLaw('--election', election, '--results', good, '--lots', 'seed').stdout).toBe(run.stdout);
    // 500 candidates have the most votes: without lots nobody of them is preferred.
    const open = JSON.parse(runLaw('--election', election, '--results', good).stdout) as Outcome;
    expect(open.contests[0]).toMatchObject({ status: 'needs_draw', runoff: { candidates: [] } });
    expect(open.contests[0]?.ties[0]?.between).toHaveLength(500);
  });

  it('explains itself', () => {
    const run = runLaw('--help');
    expect([run.status, run.stderr]).toEqual([0, '']);
    for (const option of ['--election', '--results', '--lots', 'Exit:']) expect(run.stdout).toContain(option);
  });

  it('refuses a file with exit 1, in words and as JSON, with the place in the file', () => {
    const bad = JSON.stringify(results(2)).replace('"records":1000', '"records":1001');
    const run = runLaw('--election', election, '--results', file('bad.json', bad));
    expect(run.status).toBe(1);
    const path = '$.boxes[0].contests[0].records';
    expect(run.stderr).toContain(`at ${path}`);
    expect(run.stderr).toContain('expected records = valid + blank + invalid');
    expect(JSON.parse(run.stdout)).toMatchObject({ form: 'sandoq.law.refusal/1', file: 'results', path });
    const swapped = runLaw('--election', good, '--results', good);
    expect([swapped.status, JSON.parse(swapped.stdout)]).toMatchObject([
      1,
      { file: 'election', path: '$.form' },
    ]);
  });

  it.each([
    ['nothing', []],
    ['no results', ['--election', election]],
    ['an unknown option', ['--election', election, '--results', good, '--lot', 'x']],
    ['a stray word', ['--election', election, '--results', good, 'x']],
    ['a missing file', ['--election', join(folder, 'none.json'), '--results', good]],
    ['a folder', ['--election', folder, '--results', good]],
    ['an empty seed', ['--election', election, '--results', good, '--lots', '']],
    ['a seed of two lines', ['--election', election, '--results', good, '--lots', 'a\nb']],
    ['an option twice', ['--election', election, '--election', election, '--results', good]],
  ])('answers %s with exit 2, a reason and nothing on standard output', (_, options) => {
    const run = runLaw(...options);
    expect([run.status, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toMatch(/^law: .+\nSee --help\.\n$/s);
  });
});
