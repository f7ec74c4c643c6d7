import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from '../rig/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandoq-daytest-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(script: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(ROOT, script), ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Quotes, a comma, Persian, a precinct split in two places, a candidate with one vote, a precinct of one voter. */
const BALLOTS = `precinct,choice,ballots
"Ward 1, North","O'NEIL, ""SLIM""",3
حوزهٔ ۲,زهرا محمدی,2
"Ward 1, North",undervote,2
"Ward 1, North",زهرا محمدی,4
حوزهٔ ۲,overvote,1
Lonely,undervote,1
`;

describe('a day on a ballots file', () => {
  it('comes out at the province as the file has it, precinct by precinct, and what it publishes is verified', {
    timeout: 240_000,
  }, async () => {
    const file = join(folder, 'ballots.csv');
    const out = join(folder, 'out');
    writeFileSync(file, BALLOTS);
    const day = await run('hardware-sim/rig/day.ts', '--ballots', file, '--out', out, '--lanes', '2');
    expect(day.stderr).not.toContain('DIFFERENCE');
    const last = JSON.parse(day.stdout.trim().split('\n').at(-1) as string) as {
      ok: boolean;
      figures: { votes: number; stations: number; totals: unknown; recounts_agreed: number };
    };
    expect(last, day.stderr).toMatchObject({
      name: 'day',
      ok: true,
      figures: { stations: 3, votes: 13, recounts_agreed: 3 },
    });
    expect(last.figures.totals).toEqual({
      contest: { 'زهرا محمدی': 6, 'O\'NEIL, "SLIM"': 3, undervote: 3, overvote: 1 },
    });
    expect(day.code).toBe(0);
    const rows = parse(readFileSync(join(out, 'totals.csv')), { columns: true, bom: true }) as Record<
      string,
      string
    >[];
    const wanted = parse(BALLOTS, { columns: true }) as Record<string, string>[];
    const key = (row: Record<string, string>): string =>
      JSON.stringify([row['precinct'], row['choice'], row['ballots']]);
    expect(rows.map(key).sort()).toEqual(wanted.map(key).sort());
    const verified = await run('protocol/bin/verify.ts', out);
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  });

  it.each([
    ['a missing column', 'precinct,choice\na,b\n', /line 1.*ballots/s],
    ['a negative number', 'precinct,choice,ballots\na,b,-1\n', /line 2/],
    ['no rows', 'precinct,choice,ballots\n', /no_rows/],
    ['a broken quote', 'precinct,choice,ballots\n"a,b,1\n', /malformed/],
  ])('refuses %s by its line, with 2', async (_name, text, message) => {
    const file = join(folder, 'bad.csv');
    writeFileSync(file, text);
    const ran = await run('hardware-sim/rig/day.ts', '--ballots', file);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(message);
  });

  it('refuses options that make no sense, with 2', async () => {
    for (const args of [
      ['--stations', '0'],
      ['--lanes', 'x'],
      ['--nonsense'],
      ['--ballots', '/nowhere.csv'],
    ]) {
      expect((await run('hardware-sim/rig/day.ts', ...args)).code, args.join(' ')).toBe(2);
    }
    expect((await run('hardware-sim/rig/day.ts', '--help')).code).toBe(0);
  });
});

describe('a day of the demonstration', () => {
  it('counts three contests and two ballot styles as planned', { timeout: 240_000 }, async () => {
    const day = await run('hardware-sim/rig/day.ts', '--voters', '12', '--stations', '2', '--lanes', '2');
    expect(JSON.parse(day.stdout.trim().split('\n').at(-1) as string), day.stderr).toMatchObject({
      ok: true,
      figures: { stations: 2, votes: 24, recounts_agreed: 2, differences: 0 },
    });
  });
});
