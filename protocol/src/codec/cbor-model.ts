/**
 * The deterministic CBOR of our own model, read and written in one pass: a nation's slips are millions of small items.
 * It knows canonical input and values of the model only; everything else is `undefined` here, and cborg's to judge.
 */
import { type Bytes, fromUtf8 } from './bytes.ts';
import type { CborValue } from './cbor.ts';

/** Records of ours nest six deep. */
const DEPTH_MAX = 32;
/** Keys, digests and signatures. */
const COPIED_BYTES_MAX = 64;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const FALSE = 0xf4;
const TRUE = 0xf5;
const TEXT_ENCODER = new TextEncoder();

class OutsideModel extends Error {}
/** One for all: a stack trace a junk request would cost more than its judgement. */
const OUTSIDE = new OutsideModel('outside the model');

class Reader {
  readonly #bytes: Bytes;
  at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  /** The argument of a head, in its shortest form only. */
  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw OUTSIDE;
    const width = 1 << (info - 24);
    if (this.at + width > this.#bytes.length) throw OUTSIDE;
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + (this.#bytes[this.at++] as number);
    const least = info === 24 ? 24 : 256 ** (width / 2);
    if (value < least || value > Number.MAX_SAFE_INTEGER) throw OUTSIDE;
    return value;
  }

  /** A short one is a copy and may outlive the input; a long one is mostly a record, which is taken apart at once. */
  #string(length: number): Bytes {
    const end = this.at + length;
    return length <= COPIED_BYTES_MAX ? this.#bytes.slice(this.at, end) : this.#bytes.subarray(this.at, end);
  }

  #text(length: number): string {
    const end = this.at + length;
    let out = '';
    for (let i = this.at; i < end; i++) {
      const byte = this.#bytes[i] as number;
      if (byte >= 0x80) {
        const text = fromUtf8(this.#bytes.subarray(this.at, end));
        // A decoder drops a leading byte order mark: such a text would not be written back.
        if (text === undefined || this.#bytes[this.at] === 0xef) throw OUTSIDE;
        return text;
      }
      out += String.fromCharCode(byte);
    }
    return out;
  }

  value(depth: number): CborValue {
    const head = this.#bytes[this.at++];
    if (head === undefined || depth > DEPTH_MAX) throw OUTSIDE;
    if (head < 24) return head;
    if (head === FALSE || head === TRUE) return head === TRUE;
    const major = head >> 5;
    if (major === 1 || major > MAP) throw OUTSIDE;
    const argument = this.#argument(head & 31);
    if (major === 0) return argument;
    // An item is a byte at least: a promise of more than is there is refused before anything is made for it.
    if (argument > this.#bytes.length - this.at) throw OUTSIDE;
    if (major === BYTES || major === TEXT) {
      const value = major === BYTES ? this.#string(argument) : this.#text(argument);
      this.at += argument;
      return value;
    }
    if (major === ARRAY) {
      const items: CborValue[] = [];
      for (let i = 0; i < argument; i++) items.push(this.value(depth + 1));
      return items;
    }
    const map = new Map<number, CborValue>();
    let before = -1;
    for (let i = 0; i < argument; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== 'number' || key <= before) throw OUTSIDE;
      before = key;
      map.set(key, this.value(depth + 1));
    }
    return map;
  }
}

/** @returns undefined for anything but one canonical item of the model */
export function readModel(bytes: Bytes): CborValue | undefined {
  const reader = new Reader(bytes);
  try {
    const value = reader.value(0);
    return reader.at === bytes.length ? value : undefined;
  } catch (cause) {
    if (cause === OUTSIDE) return undefined;
    throw cause;
  }
}

const headBytes = (argument: number): number =>
  argument < 24 ? 1 : argument < 256 ? 2 : argument < 65_536 ? 3 : argument < 4_294_967_296 ? 5 : 9;

const WRITTEN_BYTES_MIN = 4096;

class Writer {
  #bytes: Bytes = new Uint8Array(WRITTEN_BYTES_MIN);
  #at = 0;

  /** What was written is gone: the buffer lives as long as its process, and a ballot may have gone through it. */
  reset(): void {
    this.#bytes.fill(0, 0, this.#at);
    this.#at = 0;
  }

  taken(): Bytes {
    return this.#bytes.slice(0, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + bytes));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }

  #head(major: number, argument: number): void {
    const bytes = headBytes(argument);
    this.#room(bytes);
    const info = bytes === 1 ? argument : bytes === 2 ? 24 : bytes === 3 ? 25 : bytes === 5 ? 26 : 27;
    this.#bytes[this.#at++] = (major << 5) | info;
    let rest = argument;
    for (let i = bytes - 2; i >= 0; i--) {
      this.#bytes[this.#at + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#at += bytes - 1;
  }

  write(value: CborValue, depth: number): void {
    if (depth > DEPTH_MAX) throw OUTSIDE;
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) throw OUTSIDE;
      this.#head(0, value);
    } else if (typeof value === 'string') {
      this.#text(value);
    } else if (typeof value === 'boolean') {
      this.#room(1);
      this.#bytes[this.#at++] = value ? TRUE : FALSE;
    } else if (value instanceof Uint8Array) {
      this.#head(BYTES, value.length);
      this.#append(value);
    } else if (Array.isArray(value)) {
      this.#head(ARRAY, value.length);
      for (let i = 0; i < value.length; i++) this.write(value[i] as CborValue, depth + 1);
    } else if (value instanceof Map) {
      this.#map(value as ReadonlyMap<number, CborValue>, depth);
    } else throw OUTSIDE;
  }

  #text(value: string): void {
    const start = this.#at;
    this.#head(TEXT, value.length);
    this.#room(value.length);
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code < 0x80) {
        this.#bytes[this.#at++] = code;
        continue;
      }
      if (!value.isWellFormed()) throw OUTSIDE;
      const encoded = TEXT_ENCODER.encode(value);
      this.#at = start;
      this.#head(TEXT, encoded.length);
      this.#append(encoded);
      return;
    }
  }

  #append(bytes: Bytes): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #map(map: ReadonlyMap<number, CborValue>, depth: number): void {
    const keys = [...map.keys()];
    for (const key of keys) if (typeof key !== 'number') throw OUTSIDE;
    keys.sort((a, b) => a - b);
    this.#head(MAP, keys.length);
    for (const key of keys) {
      this.write(key, depth + 1);
      this.write(map.get(key) as CborValue, depth + 1);
    }
  }
}

/** One buffer for all: what is given out is a copy. */
const writer = new Writer();

/** @returns undefined for a value outside the model */
export function writeModel(value: CborValue): Bytes | undefined {
  try {
    writer.write(value, 0);
    return writer.taken();
  } catch (cause) {
    if (cause === OUTSIDE) return undefined;
    throw cause;
  } finally {
    writer.reset();
  }
}
