/** Strangers' software uses our simulated national card: `npm run lab -- opensc`, whole, since it takes three seconds. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const LAB = join(import.meta.dirname, '..', 'lab', 'opensc.ts');
const PROGRAMS = ['/usr/sbin/pcscd', '/usr/bin/opensc-tool', '/etc/reader.conf.d/vpcd'];

test('OpenSC lists the national card through pcscd, reads its certificate, and signs behind the PIN', (context) => {
  const lacks = PROGRAMS.filter((path) => !existsSync(path));
  if (lacks.length > 0) return context.skip(`not on this machine: ${lacks.join(', ')}`);
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0)
    return context.skip('no mount namespace of its own is given here');
  const ran = spawnSync(process.execPath, [LAB], { encoding: 'utf8', timeout: 120_000 });
  expect(ran.stdout, ran.stderr).not.toBe('');
  const { ok, figures } = JSON.parse(ran.stdout);
  expect(figures).toMatchObject({
    certificates: 1,
    private_keys: 1,
    certificate_names_holder: true,
    certificate_signed_by_registry: true,
    signature_verified: true,
    wrong_pin_refused: true,
    absent_card_refused: true,
  });
  expect(ok).toBe(true);
}, 180_000);
