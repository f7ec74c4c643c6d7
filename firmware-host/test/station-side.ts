// What a voting process says to its box, made from the election and from what the box has said: pure, for the rig that runs in
// one thread and for the rig that waits for each answer.
import {
  type Bytes,
  type ElectionId,
  encode,
  encodeProtectedHeader,
  parseTyped,
  records,
  signatureInput,
  votingSubject,
  type wire,
} from '@sandoq/protocol';
import { approve, crypto, STATION, type TestElection, type TestRole, VOTING } from './election.ts';

export type Request = wire.RequestKind;
export type Reply<Kind extends Request> = wire.Exchanges[Kind]['reply'];

/** A refusal by the box, thrown so that a test says which one it expects. */
export class Refused extends Error {
  readonly reason: string;
  constructor(request: string, reason: string) {
    super(`${request}: ${reason}`);
    this.reason = reason;
  }
}

export const LOAD_CHUNK_BYTES = 4096;
export const HOST_SOFTWARE = crypto.sha256(Uint8Array.of(9));
export const OPENING_NONCE = crypto.sha256(Uint8Array.of(77));
export const OPENED_BUCKET = 1_800_000_000;

export const votingNonce = (nonce: number): Bytes => crypto.sha256(Uint8Array.of(1, nonce & 255, nonce >> 8));

/** In the order in which the box takes them. */
export const partsOf = (election: TestElection): readonly (readonly [wire.LoadPart, Bytes])[] => [
  ['package', election.packageRecord],
  ['station', election.stationRecord],
  ['rasters', election.rasters],
];

export function linkProof(
  { hostChallenge, challenge }: { readonly hostChallenge: Bytes; readonly challenge: Bytes },
  secret: Bytes = VOTING.secret,
): wire.Exchanges['prove']['request'] {
  const subject = votingSubject(STATION);
  const header = encodeProtectedHeader({ type: 'link', election: 'none' as ElectionId, signer: subject });
  const proof = {
    fromBox: false,
    hostChallenge,
    boxChallenge: challenge,
    softwareHash: HOST_SOFTWARE,
  };
  const input = signatureInput(header, encode(records.linkProofShape, proof));
  return { subject, signature: crypto.sign(secret, input) };
}

/** Its first 16 bytes are the session's id. */
export const openDigest = (mode: records.Mode, stationNonce: Bytes, boxNonce: Bytes): Bytes =>
  crypto.sha256(encode(records.openStatementShape, { stationId: STATION, mode, stationNonce, boxNonce }));

export const closeDigest = (sessionId: Bytes): Bytes =>
  crypto.sha256(encode(records.closeStatementShape, { sessionId, stationId: STATION }));

export const approvalsOf = (
  election: TestElection,
  roles: readonly TestRole[],
  action: records.Action,
  digest: Bytes,
): Bytes[] => roles.map((role) => approve(election, role, action, digest));

export const openingApprovals = (election: TestElection, digest: Bytes): Bytes[] =>
  approvalsOf(election, ['executive', 'supervisor'], 'open', digest);

export const closingApprovals = (election: TestElection, sessionId: Bytes, action: records.Action): Bytes[] =>
  approvalsOf(
    election,
    ['governor_representative', 'council_representative'],
    action,
    closeDigest(sessionId),
  );

export function sessionOf(opened: wire.OpenReply): records.Session {
  const session = parseTyped(opened.session, 'session', records.sessionShape);
  if (!session.ok) throw new Error(session.fault.code);
  return session.value.value;
}
