/** `npm run election` as the authority uses it: make, check, sign, amend, show; every mistake before signing. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode, records, toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { readProvisioning } from '@sandoq/tally-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY_KEY, AUTHORITY_SECRET, DEFINITION, secretOf, stationNamed } from './province.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'sandoq-election-'));
const at = (...parts: readonly string[]): string => join(folder, ...parts);
/** The smallest PNG there is, made different by its tail. */
const png = (tail: string): Uint8Array =>
  new Uint8Array(Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(tail)]));

const [president, majles] = DEFINITION.contests;
const withPictures = {
  ...DEFINITION,
  contests: [
    { ...president, candidates: president?.candidates.map((one, i) => ({ ...one, picture: `p${i}.png` })) },
    majles,
  ],
};
const INTAKE = toHex(nodeCrypto.signingPublicKey(secretOf('intake')));

beforeAll(() => {
  mkdirSync(at('stations'));
  mkdirSync(at('pictures'));
  for (const id of ['s1', 's2'])
    writeFileSync(at('stations', `${id}.cbor`), encode(records.stationShape, stationNamed(id)));
  for (let i = 0; i < 4; i++) writeFileSync(at('pictures', `p${i}.png`), png(`portrait ${i}`));
  writeFileSync(at('authority.key'), AUTHORITY_SECRET, { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  readonly ok: boolean;
  readonly figures: Readonly<Record<string, unknown>>;
}
function election(...args: readonly string[]) {
  const script = join(ROOT, 'tally-server/bin/election.ts');
  const ran = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', timeout: 60_000 });
  const last = ran.stdout.trim().split('\n').at(-1) ?? '';
  return {
    status: ran.status,
    stderr: ran.stderr,
    said: last === '' ? undefined : (JSON.parse(last) as Said),
  };
}
function definition(name: string, value: unknown): string {
  writeFileSync(at(name), JSON.stringify(value));
  return at(name);
}

describe('an election package, from nothing to amended', () => {
  it('begins with a template without a mistake', () => {
    expect(election('new', at('new.json')).status).toBe(0);
    const { status, said } = election('check', at('new.json'));
    expect(status).toBe(0);
    expect(said?.figures).toMatchObject({ mistakes: [], slip_qr_pages_usual: 1 });
    expect(election('new', at('new.json')).status).toBe(2);
  });

  it('says the largest slip, the print length and the QR codes', () => {
    const { said } = election(
      'check',
      definition('big.json', {
        ...DEFINITION,
        contests: [
          {
            ...majles,
            law: 'plurality',
            seats: 30,
            choicesMax: 30,
            candidates: Array.from({ length: 3500 }, (_, i) => ({
              code: String(i).padStart(4, '0'),
              name: { fa: `نامزد ${i}`, en: `Candidate ${i}` },
            })),
          },
        ],
        styles: undefined,
      }),
    );
    const figures = said?.figures as Record<string, number>;
    // Tehran's one constituency: 3,500 candidates, 30 names on one paper.
    expect(figures['candidates']).toBe(3500);
    expect(figures['slip_bytes_max']).toBeGreaterThan(3500 * 5);
    expect(figures['slip_bytes_max']).toBeLessThan(figures['slip_bytes_allowed'] as number);
    expect(figures['slip_qr_pages']).toBe(Math.ceil((figures['slip_bytes_max'] as number) / 960));
    expect(figures['print_mm']).toBe(Math.ceil((40 * (2 + 1 + 30) + 28 * 30) / 8));
  });

  it('finds every mistake, and says in Persian where it is and what is wanted', () => {
    const wrong = {
      ...withPictures,
      contests: [
        {
          ...withPictures.contests[0],
          candidates: [
            { code: '11', name: { fa: 'الف', en: 'A' }, picture: 'absent.png' },
            { code: '11', name: { fa: 'ب', en: 'B' } },
          ],
        },
      ],
      styles: [{ id: 's', name: DEFINITION.title, contests: ['mayor'] }],
      settings: { ...DEFINITION.settings, openMinutesMin: 2000 },
    };
    const { status, stderr, said } = election('check', definition('wrong.json', wrong));
    expect(status).toBe(1);
    expect(stderr).toContain('رأی‌گیری ۱، نامزد ۲، کد: همان کد نامزد ۱ است');
    expect(stderr).toContain('گونهٔ برگهٔ رأی ۱، رأی‌گیری ۱: رأی‌گیری «mayor» تعریف نشده است');
    expect(stderr).toContain('تنظیمات، کمترین دقیقه‌های رأی‌گیری: ۲۰۰۰ دقیقه است');
    expect((said?.figures['mistakes'] as { code: string }[]).map(({ code }) => code)).toEqual([
      'code_repeated',
      'contest_unknown',
      'open_longer_than_hours',
    ]);
  });

  it('finds absent and false pictures and incomplete stations before signing', () => {
    mkdirSync(at('bad-pictures'));
    mkdirSync(at('bad-stations'));
    for (let i = 0; i < 3; i++)
      writeFileSync(at('bad-pictures', `p${i}.png`), i === 1 ? 'no picture' : png('same'));
    const station = stationNamed('s9');
    writeFileSync(
      at('bad-stations', 's9.cbor'),
      encode(records.stationShape, { ...station, roles: station.roles.slice(1) }),
    );
    const path = definition('pictures.json', withPictures);
    const { status, said } = election(
      'check',
      path,
      '--pictures',
      at('bad-pictures'),
      '--stations',
      at('bad-stations'),
    );
    expect(status).toBe(1);
    const codes = (list: unknown): readonly string[] => (list as { code: string }[]).map(({ code }) => code);
    expect(codes(said?.figures['mistakes'])).toEqual(['picture_type', 'picture_absent', 'station_rule']);
    expect(codes(said?.figures['warnings'])).toContain('picture_shared');
    const signing = [
      '--stations',
      at('bad-stations'),
      '--pictures',
      at('bad-pictures'),
      '--authority-key',
      at('authority.key'),
    ];
    expect(election('sign', path, ...signing, '--intake-key', INTAKE, '--out', at('refused')).status).toBe(1);
    expect(readProvisioning(at('refused'), AUTHORITY_KEY).ok).toBe(false);
  });

  it('signs with pictures, amends, shows; a changed picture is refused by name', () => {
    const path = definition('good.json', withPictures);
    const out = at('package');
    const signed = election(
      'sign',
      path,
      '--stations',
      at('stations'),
      '--pictures',
      at('pictures'),
      '--authority-key',
      at('authority.key'),
      '--intake-key',
      INTAKE,
      '--out',
      out,
    );
    expect(signed.said?.ok).toBe(true);
    const reason = ['--reason-fa', 'به درخواست نامزد', '--reason-en', 'on request'];
    const key = ['--authority-key', at('authority.key')];
    expect(election('amend', out, '--withdraw', 'president:22', ...key, ...reason).status).toBe(0);
    const later = election('amend', out, '--closes-at', '2026-11-27T22:00:00+03:30', ...key, ...reason);
    expect(later.said?.figures).toMatchObject({ change: 'hours_changed' });
    const shown = election('show', out, '--authority', toHex(AUTHORITY_KEY));
    expect(shown.said?.figures).toMatchObject({ election: 'demo-1405', pictures: 4, stations: 2 });
    expect((shown.said?.figures['amendments'] as object[]).length).toBe(2);

    const provisioning = readProvisioning(out, AUTHORITY_KEY);
    if (!provisioning.ok) throw new Error(provisioning.fault.at);
    const digest = provisioning.value.candidateLists[0]?.candidates[0]?.pictureDigest;
    const picture = join(out, 'pictures', `${toHex(digest as Uint8Array)}.png`);
    expect(new Uint8Array(readFileSync(picture))).toEqual(png('portrait 0'));
    writeFileSync(picture, png('another face'));
    expect(readProvisioning(out, AUTHORITY_KEY)).toMatchObject({
      ok: false,
      fault: { code: 'digest_differs' },
    });
    rmSync(picture);
    expect(readProvisioning(out, AUTHORITY_KEY)).toMatchObject({
      ok: false,
      fault: { code: 'file_missing' },
    });
  });

  it('wrong usage ends with 2 and says what is wanted', () => {
    for (const args of [
      [],
      ['check'],
      ['what', 'x'],
      ['check', at('absent.json')],
      ['sign', at('good.json')],
      ['amend', at('package')],
    ])
      expect([args, election(...args).status]).toEqual([args, 2]);
  });
});
