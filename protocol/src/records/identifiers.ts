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
const SUBJECT = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\/[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
export const parseSubject = (text: string): Subject | undefined =>
  text.length <= SUBJECT_BYTES_MAX && SUBJECT.test(text) ? (text as Subject) : undefined;

export const AUTHORITY_SUBJECT = 'authority' as Subject;
export const INTAKE_SUBJECT = 'province/intake' as Subject;
export const boxSubject = (station: string, unit: number): Subject =>
  `station/${station}/box/${unit}` as Subject;
export const votingSubject = (station: string): Subject => `station/${station}/voting` as Subject;
/** Admission terminals of one station. */
export const TERMINALS_MAX = 4;
/** Several terminals at one station: the first has the plain name, which is that of a station with one. */
export const admissionSubject = (station: string, terminal = 1): Subject =>
  `station/${station}/admission${terminal === 1 ? '' : `/${terminal}`}` as Subject;
/** Whichever terminal of the station it is. */
export const isAdmissionSubject = (station: string, subject: string): boolean =>
  // Nearly every station has one terminal.
  subject === admissionSubject(station) ||
  Array.from({ length: TERMINALS_MAX }, (_, i) => admissionSubject(station, i + 1)).some(
    (one) => one === subject,
  );
export const tarefeSubject = (station: string): Subject => `station/${station}/tarefe` as Subject;
/** Another card of the same role, with a key of its own, is numbered: one for each further terminal. */
export const roleSubject = (station: string, role: string, card = 1): Subject =>
  `station/${station}/role/${role.replaceAll('_', '-')}${card === 1 ? '' : `/${card}`}` as Subject;
export const sessionSubject = (sessionIdHex: string): Subject => `session/${sessionIdHex}` as Subject;
