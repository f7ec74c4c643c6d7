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
  /** of two roles; of a role there may be a card for each terminal */
  readonly approvers: readonly Approver[];
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

/** Two approvals by two roles, in either order. */
export function bothApproved(
  crypto: Pick<Crypto, 'verify'>,
  wanted: WantedApproval,
  approvals: readonly Bytes[],
): boolean {
  const roles = approvals.map((one) => approverOf(crypto, wanted, one)?.role);
  return roles.length === 2 && !roles.includes(undefined) && roles[0] !== roles[1];
}
