/** Whether what the box says of a ballot's fate is proved by its session key. */
import {
  type Bytes,
  checkSignature,
  directoryOf,
  encode,
  encodeProtectedHeader,
  equalBytes,
  parseTyped,
  records,
  sessionEntry,
  signatureInput,
} from '@sandoq/protocol';
import { type SessionInForce, sessionSigner, type VotingContext } from './context.ts';

export interface FateProof {
  /** One signature over Vote for each sealed record, in their order. */
  castHolds(sealed: readonly Bytes[], signatures: readonly Bytes[]): boolean;
  /** @param commitment of the ballot, where this process began it */
  rejectionHolds(rejection: Bytes | undefined, commitment: Bytes | undefined): boolean;
}

export function createFateProof(context: VotingContext): FateProof {
  /** The protected header is the same for every vote of a session. */
  let header: { readonly session: SessionInForce; readonly bytes: Bytes } | undefined;
  const headerOf = (session: SessionInForce): Bytes => {
    if (header?.session !== session) {
      const { election } = context.election;
      const bytes = encodeProtectedHeader({ type: 'vote', election, signer: sessionSigner(session) });
      header = { session, bytes };
    }
    return header.bytes;
  };
  return {
    castHolds(sealed, signatures) {
      const { session, crypto } = context;
      if (session === undefined || signatures.length !== sealed.length) return false;
      return sealed.every((record, i) => {
        const vote = { sessionId: session.value.sessionId, sealedDigest: crypto.sha256(record) };
        const input = signatureInput(headerOf(session), encode(records.voteShape, vote));
        return crypto.verify(session.value.sessionKey, input, signatures[i] as Bytes);
      });
    },
    rejectionHolds(rejection, commitment) {
      const { session, crypto, election } = context;
      if (rejection === undefined || session === undefined) return false;
      const parsed = parseTyped(rejection, 'rejection', records.rejectionShape);
      if (!parsed.ok) return false;
      const { record, value } = parsed.value;
      const directory = directoryOf([sessionEntry(session.value)]);
      return (
        checkSignature(crypto, directory, election.election, 0, record).ok &&
        equalBytes(value.sessionId, session.value.sessionId) &&
        (commitment === undefined || equalBytes(value.challenge, commitment))
      );
    },
  };
}
