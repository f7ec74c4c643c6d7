import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openRoom, type Room } from './admission-room.ts';
import { codeOf, roleState, tarefeState, VOTER_PIN, voterState } from './admission-world.ts';

const person = (number: number, more: object = {}) => ({
  national_code: codeOf(number),
  name: { fa: `شخص ${number}`, en: `Person ${number}` },
  birth_date: '1990-01-01',
  constituency: 'here',
  alive: true,
  ...more,
});

let room: Room;
beforeAll(async () => {
  room = await openRoom({
    roll: [
      person(1),
      person(2, { alive: false }),
      person(3, { birth_date: '2020-01-01' }),
      person(4, { eligible: false }),
      person(5, { constituency: 'elsewhere' }),
      person(7),
      person(8),
      person(9),
    ],
  });
  await room.open();
});
afterAll(() => room.close());
afterEach(async () => {
  await room.call('person.cancel', {});
});

const readCard = async (state: Parameters<Room['lay']>[1]) => {
  room.take('document');
  room.lay('document', state);
  return room.call('person.read', {});
};

test.each([
  [
    'an Amayesh card',
    { kind: 'amayesh', inclusiveCode: '123456789012' } as const,
    'amayesh_card',
    'turn_person_away',
  ],
  ['a chip of another system', { kind: 'foreign' } as const, 'foreign_card', 'lay_other_document'],
  ['plastic without a chip', { kind: 'plastic' } as const, 'card_mute', 'enter_by_hand'],
  ['a role card', roleState('executive'), 'document_is_role_card', 'lay_other_document'],
  ['a tarefe card', tarefeState(), 'document_is_tarefe_card', 'lay_other_document'],
])('%s in the document slot is told what it is, and what follows', async (_what, state, code, next) => {
  expect(await readCard(state)).toEqual({ state: 'refused', refusal: { code, detail: null } });
  expect((await room.until((one) => one.refusal?.code === code)).next.code).toBe(next);
});

test('a holder object with any part changed is forged', async () => {
  const card = voterState(1) as Extract<Parameters<Room['lay']>[1], { kind: 'voter' }>;
  const bent = card.holderObject.slice();
  bent[bent.length - 1] = (bent.at(-1) as number) ^ 1;
  expect((await readCard({ ...card, holderObject: bent })).refusal?.code).toBe('forged');
  // Never «give the document back» under a sentence that says to keep it.
  expect((await room.until((one) => one.refusal?.code === 'forged')).next.code).toBe('keep_document');
});

test('a card that cannot sign for the key in its holder object is forged', async () => {
  const card = voterState(1) as Extract<Parameters<Room['lay']>[1], { kind: 'voter' }>;
  const other = voterState(9) as typeof card;
  expect((await readCard({ ...card, secretKey: other.secretKey })).state).toBe('needs_proof');
  const proved = await room.call('person.prove', { pin: VOTER_PIN });
  expect(proved).toEqual({ state: 'refused', refusal: { code: 'forged', detail: null } });
});

test('a document of somebody too young is told so, though no roll holds children', async () => {
  expect((await readCard(voterState(3, VOTER_PIN, '2020-01-01'))).refusal?.code).toBe('under_age');
});

test.each([
  ['worn', 'document_worn', 'enter_by_hand'],
  ['forged', 'document_forged', 'keep_document'],
  ['not_holders', 'document_not_holders', 'turn_person_away'],
  ['dead_persons', 'dead', 'call_chief'],
  ['under_age', 'under_age', 'turn_person_away'],
  ['foreign_nationals', 'foreign_document', 'turn_person_away'],
  ['amayesh', 'amayesh_card', 'turn_person_away'],
] as const)('a document that officers see to be %s is refused by its own name', async (finding, code, next) => {
  const declined = await room.call('person.decline', { finding });
  expect(declined).toEqual({ state: 'refused', refusal: { code, detail: null } });
  // Views before this one may still be on their way.
  const view = await room.until((one) => one.refusal?.code === code);
  expect(view.next.code).toBe(next);
  expect(view.person).toBeNull();
  expect(view.ledger.admitted).toBe(0);
});

test.each([
  [2, 'dead', 'call_chief'],
  [3, 'not_on_roll', 'compare_code'],
  [4, 'not_eligible', 'turn_person_away'],
  [6, 'not_on_roll', 'compare_code'],
])('person %i is refused: %s, and then: %s', async (number, code, next) => {
  expect((await room.identify(number)).refusal?.code).toBe(code);
  expect((await room.until((one) => one.refusal?.code === code)).next.code).toBe(next);
});

test('a visitor gets the style without the contests of this district', async () => {
  expect((await room.identify(5)).state).toBe('identified');
  const view = await room.until((one) => one.state === 'identified');
  expect(view.person).toMatchObject({ style: 1, visiting: true });
});

test('a wrong PIN leaves its tries, the third blocks the card, and the code by hand is offered', async () => {
  await readCard(voterState(7));
  for (const left of ['2', '1'])
    expect(await room.call('person.prove', { pin: '0000' })).toEqual({
      state: 'needs_proof',
      refusal: { code: 'wrong_pin', detail: left },
    });
  expect(await room.call('person.prove', { pin: '0000' })).toEqual({
    state: 'refused',
    refusal: { code: 'card_blocked', detail: null },
  });
  expect((await room.until((view) => view.state === 'refused')).next.code).toBe('enter_by_hand');
  const entered = await room.call('person.enter', { national_code: codeOf(7), document: 'shenasnameh' });
  expect(entered.state).toBe('identified');
});

test('the holder proves herself by finger, another finger does not', async () => {
  await readCard(voterState(8));
  room.finger(codeOf(1));
  expect((await room.call('person.prove', { fingerprint: true })).refusal?.code).toBe('wrong_finger');
  room.finger(codeOf(8));
  expect((await room.call('person.prove', { fingerprint: true })).state).toBe('identified');
  room.finger(undefined);
});

test('a card changed between reading and proof is another document', async () => {
  await readCard(voterState(8));
  room.take('document');
  room.lay('document', voterState(9));
  await room.until((view) => view.slots.document);
  expect(await room.refusalOf(room.call('person.prove', { pin: VOTER_PIN }))).toBe('document_changed');
});

test('codes typed wrong, and foreign nationals’ codes, are refused by name', async () => {
  const enter = (national_code: string) =>
    room.refusalOf(room.call('person.enter', { national_code, document: 'shenasnameh' }));
  expect(await enter('1234567890')).toBe('national_code_malformed');
  expect(await enter('12345')).toBe('national_code_malformed');
  // A foreign national is no mistake of the officer's, but a person who is courteously refused.
  const foreign = await room.call('person.enter', { national_code: '۱۲۳۴۵۶۷۸۹۰۱۲', document: 'code_only' });
  expect(foreign).toEqual({ state: 'refused', refusal: { code: 'foreign_national', detail: null } });
  expect(await room.refusalOf(room.call('person.prove', { pin: VOTER_PIN }))).toBe('wrong_state');
});

test('an empty document slot is no person', async () => {
  room.take('document');
  expect(await room.refusalOf(room.call('person.read', {}))).toBe('no_document');
  expect((await room.until((view) => view.state === 'idle')).person).toBeNull();
});
