/**
 * The one judge of a correction: a new slip for a station that supersedes the one that stands, signed by the
 * authority and counting only with the approvals of both boards. Nothing is edited: both versions stay public.
 */
import { type Bytes, equalBytes, toHex } from '../codec/bytes.ts';
import { decode } from '../codec/shape.ts';
import type { Crypto } from '../crypto/ports.ts';
import { failure, type Result, success } from '../result.ts';
import { CORRECTION_BYTES_MAX, ROLES_MAX, SMALL_RECORD_BYTES_MAX } from './bounds.ts';
import {
  type BundleFault,
  type CheckedApproval,
  type CheckedBundle,
  type Context,
  checkApprovals,
  open,
  openSlip,
  slipFault,
} from './bundle.ts';
import { type Correction, correctionBundleShape, correctionShape, type Role } from './generated.ts';
import { slipLedgerBreaks } from './ledgers.ts';
import { type Provisioning, stationDirectory } from './provisioning.ts';
import { segmentBreaks } from './segments.ts';

/** Who must agree: the executive board and the supervisory board, by the cards that the station's entry enrols. */
export const BOARD_ROLES: readonly Role[] = ['executive_board', 'supervisory_board'];

/** Names of its own, beside those of a bundle. */
export const CORRECTION_REFUSALS = ['supersedes_differs', 'board_approval_missing'] as const;

export interface CorrectionFault {
  readonly code: BundleFault['code'] | (typeof CORRECTION_REFUSALS)[number];
  readonly at: string;
  readonly wanted: string;
}

export interface CheckedCorrection extends CheckedBundle {
  readonly correction: Correction;
  /** of action correction */
  readonly boards: readonly CheckedApproval[];
}

const CORRECTION_BUNDLE_BYTES_MAX = CORRECTION_BYTES_MAX + ROLES_MAX * SMALL_RECORD_BYTES_MAX;
const fault = (code: CorrectionFault['code'], at: string, wanted: string): Result<never, CorrectionFault> =>
  failure({ code, at, wanted });

/**
 * @param standing the version that stands: its sessions and commitments are still the evidence
 * @param atSeconds epoch seconds: which amendments and keys are in force
 */
export function checkCorrection(
  provisioning: Provisioning,
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
  standing: Omit<CheckedBundle, 'slipPayload'>,
  bytes: Bytes,
  atSeconds: number,
): Result<CheckedCorrection, CorrectionFault> {
  const bundle = decode(correctionBundleShape, bytes, CORRECTION_BUNDLE_BYTES_MAX);
  if (!bundle.ok) return fault('bundle_malformed', bundle.fault.at, bundle.fault.wanted);
  const { station } = standing;
  const directory = stationDirectory(provisioning, station);
  const context: Context = { crypto, provisioning, station, directory, atSeconds };
  const signed = open(
    context,
    directory,
    bundle.value.correction,
    'correction',
    correctionShape,
    'correction',
    CORRECTION_BYTES_MAX,
  );
  if (!signed.ok) return signed;
  const { record, value: correction } = signed.value;
  if (correction.stationId !== station.id) return fault('wrong_station', 'correction: stationId', station.id);
  if (!equalBytes(correction.supersedes, standing.slipDigest))
    return fault('supersedes_differs', 'correction: supersedes', toHex(standing.slipDigest));
  const digest = crypto.sha256(record.payload);
  const boards = checkApprovals(context, bundle.value.approvals, 'correction', digest, 'approvals');
  if (!boards.ok) return boards;
  for (const role of BOARD_ROLES)
    if (!boards.value.some((one) => one.role === role && !one.refused))
      return fault('board_approval_missing', 'approvals', `the approval of the ${role.replace('_', ' ')}`);
  const opened = openSlip(provisioning, crypto, correction.slip, atSeconds);
  if (!opened.ok) return opened;
  const { slip } = opened.value;
  if (slip.stationId !== station.id) return fault('wrong_station', 'slip: stationId', station.id);
  const wrong = slipFault(provisioning, opened.value.context.station, slip);
  if (wrong !== undefined) return failure(wrong);
  const { sessions, commitments } = standing;
  const named = slip.sessionIds;
  if (
    named.length !== sessions.length ||
    sessions.some((one, i) => !equalBytes(one.sessionId, named[i] as Bytes))
  )
    return fault('session_unknown', 'slip: sessionIds', 'the sessions of the superseded slip');
  const breaks = [
    ...slipLedgerBreaks(provisioning.package, slip, commitments, station.votesMax),
    ...segmentBreaks(slip, sessions, commitments),
  ];
  const first = breaks[0];
  if (first !== undefined && !slip.disputed) return fault(first.code, `slip: ${first.at}`, first.wanted);
  if (slip.disputed && !slip.segments.some((one) => one.disputed && one.evidence !== undefined))
    return fault('evidence_missing', 'slip: segments', 'a disputed segment with its evidence');
  return success({
    station,
    slip,
    slipDigest: crypto.sha256(opened.value.record.payload),
    slipPayload: opened.value.record.payload,
    bundleDigest: crypto.sha256(bytes),
    approvals: standing.approvals,
    sessions,
    commitments,
    breaks,
    correction,
    boards: boards.value,
  });
}
