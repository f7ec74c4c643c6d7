/** What the admission side keeps, against all that the box ever sees of it: the armed cards. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode, records } from '@sandoq/protocol';
import { afterEach, expect, test } from 'vitest';
import { openRoom, type Room } from './admission-room.ts';
import { type NamedBytes, sharedRuns } from './join.ts';

let room: Room | undefined;
afterEach(() => room?.close());

const filesIn = (folder: string): NamedBytes[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, bytes: readFileSync(join(entry.parentPath, entry.name)) }));

test('the attack finds an identifier that is planted on both sides, in bytes or in hex', () => {
  const secret = Uint8Array.of(3, 141, 59, 26, 53, 58, 97, 93, 23, 84);
  const padded = Uint8Array.of(0, 0, ...secret, 0, 0);
  const hex = Buffer.from(Buffer.from(secret).toString('hex'));
  expect(sharedRuns([{ name: 'a', bytes: padded }], [{ name: 'b', bytes: secret }], [])).not.toEqual([]);
  expect(sharedRuns([{ name: 'a', bytes: hex }], [{ name: 'b', bytes: secret }], [])).not.toEqual([]);
  const known = [{ name: 'public', bytes: secret }];
  expect(sharedRuns([{ name: 'a', bytes: padded }], [{ name: 'b', bytes: secret }], known)).toEqual([]);
});

test('no bytes of an armed card are in the admission files, but what is public', async () => {
  room = await openRoom();
  await room.open();
  const cards: NamedBytes[] = [];
  for (const number of [1, 2, 3, 4]) {
    await room.admit(number);
    const armed = room.tarefe().armed;
    if (armed === null) throw new Error('not armed');
    cards.push({ name: `card ${number}`, bytes: encode(records.armStatementShape, armed.statement) });
    for (const approval of armed.approvals) cards.push({ name: `approval ${number}`, bytes: approval });
  }
  await room.call('doors.close', {});
  await room.call('admission.summary', {});
  await room.stop();
  const admission = filesIn(room.data).filter(({ name }) => name !== 'device.key');
  const known = filesIn(join(room.folder, 'package'));
  // The frame of every signed record, with the election's and the roles' names, is public; the log's checkpoints have it too.
  const frame = cards.map(({ name, bytes }) => ({ name, bytes: bytes.subarray(0, 90) }));
  const found = sharedRuns(admission, cards, [
    ...known,
    ...frame.filter(({ name }) => name.startsWith('approval')),
  ]);
  expect(found).toEqual([]);
});
