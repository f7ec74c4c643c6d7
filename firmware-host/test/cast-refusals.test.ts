import { type ContestBallot, encodeBallot } from '@sandoq/protocol';
import { describe, expect, test } from 'vitest';
import { approve, crypto, makeElection, prepareBallot, signingPair } from './election.ts';
import { TestCard } from './metal.ts';
import { BALLOT, openRig, type Rig, refusalOf } from './rig.ts';

const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const out = Uint8Array.from(bytes);
  out[bit >> 3] = (out[bit >> 3] as number) ^ (1 << (bit & 7));
  return out;
};
const begin = (rig: Rig, card: TestCard | undefined, nonce = 1): string => {
  rig.metal.lay(card);
  return refusalOf(() => rig.begin(nonce));
};
/** Nothing was printed, nothing counted. */
function expectUntouched(rig: Rig): void {
  expect(rig.metal.pages).toEqual([]);
  expect(rig.status().counters).toMatchObject({ records: 0, cardsSpent: 0, papersPrinted: 0 });
}

describe('the card', () => {
  test('no card, no ballot', async () => {
    const rig = await openRig();
    expect(begin(rig, undefined)).toBe('no_card');
    expect(
      refusalOf(() =>
        rig.print({
          stationNonce: new Uint8Array(32),
          ballots: Array(3).fill(new Uint8Array(14)),
          sealed: Array(3).fill(new Uint8Array(110)),
          names: [],
        }),
      ),
    ).toBe('no_ballot_begun');
    expectUntouched(rig);
  });

  test('each unfit card is refused by its own name', async () => {
    const rig = await openRig();
    const card = (edit: (one: TestCard) => void, more = {}): TestCard => {
      const made = new TestCard(rig.election, 1, more);
      edit(made);
      return made;
    };
    expect(
      begin(
        rig,
        card((one) => {
          one.state = 'blank';
        }),
      ),
    ).toBe('card_not_armed');
    expect(
      begin(
        rig,
        card((one) => {
          one.state = 'spent';
        }),
      ),
    ).toBe('card_spent');
    expect(
      begin(
        rig,
        card((one) => {
          one.secret = signingPair('forged card').secret;
        }),
      ),
    ).toBe('card_signature_invalid');
    expect(
      begin(
        rig,
        card((one) => {
          one.signer = 'station/s0002/tarefe' as never;
        }),
      ),
    ).toBe('card_wrong_station');
    expect(
      begin(
        rig,
        card(() => {}, { stationId: 's0002' }),
      ),
    ).toBe('card_wrong_station');
    expect(
      begin(
        rig,
        card(() => {}, { mode: 'official' }),
      ),
    ).toBe('card_wrong_mode');
    expect(
      begin(
        rig,
        card(() => {}, { style: 2 }),
      ),
    ).toBe('style_unknown');
    const other = makeElection({ boxKey: rig.boxKey, election: 'e1399' });
    expect(begin(rig, new TestCard(other, 1))).toBe('wrong_election');
    expect(
      begin(
        rig,
        card((one) => {
          one.transmit = () => Uint8Array.of(0x6a, 0x82);
        }),
      ),
    ).toBe('card_foreign');
    expect(
      begin(
        rig,
        card((one) => {
          one.transmit = () => Uint8Array.of(1, 2, 3, 0x90, 0x00);
        }),
      ),
    ).toBe('card_unreadable');
    expectUntouched(rig);
  });

  test('both roles must have approved this very arming', async () => {
    const rig = await openRig();
    const withApprovals = (make: (digest: Uint8Array) => [Uint8Array, Uint8Array]): TestCard => {
      const card = new TestCard(rig.election, 1);
      card.approvals = make(card.digest());
      return card;
    };
    const by = (
      role: 'executive' | 'supervisor' | 'governor_representative',
      digest: Uint8Array,
      action: 'arm_tarefe' | 'open' = 'arm_tarefe',
    ) => approve(rig.election, role, action, digest);
    expect(
      begin(
        rig,
        withApprovals((d) => [by('executive', d), by('executive', d)]),
      ),
    ).toBe('same_role_twice');
    expect(
      begin(
        rig,
        withApprovals((d) => [by('executive', d), by('governor_representative', d)]),
      ),
    ).toBe('role_not_allowed');
    expect(
      begin(
        rig,
        withApprovals((d) => [by('executive', d), by('supervisor', d, 'open')]),
      ),
    ).toBe('approvals_invalid');
    expect(
      begin(
        rig,
        withApprovals((d) => [by('executive', d), by('supervisor', crypto.sha256(d))]),
      ),
    ).toBe('approvals_invalid');
    expect(
      begin(
        rig,
        withApprovals((d) => [flip(by('executive', d), 1000), by('supervisor', d)]),
      ),
    ).toBe('approvals_invalid');
    expectUntouched(rig);
  });

  test('an answer to another challenge is no answer', async () => {
    const rig = await openRig();
    const card = new TestCard(rig.election, 1);
    const real = card.transmit.bind(card);
    let first: Uint8Array | undefined;
    card.transmit = (apdu) => {
      if (apdu[0] !== 0x80) return real(apdu);
      first ??= real(apdu);
      return first;
    };
    rig.metal.lay(card);
    rig.begin(1);
    expect(refusalOf(() => rig.begin(2))).toBe('card_signature_invalid');
  });

  test('a spent card is refused for ever, even where it escaped its burning, and is burnt when it comes again', async () => {
    const rig = await openRig();
    const card = new TestCard(rig.election, 1);
    card.escapesBurn = true;
    rig.metal.lay(card);
    rig.print(rig.prepared(1, BALLOT));
    rig.metal.press('green');
    expect(rig.events.outcomes.at(-1)?.outcome).toBe('cast');
    expect(card.state).toBe('armed');
    rig.metal.lay(undefined);
    expect(begin(rig, card, 2)).toBe('card_spent');
    rig.restart();
    rig.link();
    card.escapesBurn = false;
    expect(begin(rig, card, 3)).toBe('card_spent');
    expect(card.state).toBe('spent');
    expect(rig.status().counters).toMatchObject({ cardsSpent: 1, records: 3 });
  });

  test('another card on the pad, or none, prints nothing', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    const prepared = rig.prepared(1, BALLOT);
    rig.metal.lay(new TestCard(rig.election, 2));
    expect(refusalOf(() => rig.print(prepared))).toBe('card_changed');
    rig.metal.lay(undefined);
    expect(refusalOf(() => rig.print(prepared))).toBe('no_card');
    expectUntouched(rig);
    rig.metal.lay(new TestCard(rig.election, 1));
    expect(rig.print(prepared).outcome).toBe('in_window');
  });
});

describe('the seal', () => {
  test('what is printed is what was sealed: any other choice, any bit of record or nonce is refused', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    const prepared = rig.prepared(1, BALLOT);
    const print = (change: Partial<typeof prepared>) =>
      refusalOf(() => rig.print({ ...prepared, ...change }));
    const otherChoice = encodeBallot(rig.election.package, { contest: 0, class: 'marked', choices: [3] });
    expect(print({ ballots: [otherChoice, ...prepared.ballots.slice(1)] })).toBe('seal_mismatch');
    for (let contest = 0; contest < 3; contest++) {
      for (let bit = 0; bit < prepared.sealed[contest]!.length * 8; bit += 29) {
        const sealed = prepared.sealed.map((one, i) => (i === contest ? flip(one, bit) : one));
        expect(print({ sealed })).toBe('seal_mismatch');
      }
    }
    expect(print({ stationNonce: flip(prepared.stationNonce, 5) })).toBe('commitment_mismatch');
    expect(print({ sealed: [prepared.sealed[1]!, prepared.sealed[0]!, prepared.sealed[2]!] })).toBe(
      'seal_mismatch',
    );
    expect(print({ sealed: prepared.sealed.slice(0, 2) })).toBe('records_count_wrong');
    expect(print({ ballots: prepared.ballots.slice(0, 2) })).toBe('records_count_wrong');
    expectUntouched(rig);
    expect(print({})).toBe('nothing was refused');
  });

  test('a seal under another nonce, session or order of contests is refused', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    const { stationNonce, boxNonce } = rig.begin(1);
    const seal = (session: Uint8Array, station: Uint8Array, box: Uint8Array) => {
      const made = prepareBallot(rig.election, session, station, box, BALLOT);
      return refusalOf(() => rig.print({ ...made, stationNonce }));
    };
    expect(seal(rig.sessionId, stationNonce, crypto.sha256(boxNonce))).toBe('seal_mismatch');
    expect(seal(rig.sessionId, crypto.sha256(stationNonce), boxNonce)).toBe('seal_mismatch');
    expect(seal(new Uint8Array(16), stationNonce, boxNonce)).toBe('seal_mismatch');
    expect(seal(rig.sessionId, stationNonce, boxNonce)).toBe('nothing was refused');
  });

  test('the ballot must be of the rules and of the voter’s style, each fault by its name', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    const prepared = rig.prepared(1, BALLOT);
    const plain = (contest: number, bytes: number[]): string => {
      const ballots = prepared.ballots.map((one, i) =>
        i === contest ? Uint8Array.from({ length: one.length }, (_, at) => bytes[at] ?? 0) : one,
      );
      return refusalOf(() => rig.print({ ...prepared, ballots }));
    };
    expect(plain(0, [2, 0, 1, 1])).toBe('ballot_malformed');
    expect(plain(0, [1, 1, 1, 1])).toBe('ballot_malformed');
    expect(plain(0, [1, 0, 3, 1])).toBe('ballot_malformed');
    expect(plain(0, [1, 0, 1, 0])).toBe('ballot_malformed');
    expect(plain(0, [1, 0, 2, 1])).toBe('ballot_malformed');
    expect(plain(0, [1, 0, 0, 0])).toBe('ballot_not_of_style');
    expect(plain(0, [1, 0, 1, 1, 0, 4])).toBe('choice_unknown');
    expect(plain(0, [1, 0, 1, 1, 0, 1, 0, 1])).toBe('ballot_malformed');
    expect(plain(0, [1, 0, 1, 2, 0, 0, 0, 1])).toBe('too_many_choices');
    expect(plain(1, [1, 1, 1, 2, 0, 6, 0, 6])).toBe('choice_repeated');
    expect(plain(1, [1, 1, 1, 2, 0, 6, 0, 5])).toBe('ballot_malformed');
    expect(plain(2, [1, 2, 2, 0])).toBe('blank_not_allowed');
    rig.metal.lay(new TestCard(rig.election, 2, { style: 1 }));
    const visitor = rig.prepared(2, BALLOT);
    expect(refusalOf(() => rig.print(visitor))).toBe('ballot_not_of_style');
    expectUntouched(rig);
  });

  test('a visitor votes in her contest, and leaves as many records as anyone', async () => {
    const rig = await openRig();
    const ballot: ContestBallot[] = [
      { contest: 0, class: 'blank', choices: [] },
      { contest: 1, class: 'not_in_style', choices: [] },
      { contest: 2, class: 'not_in_style', choices: [] },
    ];
    rig.metal.lay(new TestCard(rig.election, 1, { style: 1 }));
    const begun = rig.begin(1);
    expect(begun.style).toBe(1);
    rig.print(prepareBallot(rig.election, rig.sessionId, begun.stationNonce, begun.boxNonce, ballot));
    rig.metal.press('green');
    expect(rig.status().counters).toMatchObject({ records: 3, cardsSpent: 1 });
  });
});

describe('the green key', () => {
  test('without it nothing is cast, whatever is asked', async () => {
    const rig = await openRig();
    rig.metal.lay(new TestCard(rig.election, 1));
    const prepared = rig.prepared(1, BALLOT);
    rig.metal.press('green');
    expect(rig.events.keys).toEqual(['green']);
    rig.print(prepared);
    rig.print(prepared);
    for (const key of ['digit_1', 'white'] as const) rig.metal.press(key);
    rig.pass(60_000, 1000);
    expect(rig.ask('outcome', { names: prepared.names })).toEqual({ outcome: 'in_window', signatures: [] });
    expect(rig.status().counters).toMatchObject({
      records: 0,
      cardsSpent: 0,
      papersPrinted: 1,
      papersInBin: 0,
    });
    rig.metal.press('green');
    expect(rig.status().counters).toMatchObject({ records: 3, cardsSpent: 1, papersInBin: 1 });
  });

  test('with the card torn away it does nothing; with the same card back it casts; another card does not do', async () => {
    const rig = await openRig();
    const card = new TestCard(rig.election, 1);
    rig.metal.lay(card);
    rig.print(rig.prepared(1, BALLOT));
    rig.metal.lay(undefined);
    rig.metal.press('green');
    rig.metal.lay(new TestCard(rig.election, 2));
    rig.metal.press('green');
    expect(rig.status().counters.records).toBe(0);
    rig.metal.lay(card);
    rig.metal.press('green');
    expect(rig.status().counters.records).toBe(3);
    expect(card.state).toBe('spent');
  });

  test('the signatures are over the Vote records, in contest order, the same whenever asked', async () => {
    const rig = await openRig();
    const prepared = rig.cast(1);
    const { signatures } = rig.events.outcomes.at(-1)!;
    expect(rig.verifyVotes(prepared.sealed, signatures)).toBe(true);
    expect(rig.ask('outcome', { names: prepared.names }).signatures).toEqual(signatures);
    expect(rig.print(prepared).outcome).toBe('cast');
    rig.restart();
    rig.link();
    const turned = [...prepared.names].reverse();
    expect(rig.ask('outcome', { names: turned }).signatures).toEqual([...signatures].reverse());
    expect(rig.print(prepared).outcome).toBe('cast');
    expect(refusalOf(() => rig.ask('outcome', { names: [prepared.names[0]!, new Uint8Array(16)] }))).toBe(
      'records_unknown',
    );
    expect(rig.ask('outcome', { names: [new Uint8Array(16)] }).outcome).toBe('unknown');
  });
});

describe('bounds', () => {
  test('a box takes as many votes as its station may have, and not one more', async () => {
    const rig = await openRig({ votesMax: 5 });
    for (let i = 0; i < 5; i++) rig.cast(i);
    expect(begin(rig, new TestCard(rig.election, 5), 5)).toBe('store_full');
    expect(rig.status().counters).toMatchObject({ records: 15, cardsSpent: 5, papersInBin: 5 });
  });

  test('after the corrections of the setting an officer is called; a new arming begins anew', async () => {
    const rig = await openRig({ correctionsMax: 1 });
    const card = new TestCard(rig.election, 1);
    rig.metal.lay(card);
    for (let i = 0; i < 2; i++) {
      expect(rig.begin(20 + i).rejections).toBe(i);
      rig.print(rig.prepared(i, BALLOT));
      rig.metal.press('correction');
    }
    expect(refusalOf(() => rig.begin(9))).toBe('corrections_exhausted');
    expect(begin(rig, new TestCard(rig.election, 2), 10)).toBe('nothing was refused');
    expect(rig.status().counters).toMatchObject({ papersPrinted: 2, papersRejected: 2, records: 0 });
  });
});
