/**
 * What the day writes down beside its machines: a pause, what people attest, the role cards that were tried before the
 * opening, and the reports of those who watch. None of it says anything of a voter, and none of it counts.
 */
import {
  type Bytes,
  checkSignature,
  decodeCbor,
  encode,
  encodeCbor,
  equalBytes,
  parseTyped,
  records,
} from '@sandoq/protocol';
import {
  ATTESTED_DEEDS,
  type AttestedDeed,
  PAUSE_REASONS,
  type PauseReason,
  type Reporter,
} from '../contract/codes.ts';
import { Refused } from '../contract/socket.ts';
import type { DayBookView } from '../contract/voting.ts';
import { approve } from '../devices/cards.ts';
import { bucketOf } from '../stores/event-log.ts';
import { REPORTS_MAX } from '../stores/state-store.ts';
import { note, nowSeconds, phaseOf, publicCount, type VotingContext } from './context.ts';
import { givePin, identify, type RoleSlot } from './role-step.ts';

const ALL_DEEDS: readonly AttestedDeed[] = Object.values(ATTESTED_DEEDS).flat();

const bucketNow = (context: VotingContext): number =>
  bucketOf(nowSeconds(context), context.election.settings.timeBucketMinutes);

/** @throws where a list that this process wrote is no list */
function textsIn(context: VotingContext, name: 'attested' | 'cards_tried' | 'opening_seals'): string[] {
  const kept = context.state.fact(name);
  if (kept === undefined) return [];
  const raw = decodeCbor(kept);
  if (!raw.ok || !Array.isArray(raw.value)) throw new Error(`${name} in the state store is damaged`);
  return raw.value.map(String);
}

export function pausedFor(
  context: Pick<VotingContext, 'state'>,
): { readonly reason: PauseReason; readonly bucket: number } | undefined {
  const kept = context.state.fact('paused');
  const raw = kept === undefined ? undefined : decodeCbor(kept);
  if (raw === undefined || !raw.ok || !Array.isArray(raw.value)) return undefined;
  const [reason, bucket] = raw.value as [PauseReason, number];
  return PAUSE_REASONS.includes(reason) ? { reason, bucket } : undefined;
}

export function pauseVoting(context: VotingContext, reason: PauseReason): void {
  const phase = phaseOf(context);
  if (phase !== 'open' && phase !== 'doors_closed') throw new Refused('wrong_phase');
  if (pausedFor(context) !== undefined) throw new Refused('voting_paused');
  context.state.commit({ facts: { paused: encodeCbor([reason, bucketNow(context)]) } });
  context.paused = true;
  note(context, {
    event: 'voting_paused',
    counters: [publicCount(context), PAUSE_REASONS.indexOf(reason) + 1],
  });
  context.changed();
}

/** Repeating it is no error: two windows may press at once. */
export function resumeVoting(context: VotingContext): void {
  if (pausedFor(context) === undefined) return;
  context.state.commit({ facts: { paused: encodeCbor([]) } });
  context.paused = false;
  note(context, { event: 'voting_resumed', counters: [publicCount(context)] });
  context.changed();
}

export function attestDeed(context: VotingContext, deed: AttestedDeed, done: boolean): void {
  const attested = new Set(textsIn(context, 'attested'));
  if (attested.has(deed) === done) return;
  if (done) attested.add(deed);
  else attested.delete(deed);
  // In the order of the list, so that the file does not tell in which order they were done.
  context.state.commit({ facts: { attested: encodeCbor(ALL_DEEDS.filter((one) => attested.has(one))) } });
  note(context, { event: 'deed_attested', counters: [ALL_DEEDS.indexOf(deed) + 1, done ? 1 : 0] });
  context.changed();
}

/** Before the opening only: on the day a card is tried by being used. @returns whose card it is */
export async function tryCard(context: VotingContext, slot: RoleSlot, pin: string): Promise<records.Role> {
  const phase = phaseOf(context);
  if (phase !== 'set_up' && phase !== 'loaded') throw new Refused('wrong_phase');
  const { subject, role } = await context.withCards(async () => {
    const { card, identity } = await identify(context, slot);
    await givePin(context, card, identity.role, pin);
    return identity;
  });
  const tried = new Set(textsIn(context, 'cards_tried'));
  if (!tried.has(subject))
    context.state.commit({ facts: { cards_tried: encodeCbor([...tried, subject].sort()) } });
  note(context, { event: 'role_card_tried', role });
  context.changed();
  return role;
}

/** Every role that has a card at this station, and whether one of its cards was tried. */
export function cardTrials(context: VotingContext): DayBookView['cards'] {
  const tried = new Set(textsIn(context, 'cards_tried'));
  const roles = new Map<string, boolean>();
  for (const { role, subject } of context.election.station.roles)
    roles.set(role, roles.get(role) === true || tried.has(subject));
  return [...roles].map(([role, isTried]) => ({ role, tried: isTried }));
}

interface ReportOrder {
  readonly text: string;
  readonly as: Reporter;
  readonly card: { readonly slot: RoleSlot; readonly pin: string } | null;
}

async function signReport(
  context: VotingContext,
  statement: records.ReportStatement,
  { slot, pin }: NonNullable<ReportOrder['card']>,
): Promise<{ readonly role: records.Role; readonly record: Bytes }> {
  const { crypto, election } = context;
  const { card, identity } = await identify(context, slot);
  await givePin(context, card, identity.role, pin);
  const digest = crypto.sha256(encode(records.reportStatementShape, statement));
  const signed = await approve(card, { action: 'file_report', role: identity.role, digest });
  if (!signed.ok) throw new Refused('card_refused');
  const parsed = parseTyped(signed.value, 'approval', records.approvalShape);
  const holds =
    parsed.ok &&
    parsed.value.record.signer === identity.subject &&
    parsed.value.value.action === 'file_report' &&
    equalBytes(parsed.value.value.digest, digest) &&
    checkSignature(crypto, election.directory, election.election, nowSeconds(context), parsed.value.record)
      .ok;
  if (!holds) throw new Refused('card_refused');
  return { role: identity.role, record: signed.value };
}

/** @returns the report's number, and whether a card signed it */
export async function fileReport(
  context: VotingContext,
  order: ReportOrder,
): Promise<{ readonly number: number; readonly signed: boolean }> {
  // What is written once somebody has signed the minutes could not stand in them any more.
  if (context.state.slipApprovals().length > 0) throw new Refused('wrong_phase');
  const { card } = order;
  return context.withCards(async () => {
    const number = context.state.reports().length + 1;
    if (number > REPORTS_MAX) throw new Refused('reports_full');
    const writtenBucket = bucketNow(context);
    const stationId = context.election.station.id;
    const statement = { stationId, number, writtenBucket, text: order.text };
    const signed = card === null ? undefined : await signReport(context, statement, card);
    const role = signed?.role ?? order.as;
    context.state.commit({
      report: { number, role, writtenBucket, text: order.text, approval: signed?.record ?? null },
    });
    note(context, { event: 'report_filed', role, counters: [number] });
    context.changed();
    return { number, signed: signed !== undefined };
  });
}

function amendmentsOf(context: VotingContext): DayBookView['amendments'] {
  const now = nowSeconds(context);
  return context.election.allAmendments.map(({ amendment }) => {
    const { change, sequence, reason, effectiveAt } = amendment;
    return {
      sequence,
      kind: change.kind,
      reason,
      effective_at: effectiveAt,
      in_force: effectiveAt <= now,
      withdrawn:
        change.kind === 'candidate_withdrawn'
          ? { contest: change.contest, candidate: change.candidate }
          : null,
      closes_at: change.kind === 'hours_changed' ? change.closesAt : null,
    };
  });
}

export function dayBookOf(context: VotingContext): DayBookView {
  return {
    paused: pausedFor(context) ?? null,
    attested: textsIn(context, 'attested') as AttestedDeed[],
    cards: cardTrials(context),
    seals: textsIn(context, 'opening_seals'),
    amendments: amendmentsOf(context),
    reports: context.state.reports().map(({ number, role, approval, text, writtenBucket }) => ({
      number,
      role,
      signed: approval !== null,
      text,
      bucket: writtenBucket,
    })),
  };
}
