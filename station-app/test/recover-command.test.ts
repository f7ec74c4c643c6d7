/** `npm run recover` as it is typed: what is missing is said before any PIN is asked for, and nothing is made in its place. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const COMMAND = join(import.meta.dirname, '..', 'bin', 'recover.ts');
const folder = mkdtempSync(join(tmpdir(), 'rc-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
function recover() {
  const options = {
    package: at('package'),
    authority: '00'.repeat(32),
    station: 's0001',
    box: at('box'),
    admission: at('summary'),
    'device-key': at('key'),
    reason: 'fire',
    'role-reader': `socket:${at('reader')}`,
    out: at('out'),
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const { status, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    // Nobody types: standard input has ended already.
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, said: stderr.split('\n\n')[0] };
}

test('each place that is not there is named, and no key is made where none was brought', () => {
  expect(recover()).toEqual({ status: 2, said: `--package: there is no ${at('package')}` });
  mkdirSync(at('package'));
  mkdirSync(at('box'));
  writeFileSync(at('summary'), 'a summary');
  expect(recover()).toEqual({
    status: 2,
    said: `--device-key: there is no ${join(at('key'), 'device.key')}`,
  });
  expect(existsSync(at('key'))).toBe(false);
  mkdirSync(at('key'));
  writeFileSync(join(at('key'), 'device.key'), new Uint8Array(32));
  const unanswered = recover();
  expect(unanswered.status).toBe(2);
  expect(unanswered.said).toMatch(/two PINs are wanted/);
});
