/**
 * Every code that the admission process can put into a view or a refusal, as data: the catalogues hold a sentence for
 * each, and a test compares them.
 */
import type { z } from 'zod';
import type { nextStepSchema } from './contract.ts';

type Who = z.output<typeof nextStepSchema>['who'];

/** `next.CODE`: what to do now, and who. */
export const ADMISSION_NEXT_STEPS = {
  provide_package: 'both',
  restore_roll: 'both',
  connect_reader: 'both',
  lay_role_cards: 'both',
  open_admission: 'both',
  unlock_role_cards: 'both',
  lay_document: 'executive',
  prove_holder: 'voter',
  wait_for_card: 'nobody',
  lay_tarefe: 'both',
  approve_arming: 'both',
  approve_arming_executive: 'executive',
  approve_arming_supervisor: 'supervisor',
  approve_replacement: 'both',
  approve_same_tarefe: 'both',
  lay_same_tarefe: 'both',
  lay_tarefe_to_take_back: 'both',
  confirm_taken_back: 'both',
  hand_over_tarefe: 'both',
  hand_over_tarefe_and_stamp: 'both',
  turn_person_away: 'both',
  keep_document: 'both',
  call_chief: 'both',
  compare_code: 'both',
  lay_other_document: 'executive',
  ask_to_wait: 'both',
  enter_by_hand: 'executive',
  admit_people_inside: 'both',
  restore_second_device: 'both',
  restore_terminals: 'both',
  make_summary: 'both',
  carry_summary: 'both',
} as const satisfies Readonly<Record<string, Who>>;
export type AdmissionNextStep = keyof typeof ADMISSION_NEXT_STEPS;

/** `person.CODE`: why this person is not admitted, or what became of the document; state `refused` or `needs_proof`. */
export const PERSON_REFUSALS = [
  'amayesh_card',
  'foreign_card',
  'document_is_role_card',
  'document_is_tarefe_card',
  'card_mute',
  'forged',
  'registry_unknown',
  'national_code_malformed',
  'wrong_pin',
  'wrong_finger',
  'card_blocked',
  'finger_blocked',
  'not_on_roll',
  'dead',
  'under_age',
  'not_eligible',
  'no_ballot_style',
  'other_constituency',
  'runoff_elsewhere',
  'document_forged',
  'document_worn',
  'document_not_holders',
  'foreign_document',
  /** a code that only foreign nationals carry, typed by hand */
  'foreign_national',
  'already_admitted_here',
  'already_admitted_elsewhere',
  'province_unreachable',
  /** several terminals: another one is admitting this person now; detail: its number */
  'at_other_terminal',
  /** what is written here would be on one device only; in state `arming`: her line is, and her card waits */
  'second_device_missing',
  /** state `arming`: the process or the reader stopped while a card was being armed */
  'arming_interrupted',
  /** in hand: the card on the pad is spent; it may be hers, used */
  'arming_card_spent',
  /** state `arming`: a card was to be voided, and what lies there is not armed: is it that card? */
  'taking_back_unarmed',
  /** state `arming`: a card was to be voided when the process stopped */
  'taking_back_interrupted',
] as const;
export type PersonRefusal = (typeof PERSON_REFUSALS)[number];

/** `refusal.CODE`: why a call was refused. */
export const ADMISSION_REFUSALS = [
  'bad_request',
  'forbidden',
  'unknown_call',
  'failed',
  'core_gone',
  'busy',
  'no_package',
  'wrong_phase',
  'wrong_state',
  'mode_not_allowed',
  'admission_in_hand',
  'terminal_not_closed',
  'no_document',
  'document_changed',
  'no_role_card',
  'role_card_locked',
  'wrong_role_card',
  'card_of_other_station',
  'role_slot_holds_other_card',
  'wrong_pin',
  'card_blocked',
  'pin_too_long',
  'no_tarefe',
  'tarefe_mute',
  'not_a_tarefe',
  'tarefe_armed',
  'tarefe_blank',
  'tarefe_spent',
  'tarefe_changed',
  'tarefe_of_other_station',
  'tarefe_refused',
  'no_person',
  'nothing_to_take_back',
  'too_many_cards',
  'abandoned_out_of_bounds',
  'journal_full',
  'disk_full',
  'disk_failed',
  'roll_damaged',
  'national_code_malformed',
  'reader_absent',
  'reader_lost',
  'reader_timeout',
  'reader_malformed',
  'reader_of_other_kind',
  'reader_busy',
  'reader_refused',
  'reader_cancelled',
  'queue_full',
  'slot_unknown',
  'no_card',
  'card_mute',
  'card_refused',
  'card_malformed',
] as const;
export type AdmissionRefusal = (typeof ADMISSION_REFUSALS)[number];

/** `code.CODE`: why there is nothing to admit people by; phase `no_package`. */
export const ADMISSION_FAULTS = [
  'package_missing',
  'package_refused',
  'station_not_in_package',
  'device_not_in_package',
  'roll_missing',
  'roll_key_wrong',
  'roll_refused',
  /** one of the days' changes beside it */
  'roll_day_refused',
] as const;
export type AdmissionFault = (typeof ADMISSION_FAULTS)[number];

/** `device.CODE`: states of the admission reader and of the line to the province. */
export const ADMISSION_DEVICE_CODES = [
  'reader_absent',
  'reader_lost',
  'reader_timeout',
  'reader_malformed',
  'reader_of_other_kind',
  'province_unreachable',
  'round_key_missing',
  'round_key_differs',
  'claims_refused',
] as const;

/** `code.CODE`: what the board should look at. */
export const ADMISSION_HINTS = [
  'admissions_too_fast',
  'codes_in_order',
  'codes_adjacent',
  'by_hand_run',
] as const;
export type AdmissionHint = (typeof ADMISSION_HINTS)[number];
