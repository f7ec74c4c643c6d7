import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Firmware {
  readonly module: WebAssembly.Module;
  /** What a boot stage would measure: SHA-256 of the image. */
  readonly softwareHash: Uint8Array;
}

export const FIRMWARE_FILE = fileURLToPath(new URL('../../build/core.wasm', import.meta.url));

/** @throws Error that says how to build it, where the image is not there. */
export function loadFirmware(file = FIRMWARE_FILE): Firmware {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new Error(`no firmware image at ${file}: run npm run firmware:build`, { cause });
  }
  return {
    module: new WebAssembly.Module(Uint8Array.from(bytes)),
    softwareHash: Uint8Array.from(createHash('sha256').update(bytes).digest()),
  };
}
