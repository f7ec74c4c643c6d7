// One run of the emulator: a process, its five serial lines and its debugger's line as socket pairs inherited by number.
// It dies with the process that started it, whatever kills that.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';

const EMULATOR = 'qemu-system-arm';
export const EMULATOR_PACKAGE = 'qemu-system-arm';
/** The first inherited line; below are standard input, output and error. */
const FIRST_LINE = 3;
const SERIAL_LINES = 5;
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

const argumentsOf = (settings: EmulatorSettings): readonly string[] => [
  ...['-M', 'mps2-an386,memory-backend=flash', '-nodefaults', '-display', 'none', '-monitor', 'none'],
  ...[
    '-object',
    `memory-backend-file,id=flash,size=${settings.flashBytes},mem-path=${settings.flashPath},share=on`,
  ],
  // A reset ends the process: the host says that the box fell before it starts it again.
  '-no-reboot',
  ...['-semihosting-config', `enable=on,target=native,arg=${settings.entropyPath}`],
  ...Array.from({ length: SERIAL_LINES }, (_, port) => [
    ...['-chardev', `socket,id=line${port},fd=${FIRST_LINE + port}`],
    ...['-serial', `chardev:line${port}`],
  ]).flat(),
  ...['-chardev', `socket,id=debugger,fd=${DEBUGGER_LINE}`, '-gdb', 'chardev:debugger'],
  ...['-kernel', settings.imageFile],
  ...settings.emulatorArguments,
];

export function startEmulator(settings: EmulatorSettings): Emulator {
  const child: ChildProcess = spawn('setpriv', ['--pdeathsig', 'KILL', EMULATOR, ...argumentsOf(settings)], {
    stdio: ['ignore', 'ignore', 'pipe', ...Array.from({ length: SERIAL_LINES + 1 }, () => 'pipe' as const)],
  });
  let said = '';
  let ended = false;
  let killed = false;
  const end = (why: string): void => {
    if (ended) return;
    ended = true;
    settings.onEnd(why);
  };
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    said = `${said}${text}`.slice(-STDERR_CHARACTERS_MAX);
  });
  child.once('error', (cause) => end(`${EMULATOR_PACKAGE} cannot be started: ${cause.message}`));
  child.once('close', () => end(said.replace(NIC_WARNING, '').trim()));
  const line = (number: number): Duplex => {
    const stream = child.stdio[number] as Duplex;
    stream.on('error', () => stream.destroy()); // the process went; its end is told by `close`
    return stream;
  };
  const lines = Array.from({ length: SERIAL_LINES }, (_, port) => {
    const stream = line(FIRST_LINE + port);
    stream.on('data', (bytes: Buffer) => {
      if (!killed) settings.onBytes(port, bytes);
    });
    return stream;
  });
  return {
    pid: child.pid,
    debugger: line(DEBUGGER_LINE),
    send(port, bytes) {
      const stream = lines[port] as Duplex;
      if (!stream.destroyed && stream.writableLength <= UNSENT_BYTES_MAX) stream.write(bytes);
    },
    kill() {
      killed = true;
      child.kill('SIGKILL');
    },
  };
}
