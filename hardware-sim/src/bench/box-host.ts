/** What the bench needs of whatever runs the box's core: bytes on its ports, and power. */
import type { Bytes } from '@sandoq/protocol';

export interface BoxHost {
  /** Bytes arrive at a port of the core. */
  receive(port: number, bytes: Bytes): void;
  /** Power is cut in the middle of whatever it does; its flash stays as it is. @returns when the flash is let go of */
  powerOff(): Promise<void>;
}

export interface BoxDoors {
  /** bytes that the core puts on a port */
  send(port: number, bytes: Bytes): void;
  /** The core fell and has booted again; what the metal was doing for it is cut off. */
  restarted(why: string): void;
  /** The core fell too often in a row and stays dark. */
  dark(why: string): void;
}

/** Gives power to a core: it boots from its flash. */
export interface BoxSupply {
  powerOn(doors: BoxDoors): BoxHost;
  /** The box's clock jumps forward. */
  passTime(minutes: number): Promise<void> | undefined;
}
