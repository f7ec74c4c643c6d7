/** Ids are strings: lower-case ASCII, so that they are file names, URLs and table keys without escaping. */
import { ID_BYTES_MAX, SUBJECT_BYTES_MAX } from './bounds.ts';

export type ElectionId = string & { readonly __brand: 'ElectionId' };
export type StationId = string & { readonly __brand: 'StationId' };
/** Who holds a key: `authority`, `province/intake`, `station/ID/box/1`, `station/ID/role/executive`, `session/HEX`. */
export type Subject = string & { readonly __brand: 'Subject' };

const ID = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

export const parseElectionId = (text: string): ElectionId | undefined =>
  text.length <= ID_BYTES_MAX && ID.test(text) ? (text as ElectionId) : undefined;
export const parseStationId = (text: string): StationId | undefined =>
  text.length <= ID_BYTES_MAX && ID.test(text) ? (text as StationId) : undefined;
export const parseSubject = (text: string): Subject | undefined =>
  text.length <= SUBJECT_BYTES_MAX && text.split('/').every((part) => ID.test(part))
    ? (text as Subject)
    : undefined;

export const AUTHORITY_SUBJECT = 'authority' as Subject;
export const INTAKE_SUBJECT = 'province/intake' as Subject;
export const boxSubject = (station: string, unit: number): Subject =>
  `station/${station}/box/${unit}` as Subject;
export const votingSubject = (station: string): Subject => `station/${station}/voting` as Subject;
export const admissionSubject = (station: string): Subject => `station/${station}/admission` as Subject;
export const tarefeSubject = (station: string): Subject => `station/${station}/tarefe` as Subject;
export const roleSubject = (station: string, role: string): Subject =>
  `station/${station}/role/${role.replaceAll('_', '-')}` as Subject;
export const sessionSubject = (sessionIdHex: string): Subject => `session/${sessionIdHex}` as Subject;
