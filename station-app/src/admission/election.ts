/** The election as admission needs it: the package, our station's entry, and whose signatures to believe. */
import {
  admissionSubject,
  amendmentsInForce,
  type Bytes,
  type Crypto,
  checkProvisioning,
  type ElectionId,
  equalBytes,
  failure,
  type KeyDirectory,
  PACKAGE_FILE,
  type ProvisioningFiles,
  type Result,
  type records,
  type StationId,
  settingsUnder,
  stationDirectory,
  stationFile,
  stationUnder,
  success,
} from '@sandoq/protocol';
import type { AdmissionFault } from '../contract/codes-admission.ts';

export interface AdmissionElection {
  readonly election: ElectionId;
  readonly package: records.Package;
  readonly packageDigest: Bytes;
  readonly station: records.Station;
  readonly settings: records.Settings;
  readonly directory: KeyDirectory;
}

export interface ElectionFault {
  readonly code: AdmissionFault;
  /** the file and what was wanted in it, for the log */
  readonly detail: string;
}

/** Checks the whole folder, then that it lists this station with this device's key. */
export function checkElection(
  files: ProvisioningFiles,
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
  trusted: {
    readonly authorityKey: Bytes;
    readonly stationId: StationId;
    readonly devicePublicKey: Bytes;
    readonly terminal?: number | undefined;
  },
  atSeconds: number,
): Result<AdmissionElection, ElectionFault> {
  if (!files.has(PACKAGE_FILE))
    return failure({ code: 'package_missing', detail: `${PACKAGE_FILE} is not in the package folder` });
  const checked = checkProvisioning(files, crypto, trusted.authorityKey, 'apart');
  if (!checked.ok) {
    const { code, at, wanted } = checked.fault;
    return failure({ code: 'package_refused', detail: `${code} at ${at}: wanted ${wanted}` });
  }
  const provisioning = checked.value;
  const amendments = amendmentsInForce(provisioning, atSeconds);
  const station = stationUnder(provisioning, amendments, trusted.stationId);
  if (station === undefined)
    return failure({ code: 'station_not_in_package', detail: `wanted ${stationFile(trusted.stationId)}` });
  const subject = admissionSubject(station.id, trusted.terminal);
  const device = station.devices.find((one) => one.subject === subject);
  if (device === undefined || !equalBytes(device.key, trusted.devicePublicKey))
    return failure({
      code: 'device_not_in_package',
      detail: `${subject} has another key`,
    });
  return success({
    election: provisioning.election,
    package: provisioning.package,
    packageDigest: provisioning.packageDigest,
    station,
    settings: settingsUnder(provisioning, amendments),
    directory: stationDirectory(provisioning, station),
  });
}
