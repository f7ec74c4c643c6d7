/** A whole day from one recorder alone: a slip that says that it is disputed, with the evidence, as the intake takes it. */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBundle, checkProvisioning, fromHex, toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProvisioningFolder } from '../src/stores/provisioning-folder.ts';
import { AUTHORITY_KEY, STATION, VotingRoom } from './voting-room.ts';

const BIN = join(import.meta.dirname, '..', 'bin', 'recover.ts');
const AUDIT = join(import.meta.dirname, '..', '..', 'firmware-host', 'bin', 'audit.ts');
const QUIET = '--disable-warning=ExperimentalWarning';
const closed = new VotingRoom();
const open = new VotingRoom();

async function day(room: VotingRoom): Promise<void> {
  await room.setUp();
  await room.open();
  await room.vote([0], [1, 2, 3]);
  await room.vote([1], 'blank');
  writeFileSync(join(room.folder, 'admission.cose'), fromHex(room.summary()) as Uint8Array);
}

beforeAll(async () => {
  await day(closed);
  await closed.close();
  await closed.stop();
  await closed.layClosingCards();
  await day(open);
  await open.stop();
  await open.layClosingCards();
});
afterAll(async () => {
  await closed.tearDown();
  await open.tearDown();
});

/** What a new computer has of the old one: the device's key, and nothing else. */
function keyAlone(room: VotingRoom): string {
  const folder = join(room.folder, 'key-alone');
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(room.data, 'device.key'), join(folder, 'device.key'));
  return folder;
}

function readOutBox(room: VotingRoom): { readonly folder: string; readonly status: number | null } {
  const folder = join(room.folder, 'box-read');
  const image = join(room.folder, 'bench', 'flash.bin');
  const { status } = spawnSync(process.execPath, [QUIET, AUDIT, image, '--out', folder]);
  return { folder, status };
}

interface Recovered {
  readonly code: number | null;
  readonly result: Record<string, unknown>;
  readonly out: string;
}

function recover(
  room: VotingRoom,
  source: readonly string[],
  more: readonly string[] = [],
): Promise<Recovered> {
  const out = join(room.folder, `out-${source[0]?.slice(2)}`);
  const child = spawn(process.execPath, [
    ...[QUIET, BIN, '--package', join(room.folder, 'package'), '--authority', toHex(AUTHORITY_KEY)],
    ...[
      '--station',
      STATION,
      '--admission',
      join(room.folder, 'admission.cose'),
      '--device-key',
      keyAlone(room),
    ],
    ...['--role-reader', `socket:${join(room.folder, 'roles')}`, '--out', out, '--pins', '-'],
    ...['--reason', 'the computer burnt', ...source, ...more],
  ]);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stdin.end(JSON.stringify(room.closingPins));
  return new Promise((resolve) =>
    child.once('close', (code) =>
      resolve({
        code,
        out,
        result: JSON.parse(said.trimEnd().split('\n').at(-1) || '{}') as Record<string, unknown>,
      }),
    ),
  );
}

/** By the one judge that the province's intake and the verifier use. */
function judged(room: VotingRoom, out: string) {
  const provisioning = checkProvisioning(
    readProvisioningFolder(join(room.folder, 'package')),
    nodeCrypto,
    AUTHORITY_KEY,
  );
  if (!provisioning.ok) throw new Error(provisioning.fault.code);
  const bundle = new Uint8Array(readFileSync(join(out, `${STATION}.bundle`)));
  const checked = checkBundle(provisioning.value, nodeCrypto, bundle, Math.floor(Date.now() / 1000));
  if (!checked.ok) throw new Error(checked.fault.code);
  const evidence = readFileSync(join(out, `${STATION}.evidence.json`));
  for (const segment of checked.value.slip.segments)
    expect(toHex(segment.evidence as Uint8Array)).toBe(toHex(nodeCrypto.sha256(evidence)));
  return { ...checked.value, evidence: JSON.parse(evidence.toString()) as Record<string, unknown> };
}

describe('the station is lost', () => {
  it('the closed box gives the whole count, as a disputed slip', async () => {
    const { folder, status } = readOutBox(closed);
    expect(status).toBe(0);
    const { code, result, out } = await recover(closed, ['--box', folder]);
    expect(result).toMatchObject({ recovered: true, disputed: true, records: 4, counted: true });
    expect(code).toBe(0);
    const { slip, breaks, evidence } = judged(closed, out);
    expect(slip.disputed).toBe(true);
    expect(slip.totals[0]).toMatchObject({ records: 2, valid: 2, candidates: [1, 1, 0, 0] });
    expect(slip.segments).toMatchObject([
      { kind: 'box', records: 4, disputed: true },
      { kind: 'station', records: 0, disputed: true },
    ]);
    expect(breaks.map((one) => one.code)).toEqual(
      expect.arrayContaining(['segment_disputed', 'segment_records']),
    );
    expect(evidence).toMatchObject({
      lost: 'station',
      set_is_the_committed_one: true,
      flash_audit: { sound: true, findings: [] },
    });
  });

  it('a box that was never closed gives its sealed set and no totals: its cards have no last word to open for', async () => {
    const { folder } = readOutBox(open);
    const { code, result, out } = await recover(open, ['--box', folder]);
    expect(result).toMatchObject({ recovered: true, records: 4, counted: false });
    expect(code).toBe(0);
    const { slip, evidence } = judged(open, out);
    expect(slip.totals[0]).toMatchObject({ records: 0, candidates: [0, 0, 0, 0] });
    expect(slip.slots).toEqual({ box: 4, station: 0, tallied: 0 });
    expect(evidence).toMatchObject({ lost: 'station', committed: null });
  });

  it('what was changed after the box was read is refused, or named in the evidence', async () => {
    const { folder } = readOutBox(closed);
    const session = readFileSync(join(folder, 'session.cose'));
    session[90] = (session[90] as number) ^ 1;
    writeFileSync(join(folder, 'session.cose'), session);
    expect((await recover(closed, ['--box', folder])).result).toMatchObject({ recovered: false });
    const again = readOutBox(closed).folder;
    const records = readFileSync(join(again, 'records.bin'));
    writeFileSync(join(again, 'records.bin'), records.subarray(0, records.length / 2));
    const { out } = await recover(closed, ['--box', again]);
    expect(judged(closed, out).evidence).toMatchObject({ records: 2, set_is_the_committed_one: false });
  });
});

describe('the box is lost', () => {
  it('after its last word: the station counts what it holds', async () => {
    const { result, out } = await recover(closed, ['--station-data', closed.data]);
    expect(result).toMatchObject({ recovered: true, records: 4, counted: true });
    const { slip, evidence } = judged(closed, out);
    expect(slip.totals[1]).toMatchObject({ records: 2, valid: 1, blank: 1 });
    expect(slip.segments).toMatchObject([
      { kind: 'box', disputed: true },
      { kind: 'station', records: 4, disputed: true },
    ]);
    expect(evidence).toMatchObject({ lost: 'box', records_without_signature: 0 });
  });

  it('before it: every record under the session key’s signature, and no totals', async () => {
    const { result, out } = await recover(open, ['--station-data', open.data]);
    expect(result).toMatchObject({ recovered: true, records: 4, counted: false });
    const { slip, evidence } = judged(open, out);
    expect(slip.slots).toEqual({ box: 0, station: 4, tallied: 0 });
    expect(evidence).toMatchObject({ lost: 'box', committed: null, reason: 'the computer burnt' });
  });
});

it('says how it is used where arguments are missing: 2', async () => {
  expect((await recover(closed, [])).code).toBe(2);
  expect((await recover(closed, ['--box', 'x', '--station-data', 'y'])).code).toBe(2);
});
