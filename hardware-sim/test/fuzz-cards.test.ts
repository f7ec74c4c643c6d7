/** The short version of `npm run lab -- fuzz-cards`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const LAB = join(import.meta.dirname, '..', 'lab', 'fuzz-cards.ts');

test('hostile reports, APDUs and rolls: a named answer to each, nothing falls, nothing grows', () => {
  const ran = spawnSync(process.execPath, [LAB, '--rounds', '5000', '--seed', '1405'], {
    encoding: 'utf8',
    timeout: 110_000,
  });
  expect(ran.stdout, ran.stderr).not.toBe('');
  const { ok, figures } = JSON.parse(ran.stdout);
  for (const kind of ['reports', 'apdus', 'rolls'])
    expect(figures[kind], ran.stderr).toMatchObject({ fallen: 0, without_a_named_answer: 0 });
  expect(figures.grown_bytes).toBeLessThanOrEqual(figures.grown_bytes_max);
  expect(ok).toBe(true);
}, 120_000);
