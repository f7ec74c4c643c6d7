/**
 * Who took part, for the civil registry, as the law records it: from the admission side alone, after it has closed.
 * National codes in ascending order and nothing else of anyone: no time, no document, no order of coming. Personal data:
 * signed so that the registry knows whose it is, and never published.
 */
import {
  admissionSubject,
  type Bytes,
  type Crypto,
  type ElectionId,
  failure,
  NATIONAL_CODE_BYTES,
  type Result,
  records,
  signTyped,
  success,
} from '@sandoq/protocol';
import type { Journal } from './journal.ts';

export interface ParticipationOrder {
  readonly crypto: Pick<Crypto, 'sign'>;
  readonly secretKey: Bytes;
  readonly election: ElectionId;
  readonly station: Pick<records.Station, 'id' | 'place'>;
  readonly journal: Pick<Journal, 'station' | 'admissions'>;
  /** of several: the one that signs */
  readonly terminal?: number | undefined;
}

export interface Participation {
  readonly record: Bytes;
  readonly people: number;
}

/** The same bytes each time: the journal is closed and the codes stand in order. */
export function participationOf(order: ParticipationOrder): Result<Participation, 'not_closed'> {
  const { journal, station, election, crypto, secretKey } = order;
  const { phase, mode } = journal.station();
  if (phase !== 'closed' || mode === null) return failure('not_closed');
  // A person whom two terminals admitted while they were cut off took part once.
  const admitted = journal.admissions().filter((one) => one.state === 'admitted');
  const codes = [...new Set(admitted.map((one) => Number(one.nationalCode)))].sort((a, b) => a - b);
  const people = Buffer.alloc(codes.length * NATIONAL_CODE_BYTES);
  for (const [i, code] of codes.entries())
    people.writeUIntBE(code, i * NATIONAL_CODE_BYTES, NATIONAL_CODE_BYTES);
  const record = signTyped(
    crypto,
    secretKey,
    { type: 'participation', election, signer: admissionSubject(station.id, order.terminal) },
    records.participationShape,
    {
      stationId: station.id,
      mode,
      constituency: station.place.constituency,
      people: new Uint8Array(people),
    },
  );
  return success({ record, people: codes.length });
}

/** National codes as text again, leading zeros kept. */
export const peopleOf = (participation: Pick<records.Participation, 'people'>): readonly string[] => {
  const bytes = Buffer.from(participation.people);
  return Array.from({ length: bytes.length / NATIONAL_CODE_BYTES }, (_, i) =>
    String(bytes.readUIntBE(i * NATIONAL_CODE_BYTES, NATIONAL_CODE_BYTES)).padStart(10, '0'),
  );
};
