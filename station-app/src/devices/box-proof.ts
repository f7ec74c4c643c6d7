/** The mutual proof at link-up: each side signs both challenges and its reported software hash under its own key. */
import {
  type Bytes,
  type Crypto,
  type ElectionId,
  encode,
  encodeProtectedHeader,
  equalBytes,
  records,
  type Subject,
  signatureInput,
  type wire,
} from '@sandoq/protocol';

/** A link belongs to no election. */
const NO_ELECTION = 'none' as ElectionId;

const proofInput = (signer: Subject, proof: records.LinkProof): Bytes =>
  signatureInput(
    encodeProtectedHeader({ type: 'link', election: NO_ELECTION, signer }),
    encode(records.linkProofShape, proof),
  );

export interface LinkIdentity {
  readonly subject: Subject;
  readonly secretKey: Bytes;
  readonly softwareHash: Bytes;
}

export type ProofFault = 'box_unprovisioned' | 'box_not_enrolled' | 'box_proof_invalid';

/** Whether the answerer is one of the station's boxes. @returns undefined where it is. */
export function boxProofFault(
  crypto: Pick<Crypto, 'verify'>,
  boxes: readonly records.EnrolledDevice[],
  hostChallenge: Bytes,
  reply: wire.HelloReply,
): ProofFault | undefined {
  if (reply.lifecycle === 'unprovisioned') return 'box_unprovisioned';
  const enrolled = boxes.find((box) => box.subject === reply.subject && equalBytes(box.key, reply.key));
  if (enrolled === undefined) return 'box_not_enrolled';
  const input = proofInput(enrolled.subject as Subject, {
    fromBox: true,
    hostChallenge,
    boxChallenge: reply.challenge,
    softwareHash: reply.softwareHash,
  });
  return crypto.verify(enrolled.key, input, reply.signature) ? undefined : 'box_proof_invalid';
}

export function proveHost(
  crypto: Pick<Crypto, 'sign'>,
  identity: LinkIdentity,
  hostChallenge: Bytes,
  boxChallenge: Bytes,
): wire.ProveRequest {
  const { subject, secretKey, softwareHash } = identity;
  const input = proofInput(subject, { fromBox: false, hostChallenge, boxChallenge, softwareHash });
  return { subject, signature: crypto.sign(secretKey, input) };
}
