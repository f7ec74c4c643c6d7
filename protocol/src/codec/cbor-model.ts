/**
 * The deterministic CBOR of our own model, read and written in one pass: a nation's slips are millions of small items.
 * It knows canonical input and values of the model only; everything else is `undefined` here, and cborg's to judge.
 */
import { type Bytes, fromUtf8, shortAscii } from './bytes.ts';
import type { CborValue } from './cbor.ts';

/** Records of ours nest six deep. */
const DEPTH_MAX = 32;
/** Keys, digests and signatures. */
const COPIED_BYTES_MAX = 64;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
/** An integer in the byte after its head. */
const ONE_BYTE_FOLLOWS = 0x18;
const FALSE = 0xf4;
const TRUE = 0xf5;
const TEXT_ENCODER = new TextEncoder();

/** The least argument that needs one, two, four and eight bytes. */
const LEAST = [24, 256, 65_536, 4_294_967_296];

class OutsideModel extends Error {}
/** One for all: a stack trace a junk request would cost more than its judgement. */
export const OUTSIDE = new OutsideModel('outside the model');

/** Reads canonical items of the model, whole or one by one. @throws OUTSIDE for anything else */
export class Reader {
  readonly #bytes: Bytes;
  readonly #copies: boolean;
  at = 0;

  /** @param copies short byte strings are copies that may outlive the input */
  constructor(bytes: Bytes, copies = true) {
    this.#bytes = bytes;
    this.#copies = copies;
  }

  get isAtEnd(): boolean {
    return this.at === this.#bytes.length;
  }

  /** The argument of the next item, which is of this major type. */
  #head(major: number): number {
    const head = this.#bytes[this.at++];
    if (head === undefined || head >> 5 !== major) throw OUTSIDE;
    const info = head & 31;
    return info < 24 ? info : this.#argument(info);
  }

  /** The same for what holds so many bytes or items: a promise of more than is there is refused at once. */
  #size(major: number): number {
    const size = this.#head(major);
    if (size > this.#bytes.length - this.at) throw OUTSIDE;
    return size;
  }

  uint(): number {
    return this.#head(0);
  }

  bool(): boolean {
    const head = this.#bytes[this.at++];
    if (head !== FALSE && head !== TRUE) throw OUTSIDE;
    return head === TRUE;
  }

  byteString(min: number, max: number): Bytes {
    const length = this.#size(BYTES);
    if (length < min || length > max) throw OUTSIDE;
    const value = this.#string(length);
    this.at += length;
    return value;
  }

  /** @param max bytes of UTF-8; control characters are left to whoever gives the reason */
  textString(max: number): string {
    const length = this.#size(TEXT);
    if (length > max) throw OUTSIDE;
    const value = this.#text(length);
    this.at += length;
    return value;
  }

  /** How many items follow. */
  arrayHead(): number {
    return this.#size(ARRAY);
  }

  /** How many keys follow, each with its value. */
  mapHead(): number {
    return this.#size(MAP);
  }

  /** Whether the next item is this key; then it is read. */
  takesKey(key: number): boolean {
    const bytes = this.#bytes;
    if (key < 24) {
      if (bytes[this.at] !== key) return false;
      this.at++;
      return true;
    }
    if (key > 255 || bytes[this.at] !== ONE_BYTE_FOLLOWS || bytes[this.at + 1] !== key) return false;
    this.at += 2;
    return true;
  }

  /** The argument of a head, in its shortest form only. */
  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw OUTSIDE;
    const width = 1 << (info - 24);
    if (this.at + width > this.#bytes.length) throw OUTSIDE;
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + (this.#bytes[this.at++] as number);
    if (value < (LEAST[info - 24] as number) || value > Number.MAX_SAFE_INTEGER) throw OUTSIDE;
    return value;
  }

  /** A short one is a copy and may outlive the input; a long one is mostly a record, which is taken apart at once. */
  #string(length: number): Bytes {
    const end = this.at + length;
    return this.#copies && length <= COPIED_BYTES_MAX
      ? this.#bytes.slice(this.at, end)
      : this.#bytes.subarray(this.at, end);
  }

  #text(length: number): string {
    const end = this.at + length;
    const short = shortAscii(this.#bytes, this.at, end);
    if (short !== undefined) return short;
    const text = fromUtf8(this.#bytes.subarray(this.at, end));
    // A decoder drops a leading byte order mark: such a text would not be written back.
    if (text === undefined || this.#bytes[this.at] === 0xef) throw OUTSIDE;
    return text;
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

/** Writes items of the model, whole or one by one. @throws OUTSIDE for a value that is none */
export class Writer {
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

  uint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) throw OUTSIDE;
    this.#head(0, value);
  }

  bool(value: boolean): void {
    this.#room(1);
    this.#bytes[this.#at++] = value ? TRUE : FALSE;
  }

  byteString(value: Bytes): void {
    this.#head(BYTES, value.length);
    this.#append(value);
  }

  textString(value: string): void {
    this.#text(value);
  }

  arrayHead(items: number): void {
    this.#head(ARRAY, items);
  }

  mapHead(keys: number): void {
    this.#head(MAP, keys);
  }

  write(value: CborValue, depth: number): void {
    if (depth > DEPTH_MAX) throw OUTSIDE;
    if (typeof value === 'number') {
      this.uint(value);
    } else if (typeof value === 'string') {
      this.#text(value);
    } else if (typeof value === 'boolean') {
      this.bool(value);
    } else if (value instanceof Uint8Array) {
      this.byteString(value);
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

/** @returns undefined where the work leaves the model; it must not write anything of its own in between */
export function written(work: (writer: Writer) => void): Bytes | undefined {
  try {
    work(writer);
    return writer.taken();
  } catch (cause) {
    if (cause === OUTSIDE) return undefined;
    throw cause;
  } finally {
    writer.reset();
  }
}

/** @returns undefined for a value outside the model */
export const writeModel = (value: CborValue): Bytes | undefined =>
  written((one) => {
    one.write(value, 0);
  });
