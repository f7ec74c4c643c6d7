// The firmware core in this process: core.wasm behind the doors of its board. What stands behind the ports (host
// link, printer, card pad, mechanics) is the caller's; time and randomness are passed in.
import type { Firmware } from './firmware.ts';
import { type NorFlash, PowerCut } from './flash.ts';

export const BOX_PORTS = 5;
/** Traps in a row before the box stays dark: a board that cannot boot is an officer's business. */
export const TRAPS_MAX = 3;

export type StopReason = 'power_cut' | 'trap' | 'reset' | 'watchdog';

export interface SimBoxOptions {
  readonly firmware: Firmware;
  readonly flash: NorFlash;
  /** Bytes that left the box. May call `receive` at once: it is queued, never nested. */
  readonly transmit: (port: number, bytes: Uint8Array) => void;
  /** Milliseconds of a clock that never goes back; the box sees them from its power-up on. */
  readonly nowMs: () => number;
  readonly entropy: (into: Uint8Array) => void;
  /** Told of every unasked stop. After a trap or reset the box has booted again; after a power cut it is off. */
  readonly onStop?: (reason: StopReason, cause: unknown) => void;
}

export interface SimBox {
  readonly powered: boolean;
  powerOn(): void;
  powerOff(): void;
  /** Bytes arriving on a port, in any pieces; lost while the box is off. */
  receive(port: number, bytes: Uint8Array): void;
  /** To be called at least ten times a second of the box's clock. */
  tick(): void;
  /** A copy of its whole memory: for tests that look for what must not be there. */
  memory(): Uint8Array;
}

interface CoreExports {
  readonly memory: WebAssembly.Memory;
  boot(): void;
  rx_buffer(): number;
  rx_bytes(): number;
  rx(port: number, bytes: number): void;
  tick(): void;
}

interface Running {
  readonly core: CoreExports;
  readonly ram: Uint8Array;
  readonly rxBuffer: number;
  readonly rxBytes: number;
}

class ResetAsked extends Error {}

export function createSimBox(options: SimBoxOptions): SimBox {
  const { flash, firmware } = options;
  let running: Running | undefined;
  let poweredAtMs = 0;
  let inside = false;
  let traps = 0;
  let inbound: { readonly port: number; readonly bytes: Uint8Array }[] = [];
  let outbound: { readonly port: number; readonly bytes: Uint8Array }[] = [];
  let ram = new Uint8Array(0);

  const doors = {
    uart_tx: (port: number, p: number, bytes: number) => {
      outbound.push({ port, bytes: ram.slice(p, p + bytes) });
    },
    flash_read: (address: number, p: number, bytes: number) => {
      flash.read(address >>> 0, ram.subarray(p, p + bytes));
    },
    flash_program: (address: number, p: number, bytes: number) => {
      flash.program(address >>> 0, ram.subarray(p, p + bytes));
      return 0;
    },
    flash_erase: (sector: number) => {
      flash.erase(sector >>> 0);
      return 0;
    },
    ticks_ms: () => (options.nowMs() - poweredAtMs) | 0,
    entropy: (p: number, bytes: number) => options.entropy(ram.subarray(p, p + bytes)),
    watchdog: () => {},
    reset: () => {
      throw new ResetAsked();
    },
    software_hash: (p: number) => ram.set(firmware.softwareHash, p),
  };

  function start(): void {
    const instance = new WebAssembly.Instance(firmware.module, { board: doors });
    const core = instance.exports as unknown as CoreExports;
    ram = new Uint8Array(core.memory.buffer);
    poweredAtMs = options.nowMs();
    running = { core, ram, rxBuffer: core.rx_buffer(), rxBytes: core.rx_bytes() };
    inside = true;
    try {
      core.boot();
    } finally {
      inside = false;
    }
  }

  /** Runs one entry into the core; a trap or reset boots it again, a power cut leaves it off. */
  function enter(body: () => void): void {
    try {
      inside = true;
      body();
      traps = 0;
    } catch (cause) {
      stopped(cause);
    } finally {
      inside = false;
      // Before a byte leaves: whoever kills this process finds at least what the box has told.
      flash.settle();
    }
  }

  function stopped(cause: unknown): void {
    running = undefined;
    inbound = [];
    outbound = [];
    if (cause instanceof PowerCut) {
      options.onStop?.('power_cut', cause);
      return;
    }
    const isTrap = cause instanceof WebAssembly.RuntimeError;
    // Anything else is a fault of the bench (a flash rule broken, a caller's exception): it must be seen.
    if (!isTrap && !(cause instanceof ResetAsked)) throw cause;
    traps++;
    if (traps < TRAPS_MAX) enter(start);
    options.onStop?.(isTrap ? 'trap' : 'reset', cause);
  }

  function deliver(): void {
    const out = outbound;
    outbound = [];
    for (const { port, bytes } of out) options.transmit(port, bytes);
  }

  function pump(): void {
    if (inside) return;
    deliver();
    for (let next = inbound.shift(); next !== undefined; next = inbound.shift()) {
      const { port, bytes } = next;
      for (let at = 0; at < bytes.length && running !== undefined; at += running.rxBytes) {
        const now = running;
        const chunk = bytes.subarray(at, at + now.rxBytes);
        now.ram.set(chunk, now.rxBuffer);
        enter(() => now.core.rx(port, chunk.length));
        if (running !== now) break;
      }
      deliver();
    }
  }

  let pumping = false;
  function pumpOnce(): void {
    if (pumping) return;
    pumping = true;
    try {
      pump();
    } finally {
      pumping = false;
    }
  }

  return {
    get powered() {
      return running !== undefined;
    },
    powerOn() {
      if (running !== undefined) return;
      traps = 0;
      enter(start);
      pumpOnce();
    },
    powerOff() {
      running = undefined;
      inbound = [];
      outbound = [];
    },
    receive(port, bytes) {
      if (!Number.isInteger(port) || port < 0 || port >= BOX_PORTS) throw new RangeError(`no port ${port}`);
      if (running === undefined) return;
      inbound.push({ port, bytes: bytes.slice() });
      pumpOnce();
    },
    tick() {
      const now = running;
      if (now === undefined || inside) return;
      enter(() => now.core.tick());
      pumpOnce();
    },
    memory: () => ram.slice(),
  };
}
