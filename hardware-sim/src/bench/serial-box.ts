/** A board on the table: the firmware runs elsewhere, its serial lines end here, and the bench is its metal and its cable. */
import { createSerialBox, type SerialBox, type SerialPorts } from '@sandoq/firmware-host';
import type { BoxDoors, BoxHost, BoxSupply } from './box-host.ts';
import { BenchRefusal } from './refusal.ts';

/** Chunks for a board whose ports are being opened. */
const EARLY_CHUNKS_MAX = 64;

export function serialBoxSupply(ports: SerialPorts): BoxSupply {
  return {
    passTime() {
      throw new BenchRefusal('bad_request', 'a board on the table keeps its own time');
    },
    powerOn(doors: BoxDoors): BoxHost {
      let early: (readonly [number, Uint8Array])[] | undefined = [];
      let wanted = true;
      const box: SerialBox = createSerialBox({
        ports,
        transmit: (port, bytes) => {
          if (wanted) doors.send(port, bytes);
        },
        onStop: (reason, why) => {
          if (wanted) doors.dark(`${reason}: ${why}`);
        },
      });
      const opened = box.open().then(
        () => {
          for (const [port, bytes] of early ?? []) box.receive(port, bytes);
          early = undefined;
        },
        (cause: unknown) => doors.dark(cause instanceof Error ? cause.message : 'its ports cannot be opened'),
      );
      return {
        receive(port, bytes) {
          if (early === undefined) box.receive(port, bytes);
          else if (early.length < EARLY_CHUNKS_MAX) early.push([port, bytes.slice()]);
        },
        async powerOff() {
          wanted = false;
          await opened;
          await box.close();
        },
      };
    },
  };
}
