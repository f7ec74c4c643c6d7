/** Promise: what a disk may hold after the power went, a station opens and reconciles. `npm run lab -- disk` tries all of it. */
import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { checkDisks, checkFullDisks } from '../rig/disk/check.ts';
import { crashes, type Files } from '../rig/disk/crashes.ts';
import type { DiskOperation } from '../rig/disk/recorder.ts';
import { removeFolder, simulationFolder } from '../rig/simulation/scene.ts';

const root = simulationFolder();
afterAll(() => removeFolder(root));
/** Once: a log line, an arming and a card that was taken met a disk that took nothing. */
const FULL_SEEDS = [1, 4, 6];
const hasCompiler = spawnSync('gcc', ['--version']).status === 0;

describe('the crashes of a recording', () => {
  const write = (offset: number, text: string): DiskOperation => ({
    kind: 'write',
    path: 'a/f',
    offset,
    data: Buffer.from(text),
  });
  const base: Files = new Map([['a/f', Buffer.from('....')]]);
  const contents = (operations: readonly DiskOperation[]): ReadonlySet<string> =>
    new Set(
      [...crashes(base, operations, { below: () => 0, everySync: 1 })].map(({ files }) =>
        String(files.get('a/f')),
      ),
    );

  it('are every subset of what was not synced, and never without what was', () => {
    const sync: DiskOperation = { kind: 'sync', path: 'a/f' };
    expect(contents([write(0, 'A'), write(1, 'B'), sync, write(2, 'C'), sync])).toEqual(
      new Set(['....', 'A...', '.B..', 'AB..', 'ABC.']),
    );
  });

  it('hold a name or not until its folder or its content is synced', () => {
    const operations: DiskOperation[] = [
      { kind: 'create', path: 'a/new' },
      { kind: 'write', path: 'a/new', offset: 0, data: Buffer.from('x') },
      { kind: 'sync', path: 'a/new' },
      { kind: 'remove', path: 'a/new' },
      { kind: 'sync_folder', path: 'a' },
    ];
    const states = [...crashes(base, operations, { below: () => 0, everySync: 1 })];
    const seen = (at: number) =>
      new Set(states.filter((one) => one.at === at).map(({ files }) => files.has('a/new')));
    expect(seen(2)).toEqual(new Set([true, false]));
    expect(seen(4)).toEqual(new Set([true, false]));
  });
});

describe.skipIf(!hasCompiler)('a recorded day (needs gcc, of the package gcc)', () => {
  it('is opened and reconciled at a sample of its crashes', { timeout: 240_000 }, async () => {
    const { figures, failing } = await checkDisks(root, {
      everySync: 30,
      everyPrefix: 90,
      only: undefined,
      onProgress: () => undefined,
    });
    expect(failing).toEqual([]);
    expect(figures.syncs).toBeGreaterThan(50);
    expect(figures.states).toBeGreaterThan(10);
  });

  it('is told by name when the disk is full, loses nothing, and goes on when there is room', {
    timeout: 120_000,
  }, () => {
    const { failing, timesFull } = checkFullDisks(root, FULL_SEEDS, () => undefined);
    expect(failing).toEqual([]);
    expect(timesFull).toBeGreaterThan(3);
  });
});
