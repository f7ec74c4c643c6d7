/**
 * The reader as a HID device of the kernel, where there is /dev/uhid: reports pass through `hid-generic` and `hidraw` as
 * those of metal do, and `node-hid` opens it. Layout of the events: linux/uhid.h (stable), all packed little-endian.
 */
import { closeSync, openSync, read, writeSync } from 'node:fs';
import { type Bytes, READER_PRODUCT_ID, READER_VENDOR_ID, REPORT_BYTES } from '@sandoq/protocol';
import type { ReaderDevice, ReaderHost } from './device.ts';

const UHID = '/dev/uhid';
const TYPES = {
  destroy: 1,
  stop: 3,
  open: 4,
  close: 5,
  output: 6,
  get_report: 9,
  create2: 11,
  input2: 12,
} as const;
const GET_REPORT_REPLY = 10;
const SET_REPORT = 13;
const SET_REPORT_REPLY = 14;
const NAME_BYTES = 128;
const PHYS_BYTES = 64;
const UNIQ_BYTES = 64;
const DATA_BYTES_MAX = 4096;
const CREATE_HEAD_BYTES = 4 + NAME_BYTES + PHYS_BYTES + UNIQ_BYTES + 2 + 2 + 4 * 4;
const EVENT_BYTES = CREATE_HEAD_BYTES + DATA_BYTES_MAX;
const BUS_USB = 3;
const EIO = 5;

/**
 * Vendor page FF00, one collection with an input and an output report of 64 bytes, unnumbered (HID 1.11 section 6.2.2),
 * as FIDO's usage page has them.
 */
export const READER_REPORT_DESCRIPTOR = Uint8Array.from(
  [
    [0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01],
    [0x09, 0x20, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, REPORT_BYTES, 0x81, 0x02],
    [0x09, 0x21, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, REPORT_BYTES, 0x91, 0x02],
    [0xc0],
  ].flat(),
);

export interface UhidReader {
  plug(): void;
  pull(): void;
}

function createEvent(serial: string): Buffer {
  const event = Buffer.alloc(EVENT_BYTES);
  event.writeUInt32LE(TYPES.create2, 0);
  event.write('Sandoq card reader (simulated)', 4, NAME_BYTES - 1, 'utf8');
  event.write('sandoq-bench', 4 + NAME_BYTES, PHYS_BYTES - 1, 'utf8');
  event.write(serial, 4 + NAME_BYTES + PHYS_BYTES, UNIQ_BYTES - 1, 'utf8');
  const at = 4 + NAME_BYTES + PHYS_BYTES + UNIQ_BYTES;
  event.writeUInt16LE(READER_REPORT_DESCRIPTOR.length, at);
  event.writeUInt16LE(BUS_USB, at + 2);
  event.writeUInt32LE(READER_VENDOR_ID, at + 4);
  event.writeUInt32LE(READER_PRODUCT_ID, at + 8);
  event.writeUInt32LE(1, at + 12);
  event.set(READER_REPORT_DESCRIPTOR, CREATE_HEAD_BYTES);
  return event;
}

/** The kernel's hands on the device: what was asked of it that is no report of ours is answered with EIO. */
class Plugged {
  readonly #file = openSync(UHID, 'r+');
  readonly #host: ReaderHost;
  #isGone = false;

  constructor(device: ReaderDevice, serial: string) {
    writeSync(this.#file, createEvent(serial));
    this.#host = device.attach((reports) => {
      for (const report of reports) this.#input(report);
    });
    this.#next();
  }

  #input(report: Bytes): void {
    if (this.#isGone) return;
    const event = Buffer.alloc(4 + 2 + REPORT_BYTES);
    event.writeUInt32LE(TYPES.input2, 0);
    event.writeUInt16LE(REPORT_BYTES, 4);
    event.set(report, 6);
    writeSync(this.#file, event);
  }

  #next(): void {
    const event = Buffer.alloc(EVENT_BYTES);
    read(this.#file, event, 0, EVENT_BYTES, null, (cause) => {
      if (this.#isGone) closeSync(this.#file);
      else if (cause === null) {
        this.#take(event);
        this.#next();
      } else throw cause;
    });
  }

  #take(event: Buffer): void {
    const type = event.readUInt32LE(0);
    if (type === TYPES.output) {
      const size = event.readUInt16LE(4 + DATA_BYTES_MAX);
      // hidraw puts the report's number first; ours has none, and the byte is zero.
      const from = size === REPORT_BYTES + 1 ? 5 : 4;
      this.#host.push(new Uint8Array(event.subarray(from, from + REPORT_BYTES)));
    } else if (type === TYPES.get_report) this.#refuse(event.readUInt32LE(4), GET_REPORT_REPLY);
    else if (type === SET_REPORT) this.#refuse(event.readUInt32LE(4), SET_REPORT_REPLY);
  }

  #refuse(id: number, reply: number): void {
    const event = Buffer.alloc(12);
    event.writeUInt32LE(reply, 0);
    event.writeUInt32LE(id, 4);
    event.writeUInt16LE(EIO, 8);
    writeSync(this.#file, event);
  }

  pull(): void {
    this.#isGone = true;
    this.#host.close();
    const event = Buffer.alloc(4);
    // The read that waits is ended by the device's going; it closes the file.
    event.writeUInt32LE(TYPES.destroy, 0);
    writeSync(this.#file, event);
  }
}

/** @throws where there is no /dev/uhid, or it may not be written: the socket stands in its place then. */
export function createUhidReader(device: ReaderDevice, serial: string): UhidReader {
  let plugged: Plugged | undefined;
  return {
    plug() {
      plugged ??= new Plugged(device, serial);
    },
    pull() {
      plugged?.pull();
      plugged = undefined;
    },
  };
}
