import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBundle, checkProvisioning } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { readProvisioning, type TotalsJson, writePublication } from '@sandoq/tally-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { votesOf } from './bundle-builder.ts';
import { AUTHORITY_KEY, DEFINITION, stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

let province: RunningProvince;
const president = DEFINITION.contests[0] as (typeof DEFINITION.contests)[number];
beforeAll(async () => {
  province = new RunningProvince(
    [
      stationNamed('s1', {}, { fa: 'شعبهٔ یک', en: 'WARD 1, "A"' }),
      stationNamed('s2', {}, { fa: 'شعبهٔ دو', en: 'WARD 2' }),
      stationNamed('s3'),
    ],
    {
      ...DEFINITION,
      contests: [president],
      styles: [{ id: 'all', name: DEFINITION.title, contests: ['president'] }],
    },
  );
  await province.start();
});
afterAll(() => province.remove());

const one = (cast: number, seed: number) => ({ cast, contests: votesOf(cast, seed).contests.slice(0, 1) });
const order = () => ({
  dataFolder: province.dataFolder,
  election: province.election,
  authorityKey: AUTHORITY_KEY,
});

describe('a publication', () => {
  it('holds what was received, byte for byte, and totals that anyone can make again', async () => {
    const bundle = province.bundle('s1', {}, one(100, 1));
    const receipt = (await province.send(bundle)).bytes;
    await province.send(province.bundle('s2', {}, one(50, 2)));
    const folder = join(province.folder, 'out');
    const published = writePublication(folder, order());
    expect(published).toMatchObject({ ok: true, value: { slips: 2, missing: 1 } });
    expect(new Uint8Array(readFileSync(join(folder, 'slips', 's1.bundle')))).toEqual(bundle);
    expect(new Uint8Array(readFileSync(join(folder, 'receipts', 's1.cose')))).toEqual(receipt);
    expect(readdirSync(join(folder, 'slips')).sort()).toEqual(['s1.bundle', 's2.bundle']);

    const provisioning = readProvisioning(join(folder, 'package'), AUTHORITY_KEY);
    if (!provisioning.ok) throw new Error(JSON.stringify(provisioning.fault));
    const again = [0, 0, 0, 0];
    for (const name of readdirSync(join(folder, 'slips'))) {
      const bytes = new Uint8Array(readFileSync(join(folder, 'slips', name)));
      const checked = checkBundle(provisioning.value, nodeCrypto, bytes, province.seconds);
      if (!checked.ok) throw new Error(JSON.stringify(checked.fault));
      checked.value.slip.totals[0]?.candidates.forEach((votes, i) => {
        again[i] = (again[i] as number) + votes;
      });
    }
    const totals = JSON.parse(readFileSync(join(folder, 'totals.json'), 'utf8')) as TotalsJson;
    expect(totals.contests[0]?.candidates.map(({ votes }) => votes)).toEqual(again);
    expect(await province.json(`/api/elections/${province.election}/totals`)).toEqual(totals);
  });

  it('says the digest of every file, and the digests are right', () => {
    const folder = join(province.folder, 'out');
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
      files: Record<string, string>;
    };
    const names = Object.keys(index.files);
    expect(names).toContain('package/package.cose');
    for (const name of names) {
      const digest = nodeCrypto.sha256(new Uint8Array(readFileSync(join(folder, name))));
      expect(Buffer.from(digest).toString('hex'), name).toBe(index.files[name]);
    }
  });

  it('is written over an earlier one, whose slips and sums it replaces', async () => {
    const folder = join(province.folder, 'again');
    expect(writePublication(folder, order()).ok).toBe(true);
    const minutes = ['governor_representative', 'council_representative'] as const;
    await province.send(province.bundle('s3', { minutes }, one(30, 3)));
    expect(writePublication(folder, order())).toMatchObject({ ok: true, value: { slips: 3, missing: 0 } });
    const names = [
      'bulletin',
      'cross-tables.json',
      'index.json',
      'outcome.json',
      'package',
      'receipts',
      'results.csv',
      'results.json',
      'results.nist.json',
      'revisions.json',
      'slips',
      'stations.json',
      'totals.csv',
      'totals.json',
    ];
    expect(readdirSync(folder).sort()).toEqual(names);
    const totals = JSON.parse(readFileSync(join(folder, 'totals.json'), 'utf8')) as TotalsJson;
    expect(totals.cast).toBe(180);
    const results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'));
    expect(results.totals.cast).toBe(180);
    const log = JSON.parse(readFileSync(join(folder, 'revisions.json'), 'utf8'));
    expect(log.revisions[0]).toMatchObject({ revision: results.revision, received: 3 });
    expect(log.revisions[0].sha256.json).toBe(
      Buffer.from(nodeCrypto.sha256(new Uint8Array(readFileSync(join(folder, 'results.json'))))).toString(
        'hex',
      ),
    );
  });

  it('is none while a signature is wanted, and names the slip and the role', () => {
    const folder = join(province.folder, 'unsigned');
    const rules = { rolesRequired: ['supervisor'], smallCellMin: 5 } as const;
    expect(writePublication(folder, { ...order(), rules })).toEqual({
      ok: false,
      fault: { code: 'slip_not_public', at: 'slips/s3.bundle', wanted: 'supervisor' },
    });
    expect(existsSync(folder)).toBe(false);
  });

  it('has its CSV in the form of the ballots that a day is run on, names quoted', () => {
    const lines = readFileSync(join(province.folder, 'out', 'totals.csv'), 'utf8').split('\r\n');
    expect(lines[0]).toBe('precinct,choice,ballots');
    expect(lines[1]).toMatch(/^"WARD 1, ""A""",Mehrdad Azari,\d+$/);
    expect(lines).toContain('"WARD 1, ""A""",undervote,5');
    const sum = lines
      .slice(1, -1)
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(',') + 1)), 0);
    expect(sum).toBe(150);
  });

  it('is refused for an unknown election, and for a copy that was bent', () => {
    expect(writePublication(join(province.folder, 'x'), { ...order(), election: 'other' })).toMatchObject({
      ok: false,
      fault: { code: 'file_missing' },
    });
    expect(readdirSync(province.folder)).not.toContain('x');
    expect(checkProvisioning(new Map(), nodeCrypto, AUTHORITY_KEY).ok).toBe(false);
  });
});
