/**
 * The one seam under the reader: 64-byte reports, either of a HID device through node-hid, or of a serial port or unix
 * socket that carries the same reports one after another.
 */
import { createConnection } from 'node:net';
import { type Bytes, READER_PRODUCT_ID, READER_VENDOR_ID, REPORT_BYTES } from '@sandoq/protocol';
import type { OpenByteLink } from './byte-link.ts';

export type ReaderTransport =
  | { readonly kind: 'socket'; readonly path: string }
  /** a device's path, or `usb:SERIAL`: the path changes with each plugging in, what is engraved does not */
  | { readonly kind: 'hid'; readonly path: string }
  | { readonly kind: 'serial'; readonly path: string };

export interface ReportLink {
  /** All reports of one message; over a socket they leave in one write. */
  write(reports: readonly Bytes[]): void;
  close(): void;
}

export interface ReportLinkEvents {
  onReport(report: Bytes): void;
  /** Once, when the link has ended by itself; never after `close`. */
  onEnd(): void;
}

/** Rejects where the device cannot be opened. */
export type OpenReportLink = (events: ReportLinkEvents) => Promise<ReportLink>;

/** Bytes that may wait in the socket before the peer counts as stuck: some forty whole messages. */
export const UNSENT_BYTES_MAX = 320 * 1024;

/** Cuts a stream of bytes into reports. */
function createReportCutter(onReport: (report: Bytes) => void): (chunk: Uint8Array) => void {
  let rest = new Uint8Array(0);
  return (chunk) => {
    let bytes: Uint8Array = chunk;
    if (rest.length > 0) {
      bytes = new Uint8Array(rest.length + chunk.length);
      bytes.set(rest);
      bytes.set(chunk, rest.length);
    }
    let at = 0;
    for (; at + REPORT_BYTES <= bytes.length; at += REPORT_BYTES)
      onReport(bytes.subarray(at, at + REPORT_BYTES));
    // Less than one report, copied: a Buffer's own slice would keep the whole chunk, and what a card said, alive.
    rest = Uint8Array.prototype.slice.call(bytes, at);
  };
}

/** Each opening begins a new report on both sides: a reader on a serial line starts over when it is opened. */
const openBytes =
  (open: OpenByteLink) =>
  async (events: ReportLinkEvents): Promise<ReportLink> => {
    const link = await open({ onBytes: createReportCutter(events.onReport), onEnd: () => events.onEnd() });
    return {
      write: (reports) => link.write(Buffer.concat(reports)),
      close: () => link.close(),
    };
  };

function openSocket(path: string, events: ReportLinkEvents): Promise<ReportLink> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let ended = false;
    const cut = createReportCutter((report) => {
      if (!ended) events.onReport(report);
    });
    const end = (): void => {
      if (ended) return;
      ended = true;
      socket.destroy();
      events.onEnd();
    };
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', end);
      socket.on('close', end);
      socket.on('data', cut);
      resolve({
        write(reports) {
          if (ended) return;
          if (socket.writableLength > UNSENT_BYTES_MAX) end();
          else socket.write(reports.length === 1 ? (reports[0] as Bytes) : Buffer.concat(reports));
        },
        close() {
          ended = true;
          socket.destroy();
        },
      });
    });
  });
}

const BY_SERIAL = 'usb:';

/** @throws where no reader with this serial number is plugged in */
async function hidPath(
  path: string,
  devices: (
    vendorId: number,
    productId: number,
  ) => Promise<readonly { serialNumber?: string | undefined; path?: string | undefined }[]>,
): Promise<string> {
  if (!path.startsWith(BY_SERIAL)) return path;
  const serial = path.slice(BY_SERIAL.length);
  const found = (await devices(READER_VENDOR_ID, READER_PRODUCT_ID)).find(
    (one) => one.serialNumber === serial,
  );
  if (found?.path === undefined) throw new Error('no reader with this serial number');
  return found.path;
}

/** Imported only when a HID reader is configured: without libusb and udev the module cannot be loaded at all. */
async function openHid(path: string, events: ReportLinkEvents): Promise<ReportLink> {
  const { default: hid } = await import('node-hid');
  // libusb would detach the kernel's driver; hidraw lets the reader be shared and survives a restart of ours.
  hid.setDriverType('hidraw');
  const device = await hid.HIDAsync.open(await hidPath(path, hid.devicesAsync));
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    void device.close().catch(() => undefined);
    events.onEnd();
  };
  device.on('data', (report: Buffer) => {
    if (!ended) events.onReport(report);
  });
  device.on('error', end);
  let writing: Promise<unknown> = Promise.resolve();
  return {
    write(reports) {
      for (const report of reports) {
        // Report number 0 in front: the device has unnumbered reports (hidraw's documentation, HID 1.11 section 8.1).
        const numbered = Buffer.alloc(REPORT_BYTES + 1);
        numbered.set(report, 1);
        writing = writing.then(() => (ended ? undefined : device.write(numbered))).catch(end);
      }
    },
    close() {
      ended = true;
      void device.close().catch(() => undefined);
    },
  };
}

/** Imported only where a reader is on a serial line: the module and its binding cost a short-lived program a third of its start. */
async function openSerial(path: string, events: ReportLinkEvents): Promise<ReportLink> {
  const { serialLinkOf } = await import('./byte-link.ts');
  return openBytes(serialLinkOf(path))(events);
}

const OPENERS: Readonly<
  Record<ReaderTransport['kind'], (path: string, events: ReportLinkEvents) => Promise<ReportLink>>
> = {
  socket: openSocket,
  hid: openHid,
  serial: openSerial,
};

export const reportLinkOf =
  (transport: ReaderTransport): OpenReportLink =>
  (events) =>
    OPENERS[transport.kind](transport.path, events);
