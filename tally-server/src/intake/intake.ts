/**
 * The intake: a bundle is taken whole or refused with a reason. The signed receipt leaves only after the bundle and
 * the receipt itself are on the disk, in one row: a receipt without its slip cannot be. A correction is a version
 * of its own that supersedes the one before; nothing is edited and every version stays.
 */
import {
  type Bytes,
  type CheckedBundle,
  type CheckedCorrection,
  type CorrectionFault,
  type Crypto,
  checkBundle,
  checkCorrection,
  decode,
  equalBytes,
  failure,
  INTAKE_SUBJECT,
  type Provisioning,
  parseTyped,
  type Result,
  records,
  signTyped,
  success,
  toHex,
} from '@sandoq/protocol';
import { bundleRefusalStatus, type Refusal } from '../web/refusal.ts';
import type { IntakeStore, StoredBundle } from './store.ts';

/** More corrections of one station than this are refused: by then something else is wrong. */
export const CORRECTIONS_PER_STATION_MAX = 99;

/** One version of a station's result as it was taken in: the slip's bundle, or a correction. */
export interface HeldVersion {
  readonly version: number;
  readonly bundle: Bytes;
  readonly bundleDigest: Bytes;
  readonly receipt: Bytes;
  /** epoch seconds */
  readonly receivedAt: number;
  readonly checked: CheckedBundle | CheckedCorrection;
}

/** The slip that stands for a station. What it says is judged anew from its bytes, never from a copy. */
export interface HeldSlip extends HeldVersion {
  readonly station: string;
  /** why it is disputed; empty where it is not */
  readonly disputes: readonly string[];
  /** from the slip to the last correction, which is this one */
  readonly versions: readonly HeldVersion[];
}

export const correctionOf = ({ checked }: HeldVersion): CheckedCorrection | undefined =>
  'correction' in checked ? checked : undefined;

export interface Accepted {
  readonly receipt: Bytes;
  /** true: these bytes were here before, and so was this receipt */
  readonly repeated: boolean;
}

/** Called after each version that was taken, when it is on the disk. */
export type AcceptedListener = (election: string, station: string, atSeconds: number) => void;

export interface Intake {
  receive(provisioning: Provisioning, bytes: Bytes): Result<Accepted, Refusal>;
  receiveCorrection(provisioning: Provisioning, bytes: Bytes): Result<Accepted, Refusal>;
  /** the slips that stand, by station */
  held(provisioning: Provisioning): readonly HeldSlip[];
  heldOf(provisioning: Provisioning, station: string): HeldSlip | undefined;
  /** @returns how to stop */
  onAccepted(listener: AcceptedListener): () => void;
}

export interface IntakeOptions {
  readonly store: IntakeStore;
  readonly crypto: Crypto;
  readonly secretKey: Bytes;
  /** epoch seconds */
  readonly now: () => number;
}

/** Why a slip is disputed: its own word and what does not agree, or a signer of the minutes who refused. */
function disputesOf(checked: CheckedBundle): readonly string[] {
  const disputes: string[] = checked.breaks.map(({ code }) => code);
  if (checked.slip.disputed && disputes.length === 0) disputes.push('segment_disputed');
  if (checked.approvals.some(({ refused }) => refused)) disputes.push('minutes_refused');
  return [...new Set(disputes)];
}

const refusalOf = (fault: CorrectionFault): Refusal => ({
  status: bundleRefusalStatus(fault.code),
  ...fault,
});

/** Whose correction it claims to be; undefined where the bytes are none. What it claims is judged afterwards. */
function correctedStation(bytes: Bytes): string | undefined {
  const bundle = decode(records.correctionBundleShape, bytes);
  if (!bundle.ok) return undefined;
  const correction = parseTyped(bundle.value.correction, 'correction', records.correctionShape);
  return correction.ok ? correction.value.value.stationId : undefined;
}

/** Judges stored rows, once a process: kept by content, so that it cannot drift from the bytes. */
function judgeOf(crypto: Crypto) {
  const judged = new Map<string, HeldVersion>();
  const judge = (
    provisioning: Provisioning,
    row: StoredBundle,
    before: HeldVersion | undefined,
  ): HeldVersion => {
    const key = `${provisioning.election} ${toHex(row.bundleDigest)}`;
    const known = judged.get(key);
    if (known !== undefined) return known;
    const digest = crypto.sha256(row.bundle);
    if (!equalBytes(digest, row.bundleDigest))
      throw new Error(`the stored bundle of station ${row.station} is damaged`);
    // By what was known then: a later amendment changes no verdict that was given.
    const then = { ...provisioning, amendments: provisioning.amendments.slice(0, row.amendments) };
    const checked =
      before === undefined
        ? checkBundle(then, crypto, row.bundle, row.receivedAt)
        : checkCorrection(then, crypto, before.checked, row.bundle, row.receivedAt);
    if (!checked.ok)
      throw new Error(`the stored bundle of station ${row.station} no longer holds: ${checked.fault.code}`);
    const { version, bundle, bundleDigest, receipt, receivedAt } = row;
    const held = { version, bundle, bundleDigest, receipt, receivedAt, checked: checked.value };
    judged.set(key, held);
    return held;
  };
  /** @param rows of one station, in the order of versions */
  return (provisioning: Provisioning, rows: readonly StoredBundle[]): HeldSlip | undefined => {
    const versions: HeldVersion[] = [];
    for (const row of rows) versions.push(judge(provisioning, row, versions.at(-1)));
    const last = versions.at(-1);
    if (last === undefined) return undefined;
    return { ...last, station: last.checked.station.id, disputes: disputesOf(last.checked), versions };
  };
}

const byStation = (rows: readonly StoredBundle[]): readonly (readonly StoredBundle[])[] => [
  ...Map.groupBy(rows, ({ station }) => station).values(),
];

export function createIntake({ store, crypto, secretKey, now }: IntakeOptions): Intake {
  const listeners = new Set<AcceptedListener>();
  const judgeStation = judgeOf(crypto);

  const keep = (
    provisioning: Provisioning,
    bundle: Bytes,
    checked: CheckedBundle,
    version: number,
    at: number,
  ): Accepted => {
    const { election, amendments } = provisioning;
    const { bundleDigest, slipDigest } = checked;
    const station = checked.station.id;
    const disputed = disputesOf(checked).length > 0;
    const receipt = signTyped(
      crypto,
      secretKey,
      { type: 'receipt', election, signer: INTAKE_SUBJECT },
      records.receiptShape,
      { stationId: station, slipDigest, bundleDigest, receivedAt: at, disputed },
    );
    const row = {
      station,
      version,
      bundleDigest,
      bundle,
      receipt,
      receivedAt: at,
      amendments: amendments.length,
    };
    store.insert(election, row);
    for (const listener of listeners) listener(election, station, at);
    return { receipt, repeated: false };
  };
  const repeatOf = (provisioning: Provisioning, bytes: Bytes): Accepted | undefined => {
    const known = store.byDigest(provisioning.election, crypto.sha256(bytes));
    return known === undefined ? undefined : { receipt: known.receipt, repeated: true };
  };
  const heldOf = (provisioning: Provisioning, station: string): HeldSlip | undefined =>
    judgeStation(provisioning, store.versions(provisioning.election, station));

  return {
    receive: (provisioning, bytes) => {
      const repeat = repeatOf(provisioning, bytes);
      if (repeat !== undefined) return success(repeat);
      const at = now();
      const checked = checkBundle(provisioning, crypto, bytes, at);
      if (!checked.ok) return failure(refusalOf(checked.fault));
      const station = checked.value.station.id;
      if (store.versions(provisioning.election, station).length > 0)
        return failure({
          status: 409,
          code: 'slip_already_held',
          at: `station ${station}`,
          wanted: 'a correction that supersedes the slip that is held',
        });
      return success(keep(provisioning, bytes, checked.value, 1, at));
    },
    receiveCorrection: (provisioning, bytes) => {
      const repeat = repeatOf(provisioning, bytes);
      if (repeat !== undefined) return success(repeat);
      const station = correctedStation(bytes);
      if (station === undefined)
        return failure({ status: 400, code: 'bundle_malformed', wanted: 'a correction with its approvals' });
      const standing = heldOf(provisioning, station);
      if (standing === undefined)
        return failure({
          status: 409,
          code: 'slip_not_here',
          at: 'correction: stationId',
          wanted: 'its slip first',
        });
      if (standing.version > CORRECTIONS_PER_STATION_MAX)
        return failure({
          status: 409,
          code: 'too_many_corrections',
          at: `station ${station}`,
          wanted: `at most ${CORRECTIONS_PER_STATION_MAX}`,
        });
      const at = now();
      const checked = checkCorrection(provisioning, crypto, standing.checked, bytes, at);
      if (!checked.ok) return failure(refusalOf(checked.fault));
      return success(keep(provisioning, bytes, checked.value, standing.version + 1, at));
    },
    held: (provisioning) =>
      byStation(store.all(provisioning.election)).flatMap((rows) => judgeStation(provisioning, rows) ?? []),
    heldOf,
    onAccepted: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
