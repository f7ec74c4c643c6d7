/**
 * Codecs between typed values and deterministic CBOR, composed by the generated modules.
 * Every shape carries its bounds, so that a decoded value needs no further check of size.
 */
import { failure, type Result, success } from '../result.ts';
import type { Bytes } from './bytes.ts';
import { utf8 } from './bytes.ts';
import { type CborValue, type DecodeFault, decodeCbor, encodeCbor } from './cbor.ts';

export interface Shape<Value> {
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
): Shape<Value> {
  const check = (raw: unknown, at: string): Value => {
    demand(holds(raw), at, wanted);
    return raw;
  };
  return { toCbor: check, fromCbor: check };
}

/** An unsigned integer 0…max; `max` is at most 2^53-1. */
export const uint = (max: number): Shape<number> =>
  simple(
    `an integer from 0 to ${max}`,
    (raw): raw is number => Number.isSafeInteger(raw) && (raw as number) >= 0 && (raw as number) <= max,
  );

export const bytes = (min: number, max: number): Shape<Bytes> =>
  simple(
    min === max ? `${min} bytes` : `${min} to ${max} bytes`,
    (raw): raw is Bytes => raw instanceof Uint8Array && raw.length >= min && raw.length <= max,
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
export const text = (max: number): Shape<string> =>
  simple(
    `text of at most ${max} bytes without control characters`,
    (raw): raw is string =>
      typeof raw === 'string' &&
      raw.length <= max &&
      (isPlainText(raw) || (utf8(raw).length <= max && !/\p{Cc}/u.test(raw) && raw.isWellFormed())),
  );

export const bool: Shape<boolean> = simple(
  'true or false',
  (raw): raw is boolean => typeof raw === 'boolean',
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
  return {
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
  return {
    toCbor(value, at) {
      const variant = Object.hasOwn(variants, value.kind) ? variants[value.kind] : undefined;
      demand(variant !== undefined, at, wanted);
      return [variant.tag, variant.shape().toCbor(value, at)];
    },
    fromCbor(raw, at) {
      demand(Array.isArray(raw) && raw.length === 2, at, wanted);
      for (const [kind, variant] of Object.entries(variants)) {
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
  try {
    return encodeCbor(shape.toCbor(value, ''));
  } catch (cause) {
    if (cause instanceof ShapeFault) throw new RangeError(cause.message);
    throw cause;
  }
}

export function decode<Value>(
  shape: Shape<Value>,
  encoded: Bytes,
  bytesMax?: number,
): Result<Value, DecodeFault> {
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
