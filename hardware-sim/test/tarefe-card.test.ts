import {
  type Bytes,
  encodeArmData,
  encodeVoidData,
  INS,
  parseTyped,
  records,
  STATUS_WORDS,
  TAREFE_CARD_AID,
  verifyRecord,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CardState } from '../src/index.ts';
import {
  approvalBy,
  armDigest,
  armStatement,
  insert,
  roleCard,
  secret,
  select,
  send,
  tarefeCard,
} from './election.ts';

const executive = roleCard('executive');
const supervisor = roleCard('supervisor');
const challenge = new Uint8Array(32).fill(9);

let stored: CardState;
let laid = 0;
let card: ReturnType<typeof insert>;

function lay(): void {
  card = insert(
    stored,
    (next) => {
      stored = next;
    },
    `lay ${++laid}`,
  );
  select(card, TAREFE_CARD_AID);
}

const ask = (ins: number, data?: Bytes) => send(card, 0x80, ins, 0, 0, data);

function read(ins: number = INS.tarefe_state): records.Tarefe {
  const answer = ask(ins, challenge);
  const parsed = parseTyped(answer.data, 'tarefe', records.tarefeShape);
  if (!parsed.ok) throw new Error(`${answer.statusWord.toString(16)} ${parsed.fault.code}`);
  const key = nodeCrypto.signingPublicKey(secret('tarefe'));
  expect(verifyRecord(nodeCrypto, key, parsed.value.record)).toBe(true);
  expect(parsed.value.value.challenge).toEqual(challenge);
  return parsed.value.value;
}

function prepared(): records.ArmStatement {
  const answer = ask(INS.tarefe_prepare);
  expect(answer.statusWord).toBe(STATUS_WORDS.ok);
  return armStatement(answer.data);
}

const armData = (statement: records.ArmStatement): Bytes =>
  encodeArmData({
    statement,
    approvals: [
      approvalBy(executive, 'arm_tarefe', armDigest(statement)),
      approvalBy(supervisor, 'arm_tarefe', armDigest(statement)),
    ],
  });

function arm(): Bytes {
  const data = armData(prepared());
  expect(ask(INS.tarefe_arm, data).statusWord).toBe(STATUS_WORDS.ok);
  return data;
}

beforeEach(() => {
  stored = tarefeCard();
  lay();
});

describe('a tarefe card', () => {
  it('goes blank, armed, spent, and shows its arming to whoever challenges it', () => {
    expect(read()).toEqual({ challenge, state: 'blank' });
    arm();
    const armed = read();
    expect(armed.state).toBe('armed');
    expect(armed.statement?.style).toBe(0);
    expect(armed.approvals).toHaveLength(2);
    expect(read(INS.tarefe_burn).state).toBe('spent');
    expect(read(INS.tarefe_burn).state).toBe('spent');
    expect(read().statement).toEqual(armed.statement);
  });

  it('keeps its state over the field and over a restart of the bench', () => {
    arm();
    lay();
    expect(read().state).toBe('armed');
    read(INS.tarefe_burn);
    lay();
    expect(read().state).toBe('spent');
  });

  it('is armed anew after it was spent, with another nonce', () => {
    arm();
    const first = read().statement?.armingNonce;
    read(INS.tarefe_burn);
    arm();
    expect(read().state).toBe('armed');
    expect(read().statement?.armingNonce).not.toEqual(first);
  });

  it('stays spent until it is armed: preparing alone changes nothing', () => {
    arm();
    read(INS.tarefe_burn);
    prepared();
    expect(read().state).toBe('spent');
  });

  it('grants a repeated arming of the same statement and refuses any other while armed', () => {
    const data = arm();
    expect(ask(INS.tarefe_arm, data).statusWord).toBe(STATUS_WORDS.ok);
    const other = armData(armStatement(new Uint8Array(16)));
    expect(ask(INS.tarefe_arm, other).statusWord).toBe(STATUS_WORDS.conditions_not_satisfied);
    expect(ask(INS.tarefe_prepare).statusWord).toBe(STATUS_WORDS.conditions_not_satisfied);
  });

  it('refuses a replay of an arming that was used up', () => {
    const data = arm();
    read(INS.tarefe_burn);
    expect(ask(INS.tarefe_arm, data).statusWord).toBe(STATUS_WORDS.conditions_not_satisfied);
    prepared();
    expect(ask(INS.tarefe_arm, data).statusWord).toBe(STATUS_WORDS.wrong_data);
    expect(read().state).toBe('spent');
  });

  it('refuses approvals of another statement, action, role or key', () => {
    const statement = prepared();
    const digest = armDigest(statement);
    const good = approvalBy(executive, 'arm_tarefe', digest);
    const stranger = roleCard('supervisor', 'another card of that role');
    const wrong: Bytes[] = [
      approvalBy(supervisor, 'arm_tarefe', new Uint8Array(32)),
      approvalBy(supervisor, 'return_tarefe', digest),
      approvalBy(supervisor, 'arm_tarefe', digest, { refused: true }),
      approvalBy(roleCard('inspector'), 'arm_tarefe', digest),
      approvalBy(stranger, 'arm_tarefe', digest),
      good, // the same role twice
    ];
    for (const second of wrong)
      expect(ask(INS.tarefe_arm, encodeArmData({ statement, approvals: [good, second] })).statusWord).toBe(
        STATUS_WORDS.security_not_satisfied,
      );
    expect(read().state).toBe('blank');
    expect(ask(INS.tarefe_arm, armData(statement)).statusWord).toBe(STATUS_WORDS.ok);
  });

  it('refuses a statement of another station', () => {
    const statement = { ...prepared(), stationId: 'st-2' };
    expect(ask(INS.tarefe_arm, armData(statement)).statusWord).toBe(STATUS_WORDS.wrong_data);
  });

  it('is not burnt while blank', () => {
    expect(ask(INS.tarefe_burn, challenge).statusWord).toBe(STATUS_WORDS.conditions_not_satisfied);
  });

  it.each(['return_tarefe', 'abandon_ballot'] as const)('is voided by two approvals of %s', (action) => {
    arm();
    const digest = armDigest(read().statement as records.ArmStatement);
    const both = (a: typeof executive, b: typeof executive, which: records.Action): Bytes =>
      encodeVoidData([approvalBy(a, which, digest), approvalBy(b, which, digest)]);
    expect(ask(INS.tarefe_void, both(executive, executive, action)).statusWord).toBe(
      STATUS_WORDS.security_not_satisfied,
    );
    expect(ask(INS.tarefe_void, both(executive, supervisor, 'arm_tarefe')).statusWord).toBe(
      STATUS_WORDS.security_not_satisfied,
    );
    expect(ask(INS.tarefe_void, both(executive, supervisor, action)).statusWord).toBe(STATUS_WORDS.ok);
    expect(read()).toEqual({ challenge, state: 'blank' });
    expect(ask(INS.tarefe_void, both(executive, supervisor, action)).statusWord).toBe(
      STATUS_WORDS.conditions_not_satisfied,
    );
  });

  it('cannot be voided once spent', () => {
    arm();
    const digest = armDigest(read().statement as records.ArmStatement);
    read(INS.tarefe_burn);
    const data = encodeVoidData([
      approvalBy(executive, 'return_tarefe', digest),
      approvalBy(supervisor, 'return_tarefe', digest),
    ]);
    expect(ask(INS.tarefe_void, data).statusWord).toBe(STATUS_WORDS.conditions_not_satisfied);
  });
});
