// The same box with the bench's own metal and cards, which are stricter than this room's: what one room says on the
// wire the other must take.
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  createCardOf,
  createMechanics,
  FRESH_FACTS,
  type Mechanics,
  makeTarefeCard,
  virtualSchedule,
} from '@sandoq/hardware-sim';
import {
  type Bytes,
  encode,
  encodeApdu,
  encodeArmData,
  INS,
  records,
  TAREFE_CARD_AID,
} from '@sandoq/protocol';
import { expect, test } from 'vitest';
import { createFlash } from '../src/index.ts';
import { approve, crypto, ROLES, STATION, TAREFE, type TestElection } from './election.ts';
import { BALLOT, builtFirmware, Rig, refusalOf } from './rig.ts';

const firmware = await builtFirmware();

function armedCard(election: TestElection) {
  const approver = (role: 'executive' | 'supervisor') => ({
    subject: `station/${STATION}/role/${role}` as never,
    role,
    key: ROLES[role].key,
  });
  const state = makeTarefeCard({
    election: election.id,
    stationId: STATION,
    secretKey: TAREFE.secret,
    approvers: [approver('executive'), approver('supervisor')],
  });
  let draws = 0;
  const random = (length: number): Bytes => crypto.sha512(Uint8Array.of(7, draws++)).slice(0, length);
  const card = createCardOf(state, { crypto, random }, () => undefined);
  const send = (ins: number, data?: Bytes): Bytes => card.transmit(encodeApdu(0x80, ins, 0, 0, data));
  card.transmit(encodeApdu(0x00, INS.select, 0x04, 0, TAREFE_CARD_AID));
  const armingNonce = send(INS.tarefe_prepare).slice(0, 16);
  const statement: records.ArmStatement = { stationId: STATION, mode: 'rehearsal', style: 0, armingNonce };
  const digest = crypto.sha256(encode(records.armStatementShape, statement));
  const approvals = [
    approve(election, 'executive', 'arm_tarefe', digest),
    approve(election, 'supervisor', 'arm_tarefe', digest),
  ] as const;
  expect([...send(INS.tarefe_arm, encodeArmData({ statement, approvals }))]).toEqual([0x90, 0x00]);
  card.reset();
  return card;
}

test('a vote, a correction and a restart with the bench’s mechanics and cards', async () => {
  const violations: string[] = [];
  let metal: Mechanics | undefined;
  const rig = new Rig(firmware, createFlash(), 1, (port, bytes) => metal?.receive(port, bytes));
  metal = createMechanics({
    schedule: virtualSchedule(),
    send: (port, bytes) => rig.box.receive(port, bytes),
    onChange: () => undefined,
    onViolation: (violation) => violations.push(violation.message),
    facts: FRESH_FACTS,
    randomBelow: () => 0,
  });
  metal.power(true);
  rig.restart();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 40; turn++) await nextTurn();
  };
  const answered = async <Kind extends 'begin' | 'print'>(
    kind: Kind,
    body: Parameters<typeof rig.send<Kind>>[1],
  ) => {
    const sequence = rig.send(kind, body);
    await settle();
    return rig.answer<Kind>(sequence)!;
  };
  rig.provision();
  rig.load();
  rig.link();
  await settle();
  rig.open();
  const card = armedCard(rig.election);
  metal.layCard(card);
  const vote = async (nonce: number) => {
    const stationNonce = crypto.sha256(Uint8Array.of(nonce));
    const { boxNonce } = await answered('begin', { stationCommitment: crypto.sha256(stationNonce) });
    const prepared = rig.seal(stationNonce, boxNonce, BALLOT);
    expect((await answered('print', prepared)).outcome).toBe('in_window');
    return prepared;
  };
  await vote(1);
  metal.press('correction');
  await settle();
  expect(rig.events.outcomes.at(-1)?.outcome).toBe('rejected');
  await vote(2);
  metal.power(false);
  metal.power(true);
  rig.box.powerOff();
  rig.box.powerOn();
  rig.link();
  await settle();
  const cast = await vote(3);
  metal.press('green');
  await settle();
  expect(rig.events.outcomes.at(-1)?.outcome).toBe('cast');
  expect(rig.ask('outcome', { names: cast.names }).outcome).toBe('cast');
  expect(refusalOf(() => rig.answer(rig.send('begin', { stationCommitment: new Uint8Array(32) })))).toBe(
    'nothing was refused',
  );
  await settle();
  expect(rig.reasons.at(-1)).toBe('card_spent');
  expect(metal.facts().bins).toEqual({ bin: 1, rejected: 2, retained: 0 });
  expect(rig.status().counters).toMatchObject({
    records: 3,
    papersPrinted: 3,
    papersInBin: 1,
    papersRejected: 2,
  });
  expect(violations).toEqual([]);
});
