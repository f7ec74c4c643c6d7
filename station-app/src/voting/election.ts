/** The election as this station sees it: the provisioning folder, checked whole, and our own entry in it. */
import {
  amendmentFile,
  amendmentsInForce,
  type Bytes,
  type CheckedAmendment,
  type CountPublicKeys,
  type Crypto,
  checkProvisioning,
  type ElectionId,
  equalBytes,
  failure,
  type KeyDirectory,
  PACKAGE_FILE,
  type Provisioning,
  type Result,
  type records,
  type StationId,
  settingsUnder,
  stationDirectory,
  stationFile,
  stationUnder,
  success,
  votingSubject,
  withdrawnUnder,
} from '@sandoq/protocol';

export interface LoadedElection {
  readonly election: ElectionId;
  readonly package: records.Package;
  readonly packageDigest: Bytes;
  readonly packageRecord: Bytes;
  readonly station: records.Station;
  /** the Station record as signed: what the box and the cards read */
  readonly stationRecord: Bytes;
  readonly rasters: Bytes;
  readonly candidateLists: readonly records.CandidateList[];
  readonly directory: KeyDirectory;
  readonly settings: records.Settings;
  /** in force when this was read */
  readonly amendments: readonly CheckedAmendment[];
  /** those that will be in force later among them */
  readonly allAmendments: readonly CheckedAmendment[];
  /** the Amendment record whose hours are in force: the box closes early, or later, for it alone */
  readonly hoursRecord: Bytes | undefined;
  /** by contest index */
  readonly withdrawn: readonly ReadonlySet<number>[];
  readonly countKeys: CountPublicKeys;
  readonly boxes: readonly records.EnrolledDevice[];
}

export interface ElectionFault {
  readonly code: 'package_missing' | 'package_refused' | 'station_not_in_package' | 'device_not_in_package';
  /** what is wrong and where, for the log and the officer */
  readonly detail: string;
}

function countKeyOf(station: records.Station, role: records.Role): Bytes {
  const key = station.roles.find((one) => one.role === role)?.countKey;
  if (key === undefined) throw new Error(`checked station without a count key of ${role}`);
  return key;
}

function ours(
  provisioning: Provisioning,
  files: ReadonlyMap<string, Bytes>,
  station: records.Station,
  atSeconds: number,
): LoadedElection {
  const amendments = amendmentsInForce(provisioning, atSeconds);
  const hours = amendments.findLast(({ amendment }) => amendment.change.kind === 'hours_changed');
  return {
    election: provisioning.election,
    package: provisioning.package,
    packageDigest: provisioning.packageDigest,
    packageRecord: files.get(PACKAGE_FILE) as Bytes,
    station,
    stationRecord: files.get(stationFile(station.id)) as Bytes,
    rasters: provisioning.rasters,
    candidateLists: provisioning.candidateLists,
    directory: stationDirectory(provisioning, station),
    settings: settingsUnder(provisioning, amendments),
    amendments,
    allAmendments: provisioning.amendments,
    hoursRecord: hours === undefined ? undefined : files.get(amendmentFile(hours.amendment.sequence)),
    withdrawn: provisioning.package.contests.map((_, contest) => withdrawnUnder(amendments, contest)),
    countKeys: {
      governorRepresentative: countKeyOf(station, 'governor_representative'),
      councilRepresentative: countKeyOf(station, 'council_representative'),
    },
    boxes: station.devices.filter((device) => device.purpose === 'box'),
  };
}

export interface ElectionSource {
  /** the provisioning folder's files, by name */
  readonly files: ReadonlyMap<string, Bytes>;
  readonly authorityKey: Bytes;
  readonly stationId: StationId;
  readonly devicePublicKey: Bytes;
}

/** Reads and checks the whole folder, then that it lists this station with this device's key. */
export function loadElection(
  source: ElectionSource,
  crypto: Pick<Crypto, 'sha256' | 'verify'>,
  atSeconds: number,
): Result<LoadedElection, ElectionFault> {
  const { files } = source;
  if (!files.has(PACKAGE_FILE))
    return failure({ code: 'package_missing', detail: `${PACKAGE_FILE} is not in the package folder` });
  const checked = checkProvisioning(files, crypto, source.authorityKey, 'apart');
  if (!checked.ok) {
    const { code, at, wanted } = checked.fault;
    return failure({ code: 'package_refused', detail: `${code} at ${at}: wanted ${wanted}` });
  }
  const provisioning = checked.value;
  const station = stationUnder(provisioning, amendmentsInForce(provisioning, atSeconds), source.stationId);
  if (station === undefined)
    return failure({ code: 'station_not_in_package', detail: `wanted ${stationFile(source.stationId)}` });
  const device = station.devices.find((one) => one.subject === votingSubject(station.id));
  if (device === undefined || !equalBytes(device.key, source.devicePublicKey))
    return failure({ code: 'device_not_in_package', detail: `${votingSubject(station.id)} has another key` });
  return success(ours(provisioning, files, station, atSeconds));
}
