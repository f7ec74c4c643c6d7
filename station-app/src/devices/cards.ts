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
import type { Reader } from './reader.ts';
import type { ReaderFault, ScriptOutcome } from './reader-answers.ts';

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
  /** Commands that need no answer of one another, as `Reader.script` has them. */
  script(apdus: readonly Bytes[]): Promise<Result<ScriptOutcome, ReaderFault>>;
}

/** Pieces of one answer: sixteen kilobytes are more than any card of ours has to say. */
export const ANSWER_PIECES_MAX = 64;

const isPart = ({ statusWord }: ApduAnswer): boolean =>
  exactLength(statusWord) !== undefined || bytesAvailable(statusWord) !== undefined;

/**
 * An answer in pieces (61xx) is put together by GET RESPONSE, and a command asked again at its exact length (6Cxx), as
 * cards behind old readers want it. A card that never comes to an end is one that answers nonsense.
 */
async function wholeAnswer(
  reader: Reader,
  slot: number,
  apdu: Bytes,
  first: ApduAnswer,
): Promise<Result<ApduAnswer, ReaderFault>> {
  const exact = exactLength(first.statusWord);
  let answer = first;
  if (exact !== undefined && apdu.length >= 4) {
    const again = await reader.exchange(slot, concatBytes(apdu.subarray(0, 4), Uint8Array.of(exact & 0xff)));
    if (!again.ok) return again;
    answer = again.value;
  }
  const pieces = [answer.data];
  let { statusWord } = answer;
  for (let more = bytesAvailable(statusWord); more !== undefined; more = bytesAvailable(statusWord)) {
    if (pieces.length >= ANSWER_PIECES_MAX) return failure('card_mute');
    const next = await reader.exchange(slot, getResponse(apdu[0] as number, more));
    if (!next.ok) return next;
    pieces.push(next.value.data);
    statusWord = next.value.statusWord;
  }
  return success({ data: pieces.length === 1 ? (pieces[0] as Bytes) : concatBytes(...pieces), statusWord });
}

/** A script ended at an answer in pieces: it is put together, and what stood behind it in the script is asked then. */
async function goOnBehindPart(
  reader: Reader,
  slot: number,
  apdus: readonly Bytes[],
  begun: ScriptOutcome,
): Promise<Result<ScriptOutcome, ReaderFault>> {
  const before = begun.answers.slice(0, -1);
  const { laid } = begun;
  const whole = await wholeAnswer(
    reader,
    slot,
    apdus[before.length] as Bytes,
    begun.answers.at(-1) as ApduAnswer,
  );
  if (!whole.ok)
    return before.length === 0 ? whole : success({ answers: before, stopped: whole.fault, laid });
  const answers = [...before, whole.value];
  const rest = apdus.slice(answers.length);
  if (rest.length === 0 || whole.value.statusWord !== STATUS_WORDS.ok)
    return success({ answers, stopped: undefined, laid });
  const behind = await runScript(reader, slot, rest);
  if (!behind.ok) return success({ answers, stopped: behind.fault, laid });
  return success({
    answers: [...answers, ...behind.value.answers],
    stopped: behind.value.stopped,
    laid,
  });
}

async function runScript(
  reader: Reader,
  slot: number,
  apdus: readonly Bytes[],
): Promise<Result<ScriptOutcome, ReaderFault>> {
  const begun = await reader.script(slot, apdus);
  if (!begun.ok || begun.value.stopped !== undefined) return begun;
  return isPart(begun.value.answers.at(-1) as ApduAnswer)
    ? goOnBehindPart(reader, slot, apdus, begun.value)
    : begun;
}

export const cardIn = (reader: Reader, slot: number): CardPort => ({
  async exchange(apdu) {
    const first = await reader.exchange(slot, apdu);
    return first.ok && isPart(first.value) ? wholeAnswer(reader, slot, apdu, first.value) : first;
  },
  script: (apdus) => runScript(reader, slot, apdus),
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

const selectCommand = (kind: KnownCardKind): Bytes =>
  encodeApdu(ISO, INS.select, SELECT_BY_NAME, 0, AIDS[kind]);

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

/** The card has not let itself be selected: it may be another than the one wanted. */
async function notSelected(card: CardPort, fault: CardFault): Promise<CardResult<never>> {
  if (!isNotFound(fault)) return failure(fault);
  const found = await recogniseCard(card);
  return found.ok ? failure({ code: 'other_card', found: found.value }) : found;
}

/** Selecting forgets a PIN that was given before. */
export async function selectCard(card: CardPort, wanted: KnownCardKind): Promise<CardResult<void>> {
  const selected = await selectAid(card, wanted);
  return selected.ok ? success(undefined) : notSelected(card, selected.fault);
}

interface Ran {
  /** of the commands answered by 9000, in their order */
  readonly done: readonly Bytes[];
  /** of the command behind them */
  readonly fault: CardFault;
  /** of the slot, when the answers came */
  readonly laid: number;
}

/** Commands of which none needs the answer of one before, together. */
async function runCommands(card: CardPort, ...apdus: readonly Bytes[]): Promise<Ran> {
  const outcome = await card.script(apdus);
  if (!outcome.ok) return { done: [], fault: { code: outcome.fault }, laid: 0 };
  const { answers, stopped, laid } = outcome.value;
  const done: Bytes[] = [];
  for (const { data, statusWord } of answers) {
    if (statusWord !== STATUS_WORDS.ok) return { done, fault: faultOf(statusWord), laid };
    done.push(data);
  }
  return { done, fault: { code: stopped ?? 'card_mute' }, laid };
}

const resultOf = ({ done, fault }: Ran, index: number): CardResult<Bytes> => {
  const data = done[index];
  return data === undefined ? failure(fault) : success(data);
};

/** SELECT and one command together. @returns what the command said, and the slot's `laid` at that time */
async function selectAndAsk(
  card: CardPort,
  wanted: KnownCardKind,
  apdu: Bytes,
): Promise<CardResult<{ readonly data: Bytes; readonly laid: number }>> {
  const ran = await runCommands(card, selectCommand(wanted), apdu);
  if (ran.done.length === 0) return notSelected(card, ran.fault);
  const asked = resultOf(ran, 1);
  return asked.ok ? success({ data: asked.value, laid: ran.laid }) : asked;
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

/** Selects the card. @returns the new arming nonce, and of which laying; `card_state` where the card is armed. */
export async function prepareTarefe(
  card: CardPort,
): Promise<CardResult<{ readonly armingNonce: Bytes; readonly laid: number }>> {
  const answer = await selectAndAsk(card, 'tarefe_card', encodeApdu(OURS, INS.tarefe_prepare, 0, 0));
  if (!answer.ok) return answer;
  const { data, laid } = answer.value;
  return orMalformed(data.length === ARMING_NONCE_BYTES ? { armingNonce: data, laid } : undefined);
}

const stateCommand = (challenge: Bytes): Bytes => encodeApdu(OURS, INS.tarefe_state, 0, 0, challenge);

/**
 * Arms the card and asks for its word on it together. Idempotent on the card that made the nonce; any other refuses.
 * @returns the card's answer to ARM, and, where it was armed, to the challenge as `readTarefe` has it; and of which laying
 */
export async function armTarefe(
  card: CardPort,
  arm: ArmData,
  challenge: Bytes,
): Promise<{ readonly armed: CardResult<Bytes>; readonly said: CardResult<Bytes>; readonly laid: number }> {
  const armCommand = encodeApdu(OURS, INS.tarefe_arm, 0, 0, encodeArmData(arm));
  const ran = await runCommands(card, armCommand, stateCommand(challenge));
  return { armed: resultOf(ran, 0), said: resultOf(ran, 1), laid: ran.laid };
}

/** Selects the card. @returns the Tarefe record over the challenge, of which laying; its signature is the caller's to check. */
export const readTarefe = (
  card: CardPort,
  challenge: Bytes,
): Promise<CardResult<{ readonly data: Bytes; readonly laid: number }>> =>
  selectAndAsk(card, 'tarefe_card', stateCommand(challenge));

export const voidTarefe = (card: CardPort, approvals: readonly [Bytes, Bytes]): Promise<CardResult<Bytes>> =>
  command(card, OURS, INS.tarefe_void, 0, 0, encodeVoidData(approvals));

// Voters' national cards

/** Selects the card. @returns the holder object, as the registry signed it; unchecked. */
export async function readHolderObject(
  card: CardPort,
): Promise<CardResult<{ readonly object: Bytes; readonly laid: number }>> {
  const { get_data_p1, get_data_p2 } = PIV;
  const getData = encodeApdu(ISO, INS.get_data, get_data_p1, get_data_p2, pivGetData(HOLDER_OBJECT_TAG));
  const answer = await selectAndAsk(card, 'voter_card', getData);
  if (!answer.ok) return answer;
  const object = pivObject(answer.value.data);
  return orMalformed(object && { object, laid: answer.value.laid });
}

/** SP 800-73: digits padded with FF to eight bytes. */
function paddedPin(pin: string): Bytes {
  if (pin.length > PIV_PIN_BYTES) throw new RangeError('a PIN of a PIV card has at most 8 digits');
  const padded = new Uint8Array(PIV_PIN_BYTES).fill(0xff);
  padded.set(utf8(pin));
  return padded;
}

/**
 * VERIFY and the answer to a challenge together: the card signs where the proof held, and is not asked where it did not.
 * @param proof PIN of 4 to 8 digits, or the finger: the reader puts the template from its own sensor in, none passes this
 * computer
 * @param challengeDigest SHA-256 of a fresh challenge
 * @returns the card's answer to the proof, and, where it held, an ECDSA signature in DER
 */
export async function proveHolder(
  card: CardPort,
  proof: { readonly pin: string } | 'finger',
  challengeDigest: Bytes,
): Promise<{ readonly verified: CardResult<Bytes>; readonly signature: CardResult<Bytes> }> {
  const verify =
    proof === 'finger'
      ? encodeApdu(ISO, INS.verify_pin, 0, PIV.primary_finger)
      : encodeApdu(ISO, INS.verify_pin, 0, PIV.pin, paddedPin(proof.pin));
  const { algorithm_p256, authentication_key } = PIV;
  const data = pivAuthenticate(challengeDigest);
  const authenticate = encodeApdu(ISO, INS.general_authenticate, algorithm_p256, authentication_key, data);
  const ran = await runCommands(card, verify, authenticate);
  const answer = resultOf(ran, 1);
  return {
    verified: resultOf(ran, 0),
    signature: answer.ok ? orMalformed(pivSignature(answer.value)) : answer,
  };
}
