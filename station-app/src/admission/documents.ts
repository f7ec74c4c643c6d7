/** The document in its slot: what card it is, whose, and whether the person before the desk is its holder. */
import {
  ADMISSION_SLOTS,
  type CardHolder,
  failure,
  openHolderObject,
  type Result,
  success,
} from '@sandoq/protocol';
import { type NationalCode, parseNationalCode } from '@sandoq/protocol/persian';
import type { PersonRefusal } from '../contract/codes-admission.ts';
import { type CardFault, cardIn, proveHolder, readHolderObject } from '../devices/cards.ts';
import { verifyP256 } from '../devices/p256.ts';
import type { DeskContext } from './context.ts';
import { refused, WRONG_DOCUMENTS } from './faults.ts';

const CHALLENGE_BYTES = 32;
/** SP 800-73: eight bytes, padded. */
export const VOTER_PIN_DIGITS_MAX = 8;

export interface ReadDocument {
  readonly nationalCode: NationalCode;
  readonly holder: CardHolder;
  /** of the slot: another card laid since is another document */
  readonly laid: number;
}

/** Why the person is not admitted with this document; anything that is the desk's own trouble is thrown as Refused. */
export type DocumentFault = { readonly code: PersonRefusal; readonly detail: string | null };

export interface DocumentSlot {
  laid(): number;
  read(): Promise<Result<ReadDocument, DocumentFault>>;
  /** PIN, or the finger on the reader's sensor; then the card answers a challenge. `final`: no further try. */
  prove(
    document: ReadDocument,
    proof: { readonly pin: string } | 'finger',
  ): Promise<Result<void, DocumentFault & { readonly final: boolean }>>;
}

const unfit = (code: PersonRefusal): Result<never, DocumentFault> => failure({ code, detail: null });

/** The card's own verdicts on the document are the person's; the rest is the reader's. */
function documentFault(fault: CardFault): Result<never, DocumentFault> {
  switch (fault.code) {
    case 'no_card':
      throw refused('no_document');
    case 'card_mute':
      return unfit('card_mute');
    case 'other_card':
      return unfit(fault.found === 'voter_card' ? 'forged' : (WRONG_DOCUMENTS[fault.found] as PersonRefusal));
    case 'wrong_pin':
    case 'card_blocked':
    case 'pin_needed':
    case 'card_state':
    case 'card_refused':
    case 'card_malformed':
      return unfit('forged');
    default:
      throw refused(fault.code);
  }
}

export function createDocumentSlot(context: DeskContext): DocumentSlot {
  const card = cardIn(context.reader, ADMISSION_SLOTS.document);
  const laid = (): number => context.reader.status().slots[ADMISSION_SLOTS.document]?.laid ?? 0;
  const final = (code: PersonRefusal): Result<never, DocumentFault & { readonly final: boolean }> =>
    failure({ code, detail: null, final: true });
  return {
    laid,
    async read() {
      const read = await readHolderObject(card);
      if (!read.ok) return documentFault(read.fault);
      const registryKey = context.registryKey();
      if (registryKey === undefined) return unfit('registry_unknown');
      const holder = openHolderObject(context.crypto, registryKey, read.value.object);
      if (holder === undefined) return unfit('forged');
      const code = parseNationalCode(holder.nationalCode, { length: 'exact' });
      if (!code.ok) return unfit('national_code_malformed');
      return success({ nationalCode: code.value, holder, laid: read.value.laid });
    },
    async prove(document, proof) {
      if (document.laid !== laid()) throw refused('document_changed');
      const finger = proof === 'finger';
      const challenge = context.random(CHALLENGE_BYTES);
      const { verified, signature } = await proveHolder(card, proof, context.crypto.sha256(challenge));
      if (!verified.ok) {
        if (verified.fault.code === 'wrong_pin')
          return failure({
            code: finger ? 'wrong_finger' : 'wrong_pin',
            detail: String(verified.fault.triesLeft),
            final: false,
          });
        if (verified.fault.code === 'card_blocked') return final(finger ? 'finger_blocked' : 'card_blocked');
        const fault = documentFault(verified.fault);
        return fault.ok ? fault : failure({ ...fault.fault, final: true });
      }
      if (!signature.ok) {
        const fault = documentFault(signature.fault);
        return fault.ok ? fault : failure({ ...fault.fault, final: true });
      }
      return verifyP256(document.holder.publicKey, challenge, signature.value)
        ? success(undefined)
        : final('forged');
    },
  };
}
