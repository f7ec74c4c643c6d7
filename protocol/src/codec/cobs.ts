/** Consistent Overhead Byte Stuffing (Cheshire and Baker 1999): no zero byte inside a frame. */
import type { Bytes } from './bytes.ts';

export const cobsLengthMax = (length: number): number => length + Math.ceil(length / 254) + 1;

export function cobsEncode(data: Bytes): Bytes {
  const out = new Uint8Array(cobsLengthMax(data.length));
  let at = 1;
  let codeAt = 0;
  let code = 1;
  for (let i = 0; i < data.length; i++) {
    const byte = data[i] as number;
    if (byte !== 0) {
      out[at++] = byte;
      code++;
    }
    // A full block at the very end needs no empty block after it.
    if (byte === 0 || (code === 0xff && i + 1 < data.length)) {
      out[codeAt] = code;
      code = 1;
      codeAt = at++;
    }
  }
  out[codeAt] = code;
  return out.slice(0, at);
}

/** @returns undefined for anything that `cobsEncode` could not have written. */
export function cobsDecode(data: Bytes): Bytes | undefined {
  if (data.length === 0) return undefined;
  const out = new Uint8Array(data.length);
  let at = 0;
  let i = 0;
  while (i < data.length) {
    const code = data[i++] as number;
    if (code === 0 || i + code - 1 > data.length) return undefined;
    for (let k = 1; k < code; k++) {
      const byte = data[i++] as number;
      if (byte === 0) return undefined;
      out[at++] = byte;
    }
    if (code < 0xff && i < data.length) out[at++] = 0;
  }
  return out.slice(0, at);
}
