import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { type Bytes, checkSignature, parseTyped, records, stationDirectory } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { REFUSAL_CODES, type StationsJson, type TotalsJson } from '@sandoq/tally-server';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import en from '../locales/en.json' with { type: 'json' };
import fa from '../locales/fa.json' with { type: 'json' };
import { votesOf } from './bundle-builder.ts';
import { DEFINITION, secretOf, stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

let province: RunningProvince;
const IDS = ['s1', 's2', 's3', 's4'];
beforeAll(async () => {
  province = new RunningProvince(IDS.map((id) => stationNamed(id)));
  await province.start();
});
afterAll(() => province.remove());

const receiptOf = (bytes: Bytes): records.Receipt => {
  const { provisioning } = province.province;
  const parsed = parseTyped(bytes, 'receipt', records.receiptShape);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  const station = provisioning.stations.values().next().value as records.Station;
  const signed = checkSignature(
    nodeCrypto,
    stationDirectory(provisioning, station),
    provisioning.election,
    0,
    parsed.value.record,
  );
  expect(signed.ok).toBe(true);
  return parsed.value.value;
};

describe('a slip is taken once', () => {
  it('with a receipt that the intake signed, and the same receipt bytes again', async () => {
    const bundle = province.bundle('s1');
    const first = await province.send(bundle);
    expect(first.status).toBe(201);
    const receipt = receiptOf(first.bytes);
    expect(receipt).toMatchObject({ stationId: 's1', disputed: false, receivedAt: province.seconds });
    expect(receipt.bundleDigest).toEqual(nodeCrypto.sha256(bundle));
    province.seconds += 100;
    const again = await province.send(bundle);
    expect(again.status).toBe(200);
    expect(again.bytes).toEqual(first.bytes);
  });

  it('and another slip of the same station is refused, whatever it says', async () => {
    const other = await province.refusal(province.bundle('s1', {}, votesOf(101, 1)));
    expect(other).toMatchObject({ status: 409, body: { code: 'slip_already_held', at: 'station s1' } });
    const held = await fetch(`${province.address}/api/elections/${province.election}/slips/s1/bundle`);
    expect(new Uint8Array(await held.arrayBuffer())).toEqual(province.bundle('s1'));
  });

  it('also when it arrives ten times at once', async () => {
    const bundle = province.bundle('s2', {}, votesOf(50, 2));
    const answers = await Promise.all(Array.from({ length: 10 }, () => province.send(bundle)));
    expect(answers.filter(({ status }) => status === 201).length).toBe(1);
    expect(new Set(answers.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size).toBe(1);
    const totals = await province.json<TotalsJson>(`/api/elections/${province.election}/totals`);
    expect(totals.slips).toEqual({ expected: 4, received: 2, missing: 2, disputed: 0 });
    expect(totals.cast).toBe(150);
  });
});

describe('what is refused, by its own name, with nothing kept', () => {
  it.each<[string, () => { bytes: Uint8Array; election?: string }, number, string]>([
    [
      'an unknown election',
      () => ({ bytes: province.bundle('s3'), election: 'other' }),
      404,
      'election_unknown',
    ],
    ['nothing', () => ({ bytes: new Uint8Array(0) }), 400, 'bundle_malformed'],
    ['junk', () => ({ bytes: new Uint8Array(300).fill(0xa5) }), 400, 'bundle_malformed'],
    ['a bundle cut short', () => ({ bytes: province.bundle('s3').slice(0, -1) }), 400, 'bundle_malformed'],
    ['too many bytes', () => ({ bytes: new Uint8Array(512 * 1024 + 1) }), 413, 'body_too_large'],
    [
      'an official slip',
      () => ({ bytes: province.bundle('s3', { mode: 'official' }) }),
      403,
      'official_refused',
    ],
    [
      'a slip of another election',
      () => ({ bytes: province.bundle('s3', { election: 'x' }) }),
      422,
      'wrong_election',
    ],
    [
      "a stranger's slip",
      () => ({ bytes: province.bundle('s3', { secret: (one) => secretOf(`x ${one}`) }) }),
      422,
      'signature_invalid',
    ],
    [
      'a ledger that does not hold',
      () => ({
        bytes: province.bundle('s3', { slip: (one) => ({ ...one, papers: { ...one.papers, inBin: 0 } }) }),
      }),
      422,
      'ledger_papers',
    ],
    [
      'an unknown station',
      () => ({ bytes: province.bundle('s3', { slip: (one) => ({ ...one, stationId: 's9' }) }) }),
      404,
      'station_unknown',
    ],
  ])('%s', async (_, make, status, code) => {
    const { bytes, election } = make();
    const refusal = await province.refusal(bytes, election);
    expect(refusal).toMatchObject({ status, body: { code } });
    expect(refusal.body.message_fa).toMatch(/[\u0600-\u06ff]/);
    expect(refusal.body.message_en).toMatch(/^[A-Z]/);
    const { stations } = await province.json<StationsJson>(`/api/elections/${province.election}/stations`);
    expect(stations.find(({ station }) => station === 's3')).toMatchObject({ state: 'missing' });
  });

  it('a rehearsal, by an official election', async () => {
    const official = new RunningProvince([stationNamed('s1')], { ...DEFINITION, demonstration: false });
    try {
      await official.start();
      const refusal = await official.refusal(official.bundle('s1', { mode: 'rehearsal' }));
      expect(refusal).toMatchObject({ status: 403, body: { code: 'rehearsal_refused' } });
      expect((await official.send(official.bundle('s1'))).status).toBe(201);
    } finally {
      await official.remove();
    }
  });

  it('any bit flipped on the way, over HTTP too', async () => {
    const bundle = province.bundle('s3');
    await fc.assert(
      fc.asyncProperty(fc.nat(bundle.length * 8 - 1), async (bit) => {
        const flipped = bundle.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        const { status } = await province.refusal(flipped);
        expect([400, 403, 404, 409, 422]).toContain(status);
      }),
      { numRuns: 100 },
    );
  });

  it('every refusal has a sentence in both languages that says something', () => {
    for (const code of REFUSAL_CODES) {
      const key = `refusal.${code}` as keyof typeof fa;
      expect(fa[key], code).toMatch(/[\u0600-\u06ff]{2}.*[.؛]/);
      expect(en[key], code).toMatch(/^[A-Z].*\.$/);
    }
    expect(Object.keys(fa).sort()).toEqual(Object.keys(en).sort());
  });
});

describe('requests that are none', () => {
  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(province.address);
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk.toString('utf8');
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });

  it.each<[string, string, string, number]>([
    ['GET', '/nowhere', '', 404],
    ['DELETE', '/api/elections', '', 404],
    ['POST', '/api/elections', '{}', 403],
    ['GET', '/api/elections/x/totals', '', 404],
    ['GET', '/api/elections/demo-1405/totals?province=atlantis', '', 404],
    ['GET', '/api/elections/demo-1405/totals?province=a&province=b', '', 400],
    ['GET', '/api/elections/demo-1405/slips/s9', '', 404],
    ['GET', '/api/elections/demo-1405/slips/s4', '', 404],
    ['GET', '/elections/demo-1405/slips/__proto__', '', 404],
    ['GET', '/elections/constructor', '', 404],
    ['GET', '/%ZZ', '', 400],
    ['GET', `/api/elections/${'x'.repeat(5000)}/totals`, '', 400],
    ['GET', '/../../etc/passwd', '', 404],
  ])('%s, request %#', async (method, path, body, status) => {
    // Not through fetch, which would tidy the path up before sending it.
    const { hostname, port } = new URL(province.address);
    const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const request = httpRequest({ hostname, port, method, path }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      request.on('error', reject);
      request.end(body);
    });
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(/"message_fa":|<html/);
  });

  it('bytes that are not HTTP are refused on the wire, and the server lives', async () => {
    expect(await raw('\x00\x01\x02 junk\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"code":"bad_request"/s);
    expect(await raw(`GET / HTTP/1.1\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4/);
    expect(await province.json('/healthz')).toEqual({ ok: true, elections: 1 });
  });

  it('any junk at any door gets a 4xx and never a 500', async () => {
    const path = fc
      .array(
        fc.constantFrom(
          'api',
          'elections',
          'demo-1405',
          'bundles',
          'totals',
          'slips',
          's1',
          '%00',
          '..',
          'ش',
          'receipt',
          '?a=b',
        ),
      )
      .map((parts) => `/${parts.map((part) => (part === '%00' ? part : encodeURI(part))).join('/')}`);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'),
        path,
        fc.uint8Array({ maxLength: 5000 }),
        fc.constantFrom('application/octet-stream', 'application/json', 'text/plain', ';'),
        async (method, where, body, type) => {
          const bodyless = method === 'GET' || method === 'HEAD';
          const response = await fetch(`${province.address}${where}`, {
            method,
            ...(bodyless ? {} : { headers: { 'content-type': type }, body: Buffer.from(body) }),
          });
          await response.body?.cancel();
          expect(response.status).toBeLessThan(500);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('a flood is told to wait', async () => {
    const small = new RunningProvince([stationNamed('s1')]);
    try {
      await small.start({ requestsPerMinuteMax: 5 });
      const statuses: number[] = [];
      for (let i = 0; i < 7; i++) statuses.push((await fetch(`${small.address}/healthz`)).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    } finally {
      await small.remove();
    }
  });
});

describe('an administrator brings an election', () => {
  const post = (server: RunningProvince, token: string, body: string) =>
    fetch(`${server.address}/api/elections`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body,
    });
  const bodyOf = (files: ReadonlyMap<string, Uint8Array>): string =>
    JSON.stringify({
      files: Object.fromEntries(
        [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
      ),
    });

  it('whole, by token, once; and it is there after a restart', async () => {
    const empty = new RunningProvince([stationNamed('s1')]);
    try {
      await empty.start({ withPackage: false });
      const body = bodyOf(empty.province.files);
      expect((await post(empty, 'wrong', body)).status).toBe(403);
      const flipped = new Map(empty.province.files);
      const rasters = (flipped.get('rasters.bin') as Uint8Array).slice();
      rasters[500] = (rasters[500] as number) ^ 1;
      const refused = await post(
        empty,
        empty.administratorToken,
        bodyOf(flipped.set('rasters.bin', rasters)),
      );
      expect(refused.status).toBe(422);
      expect(await refused.json()).toMatchObject({ code: 'provisioning_refused', at: 'rasters.bin' });
      expect((await post(empty, empty.administratorToken, '{"files": 7}')).status).toBe(400);
      expect((await post(empty, empty.administratorToken, '{"files": {"../x": "AA=="}}')).status).toBe(400);
      expect((await post(empty, empty.administratorToken, body)).status).toBe(201);
      expect((await post(empty, empty.administratorToken, body)).status).toBe(200);
      expect((await empty.send(empty.bundle('s1'))).status).toBe(201);
      await empty.stop();
      await empty.start({ withPackage: false });
      expect(await empty.json<TotalsJson>(`/api/elections/${empty.election}/totals`)).toMatchObject({
        cast: 100,
      });
    } finally {
      await empty.remove();
    }
  });

  it('but not one that answers to another intake, nor another package under a known id', async () => {
    const first = new RunningProvince([stationNamed('s1')]);
    const second = new RunningProvince([stationNamed('s1'), stationNamed('s2')]);
    try {
      await first.start();
      const foreign = await post(first, first.administratorToken, bodyOf(second.province.files));
      expect(await foreign.json()).toMatchObject({
        code: 'provisioning_refused',
        at: 'package.cose: intakeKey',
      });
      const { provinceOf } = await import('./province.ts');
      const changed = provinceOf(
        [stationNamed('s1'), stationNamed('s2')],
        first.province.provisioning.package.intakeKey,
      );
      const differs = await post(first, first.administratorToken, bodyOf(changed.files));
      expect(differs.status).toBe(409);
      expect(await differs.json()).toMatchObject({ code: 'election_differs' });
    } finally {
      await first.remove();
      await second.remove();
    }
  });
});
