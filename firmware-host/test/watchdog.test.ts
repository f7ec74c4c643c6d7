// A core that goes round in circles is reset by the board's watchdog, says so, and comes back as after any loss of power:
// what was cast stays cast, what was not is rejected.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@sandoq/protocol';
import { describe, expect, test } from 'vitest';
import { auditImage, createQemuBox, type FirmwareImage, type QemuBox } from '../src/index.ts';
import { crypto } from './election.ts';
import { HostRig } from './host-rig.ts';
import { builtImage } from './hosts.ts';
import { BALLOT } from './rig.ts';

const image = await builtImage();
/**
 * The board's clock counts its instructions, 64 nanoseconds each: one that goes round in circles at the emulator's speed has the
 * watchdog's half minute behind it in a few seconds, one that waits for a card has all the time that the card needs.
 */
const COUNTED_CLOCK = ['-icount', 'shift=6'];
const TIMEOUT_MS = 240_000;

describe.skipIf(image === undefined)('a core that hangs', () => {
  test(
    'is reset by the watchdog, by name, and the ledger stands as after a power cut',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sq-watchdog-'));
      const flashPath = join(folder, 'flash.bin');
      const stops: string[] = [];
      const rig = new HostRig();
      const box: QemuBox = createQemuBox({
        image: image as FirmwareImage,
        flashPath,
        transmit: (port, bytes) => rig.received(port, bytes),
        onStop: (reason, why) => {
          stops.push(`${reason}: ${why}`);
          rig.metal.powerLost();
        },
        emulatorArguments: COUNTED_CLOCK,
      });
      rig.host = {
        powerOn: () => box.powerOn(),
        cutPower: () => box.kill(),
        receive: (port, bytes) => box.receive(port, bytes),
        flashImage: () => new Uint8Array(readFileSync(flashPath)),
        end: () => box.kill(),
      };
      const hung = async (): Promise<void> => {
        const before = stops.length;
        await box.hang();
        for (let waited = 0; stops.length === before && waited < 2_000; waited++)
          await new Promise((resolve) => setTimeout(resolve, 50));
        expect(stops.slice(before)).toEqual([expect.stringMatching(/^watchdog: board: watchdog 0/)]);
      };
      try {
        await box.powerOn();
        await rig.provision();
        await rig.load();
        await rig.link();
        await rig.open();
        const first = await rig.cast(1, BALLOT);
        const second = await rig.prepare(2, BALLOT);
        await rig.printed(second);
        await hung();
        await rig.link();
        expect((await rig.outcomeOf(second)).outcome).toBe('unknown');
        expect((await rig.outcomeOf(first)).outcome).toBe('cast');
        const counters = await rig.counters(({ papersRejected }) => papersRejected === 1);
        expect(counters).toMatchObject({ cardsSpent: 1, papersInBin: 1, papersRejected: 1 });
        expect(rig.violation).toBeUndefined();
        await rig.takeCard();
        await rig.close();
        await rig.cutPower();
        const report = auditImage(crypto, rig.host.flashImage());
        expect(report.findings).toEqual([]);
        expect(report.sealed.map((record) => toHex(crypto.sha256(record).slice(0, 16))).sort()).toEqual(
          first.names.map(toHex).sort(),
        );
      } finally {
        await box.kill();
        rmSync(folder, { recursive: true, force: true });
      }
    },
    TIMEOUT_MS,
  );
});
