/** One bundle judged, and its receipt signed: the same step on the serving thread and on a judge's own. */
import {
  type BundleFault,
  type Bytes,
  type CheckedBundle,
  type Crypto,
  checkBundle,
  INTAKE_SUBJECT,
  type Provisioning,
  records,
  signTyped,
} from '@sandoq/protocol';
import { disputesOf } from './held.ts';

export interface Job {
  readonly election: string;
  readonly bytes: Bytes;
  /** epoch seconds */
  readonly at: number;
  /** how many amendments the intake knew: a later one changes no verdict that was given */
  readonly amendments: number;
  /** whether a receipt is wanted: not for what is in the store already */
  readonly receipt: boolean;
}

export interface Verdict {
  readonly bytes: Bytes;
  /** SHA-256 of the bytes */
  readonly digest: Bytes;
  readonly fault?: BundleFault;
  /** the station's entry is left out: the other side has it */
  readonly checked?: Omit<CheckedBundle, 'station'>;
  readonly receipt?: Bytes;
  readonly receiptDigest?: Bytes;
}

export interface ReceiptSigner {
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>;
  readonly sign: (message: Bytes) => Bytes;
}

export interface ReceiptOf {
  readonly checked: Pick<CheckedBundle, 'slip' | 'slipDigest' | 'bundleDigest' | 'breaks' | 'approvals'>;
  readonly election: Provisioning['election'];
  /** epoch seconds */
  readonly at: number;
}

export const receiptFor = (signer: ReceiptSigner, { checked, election, at }: ReceiptOf): Bytes =>
  signTyped(
    { sign: (_secretKey, message) => signer.sign(message) },
    KEY_IS_WITH_THE_SIGNER,
    { type: 'receipt', election, signer: INTAKE_SUBJECT },
    records.receiptShape,
    {
      stationId: checked.slip.stationId,
      slipDigest: checked.slipDigest,
      bundleDigest: checked.bundleDigest,
      receivedAt: at,
      disputed: disputesOf(checked).length > 0,
    },
  );
const KEY_IS_WITH_THE_SIGNER = new Uint8Array(32);

export function judgeOne(provisioning: Provisioning, signer: ReceiptSigner, job: Job): Verdict {
  const then = { ...provisioning, amendments: provisioning.amendments.slice(0, job.amendments) };
  const result = checkBundle(then, signer.crypto, job.bytes, job.at);
  if (!result.ok) return { bytes: job.bytes, digest: signer.crypto.sha256(job.bytes), fault: result.fault };
  const { station: _, ...checked } = result.value;
  const { election } = provisioning;
  const judged = { bytes: job.bytes, digest: checked.bundleDigest, checked };
  if (!job.receipt) return judged;
  const receipt = receiptFor(signer, { checked, election, at: job.at });
  return { ...judged, receipt, receiptDigest: signer.crypto.sha256(receipt) };
}
