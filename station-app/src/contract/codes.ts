/**
 * Every code that the voting process can put into a view or a refusal, as data: the catalogues hold a sentence for
 * each, and a test compares them. Names that come from the box are protocol's REFUSALS and stand under the same names.
 */
import type { records } from '@sandoq/protocol';

import type { z } from 'zod';
import type { nextStepSchema } from './contract.ts';

type Who = z.output<typeof nextStepSchema>['who'];

/** `next.CODE`: what to do now, and who. */
export const VOTING_NEXT_STEPS = {
  provide_package: 'both',
  connect_box: 'both',
  replace_box: 'both',
  load_package: 'both',
  wait_for_loading: 'nobody',
  begin_opening: 'both',
  approve_opening: 'both',
  wait_for_voter: 'nobody',
  resume_voting: 'both',
  voter_chooses: 'nobody',
  voter_watches_printing: 'voter',
  voter_presses_green: 'voter',
  voter_takes_card: 'voter',
  call_waiting_voter: 'both',
  approve_abandon: 'both',
  take_refused_card: 'both',
  wait_for_box: 'both',
  wait_for_reconciliation: 'nobody',
  clear_jam: 'both',
  refill_paper: 'both',
  close_lid: 'both',
  lay_unburnt_card: 'both',
  find_lost_paper: 'both',
  make_room_on_disk: 'both',
  call_technician: 'both',
  approve_closing_doors: 'closing_representatives',
  let_queue_vote_then_close: 'both',
  approve_closing: 'closing_representatives',
  run_count: 'closing_representatives',
  wait_for_count: 'nobody',
  recount_then_sign: 'closing_representatives',
  recount_disagreed: 'both',
  sign_slip: 'both',
  send_slip: 'both',
  wait_for_receipt: 'nobody',
  carry_slip_by_hand: 'both',
  finished: 'nobody',
} as const satisfies Readonly<Record<string, Who>>;
export type VotingNextStep = keyof typeof VOTING_NEXT_STEPS;

/** `checklist.ID`: what must be in order before opening. */
export const VOTING_CHECKLIST = [
  'package_checked',
  'device_enrolled',
  'box_connected',
  'box_proved',
  'box_loaded',
  'box_empty',
  'store_empty',
  'paper_ready',
  'lid_closed',
  'role_reader_connected',
  'role_cards_tried',
  'hours',
] as const;
export type VotingChecklistId = (typeof VOTING_CHECKLIST)[number];

/** `deed.ID`: what people do with their own hands and answer for, by the part of the day that shows it. */
export const ATTESTED_DEEDS = {
  set_up: [
    'clock_right',
    'power_ready',
    'spare_paper',
    'transport_seals_whole',
    'booth_ready',
    'lists_posted',
  ],
  opening: ['box_shown_empty', 'box_sealed', 'zero_report_signed'],
  retention: [
    'papers_sealed',
    'flash_sealed',
    'carriers_sealed',
    'role_cards_packed',
    'tarefe_counted',
    'copies_given',
    'handed_over',
  ],
} as const;
export type DeedPart = keyof typeof ATTESTED_DEEDS;
export type AttestedDeed = (typeof ATTESTED_DEEDS)[DeedPart][number];

/** `pause.reason.CODE`: why nobody is begun with for a while. */
export const PAUSE_REASONS = ['prayer', 'order', 'repair', 'other'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** `paper.incident.CODE`: what of the log the minutes tell of, and how often it happened. */
export const INCIDENT_EVENTS = [
  'opening_refused',
  'closing_refused',
  'device_lost',
  'power_restored',
  'paper_jammed',
  'paper_out',
  'lid_opened',
  'seal_broken',
  'ballot_rejected',
  'ballot_retained',
  'reconciled',
  'pin_failed',
  'card_locked',
  'role_refused',
  'process_started',
  'amendment_applied',
  'voting_paused',
] as const satisfies readonly records.LogEvent[];

/** `paper.FORM.title`: what can be printed, in the order of the day. */
export const PAPER_FORMS = ['zero_report', 'tape', 'minutes', 'slip_pages'] as const;
export type PaperForm = (typeof PAPER_FORMS)[number];

/** Who may write a report without a card of their own; with a card it is the card's role. */
export const REPORTERS = ['inspector', 'candidate_representative', 'supervisor', 'chief'] as const;
export type Reporter = (typeof REPORTERS)[number];

/** `fault.CODE`: a state that an officer must know of; box refusals may stand here too, under their own names. */
export const VOTING_FAULTS = [
  'package_missing',
  'package_refused',
  'device_not_in_package',
  'station_not_in_package',
  'store_of_other_package',
  'box_not_enrolled',
  'box_proof_invalid',
  'box_unprovisioned',
  'box_of_other_package',
  'box_session_differs',
  'box_closed_before_station',
  'ballot_unresolved',
  'card_unburnt',
  'box_signature_invalid',
  'box_rejection_invalid',
  'sets_differ',
  'log_full',
  'store_full',
  'disk_full',
  'disk_failed',
  'printing_refused',
  'count_stopped',
] as const;
export type VotingFault = (typeof VOTING_FAULTS)[number];

/** `device.CODE`: states of links. */
export const DEVICE_CODES = [
  'port_absent',
  'port_locked',
  'link_lost',
  'no_answer',
  'reply_malformed',
  'box_unprovisioned',
  'box_not_enrolled',
  'box_proof_invalid',
  'station_not_proved',
] as const;

/** `refusal.CODE`: why a call was refused by the voting process itself. */
export const VOTING_REFUSALS = [
  'report_printer_failed',
  'copies_exhausted',
  'bad_request',
  'forbidden',
  'unknown_call',
  'failed',
  'core_gone',
  'wrong_phase',
  'no_package',
  'no_step',
  'step_in_hand',
  'no_role_card',
  'card_not_role',
  'role_not_wanted',
  'role_already_approved',
  'card_not_of_station',
  'wrong_pin',
  'card_locked',
  'card_refused',
  'disk_full',
  'disk_failed',
  'reader_lost',
  'box_lost',
  'box_not_ready',
  'link_lost',
  'no_answer',
  'reply_malformed',
  'request_too_many',
  'mode_not_allowed',
  'store_not_empty',
  'box_not_empty',
  'zero_report_invalid',
  'session_invalid',
  'commitment_invalid',
  'ballot_in_hand',
  'no_ballot',
  'contest_not_of_style',
  'choice_unknown',
  'choice_repeated',
  'choice_withdrawn',
  'too_many_choices',
  'blank_not_allowed',
  'contest_untouched',
  'amendment_unknown',
  'amendment_of_other_package',
  'amendment_out_of_order',
  'amendment_already_in',
  'amendment_needs_province',
  'voting_paused',
  'reports_full',
  'summary_invalid',
  'summary_of_other_station',
  'count_key_refused',
  'count_key_wrong',
  'records_unreadable',
  'approvals_missing',
  'slip_refused',
  'recount_failed',
  'nothing_to_abandon',
  'card_on_pad',
] as const;
export type VotingRefusal = (typeof VOTING_REFUSALS)[number];

/** `voter.CODE`: what the voter's screen says beside its phase; box refusals of cards stand here under their names. */
export const VOTER_CODES = [
  'timed_out',
  'left',
  'card_removed',
  'code_unknown',
  'choice_withdrawn',
  'choice_chosen',
  'contest_full',
  'contest_untouched',
  'undervote_asked',
  'blank_not_allowed',
  'blank_asked',
  'paper_rejected',
  'paper_retained',
  'interrupted',
  'mended',
  'box_lost',
] as const;
export type VoterCode = (typeof VOTER_CODES)[number];

/** `progress.CODE`. */
export const VOTING_PROGRESS = ['loading', 'counting', 'recounting', 'reading_box'] as const;

/** `ledger.CODE`: why a slip is disputed; protocol's LEDGERS and SEGMENT_BREAKS, and what only the count can see. */
export const SLIP_FAULTS = [
  'ledger_tarefe',
  'ledger_outstanding',
  'ledger_papers',
  'ledger_contest_records',
  'ledger_contest_marks',
  'ledger_contest_candidates',
  'ledger_contest_blank',
  'ledger_contest_cast',
  'ledger_slots',
  'ledger_commitment_records',
  'ledger_commitment_cards',
  'ledger_commitment_papers',
  'ledger_admissions',
  'ledger_documents',
  'ledger_issued',
  'ledger_admitted',
  'ledger_capacity',
  'segment_disputed',
  'segment_of_other_session',
  'segment_of_other',
  'segment_repeated',
  'segment_records',
  'segment_set_root',
  'segment_missing',
  'sets_differ',
  'records_unreadable',
] as const;
export type SlipFault = (typeof SLIP_FAULTS)[number];

/** `outbox.CODE`: why a bundle has not been received; the intake's own refusals stand here under their names. */
export const OUTBOX_CODES = [
  'province_unreachable',
  'province_refused',
  'receipt_invalid',
  'gave_up',
] as const;
