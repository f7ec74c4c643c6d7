/** The roll: who may vote, as one signed file read by position. docs/ROLL.md. */
export { ballotStyle, type Electorate, type StyleRefusal } from './ballot-style.ts';
export {
  decodeEntries,
  type EntryForm,
  type EntryList,
  encodeEntries,
  findEntry,
  riceBitsFor,
} from './block.ts';
export {
  type BuildFault,
  buildRollDelta,
  createRollBuilder,
  type DeltaOrder,
  ENTRIES_PER_BLOCK,
  type RollBuilder,
  type RollOrder,
} from './build.ts';
export {
  classCount,
  indexBits,
  packChange,
  type RollChange,
  type RollStanding,
  unpackChange,
} from './classes.ts';
export {
  BLOCK_INDEX_BYTES,
  blockHolds,
  type OpenedDelta,
  type OpenedRoll,
  openRollDelta,
  openRollHead,
  openRollIndex,
  ROLL_BLOCK_BYTES_MAX,
  ROLL_DELTA_MAGIC,
  ROLL_FAULTS,
  ROLL_MAGIC,
  ROLL_PREFIX_BYTES,
  type RollFileFault,
  type RollIndex,
  type RollTrust,
  readPrefix,
} from './file-form.ts';
export { createPermutation, type Permutation, ROLL_KEY_BYTES, rollKeyCheck } from './permutation.ts';
export { codeLengthsFor, prefixCode } from './prefix-code.ts';
