// The built image for the emulated board, and what its build told of it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface FirmwareImage {
  /** ELF of boot stage and slot */
  readonly file: string;
  /** SHA-256 of the slot: what the boot stage measures */
  readonly softwareHash: Uint8Array;
  /** code memory, boot stage and slot */
  readonly imageBytes: number;
  readonly ramBytes: number;
  /** addresses for the debugger, and the numbers of calls of the primitives' image */
  readonly symbols: ReadonlyMap<string, number>;
}

const fileOf = (variant: string, ending: string): string =>
  fileURLToPath(new URL(`../../build/${variant}.${ending}`, import.meta.url));

/** @throws Error that says how to build it, where the image is not there. */
export function loadImage(variant = 'box'): FirmwareImage {
  const file = fileOf(variant, 'elf');
  let text: string;
  try {
    text = readFileSync(fileOf(variant, 'json'), 'utf8');
  } catch (cause) {
    throw new Error(`no image at ${file}: run npm run firmware:build, which names what it needs`, { cause });
  }
  const { facts } = JSON.parse(text) as {
    readonly facts: {
      readonly software_hash: string;
      readonly image_bytes: number;
      readonly ram_bytes: number;
      readonly symbols: Readonly<Record<string, number>>;
    };
  };
  return {
    file,
    softwareHash: Uint8Array.from(Buffer.from(facts.software_hash, 'hex')),
    imageBytes: facts.image_bytes,
    ramBytes: facts.ram_bytes,
    symbols: new Map(Object.entries(facts.symbols)),
  };
}
