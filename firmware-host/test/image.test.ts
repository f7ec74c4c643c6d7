// The image: the same bytes from every build, within what the part is allowed, and killed at any instant it comes back.

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { boxSubject, toHex } from '@sandoq/protocol';
import { describe, expect, test } from 'vitest';
import { buildImage, IMAGE_PACKAGES } from '../bin/build-image.ts';
import { auditImage, createFlash, createQemuBox, createSimBox, type FirmwareImage } from '../src/index.ts';
import { AUTHORITY, crypto, STATION } from './election.ts';
import { type HostMaker, HostRig } from './host-rig.ts';
import { builtImage, qemuHost } from './hosts.ts';
import { BALLOT, builtFirmware } from './rig.ts';

const FACE = new URL('../src/index.ts', import.meta.url).href;
const IMAGE_BYTES_MAX = 96 * 1024;
const RAM_BYTES_MAX = 128 * 1024;
const firmware = await builtFirmware();
const image = await builtImage();

describe.skipIf(image === undefined)('the image', () => {
  const built = image as FirmwareImage;

  test('two builds in two places are equal, byte for byte', { timeout: 300_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'sq-build-'));
    try {
      const facts = buildImage('box', folder, true);
      const hashOf = (file: string): string => toHex(crypto.sha256(readFileSync(file)));
      expect(hashOf(join(folder, 'box.elf'))).toBe(hashOf(built.file));
      expect(facts.software_hash).toBe(toHex(built.softwareHash));
      expect(buildImage('box', folder)).toEqual(facts);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('it keeps to the code memory and the RAM that it is allowed', () => {
    expect(built.imageBytes).toBeLessThanOrEqual(IMAGE_BYTES_MAX);
    expect(built.ramBytes).toBeLessThanOrEqual(RAM_BYTES_MAX);
  });

  test('killed at any instant of its votes it comes back with every vote that it told of, and sound', async () => {
    const rig = await HostRig.start(qemuHost(built));
    try {
      await rig.provision();
      await rig.load();
      await rig.link();
      await rig.open();
      let told = 0;
      for (let nonce = 0; nonce < 6; nonce++) {
        const vote = rig.cast(nonce, BALLOT).then(
          () => 'told' as const,
          () => 'cut off' as const,
        );
        // Spread over the time that a vote takes here; which step it meets is the machine's.
        const cut = new Promise<'cut off'>((resolve) =>
          setTimeout(() => resolve('cut off'), 20 + nonce * 45),
        );
        if ((await Promise.race([vote, cut])) === 'told') told++;
        await rig.restart();
        await rig.link();
        await rig.takeCard();
        const { cardsSpent, records } = (await rig.ask('status', {})).counters;
        expect(cardsSpent).toBeGreaterThanOrEqual(told);
        expect(records).toBe(cardsSpent * BALLOT.length);
        told = cardsSpent;
        if (rig.metal.window === 'paper')
          await rig.until('the paper to go where it belongs', () =>
            rig.metal.window === 'empty' ? true : undefined,
          );
      }
      expect(rig.violation).toBeUndefined();
      await rig.close();
      await rig.cutPower();
      expect(auditImage(crypto, rig.host.flashImage())).toMatchObject({
        sound: true,
        counters: { cardsSpent: told },
      });
    } finally {
      await rig.host.end();
    }
  });

  test('a box that was in Node goes on from the same flash on the emulated board, and back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sq-flash-'));
    const flashPath = join(folder, 'flash.bin');
    const inNode: HostMaker = async (transmit) => {
      const flash = createFlash({ path: flashPath });
      const box = createSimBox({
        firmware,
        flash,
        transmit,
        nowMs: () => Math.floor(performance.now()),
        entropy: (into) => void into.set(randomBytes(into.length)),
      });
      return {
        powerOn: async () => box.powerOn(),
        cutPower: async () => box.powerOff(),
        receive: (port, bytes) => box.receive(port, bytes),
        flashImage: () => flash.image(),
        end: async () => flash.close(),
      };
    };
    const rig = await HostRig.start(inNode);
    const box = createQemuBox({
      image: built,
      flashPath,
      transmit: (port, bytes) => rig.received(port, bytes),
    });
    try {
      await rig.provision();
      await rig.load();
      await rig.cutPower();
      await rig.host.end();
      const board: HostMaker = async () => ({
        powerOn: () => box.powerOn(),
        cutPower: () => box.kill(),
        receive: (port, bytes) => box.receive(port, bytes),
        flashImage: () => readFileSync(flashPath),
        end: () => box.kill(),
      });
      rig.host = await board(() => undefined);
      await rig.host.powerOn();
      await rig.link();
      await rig.open();
      await rig.cast(1, BALLOT);
      await rig.cutPower();
      rig.host = await inNode((port, bytes) => rig.received(port, bytes));
      await rig.host.powerOn();
      expect((await rig.ask('status', {})).counters).toMatchObject({ cardsSpent: 1, papersInBin: 1 });
      await rig.host.end();
    } finally {
      await box.kill();
      rmSync(folder, { recursive: true });
    }
  });

  test('its clock jumps where the bench lets time pass, and its memory is read without a door in the image', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sq-flash-'));
    const box = createQemuBox({
      image: built,
      flashPath: join(folder, 'flash.bin'),
      transmit: () => undefined,
    });
    try {
      await box.powerOn();
      await box.passTime(600);
      expect((await box.memory()).length).toBe(built.symbols.get('core_memory_bytes'));
    } finally {
      await box.kill();
      rmSync(folder, { recursive: true });
    }
  });

  test('the emulator dies with whoever started it, killed or not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sq-flash-'));
    const script = `import { createQemuBox, loadImage } from ${JSON.stringify(FACE)};
      const box = createQemuBox({ image: loadImage(), flashPath: ${JSON.stringify(join(folder, 'flash.bin'))}, transmit() {} });
      await box.powerOn();
      console.log(box.pid);
      setInterval(() => undefined, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const emulator = await new Promise<string>((resolve, reject) => {
        owner.stdout.once('data', (bytes: Buffer) => resolve(String(bytes).trim()));
        owner.once('exit', () => reject(new Error('the owner ended')));
      });
      expect(existsSync(`/proc/${emulator}`)).toBe(true);
      owner.kill('SIGKILL');
      for (let waited = 0; existsSync(`/proc/${emulator}`) && waited < 200; waited++)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(existsSync(`/proc/${emulator}`)).toBe(false);
    } finally {
      owner.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });

  test('without its entropy it does not run, and says why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sq-flash-'));
    const stops: string[] = [];
    const box = createQemuBox({
      image: built,
      flashPath: join(folder, 'flash.bin'),
      entropyPath: join(folder, 'nothing-here'),
      transmit: () => undefined,
      onStop: (reason, why) => stops.push(`${reason}: ${why}`),
    });
    try {
      await box.powerOn();
      const rig = new HostRig();
      rig.host = { ...({} as HostRig['host']), receive: (port, bytes) => box.receive(port, bytes) };
      rig
        .ask('provision', { authorityKey: AUTHORITY.key, subject: boxSubject(STATION, 1) })
        .catch(() => undefined);
      for (let waited = 0; stops.length === 0 && waited < 600; waited++)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(stops[0]).toMatch(/no entropy/);
    } finally {
      await box.kill();
      rmSync(folder, { recursive: true });
    }
  });
});

test('where the compiler is not at hand the core is built all the same, and the packages are named', () => {
  const build = fileURLToPath(new URL('../bin/build.ts', import.meta.url));
  const ran = spawnSync(process.execPath, [build], { encoding: 'utf8', env: { PATH: '/nonexistent' } });
  expect(ran.status).toBe(0);
  expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true, image_missing: [...IMAGE_PACKAGES] });
  expect(ran.stderr).toContain('apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi');
});
