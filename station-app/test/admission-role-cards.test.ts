import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRoom, type Room } from './admission-room.ts';
import { PINS, roleState, tarefeState } from './admission-world.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const open = (executive_pin: string = PINS.executive) =>
  room.call('admission.open', { mode: 'rehearsal', executive_pin, supervisor_pin: PINS.supervisor });

test('admission opens only with both cards, each in its slot, each with its PIN', async () => {
  expect(await room.refusalOf(open())).toBe('no_role_card');
  room.lay('executive', roleState('supervisor'));
  room.lay('supervisor', roleState('executive'));
  expect(await room.refusalOf(open())).toBe('wrong_role_card');
  room.take('executive');
  room.lay('executive', tarefeState());
  expect(await room.refusalOf(open())).toBe('role_slot_holds_other_card');
  room.take('executive');
  room.lay('executive', roleState('executive', 'executive', 'other'));
  expect(await room.refusalOf(open())).toBe('card_of_other_station');
  room.take('executive');
  room.lay('executive', roleState('executive', 'another card of this role'));
  expect(await room.refusalOf(open())).toBe('card_of_other_station');
  room.take('executive');
  room.take('supervisor');
  room.layRoleCards();
  expect(await room.refusalOf(open('9999'))).toBe('wrong_pin');
  expect((await room.until(() => true)).phase).toBe('set_up');
  await open();
  const view = await room.until((one) => one.phase === 'open');
  expect(view.unlocked).toEqual({ executive: true, supervisor: true });
  expect(await room.refusalOf(open())).toBe('wrong_phase');
});

test('a role card blocks after its tries, also over a restart of the process', async () => {
  room.layRoleCards();
  expect(await room.refusalOf(open('9999'))).toBe('wrong_pin');
  expect(await room.refusalOf(open('9999'))).toBe('wrong_pin');
  await room.restart();
  expect(await room.refusalOf(open('9999'))).toBe('card_blocked');
  expect(await room.refusalOf(open())).toBe('card_blocked');
  await room.stop();
  const events = room.logEvents().map((line) => line.event);
  expect(events.filter((event) => event === 'pin_failed')).toHaveLength(2);
  expect(events).toContain('card_locked');
});

test('a role card taken out and laid again wants its PIN again', async () => {
  await room.open();
  expect((await room.identify(1)).state).toBe('identified');
  room.lay('tarefe', tarefeState());
  const card = room.take('executive');
  await room.until((view) => !view.unlocked.executive);
  expect(await room.refusalOf(room.approve('executive'))).toBe('no_role_card');
  room.lay('executive', card);
  await room.until((view) => view.slots.executive);
  expect(await room.refusalOf(room.approve('executive'))).toBe('role_card_locked');
  await room.call('role.unlock', { role: 'executive', pin: PINS.executive });
  expect((await room.approve('executive')).state).toBe('awaiting_approvals');
});

test('one role pressing twice is one approval', async () => {
  await room.open();
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  await room.approve('executive');
  expect((await room.approve('executive')).state).toBe('awaiting_approvals');
  expect(room.tarefe().state).toBe('blank');
});

test('official mode is refused for a demonstration', async () => {
  room.layRoleCards();
  const official = room.call('admission.open', {
    mode: 'official',
    executive_pin: PINS.executive,
    supervisor_pin: PINS.supervisor,
  });
  expect(await room.refusalOf(official)).toBe('mode_not_allowed');
});
