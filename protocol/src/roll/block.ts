/**
 * Entries of the roll in order of their positions: `count u32 | gap bytes u32 | gaps | classes`. A gap is written as
 * Golomb and Rice have it: its high part in ones and a zero, its low part in `riceBits` bits. Blocks of the roll and
 * bodies of its deltas have one form.
 */
import { type Bytes, concatBytes } from '../codec/bytes.ts';
import { ROLL_POSITIONS } from '../records/bounds.ts';
import { BitWriter, peek24 } from './bits.ts';
import { hasFirstRoundIndex, packClass, packedClass, packedFirstRound } from './classes.ts';
import { CODE_BITS_MAX, type PrefixCode } from './prefix-code.ts';

export interface EntryForm {
  readonly riceBits: number;
  readonly code: PrefixCode;
  /** bits of a constituency's index */
  readonly indexBits: number;
}

export const BLOCK_HEAD_BYTES = 8;
const RICE_LOW_BITS_AT_ONCE = 15;

/** Low bits that make gaps of this many positions shortest: near log2(ln 2 × gap). */
export const riceBitsFor = (positions: number, entries: number): number =>
  entries === 0
    ? 0
    : Math.max(0, Math.min(30, Math.round(Math.log2(Math.max(1, (positions / entries) * Math.LN2)))));

const uint32 = (value: number): Bytes =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
const readUint32 = (bytes: Bytes, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0;

export interface EntryList {
  /** ascending */
  readonly positions: Uint32Array;
  readonly packed: Uint32Array;
}

/** @param entries by position, each position once, none below `start`; the first `count` of them are written */
export function encodeEntries(form: EntryForm, start: number, entries: EntryList, count: number): Bytes {
  const { riceBits, code, indexBits } = form;
  const gapWriter = new BitWriter();
  const classWriter = new BitWriter();
  const lowMask = 2 ** riceBits - 1;
  let next = start;
  for (let at = 0; at < count; at++) {
    const position = entries.positions[at] as number;
    const packed = entries.packed[at] as number;
    // Below 2^30: shifts are whole.
    const gap = position - next;
    gapWriter.ones(gap >>> riceBits);
    gapWriter.write(0, 1);
    gapWriter.write(gap & lowMask, riceBits);
    next = position + 1;
    const cls = packedClass(packed);
    classWriter.write(code.words[cls] as number, code.lengths[cls] as number);
    if (hasFirstRoundIndex(cls)) classWriter.write(packedFirstRound(packed), indexBits);
  }
  const gapBytes = gapWriter.finish();
  return concatBytes(uint32(count), uint32(gapBytes.length), gapBytes, classWriter.finish());
}

export type FoundEntry =
  | { readonly kind: 'found'; readonly packed: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'malformed' };

const ABSENT: FoundEntry = { kind: 'absent' };
const MALFORMED: FoundEntry = { kind: 'malformed' };

class GapReader {
  readonly #bytes: Bytes;
  readonly #riceBits: number;
  readonly #factor: number;
  readonly #end: number;
  #bit = BLOCK_HEAD_BYTES * 8;

  constructor(bytes: Bytes, riceBits: number, end: number) {
    this.#bytes = bytes;
    this.#riceBits = riceBits;
    this.#factor = 2 ** riceBits;
    this.#end = end;
  }

  /** @returns -1 where the gaps end before their count */
  next(): number {
    const bytes = this.#bytes;
    let bit = this.#bit;
    let high = 0;
    for (;;) {
      const run = Math.min(24, Math.clz32(~(peek24(bytes, bit) << 8)));
      high += run;
      bit += run;
      if (run < 24) break;
      if (bit >= this.#end) return -1;
    }
    bit++;
    let low = 0;
    for (let left = this.#riceBits; left > 0; left -= RICE_LOW_BITS_AT_ONCE) {
      const taken = Math.min(left, RICE_LOW_BITS_AT_ONCE);
      low = low * 2 ** taken + (peek24(bytes, bit) >>> (24 - taken));
      bit += taken;
    }
    this.#bit = bit;
    return bit > this.#end ? -1 : high * this.#factor + low;
  }
}

class ClassReader {
  readonly #form: EntryForm;
  readonly #bytes: Bytes;
  #bit: number;

  constructor(form: EntryForm, bytes: Bytes, from: number) {
    this.#form = form;
    this.#bytes = bytes;
    this.#bit = from;
  }

  /** @returns the packed class, -1 where the bits are none */
  next(): number {
    const { code, indexBits } = this.#form;
    const bits = peek24(this.#bytes, this.#bit) >>> (24 - CODE_BITS_MAX);
    if (code.known[bits] === 0) return -1;
    const cls = code.symbols[bits] as number;
    this.#bit += code.lengths[cls] as number;
    let index = 0;
    if (hasFirstRoundIndex(cls)) {
      index = peek24(this.#bytes, this.#bit) >>> (24 - indexBits);
      this.#bit += indexBits;
    }
    return this.#bit > this.#bytes.length * 8 ? -1 : packClass(cls, index);
  }
}

interface Parts {
  readonly count: number;
  readonly gaps: GapReader;
  readonly classes: ClassReader;
}

function partsOf(form: EntryForm, bytes: Bytes): Parts | undefined {
  if (bytes.length < BLOCK_HEAD_BYTES) return undefined;
  const gapsEnd = BLOCK_HEAD_BYTES + readUint32(bytes, 4);
  if (gapsEnd > bytes.length) return undefined;
  return {
    count: readUint32(bytes, 0),
    gaps: new GapReader(bytes, form.riceBits, gapsEnd * 8),
    classes: new ClassReader(form, bytes, gapsEnd * 8),
  };
}

/** Total: any bytes give an answer in time proportional to their number. @param start first position of the block */
export function findEntry(form: EntryForm, bytes: Bytes, start: number, wanted: number): FoundEntry {
  const parts = partsOf(form, bytes);
  if (parts === undefined) return MALFORMED;
  const { count, gaps, classes } = parts;
  let position = start - 1;
  let place = 0;
  for (; place < count; place++) {
    const gap = gaps.next();
    if (gap < 0) return MALFORMED;
    position += gap + 1;
    if (position >= wanted) break;
  }
  if (place === count || position !== wanted) return ABSENT;
  for (let before = 0; before < place; before++) if (classes.next() < 0) return MALFORMED;
  const packed = classes.next();
  return packed < 0 ? MALFORMED : { kind: 'found', packed };
}

/** All entries of a block or body. Total. @param countMax more are refused unread */
export function decodeEntries(
  form: EntryForm,
  bytes: Bytes,
  start: number,
  countMax: number,
): EntryList | undefined {
  const parts = partsOf(form, bytes);
  // An entry takes two bits at least: a count that the bytes cannot hold reserves no memory.
  if (parts === undefined || parts.count > Math.min(countMax, bytes.length * 4)) return undefined;
  const positions = new Uint32Array(parts.count);
  const packed = new Uint32Array(parts.count);
  let position = start - 1;
  for (let place = 0; place < parts.count; place++) {
    const gap = parts.gaps.next();
    const cls = parts.classes.next();
    position += gap + 1;
    if (gap < 0 || cls < 0 || position >= ROLL_POSITIONS) return undefined;
    positions[place] = position;
    packed[place] = cls;
  }
  return { positions, packed };
}
