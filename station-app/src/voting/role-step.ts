/**
 * The step in hand: something that two role cards (or, for the minutes, every role) must approve, one press each.
 * Nothing is done until the last approval is there; a step that fails leaves everything as it was.
 */
import {
  type Bytes,
  checkSignature,
  equalBytes,
  parseTyped,
  ROLE_SLOTS,
  type RoleIdentity,
  records,
} from '@sandoq/protocol';
import { Refused } from '../contract/socket.ts';
import type { APPROVAL_STEPS } from '../contract/voting.ts';
import {
  approve,
  type CardFault,
  type CardPort,
  cardIn,
  readRoleIdentity,
  selectCard,
  verifyRolePin,
} from '../devices/cards.ts';
import { note, nowSeconds, type VotingContext } from './context.ts';

export type StepName = (typeof APPROVAL_STEPS)[number];
export type RoleSlot = keyof typeof ROLE_SLOTS;

export interface StepDescription {
  readonly name: StepName;
  readonly action: records.Action;
  /** SHA-256 of the statement that is approved */
  readonly digest: Bytes;
  /** signed by the same press, with the same word: the minutes beside the slip */
  readonly also?: { readonly action: records.Action; readonly digest: Bytes };
  /** all of them must press, each once */
  readonly roles: readonly records.Role[];
  /** whether other enrolled roles may press as well, and whether disagreement is signed too (the minutes) */
  readonly open: boolean;
  /** presses that were kept before a restart */
  readonly given?: ReadonlyMap<records.Role, Bytes>;
  /** Called at each press, before the step is complete: the minutes keep each one. */
  readonly onApproval?: (approval: records.Approval, record: Bytes, also?: Bytes) => void;
  /** In the order of `roles`. Throws Refused where it cannot be done: the step is over. */
  readonly onComplete: (approvals: readonly Bytes[]) => Promise<void>;
  readonly onEnd: () => void;
}

interface Step extends StepDescription {
  readonly approvals: Map<records.Role, Bytes>;
}

export interface StepPress {
  readonly slot: RoleSlot;
  readonly pin: string;
  readonly refused?: boolean | undefined;
  readonly remark?: string | undefined;
}

/** A card's own fault as a refusal that an officer can act on. */
function refusalOf(fault: CardFault): Refused {
  switch (fault.code) {
    case 'no_card':
      return new Refused('no_role_card');
    case 'other_card':
      return new Refused('card_not_role', fault.found);
    case 'wrong_pin':
      return new Refused('wrong_pin', String(fault.triesLeft));
    case 'card_blocked':
      return new Refused('card_locked');
    case 'card_refused':
    case 'card_state':
    case 'card_malformed':
    case 'pin_needed':
      return new Refused('card_refused');
    default:
      return new Refused('reader_lost', fault.code);
  }
}

/** @throws Refused unless a role card of this station lies in the slot. */
export async function identify(
  context: VotingContext,
  slot: RoleSlot,
): Promise<{ card: CardPort; identity: RoleIdentity }> {
  const card = cardIn(context.reader, ROLE_SLOTS[slot]);
  const selected = await selectCard(card, 'role_card');
  if (!selected.ok) throw refusalOf(selected.fault);
  const identity = await readRoleIdentity(card);
  if (!identity.ok) throw refusalOf(identity.fault);
  const enrolled = context.election.station.roles.find((role) => role.subject === identity.value.subject);
  const known =
    enrolled !== undefined &&
    enrolled.role === identity.value.role &&
    equalBytes(enrolled.key, identity.value.key);
  if (!known) throw new Refused('card_not_of_station', identity.value.role);
  return { card, identity: identity.value };
}

/** @throws Refused for a wrong PIN or a locked card, both of which are logged. */
export async function givePin(
  context: VotingContext,
  card: CardPort,
  role: records.Role,
  pin: string,
): Promise<void> {
  const verified = await verifyRolePin(card, pin);
  if (verified.ok) return;
  if (verified.fault.code === 'wrong_pin') note(context, { event: 'pin_failed', role });
  if (verified.fault.code === 'card_blocked') note(context, { event: 'card_locked', role });
  throw refusalOf(verified.fault);
}

export interface RoleSteps {
  current(): { readonly name: StepName; readonly approvals: readonly records.Role[] } | undefined;
  /** @throws Refused where another step is in hand */
  begin(step: StepDescription): void;
  press(press: StepPress): Promise<{ readonly role: records.Role; readonly complete: boolean }>;
  cancel(): void;
}

function checkWanted(context: VotingContext, inHand: Step, role: records.Role): void {
  if (!inHand.roles.includes(role) && !inHand.open) {
    note(context, { event: 'role_refused', role, refusal: 'role_not_wanted' });
    throw new Refused('role_not_wanted', role);
  }
  if (inHand.approvals.has(role)) throw new Refused('role_already_approved', role);
}

interface Signed {
  readonly approval: records.Approval;
  readonly record: Bytes;
  readonly also: Bytes | undefined;
}

/** @returns what the card has signed, checked */
async function sign(context: VotingContext, inHand: Step, press: StepPress): Promise<Signed> {
  const { card, identity } = await identify(context, press.slot);
  checkWanted(context, inHand, identity.role);
  await givePin(context, card, identity.role, press.pin);
  const word = {
    role: identity.role,
    ...(press.remark === undefined || !inHand.open ? {} : { remark: press.remark }),
    ...(press.refused === true && inHand.open ? { refused: true } : {}),
  };
  const approval: records.Approval = { action: inHand.action, digest: inHand.digest, ...word };
  const record = await signOne(context, card, identity, approval);
  const { also } = inHand;
  return {
    approval,
    record,
    also: also === undefined ? undefined : await signOne(context, card, identity, { ...also, ...word }),
  };
}

async function signOne(
  context: VotingContext,
  card: CardPort,
  identity: RoleIdentity,
  approval: records.Approval,
): Promise<Bytes> {
  const signed = await approve(card, approval);
  if (!signed.ok) throw refusalOf(signed.fault);
  const parsed = parseTyped(signed.value, 'approval', records.approvalShape);
  const { crypto, election } = context;
  const holds =
    parsed.ok &&
    parsed.value.record.signer === identity.subject &&
    parsed.value.value.action === approval.action &&
    equalBytes(parsed.value.value.digest, approval.digest) &&
    checkSignature(crypto, election.directory, election.election, nowSeconds(context), parsed.value.record)
      .ok;
  if (!holds) throw new Refused('card_refused');
  return signed.value;
}

const isComplete = (inHand: Step): boolean => inHand.roles.every((role) => inHand.approvals.has(role));

export function createRoleSteps(context: VotingContext): RoleSteps {
  let step: Step | undefined;
  let busy = false;

  const end = (): void => {
    const ended = step;
    step = undefined;
    ended?.onEnd();
    context.changed();
  };

  return {
    current: () => step && { name: step.name, approvals: [...step.approvals.keys()] },
    begin(description) {
      if (step !== undefined) throw new Refused('step_in_hand', step.name);
      step = { ...description, approvals: new Map(description.given) };
      context.changed();
    },
    async press(press) {
      const inHand = step;
      if (inHand === undefined) throw new Refused('no_step');
      if (busy) throw new Refused('step_in_hand', inHand.name);
      if (press.refused === true && !inHand.open)
        throw new Refused('bad_request', 'refused: only the minutes');
      busy = true;
      try {
        const { approval, record, also } = await context.withCards(() => sign(context, inHand, press));
        const { role } = approval;
        if (step !== inHand) throw new Refused('no_step');
        const wasComplete = isComplete(inHand);
        inHand.approvals.set(role, record);
        inHand.onApproval?.(approval, record, also);
        context.changed();
        const complete = isComplete(inHand);
        if (complete && !wasComplete) {
          try {
            await inHand.onComplete(inHand.roles.map((one) => inHand.approvals.get(one) as Bytes));
          } finally {
            if (!inHand.open) end();
          }
        }
        return { role, complete };
      } finally {
        busy = false;
      }
    },
    cancel() {
      if (step === undefined) throw new Refused('no_step');
      if (busy) throw new Refused('step_in_hand', step.name);
      end();
    },
  };
}
