/**
 * A public key is checked once, when it is enrolled; afterwards every verifier may use the cofactorless
 * equation and all of them agree. The published edge cases show what happens without this.
 */
import { Point } from '@noble/ed25519';
import { type Bytes, equalBytes, toHex } from '../codec/bytes.ts';
import { PUBLIC_KEY_BYTES } from './ports.ts';

/** A check costs milliseconds and the same keys come again with every slip: the last verdict of each place is kept. */
export const ENROLLED_KEYS_MAX = 4096;
interface KeyVerdict {
  readonly key: Bytes;
  readonly holds: boolean;
}
const verdicts: (KeyVerdict | undefined)[] = new Array(ENROLLED_KEYS_MAX).fill(undefined);
/** Keys are as good as random: two of their bytes spread them over the places. */
const placeOf = (key: Bytes): number => ((key[0] as number) | ((key[1] as number) << 8)) % ENROLLED_KEYS_MAX;

/** @returns true for a canonical encoding of a point of prime order */
export type KeyCheck = (publicKey: Bytes) => boolean;
let keyCheck: KeyCheck = isPrimeOrder;

/**
 * Another implementation of the same check, thirty times as fast where the machine has one. Called once, where a
 * process is put together; the verdict is the same by test, so that it does not matter when.
 * @returns the check that was in use
 */
export function setKeyCheck(check: KeyCheck): KeyCheck {
  const before = keyCheck;
  keyCheck = check;
  verdicts.fill(undefined);
  return before;
}

/** @returns true for a canonical encoding of a point of prime order. */
export function enrolPublicKey(publicKey: Bytes): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES) return false;
  const place = placeOf(publicKey);
  const known = verdicts[place];
  if (known !== undefined && equalBytes(known.key, publicKey)) return known.holds;
  const holds = keyCheck(publicKey);
  verdicts[place] = { key: publicKey.slice(), holds };
  return holds;
}

/** The reference, on @noble. */
export function isPrimeOrder(publicKey: Bytes): boolean {
  try {
    const point = Point.fromBytes(publicKey, false);
    return !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false;
  }
}

/** y-coordinates (little-endian, sign bit cleared) of every encoding, canonical or not, of a small-order point. */
const SMALL_ORDER_ENCODINGS = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/**
 * What a verifier of published records asks of a key that was enrolled by others: a canonical encoding, not of small
 * order. Whether it lies on the curve the signature's own check says; whether it is of prime order was asked when it
 * was enrolled, and makes no difference to a signature: the equation is cofactorless and its scalar is reduced.
 */
export function isKeyEncoding(publicKey: Bytes): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || isSmallOrderEncoding(publicKey)) return false;
  // y is below p = 2^255 - 19: not ed…f6 ff…ff 7f, whatever the sign bit.
  if (((publicKey[PUBLIC_KEY_BYTES - 1] as number) & 0x7f) !== 0x7f || (publicKey[0] as number) < 0xed)
    return true;
  for (let i = 1; i < PUBLIC_KEY_BYTES - 1; i++) if (publicKey[i] !== 0xff) return true;
  return false;
}

const SMALL_ORDER_FIRST_BYTES = new Set(
  [...SMALL_ORDER_ENCODINGS].map((text) => Number.parseInt(text.slice(0, 2), 16)),
);

/** Whether 32 bytes encode a point of small order; used on the R of a signature. */
export function isSmallOrderEncoding(encoded: Bytes): boolean {
  // All but one in forty encodings are told apart by their first byte.
  if (!SMALL_ORDER_FIRST_BYTES.has(encoded[0] as number)) return false;
  const cleared = encoded.slice(0, PUBLIC_KEY_BYTES);
  cleared[PUBLIC_KEY_BYTES - 1] = (cleared[PUBLIC_KEY_BYTES - 1] as number) & 0x7f;
  return SMALL_ORDER_ENCODINGS.has(toHex(cleared));
}
