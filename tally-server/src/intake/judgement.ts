/**
 * Bundles judged, and their receipts signed: the same step on the serving thread and on a judge's own. What comes
 * back is small and in one piece; the rest of a bundle is in its bytes and is read from there when somebody asks.
 */
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
import { countsWidth, putCounts } from './counts.ts';
import { disputesOf } from './held.ts';

export interface Job {
  readonly election: string;
  /** one bundle, or several in one piece: then `parts` says where each begins and ends */
  readonly bytes: Bytes;
  readonly parts?: readonly number[];
  /** epoch seconds */
  readonly at: number;
  /** how many amendments the intake knew: a later one changes no verdict that was given */
  readonly amendments: number;
  /** whether receipts are wanted: not for what is in the store already */
  readonly receipt: boolean;
}

/** What the judge says of a sound bundle beside its digests: plain values, so that it costs little to hand over. */
export interface Finding {
  readonly station: string;
  /** how long the slip's payload is */
  readonly slipBytes: number;
  /** epoch seconds */
  readonly closedAt: number;
  /** whose signature the minutes carry, in agreement or refusing */
  readonly signedBy: readonly records.Role[];
  readonly poweredMinutes: number;
  readonly disputes: readonly string[];
}

/** Digest of the bundle and of the slip, the slip's payload; then, where they are wanted, the receipt's digest and the receipt. */
const DIGEST_BYTES = 32;

/** A judge's whole answer to a job: the job's own bytes again, one buffer of digests and receipts, and the findings. */
export interface Judged {
  readonly bytes: Bytes;
  readonly small: Bytes;
  /** by bundle: where its part of `small` begins, and at the end where the last one ends */
  readonly smallAt: readonly number[];
  /** the slips' numbers, one row after another (counts.ts), and where each row begins */
  readonly counts: Float64Array;
  readonly countsAt: readonly number[];
  readonly found: readonly (Finding | BundleFault)[];
}

/** One bundle's verdict, taken out of the whole. */
export interface Verdict {
  readonly bytes: Bytes;
  /** SHA-256 of the bytes */
  readonly digest: Bytes;
  readonly fault?: BundleFault;
  readonly finding?: Finding;
  readonly slipDigest?: Bytes;
  readonly slipPayload?: Bytes;
  readonly counts?: Float64Array;
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

const partsOf = ({ bytes, parts }: Job): readonly number[] => parts ?? [0, bytes.length];
/** How many bundles a job holds. */
export const bundlesIn = ({ parts }: Job): number => (parts === undefined ? 1 : parts.length / 2);

function findingOf(checked: CheckedBundle): Finding {
  return {
    station: checked.slip.stationId,
    slipBytes: checked.slipPayload.length,
    closedAt: checked.slip.closedAt,
    signedBy: checked.approvals.map(({ role }) => role),
    poweredMinutes: poweredMinutesIn(checked),
    disputes: disputesOf(checked),
  };
}

export const poweredMinutesIn = ({ commitments }: Pick<CheckedBundle, 'commitments'>): number =>
  commitments.reduce((sum, { poweredMinutes }) => sum + poweredMinutes, 0);

type Ports = ReceiptSigner['crypto'];
type SignatureCheck = readonly [publicKey: Bytes, message: Bytes, signature: Bytes];

/**
 * Judges the bundles of a job together: first all that is not a signature, then the signatures of all of them at once,
 * each loop in the processor's caches. A bundle whose word would be another than "sound" is judged once more, step by
 * step: the fault that is named is the first that there is.
 */
function judgeTogether(
  provisioning: Provisioning,
  crypto: Ports,
  bundles: readonly Bytes[],
  at: number,
): readonly ReturnType<typeof checkBundle>[] {
  const checks: SignatureCheck[] = [];
  const later: Ports = {
    sha256: crypto.sha256,
    verify: (publicKey, message, signature) => {
      checks.push([publicKey, message, signature]);
      return true;
    },
  };
  const ends: number[] = [];
  const results = bundles.map((bundle) => {
    const result = checkBundle(provisioning, later, bundle, at);
    ends.push(checks.length);
    return result;
  });
  let from = 0;
  return results.map((result, i) => {
    let holds = result.ok;
    const to = ends[i] as number;
    for (; holds && from < to; from++) {
      const [publicKey, message, signature] = checks[from] as SignatureCheck;
      holds = crypto.verify(publicKey, message, signature);
    }
    from = to;
    return holds ? result : checkBundle(provisioning, crypto, bundles[i] as Bytes, at);
  });
}

export function judgeJob(provisioning: Provisioning, signer: ReceiptSigner, job: Job): Judged {
  const { election } = provisioning;
  const then = { ...provisioning, amendments: provisioning.amendments.slice(0, job.amendments) };
  const found: (Finding | BundleFault)[] = [];
  const pieces: Bytes[] = [];
  const smallAt = [0];
  const parts = partsOf(job);
  const bundles = Array.from({ length: parts.length / 2 }, (_, i) =>
    job.bytes.subarray(parts[2 * i], parts[2 * i + 1]),
  );
  // A sound slip has every contest of the package, and every candidate.
  const width = countsWidth(provisioning.package.contests.map(({ candidatesCount }) => candidatesCount));
  const counts = new Float64Array(width * bundles.length);
  const countsAt = [0];
  let countsEnd = 0;
  let length = 0;
  const put = (...some: readonly Bytes[]): void => {
    for (const one of some) {
      pieces.push(one);
      length += one.length;
    }
    smallAt.push(length);
  };
  judgeTogether(then, signer.crypto, bundles, job.at).forEach((result, i) => {
    if (!result.ok) {
      found.push(result.fault);
      put(signer.crypto.sha256(bundles[i] as Bytes));
      countsAt.push(countsEnd);
      return;
    }
    const checked = result.value;
    found.push(findingOf(checked));
    putCounts(counts, countsEnd, checked.slip);
    countsEnd += width;
    countsAt.push(countsEnd);
    const { bundleDigest, slipDigest, slipPayload } = checked;
    if (job.receipt) {
      const receipt = receiptFor(signer, { checked, election, at: job.at });
      put(bundleDigest, slipDigest, slipPayload, signer.crypto.sha256(receipt), receipt);
    } else put(bundleDigest, slipDigest, slipPayload);
  });
  const small = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    small.set(piece, at);
    at += piece.length;
  }
  return { bytes: job.bytes, small, smallAt, counts, countsAt, found };
}

/** The verdicts, one a bundle, as views into what the judge handed over. */
export function verdictsOf(job: Pick<Job, 'parts' | 'receipt'>, judged: Judged): readonly Verdict[] {
  const { bytes, small, smallAt, counts, countsAt, found } = judged;
  const parts = job.parts ?? [0, bytes.length];
  return found.map((one, i): Verdict => {
    const part = small.subarray(smallAt[i], smallAt[i + 1]);
    const bundle = bytes.subarray(parts[2 * i], parts[2 * i + 1]);
    const known = { bytes: bundle, digest: part.subarray(0, DIGEST_BYTES) };
    if ('code' in one) return { ...known, fault: one };
    const slipAt = 2 * DIGEST_BYTES;
    const receiptDigestAt = slipAt + one.slipBytes;
    const receiptAt = receiptDigestAt + DIGEST_BYTES;
    const sound = {
      ...known,
      finding: one,
      slipDigest: part.subarray(DIGEST_BYTES, slipAt),
      slipPayload: part.subarray(slipAt, receiptDigestAt),
      counts: counts.subarray(countsAt[i], countsAt[i + 1]),
    };
    return job.receipt
      ? {
          ...sound,
          receiptDigest: part.subarray(receiptDigestAt, receiptAt),
          receipt: part.subarray(receiptAt),
        }
      : sound;
  });
}
