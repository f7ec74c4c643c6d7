/**
 * Commands of our role and tarefe cards (ISO 7816-4, extended length), CLA 0x80 after SELECT by AID. Data and answers
 * are deterministic CBOR records of RECORDS.md unless said otherwise. Voter cards are PIV style (NIST SP 800-73).
 */
import { type Bytes, concatBytes } from '../codec/bytes.ts';

/** F0 = proprietary, unregistered. */
export const ROLE_CARD_AID = Uint8Array.of(0xf0, 0x53, 0x4e, 0x44, 0x51, 0x01);
export const TAREFE_CARD_AID = Uint8Array.of(0xf0, 0x53, 0x4e, 0x44, 0x51, 0x02);
export const PIV_AID = Uint8Array.of(0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00);
export const AMAYESH_AID = Uint8Array.of(0xf0, 0x53, 0x4e, 0x44, 0x51, 0x03);

export const INS = {
  select: 0xa4,
  verify_pin: 0x20,
  get_data: 0xcb,
  general_authenticate: 0x87,
  /** tarefe: data = 32-byte challenge → Tarefe record */
  tarefe_state: 0x10,
  /** tarefe: data = 32-byte challenge; armed → spent, idempotent → Tarefe record */
  tarefe_burn: 0x12,
  /** tarefe: no data → 16-byte arming nonce, new, card must be blank or spent */
  tarefe_prepare: 0x14,
  /** tarefe: data = CBOR [ArmStatement, approval, approval] → 9000; the card checks both approvals against its roles */
  tarefe_arm: 0x16,
  /** tarefe: data = CBOR [approval, approval] of action return_tarefe or abandon_ballot over the ArmStatement → blank */
  tarefe_void: 0x18,
  /** role: P1 = role code, data = Approval payload (CBOR) → Approval record; PIN verified since the card was laid */
  approve: 0x30,
  /** role: → CBOR map {1: subject, 2: role, 3: key, 4?: count key} */
  identity: 0x32,
  /** closing roles: data = CBOR [Station record, Session record, Commitment record] → 32-byte X25519 secret; once per session (repeatable for the same session) */
  release_count_key: 0x34,
} as const;

export const STATUS_WORDS = {
  ok: 0x9000,
  wrong_length: 0x6700,
  security_not_satisfied: 0x6982,
  pin_blocked: 0x6983,
  conditions_not_satisfied: 0x6985,
  wrong_data: 0x6a80,
  not_found: 0x6a82,
  wrong_p1p2: 0x6a86,
  ins_unknown: 0x6d00,
  cla_unknown: 0x6e00,
  memory_failure: 0x6581,
  last_link_expected: 0x6883,
} as const;
/** 0x63Cx: wrong PIN, x tries left. */
export const pinTriesLeft = (statusWord: number): number | undefined =>
  (statusWord & 0xfff0) === 0x63c0 ? statusWord & 0xf : undefined;

export const APDU_DATA_BYTES_MAX = 4096;

/** An extended-length command (case 4E). @throws RangeError above APDU_DATA_BYTES_MAX. */
export function encodeApdu(
  cla: number,
  ins: number,
  p1: number,
  p2: number,
  data: Bytes = new Uint8Array(0),
): Bytes {
  if (data.length > APDU_DATA_BYTES_MAX) throw new RangeError(`APDU data above ${APDU_DATA_BYTES_MAX} bytes`);
  const head = Uint8Array.of(cla, ins, p1, p2, 0);
  const lengthExpected = Uint8Array.of(0, 0);
  if (data.length === 0) return concatBytes(head, lengthExpected);
  return concatBytes(head, Uint8Array.of(data.length >> 8, data.length & 0xff), data, lengthExpected);
}

/** ISO 7816-4 section 5.3.3: this bit of the class says that more of the same command follows. */
export const CHAINED_CLA = 0x10;
export const SHORT_DATA_BYTES_MAX = 255;
export const GET_RESPONSE_INS = 0xc0;

/** One command as a chain of short ones, for cards and readers that know no extended length. */
export function encodeApduChain(
  cla: number,
  ins: number,
  p1: number,
  p2: number,
  data: Bytes,
): readonly Bytes[] {
  if (data.length > APDU_DATA_BYTES_MAX) throw new RangeError(`APDU data above ${APDU_DATA_BYTES_MAX} bytes`);
  const links: Bytes[] = [];
  let at = 0;
  do {
    const part = data.subarray(at, at + SHORT_DATA_BYTES_MAX);
    at += SHORT_DATA_BYTES_MAX;
    const isLast = at >= data.length;
    const head = Uint8Array.of(isLast ? cla : cla | CHAINED_CLA, ins, p1, p2);
    const body = part.length === 0 ? [] : [Uint8Array.of(part.length), part];
    links.push(concatBytes(head, ...body, isLast ? Uint8Array.of(0) : new Uint8Array(0)));
  } while (at < data.length);
  return links;
}

/** 61xx: more of the answer lies ready; @returns how many bytes GET RESPONSE asks for, 256 for "256 or more". */
export const bytesAvailable = (statusWord: number): number | undefined =>
  statusWord >> 8 === 0x61 ? statusWord & 0xff || 256 : undefined;
/** 6Cxx: the same command again, asking for exactly this many bytes. */
export const exactLength = (statusWord: number): number | undefined =>
  statusWord >> 8 === 0x6c ? statusWord & 0xff || 256 : undefined;

/** @param length 1 to 256 */
export const getResponse = (cla: number, length: number): Bytes =>
  Uint8Array.of(cla & ~CHAINED_CLA, GET_RESPONSE_INS, 0, 0, length & 0xff);

export interface ApduAnswer {
  readonly data: Bytes;
  readonly statusWord: number;
}

export function parseApduAnswer(bytes: Bytes): ApduAnswer | undefined {
  if (bytes.length < 2) return undefined;
  const data = bytes.slice(0, bytes.length - 2);
  return { data, statusWord: ((bytes.at(-2) as number) << 8) | (bytes.at(-1) as number) };
}
