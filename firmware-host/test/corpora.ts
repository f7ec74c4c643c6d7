import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = process.env.SANDOQ_CORPORA ?? fileURLToPath(new URL('../../../shared/corpora', import.meta.url));

/** A public vector file, or null where the corpora are not at hand: the test then says so and skips. */
export function corpus<T>(name: string): T | null {
  const path = `${ROOT}/${name}`;
  if (!existsSync(path)) {
    console.warn(`no corpus ${name}: set SANDOQ_CORPORA to run these vectors`);
    return null;
  }
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

export const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const fromText = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf8'));
