/**
 * A card that comes back under two roles: returned (the person is released), spoiled (replaced for the same person),
 * abandoned (left at the box; whose it was is not known). The card is voided before the journal lets anyone have
 * another: in-hand file, card, journal.
 */
import type { records } from '@sandoq/protocol';
import { Refused } from '../contract/socket.ts';
import type { CardFault } from '../devices/cards.ts';
import type { AdmissionEvent, Refusal } from '../machines/admission.ts';
import type { DeskParts } from './arming.ts';
import { refused } from './faults.ts';
import { type Admission, cardsOut } from './journal-cell.ts';
import { bothSign, OFFICERS } from './role-cards.ts';
import { writtenBy } from './terminals/shared-journal.ts';

export type TakeBackReason = 'returned' | 'spoiled' | 'abandoned';

const EVENTS = {
  returned: 'card_returned',
  spoiled: 'card_spoiled',
  abandoned: 'card_abandoned',
} as const satisfies Record<TakeBackReason, records.LogEvent>;

type Pad =
  | { readonly kind: 'armed'; readonly statement: records.ArmStatement }
  | { readonly kind: 'blank' | 'spent' | 'absent' | 'mute' };

async function look({ pad }: DeskParts): Promise<Pad> {
  try {
    const { state, statement } = await pad.look();
    if (state !== 'armed') return { kind: state };
    if (statement === undefined) throw refused('tarefe_refused');
    return { kind: 'armed', statement };
  } catch (cause) {
    if (cause instanceof Refused && cause.refusal.code === 'tarefe_mute') return { kind: 'mute' };
    if (cause instanceof Refused && cause.refusal.code === 'no_tarefe') return { kind: 'absent' };
    throw cause;
  }
}

type TakingBack = NonNullable<DeskParts['desk']['takingBack']>;

/** What the journal shall say once the card is void. */
async function settle({ context, desk }: DeskParts, intent: TakingBack): Promise<void> {
  const { journal, inHand } = context.stores;
  // Whatever lay there is void, or given up: it is nobody's to be handed over.
  desk.lying = undefined;
  if (intent.kind === 'take_back') journal.put(intent.admission);
  else journal.setStation({ ...journal.station(), abandoned: intent.abandoned });
  await inHand.clearDurably();
  // The line itself owes the release: however often this process dies, it is told until the province answers.
  if (intent.kind === 'take_back' && intent.admission.state === 'released') context.claims.owed();
}

const REFUSED_BY_CARD: readonly CardFault['code'][] = ['card_state', 'card_refused', 'pin_needed'];

/** In-hand file, card, journal. @throws Refused where the card keeps its armed state, or its answer was lost. */
async function voidAndSettle(
  parts: DeskParts,
  action: 'return_tarefe' | 'abandon_ballot',
  statement: records.ArmStatement,
  intent: TakingBack,
): Promise<void> {
  const { context, pad, roles } = parts;
  const { inHand } = context.stores;
  const approvals = await bothSign(roles, action, pad.digestOf(statement));
  await inHand.write(intent);
  const voided = await pad.void(approvals);
  if (voided.ok) return await settle(parts, intent);
  if (REFUSED_BY_CARD.includes(voided.fault.code)) {
    // The card stands as before: so does what was in hand, which was at most an arming that had succeeded.
    if (parts.desk.lying !== undefined) await inHand.write({ kind: 'armed', admission: parts.desk.lying });
    else await inHand.clearDurably();
    throw refused('tarefe_refused');
  }
  interruptTakingBack(parts, intent);
  throw refused('admission_in_hand', voided.fault.code);
}

/** Until the card is laid again nothing else goes on: it may be armed still. */
export function interruptTakingBack({ context, desk }: DeskParts, intent: TakingBack): void {
  const refusal: Refusal = { code: 'taking_back_interrupted', detail: null };
  desk.send({ type: 'INTERRUPTED', person: desk.context.person, grant: desk.context.grant, refusal });
  desk.arming = undefined;
  desk.takingBack = intent;
  context.changed();
}

/** Nothing was taken back, or nobody can say so: the card counts as out, and no other is given. */
export async function dropTakingBack({ context, desk }: DeskParts): Promise<void> {
  await context.stores.inHand.clearDurably();
  context.note({ event: 'reconciled' });
  desk.send({ type: 'TAKING_BACK_ENDED' });
  context.changed();
}

/**
 * Armed, the card says that nothing has happened. Blank, it says nothing: any blank card looks like the one that was
 * voided, while hers may be armed in her hand. The two roles are asked.
 */
export async function continueTakingBack(parts: DeskParts): Promise<void> {
  const { context, desk } = parts;
  const intent = desk.takingBack;
  if (intent === undefined) return;
  let found: Pad;
  try {
    found = await look(parts);
  } catch (cause) {
    if (cause instanceof Refused) return;
    throw cause;
  }
  if (found.kind === 'absent' || found.kind === 'mute') return;
  if (found.kind === 'armed') return await dropTakingBack(parts);
  desk.send({ type: 'ARMING_INTERRUPTED', refusal: { code: 'taking_back_unarmed', detail: null } });
  context.changed();
}

/** What lies there instead of the armed card that is wanted, by its name. */
const NOT_ARMED = {
  blank: 'tarefe_blank',
  spent: 'tarefe_spent',
  absent: 'no_tarefe',
  mute: 'tarefe_mute',
} as const;
const notArmed = (pad: keyof typeof NOT_ARMED): Refused => refused(NOT_ARMED[pad]);

async function abandon(parts: DeskParts, pad: Pad): Promise<void> {
  const { journal } = parts.context.stores;
  if (parts.desk.context.inHand) throw refused('admission_in_hand');
  if (pad.kind !== 'armed') throw notArmed(pad.kind);
  const abandoned = journal.station().abandoned + 1;
  await voidAndSettle(parts, 'abandon_ballot', pad.statement, { kind: 'abandon', abandoned });
}

/** Whose card it is: the person who stands at the desk, by her document. */
function holderOf({ context, desk }: DeskParts): Admission {
  const code = desk.candidate?.nationalCode;
  if (code === undefined) throw refused('no_person');
  const admission = context.stores.journal.find(code);
  if (admission === undefined || admission.state !== 'admitted' || cardsOut(admission) === 0)
    throw refused('nothing_to_take_back');
  return admission;
}

async function takeBackFromHolder(parts: DeskParts, reason: 'returned' | 'spoiled', pad: Pad): Promise<void> {
  const { context, desk, roles } = parts;
  const admission = holderOf(parts);
  const grant = { style: admission.style, visiting: admission.visiting, replacement: true };
  const step: AdmissionEvent =
    reason === 'returned' ? { type: 'CARD_RETURNED' } : { type: 'CARD_SPOILED', grant };
  if (!desk.can(step)) throw refused('wrong_state', desk.name);
  // Whoever has voted looks like one who has lost her card: a broken card must lie there, an absent one is still out.
  const broken = reason === 'spoiled' && pad.kind === 'mute';
  if (pad.kind !== 'armed' && !broken) throw notArmed(pad.kind);
  const next: Admission = writtenBy(
    context.terminals,
    reason === 'returned'
      ? { ...admission, state: 'released', returned: admission.returned + 1 }
      : { ...admission, spoiled: admission.spoiled + 1 },
  );
  const intent = { kind: 'take_back', admission: next } as const;
  if (pad.kind === 'armed') await voidAndSettle(parts, 'return_tarefe', pad.statement, intent);
  else {
    // Nothing can be voided: both cards sign random bytes, so that both were there and unlocked.
    await bothSign(roles, 'return_tarefe', context.random(32));
    await settle(parts, intent);
  }
  desk.arming = undefined;
  desk.send(step);
}

/** Two roles say that what lies there is the very card: blank it is void, and broken it can be replaced. */
async function endTakingBack(parts: DeskParts, intent: TakingBack, pad: Pad): Promise<void> {
  if (pad.kind === 'armed') return await dropTakingBack(parts);
  const replaced = intent.kind === 'take_back' && intent.admission.state === 'admitted';
  if (pad.kind !== 'blank' && !(pad.kind === 'mute' && replaced)) throw notArmed(pad.kind);
  await bothSign(parts.roles, 'return_tarefe', parts.context.random(32));
  await settle(parts, intent);
  parts.context.note({ event: 'reconciled' });
  parts.desk.send({ type: 'TAKING_BACK_ENDED' });
  parts.context.changed();
}

/** @throws Refused; whatever it says, card and journal agree. */
export async function takeBack(parts: DeskParts, reason: TakeBackReason): Promise<void> {
  for (const role of OFFICERS) parts.roles.demandUnlocked(role);
  const interrupted = parts.desk.takingBack;
  const pad = await look(parts);
  if (interrupted !== undefined) return await endTakingBack(parts, interrupted, pad);
  if (reason === 'abandoned') await abandon(parts, pad);
  else await takeBackFromHolder(parts, reason, pad);
  const ledger = parts.context.stores.journal.ledger();
  parts.context.note({ event: EVENTS[reason], counters: [ledger[reason]] });
  parts.context.changed();
}
