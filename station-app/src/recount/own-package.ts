/**
 * What a recount rests on of the provisioning folder: the signed package, this station's signed entry, and the Merkle
 * root that binds it to the package beside all others. The others' own signatures and keys are nothing to this count,
 * and a folder of a province has as many as it has stations.
 */
import {
  type Bytes,
  type CheckedAmendment,
  type CheckedFolder,
  checkAmendments,
  checkFolder,
  checkStationFile,
  checkStationsCount,
  checkStationsRoot,
  compareIds,
  failure,
  MerkleRoot,
  type ProvisioningFault,
  parseRecord,
  type Result,
  type records,
  STATION_BYTES_MAX,
  type StationId,
  stationFile,
  success,
} from '@sandoq/protocol';
import { readProvisioningFolder, withAmendments } from '../stores/provisioning-folder.ts';
import { ownCrypto } from './own-crypto.ts';

export interface PackagePlace {
  readonly packageFolder: string;
  readonly amendmentsFolder?: string | undefined;
  readonly authorityKey: Bytes;
  readonly stationId: StationId;
}

export interface OwnPackage extends CheckedFolder {
  readonly station: records.Station;
  readonly stationRecord: Bytes;
  readonly amendments: readonly CheckedAmendment[];
}

const STATION_FILE = /^stations\/(.+)\.cose$/;

/** The entries' payloads are the leaves, in the order of the stations' ids, which are the names of their files. */
function checkBinding(
  files: ReadonlyMap<string, Bytes>,
  election: records.Package,
  ids: readonly string[],
): Result<undefined, ProvisioningFault> {
  const counted = checkStationsCount(election, ids.length);
  if (!counted.ok) return counted;
  const tree = new MerkleRoot();
  for (const id of [...ids].sort(compareIds)) {
    const file = stationFile(id as StationId);
    const record = parseRecord(files.get(file) as Bytes, STATION_BYTES_MAX);
    if (!record.ok) return failure({ code: record.fault.code, at: file, wanted: record.fault.wanted });
    tree.add(record.value.payload);
  }
  return checkStationsRoot(election, tree.root());
}

export function readOwnPackage(place: PackagePlace): Result<OwnPackage, ProvisioningFault> {
  const { packageFolder, amendmentsFolder, authorityKey } = place;
  const folder = readProvisioningFolder(packageFolder);
  const files = amendmentsFolder === undefined ? folder : withAmendments(folder, amendmentsFolder);
  const checked = checkFolder(files, ownCrypto, authorityKey, 'apart');
  if (!checked.ok) return checked;
  const file = stationFile(place.stationId);
  const stationRecord = files.get(file);
  if (stationRecord === undefined)
    return failure({ code: 'file_missing', at: file, wanted: "the station's entry" });
  const { election, package: signed } = checked.value;
  const entry = checkStationFile(ownCrypto, authorityKey, election, file, stationRecord);
  if (!entry.ok) return entry;
  const ids = [...files.keys()].flatMap((name) => STATION_FILE.exec(name)?.[1] ?? []);
  const bound = checkBinding(files, signed, ids);
  if (!bound.ok) return bound;
  const stations = new Set(ids as StationId[]);
  const amendments = checkAmendments(files, ownCrypto, authorityKey, checked.value, stations);
  if (!amendments.ok) return amendments;
  return success({
    ...checked.value,
    station: entry.value.station,
    stationRecord,
    amendments: amendments.value,
  });
}
