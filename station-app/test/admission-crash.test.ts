/** kill -9 at every APDU of an arming and of a taking back: never two armed cards, never an admitted voter without one. */
import type { CardState } from '@sandoq/hardware-sim';
import { INS } from '@sandoq/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openRoom, type Room } from './admission-room.ts';
import { codeOf, roleState, tarefeState } from './admission-world.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
  await room.open();
});
afterEach(() => room.close());

const MOMENTS = ['before', 'after'] as const;

/** Kills the process when the card on the pad is about to get, or has executed, its next command `ins`. */
function killAt(ins: number, moment: (typeof MOMENTS)[number]): void {
  room.onApdu = (slot, apdu, at) => {
    if (slot !== 'tarefe' || apdu[1] !== ins || at !== moment) return undefined;
    room.onApdu = () => undefined;
    room.kill();
    return 'lost';
  };
}

async function startAgain(): Promise<void> {
  await room.ended();
  await room.start();
  await room.unlock();
}

async function approveBoth(): Promise<void> {
  await room.approve('executive');
  await room.approve('supervisor').catch(() => undefined);
}

test.each(MOMENTS)('killed %s the card is armed: the same card is found or armed again', async (moment) => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  killAt(INS.tarefe_arm, moment);
  await approveBoth();
  await startAgain();
  const resumed = await room.until(
    (view) => view.state !== 'arming' && view.state !== 'idle' && view.unlocked.supervisor,
  );
  expect(resumed.person?.national_code).toBe(codeOf(1));
  expect(resumed.ledger).toMatchObject({ admitted: 1, issued: 1 });
  if (moment === 'before') {
    expect(resumed).toMatchObject({
      state: 'identified',
      in_hand: true,
      next: { code: 'approve_same_tarefe' },
    });
    expect(await room.refusalOf(room.call('person.cancel', {}))).toBe('admission_in_hand');
    expect(await room.refusalOf(room.call('person.read', {}))).toBe('admission_in_hand');
    await approveBoth();
  }
  const armed = await room.until((view) => view.state === 'armed');
  expect(armed.ledger).toMatchObject({ admitted: 1, issued: 1 });
  expect(room.tarefe().state).toBe('armed');
  room.take('tarefe');
  await room.until((view) => view.state === 'done');
  expect((await room.identify(1)).refusal?.code).toBe('already_admitted_here');
});

test('killed in between and the card taken off the pad: nothing goes on until it lies there again', async () => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  killAt(INS.tarefe_arm, 'after');
  await approveBoth();
  const armed: CardState = room.take('tarefe');
  await startAgain();
  const waiting = await room.until((view) => view.unlocked.supervisor);
  expect(waiting).toMatchObject({
    state: 'arming',
    refusal: { code: 'arming_interrupted' },
    next: { code: 'lay_same_tarefe' },
  });
  await room.identify(2).then(
    () => expect.unreachable(),
    () => undefined,
  );
  expect(
    await room.refusalOf(room.call('doors.close', {}).then(() => room.call('admission.summary', {}))),
  ).toBe('admission_in_hand');
  room.lay('tarefe', armed);
  expect((await room.until((view) => view.state === 'armed')).ledger.issued).toBe(1);
});

test('an interrupted arming whose card is not there is not replaced: she may have it, armed', async () => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  killAt(INS.tarefe_arm, 'after');
  await approveBoth();
  room.take('tarefe');
  await startAgain();
  await room.until((view) => view.state === 'arming' && view.in_hand === true);
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'returned' }))).toBe('wrong_state');
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'spoiled' }))).toBe('no_tarefe');
  room.take('executive');
  expect(await room.refusalOf(room.call('tarefe.handed_over', {}))).toBe('no_role_card');
  room.lay('executive', roleState('executive'));
  await room.unlock();
  await room.call('tarefe.handed_over', {});
  expect(await room.until((view) => view.state === 'done')).toMatchObject({
    in_hand: false,
    person: null,
    ledger: { admitted: 1, issued: 1, spoiled: 0, returned: 0 },
  });
  expect(await room.refusalOf(room.call('tarefe.handed_over', {}))).toBe('wrong_state');
  await room.restart();
  await room.unlock();
  expect((await room.until((view) => view.unlocked.supervisor)).state).toBe('idle');
  expect((await room.identify(1)).refusal?.code).toBe('already_admitted_here');
});

test('a card in her hand after an interrupted arming: the blank card laid in its place arms nothing', async () => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  killAt(INS.tarefe_arm, 'after');
  await approveBoth();
  room.take('tarefe');
  await startAgain();
  room.lay('tarefe', tarefeState());
  await room.until((view) => view.state === 'identified' && view.next.code === 'approve_same_tarefe');
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'returned' }))).toBe('tarefe_blank');
  await room.approve('executive');
  await room.call('tarefe.handed_over', {});
  expect(await room.until((view) => view.state === 'done')).toMatchObject({
    approvals: { executive: false, supervisor: false },
    ledger: { admitted: 1, issued: 1 },
  });
  expect(room.tarefe().state).toBe('blank');
});

test('a spent card after an interrupted arming is named: it may be hers, used', async () => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  killAt(INS.tarefe_arm, 'after');
  await approveBoth();
  const hers = { ...room.tarefe(), state: 'spent' } as const;
  room.take('tarefe');
  await startAgain();
  room.lay('tarefe', hers);
  await room.until((view) => view.refusal?.code === 'arming_card_spent' && view.in_hand === true);
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'returned' }))).toBe('tarefe_spent');
  await room.call('tarefe.handed_over', {});
  await room.until((view) => view.state === 'done');
  expect((await room.identify(1)).refusal?.code).toBe('already_admitted_here');
});

test('an interrupted arming whose voter leaves: the card is armed, and that card is returned', async () => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  killAt(INS.tarefe_arm, 'before');
  await approveBoth();
  await startAgain();
  await room.until((view) => view.state === 'identified');
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'returned' }))).toBe('tarefe_blank');
  await approveBoth();
  await room.until((view) => view.state === 'armed');
  await room.call('tarefe.take_back', { reason: 'returned' });
  expect((await room.until((view) => view.state === 'done')).ledger).toMatchObject({
    admitted: 0,
    issued: 1,
    returned: 1,
  });
  expect((await room.identify(1)).state).toBe('identified');
});

test.each(MOMENTS)('killed %s the card is prepared: nobody is in the journal', async (moment) => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  killAt(INS.tarefe_prepare, moment);
  await room.approve('executive').catch(() => undefined);
  await startAgain();
  const view = await room.until((one) => one.unlocked.supervisor);
  expect(view).toMatchObject({ state: 'idle', ledger: { admitted: 0, issued: 0 } });
  expect((await room.admit(1)).state).toBe('armed');
});

test.each([
  ['before', 'returned', { admitted: 1, issued: 1, returned: 0 }],
  ['after', 'returned', { admitted: 0, issued: 1, returned: 1 }],
  ['before', 'spoiled', { admitted: 1, issued: 1, spoiled: 0 }],
  ['after', 'spoiled', { admitted: 1, issued: 1, spoiled: 1 }],
  ['before', 'abandoned', { admitted: 1, issued: 1, abandoned: 0 }],
  ['after', 'abandoned', { admitted: 1, issued: 1, abandoned: 1 }],
] as const)('killed %s a card is voided as %s: card and journal agree', async (moment, reason, ledger) => {
  await room.admit(1);
  const armed = room.take('tarefe');
  await room.until((view) => view.state === 'done');
  if (reason !== 'abandoned') await room.identify(1);
  room.lay('tarefe', armed);
  killAt(INS.tarefe_void, moment);
  await room.call('tarefe.take_back', { reason }).catch(() => undefined);
  await startAgain();
  if (moment === 'after') {
    // Blank, as any other blank card: nothing follows before both roles say that it is the one.
    const asked = await room.until((one) => one.next.code === 'confirm_taken_back');
    expect(asked).toMatchObject({
      refusal: { code: 'taking_back_unarmed' },
      ledger: { admitted: 1, issued: 1, returned: 0, spoiled: 0, abandoned: 0 },
    });
    await room.call('tarefe.take_back', { reason });
  }
  const view = await room.until((one) => one.state === 'idle' && one.unlocked.supervisor);
  expect(view.ledger).toMatchObject(ledger);
  expect(room.tarefe().state).toBe(moment === 'before' ? 'armed' : 'blank');
});

test('an interrupted taking back whose card left with her is dropped: she is neither released nor given another', async () => {
  await room.admit(1);
  killAt(INS.tarefe_void, 'before');
  await room.call('tarefe.take_back', { reason: 'returned' }).catch(() => undefined);
  const armed = room.take('tarefe');
  await startAgain();
  await room.until((view) => view.refusal?.code === 'taking_back_interrupted');
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'returned' }))).toBe('no_tarefe');
  room.lay('tarefe', { ...tarefeState(), state: 'spent' } as CardState);
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'returned' }))).toBe('tarefe_spent');
  room.take('tarefe');
  room.lay('tarefe', { kind: 'plastic' });
  expect(await room.refusalOf(room.call('tarefe.take_back', { reason: 'returned' }))).toBe('tarefe_mute');
  room.take('tarefe');
  await room.call('tarefe.handed_over', {});
  expect((await room.until((view) => view.state === 'idle')).ledger).toMatchObject({
    admitted: 1,
    returned: 0,
  });
  expect((await room.identify(1)).refusal?.code).toBe('already_admitted_here');
  room.lay('tarefe', armed);
  await room.call('tarefe.take_back', { reason: 'returned' });
  expect((await room.until((view) => view.state === 'done')).ledger).toMatchObject({
    admitted: 0,
    returned: 1,
  });
});

test.each(
  MOMENTS,
)('the cable pulled %s the card is armed: when it is back that card is armed, once', async (moment) => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  let pulled: Promise<void> | undefined;
  room.onApdu = (slot, apdu, at) => {
    if (slot === 'tarefe' && apdu[1] === INS.tarefe_arm && at === moment && pulled === undefined) {
      pulled = room.pull();
      return 'lost';
    }
    return undefined;
  };
  await room.approve('executive');
  expect((await room.approve('supervisor')).state).toBe('arming');
  await pulled;
  const lost = await room.until((view) => view.devices[0]?.state === 'lost');
  expect(lost).toMatchObject({ state: 'arming', next: { code: 'connect_reader' } });
  await room.plug();
  const armed = await room.until((view) => view.state === 'armed');
  expect(armed.ledger).toMatchObject({ admitted: 1, issued: 1 });
  expect(room.tarefe().state).toBe('armed');
});

test('another blank card laid into an interrupted arming is not armed', async () => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  let pulled: Promise<void> | undefined;
  room.onApdu = (slot, apdu, at) => {
    if (slot === 'tarefe' && apdu[1] === INS.tarefe_arm && at === 'after' && pulled === undefined)
      pulled = room.pull();
    return undefined;
  };
  await approveBoth();
  await pulled;
  const first = room.take('tarefe');
  room.lay('tarefe', tarefeState());
  await room.plug();
  await room.until((view) => view.devices[0]?.state === 'connected' && view.slots.tarefe);
  await room.until((view) => view.refusal?.detail === 'card_state');
  expect(room.tarefe().state).toBe('blank');
  room.take('tarefe');
  room.lay('tarefe', first);
  await room.until((view) => view.state === 'armed');
});

async function admitAndKill(): Promise<void> {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  await approveBoth();
  await room.until((view) => view.state === 'armed');
  room.kill();
}

test('killed when the card was armed and lies there: the officers are told whose it is, before any PIN', async () => {
  await admitAndKill();
  await room.ended();
  await room.start();
  const told = await room.until((view) => view.state === 'armed');
  expect(told).toMatchObject({
    next: { code: 'hand_over_tarefe' },
    person: { national_code: codeOf(1) },
    unlocked: { executive: false, supervisor: false },
    ledger: { admitted: 1, issued: 1 },
  });
  room.take('tarefe');
  await room.until((view) => view.state === 'done');
  await room.unlock();
  expect((await room.identify(1)).refusal?.code).toBe('already_admitted_here');
  await room.restart();
  await room.unlock();
  expect((await room.until((view) => view.unlocked.supervisor)).state).toBe('idle');
});

test('killed when the card was armed, and it was taken meanwhile: nothing is asked', async () => {
  await admitAndKill();
  room.take('tarefe');
  await startAgain();
  expect((await room.until((view) => view.unlocked.supervisor)).state).toBe('idle');
  room.lay('tarefe', tarefeState());
  await room.identify(2);
  await approveBoth();
  expect((await room.until((view) => view.state === 'armed')).ledger.issued).toBe(2);
});

test('another card than hers lies there after the crash: it is not said to be hers', async () => {
  await admitAndKill();
  room.take('tarefe');
  room.lay('tarefe', tarefeState());
  await startAgain();
  expect((await room.until((view) => view.unlocked.supervisor)).state).toBe('idle');
  expect((await room.identify(1)).refusal?.code).toBe('already_admitted_here');
});

test('the desk went on too early: read again, she is given the card that lies there', async () => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  await approveBoth();
  await room.call('person.cancel', {});
  await room.identify(1);
  expect(await room.until((view) => view.state === 'armed')).toMatchObject({
    next: { code: 'hand_over_tarefe' },
    person: { national_code: codeOf(1) },
    ledger: { admitted: 1, issued: 1 },
  });
  await room.call('tarefe.take_back', { reason: 'returned' });
  room.take('tarefe');
  await room.restart();
  await room.unlock();
  expect((await room.until((view) => view.unlocked.supervisor)).ledger.returned).toBe(1);
});

test.each([
  'its link is lost',
  'the card is silent',
] as const)('the card that lies there cannot be asked, %s: it is looked at again, and she still gets it', async (what) => {
  await room.identify(1);
  room.lay('tarefe', tarefeState());
  await approveBoth();
  await room.call('person.cancel', {});
  await room.pull();
  await room.until((view) => view.devices[0]?.state !== 'connected');
  let failed: Promise<unknown> | undefined;
  room.onApdu = (slot, apdu, at) => {
    if (slot !== 'tarefe' || apdu[1] !== INS.tarefe_state || at !== 'before') return undefined;
    if (what === 'the card is silent') failed = Promise.resolve();
    else failed ??= room.pull();
    return 'lost';
  };
  await room.plug();
  await vi.waitFor(() => expect(failed).toBeDefined(), { timeout: 20_000, interval: 5 });
  await failed;
  room.onApdu = () => undefined;
  if (what === 'its link is lost') {
    await room.until((view) => view.devices[0]?.state !== 'connected');
    await room.plug();
  } else room.take('document');
  expect(await room.until((view) => view.state === 'armed')).toMatchObject({
    next: { code: 'hand_over_tarefe' },
    person: { national_code: codeOf(1) },
    ledger: { admitted: 1, issued: 1 },
  });
  room.take('tarefe');
  await room.until((view) => view.state === 'done');
});
