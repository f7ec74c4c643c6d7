/** Byte strings: comparison, joining and hexadecimal, without any Node API. */

export type Bytes = Uint8Array;

const TEXT_ENCODER = new TextEncoder();
const TEXT_DECODER = new TextDecoder('utf-8', { fatal: true });

export function concatBytes(...parts: readonly Bytes[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Not constant-time: for public values only. Secrets are never compared here. */
export function equalBytes(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Bytewise lexicographic order, the order of record names in a set commitment. */
export function compareBytes(a: Bytes, b: Bytes): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

export function toHex(bytes: Bytes): string {
  let out = '';
  for (const byte of bytes) out += HEX[byte];
  return out;
}

/** @returns undefined for anything but an even number of hexadecimal digits. */
export function fromHex(text: string): Bytes | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return out;
}

export const utf8 = (text: string): Bytes => TEXT_ENCODER.encode(text);

/** Longer texts are faster through the decoder. */
const ASCII_BYTES_MAX = 128;

/** @returns undefined where the bytes are not well-formed UTF-8. */
export function fromUtf8(bytes: Bytes): string | undefined {
  // Subjects, ids and types are short ASCII, and a nation's slips have millions of them: a decoder's call costs more.
  if (bytes.length <= ASCII_BYTES_MAX) {
    let text = '';
    let i = 0;
    for (; i < bytes.length && (bytes[i] as number) < 0x80; i++)
      text += String.fromCharCode(bytes[i] as number);
    if (i === bytes.length) return text;
  }
  try {
    return TEXT_DECODER.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Overwrites a secret in place. JavaScript may have made copies; this removes the one we hold. */
export function wipe(bytes: Bytes): void {
  bytes.fill(0);
}
