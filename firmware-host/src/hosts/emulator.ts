// One run of the emulator: a process, its serial lines and its debugger's line as socket pairs inherited by number, and the
// printer's line as two FIFOs. It dies with the process that started it, whatever kills that.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';

const EMULATOR = 'qemu-system-arm';
export const EMULATOR_PACKAGE = 'qemu-system-arm';
/** The first inherited line; below are standard input, output and error. */
const FIRST_LINE = 3;
const SERIAL_LINES = 5;
const PRINTER_PORT = 2;
const DEBUGGER_LINE = FIRST_LINE + SERIAL_LINES;
const STDERR_CHARACTERS_MAX = 4096;
/** Bytes towards the box that the emulator has not taken: more than that is a box that stands still. */
const UNSENT_BYTES_MAX = 1024 * 1024;

/** The board has a network part; nothing of ours looks at it, and nothing is connected to it. */
const NIC_WARNING = /^.*warning: nic .* has no peer$/gm;

export interface EmulatorSettings {
  readonly imageFile: string;
  readonly flashPath: string;
  readonly flashBytes: number;
  readonly entropyPath: string;
  /** more for the emulator's command line: `-icount shift=0` counts instructions */
  readonly emulatorArguments: readonly string[];
  readonly onBytes: (port: number, bytes: Uint8Array) => void;
  /** The process is gone and everything that it sent has been told. `why` is what it said on standard error. */
  readonly onEnd: (why: string) => void;
}

export interface Emulator {
  readonly pid: number | undefined;
  send(port: number, bytes: Uint8Array): void;
  /** To the debugger's stub, and from it. */
  readonly debugger: Duplex;
  kill(): void;
}

/** Both directions of a serial line. */
interface Line {
  readonly from: Readable;
  readonly to: Writable;
}

/**
 * The emulator passes a line's bytes one a system call, and a page is some fifty thousand. In a socket each of them is a
 * message with a wake of its own; in a FIFO they run together.
 */
interface PrinterLine extends Line {
  /** for the emulator: it opens the path with .in and .out */
  readonly path: string;
  close(): void;
}

/** Beside the flash, so that a start after `kill -9` of us both finds and replaces what was left. */
function openPrinterLine(flashPath: string): PrinterLine {
  const path = `${flashPath}.printer`;
  const remove = (): void => {
    for (const end of ['in', 'out']) rmSync(`${path}.${end}`, { force: true });
  };
  remove();
  const made = spawnSync('mkfifo', ['-m', '600', `${path}.in`, `${path}.out`]);
  if (made.status !== 0) throw new Error("the printer's line cannot be made: mkfifo failed");
  const open = (end: string, flags: number): number =>
    openSync(`${path}.${end}`, flags | constants.O_NONBLOCK);
  const from = new Socket({ fd: open('out', constants.O_RDONLY), readable: true, writable: false });
  const to = new Socket({ fd: open('in', constants.O_RDWR), readable: false, writable: true });
  for (const stream of [from, to]) stream.on('error', () => stream.destroy());
  return {
    path,
    from,
    to,
    close() {
      from.destroy();
      to.destroy();
      remove();
    },
  };
}

const argumentsOf = (settings: EmulatorSettings, printer: string): readonly string[] => [
  ...['-M', 'mps2-an386,memory-backend=flash', '-nodefaults', '-display', 'none', '-monitor', 'none'],
  ...[
    '-object',
    `memory-backend-file,id=flash,size=${settings.flashBytes},mem-path=${settings.flashPath},share=on`,
  ],
  // A reset ends the process: the host says that the box fell before it starts it again.
  '-no-reboot',
  ...['-semihosting-config', `enable=on,target=native,arg=${settings.entropyPath}`],
  ...Array.from({ length: SERIAL_LINES }, (_, port) => [
    '-chardev',
    port === PRINTER_PORT
      ? `pipe,id=line${port},path=${printer}`
      : `socket,id=line${port},fd=${FIRST_LINE + port}`,
    ...['-serial', `chardev:line${port}`],
  ]).flat(),
  ...['-chardev', `socket,id=debugger,fd=${DEBUGGER_LINE}`, '-gdb', 'chardev:debugger'],
  ...['-kernel', settings.imageFile],
  ...settings.emulatorArguments,
];

export function startEmulator(settings: EmulatorSettings): Emulator {
  const printer = openPrinterLine(settings.flashPath);
  const child: ChildProcess = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', EMULATOR, ...argumentsOf(settings, printer.path)],
    {
      stdio: ['ignore', 'ignore', 'pipe', ...Array.from({ length: SERIAL_LINES + 1 }, () => 'pipe' as const)],
    },
  );
  let said = '';
  let ended = false;
  let killed = false;
  const end = (why: string): void => {
    if (ended) return;
    ended = true;
    printer.close();
    settings.onEnd(why);
  };
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    said = `${said}${text}`.slice(-STDERR_CHARACTERS_MAX);
  });
  child.once('error', (cause) => end(`${EMULATOR_PACKAGE} cannot be started: ${cause.message}`));
  child.once('close', () => end(said.replace(NIC_WARNING, '').trim()));
  const inherited = (number: number): Duplex => {
    const stream = child.stdio[number] as Duplex;
    stream.on('error', () => stream.destroy()); // the process went; its end is told by `close`
    return stream;
  };
  const lines = Array.from({ length: SERIAL_LINES }, (_, port): Line => {
    const stream = inherited(FIRST_LINE + port);
    const line = port === PRINTER_PORT ? printer : { from: stream, to: stream };
    line.from.on('data', (bytes: Buffer) => {
      if (!killed) settings.onBytes(port, bytes);
    });
    return line;
  });
  return {
    pid: child.pid,
    debugger: inherited(DEBUGGER_LINE),
    send(port, bytes) {
      const stream = (lines[port] as Line).to;
      if (!stream.destroyed && stream.writableLength <= UNSENT_BYTES_MAX) stream.write(bytes);
    },
    kill() {
      killed = true;
      child.kill('SIGKILL');
    },
  };
}
