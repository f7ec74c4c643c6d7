/** What cards and reader answer, as refusals that an officer can act on. */
import type { AdmissionRefusal, PersonRefusal } from '../contract/codes-admission.ts';
import { Refused } from '../contract/socket.ts';
import type { CardFault, CardKind } from '../devices/cards.ts';

/** Every refusal of this process is in the published list: the compiler holds us to it. */
export const refused = (code: AdmissionRefusal, detail?: string): Refused => new Refused(code, detail);

/** A role card's fault. */
export function roleCardRefusal(fault: CardFault): Refused {
  switch (fault.code) {
    case 'no_card':
      return refused('no_role_card');
    case 'other_card':
      return refused('role_slot_holds_other_card', fault.found);
    case 'wrong_pin':
      return refused('wrong_pin', String(fault.triesLeft));
    case 'pin_needed':
      return refused('role_card_locked');
    case 'card_state':
    case 'card_refused':
      return refused('card_refused');
    default:
      return refused(fault.code);
  }
}

/** A fault of the card on the tarefe pad. */
export function tarefeRefusal(fault: CardFault): Refused {
  switch (fault.code) {
    case 'no_card':
      return refused('no_tarefe');
    case 'card_mute':
      return refused('tarefe_mute');
    case 'other_card':
      return refused('not_a_tarefe', fault.found);
    case 'card_state':
      return refused('tarefe_armed');
    case 'wrong_pin':
    case 'card_blocked':
    case 'pin_needed':
    case 'card_refused':
    case 'card_malformed':
      return refused('tarefe_refused');
    default:
      return refused(fault.code);
  }
}

/** What lies in the document slot and is no national card: the person is told what it is. */
export const WRONG_DOCUMENTS: Readonly<Record<Exclude<CardKind, 'voter_card'>, PersonRefusal>> = {
  role_card: 'document_is_role_card',
  tarefe_card: 'document_is_tarefe_card',
  amayesh_card: 'amayesh_card',
  foreign_card: 'foreign_card',
};
