/**
 * The signed roll of the nation as it lies on the station's disk: opened once, then one block read and checked against
 * the signed root for each lookup. Nothing of it is kept in memory but the index of its blocks and the daily changes.
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import {
  type Bytes,
  failure,
  type Result,
  ROLL_CHANGES_MAX,
  ROLL_DELTAS_MAX,
  success,
} from '@sandoq/protocol';
import {
  BLOCK_INDEX_BYTES,
  blockHolds,
  createPermutation,
  findEntry,
  type OpenedRoll,
  openRollDelta,
  openRollHead,
  openRollIndex,
  ROLL_BLOCK_BYTES_MAX,
  ROLL_KEY_BYTES,
  ROLL_MAGIC,
  ROLL_PREFIX_BYTES,
  type RollChange,
  type RollFileFault,
  type RollTrust,
  readPrefix,
  unpackChange,
} from '@sandoq/protocol/roll';

export interface RollFile {
  readonly constituencies: readonly string[];
  readonly votingAgeYears: number;
  readonly entries: number;
  /** people whose line has changed since the roll was made */
  readonly changes: number;
  /**
   * @param nationalCode ten digits whose check digit holds
   * @returns undefined where the code is not on the roll
   */
  lookup(nationalCode: string): Result<RollChange | undefined, 'roll_block_damaged' | 'roll_malformed'>;
  /** Where in the file the block of a code lies: for those who look after a damaged disk. */
  blockOf(nationalCode: string): { readonly at: number; readonly length: number };
  close(): void;
}

export interface RollFileFaultAt {
  readonly code: RollFileFault;
  /** which file, and what the system said of it; never what is in it */
  readonly detail: string;
}

/** Delta N lies beside the roll as `ROLL.N`, N from 1. */
export const deltaPath = (rollPath: string, sequence: number): string => `${rollPath}.${sequence}`;
/** A day of a whole nation's changes is below a hundredth of this. */
const DELTA_BYTES_MAX = 16 * 1024 * 1024;

/** The tenth digit is computed from the nine. */
const nineOf = (nationalCode: string): number => Number(nationalCode.slice(0, 9));

function readAt(file: number, at: number, length: number): Bytes | undefined {
  const bytes = new Uint8Array(length);
  return readSync(file, bytes, 0, length, at) === length ? bytes : undefined;
}

/** Days that lie beside the roll, in their order. A day without the one before it is named by `readDeltas`. */
function daysBeside(path: string): readonly number[] {
  const before = `${basename(path)}.`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(before) && /^[1-9][0-9]*$/.test(name.slice(before.length)))
    .map((name) => Number(name.slice(before.length)))
    .sort((a, b) => a - b);
}

interface Changes {
  readonly byPosition: ReadonlyMap<number, number>;
}

function readDeltas(path: string, roll: OpenedRoll, trust: RollTrust): Result<Changes, RollFileFaultAt> {
  const byPosition = new Map<number, number>();
  let previous = { payload: roll.payload, sequence: 0 };
  for (const [day, sequence] of daysBeside(path).entries()) {
    const detail = `delta ${sequence}`;
    // A day that was lost on its way would take every later one with it, and nobody would hear of it.
    if (sequence !== day + 1 || sequence > ROLL_DELTAS_MAX)
      return failure({ code: 'delta_out_of_turn', detail });
    const file = openSync(deltaPath(path, sequence), 'r');
    try {
      const size = fstatSync(file).size;
      const bytes = size <= DELTA_BYTES_MAX ? readAt(file, 0, size) : undefined;
      if (bytes === undefined) return failure({ code: 'delta_malformed', detail });
      const opened = openRollDelta(bytes, roll, previous, trust);
      if (!opened.ok) return failure({ code: opened.fault, detail });
      const { positions, packed } = opened.value.entries;
      for (let at = 0; at < positions.length; at++)
        byPosition.set(positions[at] as number, packed[at] as number);
      if (byPosition.size > ROLL_CHANGES_MAX) return failure({ code: 'delta_malformed', detail });
      previous = { payload: opened.value.payload, sequence };
    } finally {
      closeSync(file);
    }
  }
  return success({ byPosition });
}

function openParts(
  file: number,
  key: Bytes,
  trust: RollTrust,
): Result<{ readonly roll: OpenedRoll; readonly indexAt: number; readonly size: number }, RollFileFault> {
  const size = fstatSync(file).size;
  const prefix = readAt(file, 0, ROLL_PREFIX_BYTES);
  const headLength = prefix && readPrefix(prefix, ROLL_MAGIC);
  const record = headLength === undefined ? undefined : readAt(file, ROLL_PREFIX_BYTES, headLength);
  if (headLength === undefined || record === undefined) return failure('roll_malformed');
  const roll = openRollHead(record, key, trust);
  return roll.ok ? success({ roll: roll.value, indexAt: ROLL_PREFIX_BYTES + headLength, size }) : roll;
}

/** @param key ROLL_KEY_BYTES; the caller may wipe it afterwards. Total: damaged files give a fault by name. */
export function openRollFile(path: string, key: Bytes, trust: RollTrust): Result<RollFile, RollFileFaultAt> {
  if (key.length !== ROLL_KEY_BYTES) return failure({ code: 'roll_key_wrong', detail: 'the key file' });
  if (!existsSync(path)) return failure({ code: 'roll_missing', detail: 'the roll' });
  const file = openSync(path, 'r');
  const refuse = (code: RollFileFault, detail = 'the roll'): Result<never, RollFileFaultAt> => {
    closeSync(file);
    return failure({ code, detail });
  };
  const parts = openParts(file, key, trust);
  if (!parts.ok) return refuse(parts.fault);
  const { roll, indexAt, size } = parts.value;
  const { head, form } = roll;
  const blocksAt = indexAt + head.blocks * BLOCK_INDEX_BYTES;
  const indexBytes = blocksAt <= size ? readAt(file, indexAt, blocksAt - indexAt) : undefined;
  if (indexBytes === undefined) return refuse('roll_malformed');
  const index = openRollIndex(head, indexBytes, size - blocksAt);
  if (!index.ok) return refuse(index.fault);
  const deltas = readDeltas(path, roll, trust);
  if (!deltas.ok) return refuse(deltas.fault.code, deltas.fault.detail);
  const { byPosition } = deltas.value;
  const { offsets } = index.value;
  const permutation = createPermutation(key);
  const constituencies = head.constituencies.length;
  // One buffer for all lookups: a leading zero, as RFC 9162 hashes a leaf, and the block.
  let leaf = new Uint8Array(64 * 1024);
  const readLeaf = (block: number): Uint8Array | undefined => {
    const at = offsets[block] as number;
    const length = (offsets[block + 1] as number) - at;
    if (length + 1 > leaf.length) leaf = new Uint8Array(Math.min(length, ROLL_BLOCK_BYTES_MAX) + 1);
    if (readSync(file, leaf, 1, length, blocksAt + at) !== length) return undefined;
    return leaf.subarray(0, length + 1);
  };
  return success({
    constituencies: head.constituencies,
    votingAgeYears: head.votingAgeYears,
    entries: head.entries,
    changes: byPosition.size,
    lookup(nationalCode) {
      const position = permutation.positionOf(nineOf(nationalCode));
      const changed = byPosition.get(position);
      if (changed !== undefined) {
        const change = unpackChange(changed, constituencies);
        return change === undefined ? failure('roll_malformed') : success(change);
      }
      const block = Math.floor(position / head.blockSpan);
      const bytes = readLeaf(block);
      if (bytes === undefined || !blockHolds(index.value, block, bytes, trust.crypto))
        return failure('roll_block_damaged');
      const found = findEntry(form, bytes.subarray(1), block * head.blockSpan, position);
      if (found.kind === 'malformed') return failure('roll_malformed');
      if (found.kind === 'absent') return success(undefined);
      const standing = unpackChange(found.packed, constituencies);
      return standing === undefined ? failure('roll_malformed') : success(standing);
    },
    blockOf(nationalCode) {
      const block = Math.floor(permutation.positionOf(nineOf(nationalCode)) / head.blockSpan);
      const at = offsets[block] as number;
      return { at: blocksAt + at, length: (offsets[block + 1] as number) - at };
    },
    close: () => closeSync(file),
  });
}

/**
 * Once the doors are closed and the sums made, nobody is looked up any more: without its key the roll that stays on the
 * disk says of nobody whether she is on it. Overwritten first; what a disk keeps of old blocks is the disk's own.
 */
export function eraseRollKey(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r+');
  writeSync(file, new Uint8Array(ROLL_KEY_BYTES), 0, ROLL_KEY_BYTES, 0);
  fdatasyncSync(file);
  closeSync(file);
  rmSync(path);
}

/** @returns undefined where there is no key of the right length. */
export function readRollKey(path: string): Bytes | undefined {
  if (!existsSync(path)) return undefined;
  const key = readFileSync(path);
  return key.length === ROLL_KEY_BYTES ? new Uint8Array(key) : undefined;
}
