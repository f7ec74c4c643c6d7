/**
 * What one recorder alone still proves of a day: read out of the box's flash by its auditor, or from what is left of the
 * station's data folder. Nothing here is believed without a signature that chains to the authority.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Bytes,
  checkSignature,
  directoryOf,
  encode,
  encodeProtectedHeader,
  type KeyDirectory,
  type Provisioning,
  parseTyped,
  records,
  type Shape,
  SIGNATURE_BYTES,
  sessionEntry,
  sessionSubject,
  signatureInput,
  toHex,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import Database from 'better-sqlite3';
import { readRecords } from '../recount/records-file.ts';
import { openStateStore } from '../stores/state-store.ts';

/** Which recorder is left. */
export type Recorder = 'box' | 'station';

/** What `npm run audit -- IMAGE --out FOLDER` writes. */
export const BOX_FILES = {
  session: 'session.cose',
  zeroReport: 'zero-report.cose',
  commitment: 'commitment.cose',
  sealed: 'records.bin',
  report: 'report.json',
} as const;
export const REPORT_BYTES_MAX = 1024 * 1024;
const RECORDS_FILE = 'records.sqlite';
const STATE_FILE = 'state.sqlite';
const TAKEN = 1;

export class RecoveryRefused extends Error {}

interface Signed<Value> {
  readonly record: Bytes;
  readonly value: Value;
}

export interface DayEvidence {
  readonly recorder: Recorder;
  readonly session: Signed<records.Session>;
  readonly zeroReport: Signed<records.ZeroReport>;
  readonly commitment: Signed<records.Commitment> | undefined;
  readonly sealed: readonly Bytes[];
  /** station: records whose signature by the session key does not hold */
  readonly unsigned: number;
  /** box: what the auditor said of the image, and whether it is sound */
  readonly audit:
    | { readonly digest: string; readonly sound: boolean; readonly findings: readonly unknown[] }
    | undefined;
}

interface RawEvidence {
  readonly session: Bytes | undefined;
  readonly zeroReport: Bytes | undefined;
  readonly commitment: Bytes | undefined;
  readonly rows: readonly { readonly sealed: Bytes; readonly signature: Bytes | undefined }[];
  readonly report: Bytes | undefined;
}

function readBox(folder: string, sealedBytes: number): RawEvidence {
  const file = (name: string): Bytes | undefined =>
    existsSync(join(folder, name)) ? new Uint8Array(readFileSync(join(folder, name))) : undefined;
  return {
    session: file(BOX_FILES.session),
    zeroReport: file(BOX_FILES.zeroReport),
    commitment: file(BOX_FILES.commitment),
    rows: readRecords(join(folder, BOX_FILES.sealed), sealedBytes).map((sealed) => ({
      sealed: new Uint8Array(sealed),
      signature: undefined,
    })),
    report: file(BOX_FILES.report),
  };
}

function readStation(folder: string, sealedBytes: number): RawEvidence {
  if (!existsSync(join(folder, STATE_FILE)) || !existsSync(join(folder, RECORDS_FILE)))
    throw new RecoveryRefused(`${RECORDS_FILE} and ${STATE_FILE} are not both there`);
  const state = openStateStore(join(folder, STATE_FILE));
  const database = new Database(join(folder, RECORDS_FILE), { readonly: true, fileMustExist: true });
  try {
    const bodies = database.prepare('SELECT body FROM slot').all() as { body: Buffer }[];
    const rows = bodies.flatMap(({ body }) => {
      if (body.length !== 1 + sealedBytes + SIGNATURE_BYTES)
        throw new RecoveryRefused('a slot of the wrong size');
      const [sealed, signature] = [body.subarray(1, 1 + sealedBytes), body.subarray(1 + sealedBytes)];
      return body[0] === TAKEN
        ? [{ sealed: new Uint8Array(sealed), signature: new Uint8Array(signature) }]
        : [];
    });
    return {
      session: state.fact('session'),
      zeroReport: state.fact('zero_report'),
      commitment: state.fact('commitment'),
      rows,
      report: undefined,
    };
  } finally {
    database.close();
    state.close();
  }
}

function believed<Value>(
  provisioning: Provisioning,
  directory: KeyDirectory,
  bytes: Bytes | undefined,
  type: Parameters<typeof parseTyped>[1],
  shape: Shape<Value>,
): Signed<Value> {
  if (bytes === undefined) throw new RecoveryRefused(`there is no ${type} record`);
  const parsed = parseTyped(bytes, type, shape);
  if (!parsed.ok) throw new RecoveryRefused(`the ${type} record is damaged`);
  const signed = checkSignature(nodeCrypto, directory, provisioning.election, 0, parsed.value.record);
  if (!signed.ok) throw new RecoveryRefused(`the ${type} record proves nothing: ${signed.fault.code}`);
  return { record: bytes, value: parsed.value.value };
}

/** The session key signed each vote that it took; a row without that signature was not in the box. */
function holds(
  provisioning: Provisioning,
  session: records.Session,
  sealed: Bytes,
  signature: Bytes,
): boolean {
  const header = encodeProtectedHeader({
    type: 'vote',
    election: provisioning.election,
    signer: sessionSubject(toHex(session.sessionId)),
  });
  const vote = encode(records.voteShape, {
    sessionId: session.sessionId,
    sealedDigest: nodeCrypto.sha256(sealed),
  });
  return nodeCrypto.verify(session.sessionKey, signatureInput(header, vote), signature);
}

function readReport(bytes: Bytes | undefined): DayEvidence['audit'] {
  if (bytes === undefined || bytes.length > REPORT_BYTES_MAX) return undefined;
  try {
    const report = JSON.parse(Buffer.from(bytes).toString('utf8')) as { ok?: unknown; findings?: unknown };
    const findings: readonly unknown[] = Array.isArray(report.findings) ? report.findings : [];
    return { digest: toHex(nodeCrypto.sha256(bytes)), sound: report.ok === true, findings };
  } catch {
    return undefined;
  }
}

/** @throws RecoveryRefused with what is missing or proves nothing */
export function readDay(
  recorder: Recorder,
  folder: string,
  provisioning: Provisioning,
  directory: KeyDirectory,
  sealedBytes: number,
): DayEvidence {
  const raw = recorder === 'box' ? readBox(folder, sealedBytes) : readStation(folder, sealedBytes);
  const session = believed(provisioning, directory, raw.session, 'session', records.sessionShape);
  const own = directoryOf([sessionEntry(session.value)]);
  const zeroReport = believed(provisioning, own, raw.zeroReport, 'zero-report', records.zeroReportShape);
  const commitment =
    raw.commitment === undefined
      ? undefined
      : believed(provisioning, own, raw.commitment, 'commitment', records.commitmentShape);
  const sound = raw.rows.filter(
    ({ sealed, signature }) =>
      signature === undefined || holds(provisioning, session.value, sealed, signature),
  );
  return {
    recorder,
    session,
    zeroReport,
    commitment,
    sealed: sound.map(({ sealed }) => sealed),
    unsigned: raw.rows.length - sound.length,
    audit: readReport(raw.report),
  };
}
