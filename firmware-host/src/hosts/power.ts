// A box on a flash file with its own heartbeat: what a bench plugs in. Giving power boots it, taking power away stops
// it in the middle of whatever it did.
import { randomFillSync } from 'node:crypto';
import type { Firmware } from './firmware.ts';
import { createFlash } from './flash.ts';
import { createSimBox, type StopReason } from './sim.ts';

/** The box must be ticked ten times a second; twice that leaves room for a busy machine. */
export const TICK_MS = 50;

export interface PoweredBox {
  receive(port: number, bytes: Uint8Array): void;
  powerOff(): void;
}

export interface PowerSettings {
  readonly firmware: Firmware;
  readonly flashPath: string;
  /** The box's clock in milliseconds; the machine's own where none is given. */
  readonly nowMs?: () => number;
  readonly entropy?: (into: Uint8Array) => void;
  readonly onStop?: (reason: StopReason, cause: unknown) => void;
  /** What `send` threw, or the flash; the box is off by then. Without it the error is thrown on. */
  readonly onFault?: (cause: unknown) => void;
}

/** @returns a function that gives power to the box whose flash is that file. */
export function simPower(
  settings: PowerSettings,
): (send: (port: number, bytes: Uint8Array) => void) => PoweredBox {
  return (send) => {
    const flash = createFlash({ path: settings.flashPath });
    const box = createSimBox({
      firmware: settings.firmware,
      flash,
      transmit: send,
      nowMs: settings.nowMs ?? (() => performance.now()),
      entropy: settings.entropy ?? ((into) => void randomFillSync(into)),
      ...(settings.onStop === undefined ? {} : { onStop: settings.onStop }),
    });
    let heartbeat: NodeJS.Timeout | undefined;
    const powerOff = (): void => {
      if (heartbeat === undefined) return;
      clearInterval(heartbeat);
      heartbeat = undefined;
      box.powerOff();
      flash.close();
    };
    const guarded = (body: () => void): void => {
      try {
        body();
      } catch (cause) {
        powerOff();
        if (settings.onFault === undefined) throw cause;
        settings.onFault(cause);
      }
    };
    heartbeat = setInterval(() => guarded(() => box.tick()), TICK_MS);
    guarded(() => box.powerOn());
    return {
      receive: (port, bytes) => {
        if (heartbeat !== undefined) guarded(() => box.receive(port, bytes));
      },
      powerOff,
    };
  };
}
