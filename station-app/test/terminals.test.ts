/** Several terminals, one journal: real processes, killed and cut off. */
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, INS, parseTyped, records } from '@sandoq/protocol';
import { afterEach, expect, test } from 'vitest';
import type { Room } from './admission-room.ts';
import { codeOf } from './admission-world.ts';
import { openTerminals, type TerminalsRoom } from './terminals-room.ts';

let room: TerminalsRoom;
afterEach(() => room.close());

const at = (number: number): Room => room.terminals[number - 1] as Room;

/** The disk is gone, its device key is not: it lies apart. */
function loseDisk(number: number): void {
  const { data } = at(number);
  for (const name of readdirSync(data)) if (name !== 'device.key') rmSync(join(data, name));
}

async function give(number: number): Promise<void> {
  at(number).take('tarefe');
  await at(number).until((view) => view.state === 'done');
}

test('whoever is admitted at one terminal is admitted at all, and the sums are the station’s', async () => {
  room = await openTerminals({ total: 2 });
  expect((await at(1).admit(1)).state).toBe('armed');
  expect((await at(2).admit(2)).state).toBe('armed');
  await give(1);
  expect((await at(2).identify(1)).refusal?.code).toBe('already_admitted_here');
  expect((await at(1).identify(2)).refusal?.code).toBe('already_admitted_here');
  for (const number of [1, 2])
    expect(await at(number).until((view) => view.ledger.admitted === 2)).toMatchObject({
      terminals: { state: 'two_devices', devices: 2 },
      ledger: { admitted: 2, issued: 2 },
    });
  // Returned at the other desk, she may come again at the first.
  const hers = at(2).take('tarefe');
  await at(2).call('person.cancel', {});
  await at(1).identify(2);
  at(1).lay('tarefe', hers);
  await at(1).call('tarefe.take_back', { reason: 'returned' });
  await at(2).until((view) => view.ledger.returned === 1);
  expect((await at(2).admit(2)).state).toBe('armed');
  await give(2);
  await at(1).call('person.cancel', {});
  await at(1).call('doors.close', {});
  const { record } = await at(2)
    .until((view) => view.phase === 'doors_closed')
    .then(() => at(2).call('admission.summary', {}));
  const parsed = parseTyped(
    fromHex(record) ?? new Uint8Array(0),
    'admission-summary',
    records.admissionSummaryShape,
  );
  if (!parsed.ok) throw new Error('no summary');
  expect(parsed.value.value).toMatchObject({ admitted: 2, tarefeIssued: 3, tarefeReturned: 1 });
  expect((await at(1).until((view) => view.phase === 'closed')).ledger.admitted).toBe(2);
  const other = parseTyped(
    fromHex((await at(1).call('admission.summary', {})).record) ?? new Uint8Array(0),
    'admission-summary',
    records.admissionSummaryShape,
  );
  expect(other.ok && other.value.value).toEqual(parsed.value.value);
});

test('the same person at two terminals at the same moment: one of them admits her', async () => {
  room = await openTerminals({ total: 3 });
  for (const person of [1, 2, 3, 4]) {
    const numbers = [1, 2, 3];
    for (const number of numbers) {
      await at(number).identify(person);
      at(number).take('tarefe');
      at(number).lay('tarefe', at(number).blank());
      await at(number).approve('executive');
    }
    const states = await Promise.all(numbers.map((number) => at(number).approve('supervisor')));
    expect(states.map(({ state }) => state).sort(), `person ${person}`).toEqual([
      'armed',
      'refused',
      'refused',
    ]);
    for (const { state, refusal } of states)
      if (state === 'refused')
        expect(['at_other_terminal', 'already_admitted_here']).toContain(refusal?.code);
    const armed = numbers.filter((number) => at(number).tarefe().state === 'armed');
    expect(armed).toHaveLength(1);
    for (const number of numbers) await at(number).call('person.cancel', {});
  }
  for (const number of [1, 2, 3]) await at(number).until((view) => view.ledger.issued === 4);
});

test('a terminal is killed and its disk gone: nobody is forgotten, its last admission is ended, it is filled again', async () => {
  room = await openTerminals({ total: 2 });
  await at(1).admit(1);
  await give(1);
  // Killed in the middle: her line is on two devices, her card is not armed.
  await at(1).identify(2);
  at(1).lay('tarefe', at(1).blank());
  at(1).onApdu = (slot, apdu, moment) => {
    if (slot !== 'tarefe' || moment !== 'before' || apdu[1] !== INS.tarefe_arm) return undefined;
    at(1).onApdu = () => undefined;
    at(1).kill();
    return 'lost';
  };
  await at(1).approve('executive');
  await at(1)
    .approve('supervisor')
    .catch(() => undefined);
  await at(1).ended();
  loseDisk(1);
  const alone = await at(2).until((view) => view.terminals?.state === 'missing');
  expect(alone.terminals).toMatchObject({ others: [{ terminal: 1, state: 'lost' }], left: 1 });
  expect((await at(2).identify(1)).refusal?.code).toBe('already_admitted_here');
  // One device is not enough until two roles have said so.
  const refused = await at(2).admit(3);
  expect(refused).toMatchObject({ state: 'refused', refusal: { code: 'second_device_missing' } });
  await at(2).call('person.cancel', {});
  at(2).take('tarefe');
  await at(2).call('terminals.go_on', {});
  const taken = await at(2).until((view) => view.state === 'arming' || view.state === 'identified');
  expect(taken).toMatchObject({ person: { national_code: codeOf(2) }, in_hand: true });
  at(2).lay('tarefe', at(1).take('tarefe'));
  await at(2).until((view) => view.state === 'identified');
  await at(2).approve('executive');
  expect((await at(2).approve('supervisor')).state).toBe('armed');
  await give(2);
  expect((await at(2).admit(3)).state).toBe('armed');
  await give(2);
  expect((await at(2).until((view) => view.ledger.admitted === 3)).terminals).toMatchObject({
    state: 'one_device',
    is_apart: true,
  });
  // Back with an empty disk: it is filled before it admits anybody.
  await at(1).start();
  await room.joined(at(1));
  await at(1).open();
  for (const person of [1, 2, 3])
    expect((await at(1).identify(person)).refusal?.code, `person ${person}`).toBe('already_admitted_here');
  expect(await at(1).until((view) => view.terminals?.state === 'two_devices')).toMatchObject({
    ledger: { admitted: 3, issued: 3 },
  });
  await at(1).call('person.cancel', {});
  await at(2).until((view) => view.terminals?.state === 'two_devices' && !view.terminals.is_apart);
  expect((await at(1).admit(4)).state).toBe('armed');
});

test('cut off from the others a terminal stops, and they go on; the policy may forbid to go on alone', async () => {
  room = await openTerminals({ total: 3, settings: { partitionPolicy: 'refuse' } });
  room.cutOff(3);
  await at(3).until((view) => view.terminals?.state === 'missing');
  await at(1).until((view) => view.terminals?.others[1]?.state === 'lost');
  await at(1).identify(1);
  at(1).lay('tarefe', at(1).blank());
  await at(1).approve('executive');
  // Without a province the policy refuses whoever cannot be claimed; what is tried here is the other rule.
  expect((await at(1).approve('supervisor')).refusal?.code).toBe('province_unreachable');
  await at(3).call('terminals.go_on', {});
  const refused = await at(3).admit(2);
  expect(refused.refusal?.code).toBe('second_device_missing');
});

test('both sides of a cut go on under two roles: each counts its own, and the double is found', async () => {
  room = await openTerminals({ total: 2 });
  await at(1).admit(1);
  await give(1);
  room.cutOff(2);
  for (const number of [1, 2]) {
    await at(number).until((view) => view.terminals?.state === 'missing');
    await at(number).call('terminals.go_on', {});
    expect((await at(number).identify(1)).refusal?.code).toBe('already_admitted_here');
    await at(number).call('person.cancel', {});
    expect((await at(number).admit(7)).state).toBe('armed');
    await give(number);
  }
  room.mendAll();
  for (const number of [1, 2])
    expect(
      await at(number).until((view) => view.terminals?.state === 'two_devices' && view.ledger.issued === 3),
    ).toMatchObject({ ledger: { admitted: 3 }, claims: { doubled: 1 } });
});

test('one terminal with a second disk: pulled out it is said, back it is filled; the first disk lost loses nobody', async () => {
  room = await openTerminals({ total: 1, hasSecondDisk: true });
  const stick = join(at(1).folder, 'stick');
  expect((await at(1).until((view) => view.terminals !== undefined)).terminals).toMatchObject({
    state: 'two_devices',
    devices: 2,
    disk: 'ok',
  });
  await at(1).admit(1);
  await give(1);
  renameSync(stick, `${stick}.pulled`);
  await at(1).identify(2);
  at(1).lay('tarefe', at(1).blank());
  await at(1).approve('executive');
  // Her line is written when it is found out: her card waits, and is armed when the stick is back or two roles say so.
  const waiting = await at(1).approve('supervisor');
  expect(waiting).toMatchObject({ state: 'arming', refusal: { code: 'second_device_missing' } });
  expect(at(1).tarefe().state).toBe('blank');
  await at(1).call('terminals.go_on', {});
  await at(1).until((view) => view.state === 'armed');
  await give(1);
  expect((await at(1).until((view) => view.ledger.admitted === 2)).terminals?.state).toBe('one_device');
  renameSync(`${stick}.pulled`, stick);
  await at(1).until((view) => view.terminals?.state === 'two_devices');
  at(1).kill();
  await at(1).ended();
  loseDisk(1);
  await at(1).start();
  at(1).layRoleCards();
  const again = await at(1).until((view) => view.slots.executive && view.slots.supervisor);
  expect(again).toMatchObject({ phase: 'open', ledger: { admitted: 2, issued: 2 } });
  await at(1).unlock();
  for (const person of [1, 2])
    expect((await at(1).identify(person)).refusal?.code).toBe('already_admitted_here');
});
