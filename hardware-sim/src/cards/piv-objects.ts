/** The data objects that PIV readers ask of a national card (NIST SP 800-73-4 part 1, section 3 and appendix A). */
import {
  type Bytes,
  type Crypto,
  concatBytes,
  encodeTlv,
  HOLDER_OBJECT_TAG,
  PIV_AID,
  toHex,
  utf8,
} from '@sandoq/protocol';
import { makeCertificate } from './certificate.ts';
import { p256PublicKey } from './p256.ts';
import type { VoterCardState } from './voter-card.ts';

const DATA = 0x53;
const NOTHING = new Uint8Array(0);
const ERROR_DETECTION = encodeTlv(0xfe, NOTHING);
const EXPIRES = utf8('20491231');
const GUID_BYTES = 16;
/** FASC-N of a card outside the federal scheme: agency 9999, system 9999, credential 999999 (SP 800-73-4, 3.1.2). */
const FASC_N_BYTES = 25;

/** The PIV card application, with the PIN of the application as the one to be asked for. */
const DISCOVERY = encodeTlv(
  0x7e,
  concatBytes(
    encodeTlv(0x4f, concatBytes(PIV_AID, Uint8Array.of(0x01, 0x00))),
    Uint8Array.of(0x5f, 0x2f, 0x02, 0x40, 0x00),
  ),
);

function holderUniqueId(card: VoterCardState, crypto: Pick<Crypto, 'sha256'>): Bytes {
  const guid = crypto.sha256(concatBytes(utf8('guid/'), p256PublicKey(card.secretKey))).slice(0, GUID_BYTES);
  const fields = [
    encodeTlv(0x30, new Uint8Array(FASC_N_BYTES).fill(0x99)),
    encodeTlv(0x34, guid),
    encodeTlv(0x35, EXPIRES),
    encodeTlv(0x3e, NOTHING),
    ERROR_DETECTION,
  ];
  return encodeTlv(DATA, concatBytes(...fields));
}

function authenticationCertificate(card: VoterCardState, crypto: Pick<Crypto, 'sha256'>): Bytes {
  const certificate = makeCertificate(crypto, {
    nationalCode: card.nationalCode,
    name: card.name,
    publicKey: p256PublicKey(card.secretKey),
  });
  const plain = encodeTlv(0x71, Uint8Array.of(0));
  return encodeTlv(DATA, concatBytes(encodeTlv(0x70, certificate), plain, ERROR_DETECTION));
}

type Maker = (card: VoterCardState, crypto: Pick<Crypto, 'sha256'>) => Bytes;

const OBJECTS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  [toHex(HOLDER_OBJECT_TAG), (card) => encodeTlv(DATA, card.holderObject)],
  ['7e', () => DISCOVERY],
  ['5fc102', holderUniqueId],
  ['5fc105', authenticationCertificate],
]);

/** Made when it is asked for: most cards of a day are never asked. @returns undefined where the card has no such object */
export const pivDataObject = (
  card: VoterCardState,
  tag: Bytes,
  crypto: Pick<Crypto, 'sha256'>,
): Bytes | undefined => OBJECTS.get(toHex(tag))?.(card, crypto);
