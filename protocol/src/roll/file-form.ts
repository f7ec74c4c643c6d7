/**
 * The roll's file: `magic | head length u32 | head | index | blocks`; the index has for each block its length (u32) and
 * its Merkle leaf hash. A delta: `magic | head length u32 | head | body`. docs/ROLL.md says why.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, equalBytes, utf8 } from '../codec/bytes.ts';
import { MerkleRoot } from '../codec/merkle.ts';
import type { Crypto } from '../crypto/ports.ts';
import { ROLL_CHANGES_MAX, ROLL_HEAD_BYTES_MAX, ROLL_POSITIONS } from '../records/bounds.ts';
import { parseTyped, type RecordType } from '../records/cose.ts';
import { type RollDelta, type RollHead, rollDeltaShape, rollHeadShape } from '../records/generated.ts';
import type { ElectionId } from '../records/identifiers.ts';
import { checkSignature, type KeyDirectory } from '../records/keys.ts';
import { failure, type Result, success } from '../result.ts';
import { decodeEntries, type EntryForm, type EntryList } from './block.ts';
import { classCount, indexBits } from './classes.ts';
import { rollKeyCheck } from './permutation.ts';
import { prefixCode } from './prefix-code.ts';

export const ROLL_MAGIC = utf8('SNDQROL1');
export const ROLL_DELTA_MAGIC = utf8('SNDQROD1');
export const ROLL_PREFIX_BYTES = ROLL_MAGIC.length + 4;
const HASH_BYTES = 32;
export const BLOCK_INDEX_BYTES = 4 + HASH_BYTES;
/** A block of a roll that its builder made is 2 kB; no reader has to hold more than this. */
export const ROLL_BLOCK_BYTES_MAX = 4 * 1024 * 1024;

export const ROLL_FAULTS = [
  /** not a roll, or cut off, or with something behind it */
  'roll_malformed',
  /** the head is not signed by the authority of this election */
  'roll_not_signed',
  /** the index is not the one that was signed */
  'roll_index_damaged',
  /** a block is not the one that was signed */
  'roll_block_damaged',
  'roll_key_missing',
  'roll_key_wrong',
  'roll_missing',
  'delta_malformed',
  'delta_not_signed',
  /** of another roll, or not the next day's */
  'delta_out_of_turn',
  'delta_damaged',
] as const;
export type RollFileFault = (typeof ROLL_FAULTS)[number];

export interface RollTrust {
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>;
  readonly directory: KeyDirectory;
  readonly election: ElectionId;
  /** epoch seconds */
  readonly at: number;
}

/** @returns the length of the signed head behind the prefix. */
export function readPrefix(prefix: Bytes, magic: Bytes): number | undefined {
  if (prefix.length < ROLL_PREFIX_BYTES || !equalBytes(prefix.subarray(0, magic.length), magic))
    return undefined;
  const length = new DataView(prefix.buffer, prefix.byteOffset, prefix.length).getUint32(magic.length);
  return length > 0 && length <= ROLL_HEAD_BYTES_MAX ? length : undefined;
}

interface SignedHead<Value> {
  readonly value: Value;
  readonly payload: Bytes;
}

function openHead<Value>(
  record: Bytes,
  type: Extract<RecordType, 'roll' | 'roll-delta'>,
  shape: typeof rollHeadShape | typeof rollDeltaShape,
  trust: RollTrust,
): SignedHead<Value> | 'malformed' | 'not_signed' {
  const parsed = parseTyped(record, type, shape as never, ROLL_HEAD_BYTES_MAX);
  if (!parsed.ok) return 'malformed';
  const signed = checkSignature(trust.crypto, trust.directory, trust.election, trust.at, parsed.value.record);
  if (!signed.ok) return 'not_signed';
  return { value: parsed.value.value as Value, payload: parsed.value.record.payload };
}

export interface OpenedRoll {
  readonly head: RollHead;
  readonly payload: Bytes;
  readonly form: EntryForm;
}

/** Head, key and form; the index and the blocks are still to be read. */
export function openRollHead(record: Bytes, key: Bytes, trust: RollTrust): Result<OpenedRoll, RollFileFault> {
  const opened = openHead<RollHead>(record, 'roll', rollHeadShape, trust);
  if (opened === 'malformed') return failure('roll_malformed');
  if (opened === 'not_signed') return failure('roll_not_signed');
  const { value: head, payload } = opened;
  if (!equalBytes(rollKeyCheck(key), head.keyCheck)) return failure('roll_key_wrong');
  const form = entryForm(head.codeLengths, head.riceBits, head.constituencies.length);
  const whole = head.blockSpan > 0 && head.blocks === Math.ceil(ROLL_POSITIONS / head.blockSpan);
  return form === undefined || !whole ? failure('roll_malformed') : success({ head, payload, form });
}

function entryForm(codeLengths: Bytes, riceBits: number, constituencies: number): EntryForm | undefined {
  if (codeLengths.length !== classCount(constituencies)) return undefined;
  const code = prefixCode(codeLengths);
  return code && { riceBits, code, indexBits: indexBits(constituencies) };
}

export interface RollIndex {
  /** where each block begins, behind the index; one more for the end */
  readonly offsets: Float64Array;
  readonly hashes: Bytes;
}

/** @param blockBytes what lies behind the index: the blocks fill it exactly */
export function openRollIndex(
  head: RollHead,
  index: Bytes,
  blockBytes: number,
): Result<RollIndex, RollFileFault> {
  if (index.length !== head.blocks * BLOCK_INDEX_BYTES) return failure('roll_malformed');
  const view = new DataView(index.buffer, index.byteOffset, index.length);
  const offsets = new Float64Array(head.blocks + 1);
  const hashes = new Uint8Array(head.blocks * HASH_BYTES);
  const tree = new MerkleRoot();
  for (let block = 0; block < head.blocks; block++) {
    const at = block * BLOCK_INDEX_BYTES;
    const length = view.getUint32(at);
    if (length > ROLL_BLOCK_BYTES_MAX) return failure('roll_index_damaged');
    offsets[block + 1] = (offsets[block] as number) + length;
    const hash = index.subarray(at + 4, at + BLOCK_INDEX_BYTES);
    hashes.set(hash, block * HASH_BYTES);
    tree.addHash(hash);
  }
  if (!equalBytes(tree.root(), head.root) || offsets[head.blocks] !== blockBytes)
    return failure('roll_index_damaged');
  return success({ offsets, hashes });
}

/** @param leaf a zero byte and the block: what RFC 9162 hashes of a leaf */
export function blockHolds(
  index: RollIndex,
  block: number,
  leaf: Bytes,
  crypto: Pick<Crypto, 'sha256'>,
): boolean {
  const from = block * HASH_BYTES;
  return equalBytes(crypto.sha256(leaf), index.hashes.subarray(from, from + HASH_BYTES));
}

export interface OpenedDelta {
  readonly delta: RollDelta;
  readonly payload: Bytes;
  readonly entries: EntryList;
}

/** @param previous payload of the roll's head, or of the delta before */
export function openRollDelta(
  bytes: Bytes,
  roll: OpenedRoll,
  previous: { readonly payload: Bytes; readonly sequence: number },
  trust: RollTrust,
): Result<OpenedDelta, RollFileFault> {
  const length = readPrefix(bytes.subarray(0, ROLL_PREFIX_BYTES), ROLL_DELTA_MAGIC);
  if (length === undefined || bytes.length < ROLL_PREFIX_BYTES + length) return failure('delta_malformed');
  const end = ROLL_PREFIX_BYTES + length;
  const opened = openHead<RollDelta>(
    bytes.subarray(ROLL_PREFIX_BYTES, end),
    'roll-delta',
    rollDeltaShape,
    trust,
  );
  if (opened === 'malformed') return failure('delta_malformed');
  if (opened === 'not_signed') return failure('delta_not_signed');
  const { value: delta, payload } = opened;
  if (
    !equalBytes(delta.roll, sha256(roll.payload)) ||
    !equalBytes(delta.previous, sha256(previous.payload)) ||
    delta.sequence !== previous.sequence + 1
  )
    return failure('delta_out_of_turn');
  const body = bytes.subarray(end);
  if (!equalBytes(trust.crypto.sha256(body), delta.bodyDigest)) return failure('delta_damaged');
  const form = entryForm(delta.codeLengths, delta.riceBits, roll.head.constituencies.length);
  const entries = form && decodeEntries(form, body, 0, ROLL_CHANGES_MAX);
  return entries === undefined ? failure('delta_malformed') : success({ delta, payload, entries });
}
