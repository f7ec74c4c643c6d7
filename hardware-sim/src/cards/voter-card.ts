/**
 * A voter's national card, PIV style: holder object readable by anyone, GENERAL AUTHENTICATE after the PIN or the
 * finger. docs/CARDS.md has the objects; the station's side of them is in the protocol's voter-card.ts.
 */
import {
  type Bytes,
  concatBytes,
  decodeTlvs,
  encodeTlv,
  equalBytes,
  INS,
  PIV,
  PIV_AID,
  PIV_CHALLENGE_BYTES,
  STATUS_WORDS,
} from '@sandoq/protocol';
import type { CommandApdu } from './apdu-command.ts';
import { type Applet, answer, type CardPorts, refuse, type Step } from './card.ts';
import { p256SignDigest } from './p256.ts';
import { type PinState, verifyPin } from './pin.ts';
import { pivDataObject } from './piv-objects.ts';

export const FINGER_TEMPLATE_BYTES = 32;
export const FINGER_TRIES_MAX = 5;

export interface VoterCardState {
  readonly kind: 'voter';
  readonly nationalCode: string;
  readonly name: string;
  /** `[holder, signature]` of the protocol's voter-card.ts */
  readonly holderObject: Bytes;
  /** P-256 scalar */
  readonly secretKey: Bytes;
  readonly pin: PinState;
  readonly fingerTemplate: Bytes;
  readonly fingerTriesLeft: number;
}

export interface VoterSession {
  readonly verified: boolean;
}

type VoterStep = Step<VoterCardState, VoterSession>;

/** Application property template (SP 800-73-4 part 1, table 3): the short AID and who gave it. */
const PROPERTY_TEMPLATE = encodeTlv(
  0x61,
  concatBytes(
    encodeTlv(0x4f, Uint8Array.of(0x00, 0x00, 0x10, 0x00, 0x01, 0x00)),
    encodeTlv(0x79, encodeTlv(0x4f, PIV_AID.subarray(0, 5))),
  ),
);

function verifyFinger(card: VoterCardState, session: VoterSession, template: Bytes): VoterStep {
  if (card.fingerTriesLeft === 0) return refuse(card, { verified: false }, STATUS_WORDS.pin_blocked);
  if (template.length === 0)
    return session.verified ? answer(card, session) : refuse(card, session, 0x63c0 | card.fingerTriesLeft);
  if (template.length !== FINGER_TEMPLATE_BYTES) return refuse(card, session, STATUS_WORDS.wrong_length);
  if (equalBytes(template, card.fingerTemplate)) {
    const whole =
      card.fingerTriesLeft === FINGER_TRIES_MAX ? card : { ...card, fingerTriesLeft: FINGER_TRIES_MAX };
    return answer(whole, { verified: true });
  }
  const fingerTriesLeft = card.fingerTriesLeft - 1;
  const word = fingerTriesLeft === 0 ? STATUS_WORDS.pin_blocked : 0x63c0 | fingerTriesLeft;
  return refuse({ ...card, fingerTriesLeft }, { verified: false }, word);
}

function verify(card: VoterCardState, session: VoterSession, command: CommandApdu): VoterStep {
  if (command.p1 !== 0) return refuse(card, session, STATUS_WORDS.wrong_p1p2);
  if (command.p2 === PIV.primary_finger) return verifyFinger(card, session, command.data);
  if (command.p2 !== PIV.pin) return refuse(card, session, STATUS_WORDS.wrong_p1p2);
  const verdict = verifyPin(card.pin, session.verified, command.data);
  const next = verdict.state === card.pin ? card : { ...card, pin: verdict.state };
  return refuse(next, { verified: verdict.verified }, verdict.statusWord);
}

function getData(
  card: VoterCardState,
  session: VoterSession,
  command: CommandApdu,
  ports: CardPorts,
): VoterStep {
  if (command.p1 !== PIV.get_data_p1 || command.p2 !== PIV.get_data_p2)
    return refuse(card, session, STATUS_WORDS.wrong_p1p2);
  const tag = decodeTlvs(command.data)?.get(0x5c);
  if (tag === undefined) return refuse(card, session, STATUS_WORDS.wrong_data);
  const object = pivDataObject(card, tag, ports.crypto);
  return object === undefined ? refuse(card, session, STATUS_WORDS.not_found) : answer(card, session, object);
}

function authenticate(
  card: VoterCardState,
  session: VoterSession,
  command: CommandApdu,
  ports: CardPorts,
): VoterStep {
  if (command.p1 !== PIV.algorithm_p256 || command.p2 !== PIV.authentication_key)
    return refuse(card, session, STATUS_WORDS.wrong_p1p2);
  if (!session.verified) return refuse(card, session, STATUS_WORDS.security_not_satisfied);
  const template = decodeTlvs(command.data)?.get(0x7c);
  const fields = template && decodeTlvs(template);
  const challenge = fields?.get(0x81);
  if (challenge?.length !== PIV_CHALLENGE_BYTES || fields?.get(0x82)?.length !== 0)
    return refuse(card, session, STATUS_WORDS.wrong_data);
  const signature = p256SignDigest(card.secretKey, challenge, ports.random);
  return answer(card, session, encodeTlv(0x7c, encodeTlv(0x82, signature)));
}

export const voterApplet: Applet<VoterCardState, VoterSession> = {
  aid: PIV_AID,
  selectAnswer: PROPERTY_TEMPLATE,
  freshSession: { verified: false },
  execute(card, session, command, ports) {
    if (command.cla !== 0) return refuse(card, session, STATUS_WORDS.cla_unknown);
    switch (command.ins) {
      case INS.verify_pin:
        return verify(card, session, command);
      case INS.get_data:
        return getData(card, session, command, ports);
      case INS.general_authenticate:
        return authenticate(card, session, command, ports);
      default:
        return refuse(card, session, STATUS_WORDS.ins_unknown);
    }
  },
};
