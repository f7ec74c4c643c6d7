import { createPublicKey, verify } from 'node:crypto';
import {
  AMAYESH_AID,
  type Bytes,
  HOLDER_OBJECT_TAG,
  INS,
  openHolderObject,
  PIV,
  PIV_AID,
  pivAuthenticate,
  pivGetData,
  pivObject,
  pivSignature,
  ROLE_CARD_AID,
  SIMULATED_REGISTRY_PUBLIC_KEY,
  STATUS_WORDS,
  utf8,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { describe, expect, it } from 'vitest';
import { p256PublicKey, p256SignDigest } from '../src/cards/p256.ts';
import { fingerTemplate, makeVoterCard } from '../src/index.ts';
import { withFinger } from '../src/reader/device.ts';
import { insert, secret, select, send, testRandom } from './election.ts';

const holder = { nationalCode: '0084575948', name: 'زهرا محمدی', birthDate: '1980-03-21' };
const padded = (pin: string): Bytes => Uint8Array.from([...utf8(pin), ...Array(8 - pin.length).fill(0xff)]);
const piv = (card: ReturnType<typeof insert>, ins: number, p1: number, p2: number, data?: Bytes) =>
  send(card, 0, ins, p1, p2, data);

function laid(state = makeVoterCard(nodeCrypto, holder, '1234')) {
  const card = insert(state);
  expect(select(card, PIV_AID).statusWord).toBe(STATUS_WORDS.ok);
  return card;
}

const p256Key = (point: Bytes) =>
  createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: Buffer.from(point.subarray(1, 33)).toString('base64url'),
      y: Buffer.from(point.subarray(33)).toString('base64url'),
    },
  });

describe("a voter's card", () => {
  it('gives its holder, signed by the simulated registry, to anyone', () => {
    const answer = piv(laid(), INS.get_data, PIV.get_data_p1, PIV.get_data_p2, pivGetData(HOLDER_OBJECT_TAG));
    const object = pivObject(answer.data) as Bytes;
    const read = openHolderObject(nodeCrypto, SIMULATED_REGISTRY_PUBLIC_KEY, object);
    expect(read).toMatchObject(holder);
    for (let at = 0; at < object.length; at += 7) {
      const bent = object.slice();
      bent[at] = (bent[at] as number) ^ 1;
      expect(openHolderObject(nodeCrypto, SIMULATED_REGISTRY_PUBLIC_KEY, bent)).toBeUndefined();
    }
  });

  it('signs a challenge after its PIN or its finger, and not before', () => {
    const challenge = secret('challenge');
    const data = pivAuthenticate(nodeCrypto.sha256(challenge));
    const authenticate = (card: ReturnType<typeof insert>) =>
      piv(card, INS.general_authenticate, PIV.algorithm_p256, PIV.authentication_key, data);
    const card = laid();
    expect(authenticate(card).statusWord).toBe(STATUS_WORDS.security_not_satisfied);
    expect(piv(card, INS.verify_pin, 0, PIV.pin, padded('1234')).statusWord).toBe(STATUS_WORDS.ok);
    const { publicKey } = openHolderObject(
      nodeCrypto,
      SIMULATED_REGISTRY_PUBLIC_KEY,
      makeVoterCard(nodeCrypto, holder, '1234').holderObject,
    ) as { publicKey: Bytes };
    const signature = pivSignature(authenticate(card).data) as Bytes;
    expect(verify('sha256', challenge, p256Key(publicKey), signature)).toBe(true);
    expect(verify('sha256', secret('other'), p256Key(publicKey), signature)).toBe(false);

    const byFinger = laid();
    const asked = Uint8Array.of(0, INS.verify_pin, 0, PIV.primary_finger, 0, 0, 0);
    const finger = fingerTemplate(nodeCrypto, holder.nationalCode);
    const wrong = fingerTemplate(nodeCrypto, '0000000019');
    expect(byFinger.transmit(withFinger(asked, wrong))).toEqual(Uint8Array.of(0x63, 0xc4));
    expect(byFinger.transmit(withFinger(asked, undefined))).toEqual(Uint8Array.of(0x63, 0xc4));
    expect(byFinger.transmit(withFinger(asked, finger))).toEqual(Uint8Array.of(0x90, 0x00));
    expect(authenticate(byFinger).statusWord).toBe(STATUS_WORDS.ok);
  });

  it('blocks after wrong PINs', () => {
    const card = laid();
    const word = (pin: string) => piv(card, INS.verify_pin, 0, PIV.pin, padded(pin)).statusWord;
    expect([word('1111'), word('1111'), word('1111'), word('1234')]).toEqual([
      0x63c2,
      0x63c1,
      STATUS_WORDS.pin_blocked,
      STATUS_WORDS.pin_blocked,
    ]);
  });

  it('answers short commands in pieces, as a PC/SC host without extended length asks', () => {
    const card = laid();
    const tag = pivGetData(HOLDER_OBJECT_TAG);
    let answer = card.transmit(Uint8Array.of(0, INS.get_data, 0x3f, 0xff, tag.length, ...tag, 100));
    const pieces: number[] = [];
    while (answer.at(-2) === 0x61) {
      pieces.push(...answer.subarray(0, -2));
      answer = card.transmit(Uint8Array.of(0, 0xc0, 0, 0, 100));
    }
    pieces.push(...answer.subarray(0, -2));
    const object = pivObject(Uint8Array.from(pieces));
    expect(object && openHolderObject(nodeCrypto, SIMULATED_REGISTRY_PUBLIC_KEY, object)).toMatchObject(
      holder,
    );
  });

  it('signs digests that OpenSSL verifies, for many keys', () => {
    const random = testRandom('p256');
    for (let i = 0; i < 50; i++) {
      const key = random(32);
      key[0] = 0;
      const message = random(20);
      const signature = p256SignDigest(key, nodeCrypto.sha256(message), random);
      expect(verify('sha256', message, p256Key(p256PublicKey(key)), signature)).toBe(true);
    }
  });
});

describe('a card laid by mistake', () => {
  it('is recognised by its AID, or has none that we know, or no chip at all', () => {
    const amayesh = insert({ kind: 'amayesh', inclusiveCode: '123456789012' });
    expect(select(amayesh, PIV_AID).statusWord).toBe(STATUS_WORDS.not_found);
    expect(select(amayesh, AMAYESH_AID).statusWord).toBe(STATUS_WORDS.ok);
    const foreign = insert({ kind: 'foreign' });
    for (const aid of [PIV_AID, AMAYESH_AID, ROLE_CARD_AID])
      expect(select(foreign, aid).statusWord).toBe(STATUS_WORDS.not_found);
    expect(insert({ kind: 'plastic' }).transmit(Uint8Array.of(0, 0xa4, 4, 0))).toHaveLength(0);
  });
});
