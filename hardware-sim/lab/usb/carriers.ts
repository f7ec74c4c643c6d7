/** The three ways by which the guest's kernel carries a reader's reports, each with a plug that can be pulled. */
import {
  closeSync,
  mkdirSync,
  openSync,
  read,
  readdirSync,
  symlinkSync,
  write,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  createUhidReader,
  READER_REPORT_DESCRIPTOR,
  type ReaderDevice,
  type ReaderHost,
} from '@sandoq/hardware-sim';
import { type Bytes, READER_PRODUCT_ID, READER_VENDOR_ID, REPORT_BYTES } from '@sandoq/protocol';
import type { ReaderTransport } from '@sandoq/station-app';
import { SerialPort } from 'serialport';

export interface Carrier {
  readonly name: 'uhid' | 'usb_hid' | 'usb_serial';
  readonly transport: ReaderTransport;
  plug(): Promise<void>;
  pull(): Promise<void>;
}

const GADGET = '/sys/kernel/config/usb_gadget/reader';
const UDC = 'dummy_udc.0';
const UHID_SERIAL = 'UHID-0001';
const GADGET_SERIAL = 'GADGET-0001';
const APPEARS_TRIES = 600;
const APPEARS_PAUSE_MS = 50;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function appears(folder: string, pattern: RegExp, isThere = true): Promise<void> {
  for (let tries = 0; tries < APPEARS_TRIES; tries++) {
    if (readdirSync(folder).some((name) => pattern.test(name)) === isThere) return;
    await pause(APPEARS_PAUSE_MS);
  }
  throw new Error(`${folder}/${pattern.source} ${isThere ? 'did not come' : 'did not go'}`);
}

/** A composite USB device: the reader's HID interface, and a serial port (CDC-ACM) beside it. */
function makeGadget(): void {
  const put = (path: string, value: string | Bytes): void => writeFileSync(join(GADGET, path), value);
  mkdirSync(join(GADGET, 'strings/0x409'), { recursive: true });
  put('idVendor', `0x${READER_VENDOR_ID.toString(16)}`);
  put('idProduct', `0x${READER_PRODUCT_ID.toString(16)}`);
  put('strings/0x409/serialnumber', GADGET_SERIAL);
  put('strings/0x409/manufacturer', 'Sandoq bench');
  put('strings/0x409/product', 'Card reader');
  for (const part of ['configs/c.1', 'functions/hid.0', 'functions/acm.0'])
    mkdirSync(join(GADGET, part), { recursive: true });
  put('functions/hid.0/report_length', String(REPORT_BYTES));
  put('functions/hid.0/report_desc', READER_REPORT_DESCRIPTOR);
  for (const part of ['hid.0', 'acm.0'])
    symlinkSync(join(GADGET, 'functions', part), join(GADGET, 'configs/c.1', part));
}

let isMade = false;
async function bind(): Promise<void> {
  if (!isMade) makeGadget();
  isMade = true;
  writeFileSync(join(GADGET, 'UDC'), UDC);
  await appears('/dev', /^hidg0$/);
  await appears('/dev', /^ttyACM0$/);
  await appears('/dev', /^hidraw[0-9]/);
}
async function unbind(): Promise<void> {
  writeFileSync(join(GADGET, 'UDC'), '\n');
  await appears('/dev', /^ttyACM0$/, false);
}

/** The device's own end of the HID interface: reports in and out of /dev/hidg0. */
class HidFunction {
  readonly #file = openSync('/dev/hidg0', 'r+');
  readonly #host: ReaderHost;
  #writing: Promise<void> = Promise.resolve();
  #isGone = false;

  constructor(device: ReaderDevice) {
    this.#host = device.attach((reports) => {
      for (const report of reports) this.#writing = this.#writing.then(() => this.#write(report));
    });
    this.#next();
  }

  #write(report: Bytes): Promise<void> {
    if (this.#isGone) return Promise.resolve();
    return new Promise((resolve) => write(this.#file, report, 0, REPORT_BYTES, null, () => resolve()));
  }

  #next(): void {
    const report = Buffer.alloc(REPORT_BYTES);
    read(this.#file, report, 0, REPORT_BYTES, null, (cause, length) => {
      if (this.#isGone || cause !== null || length !== REPORT_BYTES) return;
      this.#host.push(new Uint8Array(report));
      this.#next();
    });
  }

  /** A read that waits keeps the file: the kernel ends it when the device is unbound. */
  end(): void {
    this.#isGone = true;
    this.#host.close();
    setTimeout(() => closeSync(this.#file), 1000).unref();
  }
}

/** The device's own end of the serial port: the same reports, one behind the other. */
class SerialFunction {
  readonly #port: SerialPort;
  readonly #host: ReaderHost;

  constructor(device: ReaderDevice) {
    this.#port = new SerialPort({ path: '/dev/ttyGS0', baudRate: 115_200 });
    this.#port.on('error', () => undefined);
    this.#host = device.attach((reports) => {
      if (this.#port.isOpen) this.#port.write(Buffer.concat(reports));
    });
    let rest = Buffer.alloc(0);
    this.#port.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (; rest.length >= REPORT_BYTES; rest = rest.subarray(REPORT_BYTES))
        this.#host.push(new Uint8Array(rest.subarray(0, REPORT_BYTES)));
    });
  }

  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#port.once('open', () => resolve());
      this.#port.once('error', reject);
    });
  }

  end(): Promise<void> {
    this.#host.close();
    return new Promise((resolve) => (this.#port.isOpen ? this.#port.close(() => resolve()) : resolve()));
  }
}

export function uhidCarrier(device: ReaderDevice): Carrier {
  const reader = createUhidReader(device, UHID_SERIAL);
  return {
    name: 'uhid',
    transport: { kind: 'hid', path: `usb:${UHID_SERIAL}` },
    async plug() {
      reader.plug();
      await appears('/dev', /^hidraw[0-9]/);
    },
    pull: () => Promise.resolve(reader.pull()),
  };
}

export function usbHidCarrier(device: ReaderDevice): Carrier {
  let end: HidFunction | undefined;
  return {
    name: 'usb_hid',
    transport: { kind: 'hid', path: `usb:${GADGET_SERIAL}` },
    async plug() {
      await bind();
      end = new HidFunction(device);
    },
    async pull() {
      end?.end();
      await unbind();
    },
  };
}

export function usbSerialCarrier(device: ReaderDevice): Carrier {
  let end: SerialFunction | undefined;
  return {
    name: 'usb_serial',
    transport: { kind: 'serial', path: '/dev/ttyACM0' },
    async plug() {
      await bind();
      end = new SerialFunction(device);
      await end.opened();
    },
    async pull() {
      await end?.end();
      await unbind();
    },
  };
}
