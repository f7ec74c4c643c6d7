import { PIV_AID, ROLE_CARD_AID, STATUS_WORDS, TAREFE_CARD_AID } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CardState, makeVoterCard } from '../src/index.ts';
import { insert, roleCard, select, tarefeCard } from './election.ts';

const cards: readonly [string, CardState, Uint8Array][] = [
  ['role', roleCard('governor_representative'), ROLE_CARD_AID],
  ['tarefe', tarefeCard(), TAREFE_CARD_AID],
  [
    'voter',
    makeVoterCard(nodeCrypto, { nationalCode: '0084575948', name: 'ن', birthDate: '1980-03-21' }, '1234'),
    PIV_AID,
  ],
];

const KNOWN_INS = [0xa4, 0x20, 0xcb, 0x87, 0x10, 0x12, 0x14, 0x16, 0x18, 0x30, 0x32, 0x34, 0xc0];
const anyApdu = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .tuple(
      fc.constantFrom(0x00, 0x80, 0x90),
      fc.constantFrom(...KNOWN_INS),
      fc.nat(255),
      fc.nat(255),
      fc.uint8Array({ maxLength: 300 }),
    )
    .map(([cla, ins, p1, p2, data]) =>
      Uint8Array.of(cla, ins, p1, p2, 0, data.length >> 8, data.length & 0xff, ...data),
    ),
);

describe.each(cards)('a %s card', (_name, state, aid) => {
  it('answers any bytes with a status word', () => {
    fc.assert(
      fc.property(fc.array(anyApdu, { maxLength: 12 }), (apdus) => {
        const card = insert(state);
        select(card, aid);
        for (const apdu of apdus) expect(card.transmit(apdu).length).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 200 },
    );
  });

  it('says 6700 to lengths that do not add up and 6985 before it is selected', () => {
    const card = insert(state);
    expect(card.transmit(Uint8Array.of(0x80, 0x10, 0, 0, 0))).toHaveLength(2);
    const word = (bytes: Uint8Array): number => {
      const answer = card.transmit(bytes);
      return ((answer.at(-2) as number) << 8) | (answer.at(-1) as number);
    };
    expect(word(Uint8Array.of(0x80, 0x10, 0, 0, 0))).toBe(STATUS_WORDS.conditions_not_satisfied);
    expect(word(Uint8Array.of(0x80, 0x10, 0, 0, 9, 1))).toBe(STATUS_WORDS.wrong_length);
    expect(word(Uint8Array.of(0x80, 0x10, 0, 0, 0, 0xff, 0xff, 1))).toBe(STATUS_WORDS.wrong_length);
    expect(word(Uint8Array.of(0x80))).toBe(STATUS_WORDS.wrong_length);
  });
});
