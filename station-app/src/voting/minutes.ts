/**
 * The minutes: made and signed by this device when the signing begins, so that everybody signs the same; each role's card
 * then signs the slip and the minutes with one press, in agreement or not.
 */
import { join } from 'node:path';
import { decode, decodeCbor, encode, parseTyped, records, signTyped } from '@sandoq/protocol';
import { INCIDENT_EVENTS } from '../contract/codes.ts';
import { Refused } from '../contract/socket.ts';
import { writeVerified } from '../outputs/export.ts';
import { nowSeconds, type VotingContext } from './context.ts';
import { keptSlip, SLIP_ROLES, type SlipInForce } from './counting.ts';
import type { RoleSteps } from './role-step.ts';

export interface MinutesInForce {
  readonly value: records.Minutes;
  readonly record: Uint8Array;
  readonly digest: Uint8Array;
}

/** The minutes that are kept, if they are made. */
export function keptMinutes(context: VotingContext): MinutesInForce | undefined {
  const record = context.state.fact('minutes');
  if (record === undefined) return undefined;
  const parsed = parseTyped(record, 'minutes', records.minutesShape);
  if (!parsed.ok) throw new Error('the minutes in the state store are damaged');
  return {
    value: parsed.value.value,
    record,
    digest: context.crypto.sha256(parsed.value.record.payload),
  };
}

/** What the log holds that the minutes tell of, counted. */
function incidentsOf(context: VotingContext): readonly records.Incident[] {
  const counts = new Map<records.LogEvent, number>();
  for (const line of context.log.lines()) {
    const read = decode(records.eventLineShape, line);
    if (!read.ok) throw new Error('a line of the log is damaged');
    counts.set(read.value.event, (counts.get(read.value.event) ?? 0) + 1);
  }
  return INCIDENT_EVENTS.flatMap((event) => {
    // The first start of the program is none.
    const count = (counts.get(event) ?? 0) - (event === 'process_started' ? 1 : 0);
    return count <= 0 ? [] : [{ event, count }];
  });
}

export function sealsOf(context: Pick<VotingContext, 'state'>): readonly string[] {
  const kept = context.state.fact('opening_seals');
  const raw = kept === undefined ? undefined : decodeCbor(kept);
  return raw?.ok === true && Array.isArray(raw.value) ? raw.value.map(String) : [];
}

function recountOf(context: VotingContext): records.RecountOutcome {
  const kept = context.state.fact('recount');
  if (kept === undefined) return 'not_done';
  return kept[0] === 1 ? 'agreed' : 'disagreed';
}

/** A text field of a record holds no control characters; a line's end becomes a space. */
const onOneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

function makeMinutes(context: VotingContext, slip: SlipInForce): MinutesInForce {
  const { crypto, identity, election, state } = context;
  const value: records.Minutes = {
    stationId: slip.value.stationId,
    mode: slip.value.mode,
    slipDigest: slip.digest,
    seals: sealsOf(context).map(onOneLine),
    recount: recountOf(context),
    incidents: incidentsOf(context),
    reports: state.reports().map(({ number, role, writtenBucket, text, approval }) => ({
      role,
      number,
      writtenBucket,
      text,
      ...(approval === null ? {} : { approval }),
    })),
    openedBucket: slip.value.openedBucket,
    closedAt: slip.value.closedAt,
    madeAt: Math.max(nowSeconds(context), slip.value.closedAt),
  };
  const record = signTyped(
    crypto,
    identity.secretKey,
    { type: 'minutes', election: election.election, signer: identity.subject },
    records.minutesShape,
    value,
  );
  state.commit({ facts: { minutes: record } });
  return { value, record, digest: crypto.sha256(encode(records.minutesShape, value)) };
}

export function beginSlipApprovals(context: VotingContext, steps: RoleSteps): void {
  const slip = keptSlip(context);
  const sent = context.state.fact('bundle') !== undefined;
  if (slip === undefined || sent || context.closing.state() !== 'counted') throw new Refused('wrong_phase');
  // Nothing is added once somebody has signed; before that, what was reported meanwhile belongs into the minutes.
  const signed = context.state.slipApprovals();
  const kept = signed.length === 0 ? undefined : keptMinutes(context);
  const minutes = kept ?? makeMinutes(context, slip);
  steps.begin({
    name: 'slip',
    action: 'slip',
    digest: slip.digest,
    also: { action: 'minutes', digest: minutes.digest },
    roles: SLIP_ROLES,
    open: true,
    given: new Map(signed.map(({ role, record }) => [role, record])),
    onApproval: ({ role, refused, remark }, record, also) => {
      const spoken = { role, refused: refused ?? false, remark: remark ?? null };
      context.state.commit({
        slipApproval: { ...spoken, record },
        ...(also === undefined ? {} : { minutesApproval: { role, record: also } }),
      });
    },
    onComplete: () => Promise.resolve(),
    onEnd: () => undefined,
  });
}

/** The minutes with every word under them, written to `out/` when nobody signs any more. */
export function writeMinutes(context: VotingContext): void {
  const minutes = keptMinutes(context);
  if (minutes === undefined) return;
  const bundle = encode(records.minutesBundleShape, {
    minutes: minutes.record,
    approvals: context.state.minutesApprovals().map(({ record }) => record),
  });
  writeVerified(join(context.outFolder, `${context.election.station.id}.minutes`), bundle);
}
