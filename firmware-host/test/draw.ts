// The core's own draw of a free row, run by itself: a million draws in a second, over a table in a simulated flash.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildFirmware } from '../bin/build.ts';
import { createFlash } from '../src/index.ts';

export interface RowDraw {
  /** one row, uniformly among the free ones */
  draw(): number;
  take(row: number): void;
}

const ROW_BYTES = 16;

export async function coreRowDraw(rows: number, entropy: (into: Uint8Array) => void): Promise<RowDraw> {
  await buildFirmware();
  const file = fileURLToPath(new URL('../build/draw.wasm', import.meta.url));
  const flash = createFlash();
  let ram = new Uint8Array(0);
  const unused = (): never => {
    throw new Error('the draw asks for nothing but flash and entropy');
  };
  const board = {
    flash_read: (address: number, p: number, bytes: number) =>
      flash.read(address >>> 0, ram.subarray(p, p + bytes)),
    entropy: (p: number, bytes: number) => entropy(ram.subarray(p, p + bytes)),
    ...{ uart_tx: unused, flash_program: unused, flash_erase: unused, ticks_ms: unused },
    ...{ watchdog: unused, reset: unused, software_hash: unused },
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(readFileSync(file))), {
    board,
  });
  const core = exports as unknown as {
    readonly memory: WebAssembly.Memory;
    choose_free_row(base: number, rows: number, rowBytes: number): number;
  };
  ram = new Uint8Array(core.memory.buffer);
  return {
    draw: () => core.choose_free_row(0, rows, ROW_BYTES),
    take: (row) => flash.program(row * ROW_BYTES, new Uint8Array(ROW_BYTES).fill(0x0a)),
  };
}
