/** Amendments: signed changes to a signed package, in unbroken sequence. */
import {
  AMENDMENTS_MAX,
  AUTHORITY_SUBJECT,
  amendmentFile,
  type Bytes,
  checkProvisioning,
  encode,
  failure,
  type ProvisioningFault,
  type ProvisioningFiles,
  type Result,
  records,
  signRecord,
  success,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';

export interface AmendmentOrder {
  readonly change: records.AmendmentChange;
  readonly reason: records.Bilingual;
  /** epoch seconds */
  readonly effectiveAt: number;
}

/** Adds the next amendment to the files of a folder. The files with it are checked as a station would. */
export function amendProvisioning(
  files: ProvisioningFiles,
  authoritySecretKey: Bytes,
  order: AmendmentOrder,
): Result<ProvisioningFiles, ProvisioningFault> {
  const authorityKey = nodeCrypto.signingPublicKey(authoritySecretKey);
  const before = checkProvisioning(files, nodeCrypto, authorityKey);
  if (!before.ok) return before;
  const sequence = before.value.amendments.length + 1;
  const file = amendmentFile(sequence);
  if (sequence > AMENDMENTS_MAX)
    return failure({ code: 'amendments_count', at: file, wanted: `at most ${AMENDMENTS_MAX}` });
  let payload: Bytes;
  try {
    payload = encode(records.amendmentShape, {
      ...order,
      packageDigest: before.value.packageDigest,
      sequence,
    });
  } catch (cause) {
    if (cause instanceof RangeError) return failure({ code: 'wrong_shape', at: file, wanted: cause.message });
    throw cause;
  }
  const header = { type: 'amendment', election: before.value.election, signer: AUTHORITY_SUBJECT } as const;
  const amended = new Map(files).set(file, signRecord(nodeCrypto, authoritySecretKey, header, payload));
  const after = checkProvisioning(amended, nodeCrypto, authorityKey);
  return after.ok ? success(amended) : after;
}
