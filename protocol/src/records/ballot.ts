/**
 * The plaintext of one contest of one vote, of the same length for every contest and voter of an election:
 * `[1, contest, class, count, choice…]`, choices as 16-bit big-endian candidate indexes in ascending order, padded
 * with zeros to the largest N. Ascending, so that the order of picking is not kept.
 */
import { type Bytes, concatBytes, utf8, wipe } from '../codec/bytes.ts';
import { HPKE_OVERHEAD_BYTES, hpkeOpener, hpkeSeal } from '../crypto/hpke.ts';
import type { Crypto } from '../crypto/ports.ts';
import { BALLOT_HEADER_BYTES, RECORD_NAME_BYTES } from './bounds.ts';
import type { Contest, Package } from './generated.ts';

export const BALLOT_VERSION = 1;

export type BallotClass = 'not_in_style' | 'marked' | 'blank';
const CLASS_CODES: Readonly<Record<BallotClass, number>> = { not_in_style: 0, marked: 1, blank: 2 };
const CLASS_NAMES: readonly BallotClass[] = ['not_in_style', 'marked', 'blank'];

export interface ContestBallot {
  readonly contest: number;
  readonly class: BallotClass;
  /** candidate indexes, ascending, no repeats; empty unless marked */
  readonly choices: readonly number[];
}

/** Length in bytes of every ballot plaintext of an election. */
export function ballotBytes(contests: readonly Pick<Contest, 'choicesMax'>[]): number {
  return BALLOT_HEADER_BYTES + 2 * contests.reduce((most, contest) => Math.max(most, contest.choicesMax), 0);
}

/** Length in bytes of every sealed record of an election. */
export const sealedBytes = (contests: readonly Pick<Contest, 'choicesMax'>[]): number =>
  ballotBytes(contests) + 2 * HPKE_OVERHEAD_BYTES;

/** @throws RangeError where the ballot breaks the rules: the voting process must not make one. */
export function encodeBallot(election: Pick<Package, 'contests'>, ballot: ContestBallot): Bytes {
  const out = new Uint8Array(ballotBytes(election.contests));
  out[0] = BALLOT_VERSION;
  out[1] = ballot.contest;
  out[2] = CLASS_CODES[ballot.class];
  out[3] = ballot.choices.length;
  ballot.choices.forEach((choice, i) => {
    out[BALLOT_HEADER_BYTES + 2 * i] = choice >> 8;
    out[BALLOT_HEADER_BYTES + 2 * i + 1] = choice & 0xff;
  });
  if (decodeBallot(election, out) === undefined)
    throw new RangeError('ballot breaks the rules of its contest');
  return out;
}

/** Total: the ballot, or undefined where any byte is not as `encodeBallot` writes it. */
export function decodeBallot(
  election: Pick<Package, 'contests'>,
  plaintext: Bytes,
): ContestBallot | undefined {
  if (plaintext.length !== ballotBytes(election.contests) || plaintext[0] !== BALLOT_VERSION)
    return undefined;
  const contest = plaintext[1] as number;
  const rules = election.contests[contest];
  const ballotClass = CLASS_NAMES[plaintext[2] as number];
  const count = plaintext[3] as number;
  if (rules === undefined || ballotClass === undefined || count > rules.choicesMax) return undefined;
  if ((ballotClass === 'marked') !== count > 0 || (ballotClass === 'blank' && !rules.blankAllowed))
    return undefined;
  const choices: number[] = [];
  for (let i = 0; BALLOT_HEADER_BYTES + 2 * i < plaintext.length; i++) {
    const choice =
      ((plaintext[BALLOT_HEADER_BYTES + 2 * i] as number) << 8) |
      (plaintext[BALLOT_HEADER_BYTES + 2 * i + 1] as number);
    if (i >= count) {
      if (choice !== 0) return undefined;
    } else {
      if (choice >= rules.candidatesCount || (i > 0 && choice <= (choices[i - 1] as number)))
        return undefined;
      choices.push(choice);
    }
  }
  return { contest, class: ballotClass, choices };
}

/** A record's name: the first 16 bytes of SHA-256 of its sealed bytes. */
export const recordName = (crypto: Pick<Crypto, 'sha256'>, sealed: Bytes): Bytes =>
  crypto.sha256(sealed).slice(0, RECORD_NAME_BYTES);

const SEAL_INFO = utf8('sandoq/seal/1');
const EPHEMERAL = utf8('sandoq/ephemeral/1');

/** `"sandoq/seal/1" || session id || layer`, layer 1 inner (governor's), 2 outer (council's). */
export const sealInfo = (sessionId: Bytes, layer: 1 | 2): Bytes =>
  concatBytes(SEAL_INFO, sessionId, Uint8Array.of(layer));

/**
 * Keying material of the ephemeral key of one layer of one contest:
 * `SHA-512("sandoq/ephemeral/1" || station nonce || box nonce || contest || layer)[0..32)`.
 * Neither side chooses it alone, and the box can repeat it.
 */
export function ephemeralMaterial(
  crypto: Pick<Crypto, 'sha512'>,
  stationNonce: Bytes,
  boxNonce: Bytes,
  contest: number,
  layer: 1 | 2,
): Bytes {
  return crypto
    .sha512(concatBytes(EPHEMERAL, stationNonce, boxNonce, Uint8Array.of(contest, layer)))
    .slice(0, 32);
}

export interface CountPublicKeys {
  readonly governorRepresentative: Bytes;
  readonly councilRepresentative: Bytes;
}
export interface CountSecretKeys {
  readonly governorRepresentative: Bytes;
  readonly councilRepresentative: Bytes;
}

/** Seals one contest's plaintext to both count keys, inner to the governor's, outer to the council's. */
export function sealBallot(
  crypto: Crypto,
  keys: CountPublicKeys,
  sessionId: Bytes,
  stationNonce: Bytes,
  boxNonce: Bytes,
  contest: number,
  plaintext: Bytes,
): Bytes {
  const innerMaterial = ephemeralMaterial(crypto, stationNonce, boxNonce, contest, 1);
  const outerMaterial = ephemeralMaterial(crypto, stationNonce, boxNonce, contest, 2);
  const inner = hpkeSeal(
    crypto,
    keys.governorRepresentative,
    sealInfo(sessionId, 1),
    innerMaterial,
    plaintext,
  );
  const outer =
    inner && hpkeSeal(crypto, keys.councilRepresentative, sealInfo(sessionId, 2), outerMaterial, inner);
  wipe(innerMaterial);
  wipe(outerMaterial);
  if (outer === undefined) throw new RangeError('count key of small order: it cannot have been enrolled');
  return outer;
}

/**
 * Opens the records of one session, one after another. The opener holds the keys: it lives for one count.
 * @returns for each the plaintext, or undefined where it was not sealed to these keys in this session.
 */
export function ballotOpener(
  crypto: Crypto,
  keys: CountSecretKeys,
  sessionId: Bytes,
): (sealed: Bytes) => Bytes | undefined {
  const outer = hpkeOpener(crypto, keys.councilRepresentative, sealInfo(sessionId, 2));
  const inner = hpkeOpener(crypto, keys.governorRepresentative, sealInfo(sessionId, 1));
  return (sealed) => {
    const once = outer(sealed);
    return once && inner(once);
  };
}

export const openBallot = (
  crypto: Crypto,
  keys: CountSecretKeys,
  sessionId: Bytes,
  sealed: Bytes,
): Bytes | undefined => ballotOpener(crypto, keys, sessionId)(sealed);
