/**
 * The X.509 certificate of a simulated national card (RFC 5280, P-256), in DER by hand: PIV readers such as OpenSC find
 * the card's key by it. Signed by the simulated registry's own P-256 key, whose secret is for all to read: rehearsals only.
 */
import { type Bytes, type Crypto, concatBytes, encodeTlv, utf8 } from '@sandoq/protocol';
import { p256PublicKey, p256SecretKey, p256SignDigest } from './p256.ts';

const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bit_string: 0x03,
  octet_string: 0x04,
  object_identifier: 0x06,
  utf8_string: 0x0c,
  printable_string: 0x13,
  generalized_time: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
} as const;

const der = (tag: keyof typeof TAGS, ...parts: Bytes[]): Bytes => encodeTlv(TAGS[tag], concatBytes(...parts));
const oid = (hex: string): Bytes =>
  der(
    'object_identifier',
    Uint8Array.from(hex.match(/../g) as string[], (pair) => Number.parseInt(pair, 16)),
  );

const ECDSA_WITH_SHA256 = der('sequence', oid('2a8648ce3d040302'));
const P256_KEY = der('sequence', oid('2a8648ce3d0201'), oid('2a8648ce3d030107'));
const COMMON_NAME = oid('550403');
const SERIAL_NUMBER = oid('550405');
const KEY_USAGE = oid('551d0f');
/** digitalSignature alone: seven unused bits behind the first */
const DIGITAL_SIGNATURE = Uint8Array.of(0x03, 0x02, 0x07, 0x80);
const NOT_BEFORE = '20200101000000Z';
const NOT_AFTER = '20491231235959Z';
const SERIAL_BYTES = 8;
export const SIMULATED_ISSUER = 'Simulated civil registry (rehearsals only)';

const nameOf = (...attributes: readonly [Bytes, Bytes][]): Bytes =>
  der('sequence', ...attributes.map(([type, value]) => der('set', der('sequence', type, value))));
const unsigned = (bytes: Bytes): Bytes =>
  der('integer', (bytes[0] as number) & 0x80 ? concatBytes(Uint8Array.of(0), bytes) : bytes);
const bitString = (bytes: Bytes): Bytes => der('bit_string', Uint8Array.of(0), bytes);

let issuerKey: Bytes | undefined;
function issuerSecretKey(crypto: Pick<Crypto, 'sha256'>): Bytes {
  issuerKey ??= p256SecretKey(crypto.sha256(utf8('sandoq simulated registry, P-256')));
  if (issuerKey === undefined) throw new Error('the hash of a constant is above the order of P-256');
  return issuerKey;
}

/** The uncompressed point that checks these certificates. */
export const simulatedIssuerKey = (crypto: Pick<Crypto, 'sha256'>): Bytes =>
  p256PublicKey(issuerSecretKey(crypto));

export interface CertificateOrder {
  readonly nationalCode: string;
  readonly name: string;
  readonly publicKey: Bytes;
}

/** The same bytes at every making: a card's certificate is not made anew at each reading. */
export function makeCertificate(crypto: Pick<Crypto, 'sha256'>, order: CertificateOrder): Bytes {
  const serial = crypto.sha256(concatBytes(utf8('serial/'), order.publicKey)).slice(0, SERIAL_BYTES);
  // The first byte of a serial number is neither zero nor above 7f (RFC 5280 section 4.1.2.2).
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  const issuer = nameOf([COMMON_NAME, der('utf8_string', utf8(SIMULATED_ISSUER))]);
  const subject = nameOf(
    [COMMON_NAME, der('utf8_string', utf8(order.name))],
    [SERIAL_NUMBER, der('printable_string', utf8(order.nationalCode))],
  );
  const validity = der(
    'sequence',
    der('generalized_time', utf8(NOT_BEFORE)),
    der('generalized_time', utf8(NOT_AFTER)),
  );
  const usage = der(
    'sequence',
    KEY_USAGE,
    der('boolean', Uint8Array.of(0xff)),
    der('octet_string', DIGITAL_SIGNATURE),
  );
  const body = der(
    'sequence',
    der('version', der('integer', Uint8Array.of(2))),
    unsigned(serial),
    ECDSA_WITH_SHA256,
    issuer,
    validity,
    subject,
    der('sequence', P256_KEY, bitString(order.publicKey)),
    der('extensions', der('sequence', usage)),
  );
  // A nonce of the message and the key, so that it never serves two messages; not RFC 6979, and no real issuer's.
  const secret = issuerSecretKey(crypto);
  const nonce = crypto.sha256(concatBytes(utf8('certificate nonce/'), secret, body));
  const signature = p256SignDigest(secret, crypto.sha256(body), () => nonce);
  return der('sequence', body, ECDSA_WITH_SHA256, bitString(signature));
}
