/** What is published: one revision for page, JSON, CSV and NIST's report; schemas; release; leading zeros. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  csvText,
  parseCsv,
  plainText,
  type ResultsJson,
  type RevisionLine,
  resultsJsonSchema,
  type TotalsJson,
} from '@sandoq/tally-server';
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { votesOf } from './bundle-builder.ts';
import { DEFINITION, NOW_SECONDS, stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CORPORA = process.env['SANDOQ_CORPORA'] ?? join(ROOT, '..', 'shared', 'corpora');
const NIST = join(CORPORA, 'nist-cdf', 'err-1500-100', 'NIST_V2_election_results_reporting.json');

const withCodes = (codes: readonly string[]) => ({
  ...DEFINITION,
  contests: DEFINITION.contests.map((contest, i) =>
    i === 0
      ? { ...contest, candidates: contest.candidates.map((one, k) => ({ ...one, code: codes[k] as string })) }
      : contest,
  ),
});
const CODES = ['007', '010', '000', '090'];

let province: RunningProvince;
beforeAll(async () => {
  province = new RunningProvince(
    [
      stationNamed('s1'),
      stationNamed('s2', { county: 'lower', district: 'west' }),
      stationNamed('s3', { province: 'south', county: 'coast', constituency: 'south' }),
    ],
    withCodes(CODES),
  );
  await province.start();
});
afterAll(() => province.remove());

const text = async (path: string): Promise<{ readonly body: string; readonly revision: string | null }> => {
  const response = await fetch(`${province.address}/api/elections/${province.election}/${path}`);
  expect(response.status).toBe(200);
  // With the byte-order mark, which text() would take away.
  const body = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer());
  return { body, revision: response.headers.get('x-revision') };
};
const results = async (): Promise<ResultsJson> =>
  JSON.parse((await text('results.json')).body) as ResultsJson;
const revisions = async (): Promise<readonly RevisionLine[]> =>
  (JSON.parse((await text('revisions')).body) as { revisions: RevisionLine[] }).revisions;
const withFormats = (ajv: Ajv): Ajv => {
  // The package is CommonJS: under ES modules its face is its default's default.
  const add = addFormats as unknown as { default?: (one: unknown) => void } & ((one: unknown) => void);
  (add.default ?? add)(ajv);
  return ajv;
};
const errorsOf = (validate: ValidateFunction, value: unknown): unknown =>
  validate(value) === true ? [] : validate.errors?.slice(0, 5);

describe('a publication', () => {
  it('begins with a revision that says nothing is in', async () => {
    expect(await results()).toMatchObject({
      revision: 1,
      complete: false,
      totals: { slips: { expected: 3, received: 0, missing: 3, disputed: 0 }, cast: 0 },
      outcome: [],
    });
  });

  it('page, JSON, CSV and NIST are of one revision, which the log binds by its digests', async () => {
    await province.send(province.bundle('s1', {}, votesOf(100, 1)));
    await province.send(province.bundle('s2', {}, votesOf(90, 2)));
    const page = await (await fetch(`${province.address}/elections/${province.election}?lang=en`)).text();
    const [json, csv, nist] = await Promise.all(
      ['results.json', 'results.csv', 'results.nist.json'].map(text),
    );
    const [last] = await revisions();
    expect(new Set([json?.revision, csv?.revision, nist?.revision])).toEqual(
      new Set([String(last?.revision)]),
    );
    expect(page).toContain(`Results revision ${last?.revision}`);
    const { createHash } = await import('node:crypto');
    const digest = (body: string | undefined) =>
      createHash('sha256')
        .update(body ?? '')
        .digest('hex');
    expect(last?.sha256).toEqual({
      json: digest(json?.body),
      csv: digest(csv?.body),
      nist: digest(nist?.body),
    });
    expect(last?.items.map(({ station }) => station)).toEqual(['s1', 's2']);
  });

  it('says the same sums as the totals, at every place', async () => {
    const published = await results();
    const totals = await province.json<TotalsJson>(`/api/elections/${province.election}/totals`);
    expect(published.totals.contests.map(({ candidates }) => candidates)).toEqual(
      totals.contests.map(({ candidates }) => candidates),
    );
    for (const level of ['province', 'county', 'constituency', 'district'] as const) {
      const rows = published.places.filter(
        (place) =>
          Object.keys(place)
            .filter((key) => ['province', 'county', 'constituency', 'district'].includes(key))
            .at(-1) === level,
      );
      expect(rows.reduce((sum, { cast }) => sum + cast, 0)).toBe(totals.cast);
      expect(rows.reduce((sum, { slips }) => sum + slips.expected, 0)).toBe(3);
    }
  });

  it('a revision stays what it was when nothing changes, also over a restart', async () => {
    const before = await text('results.json');
    await province.stop();
    await province.start();
    const after = await text('results.json');
    expect(after).toEqual(before);
    const log = await revisions();
    expect(log.map(({ revision }) => revision)).toEqual(log.map((_, i) => log.length - i));
  });

  it('is valid by its published JSON Schema, and the schema in the repository is the one that is served', async () => {
    const served = await (await fetch(`${province.address}/schemas/results-1.json`)).json();
    const kept = JSON.parse(
      readFileSync(join(ROOT, 'tally-server/schemas/results-1.schema.json'), 'utf8'),
    ) as object;
    expect(served).toEqual(JSON.parse(JSON.stringify(resultsJsonSchema())));
    expect(kept).toEqual(served);
    const validate = new Ajv2020({ allErrors: true, strict: false }).compile(kept);
    const published = await results();
    expect(errorsOf(validate, published)).toEqual([]);
    expect(errorsOf(validate, { ...published, revision: 0 })).not.toEqual([]);
  });

  it.skipIf(!existsSync(NIST))("is valid by NIST's schema of SP 1500-100", async () => {
    // Draft 4 without any word that later drafts read in another way.
    const { $schema: _, ...schema } = JSON.parse(readFileSync(NIST, 'utf8')) as Record<string, unknown>;
    const validate = withFormats(new Ajv({ allErrors: true, strict: false })).compile(schema);
    const report = JSON.parse((await text('results.nist.json')).body) as {
      Election: { Contest: object[] }[];
    };
    expect(errorsOf(validate, report)).toEqual([]);
    expect(report.Election[0]?.Contest).toHaveLength(2);
    expect(errorsOf(validate, { ...report, Status: 'perhaps' })).not.toEqual([]);
    expect(errorsOf(validate, { ...report, Issuer: 7 })).not.toEqual([]);
  });

  it("every id that NIST's report refers to is one that it defines, and its counts are the totals", async () => {
    const report = JSON.parse((await text('results.nist.json')).body) as Record<string, unknown>;
    const defined = new Set<string>();
    const referred = new Set<string>();
    const walk = (value: unknown, key = ''): void => {
      if (Array.isArray(value)) for (const one of value) walk(one, key);
      else if (typeof value === 'object' && value !== null)
        for (const [name, one] of Object.entries(value)) walk(one, name);
      else if (key === '@id') defined.add(String(value));
      else if (/Ids?$/.test(key) && key !== 'VendorApplicationId') referred.add(String(value));
    };
    walk(report);
    expect([...referred].filter((id) => !defined.has(id))).toEqual([]);
    const [contest] =
      (
        report['Election'] as {
          Contest: { ContestSelection: { VoteCounts: { GpUnitId: string; Count: number }[] }[] }[];
        }[]
      )[0]?.Contest ?? [];
    const nation = contest?.ContestSelection.map(
      ({ VoteCounts }) => VoteCounts.find(({ GpUnitId }) => GpUnitId === 'unit-nation')?.Count,
    );
    expect(nation).toEqual((await results()).totals.contests[0]?.candidates.map(({ votes }) => votes));
  });

  it('withholds small cells of the cross-tables and gives their sums', async () => {
    const { tables, small_cell_min } = await province.json<{
      small_cell_min: number;
      tables: { table: string; rows: { cells: (number | null)[]; total: number }[]; totals: number[] }[];
    }>(`/api/elections/${province.election}/cross-tables.json`);
    expect(small_cell_min).toBe(5);
    const assistance = tables.find(({ table }) => table === 'assistance');
    // One helped voter in each of two counties: withheld, and so are the others beside them.
    expect(assistance?.rows.map(({ cells }) => cells)).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(assistance?.totals).toEqual([102 + 92 - 2, 2]);
    const page = await (await fetch(`${province.address}/elections/${province.election}/tables`)).text();
    expect(page).toContain('•');
  });
});

describe('the law of publication', () => {
  it('shows no slip whose signature set is not complete, and shows it when it is', async () => {
    const strict = new RunningProvince([stationNamed('s1'), stationNamed('s2')]);
    try {
      await strict.start({
        rolesRequired: ['governor_representative', 'council_representative', 'supervisor'],
      });
      await strict.send(
        strict.bundle('s1', { minutes: ['governor_representative', 'council_representative'] }),
      );
      const slip = `/api/elections/${strict.election}/slips/s1`;
      for (const path of [
        slip,
        `${slip}/bundle`,
        `${slip}/receipt`,
        `/elections/${strict.election}/slips/s1`,
      ])
        expect((await fetch(`${strict.address}${path}`)).status).toBe(404);
      expect(((await (await fetch(`${strict.address}${slip}`)).json()) as { code: string }).code).toBe(
        'slip_not_public',
      );
      const totals = () => strict.json<TotalsJson>(`/api/elections/${strict.election}/totals`);
      expect((await totals()).slips).toMatchObject({ received: 0, missing: 2 });
      await strict.send(strict.bundle('s2'));
      expect((await totals()).slips).toMatchObject({ received: 1, missing: 1 });
    } finally {
      await strict.remove();
    }
  });

  it('publishes nothing of an official election before the last hour of voting', async () => {
    const official = new RunningProvince([stationNamed('s1')], { ...DEFINITION, demonstration: false });
    try {
      official.seconds = NOW_SECONDS + 100;
      await official.start();
      expect((await official.send(official.bundle('s1'))).status).toBe(201);
      const totals = () => official.json<TotalsJson>(`/api/elections/${official.election}/totals`);
      expect((await totals()).slips.received).toBe(0);
      expect((await totals()).cast).toBe(0);
      official.seconds = NOW_SECONDS + 36_000;
      expect((await totals()).slips.received).toBe(1);
    } finally {
      await official.remove();
    }
  });
});

describe('a spreadsheet round trip', () => {
  it('loses no leading zero: what the CSV says is text is read back as the same text', async () => {
    const parsed = parseCsv((await text('results.csv')).body);
    if (!parsed.ok) throw new Error(parsed.fault.problem);
    const [header = [], ...rows] = parsed.value;
    const at = (name: string) => header.indexOf(name);
    const nation = rows.filter((row) => row[0] === 'nation' && row[at('contest')] === 'president');
    const codes = nation.map((row) => plainText(row[at('choice')] ?? '')).filter((code) => /^\d/.test(code));
    expect(codes).toEqual(CODES);
    // Marked as text, so that a spreadsheet cannot take 007 for 7.
    expect(nation.map((row) => row[at('choice')])).toContain('="007"');
  });

  it('any text comes back byte for byte, marked or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 }),
        (rows) => {
          const kept = rows.filter(
            (row) => row.every((field) => !/^="/.test(field)) && row.some((field) => field !== ''),
          );
          const parsed = parseCsv(csvText([['a', 'b'], ...kept]));
          expect(parsed.ok && parsed.value.slice(1).map((row) => row.map(plainText))).toEqual(kept);
        },
      ),
    );
  });

  it.each([
    '007',
    '0',
    '0012345678',
    '1-2',
    '1/2',
    '=1+1',
    '+98',
    '-5',
    '@x',
    '۰۰۷',
    ' 7',
    '1e5',
  ])('%s is marked as text', (field) => {
    expect(csvText([[field]], { mark: false })).toBe(`"=""${field}"""\r\n`);
  });
});
