/**
 * The serial cable between computer and box: a pty that `serialport` opens, under a path of its own. Pulling the cable
 * closes the pty, and whoever has the port open sees it go; plugging it in makes a new one under the same path.
 */
import { rmSync, symlinkSync } from 'node:fs';
import { type Bytes, concatBytes } from '@sandoq/protocol';
import { openPty, type Pty } from './pty.ts';
import { UNSENT_BYTES_MAX } from './unix-socket.ts';

export interface SerialCable {
  plugged(): boolean;
  plug(): Promise<void>;
  pull(): Promise<void>;
  /** Bytes from the box. With the cable pulled, or with nobody reading for long, they are lost as on a wire. */
  write(bytes: Bytes): void;
  readonly lostBytes: () => number;
}

export interface SerialCableSettings {
  /** path at which the pty appears */
  readonly pty: string;
  readonly onData: (bytes: Bytes) => void;
  /** The pty ended without being told to: the cable counts as pulled. */
  readonly onBroken: () => void;
}

interface Plugged {
  readonly pty: Pty;
  /** in order; what the line has not taken yet */
  readonly unsent: Bytes[];
  unsentBytes: number;
  isSending: boolean;
}

export function createSerialCable(settings: SerialCableSettings): SerialCable {
  let plugged: Plugged | undefined;
  let lost = 0;

  const takeApart = async (parts: Plugged): Promise<void> => {
    rmSync(settings.pty, { force: true });
    await parts.pty.close();
  };

  const send = async (parts: Plugged): Promise<void> => {
    while (plugged === parts && parts.unsent.length > 0) {
      const bytes = concatBytes(...parts.unsent.splice(0));
      const taken = parts.pty.write(bytes);
      parts.unsentBytes = bytes.length - taken;
      if (taken === bytes.length) return;
      parts.unsent.unshift(bytes.subarray(taken));
      await parts.pty.writable();
    }
  };

  const sendSoon = (parts: Plugged): void => {
    if (parts.isSending) return;
    parts.isSending = true;
    // After all that one turn of the loop has set going (its ticks come first): its frames leave in one write, since a
    // system call costs more than a frame, here and at the reader's.
    queueMicrotask(() => {
      send(parts).then(
        () => {
          parts.isSending = false;
        },
        // A line that fails under a write fails under the read as well, which tells of it.
        () => undefined,
      );
    });
  };

  return {
    plugged: () => plugged !== undefined,
    lostBytes: () => lost,
    async plug() {
      if (plugged !== undefined) return;
      const pty = await openPty(
        (bytes) => {
          if (plugged?.pty === pty) settings.onData(bytes);
        },
        () => {
          if (plugged?.pty !== pty) return;
          const parts = plugged;
          plugged = undefined;
          void takeApart(parts).then(settings.onBroken);
        },
      );
      rmSync(settings.pty, { force: true });
      symlinkSync(pty.path, settings.pty);
      plugged = { pty, unsent: [], unsentBytes: 0, isSending: false };
    },
    async pull() {
      if (plugged === undefined) return;
      const parts = plugged;
      plugged = undefined;
      await takeApart(parts);
    },
    write(bytes) {
      if (plugged === undefined || plugged.unsentBytes + bytes.length > UNSENT_BYTES_MAX) {
        lost += bytes.length;
        return;
      }
      plugged.unsent.push(bytes.slice());
      plugged.unsentBytes += bytes.length;
      sendSoon(plugged);
    },
  };
}
