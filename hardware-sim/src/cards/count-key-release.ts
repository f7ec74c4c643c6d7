/**
 * When a closing representative's card gives up its count key: only for a chain authority → Station → Session →
 * Commitment that ends in this box's last word, approved by both closing representatives, of a station that lists this
 * very card. So no key leaves a card while its box is open.
 */
import {
  type Bytes,
  type Crypto,
  type ElectionId,
  encode,
  enrolPublicKey,
  equalBytes,
  parseTyped,
  type ReleaseData,
  records,
  STATION_BYTES_MAX,
  type Subject,
  sessionSubject,
  toHex,
  verifyRecord,
} from '@sandoq/protocol';
import { bothApproved } from './approvals.ts';

export interface ReleasingCard {
  readonly election: ElectionId;
  readonly stationId: string;
  readonly subject: Subject;
  readonly key: Bytes;
  readonly countKey: Bytes;
  readonly authorityKey: Bytes;
}

type Verify = Pick<Crypto, 'verify' | 'sha256'>;

function trustedStation(crypto: Verify, card: ReleasingCard, bytes: Bytes): records.Station | undefined {
  const parsed = parseTyped(bytes, 'station', records.stationShape, STATION_BYTES_MAX);
  if (!parsed.ok) return undefined;
  const { record, value } = parsed.value;
  if (record.signer !== 'authority' || record.election !== card.election) return undefined;
  if (value.id !== card.stationId || !verifyRecord(crypto, card.authorityKey, record)) return undefined;
  const entry = value.roles.find((role) => role.subject === card.subject);
  const lists =
    entry?.countKey !== undefined &&
    equalBytes(entry.key, card.key) &&
    equalBytes(entry.countKey, card.countKey);
  return lists ? value : undefined;
}

function trustedSession(
  crypto: Verify,
  card: ReleasingCard,
  station: records.Station,
  bytes: Bytes,
): records.Session | undefined {
  const parsed = parseTyped(bytes, 'session', records.sessionShape);
  if (!parsed.ok) return undefined;
  const { record, value } = parsed.value;
  const box = station.devices.find((device) => device.purpose === 'box' && device.subject === record.signer);
  if (box === undefined || record.election !== card.election || value.boxSubject !== box.subject)
    return undefined;
  if (value.stationId !== station.id || !verifyRecord(crypto, box.key, record)) return undefined;
  return enrolPublicKey(value.sessionKey) ? value : undefined;
}

/** @returns whether the chain holds; a card gives no reason. */
export function mayRelease(crypto: Verify, card: ReleasingCard, data: ReleaseData): boolean {
  const station = trustedStation(crypto, card, data.station);
  const session = station && trustedSession(crypto, card, station, data.session);
  if (station === undefined || session === undefined) return false;
  const parsed = parseTyped(data.commitment, 'commitment', records.commitmentShape);
  if (!parsed.ok) return false;
  const { record, value } = parsed.value;
  if (record.election !== card.election || record.signer !== sessionSubject(toHex(session.sessionId)))
    return false;
  if (!equalBytes(value.sessionId, session.sessionId) || !verifyRecord(crypto, session.sessionKey, record))
    return false;
  const closing = (role: records.Role) => station.roles.find((one) => one.role === role);
  const governor = closing('governor_representative');
  const council = closing('council_representative');
  if (governor === undefined || council === undefined) return false;
  const statement = { sessionId: session.sessionId, stationId: station.id };
  return bothApproved(
    crypto,
    {
      election: card.election,
      actions: ['close'],
      digest: crypto.sha256(encode(records.closeStatementShape, statement)),
      approvers: [
        { subject: governor.subject as Subject, role: governor.role, key: governor.key },
        { subject: council.subject as Subject, role: council.role, key: council.key },
      ],
    },
    value.approvals,
  );
}
