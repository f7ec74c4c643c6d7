/** The province's bulletin on disk: it grows with what was taken in, never otherwise, and is not gone on with when damaged. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  bulletinOrigin,
  bulletinRoot,
  checkpointSignedBy,
  decodeEntry,
  inclusionHolds,
  leafHash,
  parseCheckpoint,
  resumeBulletin,
  toHex,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { writePublication } from '@sandoq/tally-server';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { votesOf } from './bundle-builder.ts';
import { AUTHORITY_KEY, stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

const province = new RunningProvince(['s1', 's2', 's3'].map((id) => stationNamed(id)));
beforeAll(() => province.start());
afterAll(() => province.remove());

const log = () => join(province.dataFolder, 'bulletin', province.election);
const bytesOf = (path: string) => new Uint8Array(readFileSync(path));
const publish = (name: string) =>
  writePublication(join(province.folder, name), {
    dataFolder: province.dataFolder,
    election: province.election,
    authorityKey: AUTHORITY_KEY,
  });
const send = async (station: string) => {
  province.seconds += 1;
  expect((await province.send(province.bundle(station, {}, votesOf(20, 1)))).status).toBe(201);
};
function state() {
  const checkpoint = parseCheckpoint(bytesOf(join(log(), 'checkpoint')));
  if (checkpoint === undefined) throw new Error('no checkpoint');
  const read = (path: string) => (existsSync(join(log(), path)) ? bytesOf(join(log(), path)) : undefined);
  const resumed = resumeBulletin({ read }, checkpoint);
  if (resumed === undefined) throw new Error('the log does not lead to its checkpoint');
  return { size: resumed.size, root: toHex(bulletinRoot(resumed)) };
}

describe('the bulletin on disk', () => {
  it('begins with the package and grows by what was taken in, and the publication', async () => {
    await send('s1');
    expect(publish('a').ok).toBe(true);
    expect(state().size).toBe(3);
    await send('s2');
    expect(publish('b').ok).toBe(true);
    expect(state().size).toBe(5);
    const copy = bytesOf(join(province.folder, 'b', 'bulletin', 'checkpoint'));
    expect(copy).toEqual(bytesOf(join(log(), 'checkpoint')));
  });

  it('does not grow when nothing is new', () => {
    const before = state();
    expect(publish('c').ok).toBe(true);
    expect(state()).toEqual(before);
  });

  it('goes on after a crash between tiles and checkpoint to the log that it would have been', async () => {
    const before = bytesOf(join(log(), 'checkpoint'));
    await send('s3');
    expect(publish('d').ok).toBe(true);
    const whole = state();
    writeFileSync(join(log(), 'checkpoint'), before);
    expect(state().size).toBe(5);
    expect(publish('e').ok).toBe(true);
    expect(state()).toEqual(whole);
  });

  it('is made again from the entries in the database when a tile on disk is damaged or gone', () => {
    const path = join(log(), 'tile', '0', '000.p', String(state().size));
    const honest = bytesOf(path);
    const bent = Uint8Array.from(honest);
    bent[40] = (bent[40] as number) ^ 1;
    writeFileSync(path, bent);
    expect(publish('f').ok).toBe(true);
    expect(bytesOf(path)).toEqual(honest);
    rmSync(path);
    expect(publish('f').ok).toBe(true);
    expect(bytesOf(path)).toEqual(honest);
  });

  it('is gone on with only where the entries are those that were signed', () => {
    const database = new Sqlite(join(province.dataFolder, 'province.sqlite'));
    const last = database
      .prepare<[], { position: number; entry: Buffer }>(
        'SELECT position, entry FROM bulletin_entries ORDER BY position DESC LIMIT 1',
      )
      .get();
    if (last === undefined) throw new Error('the log is empty');
    const write = (entry: Buffer) =>
      database.prepare('UPDATE bulletin_entries SET entry = ? WHERE position = ?').run(entry, last.position);
    const bent = Buffer.from(last.entry);
    bent[bent.length - 1] = (bent[bent.length - 1] as number) ^ 1;
    write(bent);
    expect(() => publish('g')).toThrow(/signed over other entries/);
    expect(existsSync(join(province.folder, 'g'))).toBe(false);
    write(last.entry);
    database.close();
    expect(publish('g').ok).toBe(true);
  });

  it('proves of each receipt that it stands in the log which everyone is shown', async () => {
    const { election } = province;
    interface Inclusion {
      readonly position: number;
      readonly size: number;
      readonly entry: string;
      readonly proof: readonly string[];
      readonly checkpoint: string;
    }
    const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
    for (const station of ['s1', 's2', 's3']) {
      const path = `/api/elections/${election}/slips/${station}`;
      const found = await province.json<Inclusion>(`${path}/inclusion`);
      const receipt = new Uint8Array(await (await fetch(`${province.address}${path}/receipt`)).arrayBuffer());
      const entry = decodeEntry(hex(found.entry));
      expect(entry).toMatchObject({ kind: 'slip', stationId: station });
      expect(entry?.digest).toEqual(nodeCrypto.sha256(receipt));
      const checkpoint = parseCheckpoint(new TextEncoder().encode(found.checkpoint));
      if (checkpoint === undefined) throw new Error('no checkpoint');
      const key = province.province.provisioning.package.intakeKey;
      expect(
        checkpointSignedBy(nodeCrypto, { name: bulletinOrigin(election), type: 'log', key }, checkpoint),
      ).toBe(true);
      const leaf = leafHash(hex(found.entry));
      const { position, size, proof } = found;
      expect(size).toBe(checkpoint.size);
      expect(inclusionHolds(leaf, position, size, proof.map(hex), checkpoint.root)).toBe(true);
      expect(inclusionHolds(leaf, position + 1, size, proof.map(hex), checkpoint.root)).toBe(false);
    }
  });

  it('is served as files, and nothing beside them', async () => {
    const at = `${province.address}/api/elections/${province.election}/bulletin`;
    const checkpoint = await fetch(`${at}/checkpoint`);
    expect(await checkpoint.text()).toContain(`sandoq.bulletin/${province.election}\n`);
    const tile = await fetch(`${at}/tile/0/000.p/${state().size}`);
    expect(tile.headers.get('cache-control')).toContain('immutable');
    expect((await tile.arrayBuffer()).byteLength).toBe(state().size * 32);
    for (const path of ['tile/0/001', 'tile/9/000', '..%2f..%2fintake.key', 'tile/0/000.p/0.1', 'x'])
      expect((await fetch(`${at}/${path}`)).status, path).toBe(404);
  });
});
