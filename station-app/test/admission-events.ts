/** Every event of the desk, with each payload that a guard or the context can tell apart. */
import type { AdmissionEvent } from '../src/machines/admission.ts';

const person = { name: 'x', nationalCode: '1', birthDate: null, document: 'national_card' };
const grant = { style: 0, visiting: false, replacement: false };
const refusal = { code: 'wrong_pin', detail: null } as const;

const EVENTS: {
  readonly [Type in AdmissionEvent['type']]: readonly Extract<AdmissionEvent, { type: Type }>[];
} = {
  DOCUMENT_LAID: [{ type: 'DOCUMENT_LAID' }],
  DOCUMENT_READ: [{ type: 'DOCUMENT_READ', person, grant }],
  READING_FAILED: [{ type: 'READING_FAILED' }],
  CODE_ENTERED: [{ type: 'CODE_ENTERED', person, grant }],
  PROOF_FAILED: [{ type: 'PROOF_FAILED', refusal }],
  HOLDER_PROVED: [{ type: 'HOLDER_PROVED' }],
  PERSON_REFUSED: [{ type: 'PERSON_REFUSED', refusal, person }],
  HELP_NOTED: [{ type: 'HELP_NOTED', helped: false }],
  ROLE_APPROVED: [
    { type: 'ROLE_APPROVED', role: 'executive' },
    { type: 'ROLE_APPROVED', role: 'supervisor' },
  ],
  APPROVALS_VOIDED: [{ type: 'APPROVALS_VOIDED' }],
  ADMISSION_JOURNALLED: [{ type: 'ADMISSION_JOURNALLED', stamp: false }],
  ARMING_INTERRUPTED: [{ type: 'ARMING_INTERRUPTED', refusal }],
  CARD_FOUND_BLANK: [{ type: 'CARD_FOUND_BLANK' }],
  CARD_FOUND_SPENT: [{ type: 'CARD_FOUND_SPENT', refusal }],
  CARD_HANDED_OVER: [{ type: 'CARD_HANDED_OVER' }],
  CARD_ARMED: [{ type: 'CARD_ARMED' }],
  CARD_FOUND_ARMED: [{ type: 'CARD_FOUND_ARMED', person, grant }],
  CARD_TAKEN: [{ type: 'CARD_TAKEN' }],
  CARD_SPOILED: [{ type: 'CARD_SPOILED', grant }],
  CARD_RETURNED: [{ type: 'CARD_RETURNED' }],
  CANCELLED: [{ type: 'CANCELLED' }],
  INTERRUPTED: [
    { type: 'INTERRUPTED', person, grant, refusal },
    { type: 'INTERRUPTED', person: null, grant: null, refusal },
  ],
  TAKING_BACK_ENDED: [{ type: 'TAKING_BACK_ENDED' }],
};
export const ADMISSION_EVENTS = Object.values(EVENTS).flat() as AdmissionEvent[];
