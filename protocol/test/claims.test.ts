/** One admission a round: what holds whatever comes, in whatever order, however often. */
import { nodeCrypto } from '@sandoq/protocol/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admittedAt,
  applyClaim,
  CLAIM_ANSWER_BYTES_MAX,
  CLAIM_OTHERS_MAX,
  CLAIM_REQUEST_BYTES_MAX,
  CLAIM_TURN_MAX,
  CLAIMS_BATCH_MAX,
  claimKeyCheck,
  encode,
  type HeldClaim,
  ID_BYTES_MAX,
  NAME_BYTES_MAX,
  personDigest,
  records,
  toHex,
} from '../src/index.ts';

const PERSON = new Uint8Array(16).fill(9);
interface Asked {
  readonly station: string;
  readonly turn: number;
  readonly step: records.ClaimStep;
}

const at = (station: string, journal = '00') => ({ station, journal });

class Table {
  lines: readonly HeldClaim[] = [];
  ask({ station, turn, step }: Asked): records.ClaimVerdict {
    const outcome = applyClaim(this.lines, at(station), { person: PERSON, turn, step, bucket: turn * 3600 });
    const { write } = outcome;
    if (write !== undefined)
      this.lines = [...this.lines.filter((line) => line.station !== write.station), write];
    return outcome.verdict;
  }
  standing = (): readonly string[] => admittedAt(this.lines).map((line) => line.station);
}

const stations = fc.constantFrom('a', 'b', 'c');
const turns = fc.integer({ min: 1, max: 4 });
const steps = fc.constantFrom<records.ClaimStep>('claim', 'admitted', 'release');
const asked = fc.record({ station: stations, turn: turns, step: steps });

describe('a claim', () => {
  it('while everybody asks first is granted to one station at a time, whatever comes again or late', () => {
    const online = fc.record({
      station: stations,
      turn: turns,
      step: fc.constantFrom<records.ClaimStep>('claim', 'release'),
    });
    fc.assert(
      fc.property(fc.array(online, { maxLength: 40 }), (all) => {
        const table = new Table();
        for (const one of all) {
          const verdict = table.ask(one);
          expect(table.standing().length).toBeLessThanOrEqual(1);
          if (verdict === 'granted') expect(table.standing()).toEqual([one.station]);
        }
      }),
    );
  });

  it('asked again is answered the same and changes nothing', () => {
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 30 }), asked, (before, one) => {
        const table = new Table();
        for (const each of before) table.ask(each);
        const verdict = table.ask(one);
        const { lines } = table;
        expect(table.ask(one)).toBe(verdict);
        expect(table.lines).toBe(lines);
      }),
    );
  });

  it('never moves another station’s line, and its own only forward', () => {
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 40 }), (all) => {
        const table = new Table();
        const rank = (line: HeldClaim | undefined): number =>
          line === undefined ? 0 : line.turn * 2 + (line.state === 'released' ? 1 : 0);
        for (const one of all) {
          const before = new Map(table.lines.map((line) => [line.station, line]));
          table.ask(one);
          for (const station of ['a', 'b', 'c']) {
            const after = table.lines.find((line) => line.station === station);
            if (station !== one.station) expect(after).toEqual(before.get(station));
            else expect(rank(after)).toBeGreaterThanOrEqual(rank(before.get(station)));
          }
        }
      }),
    );
  });
});

describe('journals of a partition', () => {
  /** What each station wrote while nobody could be asked: turns, all but the last released. */
  const journal = fc.record({ turns: fc.integer({ min: 0, max: 3 }), lastReleased: fc.boolean() });
  const journals = fc.record({ a: journal, b: journal, c: journal });

  const messagesOf = (all: Readonly<Record<string, { turns: number; lastReleased: boolean }>>): Asked[] =>
    Object.entries(all).flatMap(([station, { turns: count, lastReleased }]) =>
      Array.from({ length: count }, (_, i) => i + 1).flatMap((turn): Asked[] => [
        { station, turn, step: 'admitted' },
        ...(turn < count || lastReleased ? [{ station, turn, step: 'release' } as const] : []),
      ]),
    );

  it('merged in any order, with repeats, give the same admissions, and every double with its stations', () => {
    fc.assert(
      fc.property(
        journals.chain((all) => {
          const messages = messagesOf(all);
          const order = fc.shuffledSubarray([...messages, ...messages], { minLength: messages.length * 2 });
          return fc.tuple(fc.constant(all), order);
        }),
        ([all, order]) => {
          const table = new Table();
          for (const one of order) table.ask(one);
          const truly = Object.entries(all).flatMap(([station, { turns: count, lastReleased }]) =>
            count > 0 && !lastReleased ? [station] : [],
          );
          expect(table.standing()).toEqual(truly);
        },
      ),
    );
  });

  it('the last word of each station is enough: what it skipped is not needed', () => {
    fc.assert(
      fc.property(journals, (all) => {
        const whole = new Table();
        const last = new Table();
        const messages = messagesOf(all);
        for (const one of messages) whole.ask(one);
        for (const station of ['a', 'b', 'c']) {
          const one = messages.filter((message) => message.station === station).at(-1);
          if (one !== undefined) last.ask(one);
        }
        expect(last.standing()).toEqual(whole.standing());
      }),
    );
  });

  it('a double is said to the station that tells of it, with the others in order of their ids', () => {
    const table = new Table();
    expect(table.ask({ station: 'c', turn: 1, step: 'claim' })).toBe('granted');
    expect(table.ask({ station: 'a', turn: 1, step: 'admitted' })).toBe('doubled');
    expect(table.ask({ station: 'b', turn: 1, step: 'claim' })).toBe('elsewhere');
    const outcome = applyClaim(table.lines, at('b'), {
      person: PERSON,
      turn: 1,
      step: 'admitted',
      bucket: 0,
    });
    expect(outcome.others.map((line) => line.station)).toEqual(['a', 'c']);
    table.ask({ station: 'a', turn: 1, step: 'release' });
    expect(table.ask({ station: 'c', turn: 1, step: 'claim' })).toBe('granted');
    expect(table.ask({ station: 'a', turn: 1, step: 'claim' })).toBe('superseded');
  });
});

describe('a station whose journal is lost', () => {
  it('admits nobody again whom the lost one had, and the double of two journals is found as any other', () => {
    const claim = { person: PERSON, turn: 1, step: 'claim', bucket: 0 } as const;
    const held = applyClaim([], at('a', '01'), claim).write as HeldClaim;
    expect(applyClaim([held], at('a', '01'), claim).verdict).toBe('granted');
    const again = applyClaim([held], at('a', '02'), claim);
    expect(again).toMatchObject({ verdict: 'elsewhere', others: [{ station: 'a', journal: '01' }] });
    const offline = applyClaim([held], at('a', '02'), { ...claim, step: 'admitted' });
    expect(offline.verdict).toBe('doubled');
    expect(admittedAt([held, offline.write as HeldClaim]).length).toBe(2);
  });
});

describe('what the province knows a person by', () => {
  const key = new Uint8Array(32).fill(5);
  it('is another for each code, key and round, and known values stay', () => {
    const digests = new Set(
      [
        personDigest(nodeCrypto, key, 'round-1', '0012345678'),
        personDigest(nodeCrypto, key, 'round-2', '0012345678'),
        personDigest(nodeCrypto, key, 'round-1', '0012345679'),
        personDigest(nodeCrypto, new Uint8Array(32).fill(6), 'round-1', '0012345678'),
        claimKeyCheck(nodeCrypto, key, 'round-1'),
      ].map(toHex),
    );
    expect(digests.size).toBe(5);
    // HMAC-SHA-256 of 'sandoq/person/1', a zero byte and 'ROUND/CODE': permanent.
    const { createHmac } = process.getBuiltinModule('node:crypto');
    const expected = createHmac('sha256', key).update('sandoq/person/1\0round-1/0012345678').digest('hex');
    expect(toHex(personDigest(nodeCrypto, key, 'round-1', '0012345678'))).toBe(expected.slice(0, 32));
    expect(() => personDigest(nodeCrypto, new Uint8Array(31), 'round-1', '0012345678')).toThrow(RangeError);
  });
});

describe('the bounds', () => {
  it('the fullest request and answer fit', () => {
    const id = 'x'.repeat(ID_BYTES_MAX);
    const name = { fa: 'x'.repeat(NAME_BYTES_MAX), en: 'x'.repeat(NAME_BYTES_MAX) };
    const bucket = 2 ** 40;
    const request = encode(records.claimRequestShape, {
      stationId: id,
      mode: 'official',
      keyCheck: new Uint8Array(8),
      challenge: new Uint8Array(16),
      journal: new Uint8Array(8),
      claims: Array.from({ length: CLAIMS_BATCH_MAX }, () => ({
        person: PERSON,
        turn: CLAIM_TURN_MAX,
        step: 'release' as const,
        bucket,
      })),
    });
    expect(request.length + 512).toBeLessThanOrEqual(CLAIM_REQUEST_BYTES_MAX);
    const answer = encode(records.claimAnswerShape, {
      requestDigest: new Uint8Array(32),
      verdicts: Array.from({ length: CLAIMS_BATCH_MAX }, () => ({
        verdict: 'doubled' as const,
        others: Array.from({ length: CLAIM_OTHERS_MAX }, () => ({ stationId: id, name, bucket })),
      })),
    });
    expect(answer.length + 512).toBeLessThanOrEqual(CLAIM_ANSWER_BYTES_MAX);
    expect(() => applyClaim([], at('a'), { person: PERSON, turn: 0, step: 'claim', bucket: 0 })).toThrow(
      RangeError,
    );
  });
});
