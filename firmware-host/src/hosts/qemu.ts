// The image on an emulated Cortex-M4 (QEMU's mps2-an386). Its flash is a file that outlives the emulator: `kill -9` of the
// emulator is a power cut, between any two words.
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { createDebuggerLine, type DebuggerLine } from './debugger.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { FLASH_BYTES } from './flash.ts';
import type { FirmwareImage } from './image.ts';
import { BOX_PORTS, type StopReason, TRAPS_MAX } from './sim.ts';

/** From power to the core's banner; generous, because a machine under load emulates slowly. */
export const START_TIMEOUT_MS = 60_000;
const CONSOLE_PORT = 1;
const BANNER = 'sandoq box\n';
const CONSOLE_CHARACTERS_MAX = 4096;
const FILL_BYTES = 1024 * 1024;
/** boards/mps2-an386/clock.c */
const CLOCK_PERIOD_MS = 25;
const MINUTE_MS = 60_000;
const RAM_START = 0x20000000;
/** Thumb: `b .` */
const BRANCH_TO_ITSELF = Uint8Array.of(0xfe, 0xe7);

export interface QemuBoxOptions {
  readonly image: FirmwareImage;
  /** created erased where it is not there; a flash of `createFlash` is taken over */
  readonly flashPath: string;
  /** Bytes that left the box. */
  readonly transmit: (port: number, bytes: Uint8Array) => void;
  /** Told of every unasked stop, after the last bytes. After a trap or reset the box starts again by itself. */
  readonly onStop?: (reason: StopReason, why: string) => void;
  /** a file of the host that the emulated board's entropy is read from */
  readonly entropyPath?: string;
  readonly emulatorArguments?: readonly string[];
}

export interface QemuBox {
  /** Power is on: the box runs, or is being started again after a trap. */
  readonly powered: boolean;
  /** of the emulator, while there is one */
  readonly pid: number | undefined;
  /** @returns when the core has booted. @throws where it stays dark or power was cut meanwhile */
  powerOn(): Promise<void>;
  /** `kill -9` of the emulator. @returns when it is gone and its flash may be looked at or run again */
  kill(): Promise<void>;
  /** Bytes arriving on a port, in any pieces; lost while the box is off. */
  receive(port: number, bytes: Uint8Array): void;
  /** Its clock jumps forward, moved by the emulator's debugger. */
  passTime(minutes: number): Promise<void>;
  /** From its next tick on the core goes round in circles: `b .` is written over it, for the watchdog to find. */
  hang(): Promise<void>;
  /** A copy of the core's whole memory, read by the debugger. */
  memory(): Promise<Uint8Array>;
  /** A copy of the stack's memory, which is zero from its start to the deepest that was ever used. */
  stack(): Promise<Uint8Array>;
}

/** The emulator maps the file as it is: it must be the whole flash, and erased where nothing was ever written. */
export function completeFlashFile(path: string): void {
  const fd = openSync(path, 'a', 0o600);
  try {
    const erased = new Uint8Array(FILL_BYTES).fill(0xff);
    for (let at = fstatSync(fd).size; at < FLASH_BYTES; )
      at += writeSync(fd, erased, 0, Math.min(erased.length, FLASH_BYTES - at));
  } finally {
    closeSync(fd);
  }
}

/** The board's last word on its console: whatever it did not end for by itself was a trap of the core, or a fault. */
function reasonOf(console: string): StopReason {
  if (/^board: asked /m.test(console)) return 'reset';
  return /^board: watchdog /m.test(console) ? 'watchdog' : 'trap';
}

interface Start {
  readonly done: Promise<void>;
  readonly succeed: () => void;
  readonly fail: (why: Error) => void;
}

function createStart(): Start {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => undefined); // a caller that does not wait for it has not asked
  return { done: promise, succeed: resolve, fail: reject };
}

class EmulatedBox implements QemuBox {
  readonly #options: QemuBoxOptions;
  #emulator: Emulator | undefined;
  #debugger: DebuggerLine | undefined;
  /** Resolved when no emulator holds the flash. */
  #gone: Promise<void> = Promise.resolve();
  #start: Start | undefined;
  #timer: NodeJS.Timeout | undefined;
  #console = '';
  #traps = 0;
  /** Grows with each power-on and kill: a start that was overtaken gives up. */
  #turn = 0;
  #powered = false;
  /** Bytes that arrived between power-on and the emulator's start. */
  #early: { readonly port: number; readonly bytes: Uint8Array }[] = [];

  constructor(options: QemuBoxOptions) {
    this.#options = options;
  }

  get powered(): boolean {
    return this.#powered;
  }

  get pid(): number | undefined {
    return this.#emulator?.pid;
  }

  powerOn(): Promise<void> {
    if (this.#start !== undefined) return this.#start.done;
    this.#powered = true;
    this.#traps = 0;
    this.#turn++;
    this.#start = createStart();
    void this.#run(this.#turn);
    return this.#start.done;
  }

  kill(): Promise<void> {
    this.#turn++;
    this.#powered = false;
    this.#early = [];
    this.#endStart(new Error('power was cut before the box had booted'));
    this.#emulator?.kill();
    this.#emulator = undefined;
    this.#debugger = undefined;
    return this.#gone;
  }

  receive(port: number, bytes: Uint8Array): void {
    if (!Number.isInteger(port) || port < 0 || port >= BOX_PORTS) throw new RangeError(`no port ${port}`);
    if (!this.#powered) return;
    if (this.#emulator !== undefined) this.#emulator.send(port, bytes);
    else if (this.#early.length < EARLY_CHUNKS_MAX) this.#early.push({ port, bytes: bytes.slice() });
  }

  async passTime(minutes: number): Promise<void> {
    await this.#start?.done;
    await this.#stub().addToWord(this.#symbol('clock_periods'), (minutes * MINUTE_MS) / CLOCK_PERIOD_MS);
  }

  async hang(): Promise<void> {
    await this.#start?.done;
    await this.#stub().writeMemory(this.#symbol('w2c_core_tick'), BRANCH_TO_ITSELF);
  }

  memory(): Promise<Uint8Array> {
    const end = this.#symbol('core_memory_bytes');
    return this.#stub().readMemory(this.#symbol('core_linear_memory'), end);
  }

  stack(): Promise<Uint8Array> {
    return this.#stub().readMemory(RAM_START, this.#symbol('_stack_top') - RAM_START);
  }

  #stub(): DebuggerLine {
    if (this.#debugger === undefined) throw new Error('the box has no power');
    return this.#debugger;
  }

  #symbol(name: string): number {
    const value = this.#options.image.symbols.get(name);
    if (value === undefined) throw new Error(`the image does not tell ${name}`);
    return value;
  }

  async #run(turn: number): Promise<void> {
    await this.#gone;
    if (turn !== this.#turn) return;
    try {
      completeFlashFile(this.#options.flashPath);
    } catch (cause) {
      this.#powered = false;
      this.#endStart(cause instanceof Error ? cause : new Error('the flash cannot be written'));
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gone = promise;
    this.#console = '';
    this.#timer = setTimeout(() => this.#fail('the box did not boot in time'), START_TIMEOUT_MS);
    const emulator = startEmulator({
      imageFile: this.#options.image.file,
      flashPath: this.#options.flashPath,
      flashBytes: FLASH_BYTES,
      entropyPath: this.#options.entropyPath ?? '/dev/urandom',
      emulatorArguments: this.#options.emulatorArguments ?? [],
      onBytes: (port, bytes) => this.#received(port, bytes),
      onEnd: (why) => {
        resolve();
        if (this.#emulator === emulator) this.#fell(why);
      },
    });
    this.#emulator = emulator;
    this.#debugger = createDebuggerLine(emulator.debugger);
    for (const { port, bytes } of this.#early.splice(0)) emulator.send(port, bytes);
  }

  #received(port: number, bytes: Uint8Array): void {
    if (port === CONSOLE_PORT) {
      this.#console = `${this.#console}${Buffer.from(bytes).toString('latin1')}`.slice(
        -CONSOLE_CHARACTERS_MAX,
      );
      if (this.#timer !== undefined && this.#console.includes(BANNER)) {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#traps = 0;
        this.#start?.succeed();
      }
    }
    this.#options.transmit(port, bytes);
  }

  /** The emulator ended unasked: the image reset the board. */
  #fell(why: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#emulator = undefined;
    this.#debugger = undefined;
    this.#traps++;
    const reason = reasonOf(this.#console);
    const detail = `${this.#console.trim().split('\n').at(-1) ?? ''} ${why}`.trim();
    const again = this.#traps < TRAPS_MAX;
    if (!again) {
      this.#powered = false;
      this.#endStart(new Error(`the box stays dark: ${detail}`));
    }
    this.#options.onStop?.(reason, detail);
    if (again && this.#powered) void this.#run(this.#turn);
  }

  #fail(why: string): void {
    this.#powered = false;
    this.#endStart(new Error(why));
    this.#emulator?.kill();
    this.#emulator = undefined;
    this.#debugger = undefined;
    this.#options.onStop?.('trap', why);
  }

  #endStart(why: Error): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#start?.fail(why);
    this.#start = undefined;
  }
}

/** Chunks for a box that is being started: a host that goes on sending to a box that says nothing loses the rest. */
const EARLY_CHUNKS_MAX = 64;

export const createQemuBox = (options: QemuBoxOptions): QemuBox => new EmulatedBox(options);
