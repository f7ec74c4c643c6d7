/**
 * The intake: a bundle is taken whole or refused with a reason. The signed receipt leaves only after the bundle and
 * the receipt itself are on the disk, in one row: a receipt without its slip cannot be.
 */
import {
  type BundleFault,
  type Bytes,
  type CheckedBundle,
  type Crypto,
  checkBundle,
  equalBytes,
  failure,
  INTAKE_SUBJECT,
  type Provisioning,
  type Result,
  records,
  signTyped,
  success,
  toHex,
} from '@sandoq/protocol';
import { bundleRefusalStatus, type Refusal } from '../web/refusal.ts';
import type { IntakeStore, StoredBundle } from './store.ts';

/** A slip that the province holds. What it says is decoded and judged anew from its bytes, never from a copy. */
export interface HeldSlip {
  readonly station: string;
  readonly version: number;
  readonly bundle: Bytes;
  readonly bundleDigest: Bytes;
  readonly receipt: Bytes;
  /** epoch seconds */
  readonly receivedAt: number;
  readonly checked: CheckedBundle;
  /** why it is disputed; empty where it is not */
  readonly disputes: readonly string[];
}

export interface Accepted {
  readonly receipt: Bytes;
  /** true: these bytes were here before, and so was this receipt */
  readonly repeated: boolean;
}

export interface Intake {
  receive(provisioning: Provisioning, bytes: Bytes): Result<Accepted, Refusal>;
  /** the slips that stand, by station */
  held(provisioning: Provisioning): readonly HeldSlip[];
  heldOf(provisioning: Provisioning, station: string): HeldSlip | undefined;
  /** Called after each slip that was taken, when it is on the disk. @returns how to stop */
  onAccepted(listener: (election: string, station: string, atSeconds: number) => void): () => void;
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

const refusalOf = (fault: BundleFault): Refusal => ({ status: bundleRefusalStatus(fault.code), ...fault });

export function createIntake({ store, crypto, secretKey, now }: IntakeOptions): Intake {
  const listeners = new Set<(election: string, station: string, atSeconds: number) => void>();
  /** Judged once a process: by content, so that it cannot drift from the bytes. */
  const judged = new Map<string, HeldSlip>();

  const judge = (provisioning: Provisioning, row: StoredBundle): HeldSlip => {
    const key = `${provisioning.election} ${toHex(row.bundleDigest)}`;
    const known = judged.get(key);
    if (known !== undefined) return known;
    if (!equalBytes(crypto.sha256(row.bundle), row.bundleDigest))
      throw new Error(`the stored bundle of station ${row.station} is damaged`);
    // By what was known then: a later amendment changes no verdict that was given.
    const then = { ...provisioning, amendments: provisioning.amendments.slice(0, row.amendments) };
    const checked = checkBundle(then, crypto, row.bundle, row.receivedAt);
    if (!checked.ok)
      throw new Error(`the stored bundle of station ${row.station} no longer holds: ${checked.fault.code}`);
    const held: HeldSlip = { ...row, checked: checked.value, disputes: disputesOf(checked.value) };
    judged.set(key, held);
    return held;
  };

  const accept = (provisioning: Provisioning, bytes: Bytes, checked: CheckedBundle, at: number): Bytes => {
    const { election } = provisioning;
    const receipt = signTyped(
      crypto,
      secretKey,
      { type: 'receipt', election, signer: INTAKE_SUBJECT },
      records.receiptShape,
      {
        stationId: checked.station.id,
        slipDigest: checked.slipDigest,
        bundleDigest: checked.bundleDigest,
        receivedAt: at,
        disputed: disputesOf(checked).length > 0,
      },
    );
    const { bundleDigest } = checked;
    store.insert(election, {
      station: checked.station.id,
      version: 1,
      bundleDigest,
      bundle: bytes,
      receipt,
      receivedAt: at,
      amendments: provisioning.amendments.length,
    });
    for (const listener of listeners) listener(election, checked.station.id, at);
    return receipt;
  };

  return {
    receive: (provisioning, bytes) => {
      const known = store.byDigest(provisioning.election, crypto.sha256(bytes));
      if (known !== undefined) return success({ receipt: known.receipt, repeated: true });
      const at = now();
      const checked = checkBundle(provisioning, crypto, bytes, at);
      if (!checked.ok) return failure(refusalOf(checked.fault));
      if (store.current(provisioning.election, checked.value.station.id) !== undefined)
        return failure({
          status: 409,
          code: 'slip_already_held',
          at: `station ${checked.value.station.id}`,
          wanted: 'a correction that supersedes the slip that is held',
        });
      return success({ receipt: accept(provisioning, bytes, checked.value, at), repeated: false });
    },
    held: (provisioning) => store.all(provisioning.election).map((row) => judge(provisioning, row)),
    heldOf: (provisioning, station) => {
      const row = store.current(provisioning.election, station);
      return row === undefined ? undefined : judge(provisioning, row);
    },
    onAccepted: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
