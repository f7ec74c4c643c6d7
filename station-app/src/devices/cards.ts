/**
 * What a station says to cards, typed: role cards, tarefe cards, voters' national cards. A card that is not the one
 * wanted is recognised by trying its siblings, so that the officer can be told what it is and what is needed.
 */
import {
  AMAYESH_AID,
  APPROVAL_BYTES_MAX,
  type ApduAnswer,
  ARMING_NONCE_BYTES,
  type ArmData,
  type Bytes,
  bytesAvailable,
  concatBytes,
  decodeRoleIdentity,
  encode,
  encodeApdu,
  encodeArmData,
  encodeReleaseData,
  encodeVoidData,
  exactLength,
  failure,
  getResponse,
  HOLDER_OBJECT_TAG,
  INS,
  PIV,
  PIV_AID,
  PIV_PIN_BYTES,
  pinTriesLeft,
  pivAuthenticate,
  pivGetData,
  pivObject,
  pivSignature,
  type ReleaseData,
  type Result,
  ROLE_CARD_AID,
  type RoleIdentity,
  records,
  SECRET_KEY_BYTES,
  STATUS_WORDS,
  success,
  TAREFE_CARD_AID,
  utf8,
} from '@sandoq/protocol';
import type { Reader, ReaderFault } from './reader.ts';

export type CardKind = 'role_card' | 'tarefe_card' | 'voter_card' | 'amayesh_card' | 'foreign_card';

export type CardFault =
  | { readonly code: ReaderFault }
  /** another card than the one wanted lies there */
  | { readonly code: 'other_card'; readonly found: CardKind }
  | { readonly code: 'wrong_pin'; readonly triesLeft: number }
  | { readonly code: 'card_blocked' }
  /** the PIN has not been given since the card was laid */
  | { readonly code: 'pin_needed' }
  /** the card's state does not allow it: a tarefe card armed already, a session not closed */
  | { readonly code: 'card_state' }
  /** any other status word */
  | { readonly code: 'card_refused'; readonly statusWord: number }
  /** 9000, and an answer that is not what the command gives */
  | { readonly code: 'card_malformed' };

export type CardResult<Value> = Result<Value, CardFault>;

/** The card in one slot. */
export interface CardPort {
  exchange(apdu: Bytes): Promise<Result<ApduAnswer, ReaderFault>>;
}

/** Pieces of one answer: sixteen kilobytes are more than any card of ours has to say. */
export const ANSWER_PIECES_MAX = 64;

/**
 * An answer in pieces (61xx) is put together by GET RESPONSE, and a command asked again at its exact length (6Cxx), as
 * cards behind old readers want it. A card that never comes to an end is one that answers nonsense.
 */
export const cardIn = (reader: Reader, slot: number): CardPort => ({
  async exchange(apdu) {
    const first = await reader.exchange(slot, apdu);
    if (!first.ok) return first;
    const exact = exactLength(first.value.statusWord);
    let answer = first;
    if (exact !== undefined && apdu.length >= 4) {
      const again = await reader.exchange(
        slot,
        concatBytes(apdu.subarray(0, 4), Uint8Array.of(exact & 0xff)),
      );
      if (!again.ok) return again;
      answer = again;
    }
    const pieces = [answer.value.data];
    let { statusWord } = answer.value;
    for (let more = bytesAvailable(statusWord); more !== undefined; more = bytesAvailable(statusWord)) {
      if (pieces.length >= ANSWER_PIECES_MAX) return failure('card_mute');
      const next = await reader.exchange(slot, getResponse(apdu[0] as number, more));
      if (!next.ok) return next;
      pieces.push(next.value.data);
      statusWord = next.value.statusWord;
    }
    return success({ data: pieces.length === 1 ? (pieces[0] as Bytes) : concatBytes(...pieces), statusWord });
  },
});

const OURS = 0x80;
const ISO = 0x00;
const SELECT_BY_NAME = 0x04;
const PIN_REFERENCE = 0x80;
const NO_DATA = new Uint8Array(0);

function faultOf(statusWord: number): CardFault {
  const triesLeft = pinTriesLeft(statusWord);
  if (triesLeft !== undefined) return { code: 'wrong_pin', triesLeft };
  switch (statusWord) {
    case STATUS_WORDS.pin_blocked:
      return { code: 'card_blocked' };
    case STATUS_WORDS.security_not_satisfied:
      return { code: 'pin_needed' };
    case STATUS_WORDS.conditions_not_satisfied:
      return { code: 'card_state' };
    default:
      return { code: 'card_refused', statusWord };
  }
}

async function command(
  card: CardPort,
  cla: number,
  ins: number,
  p1: number,
  p2: number,
  data: Bytes = NO_DATA,
): Promise<CardResult<Bytes>> {
  const answer = await card.exchange(encodeApdu(cla, ins, p1, p2, data));
  if (!answer.ok) return failure({ code: answer.fault });
  return answer.value.statusWord === STATUS_WORDS.ok
    ? success(answer.value.data)
    : failure(faultOf(answer.value.statusWord));
}

/** Turns a missing value into a named fault: the card said 9000 and gave nonsense. */
const orMalformed = <Value>(value: Value | undefined): CardResult<Value> =>
  value === undefined ? failure({ code: 'card_malformed' }) : success(value);

const AIDS = {
  role_card: ROLE_CARD_AID,
  tarefe_card: TAREFE_CARD_AID,
  voter_card: PIV_AID,
  amayesh_card: AMAYESH_AID,
} as const satisfies Partial<Record<CardKind, Bytes>>;
export type KnownCardKind = keyof typeof AIDS;

const selectAid = (card: CardPort, kind: KnownCardKind): Promise<CardResult<Bytes>> =>
  command(card, ISO, INS.select, SELECT_BY_NAME, 0, AIDS[kind]);

const isNotFound = (fault: CardFault): boolean =>
  fault.code === 'card_refused' && fault.statusWord === STATUS_WORDS.not_found;

/** What kind of card lies there; it ends selected where it is one of ours to select. */
export async function recogniseCard(card: CardPort): Promise<CardResult<CardKind>> {
  for (const kind of Object.keys(AIDS) as KnownCardKind[]) {
    const selected = await selectAid(card, kind);
    if (selected.ok) return success(kind);
    if (!isNotFound(selected.fault)) return selected;
  }
  return success('foreign_card');
}

/** Selecting forgets a PIN that was given before. */
export async function selectCard(card: CardPort, wanted: KnownCardKind): Promise<CardResult<void>> {
  const selected = await selectAid(card, wanted);
  if (selected.ok) return success(undefined);
  if (!isNotFound(selected.fault)) return selected;
  const found = await recogniseCard(card);
  return found.ok ? failure({ code: 'other_card', found: found.value }) : found;
}

// Role cards

export const verifyRolePin = (card: CardPort, pin: string): Promise<CardResult<Bytes>> =>
  command(card, OURS, INS.verify_pin, 0, PIN_REFERENCE, utf8(pin));

export async function readRoleIdentity(card: CardPort): Promise<CardResult<RoleIdentity>> {
  const answer = await command(card, OURS, INS.identity, 0, 0);
  return answer.ok ? orMalformed(decodeRoleIdentity(answer.value)) : answer;
}

/** One press: the card signs. @returns the Approval record. */
export async function approve(card: CardPort, approval: records.Approval): Promise<CardResult<Bytes>> {
  const role = records.roleShape.toCbor(approval.role, '') as number;
  const answer = await command(card, OURS, INS.approve, role, 0, encode(records.approvalShape, approval));
  if (!answer.ok) return answer;
  return orMalformed(answer.value.length <= APPROVAL_BYTES_MAX ? answer.value : undefined);
}

/** @returns the X25519 secret: the caller wipes it. */
export async function releaseCountKey(card: CardPort, release: ReleaseData): Promise<CardResult<Bytes>> {
  const answer = await command(card, OURS, INS.release_count_key, 0, 0, encodeReleaseData(release));
  if (!answer.ok) return answer;
  return orMalformed(answer.value.length === SECRET_KEY_BYTES ? answer.value : undefined);
}

// Tarefe cards

/** @returns the new arming nonce; `card_state` where the card is armed. */
export async function prepareTarefe(card: CardPort): Promise<CardResult<Bytes>> {
  const answer = await command(card, OURS, INS.tarefe_prepare, 0, 0);
  if (!answer.ok) return answer;
  return orMalformed(answer.value.length === ARMING_NONCE_BYTES ? answer.value : undefined);
}

/** Idempotent on the card that made the nonce; any other card refuses. */
export const armTarefe = (card: CardPort, arm: ArmData): Promise<CardResult<Bytes>> =>
  command(card, OURS, INS.tarefe_arm, 0, 0, encodeArmData(arm));

/** @returns the Tarefe record over the challenge; its signature is the caller's to check. */
export const readTarefe = (card: CardPort, challenge: Bytes): Promise<CardResult<Bytes>> =>
  command(card, OURS, INS.tarefe_state, 0, 0, challenge);

export const voidTarefe = (card: CardPort, approvals: readonly [Bytes, Bytes]): Promise<CardResult<Bytes>> =>
  command(card, OURS, INS.tarefe_void, 0, 0, encodeVoidData(approvals));

// Voters' national cards

/** @returns the holder object, as the registry signed it; unchecked. */
export async function readHolderObject(card: CardPort): Promise<CardResult<Bytes>> {
  const answer = await command(
    card,
    ISO,
    INS.get_data,
    PIV.get_data_p1,
    PIV.get_data_p2,
    pivGetData(HOLDER_OBJECT_TAG),
  );
  return answer.ok ? orMalformed(pivObject(answer.value)) : answer;
}

/** SP 800-73: digits padded with FF to eight bytes. @param pin 4 to 8 digits */
export function verifyVoterPin(card: CardPort, pin: string): Promise<CardResult<Bytes>> {
  if (pin.length > PIV_PIN_BYTES) throw new RangeError('a PIN of a PIV card has at most 8 digits');
  const padded = new Uint8Array(PIV_PIN_BYTES).fill(0xff);
  padded.set(utf8(pin));
  return command(card, ISO, INS.verify_pin, 0, PIV.pin, padded);
}

/** The reader puts the template from its own sensor in: none passes this computer. */
export const verifyVoterFinger = (card: CardPort): Promise<CardResult<Bytes>> =>
  command(card, ISO, INS.verify_pin, 0, PIV.primary_finger);

/** @param challengeDigest SHA-256 of a fresh challenge. @returns an ECDSA signature in DER. */
export async function authenticateVoterCard(
  card: CardPort,
  challengeDigest: Bytes,
): Promise<CardResult<Bytes>> {
  const data = pivAuthenticate(challengeDigest);
  const answer = await command(
    card,
    ISO,
    INS.general_authenticate,
    PIV.algorithm_p256,
    PIV.authentication_key,
    data,
  );
  return answer.ok ? orMalformed(pivSignature(answer.value)) : answer;
}
