/**
 * Signed records: COSE_Sign1 (RFC 9052 section 4.2), tagged 18, EdDSA, no unprotected header, no external data.
 * The protected header carries the algorithm (1: -8), the record type (16: "sandoq/TYPE", RFC 9596), the signer's
 * subject (4: kid) and the election id (-65537), so that no signature can be carried to another type or election.
 */
import { type Bytes, concatBytes, fromUtf8, shortAscii, utf8 } from '../codec/bytes.ts';
import { type DecodeFault, encodeCbor } from '../codec/cbor.ts';
import { decode, encode, type Shape } from '../codec/shape.ts';
import { type Crypto, SECRET_KEY_BYTES, SIGNATURE_BYTES } from '../crypto/ports.ts';
import { failure, type Result, success } from '../result.ts';
import { BUNDLE_BYTES_MAX, ID_BYTES_MAX, SUBJECT_BYTES_MAX } from './bounds.ts';
import { type ElectionId, parseElectionId, parseSubject, type Subject } from './identifiers.ts';

export const RECORD_TYPES = [
  'package',
  'station',
  'amendment',
  'link',
  'session',
  'zero-report',
  'tarefe',
  'approval',
  'vote',
  'rejection',
  'commitment',
  'admission-summary',
  'slip',
  'minutes',
  'correction',
  'receipt',
  'log-checkpoint',
  'roll',
  'roll-delta',
  'claim-request',
  'claim-answer',
  'participation',
] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

const TYPE_PREFIX = 'sandoq/';
const TYPES = new Map<string, RecordType>(RECORD_TYPES.map((type) => [TYPE_PREFIX + type, type]));

export interface RecordHeader {
  readonly type: RecordType;
  readonly election: ElectionId;
  readonly signer: Subject;
}

export interface SignedRecord extends RecordHeader {
  /** these three are views into the bytes that were parsed, which nobody changes afterwards */
  readonly payload: Bytes;
  readonly signature: Bytes;
  /** the protected header as signed */
  readonly protectedHeader: Bytes;
}

export type RecordFault =
  | { readonly code: 'record_malformed'; readonly wanted: string }
  | { readonly code: 'record_of_other_type'; readonly wanted: string }
  | { readonly code: 'payload_malformed'; readonly wanted: string; readonly at: string };

const COSE_SIGN1_TAG = 0xd2;
/** Header bytes before `type`: map of 4, `1: -8`. Written by hand: our CBOR model has no negative numbers. */
const ALGORITHM = Uint8Array.of(0xa4, 0x01, 0x27);
const KID_LABEL = Uint8Array.of(0x04);
const HEADER_START = concatBytes(ALGORITHM, KID_LABEL);
const TYPE_LABEL = Uint8Array.of(0x10);
/** -65537 as CBOR: negative integer 65536 */
const ELECTION_LABEL = Uint8Array.of(0x3a, 0x00, 0x01, 0x00, 0x00);

/** Keys in bytewise order of their encodings: 1, 4, 16, -65537. */
export function encodeProtectedHeader(header: RecordHeader): Bytes {
  return concatBytes(
    ALGORITHM,
    KID_LABEL,
    encodeCbor(utf8(header.signer)),
    TYPE_LABEL,
    encodeCbor(TYPE_PREFIX + header.type),
    ELECTION_LABEL,
    encodeCbor(header.election),
  );
}

/** `["Signature1", ` */
const INPUT_START = concatBytes(Uint8Array.of(0x84), encodeCbor('Signature1'));
const EMPTY_STRING = 0x40;
const headBytes = (length: number): number => (length < 24 ? 1 : length < 256 ? 2 : length < 65_536 ? 3 : 5);

/** A byte string with its head, written at `at`. @returns where it ends */
function putBytes(out: Bytes, at: number, value: Bytes): number {
  const { length } = value;
  const head = headBytes(length);
  out[at] = 0x40 | (head === 1 ? length : 23 + (head === 5 ? 3 : head - 1));
  for (let i = head - 1, rest = length; i > 0; i--, rest = Math.floor(rest / 256)) out[at + i] = rest % 256;
  out.set(value, at + head);
  return at + head + length;
}

/** Inputs are small, many and soon forgotten: they are cut from one piece of memory after another. */
const SLAB_BYTES = 32 * 1024;
const SLAB_SHARE_BYTES_MAX = 2048;
let slab = new Uint8Array(SLAB_BYTES);
let slabAt = 0;

function cut(length: number): Bytes {
  if (length > SLAB_SHARE_BYTES_MAX) return new Uint8Array(length);
  if (slabAt + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    slabAt = 0;
  }
  slabAt += length;
  return slab.subarray(slabAt - length, slabAt);
}

/** What is signed: `["Signature1", protected, h'', payload]`. Written in one piece: every check begins with it. */
export function signatureInput(protectedHeader: Bytes, payload: Bytes): Bytes {
  const out = cut(
    INPUT_START.length +
      headBytes(protectedHeader.length) +
      protectedHeader.length +
      1 +
      headBytes(payload.length) +
      payload.length,
  );
  out.set(INPUT_START);
  const at = putBytes(out, INPUT_START.length, protectedHeader);
  out[at] = EMPTY_STRING;
  putBytes(out, at + 1, payload);
  return out;
}

export function signRecord(
  crypto: Pick<Crypto, 'sign'>,
  secretKey: Bytes,
  header: RecordHeader,
  payload: Bytes,
): Bytes {
  if (secretKey.length !== SECRET_KEY_BYTES) throw new RangeError('signing key must be 32 bytes');
  const protectedHeader = encodeProtectedHeader(header);
  return assembleRecord(
    protectedHeader,
    payload,
    crypto.sign(secretKey, signatureInput(protectedHeader, payload)),
  );
}

export function assembleRecord(protectedHeader: Bytes, payload: Bytes, signature: Bytes): Bytes {
  // 0x84: array of four; 0xa0: the empty unprotected header
  return concatBytes(
    Uint8Array.of(COSE_SIGN1_TAG, 0x84),
    encodeCbor(protectedHeader),
    Uint8Array.of(0xa0),
    encodeCbor(payload),
    encodeCbor(signature),
  );
}

/** Where a string's content begins and ends. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Takes one definite byte or text string at `at`. @returns undefined for anything else. */
function takeString(bytes: Bytes, at: number, major: 2 | 3): Span | undefined {
  const head = bytes[at];
  if (head === undefined || head >> 5 !== major) return undefined;
  const info = head & 31;
  let length = info;
  let start = at + 1;
  if (info >= 24) {
    if (info > 26) return undefined;
    const width = 1 << (info - 24);
    if (start + width > bytes.length) return undefined;
    length = 0;
    for (let i = 0; i < width; i++) length = length * 256 + (bytes[start + i] as number);
    start += width;
    const least = info === 24 ? 24 : info === 25 ? 256 : 65536;
    if (length < least) return undefined; // not the shortest form
  }
  if (start + length > bytes.length) return undefined;
  return { from: start, to: start + length };
}

const malformed = (wanted: string): Result<never, RecordFault> =>
  failure({ code: 'record_malformed', wanted });

/** Whether `part` stands in `bytes` from `at` on. */
function standsAt(bytes: Bytes, at: number, part: Bytes): boolean {
  if (at + part.length > bytes.length) return false;
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}

const textIn = (bytes: Bytes, { from, to }: Span): string | undefined =>
  shortAscii(bytes, from, to) ?? fromUtf8(bytes.subarray(from, to));

function parseProtectedHeader(encoded: Bytes): RecordHeader | undefined {
  if (!standsAt(encoded, 0, HEADER_START)) return undefined;
  const kid = takeString(encoded, HEADER_START.length, 2);
  if (kid === undefined || kid.to - kid.from > SUBJECT_BYTES_MAX || encoded[kid.to] !== TYPE_LABEL[0])
    return undefined;
  const signer = parseSubject(textIn(encoded, kid) ?? '');
  const tail = parseHeaderTail(encoded, kid.to + 1);
  if (signer === undefined || tail === undefined) return undefined;
  return { type: tail.type, election: tail.election, signer };
}

/** Type and election, the same in the headers of thousands of records: the last ones are recognised by their bytes. */
const KNOWN_TAILS_MAX = 32;
const knownTails: { readonly bytes: Bytes; readonly tail: Omit<RecordHeader, 'signer'> }[] = [];

function parseHeaderTail(encoded: Bytes, at: number): Omit<RecordHeader, 'signer'> | undefined {
  for (const { bytes, tail } of knownTails)
    if (bytes.length === encoded.length - at && standsAt(encoded, at, bytes)) return tail;
  const type = takeString(encoded, at, 3);
  if (type === undefined || !standsAt(encoded, type.to, ELECTION_LABEL)) return undefined;
  const election = takeString(encoded, type.to + ELECTION_LABEL.length, 3);
  if (election === undefined || election.to !== encoded.length || election.to - election.from > ID_BYTES_MAX)
    return undefined;
  const typeName = textIn(encoded, type);
  const recordType = typeName === undefined ? undefined : TYPES.get(typeName);
  const electionId = parseElectionId(textIn(encoded, election) ?? '');
  if (recordType === undefined || electionId === undefined) return undefined;
  const tail = { type: recordType, election: electionId };
  if (knownTails.length === KNOWN_TAILS_MAX) knownTails.shift();
  knownTails.push({ bytes: encoded.slice(at), tail });
  return tail;
}

/** A Node buffer's `slice` and `subarray` give buffers again: none is let in. */
const plainBytes = (bytes: Bytes): Bytes =>
  bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Takes a record apart without checking its signature. Total: any bytes give a record or a fault. */
export function parseRecord(given: Bytes, bytesMax = BUNDLE_BYTES_MAX): Result<SignedRecord, RecordFault> {
  const bytes = plainBytes(given);
  if (bytes.length > bytesMax) return malformed(`at most ${bytesMax} bytes`);
  if (bytes[0] !== COSE_SIGN1_TAG || bytes[1] !== 0x84) return malformed('a COSE_Sign1 record');
  const protectedPart = takeString(bytes, 2, 2);
  if (protectedPart === undefined || bytes[protectedPart.to] !== 0xa0)
    return malformed('a protected header and an empty unprotected one');
  const payload = takeString(bytes, protectedPart.to + 1, 2);
  if (payload === undefined) return malformed('a payload');
  const signature = takeString(bytes, payload.to, 2);
  if (
    signature === undefined ||
    signature.to !== bytes.length ||
    signature.to - signature.from !== SIGNATURE_BYTES
  )
    return malformed('a signature of 64 bytes at the end');
  const protectedHeader = bytes.subarray(protectedPart.from, protectedPart.to);
  const header = parseProtectedHeader(protectedHeader);
  if (header === undefined) return malformed('a protected header of EdDSA, signer, known type and election');
  return success({
    type: header.type,
    election: header.election,
    signer: header.signer,
    payload: bytes.subarray(payload.from, payload.to),
    signature: bytes.subarray(signature.from, signature.to),
    protectedHeader,
  });
}

export function verifyRecord(
  crypto: Pick<Crypto, 'verify'>,
  publicKey: Bytes,
  record: SignedRecord,
): boolean {
  return crypto.verify(publicKey, signatureInput(record.protectedHeader, record.payload), record.signature);
}

/** Parses a record of one type and its payload; the signature is the caller's next step. */
export function parseTyped<Value>(
  bytes: Bytes,
  type: RecordType,
  shape: Shape<Value>,
  bytesMax?: number,
): Result<{ readonly record: SignedRecord; readonly value: Value }, RecordFault> {
  const record = parseRecord(bytes, bytesMax);
  if (!record.ok) return record;
  if (record.value.type !== type) return failure({ code: 'record_of_other_type', wanted: type });
  const value: Result<Value, DecodeFault> = decode(shape, record.value.payload, bytesMax);
  if (!value.ok)
    return failure({ code: 'payload_malformed', wanted: value.fault.wanted, at: value.fault.at });
  return success({ record: record.value, value: value.value });
}

/** Encodes and signs in one step. @throws RangeError for a value outside its shape. */
export function signTyped<Value>(
  crypto: Pick<Crypto, 'sign'>,
  secretKey: Bytes,
  header: RecordHeader,
  shape: Shape<Value>,
  value: Value,
): Bytes {
  return signRecord(crypto, secretKey, header, encode(shape, value));
}
