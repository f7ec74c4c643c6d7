import { fromHex, parseTyped, records } from '@sandoq/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRoom, type Room } from './admission-room.ts';
import { codeOf, tarefeState } from './admission-world.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

test('a voter goes from document to armed card, and the summary says so', async () => {
  await room.open();
  expect(await room.identify(1)).toEqual({ state: 'identified', refusal: null });
  room.lay('tarefe', tarefeState());
  expect((await room.approve('executive')).state).toBe('awaiting_approvals');
  expect(await room.approve('supervisor')).toEqual({ state: 'armed', refusal: null });
  const card = room.tarefe();
  expect(card.state).toBe('armed');
  expect(card.armed?.statement).toMatchObject({ stationId: 's1', mode: 'rehearsal', style: 0 });
  const armed = await room.until((view) => view.state === 'armed');
  expect(armed.person).toMatchObject({ national_code: codeOf(1), name: 'شخص 1', document: 'national_card' });
  expect(armed.next).toEqual({ who: 'both', code: 'hand_over_tarefe' });
  room.take('tarefe');
  const done = await room.until((view) => view.state === 'done');
  expect(done.person).toBeNull();
  expect(done.ledger).toMatchObject({ admitted: 1, local: 1, issued: 1, offline: 1, returned: 0 });
  await room.call('doors.close', {});
  const { record } = await room.call('admission.summary', {});
  expect((await room.call('admission.summary', {})).record).toBe(record);
  const summary = parseTyped(
    fromHex(record) as Uint8Array,
    'admission-summary',
    records.admissionSummaryShape,
  );
  expect(summary.ok && summary.value.value).toMatchObject({
    admitted: 1,
    tarefeIssued: 1,
    byDocument: [{ document: 'national_card', count: 1 }],
  });
  expect(await room.refusalOf(room.call('person.read', {}))).toBe('wrong_phase');
});
