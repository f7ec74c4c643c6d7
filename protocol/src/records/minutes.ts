/**
 * The one judge of minutes: they are of the slip that they name, made by its station's voting device, and every role that
 * stands under them is a card of that station, in agreement or not. Total and pure.
 */
import { type Bytes, equalBytes, toHex } from '../codec/bytes.ts';
import { decode, encode } from '../codec/shape.ts';
import type { Crypto } from '../crypto/ports.ts';
import { failure, type Result, success } from '../result.ts';
import { MINUTES_BYTES_MAX, ROLES_MAX, SMALL_RECORD_BYTES_MAX } from './bounds.ts';
import {
  type BundleFault,
  type CheckedApproval,
  type CheckedBundle,
  type Context,
  checkApprovals,
  open,
} from './bundle.ts';
import { type Minutes, minutesBundleShape, minutesShape, reportStatementShape } from './generated.ts';
import { votingSubject } from './identifiers.ts';
import { type Provisioning, stationDirectory } from './provisioning.ts';
import { CLOSING_ROLES } from './station-rules.ts';

export const MINUTES_BUNDLE_BYTES_MAX = MINUTES_BYTES_MAX + ROLES_MAX * (SMALL_RECORD_BYTES_MAX + 4) + 64;

export interface CheckedMinutes {
  readonly minutes: Minutes;
  /** SHA-256 of the payload: what the roles signed, and what stands on the paper */
  readonly digest: Bytes;
  readonly approvals: readonly CheckedApproval[];
}

/** A report that says it is signed is signed by a card of that role, over exactly these words. */
function reportFault(context: Context, minutes: Minutes): BundleFault | undefined {
  for (const [i, { role, number, writtenBucket, text, approval }] of minutes.reports.entries()) {
    if (approval === undefined) continue;
    const at = `minutes: reports[${i}]`;
    const statement = { stationId: minutes.stationId, number, writtenBucket, text };
    const digest = context.crypto.sha256(encode(reportStatementShape, statement));
    const signed = checkApprovals(context, [approval], 'file_report', digest, at);
    if (!signed.ok) return signed.fault;
    if (signed.value[0]?.role !== role) return { code: 'approval_of_other_role', at, wanted: role };
  }
  return undefined;
}

/**
 * @param slip the slip that the minutes belong to, judged already
 * @param atSeconds epoch seconds: which keys are in force
 */
export function checkMinutes(
  provisioning: Provisioning,
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
  slip: Pick<CheckedBundle, 'station' | 'slip' | 'slipDigest'>,
  bytes: Bytes,
  atSeconds: number,
): Result<CheckedMinutes, BundleFault> {
  const bundle = decode(minutesBundleShape, bytes, MINUTES_BUNDLE_BYTES_MAX);
  if (!bundle.ok)
    return failure({ code: 'bundle_malformed', at: bundle.fault.at, wanted: bundle.fault.wanted });
  const { station } = slip;
  const directory = stationDirectory(provisioning, station);
  const context: Context = { crypto, provisioning, station, directory, atSeconds };
  const opened = open(
    context,
    directory,
    bundle.value.minutes,
    'minutes',
    minutesShape,
    'minutes',
    MINUTES_BYTES_MAX,
  );
  if (!opened.ok) return opened;
  const { record, value: minutes } = opened.value;
  const wrong = (code: BundleFault['code'], at: string, wanted: string) => failure({ code, at, wanted });
  if (record.signer !== votingSubject(station.id) || minutes.stationId !== station.id)
    return wrong('wrong_station', 'minutes', votingSubject(station.id));
  if (minutes.mode !== slip.slip.mode) return wrong('wrong_mode', 'minutes: mode', slip.slip.mode);
  if (!equalBytes(minutes.slipDigest, slip.slipDigest))
    return wrong('approval_of_other', 'minutes: slipDigest', toHex(slip.slipDigest));
  if (minutes.closedAt !== slip.slip.closedAt || minutes.openedBucket !== slip.slip.openedBucket)
    return wrong('times_reversed', 'minutes: openedBucket, closedAt', 'the times of the slip');
  const report = reportFault(context, minutes);
  if (report !== undefined) return failure(report);
  const digest = crypto.sha256(record.payload);
  const approvals = checkApprovals(context, bundle.value.approvals, 'minutes', digest, 'approvals');
  if (!approvals.ok) return approvals;
  for (const role of CLOSING_ROLES)
    if (!approvals.value.some((one) => one.role === role))
      return wrong('approval_missing', 'approvals', `the minutes signed by ${role}`);
  return success({ minutes, digest, approvals: approvals.value });
}
