/**
 * One admission a round across stations. What the province holds of a person is a few lines, one for each claimant that
 * ever had her; what it answers is a function of those lines and of the claim. The lines of two claimants never touch each
 * other, and each only moves forward, so that messages may be lost, repeated or overtake each other: the lines end as the
 * same, and with them the doubles. Whoever keeps them applies one claim at a time (docs/CLAIMS.md).
 */
import { type Bytes, concatBytes, utf8 } from '../codec/bytes.ts';
import type { Crypto } from '../crypto/ports.ts';
import { CLAIM_TURN_MAX, KEY_CHECK_BYTES, PERSON_DIGEST_BYTES } from './bounds.ts';
import type { Claim, ClaimVerdict } from './generated.ts';

/**
 * Who claims: a station, with the journal that it has now. What a lost journal claimed stands, and is another's: so
 * nobody is admitted twice at one station because its computer was replaced.
 */
export interface Claimant {
  readonly station: string;
  /** of the journal, in hexadecimal */
  readonly journal: string;
}

/** What is held of one person of one claimant. */
export interface HeldClaim extends Claimant {
  /** from 1; a new one for each time that the station claims her anew */
  readonly turn: number;
  readonly state: 'claimed' | 'released';
  /** the province was not asked before she was admitted */
  readonly unconfirmed: boolean;
  readonly bucket: number;
}

export interface ClaimOutcome {
  readonly verdict: ClaimVerdict;
  /** others than the claimant that have her among their admitted, in order of their ids */
  readonly others: readonly HeldClaim[];
  /** the claimant's line as it is to be written; undefined: nothing changes */
  readonly write: HeldClaim | undefined;
}

const inOrderOfIds = (a: HeldClaim, b: HeldClaim): number =>
  `${a.station}/${a.journal}` < `${b.station}/${b.journal}` ? -1 : 1;

/**
 * | asked | own line | others have her | verdict | own line afterwards |
 * | --- | --- | --- | --- | --- |
 * | claim t | claimed t | either | granted (a repeat) | same |
 * | claim t | none, or of an earlier turn | no | granted | claimed t |
 * | claim t | none, or of an earlier turn | yes | elsewhere | same |
 * | admitted t | none, or of an earlier turn | no / yes | recorded / doubled | claimed t, unconfirmed |
 * | admitted t | claimed t | no / yes | recorded / doubled | same |
 * | release t | any earlier, or claimed t | either | recorded | released t |
 * | release t | released t | either | recorded (a repeat) | same |
 * | claim or admitted t | released t | either | superseded | same |
 * | any t | of a later turn | either | superseded | same |
 *
 * @param held all lines of this person, at most one a claimant
 */
export function applyClaim(held: readonly HeldClaim[], claimant: Claimant, claim: Claim): ClaimOutcome {
  const { station, journal } = claimant;
  const isOwn = (line: HeldClaim): boolean => line.station === station && line.journal === journal;
  const own = held.find(isOwn);
  const others = held.filter((line) => !isOwn(line) && line.state === 'claimed').sort(inOrderOfIds);
  const { turn, bucket, step } = claim;
  if (turn < 1 || turn > CLAIM_TURN_MAX) throw new RangeError('a turn outside its bounds');
  const isRepeat = own?.turn === turn;
  const isLate = own !== undefined && (own.turn > turn || (isRepeat && own.state === 'released'));
  if (step === 'release') {
    if (own !== undefined && own.turn > turn) return { verdict: 'superseded', others, write: undefined };
    const write: HeldClaim = {
      station,
      journal,
      turn,
      state: 'released',
      unconfirmed: isRepeat && own.unconfirmed,
      bucket: isRepeat ? own.bucket : bucket,
    };
    return { verdict: 'recorded', others, write: isLate ? undefined : write };
  }
  if (isLate) return { verdict: 'superseded', others, write: undefined };
  const line: HeldClaim = {
    station,
    journal,
    turn,
    state: 'claimed',
    unconfirmed: step === 'admitted',
    bucket,
  };
  if (step === 'admitted')
    return {
      verdict: others.length === 0 ? 'recorded' : 'doubled',
      others,
      write: isRepeat ? undefined : line,
    };
  if (isRepeat) return { verdict: 'granted', others: [], write: undefined };
  return others.length === 0
    ? { verdict: 'granted', others, write: line }
    : { verdict: 'elsewhere', others, write: undefined };
}

/** Stations that have this person among their admitted: more than one is a double, each attributed to its stations. */
export const admittedAt = (held: readonly HeldClaim[]): readonly HeldClaim[] =>
  held.filter((line) => line.state === 'claimed').sort(inOrderOfIds);

export const CLAIM_KEY_BYTES = 32;

const keyed = (crypto: Pick<Crypto, 'hmacSha256'>, roundKey: Bytes, label: string, text: string): Bytes => {
  if (roundKey.length !== CLAIM_KEY_BYTES) throw new RangeError('a round key is 32 bytes');
  return crypto.hmacSha256(roundKey, concatBytes(utf8(label), Uint8Array.of(0), utf8(text)));
};

/** What the province knows a person by: nothing to whoever does not hold the round key, and another in each round. */
export const personDigest = (
  crypto: Pick<Crypto, 'hmacSha256'>,
  roundKey: Bytes,
  election: string,
  nationalCode: string,
): Bytes =>
  keyed(crypto, roundKey, 'sandoq/person/1', `${election}/${nationalCode}`).slice(0, PERSON_DIGEST_BYTES);

/** Stations with two round keys would find no double between them: the province compares this and refuses. */
export const claimKeyCheck = (crypto: Pick<Crypto, 'hmacSha256'>, roundKey: Bytes, election: string): Bytes =>
  keyed(crypto, roundKey, 'sandoq/round-key/1', election).slice(0, KEY_CHECK_BYTES);
