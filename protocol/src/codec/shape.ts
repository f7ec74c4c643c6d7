/**
 * Codecs between typed values and deterministic CBOR, composed by the generated modules.
 * Every shape carries its bounds, so that a decoded value needs no further check of size.
 */
import { failure, type Result, success } from '../result.ts';
import type { Bytes } from './bytes.ts';
import { utf8 } from './bytes.ts';
import { CBOR_BYTES_MAX, type CborValue, type DecodeFault, decodeCbor, encodeCbor, plain } from './cbor.ts';
import { OUTSIDE, Reader, type Writer, written } from './cbor-model.ts';

/**
 * `read` and `write` are the short way, straight from bytes to values and back: a nation's slips are millions of
 * fields. They take exactly what is legal; of anything else they only say OUTSIDE, and the long way over the model,
 * `fromCbor` and `toCbor`, gives the reason.
 */
export interface Shape<Value> {
  /** @throws OUTSIDE for anything but one canonical item of this shape */
  read(reader: Reader): Value;
  /** @throws OUTSIDE where the value breaks a bound */
  write(writer: Writer, value: Value): void;
  /** @throws RangeError where the value breaks a bound: the caller made an illegal value. */
  toCbor(value: Value, at: string): CborValue;
  /** @throws ShapeFault, caught by `decode`. */
  fromCbor(raw: unknown, at: string): Value;
}

class ShapeFault extends Error {
  readonly at: string;
  readonly wanted: string;
  constructor(at: string, wanted: string) {
    super(`${at}: wanted ${wanted}`);
    this.at = at;
    this.wanted = wanted;
  }
}

function demand(condition: boolean, at: string, wanted: string): asserts condition {
  if (!condition) throw new ShapeFault(at, wanted);
}

/** Paths are spelled out only for a fault, from the inside out: a nation's slips are millions of fields. */
function within<Value>(step: () => string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ShapeFault) throw new ShapeFault(step() + cause.at, cause.wanted);
    throw cause;
  }
}

function simple<Value extends CborValue>(
  wanted: string,
  holds: (raw: unknown) => raw is Value,
  read: (reader: Reader) => Value,
  put: (writer: Writer, value: Value) => void,
): Shape<Value> {
  const check = (raw: unknown, at: string): Value => {
    demand(holds(raw), at, wanted);
    return raw;
  };
  const write = (writer: Writer, value: Value): void => {
    if (!holds(value)) throw OUTSIDE;
    put(writer, value);
  };
  return { toCbor: check, fromCbor: check, read, write };
}

/** An unsigned integer 0…max; `max` is at most 2^53-1. */
export const uint = (max: number): Shape<number> =>
  simple(
    `an integer from 0 to ${max}`,
    (raw): raw is number => Number.isSafeInteger(raw) && (raw as number) >= 0 && (raw as number) <= max,
    (reader) => {
      const value = reader.uint();
      if (value > max) throw OUTSIDE;
      return value;
    },
    (writer, value) => writer.uint(value),
  );

export const bytes = (min: number, max: number): Shape<Bytes> =>
  simple(
    min === max ? `${min} bytes` : `${min} to ${max} bytes`,
    (raw): raw is Bytes => raw instanceof Uint8Array && raw.length >= min && raw.length <= max,
    (reader) => reader.byteString(min, max),
    (writer, value) => writer.byteString(value),
  );

/** Printable ASCII and nothing else: the plain case, decided without encoding anything. */
function isPlainText(raw: string): boolean {
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** Text of at most `max` bytes of UTF-8, without control characters. */
export function text(max: number): Shape<string> {
  const holds = (raw: unknown): raw is string =>
    typeof raw === 'string' &&
    raw.length <= max &&
    (isPlainText(raw) || (utf8(raw).length <= max && !/\p{Cc}/u.test(raw) && raw.isWellFormed()));
  return simple(
    `text of at most ${max} bytes without control characters`,
    holds,
    (reader) => {
      const value = reader.textString(max);
      if (!holds(value)) throw OUTSIDE;
      return value;
    },
    (writer, value) => writer.textString(value),
  );
}

export const bool: Shape<boolean> = simple(
  'true or false',
  (raw): raw is boolean => typeof raw === 'boolean',
  (reader) => reader.bool(),
  (writer, value) => writer.bool(value),
);

export function enumeration<Name extends string>(codes: Readonly<Record<Name, number>>): Shape<Name> {
  const names = new Map<number, Name>();
  for (const name of Object.keys(codes) as Name[]) names.set(codes[name], name);
  const wanted = `one of ${Object.keys(codes).join(', ')}`;
  return {
    toCbor(value, at) {
      const code = Object.hasOwn(codes, value) ? codes[value] : undefined;
      demand(code !== undefined, at, wanted);
      return code;
    },
    fromCbor(raw, at) {
      const name = typeof raw === 'number' ? names.get(raw) : undefined;
      demand(name !== undefined, at, wanted);
      return name;
    },
    read(reader) {
      const name = names.get(reader.uint());
      if (name === undefined) throw OUTSIDE;
      return name;
    },
    write(writer, value) {
      if (!Object.hasOwn(codes, value)) throw OUTSIDE;
      writer.uint(codes[value]);
    },
  };
}

export function list<Item>(item: Shape<Item>, min: number, max: number): Shape<readonly Item[]> {
  const wanted = `a list of ${min} to ${max} items`;
  return {
    toCbor(value, at) {
      demand(value.length >= min && value.length <= max, at, wanted);
      let i = 0;
      return within(
        () => `${at}[${i}]`,
        () => {
          const out: CborValue[] = [];
          for (; i < value.length; i++) out.push(item.toCbor(value[i] as Item, ''));
          return out;
        },
      );
    },
    fromCbor(raw, at) {
      demand(Array.isArray(raw) && raw.length >= min && raw.length <= max, at, wanted);
      let i = 0;
      return within(
        () => `${at}[${i}]`,
        () => {
          const out: Item[] = [];
          for (; i < raw.length; i++) out.push(item.fromCbor(raw[i], ''));
          return out;
        },
      );
    },
    read(reader) {
      const length = reader.arrayHead();
      if (length < min || length > max) throw OUTSIDE;
      const out: Item[] = [];
      for (let i = 0; i < length; i++) out.push(item.read(reader));
      return out;
    },
    write(writer, value) {
      if (value.length < min || value.length > max) throw OUTSIDE;
      writer.arrayHead(value.length);
      for (let i = 0; i < value.length; i++) item.write(writer, value[i] as Item);
    },
  };
}

export interface Field {
  readonly key: number;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: a struct's fields differ in type; the generated interface states them
  readonly shape: () => Shape<any>;
  readonly optional?: true;
}

/** A CBOR map with the fields' integer keys; unknown keys are refused. */
export function struct<Value extends object>(fields: readonly Field[]): Shape<Value> {
  const known = new Set(fields.map((field) => field.key));
  // Canonical maps are in the order of their keys; a struct that is declared in another goes the long way.
  const isInOrder = fields.every(({ key }, i) => i === 0 || key > (fields[i - 1] as Field).key);
  /** found at the first use: shapes refer to each other */
  let shapes: readonly Shape<unknown>[] | undefined;
  const shapesOf = (): readonly Shape<unknown>[] => {
    if (!isInOrder) throw OUTSIDE;
    shapes ??= fields.map(({ shape }) => shape() as Shape<unknown>);
    return shapes;
  };
  return {
    read(reader) {
      const of = shapesOf();
      let left = reader.mapHead();
      const out: Record<string, unknown> = {};
      for (let i = 0; i < fields.length; i++) {
        const field = fields[i] as Field;
        if (left > 0 && reader.takesKey(field.key)) {
          out[field.name] = (of[i] as Shape<unknown>).read(reader);
          left--;
        } else if (field.optional !== true) throw OUTSIDE;
      }
      if (left > 0) throw OUTSIDE;
      return out as Value;
    },
    write(writer, value) {
      const of = shapesOf();
      const values = value as Record<string, unknown>;
      let present = 0;
      for (let i = 0; i < fields.length; i++) {
        const field = fields[i] as Field;
        if (values[field.name] !== undefined) present++;
        else if (field.optional !== true) throw OUTSIDE;
      }
      writer.mapHead(present);
      for (let i = 0; i < fields.length; i++) {
        const field = fields[i] as Field;
        const inner = values[field.name];
        if (inner === undefined) continue;
        writer.uint(field.key);
        (of[i] as Shape<unknown>).write(writer, inner);
      }
    },
    toCbor(value, at) {
      const out = new Map<number, CborValue>();
      for (const field of fields) {
        const inner = (value as Record<string, unknown>)[field.name];
        if (inner === undefined) {
          demand(field.optional === true, `${at}.${field.name}`, 'a value');
          continue;
        }
        const written = within(
          () => `${at}.${field.name}`,
          () => field.shape().toCbor(inner, ''),
        );
        out.set(field.key, written);
      }
      return out;
    },
    fromCbor(raw, at) {
      demand(raw instanceof Map, at, 'a map');
      for (const key of raw.keys())
        demand(known.has(key), at, `no unknown field ${String(key).slice(0, 20)}`);
      const out: Record<string, unknown> = {};
      for (const field of fields) {
        const inner: unknown = raw.get(field.key);
        if (inner === undefined) {
          demand(field.optional === true, `${at}.${field.name}`, 'a value');
          continue;
        }
        out[field.name] = within(
          () => `${at}.${field.name}`,
          () => field.shape().fromCbor(inner, ''),
        );
      }
      return out as Value;
    },
  };
}

export interface Variant {
  readonly tag: number;
  // biome-ignore lint/suspicious/noExplicitAny: variants differ in type; the generated union states them
  readonly shape: () => Shape<any>;
}

/** `[tag, body]`; in TypeScript the body's fields beside `kind`. */
export function union<Value extends { readonly kind: string }>(
  variants: Readonly<Record<string, Variant>>,
): Shape<Value> {
  const wanted = `one of ${Object.keys(variants).join(', ')}`;
  const kinds = Object.entries(variants);
  return {
    read(reader) {
      if (reader.arrayHead() !== 2) throw OUTSIDE;
      const tag = reader.uint();
      for (const [kind, variant] of kinds)
        if (variant.tag === tag) return { kind, ...variant.shape().read(reader) } as unknown as Value;
      throw OUTSIDE;
    },
    write(writer, value) {
      const variant = Object.hasOwn(variants, value.kind) ? variants[value.kind] : undefined;
      if (variant === undefined) throw OUTSIDE;
      writer.arrayHead(2);
      writer.uint(variant.tag);
      variant.shape().write(writer, value);
    },
    toCbor(value, at) {
      const variant = Object.hasOwn(variants, value.kind) ? variants[value.kind] : undefined;
      demand(variant !== undefined, at, wanted);
      return [variant.tag, variant.shape().toCbor(value, at)];
    },
    fromCbor(raw, at) {
      demand(Array.isArray(raw) && raw.length === 2, at, wanted);
      for (const [kind, variant] of kinds) {
        if (variant.tag === raw[0])
          return {
            kind,
            ...within(
              () => `${at}(${kind})`,
              () => variant.shape().fromCbor(raw[1], ''),
            ),
          } as unknown as Value;
      }
      throw new ShapeFault(at, wanted);
    },
  };
}

/** @throws RangeError for a value outside its shape: a programming error, not an input error. */
export function encode<Value>(shape: Shape<Value>, value: Value): Bytes {
  const direct = written((writer) => {
    shape.write(writer, value);
  });
  if (direct !== undefined) return direct;
  try {
    return encodeCbor(shape.toCbor(value, ''));
  } catch (cause) {
    if (cause instanceof ShapeFault) throw new RangeError(cause.message);
    throw cause;
  }
}

function readDirectly<Value>(shape: Shape<Value>, encoded: Bytes, copies: boolean): Value | undefined {
  const reader = new Reader(plain(encoded), copies);
  try {
    const value = shape.read(reader);
    return reader.isAtEnd ? value : undefined;
  } catch (cause) {
    if (cause === OUTSIDE) return undefined;
    throw cause;
  }
}

/**
 * @param kept what is decoded may outlive the bytes; where it does not, short byte strings are views of them, which
 * is cheaper
 */
export function decode<Value>(
  shape: Shape<Value>,
  encoded: Bytes,
  bytesMax = CBOR_BYTES_MAX,
  kept = true,
): Result<Value, DecodeFault> {
  if (encoded.length <= bytesMax) {
    const value = readDirectly(shape, encoded, kept);
    if (value !== undefined) return success(value);
  }
  const raw = decodeCbor(encoded, bytesMax);
  if (!raw.ok) return raw;
  try {
    return success(shape.fromCbor(raw.value, ''));
  } catch (cause) {
    if (cause instanceof ShapeFault)
      return failure({ code: 'wrong_shape', at: cause.at.replace(/^\./, ''), wanted: cause.wanted });
    throw cause;
  }
}
