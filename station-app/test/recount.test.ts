/** The recount is a program of its own, and it can disagree: each way in which a recorder or a slip can be wrong is named. */
import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode, encode, parseRecord, records, signTyped, toHex, votingSubject } from '@sandoq/protocol';
import { nodeCrypto, nodeRandomness } from '@sandoq/protocol/node';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDeviceKey } from '../src/stores/device-key.ts';
import { AUTHORITY_KEY, ELECTION, STATION, VotingRoom } from './voting-room.ts';

const BIN = join(import.meta.dirname, '..', 'bin', 'recount.ts');
const room = new VotingRoom();
let bundlePath: string;
let storePath: string;

beforeAll(async () => {
  await room.setUp();
  await room.open();
  await room.vote([0], [1, 2, 3]);
  await room.vote([1], 'blank');
  await room.close();
  await room.count();
  await room.takeClosingCards();
  await room.call('slip.approve_begin', {});
  await room.approve(['governor_representative', 'council_representative']);
  await room.call('slip.send', {});
  await room.stop();
  bundlePath = join(room.data, 'out', `${STATION}.bundle`);
  storePath = join(room.data, 'records.sqlite');
  await room.layClosingCards();
});
afterAll(() => room.tearDown());

interface Verdict {
  readonly code: number | null;
  readonly result: Record<string, unknown>;
}

function run(more: readonly string[], pins: unknown = room.closingPins): Promise<Verdict> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      BIN,
      ...[
        '--package',
        join(room.folder, 'package'),
        '--authority',
        toHex(AUTHORITY_KEY),
        '--station',
        STATION,
      ],
      ...['--role-reader', `socket:${join(room.folder, 'roles')}`, '--pins', '-'],
      ...more,
    ]);
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
    });
    child.once('close', (code) =>
      resolve({
        code,
        result: JSON.parse(out.trimEnd().split('\n').at(-1) || '{}') as Record<string, unknown>,
      }),
    );
    child.stdin.end(JSON.stringify(pins));
  });
}
const withStore = (path: string) => run(['--bundle', bundlePath, '--store', path]);

/** A copy of the store, tampered with. */
function tampered(name: string, sql: string): string {
  const path = join(room.folder, name);
  copyFileSync(storePath, path);
  const database = new Database(path);
  database.exec(sql);
  database.close();
  return path;
}

describe('npm run recount', () => {
  it('agrees with the honest store', async () => {
    const { code, result } = await withStore(storePath);
    expect(code).toBe(0);
    expect(result).toMatchObject({ agreed: true, records: 4, set_root_agrees: true, differences: [] });
    expect(JSON.stringify(result.totals)).toContain('"contest":"council","records":2,"valid":1,"blank":1');
  });

  it('disagrees where a record is missing, and names the numbers', async () => {
    const store = tampered(
      'missing.sqlite',
      "UPDATE slot SET body = zeroblob(length(body)) WHERE number = (SELECT number FROM slot WHERE hex(substr(body, 1, 1)) = '01' LIMIT 1)",
    );
    const { code, result } = await withStore(store);
    expect(code).toBe(1);
    expect(result).toMatchObject({ agreed: false, records: 3, records_committed: 4, set_root_agrees: false });
    expect((result.differences as unknown[]).length).toBeGreaterThan(0);
  });

  it('disagrees where a bit of a sealed record has changed', async () => {
    const path = join(room.folder, 'bit.sqlite');
    copyFileSync(storePath, path);
    const database = new Database(path);
    const { number, body } = database
      .prepare("SELECT number, body FROM slot WHERE hex(substr(body, 1, 1)) = '01' LIMIT 1")
      .get() as { number: number; body: Buffer };
    body[60] = (body[60] as number) ^ 1;
    database.prepare('UPDATE slot SET body = ? WHERE number = ?').run(body, number);
    database.close();
    const { result } = await withStore(path);
    expect(result).toMatchObject({ agreed: false, unreadable: 1, set_root_agrees: false });
  });

  it('disagrees with a slip that says otherwise, even one that this very device has signed', async () => {
    const bundle = decode(records.bundleShape, new Uint8Array(readFileSync(bundlePath)));
    if (!bundle.ok) throw new Error('bundle');
    const slip = decode(records.slipShape, payloadOf(bundle.value.slip));
    if (!slip.ok) throw new Error('slip');
    const [first, ...rest] = slip.value.totals;
    const moved = { ...(first as records.ContestTotal), candidates: [2, 0, 0, 0] };
    const { secretKey } = openDeviceKey(room.data, nodeCrypto, nodeRandomness);
    const forged = signTyped(
      nodeCrypto,
      secretKey,
      { type: 'slip', election: ELECTION, signer: votingSubject(STATION) },
      records.slipShape,
      { ...slip.value, totals: [moved, ...rest] },
    );
    const path = join(room.folder, 'forged.bundle');
    writeFileSync(path, encode(records.bundleShape, { ...bundle.value, slip: forged }));
    const { code, result } = await run(['--bundle', path, '--store', storePath]);
    expect(code).toBe(1);
    expect(result).toMatchObject({
      agreed: false,
      set_root_agrees: true,
      differences: [
        { contest: 'president', field: 'candidates[0]', slip: 2, recount: 1 },
        { contest: 'president', field: 'candidates[1]', slip: 0, recount: 1 },
      ],
    });
  });

  it('opens nothing without both cards and their PINs, or with a bundle that proves nothing', async () => {
    const wrong = await run(
      ['--bundle', bundlePath, '--store', storePath],
      [room.closingPins[0], { slot: 'second', pin: '0000' }],
    );
    expect(wrong).toMatchObject({ code: 1, result: { agreed: null } });
    const path = join(room.folder, 'bent.bundle');
    const bytes = readFileSync(bundlePath);
    bytes[200] = (bytes[200] as number) ^ 1;
    writeFileSync(path, bytes);
    expect(await run(['--bundle', path, '--store', storePath])).toMatchObject({
      code: 1,
      result: { agreed: null },
    });
  });

  it('takes no package in which an entry is bent, or one more than the package binds', async () => {
    const entry = join('stations', `${STATION}.cose`);
    const withPackage = async (name: string, change: (folder: string) => void) => {
      const folder = join(room.folder, name);
      cpSync(join(room.folder, 'package'), folder, { recursive: true });
      change(folder);
      return run(['--bundle', bundlePath, '--store', storePath, '--package', folder]);
    };
    const bent = await withPackage('bent', (folder) => {
      const bytes = readFileSync(join(folder, entry));
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      writeFileSync(join(folder, entry), bytes);
    });
    expect(bent).toMatchObject({ code: 1, result: { agreed: null } });
    const more = await withPackage('more', (folder) =>
      copyFileSync(join(folder, entry), join(folder, 'stations', 'other.cose')),
    );
    expect(more).toMatchObject({
      code: 1,
      result: { agreed: null, refusal: expect.stringContaining('stations_count') },
    });
  });

  it('says how it is used where arguments are missing: 2', async () => {
    expect((await run(['--bundle', bundlePath])).code).toBe(2);
    expect((await run(['--bundle', bundlePath, '--store', storePath, '--records', storePath])).code).toBe(2);
  });
});

/** The payload of a COSE_Sign1 record, re-read by the protocol. */
function payloadOf(record: Uint8Array): Uint8Array {
  const parsed = parseRecord(record);
  if (!parsed.ok) throw new Error('record');
  return parsed.value.payload;
}
