/**
 * Deterministic CBOR (RFC 8949 §4.2.1): shortest integers, definite lengths, sorted unique keys.
 * The model is small on purpose: unsigned integers up to 2^53-1, byte strings, text strings, booleans,
 * arrays and maps with unsigned integer keys. Anything else is refused.
 */
import { decode as cborgDecode, encode as cborgEncode, rfc8949EncodeOptions } from 'cborg';
import { failure, type Result, success } from '../result.ts';
import { type Bytes, equalBytes } from './bytes.ts';
import { readModel, writeModel } from './cbor-model.ts';

export type CborValue =
  | number
  | string
  | boolean
  | Bytes
  | readonly CborValue[]
  | ReadonlyMap<number, CborValue>;

/** Why some bytes are not a value of ours; `at` is the path of the field, for example `contests[2].seats`. */
export interface DecodeFault {
  readonly code: 'too_long' | 'malformed' | 'not_canonical' | 'wrong_shape';
  readonly at: string;
  readonly wanted: string;
}

/** No record or message of ours is larger: a 3,500-candidate package's candidate list is under 1 MiB. */
export const CBOR_BYTES_MAX = 8 * 1024 * 1024;

const DECODE_OPTIONS = {
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
} as const;

/** Under Node cborg returns a Buffer, whose `slice` is a view and not a copy: never let one out, nor in. */
export const plain = (bytes: Bytes): Bytes =>
  bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function encodeCbor(value: CborValue): Bytes {
  return writeModel(value) ?? plain(cborgEncode(value, rfc8949EncodeOptions));
}

/** The encoder is the judge of canonicity: what it would not write back byte for byte is refused. */
export function decodeCbor(bytes: Bytes, bytesMax = CBOR_BYTES_MAX): Result<unknown, DecodeFault> {
  if (bytes.length > bytesMax) {
    return failure({ code: 'too_long', at: '', wanted: `at most ${bytesMax} bytes` });
  }
  const known = readModel(plain(bytes));
  if (known !== undefined) return success(known);
  try {
    const value: unknown = cborgDecode(plain(bytes), DECODE_OPTIONS);
    const again: Bytes = cborgEncode(value, rfc8949EncodeOptions);
    if (!equalBytes(again, bytes)) {
      return failure({
        code: 'not_canonical',
        at: '',
        wanted: 'deterministic CBOR (RFC 8949 section 4.2.1)',
      });
    }
    return success(value);
  } catch {
    return failure({ code: 'malformed', at: '', wanted: 'one well-formed CBOR item' });
  }
}
