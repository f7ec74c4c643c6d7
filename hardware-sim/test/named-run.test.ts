/** A bench or lab that is asked for what it does not know says so in a sentence, by exit 2, and does nothing else. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const RIG = join(import.meta.dirname, '..', 'rig');
const run = (kind: 'bench' | 'lab', ...args: readonly string[]) =>
  spawnSync(process.execPath, [join(RIG, `${kind}.ts`), ...args], { encoding: 'utf8', timeout: 60_000 });

test.each([
  ['lab', 'model', '--no-such-option'],
  ['lab', 'model', '--show', 'noSuchRule'],
  ['bench', 'primitives', '--no-such-option'],
  ['lab', 'no-such-lab'],
] as const)('%s %s %s', (kind, name, ...rest) => {
  const { status, stdout, stderr } = run(kind, name, ...rest);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).not.toMatch(/\n {4}at /);
  expect(stderr).toMatch(/--help|usage/);
});

test('--help is answered, also where nothing can be set', () => {
  const { status, stderr } = run('bench', 'primitives', '--help');
  expect(status).toBe(0);
  expect(stderr).toMatch(/^usage: npm run bench -- primitives/);
});
