/** What cards and reader answer, as refusals that an officer can act on. */
import { Refused } from '../contract/socket.ts';
import type { CardFault, CardKind } from '../devices/cards.ts';

/** A role card's fault. */
export function roleCardRefusal(fault: CardFault): Refused {
  switch (fault.code) {
    case 'no_card':
      return new Refused('no_role_card');
    case 'other_card':
      return new Refused('role_slot_holds_other_card', fault.found);
    case 'wrong_pin':
      return new Refused('wrong_pin', String(fault.triesLeft));
    case 'pin_needed':
      return new Refused('role_card_locked');
    case 'card_state':
    case 'card_refused':
      return new Refused('card_refused');
    default:
      return new Refused(fault.code);
  }
}

/** A fault of the card on the tarefe pad. */
export function tarefeRefusal(fault: CardFault): Refused {
  switch (fault.code) {
    case 'no_card':
      return new Refused('no_tarefe');
    case 'card_mute':
      return new Refused('tarefe_mute');
    case 'other_card':
      return new Refused('not_a_tarefe', fault.found);
    case 'card_state':
      return new Refused('tarefe_armed');
    case 'wrong_pin':
    case 'card_blocked':
    case 'pin_needed':
    case 'card_refused':
    case 'card_malformed':
      return new Refused('tarefe_refused');
    default:
      return new Refused(fault.code);
  }
}

/** What lies in the document slot and is no national card: the person is told what it is. */
export const WRONG_DOCUMENTS: Readonly<Record<Exclude<CardKind, 'voter_card'>, string>> = {
  role_card: 'document_is_role_card',
  tarefe_card: 'document_is_tarefe_card',
  amayesh_card: 'amayesh_card',
  foreign_card: 'foreign_card',
};
