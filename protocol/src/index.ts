/** The face of the protocol: what two parties must agree on, byte for byte. */
export * from './bulletin/bulletin.ts';
export * from './bulletin/note.ts';
export {
  consistencyProof,
  decodeEntryTile,
  ENTRY_BYTES_MAX,
  inclusionProof,
  readTile,
  rootFromTiles,
  TILE_WIDTH,
  type TileKind,
  type TileReader,
  tilePath,
  tilesOf,
  tileWidth,
} from './bulletin/tiles.ts';
export {
  type Bytes,
  compareBytes,
  concatBytes,
  equalBytes,
  fromHex,
  fromUtf8,
  toHex,
  utf8,
  wipe,
} from './codec/bytes.ts';
export { CBOR_BYTES_MAX, type CborValue, type DecodeFault, decodeCbor, encodeCbor } from './codec/cbor.ts';
export { cobsDecode, cobsEncode } from './codec/cobs.ts';
export { crc32 } from './codec/crc32.ts';
export {
  consistencyHolds,
  inclusionHolds,
  leafHash,
  MerkleRoot,
  merkleRoot,
  merkleRootOfHashes,
  nodeHash,
  rootOfInclusion,
  setMerkleHash,
} from './codec/merkle.ts';
export { decode, encode, type Shape } from './codec/shape.ts';
export {
  enrolPublicKey,
  isKeyEncoding,
  isPrimeOrder,
  isSmallOrderEncoding,
  type KeyCheck,
  setKeyCheck,
} from './crypto/enrol.ts';
export { deriveSecretKey, HPKE_OVERHEAD_BYTES, hpkeOpen, hpkeOpener, hpkeSeal } from './crypto/hpke.ts';
export * from './crypto/ports.ts';
export { referenceCrypto } from './crypto/reference.ts';
export {
  joinSlipPages,
  PAGE_BYTES_MAX,
  PAGE_HEAD_BYTES,
  PAGE_QR_ERROR_CORRECTION,
  PAGE_QR_VERSION_MAX,
  PAGES_MAX,
  type PagesFault,
  parseSlipPage,
  type SlipPage,
  slipPages,
} from './paper/slip-pages.ts';
export * from './records/ballot.ts';
export * from './records/bounds.ts';
export {
  BUNDLE_REFUSALS,
  type BundleFault,
  type BundleRefusal,
  type CheckedApproval,
  type CheckedBundle,
  checkBundle,
} from './records/bundle.ts';
export * from './records/claims.ts';
export {
  BOARD_ROLES,
  type CheckedCorrection,
  CORRECTION_REFUSALS,
  type CorrectionFault,
  checkCorrection,
} from './records/correction.ts';
export * from './records/cose.ts';
export { LOG_EVENTS, type LogEventName } from './records/events.ts';
export * as records from './records/generated.ts';
export * from './records/identifiers.ts';
export * from './records/keys.ts';
export {
  boxOfSlip,
  checkLawFile,
  LAW_FILE,
  LAW_FILE_BYTES_MAX,
  type LawDefinition,
  type LawFault,
  type LawInForce,
  lawElection,
  lawFileBytes,
  lawInForce,
  outcomeOf,
} from './records/law-file.ts';
export * from './records/ledgers.ts';
export { type CheckedMinutes, checkMinutes, MINUTES_BUNDLE_BYTES_MAX } from './records/minutes.ts';
export * from './records/package-rules.ts';
export * from './records/provisioning.ts';
export * from './records/rasters.ts';
export { SEGMENT_BREAKS, type SegmentBreak, segmentBreaks } from './records/segments.ts';
export { setRoot } from './records/set.ts';
export * from './records/station-rules.ts';
export { failure, type Result, success } from './result.ts';
export type { BulletinReport } from './verify/check-bulletin.ts';
export { dealtJudges, type JudgeAnswer, type JudgeRequest } from './verify/dealt.ts';
export {
  PACKS_FOLDER,
  packFile,
  packItem,
  readPack,
  SINGLE_FILES_STATIONS_MAX,
  STATIONS_PER_PACK,
  unpacking,
} from './verify/packs.ts';
export {
  correctionFile,
  type Fault,
  PUBLICATION_FILE_BYTES_MAX,
  PUBLICATION_FILES_MAX,
  type PublicationReader,
  readerOf,
  receiptFile,
  slipFile,
} from './verify/publication.ts';
export {
  judgeShare,
  judgeTogether,
  resultMemory,
  type Share,
  type ShareFolder,
  type ShareResult,
  shareMemory,
} from './verify/share.ts';
export {
  type Caveat,
  NOT_SHOWN,
  VERDICT_FORM,
  type Verdict,
  type Verified,
  type VerifyOrder,
} from './verify/verdict.ts';
export { type Judges, verifyInShares, verifyPublication } from './verify/verify.ts';
export {
  type OnePublication,
  PUBLICATIONS_MAX,
  peopleIn,
  WHOLE_FORM,
  type WholeVerdict,
  wholeLines,
  wholeVerdict,
} from './verify/whole.ts';
export { verdictLines } from './verify/words.ts';
export * from './wire/apdu.ts';
export * from './wire/bounds.ts';
export * from './wire/card-data.ts';
export { MESSAGES } from './wire/description.ts';
export * from './wire/frame.ts';
export * as wire from './wire/generated.ts';
export * from './wire/hid.ts';
export * from './wire/message.ts';
export * from './wire/peripherals.ts';
export * from './wire/reader-script.ts';
export { REFUSALS, type RefusalName } from './wire/refusals.ts';
export * from './wire/voter-card.ts';
