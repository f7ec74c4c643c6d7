/**
 * What officers see of a document with their own eyes, and what follows from it. Pure: the screens offer these findings,
 * the process refuses by them, and a count of refusals by name stands in the log.
 */
import type { DocumentFinding } from '../contract/admission.ts';
import type { PersonRefusal } from '../contract/codes-admission.ts';

/**
 * | seen | refused as | afterwards |
 * | --- | --- | --- |
 * | the photo or the code cannot be read any more | document_worn | another document, or the code under two roles |
 * | altered, a copy, or of no issuer | document_forged | it stays with the officers, the police are told |
 * | the photo is not of who brought it | document_not_holders | its holder comes herself |
 * | the holder is dead | dead | nobody votes in her name |
 * | born too late for this election's day | under_age | courteously given back |
 * | a passport or licence of another state | foreign_document | courteously given back |
 * | an Amayesh card, or any residence paper | amayesh_card | courteously given back |
 */
export const REFUSAL_OF_FINDING: Readonly<Record<DocumentFinding, PersonRefusal>> = {
  worn: 'document_worn',
  forged: 'document_forged',
  not_holders: 'document_not_holders',
  dead_persons: 'dead',
  under_age: 'under_age',
  foreign_nationals: 'foreign_document',
  amayesh: 'amayesh_card',
};
