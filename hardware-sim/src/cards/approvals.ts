/** Two approvals over one statement, checked by cards against the keys that they hold. */
import {
  type Bytes,
  type Crypto,
  equalBytes,
  parseTyped,
  records,
  type Subject,
  verifyRecord,
} from '@sandoq/protocol';

export interface Approver {
  readonly subject: Subject;
  readonly role: records.Role;
  readonly key: Bytes;
}

export interface WantedApproval {
  readonly election: string;
  readonly actions: readonly records.Action[];
  /** SHA-256 of the encoded statement */
  readonly digest: Bytes;
  readonly approvers: readonly [Approver, Approver];
}

/** Whose approval this is, or undefined where it is not one of those wanted. A signed disagreement is none. */
function approverOf(
  crypto: Pick<Crypto, 'verify'>,
  wanted: WantedApproval,
  bytes: Bytes,
): Approver | undefined {
  const approval = parseTyped(bytes, 'approval', records.approvalShape);
  if (!approval.ok) return undefined;
  const { record, value } = approval.value;
  const approver = wanted.approvers.find((one) => one.subject === record.signer);
  if (approver === undefined || approver.role !== value.role || record.election !== wanted.election)
    return undefined;
  if (!wanted.actions.includes(value.action) || value.refused === true) return undefined;
  if (!equalBytes(value.digest, wanted.digest)) return undefined;
  return verifyRecord(crypto, approver.key, record) ? approver : undefined;
}

/** Each of the two has approved, in either order. */
export function bothApproved(
  crypto: Pick<Crypto, 'verify'>,
  wanted: WantedApproval,
  approvals: readonly Bytes[],
): boolean {
  const found = approvals.map((one) => approverOf(crypto, wanted, one));
  return found.length === 2 && wanted.approvers.every((approver) => found.includes(approver));
}
