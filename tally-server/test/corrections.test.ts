/** A correction is a version of its own: both boards, the superseded digest, and every version public. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  AUTHORITY_SUBJECT,
  type Bytes,
  decode,
  encode,
  parseTyped,
  records,
  roleSubject,
  signTyped,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import {
  type SlipJson,
  type StationEnrolment,
  type TotalsJson,
  writePublication,
} from '@sandoq/tally-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BundleBuilder, votesOf } from './bundle-builder.ts';
import { AUTHORITY_KEY, AUTHORITY_SECRET, secretOf, stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

const BOARDS = ['executive_board', 'supervisory_board'] as const;
const withBoards = (id: string): StationEnrolment => {
  const station = stationNamed(id);
  const boards = BOARDS.map((role) => {
    const subject = roleSubject(id, role);
    return { subject, role, key: nodeCrypto.signingPublicKey(secretOf(subject)) };
  });
  return { ...station, roles: [...station.roles, ...boards] };
};

let province: RunningProvince;
beforeAll(async () => {
  province = new RunningProvince([withBoards('s1'), withBoards('s2')]);
  await province.start();
});
afterAll(() => province.remove());

const slipOf = (bundle: Bytes): { readonly slip: records.Slip; readonly digest: Bytes } => {
  const opened = decode(records.bundleShape, bundle);
  if (!opened.ok) throw new Error('no bundle');
  const parsed = parseTyped(opened.value.slip, 'slip', records.slipShape);
  if (!parsed.ok) throw new Error('no slip');
  return { slip: parsed.value.value, digest: nodeCrypto.sha256(parsed.value.record.payload) };
};

interface Order {
  readonly supersedes: Bytes;
  readonly slip: records.Slip;
  readonly boards?: readonly records.Role[];
  readonly evidence?: number;
}

function correction({ supersedes, slip, boards = BOARDS, evidence = 9 }: Order): Bytes {
  const { provisioning } = province.province;
  const builder = new BundleBuilder(provisioning, slip.stationId);
  const value: records.Correction = {
    stationId: slip.stationId,
    supersedes,
    slip: builder.sign('slip', `station/${slip.stationId}/voting`, records.slipShape, slip),
    reason: {
      fa: 'پنج برگه در بازشماری به نامزد دیگری داده شد',
      en: 'Five papers were given to another candidate',
    },
    evidence: new Uint8Array(32).fill(evidence),
  };
  const header = { type: 'correction', election: provisioning.election, signer: AUTHORITY_SUBJECT } as const;
  const digest = nodeCrypto.sha256(encode(records.correctionShape, value));
  return encode(records.correctionBundleShape, {
    correction: signTyped(nodeCrypto, AUTHORITY_SECRET, header, records.correctionShape, value),
    approvals: builder.approvals(boards, 'correction', digest),
  });
}

/** Votes move from the first candidate to the second; every sum stays. */
const moved = (slip: records.Slip, votes: number): records.Slip => ({
  ...slip,
  totals: slip.totals.map((total, i) =>
    i > 0
      ? total
      : {
          ...total,
          candidates: total.candidates.map((count, k) => count + (k === 0 ? -votes : k === 1 ? votes : 0)),
        },
  ),
});
const refusal = (bytes: Bytes) => province.refusal(bytes, undefined, 'corrections');
const first = async (): Promise<number | undefined> =>
  (await province.json<TotalsJson>(`/api/elections/${province.election}/totals`)).contests[0]?.candidates[0]
    ?.votes;

describe('a correction', () => {
  it('needs a slip to correct', async () => {
    const { slip, digest } = slipOf(province.bundle('s1'));
    expect(await refusal(correction({ supersedes: digest, slip: moved(slip, 5) }))).toMatchObject({
      status: 409,
      body: { code: 'slip_not_here' },
    });
    expect(await refusal(new Uint8Array(40).fill(1))).toMatchObject({
      status: 400,
      body: { code: 'bundle_malformed' },
    });
  });

  it('needs both boards, the slip that stands, and sums that hold; what is refused changes nothing', async () => {
    expect((await province.send(province.bundle('s1'))).status).toBe(201);
    const before = await first();
    const { slip, digest } = slipOf(province.bundle('s1'));
    const good = { supersedes: digest, slip: moved(slip, 5) };
    const cases = [
      [correction({ ...good, boards: ['executive_board'] }), 422, 'board_approval_missing'],
      [correction({ ...good, boards: ['executive_board', 'executive_board'] }), 422, 'approval_repeated'],
      [correction({ ...good, supersedes: new Uint8Array(32) }), 409, 'supersedes_differs'],
      [
        correction({ ...good, slip: { ...slip, papers: { ...slip.papers, inBin: 1 } } }),
        422,
        'ledger_papers',
      ],
      [province.bundle('s1', {}, votesOf(99, 2)), 400, 'bundle_malformed'],
    ] as const;
    for (const [bytes, status, code] of cases)
      expect(await refusal(bytes), code).toMatchObject({ status, body: { code } });
    const flipped = correction(good);
    flipped[300] = (flipped[300] as number) ^ 1;
    expect((await refusal(flipped)).status).toBeGreaterThanOrEqual(400);
    expect(await first()).toBe(before);
  });

  it('supersedes, is receipted, moves the sums, and leaves every version public', async () => {
    const before = (await first()) as number;
    const original = province.bundle('s1');
    const { slip, digest } = slipOf(original);
    province.seconds += 500;
    const bytes = correction({ supersedes: digest, slip: moved(slip, 5) });
    const answer = await province.send(bytes, undefined, 'corrections');
    expect(answer.status).toBe(201);
    const again = await province.send(bytes, undefined, 'corrections');
    expect(again).toEqual({ status: 200, bytes: answer.bytes });
    expect(await first()).toBe(before - 5);
    const json = await province.json<SlipJson>(`/api/elections/${province.election}/slips/s1`);
    expect(json.version).toBe(2);
    expect(json.versions.map(({ version }) => version)).toEqual([1, 2]);
    expect(json.versions[1]?.boards).toEqual(BOARDS.map((role) => roleSubject('s1', role)));
    for (const [version, held] of [
      [1, original],
      [2, bytes],
    ] as const) {
      const response = await fetch(
        `${province.address}/api/elections/${province.election}/slips/s1/bundle?version=${version}`,
      );
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(held);
    }
    const none = await fetch(
      `${province.address}/api/elections/${province.election}/slips/s1/bundle?version=3`,
    );
    expect(none.status).toBe(404);
    const page = await (await fetch(`${province.address}/elections/${province.election}/slips/s1`)).text();
    expect(page).toContain('پنج برگه در بازشماری');
    expect(page).toContain('نسخهٔ ۲ معتبر است');
  });

  it('once made is the one to supersede, and outlives a restart', async () => {
    const { slip, digest } = slipOf(province.bundle('s1'));
    expect(await refusal(correction({ supersedes: digest, slip: moved(slip, 7) }))).toMatchObject({
      status: 409,
      body: { code: 'supersedes_differs' },
    });
    const second = moved(slip, 5);
    const supersedes = nodeCrypto.sha256(encode(records.slipShape, second));
    const back = correction({ supersedes, slip: moved(slip, 6) });
    expect((await province.send(back, undefined, 'corrections')).status).toBe(201);
    const before = await first();
    await province.stop();
    await province.start();
    expect(await first()).toBe(before);
    expect((await province.json<SlipJson>(`/api/elections/${province.election}/slips/s1`)).version).toBe(3);
    expect((await province.send(province.bundle('s1'))).status).toBe(200);
  });

  it('is published beside what it superseded', () => {
    const folder = join(province.folder, 'out');
    const { dataFolder, election } = province;
    expect(writePublication(folder, { dataFolder, election, authorityKey: AUTHORITY_KEY }).ok).toBe(true);
    expect(readdirSync(join(folder, 'slips'))).toEqual(['s1.bundle']);
    expect(readdirSync(join(folder, 'corrections')).sort()).toEqual(['s1.2.bundle', 's1.3.bundle']);
    expect(readdirSync(join(folder, 'receipts')).sort()).toEqual(['s1.2.cose', 's1.3.cose', 's1.cose']);
  });

  it('cannot be made without end', async () => {
    expect((await province.send(province.bundle('s2'))).status).toBe(201);
    let { slip, digest } = slipOf(province.bundle('s2'));
    for (let i = 1; i <= 99; i++) {
      const next = moved(slip, i % 2 === 0 ? -1 : 1);
      const answer = await province.send(
        correction({ supersedes: digest, slip: next, evidence: i }),
        undefined,
        'corrections',
      );
      expect(answer.status).toBe(201);
      slip = next;
      digest = nodeCrypto.sha256(encode(records.slipShape, next));
    }
    expect(await refusal(correction({ supersedes: digest, slip: moved(slip, 1) }))).toMatchObject({
      status: 409,
      body: { code: 'too_many_corrections' },
    });
  });
});
