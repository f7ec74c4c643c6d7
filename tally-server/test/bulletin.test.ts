/** The province's bulletin on disk: it grows with what was taken in, never otherwise, and is not gone on with when damaged. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bulletinRoot, parseCheckpoint, resumeBulletin, toHex } from '@sandoq/protocol';
import { writePublication } from '@sandoq/tally-server';
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

  it('is refused, not rewritten, when a tile on disk is damaged or gone', () => {
    const path = join(log(), 'tile', '0', '000.p', String(state().size));
    const honest = bytesOf(path);
    const bent = Uint8Array.from(honest);
    bent[40] = (bent[40] as number) ^ 1;
    writeFileSync(path, bent);
    expect(() => publish('f')).toThrow(/bulletin on disk is damaged/);
    rmSync(path);
    expect(() => publish('f')).toThrow(/bulletin on disk is damaged/);
    expect(existsSync(join(province.folder, 'f'))).toBe(false);
    writeFileSync(path, honest);
    expect(publish('f').ok).toBe(true);
  });
});
