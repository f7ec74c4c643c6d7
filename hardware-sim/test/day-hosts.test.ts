/** The same day, seed for seed, whatever the box is: the station knows only a port. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { boxChoice } from '../rig/box-choice.ts';
import { ROOT } from '../rig/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'sq-hosts-'));
const started: ChildProcess[] = [];
afterAll(async () => {
  await Promise.all(
    started.map(
      (child) =>
        new Promise<void>((resolve) => {
          if (child.exitCode !== null) return resolve();
          child.once('exit', () => resolve());
          child.kill('SIGTERM');
        }),
    ),
  );
  rmSync(folder, { recursive: true, force: true });
});

const node = (script: string, args: readonly string[]): ChildProcess =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, script), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

interface Day {
  readonly code: number | null;
  readonly figures: Readonly<Record<string, unknown>>;
  readonly stderr: string;
}

function day(...args: readonly string[]): Promise<Day> {
  return new Promise((resolve) => {
    const child = node('hardware-sim/rig/day.ts', [
      '--stations',
      '1',
      '--voters',
      '3',
      '--seed',
      '11',
      ...args,
    ]);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk));
    child.on('close', (code) => {
      const last = stdout.trim().split('\n').at(-1) ?? '';
      const figures = last.startsWith('{') ? (JSON.parse(last) as { figures: Day['figures'] }).figures : {};
      resolve({ code, figures, stderr });
    });
  });
}

/** A board on the table: an image behind four ptys. @returns the folder of its ports */
async function board(): Promise<string> {
  const ports = join(folder, 'board');
  const child = node('hardware-sim/bin/box.ts', ['--folder', ports, '--flash', join(folder, 'board.bin')]);
  started.push(child);
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (String(chunk).startsWith('ready ')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the board ended with ${code}`)));
  });
  return ports;
}

const isEmulated =
  spawnSync('qemu-system-arm', ['--version']).error === undefined &&
  spawnSync(process.execPath, [join(ROOT, 'firmware-host/bin/build.ts')], {
    encoding: 'utf8',
  }).stdout.includes('image_bytes');
if (!isEmulated)
  console.warn('the emulator or the compiler for its image is not at hand: only --box sim is run');

describe('a day', () => {
  it.skipIf(!isEmulated)(
    'comes to the same totals on the core in Node, on the emulated Cortex-M4 and on a board at serial ports',
    { timeout: 600_000 },
    async () => {
      const wanted = await day('--box', 'sim');
      expect(wanted.code, wanted.stderr).toBe(0);
      expect(wanted.figures).toMatchObject({ box: 'sim', votes: 3, differences: 0, recounts_agreed: 1 });
      for (const args of [
        ['--box', 'qemu'],
        ['--box', 'serial', '--port', await board()],
      ] as const) {
        const here = await day(...args);
        expect(here.code, here.stderr).toBe(0);
        expect(here.figures).toMatchObject({ box: args[1], votes: 3, differences: 0, recounts_agreed: 1 });
        expect(here.figures['totals']).toEqual(wanted.figures['totals']);
      }
    },
  );

  it('says what is wrong with its box before anything is started', { timeout: 120_000 }, async () => {
    for (const [box, port, wrong] of [
      ['none', undefined, /--box wants one of sim, qemu, serial/],
      ['serial', undefined, /--box serial wants --port/],
      ['qemu', folder, /--port belongs to --box serial/],
      ['serial', join(folder, 'nothing'), /--port wants a folder/],
      ['serial', folder, /there is no .*host/],
      [`serial:${folder}`, undefined, /there is no .*host/],
      [`serial:${folder}`, folder, /stands in --box already/],
    ] as const)
      expect(boxChoice(box, port)).toMatch(wrong);
    const refused = await day('--box', 'none');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/--box wants one of sim, qemu, serial/);
  });
});
