/**
 * A strict JSON reader (RFC 8259) over bytes. The platform's own parser keeps silent where an election must not:
 * it takes the last of two equal keys, rounds large numbers and accepts any depth.
 */
import { fromUtf8 } from '../codec/bytes.ts';
import { pathTo, quoted, refuse } from './refusal.ts';

/** A number that is not written as a plain integer of at most 15 digits; kept as text, so that nothing is rounded. */
export class OtherNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type JsonObject = ReadonlyMap<string, JsonValue>;
export type JsonValue = null | boolean | string | number | OtherNumber | readonly JsonValue[] | JsonObject;

export const DEPTH_MAX = 16;
export const STRING_BYTES_MAX = 4_096;
export const JSON_BYTES_MAX = 1_073_741_824;
export const INTEGER_DIGITS_MAX = 15;

/**
 * Candidate ids come back in every box: keeping one string for each makes the large files several times faster.
 * A power of two; a small file needs a small table.
 */
const KEPT_KEYS = 65_536;
const KEPT_KEYS_SMALL = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x22, '"'],
  [0x5c, '\\'],
  [0x2f, '/'],
  [0x62, '\b'],
  [0x66, '\f'],
  [0x6e, '\n'],
  [0x72, '\r'],
  [0x74, '\t'],
]);

export class JsonText {
  readonly #bytes: Uint8Array;
  readonly #keys: (string | undefined)[];
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(bytes: Uint8Array, bytesMax = JSON_BYTES_MAX) {
    if (bytes.length > bytesMax) refuse('$', `expected at most ${bytesMax} bytes, found ${bytes.length}`);
    this.#bytes = bytes;
    this.#keys = new Array(bytes.length > KEPT_KEYS ? KEPT_KEYS : KEPT_KEYS_SMALL);
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3;
  }

  /** One whole document and nothing after it. */
  document(): JsonValue {
    const value = this.value();
    this.end();
    return value;
  }

  value(): JsonValue {
    this.#space();
    const byte = this.#bytes[this.#at];
    switch (byte) {
      case 0x7b: {
        const members = new Map<string, JsonValue>();
        this.object((key) => {
          members.set(key, this.value());
        }, members);
        return members;
      }
      case 0x5b: {
        const items: JsonValue[] = [];
        this.array(() => {
          items.push(this.value());
        });
        return items;
      }
      case QUOTE:
        return this.#string(false);
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        if (byte === 0x2d || (byte !== undefined && byte >= 0x30 && byte <= 0x39)) return this.#number();
        return this.#fail('expected a value');
    }
  }

  /** Calls `member` with each key, the reader standing before its value. Equal keys are refused. */
  object(member: (key: string) => void, seen: { has(key: string): boolean }): void {
    this.#open(0x7b, 'an object');
    this.#space();
    if (this.#bytes[this.#at] === 0x7d) {
      this.#at++;
      return;
    }
    for (;;) {
      this.#space();
      if (this.#bytes[this.#at] !== QUOTE) this.#fail('expected a key in double quotes');
      const key = this.#string(true);
      this.#path.push(key);
      if (seen.has(key)) refuse(this.#where(), 'this key appears twice in one object');
      this.#space();
      if (this.#bytes[this.#at] !== 0x3a) this.#fail('expected ":"');
      this.#at++;
      this.#limitDepth();
      member(key);
      this.#path.pop();
      this.#space();
      const next = this.#bytes[this.#at++];
      if (next === 0x7d) return;
      if (next !== 0x2c) {
        this.#at--;
        this.#fail('expected "," or "}"');
      }
    }
  }

  array(item: (index: number) => void): void {
    this.#open(0x5b, 'an array');
    this.#space();
    if (this.#bytes[this.#at] === 0x5d) {
      this.#at++;
      return;
    }
    for (let index = 0; ; index++) {
      this.#path.push(index);
      this.#limitDepth();
      item(index);
      this.#path.pop();
      this.#space();
      const next = this.#bytes[this.#at++];
      if (next === 0x5d) return;
      if (next !== 0x2c) {
        this.#at--;
        this.#fail('expected "," or "]"');
      }
    }
  }

  end(): void {
    this.#space();
    if (this.#at < this.#bytes.length) this.#fail('expected the end of the file');
  }

  #limitDepth(): void {
    if (this.#path.length > DEPTH_MAX) this.#fail(`nested deeper than ${DEPTH_MAX} levels`);
  }

  #open(byte: number, what: string): void {
    this.#space();
    if (this.#bytes[this.#at] !== byte) this.#fail(`expected ${what}`);
    this.#at++;
  }

  #space(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at++;
    }
  }

  #word<Value>(word: string, value: Value): Value {
    for (let i = 0; i < word.length; i++) {
      if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) return this.#fail(`expected ${word}`);
    }
    this.#at += word.length;
    return value;
  }

  #number(): number | OtherNumber {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let value = 0;
    while (at - start < INTEGER_DIGITS_MAX) {
      const digit = (bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    const next = bytes[at] ?? 0;
    const leadingZero = bytes[start] === 0x30 && at - start > 1;
    const plain = at > start && !leadingZero && next !== 0x2e && (next | 0x20) !== 0x65;
    if (plain && (next < 0x30 || next > 0x39)) {
      this.#at = at;
      return value;
    }
    return this.#otherNumber();
  }

  #otherNumber(): number | OtherNumber {
    const start = this.#at;
    let end = start;
    while (end - start < STRING_BYTES_MAX && /[-+.0-9eE]/.test(String.fromCharCode(this.#bytes[end] ?? 0)))
      end++;
    let text = '';
    for (let i = start; i < end; i++) text += String.fromCharCode(this.#bytes[i] ?? 0);
    if (!/^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(text)) {
      this.#fail(`${quoted(text)} is not a JSON number`);
    }
    this.#at = end;
    return /^-[1-9][0-9]{0,14}$/.test(text) ? Number(text) : new OtherNumber(text);
  }

  #string(keep: boolean): string {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    let at = start;
    let hash = 0x811c9dc5;
    for (;;) {
      const byte = bytes[at];
      if (byte === QUOTE) break;
      if (byte === undefined || byte < 0x20 || byte === BACKSLASH || byte >= 0x80)
        return this.#longString(start, at);
      hash = Math.imul(hash ^ byte, 0x01000193);
      at++;
    }
    if (at - start > STRING_BYTES_MAX) this.#fail(`a string is longer than ${STRING_BYTES_MAX} bytes`);
    this.#at = at + 1;
    const slot = (hash ^ (hash >>> 16)) & (this.#keys.length - 1);
    const kept = keep ? this.#keys[slot] : undefined;
    if (kept !== undefined && this.#isAt(start, at - start, kept)) return kept;
    const text = this.#latin(start, at);
    if (keep) this.#keys[slot] = text;
    return text;
  }

  #isAt(start: number, length: number, text: string): boolean {
    if (text.length !== length) return false;
    for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== this.#bytes[start + i]) return false;
    return true;
  }

  #latin(start: number, end: number): string {
    let text = '';
    for (let i = start; i < end; i++) text += String.fromCharCode(this.#bytes[i] as number);
    return text;
  }

  /** A string with escapes or letters beyond ASCII: `plain` is where the first of them stands. */
  #longString(start: number, plain: number): string {
    let text = this.#latin(start, plain);
    let run = plain;
    this.#at = plain;
    for (;;) {
      if (this.#at - start > STRING_BYTES_MAX)
        this.#fail(`a string is longer than ${STRING_BYTES_MAX} bytes`);
      const byte = this.#bytes[this.#at];
      if (byte === undefined) return this.#fail('a string is not closed');
      if (byte < 0x20) return this.#fail('a control character stands in a string');
      if (byte === QUOTE || byte === BACKSLASH) {
        text += fromUtf8NoMark(this.#bytes.subarray(run, this.#at)) ?? this.#fail('a string is not UTF-8');
        this.#at++;
        if (byte === QUOTE) break;
        text += this.#escape();
        run = this.#at;
      } else this.#at++;
    }
    if (!text.isWellFormed()) this.#fail('a string holds half of a surrogate pair');
    return text;
  }

  #escape(): string {
    const byte = this.#bytes[this.#at++] ?? 0;
    if (byte !== 0x75) return ESCAPES.get(byte) ?? this.#fail('unknown escape in a string');
    const digits = this.#latin(this.#at, Math.min(this.#at + 4, this.#bytes.length));
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail('expected four hexadecimal digits after \\u');
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #where(): string {
    return this.#path.reduce<string>((path, step) => pathTo(path, step), '$');
  }

  #fail(problem: string): never {
    const byte = Math.min(this.#at, this.#bytes.length);
    return refuse(this.#where(), `not JSON at byte ${byte}: ${problem}`);
  }
}

/** The decoder drops a byte order mark at the start of what it is given; inside a string it is a letter like others. */
function fromUtf8NoMark(bytes: Uint8Array): string | undefined {
  const text = fromUtf8(bytes);
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return text !== undefined && marked ? `\ufeff${text}` : text;
}

/** A plain JavaScript value as if it had been read from JSON text; anything that JSON cannot say is refused. */
export function jsonFromPlain(value: unknown, path = '$', depth = 0): JsonValue {
  if (depth > DEPTH_MAX) refuse(path, `nested deeper than ${DEPTH_MAX} levels`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') {
    const plain = Number.isSafeInteger(value) && !Object.is(value, -0);
    return plain ? value : new OtherNumber(String(value));
  }
  if (Array.isArray(value)) return value.map((item, i) => jsonFromPlain(item, pathTo(path, i), depth + 1));
  if (value instanceof Map || (typeof value === 'object' && value !== undefined)) {
    const entries: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
    const members = new Map<string, JsonValue>();
    for (const [key, member] of entries) {
      if (typeof key !== 'string') refuse(path, 'expected text keys');
      if (member !== undefined) members.set(key, jsonFromPlain(member, pathTo(path, key), depth + 1));
    }
    return members;
  }
  return refuse(path, `expected a JSON value, found ${typeof value}`);
}
