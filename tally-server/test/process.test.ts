/** The server as a process: its configuration, its ready line, and its receipts under kill -9. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBundle, toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { enrolIntake, type StationsJson, type TotalsJson, writeProvisioning } from '@sandoq/tally-server';
import Sqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BundleBuilder, votesOf } from './bundle-builder.ts';
import { AUTHORITY_KEY, type Province, provinceOf, stationNamed } from './province.ts';

const SERVER = join(import.meta.dirname, '..', 'bin', 'server.ts');
const STATIONS = 60;

let folder: string;
let province: Province;
const running = new Set<ChildProcess>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandoq-process-'));
  const stations = Array.from({ length: STATIONS }, (_, i) =>
    stationNamed(`s${String(i + 1).padStart(3, '0')}`),
  );
  province = provinceOf(stations, enrolIntake(join(folder, 'data')));
  writeProvisioning(join(folder, 'package'), province.files);
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const configOf = (change: object = {}): object => ({
  data_folder: join(folder, 'data'),
  host: '127.0.0.1',
  port: 0,
  authority_public_key: toHex(AUTHORITY_KEY),
  package_folders: [join(folder, 'package')],
  ...change,
});

interface Started {
  readonly child: ChildProcess;
  /** the ready line's object, or undefined where the process ended first */
  readonly ready: { readonly address: string; readonly elections: readonly string[] } | undefined;
  readonly exit: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

function start(config: unknown, text = JSON.stringify(config)): Promise<Started> {
  const path = join(folder, 'config.json');
  writeFileSync(path, text);
  const child = spawn(process.execPath, [SERVER, '--config', path], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const exit = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code, stderr });
    });
  });
  return new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
      const line = /^ready (\{.*\})\n/m.exec(stdout)?.[1];
      if (line !== undefined) resolve({ child, exit, ready: JSON.parse(line) });
    });
    void exit.then(() => resolve({ child, exit, ready: undefined }));
  });
}

describe('the process', () => {
  it('says when it serves and what, and stops on SIGTERM with 0', async () => {
    const { child, ready, exit } = await start(configOf());
    expect(ready).toMatchObject({ process: 'province', elections: ['demo-1405'] });
    child.kill('SIGTERM');
    const { code, stderr } = await exit;
    expect(code).toBe(0);
    for (const line of stderr.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  });

  it.each<[string, object | string, RegExp]>([
    ['an unknown field', { ports: 7 }, /Unrecognized key.*ports/],
    ['a missing field', { data_folder: undefined }, /data_folder/],
    ['a port that is none', { port: 70_000 }, /port: /],
    [
      'a key that is none',
      { authority_public_key: 'ff'.repeat(32) },
      /authority_public_key: must be an Ed25519 key/,
    ],
    ['a file that is not JSON', '{', /cannot be read as JSON/],
  ])('ends with 2 and names %s', async (_, change, message) => {
    const started =
      typeof change === 'string' ? await start(undefined, change) : await start(configOf(change));
    const { code, stderr } = await started.exit;
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/usage: /);
  });

  it('refuses to start over a provisioning folder that is not whole, naming the file', async () => {
    const bent = join(folder, 'bent');
    writeProvisioning(bent, province.files);
    const path = join(bent, 'stations', 's001.cose');
    const bytes = readFileSync(path);
    bytes[200] = (bytes[200] as number) ^ 4;
    writeFileSync(path, bytes);
    const { exit } = await start(configOf({ data_folder: join(folder, 'other'), package_folders: [bent] }));
    const { code, stderr } = await exit;
    expect(code).toBe(1);
    expect(stderr).toMatch(/stations\/s001\.cose/);
  });
});

describe('killed at any moment under load', () => {
  it('a receipt that was given is kept with its slip, and no sum is wrong', async () => {
    const { provisioning } = province;
    const bundles = [...provisioning.stations.keys()].map((station, i) => ({
      station: station as string,
      bytes: new BundleBuilder(provisioning, station).build(votesOf(40 + i, i)),
    }));
    const receipts = new Map<string, string>();
    const config = configOf({ data_folder: join(folder, 'data') });
    for (let round = 0; round < 6; round++) {
      const { child, ready, exit } = await start(config);
      if (ready === undefined) throw new Error((await exit).stderr);
      // Each round asks again for what was held, and dies after a different number of new receipts.
      let left = 4 + round * 3;
      const sendAll = bundles.map(async ({ station, bytes }) => {
        try {
          const response = await fetch(`${ready.address}/api/elections/demo-1405/bundles`, {
            method: 'POST',
            headers: { 'content-type': 'application/octet-stream' },
            body: Buffer.from(bytes),
          });
          const receipt = Buffer.from(await response.arrayBuffer()).toString('hex');
          expect([200, 201]).toContain(response.status);
          const before = receipts.get(station);
          if (before !== undefined) {
            expect(response.status).toBe(200);
            expect(receipt).toBe(before);
          }
          receipts.set(station, receipt);
          if (response.status === 201) left--;
          if (left === 0) child.kill('SIGKILL');
        } catch (cause) {
          // The line broke when the server died: the station would ask again.
          if (cause instanceof TypeError) return;
          throw cause;
        }
      });
      await Promise.all(sendAll);
      child.kill('SIGKILL');
      await exit;
      const database = new Sqlite(join(folder, 'data', 'province.sqlite'), { readonly: true });
      const held = new Map(
        database
          .prepare<[], { station: string; receipt: Buffer; bundle: Buffer }>(
            'SELECT station, receipt, bundle FROM intake_bundles',
          )
          .all()
          .map((row) => [row.station, row]),
      );
      database.close();
      for (const [station, receipt] of receipts)
        expect(held.get(station)?.receipt.toString('hex')).toBe(receipt);
      for (const { bundle } of held.values())
        expect(checkBundle(provisioning, nodeCrypto, Uint8Array.from(bundle), 2_000_000_000).ok).toBe(true);
    }
    const { ready } = await start(config);
    const api = `${ready?.address}/api/elections/demo-1405`;
    const totals = (await (await fetch(`${api}/totals`)).json()) as TotalsJson;
    const { stations } = (await (await fetch(`${api}/stations`)).json()) as StationsJson;
    const held = stations.filter(({ state }) => state === 'received').map(({ station }) => station);
    expect(held.length).toBeGreaterThanOrEqual(receipts.size);
    expect(receipts.size).toBeGreaterThan(20);
    const cast = bundles.reduce((sum, { station }, i) => sum + (held.includes(station) ? 40 + i : 0), 0);
    expect(totals.cast).toBe(cast);
    expect(totals.contests[0]?.candidates.reduce((sum, { votes }) => sum + votes, 0)).toBe(
      totals.contests[0]?.valid,
    );
  });
});
