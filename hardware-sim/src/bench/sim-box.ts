/** The firmware's own image in this process, behind the doors of its board, on a flash file. */
import { randomFillSync } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createFlash, createSimBox, type Firmware } from '@sandoq/firmware-host';
import type { BoxDoors, BoxHost, BoxSupply } from './box-host.ts';

/** The core wants to be called ten times a second at least. */
const TICK_INTERVAL_MS = 50;
const MINUTE_MS = 60_000;

/** The core asks for a few bytes at a time, and a call to the system costs more than they do. Used bytes are wiped. */
const ENTROPY_POOL_BYTES = 4096;

function createEntropy(): (into: Uint8Array) => void {
  const pool = new Uint8Array(ENTROPY_POOL_BYTES);
  let at = pool.length;
  return (into) => {
    if (into.length > pool.length) {
      randomFillSync(into);
      return;
    }
    if (at + into.length > pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    into.set(pool.subarray(at, at + into.length));
    pool.fill(0, at, at + into.length);
    at += into.length;
  };
}

export function simBoxSupply(firmware: Firmware, flashPath: string): BoxSupply {
  let passedMs = 0;
  return {
    passTime(minutes) {
      passedMs += minutes * MINUTE_MS;
      return undefined;
    },
    powerOn(doors: BoxDoors): BoxHost {
      mkdirSync(dirname(flashPath), { recursive: true });
      const flash = createFlash({ path: flashPath });
      const box = createSimBox({
        firmware,
        flash,
        transmit: (port, bytes) => doors.send(port, bytes),
        nowMs: () => Math.floor(performance.now()) + passedMs,
        entropy: createEntropy(),
        onStop: (reason, cause) => {
          const why = `${reason}: ${cause instanceof Error ? cause.message : 'unknown'}`;
          if (box.powered) doors.restarted(why);
          else doors.dark(why);
        },
      });
      box.powerOn();
      const ticking = setInterval(() => box.tick(), TICK_INTERVAL_MS);
      return {
        receive: (port, bytes) => box.receive(port, bytes),
        powerOff() {
          clearInterval(ticking);
          box.powerOff();
          flash.close();
          return Promise.resolve();
        },
      };
    },
  };
}
