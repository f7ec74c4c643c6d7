/** Reads a JSON tree into typed values: every field named, bounded, and none left over. */
import { ID_LENGTH_MAX } from './election.ts';
import { type JsonObject, type JsonValue, OtherNumber } from './json-text.ts';
import { pathTo, quoted, refuse } from './refusal.ts';

export type Read<Value> = (value: JsonValue, path: string) => Value;

export function described(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `the text ${quoted(value)}`;
  if (value instanceof OtherNumber) return `the number ${quoted(value.text).slice(1, -1)}`;
  if (typeof value === 'object') return value instanceof Map ? 'an object' : 'an array';
  return String(value);
}

export class ObjectFields {
  readonly path: string;
  readonly #members: JsonObject;
  readonly #known: string[] = [];

  constructor(value: JsonValue, path: string) {
    if (!(value instanceof Map)) refuse(path, `expected an object, found ${described(value)}`);
    this.path = path;
    this.#members = value;
  }

  required<Value>(key: string, read: Read<Value>): Value {
    this.#known.push(key);
    const value = this.#members.get(key);
    if (value === undefined) refuse(pathTo(this.path, key), 'expected this field, but it is missing');
    return read(value, pathTo(this.path, key));
  }

  optional<Value, Fallback>(key: string, fallback: Fallback, read: Read<Value>): Value | Fallback {
    this.#known.push(key);
    const value = this.#members.get(key);
    return value === undefined ? fallback : read(value, pathTo(this.path, key));
  }

  /** A misspelt setting must not pass for its default. */
  end(): void {
    for (const key of this.#members.keys()) {
      if (this.#known.includes(key)) continue;
      refuse(pathTo(this.path, key), `unknown field; expected only ${this.#known.join(', ')}`);
    }
  }
}

export function text(lengthMax: number): Read<string> {
  return (value, path) => {
    if (typeof value !== 'string') return refuse(path, `expected text, found ${described(value)}`);
    if (value.length > lengthMax)
      refuse(path, `expected at most ${lengthMax} characters, found ${value.length}`);
    return value;
  };
}

/** Why a text cannot be an identifier, or null. Line breaks would blur the input of a lot (see lots.ts). */
export function identifierFault(id: string, lengthMax = ID_LENGTH_MAX): string | null {
  if (id.length === 0) return 'must not be empty';
  if (id.length > lengthMax) return `must be at most ${lengthMax} characters, found ${id.length}`;
  if (!id.isWellFormed()) return 'holds half of a surrogate pair';
  if (/[\p{Cc}\u2028\u2029]/u.test(id)) return 'must not hold control characters or line breaks';
  return null;
}

export const identifier: Read<string> = (value, path) => {
  if (typeof value !== 'string') {
    return refuse(path, `expected an identifier in double quotes, found ${described(value)}`);
  }
  const fault = identifierFault(value);
  if (fault !== null) refuse(path, `an identifier ${fault}`);
  return value;
};

export function integer(min: number, max: number): Read<number> {
  return (value, path) => {
    if (typeof value === 'number' && value >= min && value <= max) return value;
    return refuse(
      path,
      `expected an integer from ${min} to ${max}, written in digits; found ${described(value)}`,
    );
  };
}

export const boolean: Read<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(path, `expected true or false, found ${described(value)}`);

export function oneOf<const Word extends string>(words: readonly Word[]): Read<Word> {
  return (value, path) => {
    const word = words.find((known) => known === value);
    if (word !== undefined) return word;
    return refuse(path, `expected one of ${words.map(quoted).join(', ')}; found ${described(value)}`);
  };
}

export function exactly(word: string): Read<string> {
  return (value, path) =>
    value === word ? word : refuse(path, `expected ${quoted(word)}, found ${described(value)}`);
}

export function arrayOf<Value>(lengthMax: number, read: Read<Value>): Read<Value[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return refuse(path, `expected an array, found ${described(value)}`);
    if (value.length > lengthMax) refuse(path, `expected at most ${lengthMax} items, found ${value.length}`);
    return value.map((item: JsonValue, i) => read(item, pathTo(path, i)));
  };
}

export function nullable<Value>(read: Read<Value>): Read<Value | null> {
  return (value, path) => (value === null ? null : read(value, path));
}
