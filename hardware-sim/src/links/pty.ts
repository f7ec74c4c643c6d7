/**
 * A pseudo-terminal of Linux, its master end held here. Node can open `/dev/ptmx` but cannot ask it anything; the library
 * that opens serial ports sets it raw and waits on it, and one short perl (part of every Debian) unlocks the other end and
 * says its number.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import type { Bytes } from '@sandoq/protocol';
import { SerialPort } from 'serialport';

/** Perl is there in a few milliseconds; a machine under load is given time. */
export const PTY_READY_TIMEOUT_MS = 10_000;
const READ_BYTES_MAX = 4096;
/** ioctl_tty(2): TIOCSPTLCK with 0 unlocks, TIOCGPTN gets the number; these values are x86's and ARM's. */
const UNLOCK_AND_NUMBER = `
open(my $master, "+<&=", 3) or die "open: $!";
my $zero = pack("i", 0);
ioctl($master, 0x40045431, $zero) or die "unlock: $!";
my $number = pack("i", 0);
ioctl($master, 0x80045430, $number) or die "number: $!";
print unpack("i", $number);`;

/** What we use of the library's open port on Linux. */
interface Master {
  readonly fd: number | null;
  readonly poller: {
    once(event: 'readable' | 'writable', listener: (cause: Error | null) => void): unknown;
  };
  close(): Promise<void>;
}

export interface Pty {
  /** the end that a program opens as a serial port */
  readonly path: string;
  /** bytes that the line took at once; the rest goes when `writable` has come */
  write(bytes: Bytes): number;
  /** once, when the line takes more */
  writable(): Promise<void>;
  close(): Promise<void>;
}

function unlock(master: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('perl', ['-e', UNLOCK_AND_NUMBER], {
      // As a fourth descriptor: Node makes the first three block, here and there, and a line must never block us.
      stdio: ['ignore', 'pipe', 'pipe', master],
      timeout: PTY_READY_TIMEOUT_MS,
    });
    let number = '';
    let said = '';
    child.stdout?.on('data', (chunk) => {
      number += String(chunk);
    });
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    child.once('error', reject);
    child.once('close', () => {
      if (/^\d{1,6}$/.test(number)) resolve(`/dev/pts/${number}`);
      else reject(new Error(`no pseudo-terminal: ${said.trim() || 'perl said nothing'}`));
    });
  });
}

const isNotNow = (cause: unknown): boolean =>
  ['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes((cause as NodeJS.ErrnoException).code ?? '');

/**
 * Opens a pty. The other end is held open as well, so that a program may close and open it like a port that stays powered.
 * @param onEnd the master end failed without being closed here
 */
export async function openPty(onData: (bytes: Bytes) => void, onEnd: () => void): Promise<Pty> {
  const master = (await SerialPort.binding.open({
    path: '/dev/ptmx',
    baudRate: 115_200,
    lock: false,
  } as never)) as unknown as Master;
  const { fd, poller } = master;
  if (fd === null || poller === undefined) throw new Error('no pseudo-terminal: not on Linux');
  let held: number;
  let path: string;
  try {
    path = await unlock(fd);
    held = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (cause) {
    await master.close();
    throw cause;
  }
  let closed = false;
  const buffer = Buffer.allocUnsafe(READ_BYTES_MAX);
  /** @returns undefined where there is nothing after all. @throws where the line has failed */
  const read = (): Bytes | undefined => {
    try {
      const length = readSync(fd, buffer, 0, READ_BYTES_MAX, null);
      return length > 0 ? new Uint8Array(buffer.subarray(0, length)) : undefined;
    } catch (cause) {
      if (isNotNow(cause)) return undefined;
      throw cause;
    }
  };
  const onReadable = (cause: Error | null): void => {
    if (closed) return;
    let bytes: Bytes | undefined;
    try {
      if (cause !== null) throw cause;
      bytes = read();
    } catch {
      onEnd();
      return;
    }
    poller.once('readable', onReadable);
    if (bytes !== undefined) onData(bytes);
  };
  poller.once('readable', onReadable);
  return {
    path,
    write(bytes) {
      try {
        return closed ? bytes.length : writeSync(fd, bytes);
      } catch (cause) {
        if (isNotNow(cause)) return 0;
        throw cause;
      }
    },
    writable: () =>
      new Promise((resolve, reject) => {
        poller.once('writable', (cause) => (cause === null ? resolve() : reject(cause)));
      }),
    async close() {
      if (closed) return;
      closed = true;
      closeSync(held);
      await master.close();
    },
  };
}
