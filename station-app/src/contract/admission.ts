/** The admission process's face to its screens. */
import { z } from 'zod';
import { ADMISSION_FAULTS, ADMISSION_HINTS } from './codes-admission.ts';
import {
  type Calls,
  deviceStateSchema,
  modeSchema,
  nextStepSchema,
  nothing,
  pinSchema,
  stationHeadSchema,
} from './contract.ts';

/** What officers may see of a document that makes it unfit; what follows is in `admission/document-findings.ts`. */
export const DOCUMENT_FINDINGS = [
  'worn',
  'forged',
  'not_holders',
  'dead_persons',
  'under_age',
  'foreign_nationals',
  'amayesh',
] as const;
export type DocumentFinding = (typeof DOCUMENT_FINDINGS)[number];

export const ADMISSION_PHASES = ['no_package', 'set_up', 'open', 'doors_closed', 'closed'] as const;
export const PERSON_STATES = [
  'idle',
  'reading',
  'needs_proof',
  'identified',
  'refused',
  'awaiting_approvals',
  'arming',
  'armed',
  'done',
] as const;

/** Shown to the officer while the person stands there; never stored with anything of the vote, gone at `done`. */
export const personSchema = z.object({
  name: z.string(),
  national_code: z.string(),
  birth_date: z.string().nullable(),
  document: z.string(),
  style: z.int().nullable(),
  visiting: z.boolean(),
});

export const admissionViewSchema = stationHeadSchema.extend({
  view: z.literal('admission'),
  phase: z.enum(ADMISSION_PHASES),
  /** phase `no_package`: what is missing or wrong; the detail is for support */
  fault: z.object({ code: z.enum(ADMISSION_FAULTS), detail: z.string() }).optional(),
  devices: z.array(deviceStateSchema),
  slots: z.object({
    document: z.boolean(),
    tarefe: z.boolean(),
    executive: z.boolean(),
    supervisor: z.boolean(),
  }),
  /** whose card is in its slot with its PIN given */
  unlocked: z.object({ executive: z.boolean(), supervisor: z.boolean() }),
  state: z.enum(PERSON_STATES),
  /** a card's fate is not known since an interruption: `tarefe.handed_over` is one of its ends */
  in_hand: z.boolean().optional(),
  person: personSchema.nullable(),
  /** why the person or card is refused, a name with sentences in the catalogues */
  refusal: z.object({ code: z.string(), detail: z.string().nullable() }).nullable(),
  approvals: z.object({ executive: z.boolean(), supervisor: z.boolean() }),
  styles: z.array(z.object({ id: z.string(), name: z.object({ fa: z.string(), en: z.string() }) })),
  ledger: z.object({
    admitted: z.int(),
    local: z.int(),
    visiting: z.int(),
    issued: z.int(),
    returned: z.int(),
    spoiled: z.int(),
    abandoned: z.int(),
    code_only: z.int(),
    offline: z.int(),
    helped: z.int(),
  }),
  /** One admission a round: what the law does without the line, and how much rests on that now. */
  claims: z
    .object({
      policy: z.enum(['admit', 'admit_with_stamp', 'refuse']),
      /** admitted, and not yet confirmed by the province */
      unconfirmed: z.int(),
      /** of those admitted here, whom another station has admitted too */
      doubled: z.int(),
      /** lines that the province is still to be told, releases among them */
      owed: z.int(),
    })
    .optional(),
  /** several terminals of the station, or a second disk: who is there, and on how many devices an admission is */
  terminals: z
    .object({
      here: z.int(),
      state: z.enum(['two_devices', 'one_device', 'missing']),
      devices: z.int(),
      /** fewer than most terminals are within reach, and two roles have said that the others are not here */
      is_apart: z.boolean(),
      others: z.array(z.object({ terminal: z.int(), state: z.enum(['connected', 'lost', 'gone']) })),
      disk: z.enum(['ok', 'lost']).nullable(),
      /** a terminal that is not here was preparing a card */
      left: z.int().nullable(),
    })
    .optional(),
  /** what the board should look at: never a refusal */
  hints: z.array(z.enum(ADMISSION_HINTS)).optional(),
  /** where the refused person was admitted before; the start of a coarse time, epoch seconds */
  elsewhere: z
    .object({
      station: z.string(),
      name: z.object({ fa: z.string(), en: z.string() }),
      bucket: z.int(),
    })
    .optional(),
  /** admissions in the last sixty minutes, in whole buckets */
  rate_per_hour: z.int(),
  next: nextStepSchema,
});
export type AdmissionView = z.output<typeof admissionViewSchema>;

const officers = ['executive', 'supervisor'] as const;
const state = z.object({
  state: z.enum(PERSON_STATES),
  refusal: z.object({ code: z.string(), detail: z.string().nullable() }).nullable(),
});

export const admissionCalls = {
  /** Both role cards in their slots, both PINs: the admission side opens. */
  'admission.open': {
    input: z.object({ mode: modeSchema, executive_pin: pinSchema, supervisor_pin: pinSchema }).strict(),
    output: nothing,
    roles: officers,
  },
  /** Unlocks one role's card again after it was taken out or the process restarted. */
  'role.unlock': {
    input: z.object({ role: z.enum(officers), pin: pinSchema }).strict(),
    output: nothing,
    roles: officers,
  },
  /** Reads the document in the slot. */
  'person.read': { input: nothing, output: state, roles: officers },
  'person.prove': {
    input: z.object({ pin: pinSchema.optional(), fingerprint: z.boolean().optional() }).strict(),
    output: state,
    roles: officers,
  },
  /** A document without a chip, or the code alone (two roles approve; counted). */
  'person.enter': {
    input: z
      .object({
        national_code: z.string().max(40),
        document: z.enum([
          'national_card_chipless',
          'shenasnameh',
          'passport',
          'driving_licence',
          'military_card',
          'code_only',
        ]),
      })
      .strict(),
    output: state,
    roles: officers,
  },
  /** The officers' own eyes: this document admits nobody, and why. */
  'person.decline': {
    input: z.object({ finding: z.enum(DOCUMENT_FINDINGS) }).strict(),
    output: state,
    roles: officers,
  },
  'person.helped': { input: z.object({ helped: z.boolean() }).strict(), output: nothing, roles: officers },
  'person.cancel': { input: nothing, output: nothing, roles: officers },
  /** One press of one role: its card approves arming the tarefe card on the pad. At the second press the card is armed. */
  'tarefe.approve': { input: z.object({ role: z.enum(officers) }).strict(), output: state, roles: officers },
  /**
   * An armed card comes back: returned (the voter goes home), spoiled (replaced for the same voter; the card may also be
   * mute), abandoned (left at the box). Repeated after an interruption: what lies there is the very card.
   */
  'tarefe.take_back': {
    input: z.object({ reason: z.enum(['returned', 'spoiled', 'abandoned']) }).strict(),
    output: nothing,
    roles: officers,
  },
  /** Both roles say that an interrupted card is with its voter, or cannot be found. No other card is given. */
  'tarefe.handed_over': { input: nothing, output: nothing, roles: officers },
  /** Doors closed, the last vote cast: the day's whole number of abandoned cards, those that never came back among them. */
  'tarefe.declare_abandoned': {
    input: z.object({ abandoned: z.int().min(0).max(0xffff_ffff) }).strict(),
    output: nothing,
    roles: officers,
  },
  /** Both roles say that the terminals which cannot be reached, or the second disk, are not here: go on without them. */
  'terminals.go_on': { input: nothing, output: nothing, roles: officers },
  'doors.close': { input: nothing, output: nothing, roles: officers },
  /** Ends the admission side and answers the signed AdmissionSummary record in hex. */
  'admission.summary': { input: nothing, output: z.object({ record: z.string() }), roles: officers },
} as const satisfies Calls;
export type AdmissionCalls = typeof admissionCalls;
