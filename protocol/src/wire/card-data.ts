/**
 * Data and answers of the card commands in `apdu.ts`, each a deterministic CBOR item. A statement lies in it as its
 * map; a signed record as a byte string.
 */
import type { Bytes } from '../codec/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../codec/cbor.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/ports.ts';
import { APPROVAL_BYTES_MAX, SMALL_RECORD_BYTES_MAX, STATION_BYTES_MAX } from '../records/bounds.ts';
import { type ArmStatement, armStatementShape, type Role, roleShape } from '../records/generated.ts';
import { parseSubject, type Subject } from '../records/identifiers.ts';
import { APDU_DATA_BYTES_MAX } from './apdu.ts';

function decodeItem(data: Bytes): unknown {
  const item = decodeCbor(data, APDU_DATA_BYTES_MAX);
  return item.ok ? item.value : undefined;
}

const isBytes = (raw: unknown, max: number): raw is Bytes =>
  raw instanceof Uint8Array && raw.length > 0 && raw.length <= max;

const isApprovalPair = (raw: unknown): raw is readonly [Bytes, Bytes] =>
  Array.isArray(raw) && raw.length === 2 && raw.every((one) => isBytes(one, APPROVAL_BYTES_MAX));

export interface ArmData {
  readonly statement: ArmStatement;
  /** Approval records */
  readonly approvals: readonly [Bytes, Bytes];
}

/** Data of `tarefe_arm`: `[ArmStatement, approval, approval]`. */
export const encodeArmData = (arm: ArmData): Bytes =>
  encodeCbor([armStatementShape.toCbor(arm.statement, ''), ...arm.approvals]);

export function decodeArmData(data: Bytes): ArmData | undefined {
  const raw = decodeItem(data);
  if (!Array.isArray(raw) || raw.length !== 3) return undefined;
  const approvals: unknown = raw.slice(1);
  if (!isApprovalPair(approvals)) return undefined;
  try {
    return { statement: armStatementShape.fromCbor(raw[0], ''), approvals };
  } catch {
    return undefined;
  }
}

/** Data of `tarefe_void`: `[approval, approval]`. */
export const encodeVoidData = (approvals: readonly [Bytes, Bytes]): Bytes => encodeCbor([...approvals]);

export function decodeVoidData(data: Bytes): readonly [Bytes, Bytes] | undefined {
  const raw = decodeItem(data);
  return isApprovalPair(raw) ? raw : undefined;
}

/** Three records that chain from the authority to the box's last word. */
export interface ReleaseData {
  readonly station: Bytes;
  readonly session: Bytes;
  readonly commitment: Bytes;
}

/** Data of `release_count_key`: `[Station record, Session record, Commitment record]`. */
export const encodeReleaseData = (release: ReleaseData): Bytes =>
  encodeCbor([release.station, release.session, release.commitment]);

export function decodeReleaseData(data: Bytes): ReleaseData | undefined {
  const raw = decodeItem(data);
  if (!Array.isArray(raw) || raw.length !== 3) return undefined;
  const [station, session, commitment] = raw as readonly unknown[];
  if (!isBytes(station, STATION_BYTES_MAX) || !isBytes(session, SMALL_RECORD_BYTES_MAX)) return undefined;
  return isBytes(commitment, SMALL_RECORD_BYTES_MAX) ? { station, session, commitment } : undefined;
}

export interface RoleIdentity {
  readonly subject: Subject;
  readonly role: Role;
  /** Ed25519 */
  readonly key: Bytes;
  /** X25519, of the two closing representatives */
  readonly countKey?: Bytes;
}

/** Answer of `identity`: `{1: subject, 2: role, 3: key, 4?: count key}`. */
export function encodeRoleIdentity(identity: RoleIdentity): Bytes {
  const map = new Map<number, CborValue>([
    [1, identity.subject],
    [2, roleShape.toCbor(identity.role, '')],
    [3, identity.key],
  ]);
  if (identity.countKey !== undefined) map.set(4, identity.countKey);
  return encodeCbor(map);
}

export function decodeRoleIdentity(data: Bytes): RoleIdentity | undefined {
  const raw = decodeItem(data);
  if (!(raw instanceof Map)) return undefined;
  const countKey: unknown = raw.get(4);
  if (raw.size !== (countKey === undefined ? 3 : 4)) return undefined;
  const subject = parseSubject(String(raw.get(1)));
  const key: unknown = raw.get(3);
  const isKey = (one: unknown): one is Bytes => one instanceof Uint8Array && one.length === PUBLIC_KEY_BYTES;
  if (subject === undefined || !isKey(key) || (countKey !== undefined && !isKey(countKey))) return undefined;
  try {
    const role = roleShape.fromCbor(raw.get(2), '');
    return countKey === undefined ? { subject, role, key } : { subject, role, key, countKey };
  } catch {
    return undefined;
  }
}
