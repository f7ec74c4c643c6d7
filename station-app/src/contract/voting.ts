/** The voting process's face to its screens. */
import { z } from 'zod';
import { ATTESTED_DEEDS, PAPER_FORMS, PAUSE_REASONS, REPORTERS } from './codes.ts';
import {
  bilingualSchema,
  type Calls,
  deviceStateSchema,
  modeSchema,
  nextStepSchema,
  nothing,
  pinSchema,
  stationHeadSchema,
} from './contract.ts';

export const countersSchema = z.object({
  records: z.int(),
  cards_spent: z.int(),
  papers_printed: z.int(),
  papers_in_bin: z.int(),
  papers_rejected: z.int(),
  papers_retained: z.int(),
  torn_slots: z.int(),
});

export const VOTING_PHASES = [
  'no_package',
  'set_up',
  'loaded',
  'opening',
  'open',
  'doors_closed',
  'closing',
  'closed',
  'counting',
  'counted',
  'finished',
] as const;

/** What `step.approve` approves, by name. */
export const APPROVAL_STEPS = ['opening', 'doors', 'closing', 'slip', 'abandon'] as const;

const contestTotalSchema = z.object({
  contest: z.int(),
  records: z.int(),
  valid: z.int(),
  blank: z.int(),
  invalid: z.int(),
  marks: z.int(),
  undervotes: z.int(),
  candidates: z.array(z.int()),
});

export const slipViewSchema = z.object({
  digest: z.string(),
  totals: z.array(contestTotalSchema),
  tarefe: z.object({
    issued: z.int(),
    cast: z.int(),
    returned: z.int(),
    spoiled: z.int(),
    abandoned: z.int(),
    outstanding: z.int(),
  }),
  papers: z.object({ printed: z.int(), in_bin: z.int(), rejected: z.int(), retained: z.int() }),
  slots: z.object({ box: z.int(), station: z.int(), tallied: z.int() }),
  disputed: z.boolean(),
  /** names of ledgers that do not hold */
  faults: z.array(z.string()),
  approvals: z.array(z.object({ role: z.string(), refused: z.boolean(), remark: z.string().nullable() })),
});

export const attestedDeedSchema = z.enum([
  ...ATTESTED_DEEDS.set_up,
  ...ATTESTED_DEEDS.opening,
  ...ATTESTED_DEEDS.retention,
]);

/** A report of an inspector or a candidate's representative, as it was written. */
export const reportViewSchema = z.object({
  number: z.int(),
  role: z.string(),
  /** by the author's own card; else what the author said of himself */
  signed: z.boolean(),
  text: z.string(),
  /** start of the time bucket, epoch seconds */
  bucket: z.int(),
});

/** A signed change of the signed package, as far as people must know of it. */
export const amendmentViewSchema = z.object({
  sequence: z.int(),
  kind: z.enum(['candidate_withdrawn', 'hours_changed', 'station_replaced']),
  reason: bilingualSchema,
  effective_at: z.int(),
  in_force: z.boolean(),
  withdrawn: z.object({ contest: z.int(), candidate: z.int() }).nullable(),
  closes_at: z.int().nullable(),
});

/** What the day has written down beside its machines. */
export const dayBookSchema = z.object({
  paused: z.object({ reason: z.enum(PAUSE_REASONS), bucket: z.int() }).nullable(),
  attested: z.array(attestedDeedSchema),
  /** every role of this station with a card, and whether one of its cards has shown its PIN before the opening */
  cards: z.array(z.object({ role: z.string(), tried: z.boolean() })),
  seals: z.array(z.string()),
  amendments: z.array(amendmentViewSchema),
  reports: z.array(reportViewSchema),
});
export type DayBookView = z.output<typeof dayBookSchema>;

/** A page and a half of Persian: two bytes a letter. */
export const REPORT_LENGTH_MAX = 2000;
/** An Amendment that replaces a whole station's entry, in hexadecimal, with room. */
export const AMENDMENT_HEX_MAX = 40_000;

export const officerViewSchema = stationHeadSchema.extend({
  view: z.literal('voting_officer'),
  phase: z.enum(VOTING_PHASES),
  public_count: z.int(),
  counters: countersSchema.nullable(),
  devices: z.array(deviceStateSchema),
  checklist: z.array(
    z.object({ id: z.string(), state: z.enum(['done', 'waiting', 'fault']), code: z.string().nullable() }),
  ),
  /** progress of long work (loading, counting, recount) in thousandths, or null */
  progress: z.object({ code: z.string(), permille: z.int() }).nullable(),
  /** where the voter at the box is; nothing about how she votes */
  voter: z.enum(['none', 'card_laid', 'choosing', 'printing', 'in_window', 'done', 'officer_needed']),
  /** the step in hand that role cards must approve, so that every window can offer the same press */
  step: z.enum(APPROVAL_STEPS).nullable().optional(),
  /** approvals given so far for the step in hand */
  approvals: z.array(z.object({ role: z.string() })),
  role_cards: z.array(
    z.object({
      slot: z.enum(['first', 'second']),
      present: z.boolean(),
      /** laid a moment ago and not yet asked who it is */
      reading: z.boolean(),
      role: z.string().nullable(),
    }),
  ),
  fault: z.object({ code: z.string() }).nullable(),
  next: nextStepSchema,
  zero_report: z.object({ records: z.int(), papers_printed: z.int(), slots: z.int() }).nullable(),
  slip: slipViewSchema.nullable(),
  recount: z.enum(['not_done', 'running', 'agreed', 'disagreed']),
  outbox: z.object({
    state: z.enum(['empty', 'waiting', 'sending', 'received', 'refused']),
    tries: z.int(),
    code: z.string().nullable(),
    receipt_digest: z.string().nullable(),
  }),
  opens_at: z.int().nullable(),
  closes_at: z.int().nullable(),
  day_book: dayBookSchema.optional(),
  /** what can be printed now, and how many copies of each there are */
  papers: z.array(z.object({ form: z.enum(PAPER_FORMS), copies: z.int() })).optional(),
});
export type OfficerView = z.output<typeof officerViewSchema>;

export const VOTER_PHASES = [
  'not_open',
  'welcome',
  'reading_card',
  'card_refused',
  'choosing',
  'review',
  'printing',
  'in_window',
  'cast',
  'rejected',
  'officer_needed',
  'ended',
] as const;

export const voterViewSchema = stationHeadSchema.extend({
  view: z.literal('voting_voter'),
  phase: z.enum(VOTER_PHASES),
  public_count: z.int(),
  code: z.string().nullable(),
  /** contests of this voter's style, by index, in order; empty outside a session */
  contests: z.array(z.int()),
  /** choices so far, held in the process's memory only: candidate indexes, or "blank", or null where untouched */
  choices: z.array(
    z.object({ contest: z.int(), choice: z.union([z.array(z.int()), z.literal('blank')]).nullable() }),
  ),
  /** milliseconds until the session ends if nothing happens; an alert is shown below `alert_ms` */
  idle_left_ms: z.int().nullable(),
  alert: z.boolean(),
  /** null where it is not known: no ballot is begun, or the process came back to a paper that was in the window */
  corrections_left: z.int().nullable(),
  /** the last key of the box's own keypad with its running number, for keypad voting */
  key: z.object({ number: z.int(), key: z.string() }).nullable(),
  /** how many amendments are in force: with another number the ballot is to be read again */
  amendments: z.int().optional(),
  /** nobody is begun with for a while; who votes already, finishes */
  paused: z.boolean().optional(),
  /** voting by keypad: which contest of `contests` the digits go to (their number: the review; -1: size, colours and language), and the digits so far */
  keypad: z.object({ place: z.int(), digits: z.string() }).nullable().optional(),
});
export type VoterView = z.output<typeof voterViewSchema>;

export const ballotSchema = z.object({
  contests: z.array(
    z.object({
      id: z.string(),
      title: bilingualSchema,
      seats: z.int(),
      choices_max: z.int(),
      blank_allowed: z.boolean(),
      code_digits: z.int(),
      candidates: z.array(
        z.object({
          code: z.string(),
          name: bilingualSchema,
          list: z.string().nullable(),
          withdrawn: z.boolean(),
          /** place among the pictures of `pictures.read`, or null where there is none to show */
          picture: z.int().nullable().optional(),
        }),
      ),
    }),
  ),
});
export type BallotView = z.output<typeof ballotSchema>;

const officers = ['executive', 'supervisor'] as const;
const slot = z.enum(['first', 'second']);

export const votingCalls = {
  /** Loads the provisioned package into the box; progress in the view. */
  'package.load': { input: nothing, output: nothing, roles: officers },
  'opening.begin': {
    input: z.object({ mode: modeSchema, seals: z.array(z.string().max(40)).max(8) }).strict(),
    output: nothing,
    roles: officers,
  },
  /** The role card in the slot approves the step in hand: opening, closing the doors, closing, the slip, an abandoned ballot. */
  'step.approve': {
    input: z
      .object({
        slot,
        pin: pinSchema,
        refused: z.boolean().optional(),
        remark: z.string().max(500).optional(),
      })
      .strict(),
    output: z.object({ role: z.string(), complete: z.boolean() }),
    roles: officers,
  },
  'step.cancel': { input: nothing, output: nothing, roles: officers },
  'doors.close_begin': { input: nothing, output: nothing, roles: officers },
  'close.begin': {
    input: z.object({ amendment: z.string().nullable() }).strict(),
    output: nothing,
    roles: officers,
  },
  /** Count: takes the admission side's signed summary (hex), asks both closing cards for their keys (their PINs), makes the slip. */
  'count.run': {
    input: z
      .object({
        admission_summary: z.string().max(20_000),
        pins: z.array(z.object({ slot, pin: pinSchema })).length(2),
      })
      .strict(),
    output: z.object({ slip_digest: z.string() }),
    roles: officers,
  },
  'recount.run': {
    input: z
      .object({
        source: z.enum(['station', 'box']),
        pins: z.array(z.object({ slot, pin: pinSchema })).length(2),
      })
      .strict(),
    output: z.object({ agreed: z.boolean() }),
    roles: officers,
  },
  'slip.approve_begin': { input: nothing, output: nothing, roles: officers },
  'slip.send': { input: nothing, output: z.object({ state: z.string() }), roles: officers },
  /** The next copy: a tagged PDF in `out/papers/`, and on the station's printer where it has one. */
  'paper.print': {
    input: z.object({ form: z.enum(PAPER_FORMS), locale: z.enum(['fa', 'en']) }).strict(),
    output: z.object({ copy: z.int(), pages: z.int(), printed: z.boolean(), file: z.string() }),
    roles: officers,
  },
  'abandon.begin': { input: nothing, output: nothing, roles: officers },
  /** A role card shows itself and its PIN before the opening, so that no wrong or locked card is found on the day. */
  'card.try': {
    input: z.object({ slot, pin: pinSchema }).strict(),
    output: z.object({ role: z.string() }),
    roles: officers,
  },
  /** People answer for what they did with their hands; it can be taken back. */
  'deed.attest': {
    input: z.object({ deed: attestedDeedSchema, done: z.boolean() }).strict(),
    output: nothing,
    roles: officers,
  },
  /** No new voter is begun with until `voting.resume`; the one at the box finishes. */
  'voting.pause': {
    input: z.object({ reason: z.enum(PAUSE_REASONS) }).strict(),
    output: nothing,
    roles: officers,
  },
  'voting.resume': { input: nothing, output: nothing, roles: officers },
  /** A signed Amendment record (hex), from a carrier, a scanner or pasted: checked, kept, and in force at its time. */
  'amendment.apply': {
    input: z.object({ record: z.string().max(AMENDMENT_HEX_MAX) }).strict(),
    output: z.object({ sequence: z.int(), in_force: z.boolean() }),
    roles: officers,
  },
  /** Written by those who watch; signed by the author's own role card where there is one. */
  'report.file': {
    input: z
      .object({
        text: z.string().trim().min(1).max(REPORT_LENGTH_MAX),
        as: z.enum(REPORTERS),
        card: z.object({ slot, pin: pinSchema }).nullable(),
      })
      .strict(),
    output: z.object({ number: z.int(), signed: z.boolean() }),
    roles: ['executive', 'supervisor', 'inspector'],
  },
  'fault.acknowledge': { input: nothing, output: nothing, roles: officers },
  'ballot.read': {
    input: nothing,
    output: ballotSchema,
    roles: ['executive', 'supervisor', 'voter', 'inspector'],
  },
  /** Every picture of the election, answer by answer from place 0: a window asks for all of them, whoever votes. */
  'pictures.read': {
    input: z.object({ from: z.int().min(0) }).strict(),
    output: z.object({
      pictures: z.array(z.object({ kind: z.enum(['png', 'jpg']), base64: z.string() })),
      next: z.int().nullable(),
    }),
    roles: ['voter'],
  },
  'voter.choose': {
    input: z
      .object({
        contest: z.int().min(0).max(63),
        choice: z.union([z.array(z.int().min(0).max(65535)).max(32), z.literal('blank')]).nullable(),
      })
      .strict(),
    output: nothing,
    roles: ['voter'],
  },
  /**
   * Activity without a choice (paging, searching): keeps the session alive. With a place, the voter has turned to that
   * contest on the screen, and the box's digits go there from now on.
   */
  'voter.touch': {
    input: z.object({ place: z.int().min(0).max(63).optional() }).strict(),
    output: nothing,
    roles: ['voter'],
  },
  'voter.review': { input: z.object({ open: z.boolean() }).strict(), output: nothing, roles: ['voter'] },
  /** First green: seals, writes pending, prints; answers when the paper stands in the window or says why not. */
  'voter.print': { input: nothing, output: z.object({ phase: z.enum(VOTER_PHASES) }), roles: ['voter'] },
  /** The voter gives up before printing: choices wiped, card can be taken. */
  'voter.leave': { input: nothing, output: nothing, roles: ['voter'] },
  /** Answers when the voter's phase is none of `from` (any more), at most after 30 s. */
  'voter.await': {
    input: z
      .object({
        from: z.union([z.enum(VOTER_PHASES), z.array(z.enum(VOTER_PHASES)).max(VOTER_PHASES.length)]),
      })
      .strict(),
    output: z.object({ phase: z.enum(VOTER_PHASES), code: z.string().nullable() }),
    roles: ['voter'],
  },
} as const satisfies Calls;
export type VotingCalls = typeof votingCalls;
