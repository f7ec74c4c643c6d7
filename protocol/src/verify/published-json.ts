/**
 * A published JSON file beside what it should say. The file is read so that no bit of it is free: what would not be
 * written back byte for byte is refused, two equal keys and odd spaces included.
 */
import { type Bytes, equalBytes, fromUtf8, utf8 } from '../codec/bytes.ts';

/** One space of indent, as the province writes it. */
export const jsonText = (value: unknown): string => JSON.stringify(value, null, 1);
/** One line more makes a text file. */
export const jsonFile = (value: unknown): Bytes => utf8(`${jsonText(value)}\n`);
/** As the law prints an outcome: one line. */
export const jsonLine = (value: unknown): Bytes => utf8(`${JSON.stringify(value)}\n`);

/** @returns undefined where the bytes are not exactly what `write` makes of their value */
export function readJson(
  bytes: Bytes,
  write: (value: unknown) => Bytes = jsonFile,
): { value: unknown } | undefined {
  const text = fromUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return equalBytes(write(value), bytes) ? { value } : undefined;
  } catch {
    return undefined; // not JSON, or nested beyond the stack
  }
}

export interface Difference {
  /** for example `contests[0].candidates[3].votes` */
  readonly at: string;
  readonly wanted: string;
}

const SHOWN_MAX = 80;
const shown = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
};
const step = (at: string, key: string): string =>
  /^[a-z_]+$/.test(key) ? (at === '' ? key : `${at}.${key}`) : `${at}[${JSON.stringify(key)}]`;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where two JSON values differ, in order, at most `max` places. The order of keys is of no account. */
export function differences(wanted: unknown, found: unknown, max: number): readonly Difference[] {
  const list: Difference[] = [];
  const walk = (left: unknown, right: unknown, at: string): void => {
    if (list.length >= max || left === right) return;
    if (Array.isArray(left) && Array.isArray(right)) {
      for (let i = 0; i < Math.max(left.length, right.length); i++) walk(left[i], right[i], `${at}[${i}]`);
      return;
    }
    if (isObject(left) && isObject(right)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
        walk(
          Object.hasOwn(left, key) ? left[key] : undefined,
          Object.hasOwn(right, key) ? right[key] : undefined,
          step(at, key),
        );
      return;
    }
    list.push({ at, wanted: `${shown(left)}, not ${shown(right)}` });
  };
  walk(wanted, found, '');
  return list;
}
