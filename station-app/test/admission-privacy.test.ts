/** What the admission side leaves behind: nothing that names a card, nothing that tells who came when. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INS, toHex } from '@sandoq/protocol';
import { afterEach, expect, test } from 'vitest';
import { IN_HAND_BYTES } from '../src/admission/in-hand.ts';
import { openRoom, type Room } from './admission-room.ts';
import { codeOf, PINS, VOTER_PIN } from './admission-world.ts';

let room: Room;
afterEach(() => room.close());

function everyFile(folder: string): { readonly name: string; readonly bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({
      name: entry.name,
      bytes: readFileSync(join(entry.parentPath, entry.name)),
    }));
}

const holds = (bytes: Buffer, needle: Uint8Array): boolean =>
  bytes.includes(Buffer.from(needle)) ||
  bytes.includes(toHex(needle)) ||
  bytes.includes(Buffer.from(needle).toString('base64').slice(0, 20));

test('no arming nonce, approval or PIN is in any file or log line, while running and after a kill', async () => {
  room = await openRoom();
  await room.open();
  const nonces: Uint8Array[] = [];
  const signatures: Uint8Array[] = [];
  for (const number of [1, 2, 3]) {
    await room.admit(number);
    const { armed } = room.tarefe();
    nonces.push(armed?.statement.armingNonce as Uint8Array);
    for (const approval of armed?.approvals ?? []) signatures.push(approval.slice(-64));
  }
  // The last is killed in the middle, when most is in hand.
  await room.identify(4);
  room.onApdu = (slot, apdu, at) => {
    if (slot !== 'tarefe' || apdu[1] !== INS.tarefe_arm || at !== 'after') return undefined;
    room.onApdu = () => undefined;
    nonces.push(room.tarefe().armed?.statement.armingNonce as Uint8Array);
    room.kill();
    return undefined;
  };
  room.take('tarefe');
  room.lay('tarefe', { ...room.tarefe(), state: 'blank', armed: null, pendingNonce: null });
  await room.approve('executive');
  await room.approve('supervisor').catch(() => undefined);
  await room.ended();
  expect(nonces).toHaveLength(4);
  expect(signatures).toHaveLength(6);
  const files = everyFile(room.data);
  expect(files.map(({ name }) => name).sort()).toEqual(
    expect.arrayContaining(['admissions.sqlite', 'device.key', 'in-hand', 'log.sqlite']),
  );
  for (const { name, bytes } of [...files, { name: 'stderr', bytes: Buffer.from(room.stderr) }]) {
    for (const needle of [...nonces, ...signatures]) expect(holds(bytes, needle), name).toBe(false);
    for (const pin of [PINS.executive, VOTER_PIN]) expect(bytes.includes(`"${pin}"`), name).toBe(false);
  }
});

test('the log holds no person: exchanging two voters leaves its lines as they are', async () => {
  const linesOf = async (order: readonly number[]) => {
    room = await openRoom();
    await room.open();
    for (const number of order) await room.admit(number);
    expect((await room.identify(order[0] as number)).refusal?.code).toBe('already_admitted_here');
    await room.stop();
    const lines = room.logEvents().map(({ previous: _chain, bucket: _time, ...rest }) => rest);
    const bytes = Buffer.concat(
      everyFile(room.data)
        .filter((file) => file.name === 'log.sqlite')
        .map((file) => file.bytes),
    );
    for (const number of order) expect(bytes.includes(codeOf(number))).toBe(false);
    await room.close();
    return lines;
  };
  expect(await linesOf([1, 2, 3])).toEqual(await linesOf([3, 1, 2]));
});

test('at rest the in-hand file is zeros: it does not tell who came last', async () => {
  room = await openRoom();
  await room.open();
  await room.admit(1);
  const inHand = (): Buffer | undefined => everyFile(room.data).find(({ name }) => name === 'in-hand')?.bytes;
  // Hers while her armed card lies there: a crash must not lose whose it is.
  expect(inHand()).not.toEqual(Buffer.alloc(IN_HAND_BYTES));
  room.take('tarefe');
  await room.until((view) => view.state === 'done');
  expect(inHand()).toEqual(Buffer.alloc(IN_HAND_BYTES));
});
