/** The firmware's own image in this process, behind the doors of its board, on a flash file. */
import { randomFillSync } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createFlash, createSimBox, type Firmware } from '@sandoq/firmware-host';
import type { BoxDoors, BoxHost, BoxSupply } from './box-host.ts';

/** The core wants to be called ten times a second at least. */
const TICK_INTERVAL_MS = 50;
const MINUTE_MS = 60_000;

export function simBoxSupply(firmware: Firmware, flashPath: string): BoxSupply {
  let passedMs = 0;
  return {
    passTime(minutes) {
      passedMs += minutes * MINUTE_MS;
    },
    powerOn(doors: BoxDoors): BoxHost {
      mkdirSync(dirname(flashPath), { recursive: true });
      const flash = createFlash({ path: flashPath });
      const box = createSimBox({
        firmware,
        flash,
        transmit: (port, bytes) => doors.send(port, bytes),
        nowMs: () => Math.floor(performance.now()) + passedMs,
        entropy: (into) => {
          randomFillSync(into);
        },
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
        },
      };
    },
  };
}
