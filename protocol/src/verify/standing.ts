/**
 * The slip that stands for each station: its bundle and receipt, and the corrections that supersede it one by one,
 * each judged whole and each with the intake's word. What is wrong is named with its file and its signer.
 */
import { equalBytes, toHex } from '../codec/bytes.ts';
import type { Crypto } from '../crypto/ports.ts';
import { SMALL_RECORD_BYTES_MAX } from '../records/bounds.ts';
import { type CheckedBundle, checkBundle } from '../records/bundle.ts';
import { checkCorrection } from '../records/correction.ts';
import { parseTyped } from '../records/cose.ts';
import { type Receipt, receiptShape } from '../records/generated.ts';
import { INTAKE_SUBJECT, type StationId } from '../records/identifiers.ts';
import { checkSignature } from '../records/keys.ts';
import { type Provisioning, settingsUnder, stationDirectory } from '../records/provisioning.ts';
import {
  CORRECTIONS_PER_STATION_MAX,
  correctionFile,
  type Faults,
  type PublicationReader,
  receiptFile,
  slipFile,
} from './publication.ts';

type Ports = Pick<Crypto, 'sha256' | 'verify'>;

/** One version of a station's result, as it was taken in. */
export interface HeldVersion {
  readonly version: number;
  readonly file: string;
  /** epoch seconds */
  readonly receivedAt: number;
}

export interface Standing {
  readonly station: StationId;
  /** the version that stands */
  readonly checked: CheckedBundle;
  readonly disputes: readonly string[];
  readonly receivedAt: number;
  /** from the slip to the last correction */
  readonly versions: readonly HeldVersion[];
}

/** Why a slip is disputed: what does not agree, its own word, or a signer of the minutes who refused. */
export function disputesOf(checked: CheckedBundle): readonly string[] {
  const reasons = new Set<string>(checked.breaks.map(({ code }) => code));
  if (checked.slip.disputed && reasons.size === 0) reasons.add('segment_disputed');
  if (checked.approvals.some(({ refused }) => refused)) reasons.add('minutes_refused');
  return [...reasons];
}

export interface StandingContext {
  readonly reader: Pick<PublicationReader, 'read'>;
  readonly provisioning: Provisioning;
  readonly crypto: Ports;
  readonly faults: Faults;
}

/** The receipt of one version, its signature checked; what it says about the slip is compared later. */
function readReceipt(context: StandingContext, station: string, version: number): Receipt | undefined {
  const { reader, provisioning, crypto, faults } = context;
  const file = receiptFile(station, version);
  const bytes = reader.read(file);
  const wrong = (code: string, at: string, wanted: string): undefined => {
    faults.add(code, file, at, INTAKE_SUBJECT, wanted);
  };
  if (bytes === undefined) return wrong('file_missing', '', "the intake's signed receipt");
  const parsed = parseTyped(bytes, 'receipt', receiptShape, SMALL_RECORD_BYTES_MAX);
  if (!parsed.ok)
    return wrong(parsed.fault.code, 'at' in parsed.fault ? parsed.fault.at : '', parsed.fault.wanted);
  const entry = provisioning.stations.get(station as StationId);
  if (entry === undefined) return undefined; // the slip's own fault says so
  const { record, value: receipt } = parsed.value;
  const directory = stationDirectory(provisioning, entry);
  const signed = checkSignature(crypto, directory, provisioning.election, receipt.receivedAt, record);
  if (!signed.ok) {
    const { fault } = signed;
    return wrong(fault.code, '', 'wanted' in fault ? fault.wanted : `another signer than ${fault.subject}`);
  }
  return receipt;
}

function compareReceipt(
  context: StandingContext,
  version: number,
  receipt: Receipt,
  checked: CheckedBundle,
): void {
  const { id } = checked.station;
  const demand = (holds: boolean, at: string, wanted: string): void => {
    if (!holds) context.faults.add('receipt_differs', receiptFile(id, version), at, INTAKE_SUBJECT, wanted);
  };
  demand(receipt.stationId === id, 'stationId', id);
  demand(equalBytes(receipt.slipDigest, checked.slipDigest), 'slipDigest', toHex(checked.slipDigest));
  demand(equalBytes(receipt.bundleDigest, checked.bundleDigest), 'bundleDigest', toHex(checked.bundleDigest));
  const disputed = disputesOf(checked).length > 0;
  demand(receipt.disputed === disputed, 'disputed', `${disputed}`);
}

interface Version {
  readonly checked: CheckedBundle;
  readonly held: HeldVersion;
}

/** Judges one version by the time of its receipt; without one by the end of the vote. */
function judge(
  context: StandingContext,
  station: StationId,
  version: number,
  before: CheckedBundle | undefined,
): Version | undefined {
  const { reader, provisioning, crypto, faults } = context;
  const file = before === undefined ? slipFile(station) : correctionFile(station, version);
  const bytes = reader.read(file);
  if (bytes === undefined) return undefined;
  const received = readReceipt(context, station, version);
  const at = received?.receivedAt ?? settingsUnder(provisioning, provisioning.amendments).closesAt;
  const checked =
    before === undefined
      ? checkBundle(provisioning, crypto, bytes, at)
      : checkCorrection(provisioning, crypto, before, bytes, at);
  if (!checked.ok) {
    const { code, at: where, wanted } = checked.fault;
    // The signer that was wanted is whose signature failed; otherwise the station, or the authority for a correction.
    const whose =
      code === 'signature_invalid' ? wanted : before === undefined ? `station/${station}` : 'authority';
    faults.add(code, file, where, whose, wanted);
    return undefined;
  }
  if (checked.value.station.id !== station) {
    faults.add(
      'file_name_differs',
      file,
      '',
      `station/${checked.value.station.id}`,
      slipFile(checked.value.station.id),
    );
    return undefined;
  }
  if (received !== undefined) compareReceipt(context, version, received, checked.value);
  return {
    checked: checked.value,
    held: {
      version,
      file,
      receivedAt: received?.receivedAt ?? 0,
    },
  };
}

/** Undefined where there is no slip of this station, or none that holds. */
export function standingOf(context: StandingContext, station: StationId): Standing | undefined {
  let version = judge(context, station, 1, undefined);
  if (version === undefined) return undefined;
  const versions = [version.held];
  for (let next = 2; next <= CORRECTIONS_PER_STATION_MAX + 1; next++) {
    const corrected = judge(context, station, next, version.checked);
    if (corrected === undefined) break;
    versions.push(corrected.held);
    version = corrected;
  }
  const { checked, held } = version;
  return { station, checked, disputes: disputesOf(checked), receivedAt: held.receivedAt, versions };
}
