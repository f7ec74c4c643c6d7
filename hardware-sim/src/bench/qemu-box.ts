/** The firmware's image on an emulated microcontroller, a process of its own, on a flash file. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createQemuBox, type FirmwareImage } from '@sandoq/firmware-host';
import type { BoxDoors, BoxHost, BoxSupply } from './box-host.ts';

export function qemuBoxSupply(image: FirmwareImage, flashPath: string): BoxSupply {
  let doors: BoxDoors | undefined;
  const box = createQemuBox({
    image,
    flashPath,
    transmit: (port, bytes) => doors?.send(port, bytes),
    onStop: (reason, detail) => {
      const why = `${reason}: ${detail}`;
      if (box.powered) doors?.restarted(why);
      else doors?.dark(why);
    },
  });
  return {
    // A box without power has no clock to move.
    passTime: (minutes) => (box.powered ? box.passTime(minutes) : undefined),
    powerOn(next: BoxDoors): BoxHost {
      doors = next;
      mkdirSync(dirname(flashPath), { recursive: true });
      // What keeps it from starting is told through onStop; being cut off while it starts is nothing to tell.
      box.powerOn().catch(() => undefined);
      return {
        receive: (port, bytes) => box.receive(port, bytes),
        powerOff() {
          doors = undefined;
          return box.kill();
        },
      };
    },
  };
}
