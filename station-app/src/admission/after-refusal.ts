/**
 * What the officers do with whoever was refused, and with her document. Pure, and complete by its type: the step at the
 * foot of the screen never says another thing than the refusal above it.
 */
import type { AdmissionNextStep, PersonRefusal } from '../contract/codes-admission.ts';

/**
 * | afterwards | why |
 * | --- | --- |
 * | turn_person_away | nothing more to find out: the reason is said, the document given back |
 * | keep_document | forged: it is evidence |
 * | call_chief | a dead person's document in a living hand, or a mistake of the registry: not for the desk to judge |
 * | lay_other_document | that was no document of hers, or not a readable one |
 * | enter_by_hand | another document, or the code under two roles, may answer |
 * | compare_code | a digit misread looks like somebody who is on no roll |
 * | ask_to_wait | the place's trouble and not hers: she may be admitted soon |
 */
export const AFTER_REFUSAL: Readonly<Record<PersonRefusal, AdmissionNextStep>> = {
  amayesh_card: 'turn_person_away',
  foreign_document: 'turn_person_away',
  foreign_national: 'turn_person_away',
  foreign_card: 'lay_other_document',
  document_is_role_card: 'lay_other_document',
  document_is_tarefe_card: 'lay_other_document',
  national_code_malformed: 'lay_other_document',
  card_mute: 'enter_by_hand',
  card_blocked: 'enter_by_hand',
  finger_blocked: 'enter_by_hand',
  registry_unknown: 'enter_by_hand',
  document_worn: 'enter_by_hand',
  forged: 'keep_document',
  document_forged: 'keep_document',
  document_not_holders: 'turn_person_away',
  dead: 'call_chief',
  not_on_roll: 'compare_code',
  under_age: 'turn_person_away',
  not_eligible: 'turn_person_away',
  no_ballot_style: 'turn_person_away',
  other_constituency: 'turn_person_away',
  runoff_elsewhere: 'turn_person_away',
  already_admitted_here: 'turn_person_away',
  already_admitted_elsewhere: 'turn_person_away',
  province_unreachable: 'ask_to_wait',
  at_other_terminal: 'ask_to_wait',
  second_device_missing: 'ask_to_wait',
  // These belong to a proof or a card under way, and leave nobody refused.
  wrong_pin: 'prove_holder',
  wrong_finger: 'prove_holder',
  arming_interrupted: 'lay_same_tarefe',
  arming_card_spent: 'lay_same_tarefe',
  taking_back_unarmed: 'lay_tarefe_to_take_back',
  taking_back_interrupted: 'lay_tarefe_to_take_back',
};
