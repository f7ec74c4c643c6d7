/**
 * Whose key may sign what, at a time. Everything that checks a signature asks a directory; today it is filled from
 * the package and its station records, later from certificates.
 */
import type { Bytes } from '../codec/bytes.ts';
import { toHex } from '../codec/bytes.ts';
import { enrolPublicKey } from '../crypto/enrol.ts';
import type { Crypto } from '../crypto/ports.ts';
import { failure, type Result, success } from '../result.ts';
import { type RecordFault, type RecordType, type SignedRecord, verifyRecord } from './cose.ts';
import type { Purpose, Role, Session, Station } from './generated.ts';
import { AUTHORITY_SUBJECT, type ElectionId, type Subject, sessionSubject } from './identifiers.ts';

export type KeyFault = {
  readonly code: 'subject_unknown' | 'purpose_not_allowed' | 'key_invalid';
  readonly subject: string;
};

export interface KeyDirectory {
  /** @param at epoch seconds; @returns the Ed25519 public key, enrolled and valid then */
  lookup(subject: Subject, purpose: Purpose, at: number): Result<Bytes, KeyFault>;
}

/** Which purpose a signer needs for each type of record. */
export const PURPOSE_OF: Readonly<Record<RecordType, readonly Purpose[]>> = {
  package: ['authority'],
  station: ['authority'],
  amendment: ['authority'],
  link: ['box', 'voting'],
  session: ['box'],
  'zero-report': ['session'],
  tarefe: ['tarefe'],
  approval: ['role', 'board'],
  vote: ['session'],
  rejection: ['session'],
  commitment: ['session'],
  'admission-summary': ['admission'],
  slip: ['voting'],
  minutes: ['voting'],
  correction: ['board', 'authority'],
  receipt: ['intake'],
  'log-checkpoint': ['voting', 'admission', 'box', 'intake'],
  'claim-request': ['admission'],
  'claim-answer': ['intake'],
  participation: ['admission'],
  roll: ['authority'],
  'roll-delta': ['authority'],
};

export interface DirectoryEntry {
  readonly subject: Subject;
  readonly purpose: Purpose;
  readonly key: Bytes;
}

export const ENTRIES_PER_SUBJECT_MAX = 8;

/** A directory over a fixed list. Keys that fail enrolment are refused when they are looked up, by name. */
export function directoryOf(
  entries: Iterable<DirectoryEntry>,
  enrol: (key: Bytes) => boolean = enrolPublicKey,
): KeyDirectory {
  const bySubject = new Map<string, DirectoryEntry[]>();
  for (const entry of entries) {
    const list = bySubject.get(entry.subject) ?? [];
    if (list.length >= ENTRIES_PER_SUBJECT_MAX)
      throw new RangeError('more than ENTRIES_PER_SUBJECT_MAX keys for one subject');
    list.push(entry);
    bySubject.set(entry.subject, list);
  }
  return {
    lookup(subject, purpose) {
      const list = bySubject.get(subject);
      if (list === undefined) return failure({ code: 'subject_unknown', subject });
      const entry = list.find((one) => one.purpose === purpose);
      if (entry === undefined) return failure({ code: 'purpose_not_allowed', subject });
      return enrol(entry.key) ? success(entry.key) : failure({ code: 'key_invalid', subject });
    },
  };
}

export const authorityEntry = (key: Bytes): DirectoryEntry => ({
  subject: AUTHORITY_SUBJECT,
  purpose: 'authority',
  key,
});

export function stationEntries(station: Station): readonly DirectoryEntry[] {
  return [
    ...station.devices.map((device) => ({
      subject: device.subject as Subject,
      purpose: device.purpose,
      key: device.key,
    })),
    ...station.roles.map((role) => ({
      subject: role.subject as Subject,
      purpose: 'role' as const,
      key: role.key,
    })),
  ];
}

export const sessionEntry = (session: Session): DirectoryEntry => ({
  subject: sessionSubject(toHex(session.sessionId)),
  purpose: 'session',
  key: session.sessionKey,
});

export const roleOf = (station: Station, subject: string): Role | undefined =>
  station.roles.find((role) => role.subject === subject)?.role;

export type SignatureFault =
  | RecordFault
  | KeyFault
  | { readonly code: 'wrong_election' | 'signature_invalid'; readonly wanted: string };

/** The one way to trust a record: right election, a signer whose purpose fits the type, a signature that holds. */
export function checkSignature(
  crypto: Pick<Crypto, 'verify'>,
  directory: KeyDirectory,
  election: ElectionId,
  at: number,
  record: SignedRecord,
): Result<SignedRecord, SignatureFault> {
  if (record.election !== election) return failure({ code: 'wrong_election', wanted: election });
  let fault: KeyFault = { code: 'purpose_not_allowed', subject: record.signer };
  for (const purpose of PURPOSE_OF[record.type]) {
    const key = directory.lookup(record.signer, purpose, at);
    if (!key.ok) {
      fault = key.fault;
      continue;
    }
    return verifyRecord(crypto, key.value, record)
      ? success(record)
      : failure({ code: 'signature_invalid', wanted: record.signer });
  }
  return failure(fault);
}
