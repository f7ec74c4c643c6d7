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

/** The character codes of the sixteen digits. */
const HEX_CODES = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0));
/** Characters made in one call: an argument each. */
const CHARACTERS_AT_ONCE_MAX = 256;

/** One flat text: put together character by character it would be a chain of pieces. */
export function toHex(bytes: Bytes): string {
  if (2 * bytes.length > CHARACTERS_AT_ONCE_MAX) {
    const half = Math.ceil(bytes.length / 2);
    return toHex(bytes.subarray(0, half)) + toHex(bytes.subarray(half));
  }
  const codes = new Array<number>(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    codes[2 * i] = HEX_CODES[byte >> 4] as number;
    codes[2 * i + 1] = HEX_CODES[byte & 15] as number;
  }
  return String.fromCharCode.apply(null, codes);
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
const SHORT_TEXT_BYTES_MAX = 40;

/**
 * A short text of nothing but ASCII. Subjects, ids and types are such, and a nation's slips have millions of them: a
 * decoder's call costs more.
 * @returns undefined for any other
 */
export function shortAscii(bytes: Bytes, from: number, to: number): string | undefined {
  if (to - from > SHORT_TEXT_BYTES_MAX) return undefined;
  const codes = new Array<number>(to - from);
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x80) return undefined;
    codes[i - from] = byte;
  }
  return String.fromCharCode.apply(null, codes);
}

/** @returns undefined where the bytes are not well-formed UTF-8. */
export function fromUtf8(bytes: Bytes): string | undefined {
  const short = shortAscii(bytes, 0, bytes.length);
  if (short !== undefined) return short;
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
