/**
 * From two presses to an armed card. The order is the promise: in-hand file, journal, card, and only then "armed" on
 * the screens. A card's nonce binds one arming to one card, so that a repeated ARM can arm no second one.
 */
import { CLAIM_TURN_MAX, type records } from '@sandoq/protocol';
import { Refused } from '../contract/socket.ts';
import type { OfficerRole, Refusal } from '../machines/admission.ts';
import { diskFaultOf } from '../stores/disk-fault.ts';
import { withdrawn } from './claims.ts';
import { currentBucket, type DeskContext } from './context.ts';
import type { DeskState } from './desk-state.ts';
import { refused } from './faults.ts';
import { type Admission, ARMINGS_MAX, cardsOut } from './journal-cell.ts';
import { OFFICERS, type RoleCards } from './role-cards.ts';
import { sameStatement, type TarefePad } from './tarefe.ts';
import { writtenBy } from './terminals/shared-journal.ts';

const CODE_ONLY_DIGEST_BYTES = 32;

export interface DeskParts {
  readonly context: DeskContext;
  readonly desk: DeskState;
  readonly roles: RoleCards;
  readonly pad: TarefePad;
}

type Claim =
  | { readonly granted: true; readonly offline: boolean; readonly stamp: boolean }
  | { readonly granted: false; readonly mayBeHeld: boolean };

async function prepare(
  { context, desk, pad }: DeskParts,
  style: number,
): Promise<NonNullable<DeskState['arming']>> {
  const mode = context.stores.journal.station().mode;
  if (mode === null) throw new Error('a card prepared before opening');
  const { armingNonce, laid } = await pad.prepare();
  const statement: records.ArmStatement = {
    stationId: context.election.station.id,
    mode,
    style,
    armingNonce,
  };
  desk.arming = { statement, digest: pad.digestOf(statement), laid, approvals: new Map() };
  return desk.arming;
}

/** Approvals are for one card: with another on the pad they are void. */
export function voidApprovals({ context, desk }: DeskParts): void {
  desk.arming = undefined;
  if (desk.can({ type: 'APPROVALS_VOIDED' })) desk.send({ type: 'APPROVALS_VOIDED' });
  context.changed();
}

/** Before the journal's line both roles press again; behind it the card is laid again, as after any interruption. */
function afterDiskFault(parts: DeskParts, cause: unknown): void {
  const fault = diskFaultOf(cause);
  if (fault === undefined) return;
  if (parts.desk.name === 'arming') interrupt(parts, fault);
  else if (!parts.desk.context.inHand) voidApprovals(parts);
}

/** One press of one role. @throws Refused; what was approved before stands, unless the card on the pad has changed. */
export async function pressApproval(parts: DeskParts, role: OfficerRole): Promise<void> {
  const { context, desk, roles, pad } = parts;
  if (desk.name !== 'identified' && desk.name !== 'awaiting_approvals')
    throw refused('wrong_state', desk.name);
  const { grant } = desk.context;
  const candidate = desk.candidate;
  if (grant === null || candidate === undefined) throw new Error('a person identified without a grant');
  if (desk.context.approvals[role]) return;
  roles.demandUnlocked(role);
  if (desk.arming !== undefined && desk.arming.laid !== pad.laid()) {
    voidApprovals(parts);
    throw refused('tarefe_changed');
  }
  const arming = desk.arming ?? (await prepare(parts, grant.style));
  // Without any document the two roles answer for the person themselves (RECORDS.md: random bytes shown to both).
  if (candidate.document === 'code_only')
    await roles.approveChecked(role, 'code_only_admission', context.random(CODE_ONLY_DIGEST_BYTES));
  arming.approvals.set(role, await roles.approve(role, 'arm_tarefe', arming.digest));
  desk.send({ type: 'ROLE_APPROVED', role });
  context.changed();
  if (!OFFICERS.every((one) => arming.approvals.has(one))) return;
  try {
    await admit(parts);
  } catch (cause) {
    afterDiskFault(parts, cause);
    throw cause;
  }
}

async function claim({ context, desk }: DeskParts, intended: Admission): Promise<Claim> {
  const stamp = intended.document === 'shenasnameh' && context.election.settings.stampShenasnameh;
  const answer = await context.claims.claim(intended);
  if (answer.kind === 'granted') return { granted: true, offline: false, stamp };
  const policy = context.election.settings.partitionPolicy;
  if (answer.kind === 'unreachable' && policy !== 'refuse')
    return { granted: true, offline: true, stamp: stamp || policy === 'admit_with_stamp' };
  const elsewhere = answer.kind === 'admitted_elsewhere';
  const code: Refusal['code'] = elsewhere ? 'already_admitted_elsewhere' : 'province_unreachable';
  desk.arming = undefined;
  desk.elsewhere = elsewhere ? answer.elsewhere : undefined;
  const refusal: Refusal = { code, detail: elsewhere ? answer.elsewhere.station : null };
  desk.send({ type: 'PERSON_REFUSED', refusal, person: desk.context.person });
  context.note({ event: 'admission_refused', refusal: code });
  context.changed();
  return { granted: false, mayBeHeld: answer.kind === 'unreachable' && answer.sent };
}

/** The journal's next line for this person. @throws Refused where she has had too many cards. */
function nextLine({ context, desk }: DeskParts): Admission {
  const { grant, helped } = desk.context;
  const candidate = desk.candidate;
  if (grant === null || candidate === undefined) throw new Error('an admission without a person');
  const before = context.stores.journal.find(candidate.nationalCode);
  const { terminals } = context;
  if (before?.state === 'admitted') {
    if (before.armings + 1 > ARMINGS_MAX) throw refused('too_many_cards');
    return writtenBy(terminals, { ...before, armings: before.armings + 1 });
  }
  const place: Pick<Admission, 'terminal' | 'apart'> = {
    ...(terminals === undefined ? {} : { terminal: terminals.here }),
    ...(terminals?.standing().isApart === true ? { apart: true } : {}),
  };
  const ended = context.stores.journal.lineOf({ ...candidate, ...place });
  const armings = (ended?.armings ?? 0) + 1;
  const turn = (ended?.turn ?? 0) + 1;
  if (armings > ARMINGS_MAX || turn > CLAIM_TURN_MAX) throw refused('too_many_cards');
  return {
    ...candidate,
    ...place,
    style: grant.style,
    visiting: grant.visiting,
    helped,
    offline: false,
    bucket: currentBucket(context),
    state: 'admitted',
    armings,
    spoiled: ended?.spoiled ?? 0,
    returned: ended?.returned ?? 0,
    turn,
    told: 'nothing',
    doubled: false,
  };
}

/** Claimed, perhaps, for nobody: the line that makes the journal owe its release, before the intent is forgotten. */
export function withdraw({ context }: Pick<DeskParts, 'context'>, intended: Admission): void {
  const { journal } = context.stores;
  const before = journal.lineOf(intended);
  if (intended.turn <= (before?.turn ?? 0)) return;
  journal.put(withdrawn(intended, before));
  context.claims.owed();
}

const sameCard = ({ desk, pad }: DeskParts): boolean => desk.arming?.laid === pad.laid() && pad.present();

function demandSameCard(parts: DeskParts): void {
  if (sameCard(parts)) return;
  voidApprovals(parts);
  throw refused('tarefe_changed');
}

/**
 * In-hand file, claim, journal: what was asked of the province is on the disk before it is asked, so that no crash
 * leaves a person claimed by nobody.
 * @returns whether she is in the journal, and her document is to be stamped
 */
async function enterJournal(parts: DeskParts): Promise<{ readonly stamp: boolean } | undefined> {
  const { context } = parts;
  if (!(await setAside(parts))) return undefined;
  try {
    return await enterSetAside(parts);
  } finally {
    context.terminals?.release();
  }
}

/**
 * Several terminals: most of them set her aside for this one, and she may turn out to have been admitted at another.
 * @returns whether she may be entered here; where not, the desk says why
 */
async function setAside({ context, desk }: DeskParts): Promise<boolean> {
  const { terminals, election } = context;
  const candidate = desk.candidate;
  if (terminals === undefined || candidate === undefined) return true;
  const reserved = await terminals.reserve(candidate.nationalCode);
  const before = context.stores.journal.find(candidate.nationalCode);
  let refusal: Refusal | undefined;
  if (!reserved.ok)
    refusal = {
      code: reserved.code,
      detail: reserved.terminal === undefined ? null : String(reserved.terminal),
    };
  else if (before?.state === 'admitted' && cardsOut(before) > 0)
    refusal = { code: 'already_admitted_here', detail: null };
  else if (reserved.isApart && election.settings.partitionPolicy === 'refuse')
    refusal = { code: 'second_device_missing', detail: null };
  if (refusal === undefined) return true;
  terminals.release();
  desk.arming = undefined;
  desk.send({ type: 'PERSON_REFUSED', refusal, person: desk.context.person });
  context.note({ event: 'admission_refused', refusal: refusal.code });
  context.changed();
  return false;
}

async function enterSetAside(parts: DeskParts): Promise<{ readonly stamp: boolean } | undefined> {
  const { context } = parts;
  const { journal, inHand } = context.stores;
  const intended = nextLine(parts);
  // Whoever is in the journal already was claimed then.
  const isNew = journal.find(intended.nationalCode)?.state !== 'admitted';
  await inHand.write({ kind: 'arm', admission: intended });
  let claimed: Claim = { granted: true, offline: intended.offline, stamp: false };
  if (isNew) claimed = await claim(parts, intended);
  if (!claimed.granted || !sameCard(parts)) {
    if (isNew && (claimed.granted || claimed.mayBeHeld)) withdraw(parts, intended);
    inHand.clear();
    if (claimed.granted) demandSameCard(parts);
    return undefined;
  }
  const { offline } = claimed;
  const admission: Admission = isNew
    ? { ...intended, offline, told: offline ? 'nothing' : 'claimed' }
    : intended;
  context.terminals?.inHand(admission);
  if (!journal.put(admission)) {
    context.terminals?.inHand(undefined);
    inHand.clear();
    voidApprovals(parts);
    throw refused('journal_full');
  }
  if (offline) context.claims.owed();
  if (isNew)
    context.hints.admitted({
      nationalCode: admission.nationalCode,
      byHand: admission.document !== 'national_card',
      elapsedMs: context.clock.elapsedMs(),
    });
  return claimed;
}

async function admit(parts: DeskParts): Promise<void> {
  const { desk } = parts;
  demandSameCard(parts);
  const entered = desk.context.inHand ? { stamp: false } : await enterJournal(parts);
  if (entered === undefined) return;
  desk.send({ type: 'ADMISSION_JOURNALLED', stamp: entered.stamp });
  await armPrepared(parts);
}

function interrupt({ context, desk }: DeskParts, detail: string | null): void {
  desk.send({ type: 'ARMING_INTERRUPTED', refusal: { code: 'arming_interrupted', detail } });
  context.changed();
}

/**
 * The file says whose armed card lies there until it is taken (`lying-card.ts`).
 * @param laid the laying at which the card said that it is armed: another may lie there by now
 */
function finish({ context, desk }: DeskParts, laid: number): void {
  const { journal, inHand } = context.stores;
  const admission = desk.candidate && journal.find(desk.candidate.nationalCode);
  if (admission === undefined) throw new Error('a card armed for nobody');
  inHand.armed(admission);
  context.terminals?.inHand(undefined);
  desk.lying = admission;
  desk.lyingToldAt = laid;
  desk.arming = undefined;
  desk.send({ type: 'CARD_ARMED' });
  context.note({ event: 'card_armed', counters: [context.stores.journal.issued()] });
  context.changed();
}

/** Nobody is forgotten with a terminal: no card is armed before its line is where it must be. */
async function isOnTwoDevices({ context, desk }: DeskParts): Promise<boolean> {
  const { terminals } = context;
  if (terminals === undefined || (await terminals.hold())) return true;
  desk.send({ type: 'ARMING_INTERRUPTED', refusal: { code: 'second_device_missing', detail: null } });
  context.changed();
  return false;
}

/** Idempotent: on the card that was prepared it arms or finds itself armed; any other refuses and stays as it is. */
async function armPrepared(parts: DeskParts): Promise<void> {
  const { desk, pad } = parts;
  const arming = desk.arming;
  const executive = arming?.approvals.get('executive');
  const supervisor = arming?.approvals.get('supervisor');
  if (arming === undefined || executive === undefined || supervisor === undefined)
    throw new Error('arming without two approvals');
  if (!(await isOnTwoDevices(parts))) return;
  try {
    const armed = await pad.arm({ statement: arming.statement, approvals: [executive, supervisor] });
    if (!armed.ok) return interrupt(parts, armed.fault.code);
    const { state, statement, laid } = armed.value;
    if (state === 'armed' && statement !== undefined && sameStatement(statement, arming.statement))
      finish(parts, laid);
    else interrupt(parts, 'tarefe_changed');
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause;
    interrupt(parts, cause.refusal.code);
  }
}

/**
 * Goes on with an interrupted arming when a card lies on the pad: with the prepared approvals while this process still
 * has them; after a crash by the card's own word. A card armed for our station can only be the one in hand, since the
 * desk arms one at a time and says so only when the in-hand file is empty again.
 */
export async function continueArming(parts: DeskParts): Promise<void> {
  const { context, desk, pad } = parts;
  if (desk.name !== 'arming' || desk.takingBack !== undefined || !pad.present()) return;
  try {
    if (desk.arming !== undefined) {
      await pad.select();
      return await armPrepared(parts);
    }
    const { state, statement, laid } = await pad.look();
    const style = desk.context.grant?.style;
    if (state === 'armed' && statement?.style === style) {
      context.note({ event: 'reconciled' });
      finish(parts, laid);
    } else if (state === 'armed') interrupt(parts, 'tarefe_changed');
    else {
      // A card knows nothing of the arming that did not reach it: two roles say that it is the very card.
      if (state === 'blank') desk.send({ type: 'CARD_FOUND_BLANK' });
      else desk.send({ type: 'CARD_FOUND_SPENT', refusal: { code: 'arming_card_spent', detail: null } });
      context.changed();
    }
  } catch (cause) {
    const code = cause instanceof Refused ? cause.refusal.code : diskFaultOf(cause);
    if (code === undefined) throw cause;
    interrupt(parts, code);
  }
}

/** The admission in the in-hand file still wants its card: its line is in the journal as it was to be written. */
export const awaitsCard = (written: Admission, inJournal: Admission | undefined): boolean =>
  inJournal !== undefined && inJournal.armings === written.armings && cardsOut(inJournal) === 1;
