/** A configuration that is wrong is refused by the name of its field, with 2, without a secret repeated. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const BIN = join(import.meta.dirname, '..', 'bin');
const TOKEN = 'a-token-that-nobody-else-may-see';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandoq-configs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reader = { kind: 'socket', path: '/tmp/sandoq-no-reader' };
const shared = {
  station_id: 's0001',
  data_folder: '/tmp/sandoq-no-data',
  package_folder: '/tmp/sandoq-no-package',
  authority_public_key: '0'.repeat(64),
  province_url: null,
  socket: '/tmp/sandoq-no-socket',
  token: TOKEN,
};
const GOOD = {
  voting: { ...shared, box_path: '/tmp/sandoq-no-box', role_reader: reader },
  admission: { ...shared, reader, roll_path: null },
} as const;

function run(core: keyof typeof GOOD, text: string): { readonly code: number | null; readonly said: string } {
  const path = join(folder, `${core}.json`);
  writeFileSync(path, text, { mode: 0o600 });
  const ran = spawnSync(process.execPath, [join(BIN, `${core}.ts`), '--config', path], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: ran.status, said: `${ran.stdout}${ran.stderr}` };
}

describe.each(['voting', 'admission'] as const)('%s', (core) => {
  const without = (field: string): object =>
    Object.fromEntries(Object.entries(GOOD[core]).filter(([name]) => name !== field));
  const ownReader = core === 'voting' ? 'role_reader' : 'reader';
  test.each<readonly [what: string, config: object, field: string]>([
    ['a missing field', without('package_folder'), 'package_folder'],
    ['an unknown field', { ...GOOD[core], debug: true }, 'debug'],
    ['a field of another kind', { ...GOOD[core], data_folder: 7 }, 'data_folder'],
    ['a key that is no key', { ...GOOD[core], authority_public_key: 'zz' }, 'authority_public_key'],
    ['a socket path too long for Linux', { ...GOOD[core], socket: `/${'s'.repeat(200)}` }, 'socket'],
    ['a reader of no known kind', { ...GOOD[core], [ownReader]: { kind: 'usb', path: '/x' } }, ownReader],
    ['an address that is none', { ...GOOD[core], province_url: 'province' }, 'province_url'],
  ])('%s is named', (_what, config, field) => {
    const { code, said } = run(core, JSON.stringify(config));
    expect(code).toBe(2);
    expect(said).toContain(field);
    expect(said).not.toContain(TOKEN);
    expect(said).not.toMatch(/^ {4}at /m);
  });

  test('half a file, and a file that is not there', () => {
    const half = run(core, JSON.stringify(GOOD[core]).slice(0, 200));
    expect(half.code).toBe(2);
    expect(half.said).not.toContain(TOKEN);
    const ran = spawnSync(
      process.execPath,
      [join(BIN, `${core}.ts`), '--config', join(folder, 'none.json')],
      {
        encoding: 'utf8',
        timeout: 60_000,
      },
    );
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain('none.json');
  });
});
