/**
 * After the close: the two representatives' cards give up their keys against the box's own last word, the records are
 * opened and counted in memory, the slip is made, signed by this device, signed by the roles, and bundled.
 */

import { join } from 'node:path';
import {
  BUNDLE_BYTES_MAX,
  type Bytes,
  type CountSecretKeys,
  checkSignature,
  encode,
  equalBytes,
  fromHex,
  parseTyped,
  records,
  SMALL_RECORD_BYTES_MAX,
  signTyped,
  toHex,
  wipe,
} from '@sandoq/protocol';
import { Refused } from '../contract/socket.ts';
import { releaseCountKey } from '../devices/cards.ts';
import { countRecords } from '../outputs/count.ts';
import { writeVerified } from '../outputs/export.ts';
import { makeSlip, slipBreaks } from '../outputs/slip.ts';
import { CLOSING_ROLES, closedAt } from './closing.ts';
import { commitStage, note, nowSeconds, type VotingContext } from './context.ts';
import { givePin, identify, type RoleSlot } from './role-step.ts';

/** Those who closed must sign the minutes, or sign that they disagree; every other role may sign as well. */
export const SLIP_ROLES = CLOSING_ROLES;

export interface SlotPin {
  readonly slot: RoleSlot;
  readonly pin: string;
}

function readSummary(
  context: VotingContext,
  hex: string,
): { value: records.AdmissionSummary; record: Bytes } {
  const bytes = fromHex(hex);
  const parsed =
    bytes && parseTyped(bytes, 'admission-summary', records.admissionSummaryShape, SMALL_RECORD_BYTES_MAX);
  if (bytes === undefined || parsed === undefined || !parsed.ok) throw new Refused('summary_invalid');
  const { election, crypto, session } = context;
  const { record, value } = parsed.value;
  const signed = checkSignature(crypto, election.directory, election.election, nowSeconds(context), record);
  if (!signed.ok) throw new Refused('summary_invalid', signed.fault.code);
  if (value.stationId !== election.station.id || value.mode !== session?.value.mode)
    throw new Refused('summary_of_other_station');
  return { value, record: bytes };
}

/** One closing card's key of the count, checked against the one that was enrolled. */
async function takeKey(
  context: VotingContext,
  { slot, pin }: SlotPin,
): Promise<{ readonly role: records.Role; readonly key: Bytes }> {
  const { card, identity } = await identify(context, slot);
  const { role } = identity;
  if (!CLOSING_ROLES.includes(role)) {
    note(context, { event: 'role_refused', role, refusal: 'role_not_wanted' });
    throw new Refused('role_not_wanted', role);
  }
  await givePin(context, card, role, pin);
  if (context.session === undefined || context.commitment === undefined)
    throw new Error('count before close');
  const released = await releaseCountKey(card, {
    station: context.election.stationRecord,
    session: context.session.record,
    commitment: context.commitment.record,
  });
  if (!released.ok) throw new Refused('count_key_refused', role);
  const enrolled = context.election.station.roles.find((one) => one.role === role)?.countKey;
  const fits =
    released.value.length === 32 &&
    enrolled !== undefined &&
    equalBytes(context.crypto.agreementPublicKey(released.value), enrolled);
  if (!fits) {
    wipe(released.value);
    throw new Refused('count_key_wrong', role);
  }
  return { role, key: released.value };
}

async function takeKeys(context: VotingContext, pins: readonly SlotPin[]): Promise<CountSecretKeys> {
  const keys = new Map<records.Role, Bytes>();
  try {
    for (const pin of pins) {
      const { role, key } = await takeKey(context, pin);
      keys.set(role, key);
    }
    const governorRepresentative = keys.get('governor_representative');
    const councilRepresentative = keys.get('council_representative');
    if (governorRepresentative === undefined || councilRepresentative === undefined)
      throw new Refused('role_already_approved');
    return { governorRepresentative, councilRepresentative };
  } catch (cause) {
    for (const key of keys.values()) wipe(key);
    throw cause;
  }
}

async function count(context: VotingContext, keys: CountSecretKeys, admissions: records.AdmissionSummary) {
  const { crypto, election, session, commitment, identity } = context;
  if (session === undefined || commitment === undefined) throw new Error('count before close');
  const sealed = context.records.records().map((record) => record.sealed);
  const counted = await countRecords(
    crypto,
    election.package,
    election.withdrawn,
    session.value,
    keys,
    sealed,
    (permille) => {
      context.progress = { code: 'counting', permille };
      context.changed();
    },
  );
  return makeSlip(crypto, {
    election: election.package,
    votesMax: election.station.votesMax,
    settings: election.settings,
    packageDigest: election.packageDigest,
    amendmentDigests: election.amendments.map((one) => one.digest),
    session: session.value,
    commitment: commitment.value,
    admissions,
    votingSubject: identity.subject,
    storeRecords: sealed.length,
    storeRoot: context.records.setRoot(),
    count: counted,
    closedAt: closedAt(context),
  });
}

/** @returns the digest of the slip that was made and kept */
export async function runCount(
  context: VotingContext,
  input: { readonly admission_summary: string; readonly pins: readonly SlotPin[] },
): Promise<{ readonly slip_digest: string }> {
  if (context.closing.state() !== 'closed') throw new Refused('wrong_phase');
  const admissions = readSummary(context, input.admission_summary);
  context.closing.send({ type: 'COUNT_STARTED' });
  context.progress = { code: 'counting', permille: 0 };
  context.changed();
  let keys: CountSecretKeys | undefined;
  try {
    keys = await context.withCards(() => takeKeys(context, input.pins));
    const { slip, faults, evidence } = await count(context, keys, admissions.value);
    const { crypto, identity, election } = context;
    const record = signTyped(
      crypto,
      identity.secretKey,
      { type: 'slip', election: election.election, signer: identity.subject },
      records.slipShape,
      slip,
    );
    if (evidence !== undefined)
      writeVerified(join(context.outFolder, `${election.station.id}.evidence.json`), evidence);
    commitStage(
      context,
      { closing: { type: 'SLIP_MADE' } },
      { slip: record, admission_summary: admissions.record },
    );
    note(context, { event: 'counted', counters: [slip.slots.tallied] });
    note(context, { event: 'slip_made', ...(faults[0] === undefined ? {} : { refusal: faults[0] }) });
    context.log.checkpoint();
    return { slip_digest: toHex(crypto.sha256(encode(records.slipShape, slip))) };
  } catch (cause) {
    context.closing.send({ type: 'COUNT_STOPPED' });
    throw cause;
  } finally {
    if (keys !== undefined) {
      wipe(keys.governorRepresentative);
      wipe(keys.councilRepresentative);
    }
    context.progress = undefined;
    context.changed();
  }
}

export interface SlipInForce {
  readonly value: records.Slip;
  readonly record: Bytes;
  readonly digest: Bytes;
  readonly faults: readonly string[];
}

/** The slip that is kept, if one is. */
export function keptSlip(context: VotingContext): SlipInForce | undefined {
  const record = context.state.fact('slip');
  if (record === undefined || context.commitment === undefined) return undefined;
  const parsed = parseTyped(record, 'slip', records.slipShape);
  if (!parsed.ok) throw new Error('the slip in the state store is damaged');
  const { value } = parsed.value;
  const { election, commitment, session } = context;
  if (session === undefined) throw new Error('a slip without a session');
  const breaks = slipBreaks(
    election.package,
    election.station.votesMax,
    value,
    session.value,
    commitment.value,
  );
  const faults: string[] = breaks.filter((code) => code !== 'segment_disputed');
  return { value, record, digest: context.crypto.sha256(parsed.value.record.payload), faults };
}

/** Roles that still have to sign, or to sign their disagreement. */
export function missingSlipRoles(context: VotingContext): readonly records.Role[] {
  const signed = new Set(context.state.slipApprovals().map(({ role }) => role));
  return SLIP_ROLES.filter((role) => !signed.has(role));
}

/** The slip and what it rests on, with every approval so far: what a recount compares with. */
export function makeEvidenceBundle(context: VotingContext): Bytes {
  const slip = keptSlip(context);
  const admission = context.state.fact('admission_summary');
  const { session, commitment } = context;
  if (slip === undefined || admission === undefined || session === undefined || commitment === undefined)
    throw new Refused('wrong_phase');
  const bundle = encode(records.bundleShape, {
    slip: slip.record,
    approvals: context.state.slipApprovals().map(({ record }) => record),
    sessions: [session.record],
    zeroReports: [session.zeroReportRecord],
    commitments: [commitment.record],
    admission,
  });
  if (bundle.length > BUNDLE_BYTES_MAX) throw new Error('bundle above BUNDLE_BYTES_MAX');
  return bundle;
}

/** The bundle that goes to the province, kept and written to `out/`. */
export function makeBundle(context: VotingContext): Bytes {
  const bundle = makeEvidenceBundle(context);
  context.state.commit({ facts: { bundle } });
  writeVerified(join(context.outFolder, `${context.election.station.id}.bundle`), bundle);
  return bundle;
}
