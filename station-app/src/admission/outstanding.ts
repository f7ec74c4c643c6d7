/**
 * Cards that do not lie at the desk, under both roles: one that is with its voter after an interruption, and at the end
 * of the day those that never came back. Neither gives anyone another card.
 */
import type { DeskParts } from './arming.ts';
import { type PersonParts, resumeArming } from './desk.ts';
import { refused } from './faults.ts';
import { bothSign } from './role-cards.ts';
import { dropTakingBack } from './take-back.ts';

const WITNESSED_BYTES = 32;

/** No card's word can be asked: both role cards sign random bytes, so that both were there and unlocked. */
const witness = ({ context, roles }: DeskParts): Promise<unknown> =>
  bothSign(roles, 'return_tarefe', context.random(WITNESSED_BYTES));

/**
 * What was interrupted ends with the card out: she stays admitted with the one card of her line, wherever it is.
 * @throws Refused where nothing is in hand
 */
export async function confirmHandedOver(parts: DeskParts): Promise<void> {
  const { context, desk } = parts;
  if (!desk.context.inHand) throw refused('wrong_state', desk.name);
  await witness(parts);
  if (desk.takingBack !== undefined) return await dropTakingBack(parts);
  await context.stores.inHand.clearDurably();
  context.terminals?.inHand(undefined);
  desk.send({ type: 'CARD_HANDED_OVER' });
  context.note({ event: 'reconciled' });
  context.note({ event: 'card_armed', counters: [context.stores.journal.issued()] });
  context.changed();
}

/**
 * Two roles say that the terminals which cannot be reached are not here, or the second disk is not: the day goes on
 * without them, and the card that one of them was preparing is ended at this desk.
 */
export async function goOnWithout(parts: PersonParts): Promise<void> {
  const { context, desk } = parts;
  const { terminals } = context;
  if (terminals === undefined) throw refused('wrong_state', desk.name);
  await witness(parts);
  const gone = terminals.goOn();
  context.note({
    event: 'terminals_set_aside',
    counters: [gone, terminals.standing().isApart ? 1 : 0],
  });
  if (!desk.context.inHand && desk.name !== 'arming') {
    const left = terminals.view().left === undefined ? undefined : terminals.takeOver();
    if (left !== undefined) {
      desk.startOver();
      await context.stores.inHand.write({ kind: 'arm', admission: left });
      resumeArming(parts, left);
    }
  }
  context.changed();
}

/**
 * The day's whole number of abandoned cards, so that a repeated press counts nothing twice. Whose they are is not asked.
 * @throws Refused where more cards would have ended than were issued, or fewer be abandoned than were voided
 */
export async function declareAbandoned(parts: DeskParts, abandoned: number): Promise<void> {
  const { context, desk } = parts;
  const { journal } = context.stores;
  if (desk.context.inHand) throw refused('admission_in_hand');
  const ledger = journal.ledger();
  if (abandoned < ledger.abandoned || abandoned > ledger.issued - ledger.returned - ledger.spoiled)
    throw refused('abandoned_out_of_bounds', String(ledger.abandoned));
  await witness(parts);
  if (abandoned === ledger.abandoned) return;
  journal.setStation({ ...journal.station(), abandoned });
  context.note({ event: 'card_abandoned', counters: [abandoned] });
  context.changed();
}
