import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  amendmentsInForce,
  type Bytes,
  checkProvisioning,
  decode,
  type ProvisioningFiles,
  parseRecord,
  RASTER_HEAD_BYTES,
  rasterItemBytes,
  records,
  type StationId,
  settingsUnder,
  stationUnder,
  withdrawnUnder,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import {
  amendProvisioning,
  buildProvisioning,
  rasteriseNames,
  readProvisioning,
  writeProvisioning,
} from '@sandoq/tally-server';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AUTHORITY_KEY,
  AUTHORITY_SECRET,
  definitionOf,
  NOW_SECONDS,
  type Province,
  provinceOf,
  secretOf,
  stationNamed,
} from './province.ts';

let province: Province;
let folder: string;
beforeAll(() => {
  province = provinceOf([stationNamed('s2'), stationNamed('s1'), stationNamed('s10')]);
  folder = mkdtempSync(join(tmpdir(), 'sandoq-provisioning-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const faultOf = (files: ProvisioningFiles) => {
  const checked = checkProvisioning(files, nodeCrypto, AUTHORITY_KEY);
  return checked.ok ? undefined : checked.fault;
};
const flipped = (bytes: Bytes, bit: number): Bytes => {
  const out = bytes.slice();
  out[bit >> 3] = (out[bit >> 3] as number) ^ (1 << (bit & 7));
  return out;
};

describe('a provisioning folder', () => {
  it('is written, read back and the same', () => {
    writeProvisioning(folder, province.files);
    const read = readProvisioning(folder, AUTHORITY_KEY);
    expect(read.ok && [...read.value.stations.keys()]).toEqual(['s1', 's10', 's2']);
    expect(read.ok && read.value.package.contests.map(({ candidatesCount }) => candidatesCount)).toEqual([
      4, 12,
    ]);
    expect(readFileSync(join(folder, 'authority.pub'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(readdirSync(folder).some((name) => name.endsWith('.writing'))).toBe(false);
  });

  it('loses the stations of an older package when a newer one is written over it', () => {
    const copy = join(folder, 'over');
    writeProvisioning(copy, province.files);
    writeProvisioning(copy, provinceOf([stationNamed('s2')]).files);
    expect(readdirSync(join(copy, 'stations'))).toEqual(['s2.cose']);
    expect(readProvisioning(copy, AUTHORITY_KEY).ok).toBe(true);
  });

  it('refuses any one bit flipped in any file, naming the file', () => {
    const names = [...province.files.keys()];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), (name, at) => {
        const bytes = province.files.get(name) as Bytes;
        const fault = faultOf(new Map(province.files).set(name, flipped(bytes, at % (bytes.length * 8))));
        expect(fault, name).toBeDefined();
        expect(fault?.at.startsWith(name) || fault?.at.startsWith('stations/')).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('refuses on disk too, and says what is wrong', () => {
    const copy = join(folder, 'flipped');
    writeProvisioning(copy, province.files);
    const path = join(copy, 'rasters.bin');
    const bytes = new Uint8Array(readFileSync(path));
    writeFileSync(path, flipped(bytes, bytes.length * 8 - 1));
    const read = readProvisioning(copy, AUTHORITY_KEY);
    expect(read).toMatchObject({ ok: false, fault: { code: 'root_differs', at: 'rasters.bin' } });
    rmSync(join(copy, 'stations', 's1.cose'));
    writeFileSync(path, bytes);
    expect(readProvisioning(copy, AUTHORITY_KEY)).toMatchObject({
      ok: false,
      fault: { code: 'stations_count' },
    });
  });

  it('refuses another authority, however well its files fit together', () => {
    const other = nodeCrypto.signingPublicKey(secretOf('another authority'));
    expect(checkProvisioning(province.files, nodeCrypto, other)).toMatchObject({
      ok: false,
      fault: { code: 'authority_key_differs', at: 'authority.pub' },
    });
    const forged = new Map(province.files).set(
      'authority.pub',
      new TextEncoder().encode(`${Buffer.from(other).toString('hex')}\n`),
    );
    expect(checkProvisioning(forged, nodeCrypto, other)).toMatchObject({
      ok: false,
      fault: { code: 'signature_invalid', at: 'package.cose' },
    });
  });

  it('refuses a missing, an exchanged and an additional station', () => {
    const without = new Map(province.files);
    without.delete('stations/s1.cose');
    expect(faultOf(without)).toMatchObject({ code: 'stations_count' });
    const exchanged = new Map(province.files).set(
      'stations/s1.cose',
      province.files.get('stations/s2.cose') as Bytes,
    );
    expect(faultOf(exchanged)).toMatchObject({ code: 'file_name_differs', at: 'stations/s1.cose' });
    const other = provinceOf([
      stationNamed('s1', { county: 'lower' }),
      stationNamed('s2'),
      stationNamed('s10'),
    ]);
    const mixed = new Map(province.files).set(
      'stations/s1.cose',
      other.files.get('stations/s1.cose') as Bytes,
    );
    expect(faultOf(mixed)).toMatchObject({ code: 'root_differs', at: 'stations/' });
  });
});

describe('an enrolment is checked before it is signed', () => {
  const built = (
    change: (station: ReturnType<typeof stationNamed>) => object,
    others: readonly string[] = [],
  ) => {
    const station = stationNamed('s1');
    const result = buildProvisioning({
      definition: definitionOf(),
      authoritySecretKey: AUTHORITY_SECRET,
      intakePublicKey: nodeCrypto.signingPublicKey(secretOf('intake')),
      stations: [{ ...station, ...change(station) }, ...others.map((id) => stationNamed(id))],
    });
    return result.ok ? undefined : result.fault;
  };

  it.each<[string, (station: ReturnType<typeof stationNamed>) => object, string]>([
    ['no box', ({ devices }) => ({ devices: devices.slice(1) }), 'device_missing'],
    [
      'no supervisor',
      ({ roles }) => ({ roles: roles.filter(({ role }) => role !== 'supervisor') }),
      'role_missing',
    ],
    [
      'a closing card without its key of the count',
      ({ roles }) => ({ roles: roles.map(({ countKey: _, ...role }) => role) }),
      'count_key_missing',
    ],
    [
      "another station's device",
      ({ devices }) => ({ devices: [{ ...devices[0], subject: 'station/s2/box/1' }, ...devices.slice(1)] }),
      'subject_of_other',
    ],
    [
      'one key for two roles',
      ({ roles }) => ({ roles: roles.map((role) => ({ ...role, key: roles[0]?.key })) }),
      'key_repeated',
    ],
    [
      'a key of small order',
      ({ devices }) => ({
        devices: [{ ...devices[0], key: Uint8Array.of(1, ...new Uint8Array(31)) }, ...devices.slice(1)],
      }),
      'key_invalid',
    ],
    ['a malformed id', () => ({ id: 'S 1' }), 'id_malformed'],
    ['a name with a line break', () => ({ name: { fa: 'شعبه\nیک', en: 'one' } }), 'wrong_shape'],
  ])('refuses %s', (_, change, code) => {
    expect(built(change)).toMatchObject({ code });
  });

  it('refuses two stations of one id, and two stations that share a key', () => {
    expect(built(() => ({}), ['s1'])).toMatchObject({ code: 'id_repeated', at: 'stations/s1.cose' });
    const box = stationNamed('s2').devices[0] as records.EnrolledDevice;
    expect(
      built(({ devices }) => ({ devices: [{ ...devices[0], key: box.key }, ...devices.slice(1)] }), ['s2']),
    ).toMatchObject({ code: 'key_repeated' });
  });
});

describe('amendments', () => {
  const reason = { fa: 'به دستور هیئت نظارت', en: 'By order of the supervisory board' };
  const amended = (
    files: ProvisioningFiles,
    change: records.AmendmentChange,
    effectiveAt = NOW_SECONDS,
  ): ProvisioningFiles => {
    const result = amendProvisioning(files, AUTHORITY_SECRET, { change, reason, effectiveAt });
    if (!result.ok) throw new Error(JSON.stringify(result.fault));
    return result.value;
  };

  it('take effect at their time and in their order', () => {
    let files = amended(province.files, { kind: 'candidate_withdrawn', contest: 0, candidate: 2 });
    files = amended(
      files,
      { kind: 'hours_changed', closesAt: NOW_SECONDS + 46_800, openMinutesMin: 60 },
      NOW_SECONDS + 100,
    );
    files = amended(files, { kind: 'station_replaced', station: { ...stationNamed('s2'), votesMax: 7 } });
    const checked = checkProvisioning(files, nodeCrypto, AUTHORITY_KEY);
    if (!checked.ok) throw new Error(JSON.stringify(checked.fault));
    const early = amendmentsInForce(checked.value, NOW_SECONDS);
    expect([...withdrawnUnder(early, 0)]).toEqual([2]);
    expect(settingsUnder(checked.value, early).closesAt).toBe(NOW_SECONDS + 36_000);
    expect(settingsUnder(checked.value, amendmentsInForce(checked.value, NOW_SECONDS + 100))).toMatchObject({
      closesAt: NOW_SECONDS + 46_800,
      openMinutesMin: 60,
    });
    expect(stationUnder(checked.value, early, 's2' as StationId)?.votesMax).toBe(7);
    expect(stationUnder(checked.value, [], 's2' as StationId)?.votesMax).toBe(2000);
  });

  it('are refused with a gap, in another order, for another package, or about what is not there', () => {
    const one = amended(province.files, { kind: 'candidate_withdrawn', contest: 0, candidate: 2 });
    const two = amended(one, { kind: 'candidate_withdrawn', contest: 0, candidate: 1 });
    const gap = new Map(two);
    gap.delete('amendments/0001.cose');
    expect(faultOf(gap)).toMatchObject({ code: 'sequence_broken' });
    const exchanged = new Map(two)
      .set('amendments/0001.cose', two.get('amendments/0002.cose') as Bytes)
      .set('amendments/0002.cose', two.get('amendments/0001.cose') as Bytes);
    expect(faultOf(exchanged)).toMatchObject({ code: 'sequence_broken' });
    const other = provinceOf([stationNamed('s2')]);
    const foreign = new Map(other.files).set(
      'amendments/0001.cose',
      one.get('amendments/0001.cose') as Bytes,
    );
    expect(faultOf(foreign)).toMatchObject({ code: 'package_differs' });
    expect(
      amendProvisioning(province.files, AUTHORITY_SECRET, {
        change: { kind: 'candidate_withdrawn', contest: 0, candidate: 4 },
        reason,
        effectiveAt: 0,
      }),
    ).toMatchObject({ ok: false, fault: { code: 'candidate_unknown' } });
  });
});

describe('names as rasters', () => {
  const size = { widthDots: 384, heightDots: 40 };
  const inkColumns = (bits: Bytes): readonly number[] =>
    [...Array(size.widthDots).keys()].filter((x) =>
      [...Array(size.heightDots).keys()].some(
        (y) => ((bits[(y * size.widthDots + x) >> 3] as number) >> (7 - (x & 7))) & 1,
      ),
    );

  it('stand at the right edge, and a long name shrinks to fit instead of losing its end', () => {
    const [short, long, longer] = rasteriseNames(
      [
        'مهرداد آذری',
        'سید محمدعلی حسینی‌پور رضوانی گلپایگانی مشهور به استاد',
        'سید محمدعلی حسینی‌پور رضوانی گلپایگانی مشهور به استاد محمدی',
      ],
      size,
    ) as [Bytes, Bytes, Bytes];
    expect(Math.max(...inkColumns(short))).toBeGreaterThan(375);
    expect(Math.min(...inkColumns(short))).toBeGreaterThan(150);
    expect(Math.min(...inkColumns(long))).toBeGreaterThan(0);
    expect(Math.min(...inkColumns(longer))).toBeGreaterThan(0);
    expect(inkColumns(longer).length).toBeGreaterThan(250);
  });

  it('differ for different names, are equal for equal ones, and do not depend on their neighbours', () => {
    const names = Array.from({ length: 70 }, (_, i) => `نامزد ${i}`);
    const all = rasteriseNames(names, size);
    expect(new Set(all.map((bits) => Buffer.from(bits).toString('hex'))).size).toBe(70);
    expect(rasteriseNames([names[66] as string], size)[0]).toEqual(all[66]);
  });

  it('fill the items that the package counts', () => {
    const { package: election, rasters } = province.provisioning;
    expect(rasters.length).toBe(rasterItemBytes(election.rasters) * (4 + 2 + 16));
    const itemBytes = rasterItemBytes(election.rasters);
    for (let i = 0; i < election.rasters.count; i++)
      expect(
        rasters.subarray(i * itemBytes + RASTER_HEAD_BYTES, (i + 1) * itemBytes).some((byte) => byte !== 0),
      ).toBe(true);
  });

  it('the package names what was signed', () => {
    const record = parseRecord(province.files.get('package.cose') as Bytes);
    expect(record.ok && decode(records.packageShape, record.value.payload)).toMatchObject({ ok: true });
  });
});
