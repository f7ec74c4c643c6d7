/** Commands given to a card together: how few messages an admission is, and a card torn away or exchanged between two. */
import { INS } from '@sandoq/protocol';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openRoom, type Room, type Slot } from './admission-room.ts';
import { codeOf, tarefeState, VOTER_PIN, voterState } from './admission-world.ts';

let room: Room;
beforeAll(async () => {
  room = await openRoom();
  await room.open();
});
afterEach(() => {
  room.onApdu = () => undefined;
});
afterAll(() => room.close());

/** Does something with the card the moment after it has executed its next command `ins`. */
function after(wanted: Slot, ins: number, act: () => void): void {
  room.onApdu = (slot, apdu, moment) => {
    if (slot !== wanted || apdu[1] !== ins || moment !== 'after') return undefined;
    room.onApdu = () => undefined;
    act();
    return undefined;
  };
}

/** What the card in a slot is asked from now on. */
function listen(wanted: Slot): number[] {
  const asked: number[] = [];
  room.onApdu = (slot, apdu, moment) => {
    if (slot === wanted && moment === 'before') asked.push(apdu[1] as number);
    return undefined;
  };
  return asked;
}

const leave = async (): Promise<void> => {
  room.take('tarefe');
  await room.until((view) => view.state === 'done');
};

test('one admission is six messages to cards: the holder, her proof, a nonce, two presses, the arming', async () => {
  room.lay('document', voterState(1));
  room.lay('tarefe', tarefeState());
  const before = room.messagesToCards;
  const of: Record<string, number> = {};
  for (const [step, run] of [
    ['read', () => room.call('person.read', {})],
    ['prove', () => room.call('person.prove', { pin: VOTER_PIN })],
    ['executive', () => room.approve('executive')],
    ['supervisor', () => room.approve('supervisor')],
  ] as const) {
    const begun = room.messagesToCards;
    await run();
    of[step] = room.messagesToCards - begun;
  }
  expect(of).toEqual({ read: 1, prove: 1, executive: 2, supervisor: 2 });
  expect(room.messagesToCards - before).toBe(6);
  expect(room.tarefe().state).toBe('armed');
  await leave();
});

test('a wrong PIN is not followed by a challenge', async () => {
  room.lay('document', voterState(2));
  await room.call('person.read', {});
  const asked = listen('document');
  const proved = await room.call('person.prove', { pin: '9999' });
  expect(proved).toMatchObject({ state: 'needs_proof', refusal: { code: 'wrong_pin', detail: '2' } });
  expect(asked).toEqual([INS.verify_pin]);
  await room.call('person.cancel', {});
});

test('a document torn away between its selection and its holder is none, and proves nobody', async () => {
  room.lay('document', voterState(3));
  after('document', INS.select, () => room.take('document'));
  expect(await room.refusalOf(room.call('person.read', {}))).toBe('no_document');
  room.lay('document', voterState(3));
  after('document', INS.select, () => {
    room.take('document');
    room.lay('document', voterState(4));
  });
  expect(await room.refusalOf(room.call('person.read', {}))).toBe('no_document');
  expect(await room.call('person.read', {})).toMatchObject({ state: 'needs_proof', refusal: null });
  expect((await room.until((view) => view.person !== null)).person?.national_code).toBe(codeOf(4));
  await room.call('person.cancel', {});
});

test('a document exchanged behind its holder, or torn between PIN and signature, proves nobody', async () => {
  room.lay('document', voterState(5));
  after('document', INS.get_data, () => {
    room.take('document');
    room.lay('document', voterState(6));
  });
  expect((await room.call('person.read', {})).state).toBe('needs_proof');
  const asked = listen('document');
  expect(await room.refusalOf(room.call('person.prove', { pin: VOTER_PIN }))).toBe('document_changed');
  expect(asked, 'the other card is not given the PIN').toEqual([]);
  await room.call('person.read', {});
  after('document', INS.verify_pin, () => {
    const same = room.take('document');
    room.lay('document', same);
  });
  expect(await room.refusalOf(room.call('person.prove', { pin: VOTER_PIN }))).toBe('no_document');
  expect((await room.until((view) => view.state === 'needs_proof')).ledger.admitted).toBe(1);
  await room.call('person.cancel', {});
});

test('a card exchanged right behind its nonce: what is approved is for the first, and the other is not armed', async () => {
  await room.identify(7);
  room.lay('tarefe', tarefeState());
  after('tarefe', INS.tarefe_prepare, () => {
    room.take('tarefe');
    room.lay('tarefe', tarefeState());
  });
  const { ledger } = await room.until((view) => view.state === 'identified');
  await room.approve('executive');
  expect(await room.refusalOf(room.approve('supervisor'))).toBe('tarefe_changed');
  await room.until((view) => view.state === 'identified' && !view.approvals.executive);
  expect(room.tarefe().state).toBe('blank');
  await room.approve('executive');
  expect((await room.approve('supervisor')).state).toBe('armed');
  expect((await room.until((view) => view.state === 'armed')).ledger.admitted).toBe(ledger.admitted + 1);
  await leave();
});

test('a card torn away armed, before its word on it: laid again it is found armed, once', async () => {
  await room.identify(8);
  room.lay('tarefe', tarefeState());
  await room.approve('executive');
  const asked: number[] = [];
  room.onApdu = (slot, apdu, moment) => {
    if (slot === 'tarefe' && moment === 'before') asked.push(apdu[1] as number);
    if (slot === 'tarefe' && moment === 'after' && apdu[1] === INS.tarefe_arm) room.take('tarefe');
    return undefined;
  };
  expect(await room.approve('supervisor')).toMatchObject({
    state: 'arming',
    refusal: { code: 'arming_interrupted' },
  });
  expect(asked, 'the word is not asked of an empty pad').toEqual([INS.tarefe_arm]);
  expect(room.tarefe().state).toBe('armed');
  expect(await room.refusalOf(room.call('person.read', {}))).toBe('admission_in_hand');
  room.onApdu = () => undefined;
  room.lay('tarefe', room.tarefe());
  const { ledger } = await room.until((view) => view.state === 'armed');
  expect(ledger.issued).toBe(ledger.admitted);
  await leave();
});

test('a card that refuses to be armed is not asked for its word, and one that arms and falls silent is interrupted', async () => {
  await room.identify(9);
  room.lay('tarefe', tarefeState());
  await room.approve('executive');
  const asked: number[] = [];
  room.onApdu = (slot, apdu, moment) => {
    if (slot !== 'tarefe' || moment !== 'before') return undefined;
    asked.push(apdu[1] as number);
    return apdu[1] === INS.tarefe_state ? 'lost' : undefined;
  };
  expect(await room.approve('supervisor')).toMatchObject({
    state: 'arming',
    refusal: { code: 'arming_interrupted', detail: 'tarefe_mute' },
  });
  expect(asked).toEqual([INS.tarefe_arm, INS.tarefe_state]);
  room.onApdu = () => undefined;
  const armed = room.take('tarefe');
  const refusing = listen('tarefe');
  room.lay('tarefe', tarefeState());
  await room.until((view) => view.refusal?.detail === 'card_state');
  expect(refusing).toEqual([INS.select, INS.tarefe_arm]);
  expect(room.tarefe().state).toBe('blank');
  room.take('tarefe');
  room.lay('tarefe', armed);
  await room.until((view) => view.state === 'armed');
  await leave();
});

test('another card laid right behind the armed one is not said to be hers, however soon it comes', async () => {
  await room.identify(10);
  room.lay('tarefe', tarefeState());
  await room.approve('executive');
  room.onApdu = (slot, apdu, moment) => {
    if (slot !== 'tarefe' || moment !== 'after' || apdu[1] !== INS.tarefe_state) return undefined;
    room.onApdu = () => undefined;
    // Behind the answer, and as a rule in one chunk with it.
    queueMicrotask(() => {
      room.take('tarefe');
      room.lay('tarefe', tarefeState());
    });
    return undefined;
  };
  expect((await room.approve('supervisor')).state).toBe('armed');
  await room.call('person.cancel', {});
  const read = await room.identify(10);
  expect(read).toMatchObject({ state: 'refused', refusal: { code: 'already_admitted_here' } });
  expect(room.tarefe().state).toBe('blank');
  room.take('tarefe');
});
