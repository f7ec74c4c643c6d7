/**
 * The station's stores on a file system of their own, in a guest whose emulator is killed in the middle of their writing, with a
 * disk that loses what was not flushed. What the guest had acknowledged on its console is there when the next guest mounts it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleForGuest, type Guest, guestLacks, startGuest } from '../guest/machine.ts';
import { createVolatileDisk, type VolatileDisk } from '../guest/volatile-disk.ts';
import type { Chance } from '../simulation/chance.ts';
import { type GuestStores, judgeStores } from './guest-deeds.ts';

const DISK_BYTES = 48 * 1024 * 1024;
const GUEST_TIMEOUT_MS = 300_000;
/** Some ten deeds: SQLite and the file system write several times for each. */
const KILL_AFTER_WRITES_MAX = 150;
/** Deeds of the last guest, which is let go. */
const LAST_DEEDS = 6;
const DEEDS_MOST = 3_000;
const STARTS_MAX = 3;
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const MODULES = ['virtio_blk', 'crc32c_generic', 'libcrc32c', 'ext4'];
const PREPARE = ['mkdir -p /host/run/disk', 'mount -t ext4 /dev/vda /host/run/disk || echo "FAILED mount"'];

export interface GuestKills {
  readonly kills: number;
  readonly deeds: number;
  /** sectors that were in the disk's cache when it lost its power */
  readonly unflushedSectors: number;
  readonly flushes: number;
  readonly lost: number;
  readonly findings: readonly string[];
}

/** What keeps a guest with a disk from running here, or undefined. */
export function guestDiskLacks(): string | undefined {
  const tool = spawnSync('mkfs.ext4', ['-V'], { env: { ...process.env, PATH } });
  return guestLacks() ?? (tool.error === undefined ? undefined : 'e2fsprogs');
}

function tool(
  name: string,
  args: readonly string[],
): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(name, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH },
  });
  return { status, said: `${stdout}${stderr}` };
}

function freshImage(folder: string): Buffer {
  const path = join(folder, 'disk');
  writeFileSync(path, '');
  truncateSync(path, DISK_BYTES);
  const made = tool('mkfs.ext4', ['-q', '-F', path]);
  if (made.status !== 0) throw new Error(`mkfs.ext4: ${made.said}`);
  return readFileSync(path);
}

/** One guest: what it found, what it acknowledged, and what went wrong. */
class Run {
  found: GuestStores | undefined;
  done: number | undefined;
  failed: string | undefined;
  readonly #guest: Guest;
  #listen: () => void = () => undefined;

  constructor(bundle: string, disk: VolatileDisk, deeds: number, onLine: (line: string) => void) {
    this.#guest = startGuest({
      script: `${bundle} /run/disk ${deeds}`,
      modules: MODULES,
      prepare: PREPARE.map((line) => `$b ${line.replace('|| ', '|| $b ')}`),
      emulatorArguments: [
        '-blockdev',
        JSON.stringify({
          driver: 'nbd',
          'node-name': 'disk',
          server: { type: 'unix', path: disk.socket },
        }),
        '-device',
        'virtio-blk-pci,drive=disk,write-cache=on',
      ],
      timeoutMs: GUEST_TIMEOUT_MS,
      onLine: (line) => {
        onLine(line);
        const [, word, rest = ''] = /(FOUND|DONE|FAILED) ?(.*)$/.exec(line) ?? [];
        if (word === 'FOUND') this.found = JSON.parse(rest) as GuestStores;
        if (word === 'DONE') this.done = Number(rest);
        if (word === 'FAILED') this.failed = rest;
        this.#listen();
      },
    });
  }

  /** @returns when the stores are open, or cannot be opened */
  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#listen = () => {
        if (this.found !== undefined || this.failed !== undefined) resolve();
      };
      this.#guest.ended.then(resolve, reject);
      this.#listen();
    });
  }

  /** It ended before it had opened anything. */
  get isSilent(): boolean {
    return this.found === undefined && this.failed === undefined;
  }

  get ended(): Promise<void> {
    return this.#guest.ended;
  }

  async kill(): Promise<void> {
    this.#guest.kill();
    await this.#guest.ended;
  }
}

/** Of what was not flushed: nothing, everything, or any part. */
function keepsOf(chance: Chance, keepsItsWord: boolean): () => boolean {
  if (!keepsItsWord) return () => false;
  const kind = chance.below(4);
  return kind === 0 ? () => false : kind === 1 ? () => true : () => chance.oneIn(2);
}

/**
 * @param kills of the emulator, each followed by a fresh guest
 * @param keepsItsWord false is the control: over a disk that lies about its flushes something must be found
 */
export async function killGuests(
  kills: number,
  chance: Chance,
  onProgress: (text: string) => void,
  keepsItsWord = true,
): Promise<GuestKills> {
  const folder = mkdtempSync(join(tmpdir(), 'guest-disk-'));
  const disk = await createVolatileDisk(freshImage(folder), join(folder, 'nbd'), keepsItsWord);
  const findings: string[] = [];
  const sum = { kills: 0, deeds: 0, unflushedSectors: 0, lost: 0 };
  const last: string[] = [];
  const onLine = (line: string): void => {
    last.push(line);
    if (last.length > 40) last.shift();
  };
  try {
    const bundle = await bundleForGuest(join(import.meta.dirname, 'guest-writer.ts'), 'guest-writer');
    let acknowledged: number | undefined;
    for (let turn = 0; turn <= kills && findings.length === 0; turn++) {
      const start = async (): Promise<Run> => {
        const guest = new Run(bundle, disk, turn < kills ? DEEDS_MOST : LAST_DEEDS, onLine);
        await guest.opened();
        return guest;
      };
      let run = await start();
      // A kernel that has not come up has not touched the disk.
      for (let starts = 1; run.isSilent && starts < STARTS_MAX; starts++) run = await start();
      const { found } = run;
      const broken =
        run.failed ??
        (found === undefined
          ? `the guest said nothing: ${last.join(' | ').slice(-600)}`
          : acknowledged === undefined
            ? undefined
            : judgeStores(found, acknowledged));
      if (broken !== undefined) findings.push(`after kill ${turn}: ${broken}`);
      if (turn < kills && broken === undefined) {
        await Promise.race([disk.afterWrites(1 + chance.below(KILL_AFTER_WRITES_MAX)), run.ended]);
        await run.kill();
        const unflushed = disk.unflushed();
        disk.cutPower(keepsOf(chance, keepsItsWord));
        sum.kills++;
        sum.unflushedSectors += unflushed;
        onProgress(
          `  guest killed ${turn + 1}: ${run.done ?? 'no'} deeds acknowledged, ${unflushed} sectors unflushed`,
        );
      } else if (broken === undefined) await run.ended;
      else await run.kill();
      if (run.failed !== undefined && broken === undefined) findings.push(run.failed);
      acknowledged = run.done ?? acknowledged;
      if (acknowledged === undefined && found !== undefined) acknowledged = 0;
    }
    sum.deeds = acknowledged ?? 0;
    sum.lost = findings.filter((one) => one.includes('lost')).length;
    if (findings.length === 0) {
      const image = join(folder, 'disk');
      writeFileSync(image, disk.image());
      const checked = tool('e2fsck', ['-f', '-n', image]);
      if (checked.status !== 0) findings.push(`the file system: ${checked.said.slice(-500)}`);
    }
    return { ...sum, flushes: disk.flushes(), findings };
  } finally {
    await disk.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
