// The hosts that the contract is held to. Each takes its entropy from one stream of known bytes, read from its start at
// every power-on, so that the same requests leave the same flash whatever runs the core.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSerialCable } from '@sandoq/hardware-sim';
import type { Bytes } from '@sandoq/protocol';
import { buildImage, type ImageVariant, ToolMissing } from '../bin/build-image.ts';
import {
  createFlash,
  createQemuBox,
  createSerialBox,
  createSimBox,
  type Firmware,
  type FirmwareImage,
  loadImage,
} from '../src/index.ts';
import { crypto } from './election.ts';
import type { HostMaker } from './host-rig.ts';
import { builtFirmware } from './rig.ts';

const ENTROPY_BYTES = 256 * 1024;
const TICK_INTERVAL_MS = 50;

function entropyStream(): Bytes {
  const stream = new Uint8Array(ENTROPY_BYTES);
  for (let at = 0; at < stream.length; at += 32)
    stream.set(crypto.sha256(new TextEncoder().encode(`entropy ${at}`)), at);
  return stream;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sq-host-'));
  writeFileSync(join(path, 'entropy'), entropyStream());
  return path;
}

export const simHost =
  (firmware: Firmware): HostMaker =>
  async (transmit) => {
    const flash = createFlash();
    const stream = entropyStream();
    let at = 0;
    const box = createSimBox({
      firmware,
      flash,
      transmit,
      nowMs: () => Math.floor(performance.now()),
      entropy: (into) => {
        into.set(stream.subarray(at, at + into.length));
        at += into.length;
      },
    });
    const ticking = setInterval(() => box.tick(), TICK_INTERVAL_MS);
    return {
      powerOn: async () => {
        at = 0;
        box.powerOn();
      },
      cutPower: async () => box.powerOff(),
      receive: (port, bytes) => box.receive(port, bytes),
      flashImage: () => flash.image(),
      end: async () => clearInterval(ticking),
    };
  };

/** Ends its emulator by `kill -9`, which is its only way to lose power. */
export const qemuHost =
  (image: FirmwareImage, emulatorArguments: readonly string[] = []): HostMaker =>
  async (transmit) => {
    const path = folder();
    const flashPath = join(path, 'flash.bin');
    const box = createQemuBox({
      image,
      flashPath,
      transmit,
      entropyPath: join(path, 'entropy'),
      emulatorArguments,
    });
    return {
      powerOn: () => box.powerOn(),
      cutPower: () => box.kill(),
      receive: (port, bytes) => box.receive(port, bytes),
      flashImage: () => new Uint8Array(readFileSync(flashPath)),
      pid: () => box.pid,
      stack: () => box.stack(),
      end: async () => {
        await box.kill();
        rmSync(path, { recursive: true, force: true });
      },
    };
  };

const PTY_NAMES = [
  [0, 'host'],
  [2, 'printer'],
  [3, 'pad'],
  [4, 'mechanics'],
] as const;

/** Another host's box at the far ends of four serial lines, as a board on the table would be. */
export const serialHost =
  (far: HostMaker): HostMaker =>
  async (transmit) => {
    const path = mkdtempSync(join(tmpdir(), 'sq-tty-'));
    const cables = new Map(
      PTY_NAMES.map(([port, name]) => [
        port as number,
        createSerialCable({
          pty: join(path, name),
          onData: (bytes) => board.receive(port, bytes),
          onBroken: () => undefined,
        }),
      ]),
    );
    const board = await far((port, bytes) => cables.get(port)?.write(bytes));
    for (const cable of cables.values()) await cable.plug();
    const near = createSerialBox({
      ports: {
        host: join(path, 'host'),
        metal: { printer: join(path, 'printer'), pad: join(path, 'pad'), mechanics: join(path, 'mechanics') },
      },
      transmit,
    });
    return {
      async powerOn() {
        await near.open();
        await board.powerOn();
      },
      async cutPower() {
        await board.cutPower();
        await near.close();
      },
      receive: (port, bytes) => near.receive(port, bytes),
      flashImage: () => board.flashImage(),
      async end() {
        await near.close();
        await board.end();
        for (const cable of cables.values()) await cable.pull();
        rmSync(path, { recursive: true, force: true });
      },
    };
  };

/** The image, built where it is stale; or undefined, and said so, where its tools are not at hand. */
export async function builtImage(variant: ImageVariant = 'box'): Promise<FirmwareImage | undefined> {
  await builtFirmware();
  try {
    buildImage(variant);
  } catch (cause) {
    if (!(cause instanceof ToolMissing)) throw cause;
    console.warn(`${cause.message}: the emulated board is not tested`);
    return undefined;
  }
  if (spawnSync('qemu-system-arm', ['--version']).error !== undefined) {
    console.warn("Debian's qemu-system-arm is missing: the emulated board is not tested");
    return undefined;
  }
  return loadImage(variant);
}
