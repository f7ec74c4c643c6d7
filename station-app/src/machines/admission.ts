/**
 * One person at the admission desk, from the document to the card in the hand. Pure: what is done to cards and journal
 * is done by the process, which tells the outcome as an event. Nothing of it is persisted: after a crash the in-hand
 * file and the journal say where to go on (`INTERRUPTED`).
 */
import { assign, setup } from 'xstate';
import type { PersonRefusal } from '../contract/codes-admission.ts';

export interface PersonAtDesk {
  readonly name: string;
  readonly nationalCode: string;
  readonly birthDate: string | null;
  readonly document: string;
}

export interface BallotGrant {
  readonly style: number;
  readonly visiting: boolean;
  /** the person is in the journal already and has no card */
  readonly replacement: boolean;
}

export interface Refusal {
  readonly code: PersonRefusal;
  readonly detail: string | null;
}

export type OfficerRole = 'executive' | 'supervisor';

export interface AdmissionContext {
  readonly person: PersonAtDesk | null;
  readonly grant: BallotGrant | null;
  readonly refusal: Refusal | null;
  readonly approvals: Readonly<Record<OfficerRole, boolean>>;
  readonly helped: boolean;
  /** the journal holds this admission, and whether a card was armed for it is not yet known or not yet done */
  readonly inHand: boolean;
  readonly stamp: boolean;
}

export type AdmissionEvent =
  | { readonly type: 'DOCUMENT_LAID' }
  | { readonly type: 'DOCUMENT_READ'; readonly person: PersonAtDesk; readonly grant: BallotGrant }
  | { readonly type: 'READING_FAILED' }
  | { readonly type: 'CODE_ENTERED'; readonly person: PersonAtDesk; readonly grant: BallotGrant }
  | { readonly type: 'PROOF_FAILED'; readonly refusal: Refusal }
  | { readonly type: 'HOLDER_PROVED' }
  | { readonly type: 'PERSON_REFUSED'; readonly refusal: Refusal; readonly person: PersonAtDesk | null }
  | { readonly type: 'HELP_NOTED'; readonly helped: boolean }
  | { readonly type: 'ROLE_APPROVED'; readonly role: OfficerRole }
  | { readonly type: 'APPROVALS_VOIDED' }
  | { readonly type: 'ADMISSION_JOURNALLED'; readonly stamp: boolean }
  | { readonly type: 'ARMING_INTERRUPTED'; readonly refusal: Refusal }
  | { readonly type: 'CARD_FOUND_BLANK' }
  /** It may be hers, used already, or one that was to be armed again: named, and asked. */
  | { readonly type: 'CARD_FOUND_SPENT'; readonly refusal: Refusal }
  /** The two roles' word, where no card says it: she has her card, and gets no other. */
  | { readonly type: 'CARD_HANDED_OVER' }
  | { readonly type: 'CARD_ARMED' }
  /** The card that was armed for this person lies on the pad still: after a crash, or when she is read again. */
  | { readonly type: 'CARD_FOUND_ARMED'; readonly person: PersonAtDesk; readonly grant: BallotGrant }
  | { readonly type: 'CARD_TAKEN' }
  | { readonly type: 'CARD_SPOILED'; readonly grant: BallotGrant }
  | { readonly type: 'CARD_RETURNED' }
  | { readonly type: 'CANCELLED' }
  | {
      readonly type: 'INTERRUPTED';
      readonly person: PersonAtDesk | null;
      readonly grant: BallotGrant | null;
      readonly refusal: Refusal;
    }
  | { readonly type: 'TAKING_BACK_ENDED' };

const NOBODY: AdmissionContext = {
  person: null,
  grant: null,
  refusal: null,
  approvals: { executive: false, supervisor: false },
  helped: false,
  inHand: false,
  stamp: false,
};

export const admissionMachine = setup({
  types: { context: {} as AdmissionContext, events: {} as AdmissionEvent },
  actions: {
    forget: assign(NOBODY),
    takePerson: assign(({ event }) =>
      event.type === 'DOCUMENT_READ' || event.type === 'CODE_ENTERED' || event.type === 'CARD_FOUND_ARMED'
        ? { ...NOBODY, person: event.person, grant: event.grant }
        : {},
    ),
    takeRefusal: assign(({ event }) => ('refusal' in event ? { refusal: event.refusal } : {})),
    takeRefused: assign(({ event }) =>
      event.type === 'PERSON_REFUSED' ? { ...NOBODY, refusal: event.refusal, person: event.person } : {},
    ),
    takeInterrupted: assign(({ event }) =>
      event.type === 'INTERRUPTED'
        ? { ...NOBODY, person: event.person, grant: event.grant, refusal: event.refusal, inHand: true }
        : {},
    ),
    clearRefusal: assign({ refusal: null }),
    noteHelp: assign(({ event }) => (event.type === 'HELP_NOTED' ? { helped: event.helped } : {})),
    noteApproval: assign(({ context, event }) =>
      event.type === 'ROLE_APPROVED' ? { approvals: { ...context.approvals, [event.role]: true } } : {},
    ),
    voidApprovals: assign({ approvals: NOBODY.approvals }),
    takeInHand: assign(({ event }) =>
      event.type === 'ADMISSION_JOURNALLED' ? { inHand: true, stamp: event.stamp, refusal: null } : {},
    ),
    letGo: assign({ inHand: false, refusal: null }),
    takeReplacement: assign(({ event }) =>
      event.type === 'CARD_SPOILED'
        ? { grant: event.grant, approvals: NOBODY.approvals, inHand: false, refusal: null }
        : {},
    ),
  },
  guards: {
    notInHand: ({ context }) => !context.inHand,
    inHand: ({ context }) => context.inHand,
    personKnown: ({ context }) => context.person !== null,
    bothApproved: ({ context }) => context.approvals.executive && context.approvals.supervisor,
  },
}).createMachine({
  id: 'admission',
  context: NOBODY,
  initial: 'idle',
  on: {
    HELP_NOTED: { actions: 'noteHelp' },
    INTERRUPTED: { target: '.arming', actions: 'takeInterrupted' },
  },
  states: {
    idle: {
      entry: 'forget',
      on: {
        DOCUMENT_LAID: 'reading',
        CODE_ENTERED: { target: 'identified', actions: 'takePerson' },
        PERSON_REFUSED: { target: 'refused', actions: 'takeRefused' },
        CARD_FOUND_ARMED: { target: 'armed', actions: 'takePerson' },
      },
    },
    reading: {
      on: {
        CARD_FOUND_ARMED: { target: 'armed', actions: 'takePerson' },
        DOCUMENT_READ: { target: 'needs_proof', actions: 'takePerson' },
        PERSON_REFUSED: { target: 'refused', actions: 'takeRefused' },
        READING_FAILED: 'idle',
      },
    },
    needs_proof: {
      on: {
        HOLDER_PROVED: { target: 'identified', actions: 'clearRefusal' },
        PROOF_FAILED: { actions: 'takeRefusal' },
        PERSON_REFUSED: { target: 'refused', actions: 'takeRefused' },
        CANCELLED: 'idle',
      },
    },
    identified: {
      on: {
        ROLE_APPROVED: { target: 'awaiting_approvals', actions: 'noteApproval' },
        PERSON_REFUSED: { target: 'refused', guard: 'notInHand', actions: 'takeRefused' },
        CARD_RETURNED: { target: 'done', actions: 'letGo' },
        CARD_HANDED_OVER: { target: 'done', guard: 'inHand', actions: 'letGo' },
        CANCELLED: { target: 'idle', guard: 'notInHand' },
      },
    },
    awaiting_approvals: {
      on: {
        ROLE_APPROVED: { actions: 'noteApproval' },
        APPROVALS_VOIDED: { target: 'identified', actions: 'voidApprovals' },
        PERSON_REFUSED: { target: 'refused', guard: 'notInHand', actions: 'takeRefused' },
        ADMISSION_JOURNALLED: { target: 'arming', guard: 'bothApproved', actions: 'takeInHand' },
        CARD_HANDED_OVER: { target: 'done', guard: 'inHand', actions: 'letGo' },
        CANCELLED: { target: 'idle', guard: 'notInHand' },
      },
    },
    arming: {
      on: {
        CARD_ARMED: { target: 'armed', actions: 'letGo' },
        ARMING_INTERRUPTED: { actions: 'takeRefusal' },
        CARD_FOUND_BLANK: {
          target: 'identified',
          guard: 'personKnown',
          actions: ['voidApprovals', 'clearRefusal'],
        },
        CARD_FOUND_SPENT: {
          target: 'identified',
          guard: 'personKnown',
          actions: ['voidApprovals', 'takeRefusal'],
        },
        CARD_HANDED_OVER: { target: 'done', actions: 'letGo' },
        CARD_SPOILED: { target: 'identified', actions: 'takeReplacement' },
        TAKING_BACK_ENDED: 'idle',
      },
    },
    armed: {
      on: {
        CARD_TAKEN: 'done',
        CARD_SPOILED: { target: 'identified', actions: 'takeReplacement' },
        CARD_RETURNED: { target: 'done', actions: 'letGo' },
        CANCELLED: 'idle',
      },
    },
    refused: {
      on: {
        CARD_SPOILED: { target: 'identified', guard: 'personKnown', actions: 'takeReplacement' },
        CARD_RETURNED: { target: 'done', actions: 'letGo' },
        CARD_FOUND_ARMED: { target: 'armed', actions: 'takePerson' },
        CANCELLED: 'idle',
      },
    },
    done: {
      entry: 'forget',
      on: {
        CARD_FOUND_ARMED: { target: 'armed', actions: 'takePerson' },
        CANCELLED: 'idle',
      },
    },
  },
});
