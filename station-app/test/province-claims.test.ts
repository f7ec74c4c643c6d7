/** The station's side of claims: only the province's own word counts, and a dead line holds nobody up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CLAIMS_BATCH_MAX,
  compareBytes,
  directoryOf,
  type ElectionId,
  INTAKE_SUBJECT,
  parseTyped,
  records,
  signTyped,
} from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import type { NationalCode } from '@sandoq/protocol/persian';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Claims, owedStep } from '../src/admission/claims.ts';
import { type Journal, openJournal } from '../src/admission/journal.ts';
import type { Admission } from '../src/admission/journal-cell.ts';
import { HEARTBEAT_MS, PROBE_MAX_MS, provinceClaims } from '../src/admission/province-claims.ts';
import type { ClaimsSent } from '../src/sync/claims-line.ts';
import { codeOf } from './admission-world.ts';
import { virtualClock } from './virtual-clock.ts';

const ELECTION = 'test-1405' as ElectionId;
const INTAKE = nodeCrypto.sha256(new Uint8Array([1]));
const STRANGER = nodeCrypto.sha256(new Uint8Array([2]));
const person = { nationalCode: codeOf(1) as NationalCode, turn: 1, bucket: 0 };

const line = (number: number, more: Partial<Admission> = {}): Admission => ({
  nationalCode: codeOf(number) as NationalCode,
  document: 'passport',
  style: 0,
  visiting: false,
  helped: false,
  offline: true,
  bucket: 0,
  state: 'admitted',
  armings: 1,
  spoiled: 0,
  returned: 0,
  turn: 1,
  told: 'nothing',
  doubled: false,
  ...more,
});

let folder: string;
let journal: Journal;
let claims: Claims;
let clock: ReturnType<typeof virtualClock>;
let asked: records.ClaimRequest[];
/** what the line was told of each answer: whether it is the province's */
let believed: boolean[];
let answers: (request: Uint8Array, value: records.ClaimRequest) => ClaimsSent;
const events: string[] = [];

const answered = (
  request: Uint8Array,
  verdicts: readonly records.ClaimVerdictLine[],
  secret = INTAKE,
): ClaimsSent => {
  const parsed = parseTyped(request, 'claim-request', records.claimRequestShape);
  if (!parsed.ok) throw new Error('a request');
  const requestDigest = nodeCrypto.sha256(parsed.value.record.payload);
  return {
    kind: 'answered',
    answer: signTyped(
      nodeCrypto,
      secret,
      { type: 'claim-answer', election: ELECTION, signer: INTAKE_SUBJECT },
      records.claimAnswerShape,
      { requestDigest, verdicts },
    ),
  };
};
const all =
  (verdict: records.ClaimVerdict) =>
  (request: Uint8Array, value: records.ClaimRequest): ClaimsSent =>
    answered(
      request,
      value.claims.map(() => ({ verdict, others: [] })),
    );
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pc-'));
  asked = [];
  believed = [];
  events.length = 0;
  clock = virtualClock();
  answers = all('granted');
  journal = openJournal({
    path: join(folder, 'j.sqlite'),
    crypto: nodeCrypto,
    random: nodeRandomness,
    packageDigest: new Uint8Array(32),
    admissionsMax: 500,
  });
  journal.setStation({ phase: 'open', mode: 'rehearsal', abandoned: 0 });
  claims = provinceClaims({
    election: ELECTION,
    stationId: 's1',
    directory: directoryOf([
      { subject: INTAKE_SUBJECT, purpose: 'intake', key: nodeCrypto.signingPublicKey(INTAKE) },
    ]),
    crypto: nodeCrypto,
    random: nodeRandomness,
    clock,
    secretKey: nodeCrypto.sha256(new Uint8Array([3])),
    roundKey: nodeCrypto.sha256(new Uint8Array([4])),
    journal,
    wire: {
      send: (request, _timeoutMs, isAnswer) => {
        const parsed = parseTyped(request, 'claim-request', records.claimRequestShape);
        if (!parsed.ok) throw new Error('a request');
        asked.push(parsed.value.value);
        const sent = answers(request, parsed.value.value);
        if (sent.kind === 'answered') believed.push(isAnswer(sent.answer));
        return Promise.resolve(sent);
      },
      close: () => undefined,
    },
  })({
    note: ({ event }) => events.push(event),
    changed: () => undefined,
    failed: (cause) => {
      throw cause;
    },
  });
});
afterEach(async () => {
  await claims.close();
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the word of the province', () => {
  test('on exactly this request counts, and no other', async () => {
    expect(await claims.claim(person)).toEqual({ kind: 'granted' });
    const old = answered;
    let kept: ClaimsSent | undefined;
    answers = (request) => {
      kept ??= old(request, [{ verdict: 'granted', others: [] }]);
      return kept;
    };
    expect(await claims.claim(person)).toEqual({ kind: 'granted' });
    // The same answer played again to another request.
    expect(await claims.claim(person)).toEqual({ kind: 'unreachable', sent: true });
    expect(claims.line()).toEqual({ state: 'fault', code: 'claims_refused' });
  });

  test('under another key, with too few verdicts, or not readable, grants and refuses nobody', async () => {
    const granted = [{ verdict: 'granted', others: [] }] as const;
    for (const bent of [
      (request: Uint8Array) => answered(request, granted, STRANGER),
      (request: Uint8Array) => answered(request, []),
      (): ClaimsSent => ({ kind: 'answered', answer: Uint8Array.of(1, 2, 3) }),
    ]) {
      answers = bent;
      believed = [];
      expect((await claims.claim(person)).kind).toBe('unreachable');
      expect(believed).toEqual([false]);
      answers = all('recorded');
      clock.advance(PROBE_MAX_MS);
      await settled();
      expect(claims.line().state).toBe('connected');
      expect(believed.slice(1)).toContain(true);
      expect(believed.slice(1)).not.toContain(false);
    }
  });

  test('elsewhere carries the station, its name and its coarse time', async () => {
    const other = { stationId: 's2', name: { fa: 'دو', en: 'two' }, bucket: 3600 };
    answers = (request) => answered(request, [{ verdict: 'elsewhere', others: [other] }]);
    expect(await claims.claim(person)).toEqual({
      kind: 'admitted_elsewhere',
      elsewhere: { station: 's2', name: other.name, bucket: 3600 },
    });
  });
});

describe('a dead line', () => {
  test('is known after one voter: the next is not sent, and a probe finds it back', async () => {
    answers = () => ({ kind: 'unreachable' });
    expect(await claims.claim(person)).toEqual({ kind: 'unreachable', sent: true });
    const before = asked.length;
    expect(await claims.claim(person)).toEqual({ kind: 'unreachable', sent: false });
    expect(asked.length).toBe(before);
    answers = all('recorded');
    clock.advance(PROBE_MAX_MS);
    await settled();
    expect(claims.line()).toEqual({ state: 'connected', code: null });
    expect(events).toEqual(['province_lost', 'province_reached']);
  });

  test('that dies idle is noticed by the heartbeat', async () => {
    await claims.claim(person);
    clock.advance(0);
    await settled();
    answers = () => ({ kind: 'unreachable' });
    clock.advance(HEARTBEAT_MS);
    await settled();
    expect(claims.line().state).toBe('lost');
  });

  test('another round key is named as such', async () => {
    answers = () => ({ kind: 'refused', code: 'round_key_differs' });
    await claims.claim(person);
    expect(claims.line()).toEqual({ state: 'fault', code: 'round_key_differs' });
  });
});

describe('what the journal owes', () => {
  test('is told in bounded batches in the order of digests, and marked only when it was answered', async () => {
    for (let i = 0; i < CLAIMS_BATCH_MAX + 1; i++) journal.put(line(i));
    journal.put(line(900, { state: 'released', returned: 1, told: 'claimed' }));
    answers = () => ({ kind: 'unreachable' });
    clock.advance(0);
    await settled();
    expect(journal.ledger().owed).toBe(CLAIMS_BATCH_MAX + 2);
    asked = [];
    answers = (request, value) =>
      answered(
        request,
        value.claims.map(({ step }) => ({
          verdict: step === 'release' ? 'recorded' : 'doubled',
          others: [],
        })),
      );
    clock.advance(PROBE_MAX_MS);
    await settled();
    expect(asked.map(({ claims: told }) => told.length)).toEqual([CLAIMS_BATCH_MAX, 2]);
    for (const { claims: told } of asked)
      for (const [i, claim] of told.entries())
        if (i > 0) expect(compareBytes((told[i - 1] as records.Claim).person, claim.person)).toBeLessThan(0);
    expect(journal.admissions().every((one) => owedStep(one) === undefined)).toBe(true);
    expect(journal.ledger()).toMatchObject({ unconfirmed: 0, doubled: CLAIMS_BATCH_MAX + 1, owed: 0 });
  });

  test('what changed while it was told is told again as it is now', async () => {
    journal.put(line(1));
    answers = (request, value) => {
      if (asked.length === 1) journal.put(line(1, { state: 'released', returned: 1 }));
      return all('recorded')(request, value);
    };
    clock.advance(0);
    await settled();
    claims.owed();
    clock.advance(0);
    await settled();
    expect(asked.map((one) => one.claims[0]?.step)).toEqual(['admitted', 'release']);
    expect(journal.find(codeOf(1) as NationalCode)).toMatchObject({ state: 'released', told: 'released' });
  });
});
