/**
 * serialport's own Linux binding, with its reads and writes made at once. The library hands each to a pool of threads,
 * reads before there is anything to read, and so wakes threads six times a frame: a third of what a vote cost the voting
 * process in system calls. It opens the port without blocking, so a read when the poller has said "readable" and a write
 * into the line's buffer return at once, and what does not fit goes the library's way. Elsewhere than on Linux nothing
 * changes.
 */
import { readSync, writeSync } from 'node:fs';
import { SerialPort, type SerialPortOpenOptions } from 'serialport';

type Binding = typeof SerialPort.binding;
type OpenOptions = SerialPortOpenOptions<Binding>;

/** What we use of the library's open port (`LinuxPortBinding`). */
interface OpenPort {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', listener: (cause: Error | null) => void): unknown };
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
  write(buffer: Buffer): Promise<void>;
}

/** There is nothing to read, or no room to write: not a fault of the line. */
const NOT_NOW: ReadonlySet<string> = new Set(['EAGAIN', 'EWOULDBLOCK', 'EINTR']);
const isNotNow = (cause: unknown): boolean => NOT_NOW.has((cause as NodeJS.ErrnoException).code ?? '');

const readable = (port: OpenPort): Promise<void> =>
  new Promise((resolve, reject) => {
    port.poller.once('readable', (cause) => (cause === null ? resolve() : reject(cause)));
  });

const isLinuxPort = (port: object): port is OpenPort => 'fd' in port && 'poller' in port;

function prompt(port: OpenPort): void {
  const librarysRead = port.read.bind(port);
  const librarysWrite = port.write.bind(port);
  port.read = async (buffer, offset, length) => {
    while (port.fd !== null) {
      await readable(port);
      if (port.fd === null) break;
      try {
        const bytesRead = readSync(port.fd, buffer, offset, length, null);
        if (bytesRead > 0) return { buffer, bytesRead };
        break;
      } catch (cause) {
        if (!isNotNow(cause)) break;
      }
    }
    // A closed or broken line is told in the library's words.
    return librarysRead(buffer, offset, length);
  };
  port.write = async (buffer) => {
    let written = 0;
    try {
      if (port.fd !== null) written = writeSync(port.fd, buffer);
    } catch (cause) {
      if (!isNotNow(cause)) return librarysWrite(buffer);
    }
    if (written < buffer.length) await librarysWrite(buffer.subarray(written));
  };
}

/** @returns options for `SerialPort` with its own binding, made prompt where it is Linux's */
export function promptBinding(options: OpenOptions): OpenOptions {
  const library = SerialPort.binding;
  const binding = {
    list: () => library.list(),
    async open(asked: Parameters<Binding['open']>[0]) {
      const port = await library.open(asked as never);
      if (isLinuxPort(port)) prompt(port);
      return port;
    },
  };
  // SerialPort takes a binding that its types do not mention (@serialport/stream's StreamOptions does).
  return Object.assign({}, options, { binding });
}
