/** Participation for the civil registry: a real closed desk, the command, and what the record does not tell. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { admissionSubject, parseTyped, records } from '@sandoq/protocol';
import { afterEach, expect, test } from 'vitest';
import { peopleOf } from '../src/admission/participation.ts';
import { openRoom, type Room } from './admission-room.ts';
import { codeOf, STATION } from './admission-world.ts';

let room: Room | undefined;
afterEach(() => room?.close());

const command = (folder: string, out: string) => {
  const bin = join(import.meta.dirname, '..', 'bin', 'participation.ts');
  const args = [bin, '--config', join(folder, 'config.json'), '--out', out];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, last: JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown> };
};

test('the closed journal gives the admitted, in the order of their codes, and who returned her card is not among them', async () => {
  room = await openRoom();
  await room.open();
  for (const number of [7, 3, 5]) await room.admit(number);
  await room.call('tarefe.take_back', { reason: 'returned' });
  const out = join(room.folder, 'participation.cose');
  await room.stop();
  expect(command(room.folder, out)).toMatchObject({ status: 1, last: { ok: false } });
  expect(existsSync(out)).toBe(false);

  await room.start();
  await room.unlock();
  await room.call('doors.close', {});
  await room.call('admission.summary', {});
  await room.stop();
  expect(command(room.folder, out)).toMatchObject({ status: 0, last: { ok: true, people: 2 } });
  expect(statSync(out).mode & 0o777).toBe(0o600);
  const parsed = parseTyped(new Uint8Array(readFileSync(out)), 'participation', records.participationShape);
  if (!parsed.ok) throw new Error(parsed.fault.code);
  expect(parsed.value.record.signer).toBe(admissionSubject(STATION));
  expect(peopleOf(parsed.value.value)).toEqual([codeOf(3), codeOf(7)]);
  expect(parsed.value.value.constituency).toBe('here');
  // Never over what is there.
  expect(command(room.folder, out).status).toBe(1);
});
