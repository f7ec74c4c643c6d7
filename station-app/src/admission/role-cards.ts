/** The two role cards in their slots: unlocked by PIN while they lie there, one signature a press. */
import {
  ADMISSION_SLOTS,
  type Bytes,
  checkSignature,
  equalBytes,
  parseTyped,
  records,
} from '@sandoq/protocol';
import {
  approve,
  type CardPort,
  cardIn,
  readRoleIdentity,
  selectCard,
  verifyRolePin,
} from '../devices/cards.ts';
import type { OfficerRole } from '../machines/admission.ts';
import { type DeskContext, nowSeconds } from './context.ts';
import { refused, roleCardRefusal } from './faults.ts';

export const OFFICERS = ['executive', 'supervisor'] as const satisfies readonly OfficerRole[];

export interface RoleCards {
  /** its card lies in its slot, and its PIN has been given since it was laid there */
  unlocked(role: OfficerRole): boolean;
  /** @throws Refused where the card is another, or the PIN is wrong */
  unlock(role: OfficerRole, pin: string): Promise<void>;
  /** @throws Refused where the card is not unlocked */
  demandUnlocked(role: OfficerRole): void;
  /** @returns the Approval record */
  approve(role: OfficerRole, action: records.Action, digest: Bytes): Promise<Bytes>;
  /** The same, with the signature checked: for what no card checks after us. */
  approveChecked(role: OfficerRole, action: records.Action, digest: Bytes): Promise<Bytes>;
}

/** What one press asks of both roles, whose cards lie there unlocked. @throws Refused */
export async function bothSign(
  roles: RoleCards,
  action: records.Action,
  digest: Bytes,
): Promise<readonly [Bytes, Bytes]> {
  for (const role of OFFICERS) roles.demandUnlocked(role);
  const executive = await roles.approveChecked('executive', action, digest);
  return [executive, await roles.approveChecked('supervisor', action, digest)];
}

export function createRoleCards(context: DeskContext): RoleCards {
  /** the `laid` of the slot at which the PIN was given */
  const unlockedAt = new Map<OfficerRole, number>();
  const slotOf = (role: OfficerRole) => context.reader.status().slots[ADMISSION_SLOTS[role]];
  const unlocked = (role: OfficerRole): boolean => {
    const slot = slotOf(role);
    return slot?.present === true && unlockedAt.get(role) === slot.laid;
  };
  const demandUnlocked = (role: OfficerRole): void => {
    if (slotOf(role)?.present !== true) throw refused('no_role_card', role);
    if (!unlocked(role)) throw refused('role_card_locked', role);
  };

  /** A wrong card says what it is: Isfahan 2021 was lost over cards that did not. */
  const demandIdentity = async (card: CardPort, role: OfficerRole): Promise<void> => {
    const identity = await readRoleIdentity(card);
    if (!identity.ok) throw roleCardRefusal(identity.fault);
    const enrolled = context.election.station.roles.find((one) => one.subject === identity.value.subject);
    if (enrolled === undefined || !equalBytes(enrolled.key, identity.value.key)) {
      context.note({ event: 'role_refused', role, refusal: 'card_of_other_station' });
      throw refused('card_of_other_station', identity.value.role);
    }
    if (enrolled.role !== role || identity.value.role !== role) {
      context.note({ event: 'role_refused', role, refusal: 'wrong_role_card' });
      throw refused('wrong_role_card', identity.value.role);
    }
  };

  const press = async (role: OfficerRole, action: records.Action, digest: Bytes): Promise<Bytes> => {
    demandUnlocked(role);
    const signed = await approve(cardIn(context.reader, ADMISSION_SLOTS[role]), { action, role, digest });
    if (signed.ok) return signed.value;
    if (signed.fault.code === 'pin_needed') unlockedAt.delete(role);
    throw roleCardRefusal(signed.fault);
  };

  return {
    unlocked,
    demandUnlocked,
    async unlock(role, pin) {
      unlockedAt.delete(role);
      const card = cardIn(context.reader, ADMISSION_SLOTS[role]);
      const selected = await selectCard(card, 'role_card');
      if (!selected.ok) throw roleCardRefusal(selected.fault);
      // Known only now: the answer came behind every report of cards that came and went before it.
      const laid = slotOf(role)?.laid;
      await demandIdentity(card, role);
      const verified = await verifyRolePin(card, pin);
      if (!verified.ok) {
        if (verified.fault.code === 'wrong_pin') context.note({ event: 'pin_failed', role });
        if (verified.fault.code === 'card_blocked') context.note({ event: 'card_locked', role });
        throw roleCardRefusal(verified.fault);
      }
      if (laid !== undefined) unlockedAt.set(role, laid);
      context.changed();
    },
    approve: press,
    async approveChecked(role, action, digest) {
      const bytes = await press(role, action, digest);
      const parsed = parseTyped(bytes, 'approval', records.approvalShape);
      const { crypto, election } = context;
      const holds =
        parsed.ok &&
        parsed.value.value.action === action &&
        parsed.value.value.role === role &&
        equalBytes(parsed.value.value.digest, digest) &&
        checkSignature(
          crypto,
          election.directory,
          election.election,
          nowSeconds(context),
          parsed.value.record,
        ).ok;
      if (!holds) throw refused('card_refused', role);
      return bytes;
    },
  };
}
