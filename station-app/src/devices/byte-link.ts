/**
 * Bytes to and from a device, whatever carries them. A real serial port is one implementation; tests and simulators
 * pass others. A pty is a serial port to this module, except that it has no modem lines to set.
 */

import type { Bytes } from '@sandoq/protocol';
import { SerialPort } from 'serialport';
import { promptBinding } from './prompt-binding.ts';

export interface ByteLink {
  write(bytes: Bytes): void;
  close(): void;
}

export interface ByteLinkEvents {
  onBytes(bytes: Bytes): void;
  /** Once, when the link has ended by itself; never after `close`. */
  onEnd(): void;
}

/** Rejects with ByteLinkRefused where the device cannot be opened. */
export type OpenByteLink = (events: ByteLinkEvents) => Promise<ByteLink>;

export class ByteLinkRefused extends Error {
  readonly code: 'port_absent' | 'port_locked';
  constructor(code: 'port_absent' | 'port_locked') {
    super(code);
    this.code = code;
  }
}

/** The box's UART; a pty ignores it. */
export const BOX_BAUD_RATE = 921_600;
/** Bytes that may wait for a port that does not take them: ten messages of the largest size. */
export const UNSENT_BYTES_MAX = 64 * 1024;

export const serialLinkOf =
  (path: string): OpenByteLink =>
  (events) =>
    new Promise((resolve, reject) => {
      const port = new SerialPort(
        promptBinding({ path, baudRate: BOX_BAUD_RATE, autoOpen: false, hupcl: false }),
      );
      let ended = false;
      const end = (): void => {
        if (ended) return;
        ended = true;
        if (port.isOpen) port.close(() => undefined);
        events.onEnd();
      };
      port.on('error', end);
      port.on('close', end);
      port.on('data', (chunk: Buffer) => {
        if (!ended) events.onBytes(chunk);
      });
      port.open((cause) => {
        if (cause !== null) {
          ended = true;
          reject(new ByteLinkRefused(/lock/i.test(cause.message) ? 'port_locked' : 'port_absent'));
          return;
        }
        resolve({
          write(bytes) {
            if (ended) return;
            if (port.writableLength > UNSENT_BYTES_MAX) end();
            else port.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
          },
          close() {
            if (ended) return;
            ended = true;
            port.close(() => undefined);
          },
        });
      });
    });
