/** A role's card: says who it is, and after its PIN signs approvals; the closing representatives' hold a count key. */
import {
  type Bytes,
  decode,
  decodeReleaseData,
  type ElectionId,
  encodeRoleIdentity,
  INS,
  ROLE_CARD_AID,
  records,
  roleSubject,
  STATUS_WORDS,
  signTyped,
} from '@sandoq/protocol';
import type { CommandApdu } from './apdu-command.ts';
import { type Applet, answer, type CardPorts, refuse, type Step } from './card.ts';
import { mayRelease } from './count-key-release.ts';
import { type PinState, verifyPin } from './pin.ts';

export interface RoleCardState {
  readonly kind: 'role';
  readonly election: ElectionId;
  readonly stationId: string;
  readonly role: records.Role;
  /** of several cards of this role at the station, each with a key of its own */
  readonly number?: number;
  /** whom the card trusts to say what its station is; fixed when it was made */
  readonly authorityKey: Bytes;
  readonly pin: PinState;
  /** Ed25519 */
  readonly secretKey: Bytes;
  /** X25519, of the two closing representatives */
  readonly countSecretKey: Bytes | null;
}

export interface RoleSession {
  readonly verified: boolean;
}

type RoleStep = Step<RoleCardState, RoleSession>;

/** ISO 7816-4: a PIN of the application itself; plain 0 is taken as well. */
const PIN_REFERENCE = 0x80;

export const CLOSING_ROLES: readonly records.Role[] = ['governor_representative', 'council_representative'];
function identity(card: RoleCardState, session: RoleSession, ports: CardPorts): RoleStep {
  const own = {
    subject: roleSubject(card.stationId, card.role, card.number),
    role: card.role,
    key: ports.crypto.signingPublicKey(card.secretKey),
  };
  const countKey = card.countSecretKey && ports.crypto.agreementPublicKey(card.countSecretKey);
  return answer(card, session, encodeRoleIdentity(countKey === null ? own : { ...own, countKey }));
}

function approve(
  card: RoleCardState,
  session: RoleSession,
  command: CommandApdu,
  ports: CardPorts,
): RoleStep {
  if (!session.verified) return refuse(card, session, STATUS_WORDS.security_not_satisfied);
  if (command.p1 !== records.roleShape.toCbor(card.role, '') || command.p2 !== 0)
    return refuse(card, session, STATUS_WORDS.wrong_p1p2);
  const approval = decode(records.approvalShape, command.data);
  if (!approval.ok || approval.value.role !== card.role)
    return refuse(card, session, STATUS_WORDS.wrong_data);
  const record = signTyped(
    ports.crypto,
    card.secretKey,
    {
      type: 'approval',
      election: card.election,
      signer: roleSubject(card.stationId, card.role, card.number),
    },
    records.approvalShape,
    approval.value,
  );
  return answer(card, session, record);
}

function releaseCountKey(
  card: RoleCardState,
  session: RoleSession,
  command: CommandApdu,
  ports: CardPorts,
): RoleStep {
  if (card.countSecretKey === null) return refuse(card, session, STATUS_WORDS.ins_unknown);
  if (!session.verified) return refuse(card, session, STATUS_WORDS.security_not_satisfied);
  const data = decodeReleaseData(command.data);
  if (data === undefined) return refuse(card, session, STATUS_WORDS.wrong_data);
  const releasing = {
    election: card.election,
    stationId: card.stationId,
    subject: roleSubject(card.stationId, card.role, card.number),
    key: ports.crypto.signingPublicKey(card.secretKey),
    countKey: ports.crypto.agreementPublicKey(card.countSecretKey),
    authorityKey: card.authorityKey,
  };
  return mayRelease(ports.crypto, releasing, data)
    ? answer(card, session, card.countSecretKey.slice())
    : refuse(card, session, STATUS_WORDS.conditions_not_satisfied);
}

export const roleApplet: Applet<RoleCardState, RoleSession> = {
  aid: ROLE_CARD_AID,
  selectAnswer: new Uint8Array(0),
  freshSession: { verified: false },
  execute(card, session, command, ports) {
    if (command.cla !== 0x80) return refuse(card, session, STATUS_WORDS.cla_unknown);
    switch (command.ins) {
      case INS.verify_pin: {
        if (command.p1 !== 0 || (command.p2 !== 0 && command.p2 !== PIN_REFERENCE))
          return refuse(card, session, STATUS_WORDS.wrong_p1p2);
        const verdict = verifyPin(card.pin, session.verified, command.data);
        const next = verdict.state === card.pin ? card : { ...card, pin: verdict.state };
        return refuse(next, { verified: verdict.verified }, verdict.statusWord);
      }
      case INS.identity:
        return identity(card, session, ports);
      case INS.approve:
        return approve(card, session, command, ports);
      case INS.release_count_key:
        return releaseCountKey(card, session, command, ports);
      default:
        return refuse(card, session, STATUS_WORDS.ins_unknown);
    }
  },
};
