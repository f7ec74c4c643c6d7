/**
 * The tarefe card: blank → (prepare, two approvals) → armed → spent, or armed → void → blank. All cards of a station
 * share one signing key and show no serial. A nonce is made anew at each preparation and serves for one arming.
 */
import {
  ARMING_NONCE_BYTES,
  type Bytes,
  decodeArmData,
  decodeVoidData,
  type ElectionId,
  encode,
  equalBytes,
  INS,
  records,
  STATUS_WORDS,
  signTyped,
  TAREFE_CARD_AID,
  tarefeSubject,
} from '@sandoq/protocol';
import type { CommandApdu } from './apdu-command.ts';
import { type Approver, bothApproved } from './approvals.ts';
import { type Applet, answer, type CardPorts, refuse, type Step } from './card.ts';

export interface ArmedTarefe {
  readonly statement: records.ArmStatement;
  readonly approvals: readonly [Bytes, Bytes];
}

export interface TarefeCardState {
  readonly kind: 'tarefe';
  readonly election: ElectionId;
  readonly stationId: string;
  /** Ed25519, the same on every tarefe card of the station */
  readonly secretKey: Bytes;
  readonly approvers: readonly Approver[];
  readonly state: records.TarefeState;
  /** made by `prepare`, used up by `arm` */
  readonly pendingNonce: Bytes | null;
  readonly armed: ArmedTarefe | null;
}

type TarefeStep = Step<TarefeCardState, null>;
const CHALLENGE_BYTES = 32;

function tarefeRecord(card: TarefeCardState, challenge: Bytes, ports: CardPorts): Bytes {
  const shown = card.state === 'blank' || card.armed === null ? {} : card.armed;
  return signTyped(
    ports.crypto,
    card.secretKey,
    { type: 'tarefe', election: card.election, signer: tarefeSubject(card.stationId) },
    records.tarefeShape,
    { challenge, state: card.state, ...shown },
  );
}

const statementDigest = (ports: CardPorts, statement: records.ArmStatement): Bytes =>
  ports.crypto.sha256(encode(records.armStatementShape, statement));

function prepare(card: TarefeCardState, command: CommandApdu, ports: CardPorts): TarefeStep {
  if (command.data.length > 0) return refuse(card, null, STATUS_WORDS.wrong_length);
  if (card.state === 'armed') return refuse(card, null, STATUS_WORDS.conditions_not_satisfied);
  const pendingNonce = ports.random(ARMING_NONCE_BYTES);
  return answer({ ...card, pendingNonce }, null, pendingNonce);
}

function arm(card: TarefeCardState, command: CommandApdu, ports: CardPorts): TarefeStep {
  const data = decodeArmData(command.data);
  if (data === undefined) return refuse(card, null, STATUS_WORDS.wrong_data);
  const { statement, approvals } = data;
  // An answer may be lost between card and station: the same arming again is granted and changes nothing.
  if (card.state === 'armed' && card.armed !== null) {
    const same = equalBytes(
      encode(records.armStatementShape, card.armed.statement),
      encode(records.armStatementShape, statement),
    );
    return same ? answer(card, null) : refuse(card, null, STATUS_WORDS.conditions_not_satisfied);
  }
  if (card.pendingNonce === null) return refuse(card, null, STATUS_WORDS.conditions_not_satisfied);
  if (statement.stationId !== card.stationId || !equalBytes(statement.armingNonce, card.pendingNonce))
    return refuse(card, null, STATUS_WORDS.wrong_data);
  const approved = bothApproved(
    ports.crypto,
    {
      election: card.election,
      actions: ['arm_tarefe'],
      digest: statementDigest(ports, statement),
      approvers: card.approvers,
    },
    approvals,
  );
  if (!approved) return refuse(card, null, STATUS_WORDS.security_not_satisfied);
  return answer({ ...card, state: 'armed', pendingNonce: null, armed: { statement, approvals } }, null);
}

function voidCard(card: TarefeCardState, command: CommandApdu, ports: CardPorts): TarefeStep {
  const approvals = decodeVoidData(command.data);
  if (approvals === undefined) return refuse(card, null, STATUS_WORDS.wrong_data);
  if (card.state !== 'armed' || card.armed === null)
    return refuse(card, null, STATUS_WORDS.conditions_not_satisfied);
  const wanted = {
    election: card.election,
    digest: statementDigest(ports, card.armed.statement),
    approvers: card.approvers,
  };
  const approved = (['return_tarefe', 'abandon_ballot'] as const).some((action) =>
    bothApproved(ports.crypto, { ...wanted, actions: [action] }, approvals),
  );
  if (!approved) return refuse(card, null, STATUS_WORDS.security_not_satisfied);
  return answer({ ...card, state: 'blank', pendingNonce: null, armed: null }, null);
}

function stateOrBurn(card: TarefeCardState, command: CommandApdu, ports: CardPorts): TarefeStep {
  if (command.data.length !== CHALLENGE_BYTES) return refuse(card, null, STATUS_WORDS.wrong_length);
  if (command.ins === INS.tarefe_state) return answer(card, null, tarefeRecord(card, command.data, ports));
  if (card.state === 'blank') return refuse(card, null, STATUS_WORDS.conditions_not_satisfied);
  const spent: TarefeCardState = card.state === 'spent' ? card : { ...card, state: 'spent' };
  return answer(spent, null, tarefeRecord(spent, command.data, ports));
}

export const tarefeApplet: Applet<TarefeCardState, null> = {
  aid: TAREFE_CARD_AID,
  selectAnswer: new Uint8Array(0),
  freshSession: null,
  execute(card, _session, command, ports) {
    if (command.cla !== 0x80) return refuse(card, null, STATUS_WORDS.cla_unknown);
    if (command.p1 !== 0 || command.p2 !== 0) return refuse(card, null, STATUS_WORDS.wrong_p1p2);
    switch (command.ins) {
      case INS.tarefe_state:
      case INS.tarefe_burn:
        return stateOrBurn(card, command, ports);
      case INS.tarefe_prepare:
        return prepare(card, command, ports);
      case INS.tarefe_arm:
        return arm(card, command, ports);
      case INS.tarefe_void:
        return voidCard(card, command, ports);
      default:
        return refuse(card, null, STATUS_WORDS.ins_unknown);
    }
  },
};
