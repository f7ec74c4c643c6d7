/** Makes rolls and their deltas: people in any order in, signed bytes out. All of it in memory, some 600 MB for a nation. */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes } from '../codec/bytes.ts';
import { MerkleRoot } from '../codec/merkle.ts';
import { encode } from '../codec/shape.ts';
import type { Crypto } from '../crypto/ports.ts';
import {
  ROLL_BLOCKS_MAX,
  ROLL_CHANGES_MAX,
  ROLL_CONSTITUENCIES_MAX,
  ROLL_POSITIONS,
} from '../records/bounds.ts';
import { signRecord } from '../records/cose.ts';
import { type RollDelta, type RollHead, rollDeltaShape, rollHeadShape } from '../records/generated.ts';
import { AUTHORITY_SUBJECT, type ElectionId } from '../records/identifiers.ts';
import { failure, type Result, success } from '../result.ts';
import { type EntryForm, encodeEntries, riceBitsFor } from './block.ts';
import { classCount, indexBits, PACKED_FACTOR, packChange, packedClass, type RollChange } from './classes.ts';
import { BLOCK_INDEX_BYTES, ROLL_DELTA_MAGIC, ROLL_MAGIC } from './file-form.ts';
import { createPermutation, rollKeyCheck } from './permutation.ts';
import { codeLengthsFor, prefixCode } from './prefix-code.ts';

/** One block is read and hashed for a lookup: one kilobyte for a nation's roll. */
export const ENTRIES_PER_BLOCK = 512;
const BUCKET_POSITIONS = 2 ** 20;

export type BuildFault = { readonly code: 'code_repeated' | 'constituency_unknown' | 'too_many_changes' };

/** Entries by position, sorted bucket by bucket: an entry is one number of 53 bits. */
class EntrySorter {
  readonly #buckets: (Float64Array | undefined)[] = [];
  readonly #lengths: number[] = [];
  readonly counts: Uint32Array;
  readonly #constituencies: number;
  size = 0;

  constructor(constituencies: number) {
    this.#constituencies = constituencies;
    this.counts = new Uint32Array(classCount(constituencies));
  }

  /** @returns false where the change names a constituency that is not there */
  add(position: number, change: RollChange): boolean {
    const has = (index: number): boolean => index >= 0 && index < this.#constituencies;
    if (change.status !== 'off_roll' && !has(change.home)) return false;
    if (change.status === 'voted' && !has(change.firstRound)) return false;
    const packed = packChange(change, this.#constituencies);
    const cls = packedClass(packed);
    this.counts[cls] = (this.counts[cls] as number) + 1;
    const bucket = Math.floor(position / BUCKET_POSITIONS);
    const length = this.#lengths[bucket] ?? 0;
    let values = this.#buckets[bucket];
    if (values === undefined || values.length === length) {
      const larger = new Float64Array(Math.max(64, length * 2));
      if (values !== undefined) larger.set(values);
      values = larger;
      this.#buckets[bucket] = larger;
    }
    values[length] = position * PACKED_FACTOR + packed;
    this.#lengths[bucket] = length + 1;
    this.size++;
    return true;
  }

  /** Position and class in one number, ascending; a bucket is let go when it has been read. */
  *sorted(): Generator<Float64Array> {
    for (const [bucket, values] of this.#buckets.entries()) {
      if (values !== undefined) yield values.subarray(0, this.#lengths[bucket]).sort();
      this.#buckets[bucket] = undefined;
    }
  }
}

function formOf(
  sorter: EntrySorter,
  constituencies: number,
  riceBits: number,
): EntryForm & { lengths: Bytes } {
  const lengths = codeLengthsFor(sorter.counts);
  const code = prefixCode(lengths);
  if (code === undefined) throw new Error('lengths that Huffman gave are no prefix code');
  return { riceBits, code, indexBits: indexBits(constituencies), lengths };
}

const uint32 = (value: number): Bytes =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);

export interface RollOrder {
  readonly key: Bytes;
  readonly election: ElectionId;
  /** epoch seconds */
  readonly asOf: number;
  readonly votingAgeYears: number;
  readonly constituencies: readonly string[];
}

export interface RollBuilder {
  /** @param nine the first nine digits of a national code */
  add(nine: number, change: Exclude<RollChange, { readonly status: 'off_roll' }>): void;
  readonly entries: number;
  /** The file as pieces to be written one after another, and its head's payload, which deltas name. */
  finish(
    crypto: Pick<Crypto, 'sign' | 'sha256'>,
    authoritySecretKey: Bytes,
  ): Result<
    { readonly pieces: readonly Bytes[]; readonly head: RollHead; readonly payload: Bytes },
    BuildFault
  >;
}

const blockSpanFor = (entries: number): number =>
  Math.max(
    Math.ceil(ROLL_POSITIONS / ROLL_BLOCKS_MAX),
    Math.min(ROLL_POSITIONS, Math.ceil((ROLL_POSITIONS * ENTRIES_PER_BLOCK) / Math.max(1, entries))),
  );

class WaitingEntries {
  positions = new Uint32Array(1024);
  packed = new Uint32Array(1024);
  count = 0;

  push(position: number, packed: number): void {
    if (this.count === this.positions.length) {
      this.positions = doubled(this.positions);
      this.packed = doubled(this.packed);
    }
    this.positions[this.count] = position;
    this.packed[this.count++] = packed;
  }
}

function doubled(values: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(values.length * 2);
  larger.set(values);
  return larger;
}

/** @returns undefined where a position comes twice: two people with one code. */
function encodeBlocks(
  sorter: EntrySorter,
  form: EntryForm,
  span: number,
  blocks: number,
): Bytes[] | undefined {
  const encoded: Bytes[] = [];
  const waiting = new WaitingEntries();
  const flushTo = (block: number): void => {
    while (encoded.length < block) {
      encoded.push(encodeEntries(form, encoded.length * span, waiting, waiting.count));
      waiting.count = 0;
    }
  };
  let last = -1;
  let end = span;
  for (const values of sorter.sorted()) {
    for (const value of values) {
      const position = Math.floor(value / PACKED_FACTOR);
      if (position === last) return undefined;
      last = position;
      if (position >= end) {
        const block = Math.floor(position / span);
        flushTo(block);
        end = (block + 1) * span;
      }
      waiting.push(position, value - position * PACKED_FACTOR);
    }
  }
  flushTo(blocks);
  return encoded;
}

/** @throws RangeError for a key of wrong length or more constituencies than a roll can name. */
export function createRollBuilder(order: RollOrder): RollBuilder {
  const { constituencies } = order;
  if (constituencies.length < 1 || constituencies.length > ROLL_CONSTITUENCIES_MAX)
    throw new RangeError('a roll names 1 to ROLL_CONSTITUENCIES_MAX constituencies');
  const permutation = createPermutation(order.key);
  const sorter = new EntrySorter(constituencies.length);
  let unknown = false;
  return {
    add(nine, change) {
      if (!sorter.add(permutation.positionOf(nine), change)) unknown = true;
    },
    get entries() {
      return sorter.size;
    },
    finish(crypto, authoritySecretKey) {
      if (unknown) return failure({ code: 'constituency_unknown' });
      const blockSpan = blockSpanFor(sorter.size);
      const blocks = Math.ceil(ROLL_POSITIONS / blockSpan);
      const riceBits = riceBitsFor(ROLL_POSITIONS, sorter.size);
      const form = formOf(sorter, constituencies.length, riceBits);
      const encoded = encodeBlocks(sorter, form, blockSpan, blocks);
      if (encoded === undefined) return failure({ code: 'code_repeated' });
      const tree = new MerkleRoot();
      const index = new Uint8Array(blocks * BLOCK_INDEX_BYTES);
      const leaf = Uint8Array.of(0);
      for (const [at, block] of encoded.entries()) {
        const hash = crypto.sha256(concatBytes(leaf, block));
        tree.addHash(hash);
        index.set(uint32(block.length), at * BLOCK_INDEX_BYTES);
        index.set(hash, at * BLOCK_INDEX_BYTES + 4);
      }
      const head: RollHead = {
        asOf: order.asOf,
        keyCheck: rollKeyCheck(order.key),
        entries: sorter.size,
        blockSpan,
        blocks,
        riceBits,
        root: tree.root(),
        votingAgeYears: order.votingAgeYears,
        constituencies: [...constituencies],
        codeLengths: form.lengths,
      };
      const payload = encode(rollHeadShape, head);
      const header = { type: 'roll', election: order.election, signer: AUTHORITY_SUBJECT } as const;
      const record = signRecord(crypto, authoritySecretKey, header, payload);
      return success({
        pieces: [ROLL_MAGIC, uint32(record.length), record, index, ...encoded],
        head,
        payload,
      });
    },
  };
}

export interface DeltaOrder {
  readonly key: Bytes;
  readonly election: ElectionId;
  readonly asOf: number;
  readonly head: RollHead;
  /** payload of the roll's head */
  readonly roll: Bytes;
  /** payload of the delta before; the roll's own for the first */
  readonly previous: Bytes;
  readonly sequence: number;
  readonly changes: Iterable<{ readonly nine: number; readonly change: RollChange }>;
}

/** One day's changes. @returns the file's bytes, and the payload that the next delta names. */
export function buildRollDelta(
  order: DeltaOrder,
  crypto: Pick<Crypto, 'sign' | 'sha256'>,
  authoritySecretKey: Bytes,
): Result<{ readonly bytes: Bytes; readonly payload: Bytes }, BuildFault> {
  const constituencies = order.head.constituencies.length;
  const permutation = createPermutation(order.key);
  const sorter = new EntrySorter(constituencies);
  for (const { nine, change } of order.changes) {
    if (sorter.size >= ROLL_CHANGES_MAX) return failure({ code: 'too_many_changes' });
    if (!sorter.add(permutation.positionOf(nine), change)) return failure({ code: 'constituency_unknown' });
  }
  const form = formOf(sorter, constituencies, riceBitsFor(ROLL_POSITIONS, sorter.size));
  const [body] = encodeBlocks(sorter, form, ROLL_POSITIONS, 1) ?? [];
  if (body === undefined) return failure({ code: 'code_repeated' });
  const delta: RollDelta = {
    roll: sha256(order.roll),
    sequence: order.sequence,
    previous: sha256(order.previous),
    asOf: order.asOf,
    entries: sorter.size,
    riceBits: form.riceBits,
    bodyDigest: crypto.sha256(body),
    codeLengths: form.lengths,
  };
  const payload = encode(rollDeltaShape, delta);
  const header = { type: 'roll-delta', election: order.election, signer: AUTHORITY_SUBJECT } as const;
  const record = signRecord(crypto, authoritySecretKey, header, payload);
  return success({ bytes: concatBytes(ROLL_DELTA_MAGIC, uint32(record.length), record, body), payload });
}
