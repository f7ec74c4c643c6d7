import { fromHex, parseTyped, records } from '@sandoq/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRoom, type Room } from './admission-room.ts';
import { codeOf, roleState, tarefeState, voterState } from './admission-world.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
  await room.open();
});
afterEach(() => room.close());

test('nobody is journalled before both presses, or while the pad holds no blank card of ours', async () => {
  await room.identify(1);
  expect(await room.refusalOf(room.approve('executive'))).toBe('no_tarefe');
  room.lay('tarefe', roleState('chief'));
  expect(await room.refusalOf(room.approve('executive'))).toBe('not_a_tarefe');
  room.take('tarefe');
  room.lay('tarefe', { kind: 'plastic' });
  expect(await room.refusalOf(room.approve('executive'))).toBe('tarefe_mute');
  room.take('tarefe');
  room.lay('tarefe', tarefeState());
  await room.approve('executive');
  expect((await room.until((view) => view.approvals.executive)).ledger.admitted).toBe(0);
});

test('a card exchanged between the presses voids them', async () => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  await room.approve('executive');
  room.take('tarefe');
  room.lay('tarefe', tarefeState());
  await room.until((view) => view.state === 'identified');
  await room.approve('supervisor');
  expect(room.tarefe().state).toBe('blank');
  expect((await room.approve('executive')).state).toBe('armed');
});

test('the same person is refused a second card, and an armed card a second person', async () => {
  expect((await room.admit(1)).state).toBe('armed');
  const armed = room.take('tarefe');
  expect((await room.admit(1)).refusal?.code).toBe('already_admitted_here');
  expect((await room.identify(2)).state).toBe('identified');
  room.take('tarefe');
  room.lay('tarefe', armed);
  expect(await room.refusalOf(room.approve('executive'))).toBe('tarefe_armed');
  await room.restart();
  await room.unlock();
  expect((await room.identify(1)).refusal?.code).toBe('already_admitted_here');
});

test('a returned card releases its person, who may come again', async () => {
  await room.admit(1);
  const armed = room.take('tarefe');
  await room.until((view) => view.state === 'done');
  room.lay('tarefe', armed);
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'returned' }))).toBe('no_person');
  expect((await room.identify(1)).refusal?.code).toBe('already_admitted_here');
  await room.call('tarefe.take_back', { reason: 'returned' });
  expect(room.tarefe().state).toBe('blank');
  const view = await room.until((one) => one.ledger.returned === 1);
  expect(view).toMatchObject({ state: 'done', person: null, ledger: { admitted: 0, issued: 1 } });
  expect((await room.admit(1)).state).toBe('armed');
  expect((await room.until((one) => one.ledger.issued === 2)).ledger).toMatchObject({
    admitted: 1,
    returned: 1,
    spoiled: 0,
  });
});

test('a spoiled card is replaced for the same admission', async () => {
  await room.admit(1);
  await room.call('tarefe.take_back', { reason: 'spoiled' });
  expect(room.tarefe().state).toBe('blank');
  room.take('tarefe');
  room.lay('tarefe', { kind: 'plastic' });
  expect(await room.refusalOf(room.approve('executive'))).toBe('tarefe_mute');
  room.take('tarefe');
  room.lay('tarefe', tarefeState());
  await room.approve('supervisor');
  expect((await room.approve('executive')).state).toBe('armed');
  expect((await room.until((one) => one.ledger.issued === 2)).ledger).toMatchObject({
    admitted: 1,
    issued: 2,
    spoiled: 1,
  });
});

test('a broken card is replaced under two roles, and no card comes back that is absent, blank or spent', async () => {
  await room.admit(1);
  const armed = room.tarefe();
  room.take('tarefe');
  await room.until((view) => view.state === 'done');
  await room.identify(1);
  // She may have voted: the journal never learns of it.
  for (const reason of ['returned', 'spoiled'] as const)
    expect(await room.refusalOf(room.call('tarefe.take_back', { reason }))).toBe('no_tarefe');
  room.lay('tarefe', tarefeState());
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'spoiled' }))).toBe('tarefe_blank');
  room.take('tarefe');
  room.lay('tarefe', { ...armed, state: 'spent' });
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'returned' }))).toBe('tarefe_spent');
  room.take('tarefe');
  room.lay('tarefe', { kind: 'plastic' });
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'returned' }))).toBe('tarefe_mute');
  await room.call('tarefe.take_back', { reason: 'spoiled' });
  expect((await room.until((view) => view.state === 'identified')).next.code).toBe('approve_replacement');
});

test('a spoiled card whose replacement was not armed leaves a person who still gets one', async () => {
  await room.admit(1);
  await room.call('tarefe.take_back', { reason: 'spoiled' });
  await room.call('person.cancel', {});
  expect((await room.identify(1)).state).toBe('identified');
});

test('an abandoned card is voided and counted, and nobody is named', async () => {
  await room.admit(1);
  const armed = room.take('tarefe');
  await room.until((view) => view.state === 'done');
  room.lay('tarefe', armed);
  await room.call('tarefe.take_back', { reason: 'abandoned' });
  expect(room.tarefe().state).toBe('blank');
  expect((await room.until((view) => view.ledger.abandoned === 1)).ledger).toMatchObject({
    admitted: 1,
    issued: 1,
    returned: 0,
  });
  await room.restart();
  await room.until((view) => view.ledger.abandoned === 1);
});

test('cards that never came back are declared abandoned by both roles, as a number', async () => {
  for (const number of [1, 2, 3]) {
    await room.admit(number);
    room.take('tarefe');
    await room.until((view) => view.state === 'done');
  }
  const declare = (abandoned: number) => room.call('tarefe.declare_abandoned', { abandoned });
  expect(await room.refusalOf(declare(1))).toBe('wrong_phase');
  await room.call('doors.close', {});
  expect(await room.refusalOf(declare(4))).toBe('abandoned_out_of_bounds');
  room.take('supervisor');
  expect(await room.refusalOf(declare(2))).toBe('no_role_card');
  room.lay('supervisor', roleState('supervisor'));
  await room.unlock();
  await declare(2);
  await declare(2);
  expect(await room.refusalOf(declare(1))).toBe('abandoned_out_of_bounds');
  const { record } = await room.call('admission.summary', {});
  const summary = parseTyped(
    fromHex(record) as Uint8Array,
    'admission-summary',
    records.admissionSummaryShape,
  );
  expect(summary.ok && summary.value.value).toMatchObject({
    admitted: 3,
    tarefeIssued: 3,
    tarefeAbandoned: 2,
    tarefeReturned: 0,
    tarefeSpoiled: 0,
  });
  expect(await room.refusalOf(declare(3))).toBe('wrong_phase');
});

test('a document laid for the next person is not read before somebody asks: the last state stays', async () => {
  await room.admit(1);
  room.take('tarefe');
  await room.until((view) => view.state === 'done');
  room.take('document');
  room.lay('document', voterState(2));
  expect(await room.until((view) => view.slots.document)).toMatchObject({ state: 'done', person: null });
  expect((await room.call('person.read', {})).state).toBe('needs_proof');
});

test('the code alone is admitted under two roles and counted', async () => {
  const entered = await room.call('person.enter', { national_code: codeOf(3), document: 'code_only' });
  expect(entered.state).toBe('identified');
  await room.call('person.helped', { helped: true });
  room.lay('tarefe', tarefeState());
  await room.approve('executive');
  expect((await room.approve('supervisor')).state).toBe('armed');
  const view = await room.until((one) => one.ledger.admitted === 1);
  expect(view.ledger).toMatchObject({ code_only: 1, helped: 1 });
});

test('people inside are admitted after the doors close, nobody after the summary', async () => {
  await room.call('doors.close', {});
  expect((await room.admit(1)).state).toBe('armed');
  await room.call('admission.summary', {});
  expect(await room.refusalOf(room.call('person.read', {}))).toBe('wrong_phase');
  await room.restart();
  expect((await room.until((view) => view.phase === 'closed')).next.code).toBe('carry_summary');
});
