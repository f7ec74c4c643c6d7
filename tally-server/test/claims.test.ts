/** Claims at the province, over real HTTP and a real file: atomic, idempotent, signed, minimal. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  admissionSubject,
  type Bytes,
  checkSignature,
  claimKeyCheck,
  compareBytes,
  parseTyped,
  personDigest,
  records,
  type Subject,
  signTyped,
  stationDirectory,
} from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openClaimStore } from '../src/claims/store.ts';
import { secretOf, stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

const STATIONS = ['s1', 's2', 's3'];
const ROUND_KEY = secretOf('round key');
const BUCKET = 1_795_032_000;

let running: RunningProvince;
beforeEach(async () => {
  running = new RunningProvince(STATIONS.map((id) => stationNamed(id)));
  await running.start();
});
afterEach(() => running.remove());

const codeOf = (number: number): string => String(number).padStart(10, '0');
const person = (number: number): Bytes =>
  personDigest(nodeCrypto, ROUND_KEY, running.election, codeOf(number));

type Line = readonly [number: number, step: records.ClaimStep, turn?: number];

function request(
  station: string,
  lines: readonly Line[],
  bends: {
    readonly signer?: string;
    readonly key?: Bytes;
    readonly mode?: records.Mode;
    readonly sorted?: boolean;
    readonly claim?: Partial<records.Claim>;
    readonly journal?: Bytes;
  } = {},
): Bytes {
  const signer = bends.signer ?? admissionSubject(station);
  const claims = lines.map(([number, step, turn = 1]) => ({
    person: person(number),
    turn,
    step,
    bucket: BUCKET,
    ...bends.claim,
  }));
  if (bends.sorted !== false) claims.sort((a, b) => compareBytes(a.person, b.person));
  return signTyped(
    nodeCrypto,
    secretOf(signer),
    {
      type: 'claim-request',
      election: running.province.provisioning.election,
      signer: signer as Subject,
    },
    records.claimRequestShape,
    {
      stationId: station,
      mode: bends.mode ?? 'rehearsal',
      keyCheck: claimKeyCheck(nodeCrypto, bends.key ?? ROUND_KEY, running.election),
      challenge: nodeRandomness(16),
      journal: bends.journal ?? secretOf('journal').slice(0, 8),
      claims,
    },
  );
}

function answerOf(asked: Bytes, bytes: Bytes): readonly records.ClaimVerdictLine[] {
  const answer = parseTyped(bytes, 'claim-answer', records.claimAnswerShape);
  const question = parseTyped(asked, 'claim-request', records.claimRequestShape);
  if (!answer.ok || !question.ok) throw new Error('an answer to a request');
  const { provisioning } = running.province;
  const station = [...provisioning.stations.values()][0] as records.Station;
  const directory = stationDirectory(provisioning, station);
  expect(checkSignature(nodeCrypto, directory, provisioning.election, 0, answer.value.record).ok).toBe(true);
  expect(answer.value.value.requestDigest).toEqual(nodeCrypto.sha256(question.value.record.payload));
  return answer.value.value.verdicts;
}

async function tell(station: string, lines: readonly Line[]): Promise<readonly records.ClaimVerdictLine[]> {
  const asked = request(station, lines);
  const answer = await running.send(asked, undefined, 'claims');
  expect(answer.status).toBe(200);
  return answerOf(asked, answer.bytes);
}
const verdict = async (station: string, ...line: Line): Promise<string> =>
  (await tell(station, [line]))[0]?.verdict ?? 'none';
const sums = () => running.json<Record<string, unknown>>(`/api/elections/${running.election}/claims`);

describe('claims at the province', () => {
  it('the first station is granted, also when it asks again; the second learns where and when', async () => {
    expect(await verdict('s1', 1, 'claim')).toBe('granted');
    expect(await verdict('s1', 1, 'claim')).toBe('granted');
    expect(await tell('s2', [[1, 'claim']])).toEqual([
      {
        verdict: 'elsewhere',
        others: [
          {
            stationId: 's1',
            name: running.province.provisioning.stations.get('s1' as never)?.name,
            bucket: BUCKET,
          },
        ],
      },
    ]);
    expect(await verdict('s1', 1, 'release')).toBe('recorded');
    expect(await verdict('s2', 1, 'claim')).toBe('granted');
    // The old message of the first station, come late or played again by somebody on the line.
    expect(await verdict('s1', 1, 'claim')).toBe('superseded');
    expect(await verdict('s1', 1, 'claim', 2)).toBe('elsewhere');
  });

  it('of many that ask at once, one is granted', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => verdict(STATIONS[i % 3] as string, 7, 'claim')),
    );
    const granted = new Set(answers.flatMap((one, i) => (one === 'granted' ? [i % 3] : [])));
    expect(granted.size).toBe(1);
    expect(answers.filter((one) => one === 'granted').length).toBe(10);
  });

  it('a journal told afterwards is merged; each double is attributed to its two stations and stays a number', async () => {
    await tell('s1', [
      [1, 'claim'],
      [2, 'claim'],
    ]);
    const merged = await tell('s2', [
      [1, 'admitted'],
      [2, 'admitted'],
      [3, 'admitted'],
    ]);
    expect(merged.map((line) => line.verdict).sort()).toEqual(['doubled', 'doubled', 'recorded']);
    await tell('s3', [[1, 'admitted']]);
    expect(await sums()).toEqual({
      election: running.election,
      admissions: 6,
      unconfirmed: 4,
      persons: 3,
      released: 0,
      doubles: 3,
      pairs: [
        { stations: ['s1', 's2'], persons: 2 },
        { stations: ['s1', 's3'], persons: 1 },
        { stations: ['s2', 's3'], persons: 1 },
      ],
    });
    // A card that comes back unused ends the double it was part of.
    await tell('s3', [[1, 'release']]);
    expect(await sums()).toMatchObject({ doubles: 2, released: 1 });
  });

  it('stands after a restart, and an empty request only asks whether anybody is there', async () => {
    await verdict('s1', 1, 'claim');
    await running.stop();
    await running.start();
    expect(await verdict('s2', 1, 'claim')).toBe('elsewhere');
    expect(await tell('s3', [])).toEqual([]);
  });

  it('holds no code, no time finer than the bucket, and is the same file in whatever order they came', async () => {
    const store = join(running.dataFolder, 'claims.sqlite');
    const rowsAfter = async (order: readonly number[]): Promise<Buffer> => {
      for (const number of order) await verdict('s1', number, 'claim');
      await running.stop();
      const bytes = readFileSync(store);
      rmSync(store);
      await running.start();
      // SQLite's public counters: changes, and the version that last wrote them; the schema's cookie counts compactings
      for (const at of [24, 40, 92]) bytes.writeUInt32BE(0, at);
      return bytes;
    };
    const upwards = Array.from({ length: 60 }, (_, i) => i);
    const mixed = upwards.map((i) => (i * 37) % 60);
    const first = await rowsAfter(upwards);
    expect((await rowsAfter(mixed)).equals(first)).toBe(true);
    for (const number of upwards) expect(first.includes(codeOf(number))).toBe(false);
    running.seconds += 1234;
    await verdict('s1', 1, 'claim');
    const stations = await running.json<{ stations: { station: string; last_seen: number | null }[] }>(
      `/api/elections/${running.election}/stations`,
    );
    const text = JSON.stringify(stations);
    expect(text).not.toContain(String(running.seconds));
  });

  it('refuses by name what is not a claim of an enrolled station, and keeps nothing of it', async () => {
    const refusal = async (bytes: Bytes, election?: string): Promise<string> => {
      const { status, body } = await running.refusal(bytes, election, 'claims');
      return `${status} ${body.code}`;
    };
    const good = request('s1', [[1, 'claim']]);
    expect(await refusal(Uint8Array.of(1, 2, 3))).toBe('400 claim_malformed');
    expect(await refusal(request('s1', [[1, 'claim']], { signer: admissionSubject('s2') }))).toBe(
      '403 claim_signature_invalid',
    );
    expect(await refusal(request('s1', [[1, 'claim']], { signer: 'station/s1/voting' }))).toBe(
      '403 claim_signature_invalid',
    );
    expect(await refusal(request('nowhere', [[1, 'claim']]))).toBe('404 station_unknown');
    expect(await refusal(request('s1', [[1, 'claim']], { mode: 'official' }))).toBe('403 official_refused');
    expect(await refusal(request('s1', [[1, 'claim', 0]]))).toBe('400 claim_malformed');
    const pair = [1, 2].sort((a, b) => -compareBytes(person(a), person(b)));
    const backwards = pair.map((number): Line => [number, 'claim']);
    expect(await refusal(request('s1', backwards, { sorted: false }))).toBe('400 claim_malformed');
    expect(
      await refusal(
        request('s1', [
          [1, 'claim'],
          [1, 'release'],
        ]),
      ),
    ).toBe('400 claim_malformed');
    expect(await refusal(good, 'another')).toBe('404 election_unknown');
    for (let at = 0; at < good.length; at += 7) {
      const bent = Uint8Array.from(good);
      bent[at] = (bent[at] as number) ^ 1;
      expect(await refusal(bent)).toMatch(/^4/);
    }
    expect(await sums()).toMatchObject({ admissions: 0, released: 0 });
    await tell('s1', [[1, 'claim']]);
    expect(await refusal(request('s2', [[2, 'claim']], { key: secretOf('another round key') }))).toBe(
      '409 round_key_differs',
    );
    expect(await sums()).toMatchObject({ admissions: 1 });
  });
});

describe('the store', () => {
  it('keeps nothing of a transaction that fails', () => {
    const store = openClaimStore(join(running.folder, 'apart.sqlite'));
    const round = { election: 'e', mode: 'official' } as const;
    const line = {
      station: 's1',
      journal: '',
      turn: 1,
      state: 'claimed',
      unconfirmed: false,
      bucket: 0,
    } as const;
    expect(() =>
      store.transaction(() => {
        store.put(round, new Uint8Array(16), line);
        throw new Error('the disk is gone');
      }),
    ).toThrow('the disk is gone');
    expect(store.held(round, new Uint8Array(16))).toEqual([]);
    store.close();
  });
});
