import {
  decodeRoleIdentity,
  encode,
  encodeReleaseData,
  INS,
  parseTyped,
  ROLE_CARD_AID,
  records,
  roleSubject,
  STATUS_WORDS,
  utf8,
  verifyRecord,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { describe, expect, it } from 'vitest';
import type { RoleCardState } from '../src/cards/role-card.ts';
import {
  approvalBy,
  type ChainOptions,
  chain,
  insert,
  PIN,
  roleCard,
  STATION,
  secret,
  select,
  send,
  unlocked,
} from './election.ts';

const verifyPin = (card: ReturnType<typeof insert>, pin: string) =>
  send(card, 0x80, INS.verify_pin, 0, 0, utf8(pin)).statusWord;
const codeOf = (role: records.Role): number => records.roleShape.toCbor(role, '') as number;

describe('the PIN of a role card', () => {
  it('is counted down on the card, and blocks it for good, over removal and restart', () => {
    let stored: RoleCardState = roleCard('executive');
    const again = (): ReturnType<typeof insert> => {
      const card = insert(stored, (next) => {
        stored = next as RoleCardState;
      });
      select(card, ROLE_CARD_AID);
      return card;
    };
    expect(verifyPin(again(), '0000')).toBe(0x63c2);
    expect(verifyPin(again(), '0000')).toBe(0x63c1);
    expect(verifyPin(again(), '0000')).toBe(STATUS_WORDS.pin_blocked);
    expect(verifyPin(again(), PIN)).toBe(STATUS_WORDS.pin_blocked);
    expect(stored.pin.triesLeft).toBe(0);
  });

  it('gives all tries back when it is right', () => {
    let stored: RoleCardState = roleCard('executive');
    const card = insert(stored, (next) => {
      stored = next as RoleCardState;
    });
    select(card, ROLE_CARD_AID);
    verifyPin(card, '0000');
    expect(verifyPin(card, PIN)).toBe(STATUS_WORDS.ok);
    expect(stored.pin.triesLeft).toBe(3);
  });

  it('is asked for again once the card has left the field', () => {
    const card = unlocked(roleCard('executive'));
    const approval = encode(records.approvalShape, {
      action: 'open',
      role: 'executive',
      digest: new Uint8Array(32),
    });
    expect(send(card, 0x80, INS.approve, codeOf('executive'), 0, approval).statusWord).toBe(STATUS_WORDS.ok);
    card.reset();
    select(card, ROLE_CARD_AID);
    expect(send(card, 0x80, INS.approve, codeOf('executive'), 0, approval).statusWord).toBe(
      STATUS_WORDS.security_not_satisfied,
    );
  });
});

describe('a role card', () => {
  it('says who it is without a PIN, and holds a count key only for the closing representatives', () => {
    for (const role of ['executive', 'governor_representative'] as const) {
      const state = roleCard(role);
      const card = insert(state);
      select(card, ROLE_CARD_AID);
      const identity = decodeRoleIdentity(send(card, 0x80, INS.identity, 0, 0).data);
      expect(identity?.subject).toBe(roleSubject(STATION, role));
      expect(identity?.role).toBe(role);
      expect(identity?.key).toEqual(nodeCrypto.signingPublicKey(state.secretKey));
      expect(identity?.countKey !== undefined).toBe(role === 'governor_representative');
    }
  });

  it('signs an approval under its own subject that its key verifies', () => {
    const state = roleCard('supervisor');
    const bytes = approvalBy(state, 'arm_tarefe', new Uint8Array(32).fill(7), { remark: 'دیدم' });
    const parsed = parseTyped(bytes, 'approval', records.approvalShape);
    if (!parsed.ok) throw new Error(parsed.fault.code);
    expect(parsed.value.record.signer).toBe(roleSubject(STATION, 'supervisor'));
    expect(verifyRecord(nodeCrypto, nodeCrypto.signingPublicKey(state.secretKey), parsed.value.record)).toBe(
      true,
    );
    expect(parsed.value.value.remark).toBe('دیدم');
  });

  it('does not sign for another role', () => {
    const card = unlocked(roleCard('supervisor'));
    const approval = { action: 'open', digest: new Uint8Array(32) } as const;
    const asExecutive = encode(records.approvalShape, { ...approval, role: 'executive' });
    expect(send(card, 0x80, INS.approve, codeOf('executive'), 0, asExecutive).statusWord).toBe(
      STATUS_WORDS.wrong_p1p2,
    );
    expect(send(card, 0x80, INS.approve, codeOf('supervisor'), 0, asExecutive).statusWord).toBe(
      STATUS_WORDS.wrong_data,
    );
  });
});

describe('the count key', () => {
  const release = (options: ChainOptions = {}, state?: RoleCardState) => {
    const made = chain(options);
    const card = unlocked(state ?? made.governor);
    return send(card, 0x80, INS.release_count_key, 0, 0, encodeReleaseData(made));
  };

  it("leaves the card for the box's last word, and again for the same", () => {
    const { governor } = chain();
    expect(release()).toEqual({ data: governor.countSecretKey, statusWord: STATUS_WORDS.ok });
    expect(release().data).toEqual(governor.countSecretKey);
  });

  it('stays on the card without its PIN', () => {
    const made = chain();
    const card = insert(made.governor);
    select(card, ROLE_CARD_AID);
    expect(send(card, 0x80, INS.release_count_key, 0, 0, encodeReleaseData(made)).statusWord).toBe(
      STATUS_WORDS.security_not_satisfied,
    );
  });

  const bent: readonly [string, ChainOptions][] = [
    ['a station record of another authority', { stationSigner: secret('other authority') }],
    ['a session of a box that the station does not list', { sessionSigner: secret('other box') }],
    ['a commitment not signed by the session', { commitmentSigner: secret('other session') }],
    ['a commitment of another session', { commitmentSession: new Uint8Array(16) }],
    ['approvals of something else than closing', { closingAction: 'close_doors' }],
    ['another election', { election: 'other-1405' as never }],
    ['a station that lists another count key', { countKey: nodeCrypto.agreementPublicKey(secret('k')) }],
  ];
  it.each(bent)('stays on the card for %s', (_name, options) => {
    expect(release(options).statusWord).toBe(STATUS_WORDS.conditions_not_satisfied);
  });

  it('stays on the card when one representative approved twice', () => {
    const { governor, closeDigest } = chain();
    const one = approvalBy(governor, 'close', closeDigest);
    expect(release({ approvals: [one, one] }).statusWord).toBe(STATUS_WORDS.conditions_not_satisfied);
  });

  it('stays on the card when one representative signed in disagreement', () => {
    const { governor, council, closeDigest } = chain();
    const approvals = [
      approvalBy(governor, 'close', closeDigest),
      approvalBy(council, 'close', closeDigest, { refused: true }),
    ];
    expect(release({ approvals }).statusWord).toBe(STATUS_WORDS.conditions_not_satisfied);
  });

  it('is not on any other card', () => {
    expect(release({}, roleCard('executive')).statusWord).toBe(STATUS_WORDS.ins_unknown);
  });
});
