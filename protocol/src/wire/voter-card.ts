/**
 * The voter's national card as its reader sees it: PIV style (NIST SP 800-73), ECC P-256, short or extended APDUs of
 * class 0. Its holder object is ours, for rehearsals: `[holder map, signature]`, signed by the (simulated) registry.
 */
import { type Bytes, concatBytes, utf8 } from '../codec/bytes.ts';
import { decodeCbor, encodeCbor } from '../codec/cbor.ts';
import { type Crypto, SIGNATURE_BYTES } from '../crypto/ports.ts';
import { NAME_BYTES_MAX } from '../records/bounds.ts';

/** In the range that SP 800-73 leaves to issuers. */
export const HOLDER_OBJECT_TAG = Uint8Array.of(0x5f, 0xff, 0x01);
export const PIV = {
  /** P1-P2 of GET DATA */
  get_data_p1: 0x3f,
  get_data_p2: 0xff,
  /** P2 of VERIFY: the card's PIN, 8 bytes, digits padded with FF */
  pin: 0x80,
  /** P2 of VERIFY: primary finger; sent without data, the reader adds the template from its own sensor */
  primary_finger: 0x96,
  /** P1 of GENERAL AUTHENTICATE: ECC P-256 */
  algorithm_p256: 0x11,
  /** P2 of GENERAL AUTHENTICATE: PIV authentication key */
  authentication_key: 0x9a,
} as const;
export const PIV_PIN_BYTES = 8;
export const P256_PUBLIC_KEY_BYTES = 65;
export const PIV_CHALLENGE_BYTES = 32;
const HOLDER_OBJECT_BYTES_MAX = 2048;

export interface CardHolder {
  /** ten ASCII digits */
  readonly nationalCode: string;
  /** as printed on the card, in Persian */
  readonly name: string;
  /** Gregorian, YYYY-MM-DD */
  readonly birthDate: string;
  /** uncompressed P-256 point of the card's authentication key */
  readonly publicKey: Bytes;
}

const SIGNED_PREFIX = utf8('sandoq/simulated-registry/1');

/** Public half of the simulated registry's key: accepted in rehearsals only. Its secret is in the bench, for all to read. */
export const SIMULATED_REGISTRY_PUBLIC_KEY = Uint8Array.from(
  '4b3b4ffe1013dd656db3b66c345da45cb1272416627bc443e08bfcf16fae6ea8'.match(/../g) as string[],
  (pair) => Number.parseInt(pair, 16),
);

const encodeHolder = (holder: CardHolder): Bytes =>
  encodeCbor(
    new Map<number, string | Bytes>([
      [1, holder.nationalCode],
      [2, holder.name],
      [3, holder.birthDate],
      [4, holder.publicKey],
    ]),
  );

export function signHolderObject(
  crypto: Pick<Crypto, 'sign'>,
  registrySecretKey: Bytes,
  holder: CardHolder,
): Bytes {
  const encoded = encodeHolder(holder);
  return encodeCbor([encoded, crypto.sign(registrySecretKey, concatBytes(SIGNED_PREFIX, encoded))]);
}

const isName = (raw: unknown): raw is string =>
  typeof raw === 'string' && raw.length > 0 && utf8(raw).length <= NAME_BYTES_MAX && !/\p{Cc}/u.test(raw);

function readHolder(raw: unknown): CardHolder | undefined {
  if (!(raw instanceof Map) || raw.size !== 4) return undefined;
  const [nationalCode, name, birthDate, publicKey] = [1, 2, 3, 4].map((label): unknown => raw.get(label));
  if (typeof nationalCode !== 'string' || !/^[0-9]{10}$/.test(nationalCode)) return undefined;
  if (!isName(name)) return undefined;
  if (typeof birthDate !== 'string' || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(birthDate)) return undefined;
  if (!(publicKey instanceof Uint8Array) || publicKey.length !== P256_PUBLIC_KEY_BYTES) return undefined;
  return { nationalCode, name, birthDate, publicKey };
}

/** @returns the holder, or undefined where anything is malformed or not signed by this registry. */
export function openHolderObject(
  crypto: Pick<Crypto, 'verify'>,
  registryKey: Bytes,
  object: Bytes,
): CardHolder | undefined {
  const pair = decodeCbor(object, HOLDER_OBJECT_BYTES_MAX);
  if (!pair.ok || !Array.isArray(pair.value) || pair.value.length !== 2) return undefined;
  const [encoded, signature] = pair.value as readonly unknown[];
  if (!(encoded instanceof Uint8Array) || !(signature instanceof Uint8Array)) return undefined;
  if (signature.length !== SIGNATURE_BYTES) return undefined;
  if (!crypto.verify(registryKey, concatBytes(SIGNED_PREFIX, encoded), signature)) return undefined;
  const map = decodeCbor(encoded, HOLDER_OBJECT_BYTES_MAX);
  return map.ok ? readHolder(map.value) : undefined;
}

/** One BER-TLV object with a one-byte tag and a length of up to two bytes after its head. */
export function encodeTlv(tag: number, value: Bytes): Bytes {
  if (value.length > 0xffff) throw new RangeError('TLV value above 65535 bytes');
  const length =
    value.length < 0x80
      ? Uint8Array.of(value.length)
      : value.length < 0x100
        ? Uint8Array.of(0x81, value.length)
        : Uint8Array.of(0x82, value.length >> 8, value.length & 0xff);
  return concatBytes(Uint8Array.of(tag), length, value);
}

/** Reads the objects that fill `data` exactly. @returns undefined for anything else. Total. */
export function decodeTlvs(data: Bytes): ReadonlyMap<number, Bytes> | undefined {
  const found = new Map<number, Bytes>();
  let at = 0;
  while (at < data.length) {
    const tag = data[at] as number;
    const first = data[at + 1];
    if (first === undefined || first === 0x80 || first > 0x82) return undefined;
    const width = first < 0x80 ? 0 : first - 0x80;
    let length = first;
    if (width > 0) {
      if (at + 2 + width > data.length) return undefined;
      length = 0;
      for (let i = 0; i < width; i++) length = length * 256 + (data[at + 2 + i] as number);
    }
    const start = at + 2 + width;
    if (start + length > data.length || found.has(tag)) return undefined;
    found.set(tag, data.slice(start, start + length));
    at = start + length;
  }
  return found;
}

/** Data of GET DATA for an object's tag, and the object out of its answer. */
export const pivGetData = (tag: Bytes): Bytes => encodeTlv(0x5c, tag);
export const pivObject = (answer: Bytes): Bytes | undefined => decodeTlvs(answer)?.get(0x53);

/**
 * Data of GENERAL AUTHENTICATE: the card signs these 32 bytes as they are. Send SHA-256 of a fresh challenge, and check
 * the answer as ECDSA with SHA-256 over the challenge.
 */
export function pivAuthenticate(challengeDigest: Bytes): Bytes {
  if (challengeDigest.length !== PIV_CHALLENGE_BYTES) throw new RangeError('a challenge digest is 32 bytes');
  return encodeTlv(0x7c, concatBytes(encodeTlv(0x82, new Uint8Array(0)), encodeTlv(0x81, challengeDigest)));
}
/** @returns the DER signature out of the answer. */
export function pivSignature(answer: Bytes): Bytes | undefined {
  const template = decodeTlvs(answer)?.get(0x7c);
  return template && decodeTlvs(template)?.get(0x82);
}
