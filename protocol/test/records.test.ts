import { nodeCrypto } from '@sandoq/protocol/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AUTHORITY_SUBJECT,
  authorityEntry,
  type BallotClass,
  checkSignature,
  decodeBallot,
  directoryOf,
  type ElectionId,
  encodeBallot,
  enrolPublicKey,
  fromHex,
  openBallot,
  parseRecord,
  parseTyped,
  RECORD_TYPES,
  recordName,
  records,
  referenceCrypto,
  type Subject,
  sealBallot,
  sealedBytes,
  setRoot,
  signTyped,
  toHex,
} from '../src/index.ts';
import { corpus } from './corpora.ts';

const secret = new Uint8Array(32).fill(7);
const election = 'demo-1405' as ElectionId;
const approval = { action: 'open', role: 'chief', digest: new Uint8Array(32).fill(1) } as const;
const signed = signTyped(
  nodeCrypto,
  secret,
  { type: 'approval', election, signer: 'station/s1/role/chief' as Subject },
  records.approvalShape,
  approval,
);
const directory = directoryOf([
  { subject: 'station/s1/role/chief' as Subject, purpose: 'role', key: nodeCrypto.signingPublicKey(secret) },
  authorityEntry(nodeCrypto.signingPublicKey(secret)),
]);

describe('a signed record', () => {
  it('is read back and its signature holds under both implementations', () => {
    const parsed = parseTyped(signed, 'approval', records.approvalShape);
    expect(parsed).toMatchObject({ ok: true, value: { value: approval } });
    if (!parsed.ok) return;
    for (const crypto of [nodeCrypto, referenceCrypto])
      expect(checkSignature(crypto, directory, election, 0, parsed.value.record).ok).toBe(true);
  });

  it('with any one bit flipped is refused', () => {
    for (let bit = 0; bit < signed.length * 8; bit++) {
      const flipped = Uint8Array.from(signed);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      const parsed = parseRecord(flipped);
      if (parsed.ok)
        expect(checkSignature(nodeCrypto, directory, election, 0, parsed.value).ok, `bit ${bit}`).toBe(false);
    }
  });

  it('cannot be carried to another type, election or signer', () => {
    const parsed = parseRecord(signed);
    if (!parsed.ok) throw new Error('the record parses');
    expect(checkSignature(nodeCrypto, directory, 'other' as ElectionId, 0, parsed.value)).toMatchObject({
      ok: false,
      fault: { code: 'wrong_election' },
    });
    expect(parseTyped(signed, 'slip', records.slipShape)).toMatchObject({
      ok: false,
      fault: { code: 'record_of_other_type' },
    });
    for (const type of RECORD_TYPES.filter((one) => one !== 'approval')) {
      const moved = signTyped(
        nodeCrypto,
        secret,
        { type, election, signer: AUTHORITY_SUBJECT },
        records.approvalShape,
        approval,
      );
      const record = parseRecord(moved);
      if (!record.ok) throw new Error('the record parses');
      const verdict = checkSignature(nodeCrypto, directory, election, 0, record.value);
      const byAuthority = ['package', 'station', 'amendment', 'correction', 'roll', 'roll-delta'];
      expect(verdict.ok, type).toBe(byAuthority.includes(type));
    }
  });

  it('is parsed totally: any bytes give a record or a named fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (noise, at) => {
        expect(parseRecord(noise).ok).toBe(false);
        const spliced = Uint8Array.from(signed);
        spliced.set(noise.subarray(0, Math.max(0, signed.length - at)), Math.min(at, signed.length));
        const parsed = parseRecord(spliced);
        if (parsed.ok && toHex(spliced) !== toHex(signed))
          expect(checkSignature(nodeCrypto, directory, election, 0, parsed.value).ok).toBe(false);
      }),
    );
  });
});

describe('HMAC-SHA-256', () => {
  it('is the same in both implementations for every length of key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 150 }), fc.uint8Array({ maxLength: 200 }), (key, data) => {
        expect(toHex(nodeCrypto.hmacSha256(key, data))).toBe(toHex(referenceCrypto.hmacSha256(key, data)));
      }),
    );
  });
});

describe('one verdict on crafted signatures', () => {
  const cases = corpus('ed25519-speccheck/cases.json') as
    | readonly { readonly message: string; readonly pub_key: string; readonly signature: string }[]
    | undefined;
  it.skipIf(cases === undefined)('node:crypto and the reference agree on every published edge case', () => {
    expect(cases?.length).toBe(12);
    for (const one of cases ?? []) {
      const key = fromHex(one.pub_key) as Uint8Array;
      const verdicts = [nodeCrypto, referenceCrypto].map(
        (crypto) =>
          enrolPublicKey(key) &&
          crypto.verify(key, fromHex(one.message) as Uint8Array, fromHex(one.signature) as Uint8Array),
      );
      expect(verdicts[0], one.pub_key).toBe(verdicts[1]);
    }
  });
  const wycheproof = corpus('wycheproof/ed25519_test.json') as
    | {
        readonly testGroups: readonly {
          readonly publicKey: { readonly pk: string };
          readonly tests: readonly {
            readonly tcId: number;
            readonly msg: string;
            readonly sig: string;
            readonly result: string;
          }[];
        }[];
      }
    | undefined;
  it.skipIf(wycheproof === undefined)('and with Wycheproof', () => {
    let tried = 0;
    for (const group of wycheproof?.testGroups ?? []) {
      const key = fromHex(group.publicKey.pk) as Uint8Array;
      for (const test of group.tests) {
        tried++;
        expect(
          nodeCrypto.verify(key, fromHex(test.msg) as Uint8Array, fromHex(test.sig) as Uint8Array),
          `${test.tcId}`,
        ).toBe(test.result === 'valid');
      }
    }
    expect(tried).toBeGreaterThan(100);
  });
});

const contest = (seats: number, candidatesCount: number) => ({
  id: `c${seats}`,
  title: { fa: 'ف', en: 'e' },
  law: 'plurality' as const,
  seats,
  choicesMax: seats,
  blankAllowed: true,
  candidatesCount,
  candidatesDigest: new Uint8Array(32),
  codeDigits: 3,
});
const ballotRules = { contests: [contest(1, 4), contest(5, 200)] };
const keys = {
  governorRepresentative: new Uint8Array(32).fill(3),
  councilRepresentative: new Uint8Array(32).fill(4),
};
const publicKeys = {
  governorRepresentative: nodeCrypto.agreementPublicKey(keys.governorRepresentative),
  councilRepresentative: nodeCrypto.agreementPublicKey(keys.councilRepresentative),
};
const session = new Uint8Array(16).fill(9);

const anyBallot = fc.nat(1).chain((index) => {
  const rules = ballotRules.contests[index] as (typeof ballotRules.contests)[number];
  return fc.oneof(
    fc.constant({ contest: index, class: 'blank' as BallotClass, choices: [] as number[] }),
    fc.constant({ contest: index, class: 'not_in_style' as BallotClass, choices: [] as number[] }),
    fc
      .uniqueArray(fc.nat(rules.candidatesCount - 1), { minLength: 1, maxLength: rules.choicesMax })
      .map((choices) => ({
        contest: index,
        class: 'marked' as BallotClass,
        choices: choices.sort((a, b) => a - b),
      })),
  );
});

describe('a ballot', () => {
  it('has one length for every choice and contest, sealed too, and opens only with both keys', () => {
    fc.assert(
      fc.property(
        anyBallot,
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (ballot, mine, theirs) => {
          const plaintext = encodeBallot(ballotRules, ballot);
          const sealed = sealBallot(nodeCrypto, publicKeys, session, mine, theirs, ballot.contest, plaintext);
          expect(sealed.length).toBe(sealedBytes(ballotRules.contests));
          expect(
            decodeBallot(ballotRules, openBallot(nodeCrypto, keys, session, sealed) as Uint8Array),
          ).toEqual(ballot);
          expect(
            openBallot(nodeCrypto, { ...keys, governorRepresentative: secret }, session, sealed),
          ).toBeUndefined();
          expect(
            openBallot(nodeCrypto, { ...keys, councilRepresentative: secret }, session, sealed),
          ).toBeUndefined();
          expect(openBallot(nodeCrypto, keys, new Uint8Array(16), sealed)).toBeUndefined();
        },
      ),
      { numRuns: 40 },
    );
  });
  it('is sealed the same by the reference, byte for byte', () => {
    const plaintext = encodeBallot(ballotRules, { contest: 1, class: 'marked', choices: [0, 7, 199] });
    const nonces = [new Uint8Array(32).fill(5), new Uint8Array(32).fill(6)] as const;
    const sealed = [nodeCrypto, referenceCrypto].map((crypto) =>
      toHex(sealBallot(crypto, publicKeys, session, ...nonces, 1, plaintext)),
    );
    expect(sealed[0]).toBe(sealed[1]);
  });
  it('with any byte of its plaintext changed to nonsense is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 14, maxLength: 14 }), (bytes) => {
        const ballot = decodeBallot(ballotRules, bytes);
        if (ballot !== undefined) expect(toHex(encodeBallot(ballotRules, ballot))).toBe(toHex(bytes));
      }),
      { numRuns: 5000 },
    );
    expect(() => encodeBallot(ballotRules, { contest: 0, class: 'marked', choices: [4] })).toThrow(
      RangeError,
    );
    expect(() => encodeBallot(ballotRules, { contest: 1, class: 'marked', choices: [3, 3] })).toThrow(
      RangeError,
    );
    expect(() => encodeBallot(ballotRules, { contest: 0, class: 'marked', choices: [1, 2] })).toThrow(
      RangeError,
    );
  });
});

describe('a set commitment', () => {
  it('is the same for every order of casting and another for another set', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.uint8Array({ minLength: 20, maxLength: 20 }), {
          minLength: 2,
          maxLength: 30,
          selector: toHex,
        }),
        fc.func(fc.nat()),
        (sealed, order) => {
          const shuffled = [...sealed].sort((a, b) => order(toHex(a)) - order(toHex(b)));
          expect(toHex(setRoot(nodeCrypto, shuffled))).toBe(toHex(setRoot(referenceCrypto, sealed)));
          expect(toHex(setRoot(nodeCrypto, sealed.slice(1)))).not.toBe(toHex(setRoot(nodeCrypto, sealed)));
        },
      ),
    );
    expect(recordName(nodeCrypto, secret).length).toBe(16);
  });
});
