/** ISO 7816-4: one command in links, one answer in pieces, and what a card says to links that do not belong together. */
import {
  APDU_DATA_BYTES_MAX,
  type Bytes,
  bytesAvailable,
  concatBytes,
  encodeApdu,
  encodeApduChain,
  getResponse,
  SHORT_DATA_BYTES_MAX,
  STATUS_WORDS,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Applet, answer, type Card, createCard } from '../src/cards/card.ts';
import { testRandom } from './election.ts';

const AID = Uint8Array.of(0xf0, 1, 2, 3, 4, 5);
/** Gives back what it was given, behind its own instruction byte. */
const echo: Applet<null, null> = {
  aid: AID,
  selectAnswer: new Uint8Array(0),
  freshSession: null,
  execute: (state, session, command) =>
    answer(state, session, concatBytes(Uint8Array.of(command.ins), command.data)),
};

let card: Card;
beforeEach(() => {
  card = createCard(echo, null, { crypto: nodeCrypto, random: testRandom('chain') }, () => undefined);
  card.transmit(encodeApdu(0, 0xa4, 4, 0, AID));
});
const word = (said: Bytes): number => ((said.at(-2) as number) << 8) | (said.at(-1) as number);
const data = (length: number): Bytes => Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);

/** As a host without extended lengths asks. */
function ask(bytes: Bytes): Bytes {
  const links = encodeApduChain(0x80, 0x42, 1, 2, bytes);
  for (const link of links.slice(0, -1)) expect(word(card.transmit(link))).toBe(STATUS_WORDS.ok);
  const pieces: Bytes[] = [];
  let said = card.transmit(links.at(-1) as Bytes);
  for (;;) {
    pieces.push(said.subarray(0, -2));
    const more = bytesAvailable(word(said));
    if (more === undefined) break;
    said = card.transmit(getResponse(0x80, more));
  }
  expect(word(said)).toBe(STATUS_WORDS.ok);
  return concatBytes(...pieces);
}

describe('a chained command', () => {
  it('of any length is one command, and its answer in pieces one answer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: APDU_DATA_BYTES_MAX }), (length) => {
        expect(ask(data(length))).toEqual(concatBytes(Uint8Array.of(0x42), data(length)));
      }),
      { numRuns: 60, examples: [[0], [1], [255], [256], [510], [APDU_DATA_BYTES_MAX]] },
    );
  });

  it('longer than a card holds is refused, and the next one taken', () => {
    const link = encodeApduChain(0x90, 0x42, 1, 2, data(SHORT_DATA_BYTES_MAX))[0] as Bytes;
    const words = Array.from({ length: 40 }, () => word(card.transmit(link)));
    expect(words.filter((one) => one === STATUS_WORDS.ok)).toHaveLength(38);
    expect(words.filter((one) => one === STATUS_WORDS.wrong_length)).toHaveLength(2);
    card.reset();
    card.transmit(encodeApdu(0, 0xa4, 4, 0, AID));
    expect(ask(data(9))).toHaveLength(10);
  });

  it('that changes in the middle is none, and what follows begins anew', () => {
    const [first] = encodeApduChain(0x80, 0x42, 1, 2, data(300)) as [Bytes];
    for (const other of [
      encodeApdu(0x80, 0x43, 1, 2),
      encodeApdu(0x80, 0x42, 0, 2),
      encodeApdu(0, 0x42, 1, 2),
    ]) {
      card.transmit(first);
      expect(word(card.transmit(other))).toBe(STATUS_WORDS.last_link_expected);
      expect(ask(data(3))).toEqual(Uint8Array.of(0x42, 0, 7, 14));
    }
  });

  it('is forgotten when the card leaves the field', () => {
    card.transmit(encodeApduChain(0x80, 0x42, 1, 2, data(300))[0] as Bytes);
    card.reset();
    card.transmit(encodeApdu(0, 0xa4, 4, 0, AID));
    expect(ask(data(2))).toHaveLength(3);
  });
});
