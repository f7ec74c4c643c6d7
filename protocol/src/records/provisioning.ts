/**
 * The provisioning folder: the whole election as signed public files (RECORDS.md, "Files"), checked as one.
 * Total: any set of bytes gives a Provisioning or one named fault with the path of the file. Pure; the caller reads
 * the files and passes them by their names.
 */
import { type Bytes, compareBytes, equalBytes, fromUtf8, toHex, utf8 } from '../codec/bytes.ts';
import { MerkleRoot, merkleRoot } from '../codec/merkle.ts';
import { decode } from '../codec/shape.ts';
import { enrolPublicKey } from '../crypto/enrol.ts';
import type { Crypto } from '../crypto/ports.ts';
import type { Election } from '../law/election.ts';
import { failure, type Result, success } from '../result.ts';
import {
  CANDIDATE_LIST_BYTES_MAX,
  PACKAGE_BYTES_MAX,
  PICTURE_BYTES_MAX,
  SMALL_RECORD_BYTES_MAX,
  STATION_BYTES_MAX,
} from './bounds.ts';
import { parseTyped, type RecordFault, type SignedRecord, verifyRecord } from './cose.ts';
import {
  type Amendment,
  amendmentShape,
  type CandidateList,
  candidateListShape,
  type Package,
  packageShape,
  type Settings,
  type Station,
  stationShape,
} from './generated.ts';
import {
  AUTHORITY_SUBJECT,
  type ElectionId,
  INTAKE_SUBJECT,
  parseStationId,
  type StationId,
} from './identifiers.ts';
import type { KeyDirectory } from './keys.ts';
import { checkLawFile, LAW_FILE } from './law-file.ts';
import { candidateListBreaks, packageBreaks } from './package-rules.ts';
import {
  candidateItemIndex,
  encodeRasterItem,
  FIXED_ITEMS,
  RASTER_HEAD_BYTES,
  rasterItemBytes,
} from './rasters.ts';
import { type RuleBreak, stationBreaks } from './station-rules.ts';

export const AUTHORITY_KEY_FILE = 'authority.pub';
export const PACKAGE_FILE = 'package.cose';
export const RASTERS_FILE = 'rasters.bin';
export const candidatesFile = (contest: number): string => `candidates-${contest}.cbor`;
export const stationFile = (station: string): string => `stations/${station}.cose`;
export const amendmentFile = (sequence: number): string =>
  `amendments/${String(sequence).padStart(4, '0')}.cose`;
/** Four digits in the name of the file; the record's own bound is larger. */
export const AMENDMENTS_MAX = 9999;
/** 58,640 stations and 344 abroad (1403), with room. */
export const STATIONS_MAX = 100_000;

export type ProvisioningFiles = ReadonlyMap<string, Bytes>;

export interface ProvisioningFault {
  readonly code: string;
  /** the file, and the field in it where there is one: `stations/s1.cose: devices[0].key` */
  readonly at: string;
  readonly wanted: string;
}

export interface CheckedAmendment {
  readonly amendment: Amendment;
  /** SHA-256 of the payload, as a slip names it */
  readonly digest: Bytes;
}

export interface Provisioning {
  readonly election: ElectionId;
  readonly authorityKey: Bytes;
  readonly package: Package;
  /** SHA-256 of the package's payload */
  readonly packageDigest: Bytes;
  /** by contest index */
  readonly candidateLists: readonly CandidateList[];
  /** the election under the counting law; undefined where the package binds none */
  readonly law?: Election | undefined;
  readonly rasters: Bytes;
  /** as the package has them, by id in bytewise order */
  readonly stations: ReadonlyMap<StationId, Station>;
  /** in their sequence */
  readonly amendments: readonly CheckedAmendment[];
}

type Checked<Value> = Result<Value, ProvisioningFault>;
type Ports = Pick<Crypto, 'sha256' | 'verify'>;

const fault = (code: string, at: string, wanted: string): Result<never, ProvisioningFault> =>
  failure({ code, at, wanted });
const atField = (file: string, field: string): string => (field === '' ? file : `${file}: ${field}`);
const ofBreak = (file: string, one: RuleBreak): Result<never, ProvisioningFault> =>
  fault(one.code, atField(file, one.at), one.wanted);
const ofRecord = (file: string, one: RecordFault): Result<never, ProvisioningFault> =>
  fault(one.code, atField(file, one.code === 'payload_malformed' ? one.at : ''), one.wanted);

function checkAuthority(
  crypto: Ports,
  authorityKey: Bytes,
  file: string,
  record: SignedRecord,
  election?: ElectionId,
): Checked<SignedRecord> {
  if (record.signer !== AUTHORITY_SUBJECT) return fault('signer_not_authority', file, AUTHORITY_SUBJECT);
  if (election !== undefined && record.election !== election) return fault('wrong_election', file, election);
  if (!verifyRecord(crypto, authorityKey, record))
    return fault('signature_invalid', file, "the authority's signature");
  return success(record);
}

function checkAuthorityFile(files: ProvisioningFiles, authorityKey: Bytes): Checked<undefined> {
  if (!enrolPublicKey(authorityKey))
    return fault('authority_key_invalid', AUTHORITY_KEY_FILE, 'an Ed25519 key of prime order');
  const file = files.get(AUTHORITY_KEY_FILE);
  if (file === undefined) return fault('file_missing', AUTHORITY_KEY_FILE, '64 hexadecimal digits');
  const text = fromUtf8(file);
  const hex = toHex(authorityKey);
  // The file is for people; what is trusted is the key that the reader was given.
  return text === hex || text === `${hex}\n`
    ? success(undefined)
    : fault('authority_key_differs', AUTHORITY_KEY_FILE, 'the key that this reader trusts');
}

export interface CheckedPackage {
  readonly election: ElectionId;
  readonly package: Package;
  readonly packageDigest: Bytes;
}

function checkPackage(files: ProvisioningFiles, crypto: Ports, authorityKey: Bytes): Checked<CheckedPackage> {
  const bytes = files.get(PACKAGE_FILE);
  if (bytes === undefined) return fault('file_missing', PACKAGE_FILE, 'the signed package');
  const parsed = parseTyped(bytes, 'package', packageShape, PACKAGE_BYTES_MAX);
  if (!parsed.ok) return ofRecord(PACKAGE_FILE, parsed.fault);
  const { record, value } = parsed.value;
  const signed = checkAuthority(crypto, authorityKey, PACKAGE_FILE, record);
  if (!signed.ok) return signed;
  const broken = packageBreaks(value)[0];
  if (broken !== undefined) return ofBreak(PACKAGE_FILE, broken);
  return success({ election: record.election, package: value, packageDigest: crypto.sha256(record.payload) });
}

function checkCandidates(
  files: ProvisioningFiles,
  crypto: Ports,
  election: Package,
): Checked<readonly CandidateList[]> {
  const lists: CandidateList[] = [];
  for (const [i, contest] of election.contests.entries()) {
    const file = candidatesFile(i);
    const bytes = files.get(file);
    if (bytes === undefined) return fault('file_missing', file, `the candidates of ${contest.id}`);
    if (!equalBytes(crypto.sha256(bytes), contest.candidatesDigest))
      return fault('digest_differs', file, `SHA-256 ${toHex(contest.candidatesDigest)}`);
    const list = decode(candidateListShape, bytes, CANDIDATE_LIST_BYTES_MAX);
    if (!list.ok) return fault('payload_malformed', atField(file, list.fault.at), list.fault.wanted);
    const broken = candidateListBreaks(contest, list.value)[0];
    if (broken !== undefined) return ofBreak(file, broken);
    lists.push(list.value);
  }
  return success(lists);
}

/** A candidate's picture, named by its own SHA-256. */
const PICTURE_FILE = /^pictures\/[0-9a-f]{64}\.(?:png|jpg)$/;
export type PictureKind = 'png' | 'jpg';
export const pictureFile = (digest: Bytes, kind: PictureKind): string => `pictures/${toHex(digest)}.${kind}`;

const MAGIC: Readonly<Record<PictureKind, readonly number[]>> = {
  png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  jpg: [0xff, 0xd8, 0xff],
};

/** By its first bytes, never by its name. */
export const pictureKind = (bytes: Bytes): PictureKind | undefined =>
  (['png', 'jpg'] as const).find((kind) => MAGIC[kind].every((byte, i) => bytes[i] === byte));

/** Every picture that a candidate list names is there and is what it names, and no other is. */
function checkPictures(
  files: ProvisioningFiles,
  crypto: Ports,
  lists: readonly CandidateList[],
): Checked<undefined> {
  const wanted = new Set<string>();
  for (const { candidates } of lists)
    for (const { pictureDigest } of candidates)
      if (pictureDigest !== undefined) wanted.add(toHex(pictureDigest));
  const present = new Set<string>();
  for (const [file, bytes] of files) {
    if (!PICTURE_FILE.test(file)) continue;
    const digest = toHex(crypto.sha256(bytes));
    const kind = pictureKind(bytes);
    if (bytes.length > PICTURE_BYTES_MAX)
      return fault('too_long', file, `at most ${PICTURE_BYTES_MAX} bytes`);
    if (kind === undefined || file !== `pictures/${digest}.${kind}`)
      return fault('digest_differs', file, 'a PNG or JPEG picture under its own SHA-256');
    if (!wanted.has(digest)) return fault('picture_unknown', file, 'a picture that a candidate list names');
    present.add(digest);
  }
  for (const digest of wanted)
    if (!present.has(digest)) return fault('file_missing', `pictures/${digest}`, "a candidate's picture");
  return success(undefined);
}

/** Head of the item at an index, as the package demands it. */
function headsOf(election: Package, lists: readonly CandidateList[]): readonly Bytes[] {
  const bits = new Uint8Array(0);
  const heads = FIXED_ITEMS.map((kind) => encodeRasterItem({ kind, contest: 0, index: 0, code: '', bits }));
  election.contests.forEach((_, contest) => {
    heads.push(encodeRasterItem({ kind: 'contest_title', contest, index: 0, code: '', bits }));
  });
  lists.forEach((list, contest) => {
    list.candidates.forEach(({ code }, index) => {
      heads[candidateItemIndex(election, contest, index)] = encodeRasterItem({
        kind: 'candidate',
        contest,
        index,
        code,
        bits,
      });
    });
  });
  return heads;
}

function checkRasters(
  files: ProvisioningFiles,
  election: Package,
  lists: readonly CandidateList[],
): Checked<Bytes> {
  const bytes = files.get(RASTERS_FILE);
  if (bytes === undefined) return fault('file_missing', RASTERS_FILE, 'the names that the box prints');
  const itemBytes = rasterItemBytes(election.rasters);
  const wantedBytes = itemBytes * election.rasters.count;
  if (bytes.length !== wantedBytes)
    return fault('length_differs', RASTERS_FILE, `${wantedBytes} bytes, ${bytes.length} are there`);
  const heads = headsOf(election, lists);
  const tree = new MerkleRoot();
  for (const [i, head] of heads.entries()) {
    const item = bytes.subarray(i * itemBytes, (i + 1) * itemBytes);
    if (!equalBytes(item.subarray(0, RASTER_HEAD_BYTES), head))
      return fault('raster_head_differs', `${RASTERS_FILE}: items[${i}]`, `the head ${toHex(head)}`);
    tree.add(item);
  }
  return equalBytes(tree.root(), election.rasters.root)
    ? success(bytes)
    : fault('root_differs', RASTERS_FILE, `the Merkle root ${toHex(election.rasters.root)}`);
}

/** Bytewise order of ids, the order of the Merkle tree over station payloads. */
export const compareIds = (a: string, b: string): number => compareBytes(utf8(a), utf8(b));

/** One station's entry under the authority's signature, by the path of its file in the folder. */
export function checkStationFile(
  crypto: Ports,
  authorityKey: Bytes,
  election: ElectionId,
  file: string,
  bytes: Bytes,
): Checked<{ readonly station: Station; readonly payload: Bytes }> {
  const parsed = parseTyped(bytes, 'station', stationShape, STATION_BYTES_MAX);
  if (!parsed.ok) return ofRecord(file, parsed.fault);
  const { record, value } = parsed.value;
  const signed = checkAuthority(crypto, authorityKey, file, record, election);
  if (!signed.ok) return signed;
  if (file !== stationFile(value.id))
    return fault('file_name_differs', file, `the name ${stationFile(value.id)}`);
  const broken = stationBreaks(value)[0];
  if (broken !== undefined) return ofBreak(file, broken);
  return success({ station: value, payload: record.payload });
}

/** As many entries as the package says. */
export function checkStationsCount(election: Package, count: number): Checked<undefined> {
  const wanted = election.stationsCount;
  return count === wanted && wanted <= STATIONS_MAX
    ? success(undefined)
    : fault('stations_count', 'stations/', `${wanted} files, ${count} are there`);
}

/** @param root over the payloads in the order of the stations' ids */
export const checkStationsRoot = (election: Package, root: Bytes): Checked<undefined> =>
  equalBytes(root, election.stationsRoot)
    ? success(undefined)
    : fault('root_differs', 'stations/', `the Merkle root ${toHex(election.stationsRoot)}`);

function checkStations(
  files: ProvisioningFiles,
  crypto: Ports,
  authorityKey: Bytes,
  checked: CheckedPackage,
): Checked<ReadonlyMap<StationId, Station>> {
  const names = [...files.keys()].filter((name) => name.startsWith('stations/'));
  const counted = checkStationsCount(checked.package, names.length);
  if (!counted.ok) return counted;
  const found: { readonly station: Station; readonly payload: Bytes }[] = [];
  for (const file of names) {
    const entry = checkStationFile(crypto, authorityKey, checked.election, file, files.get(file) as Bytes);
    if (!entry.ok) return entry;
    found.push(entry.value);
  }
  found.sort((a, b) => compareIds(a.station.id, b.station.id));
  const root = checkStationsRoot(checked.package, merkleRoot(found.map(({ payload }) => payload)));
  if (!root.ok) return root;
  return success(new Map(found.map(({ station }) => [station.id as StationId, station])));
}

/** Which stations the package has: a map of their entries, or the set of their ids. */
type StationIds = { has(id: StationId): boolean };

function amendmentBreak(
  checked: CheckedPackage,
  stations: StationIds,
  amendment: Amendment,
  sequence: number,
): RuleBreak | undefined {
  if (!equalBytes(amendment.packageDigest, checked.packageDigest))
    return { code: 'package_differs', at: 'packageDigest', wanted: toHex(checked.packageDigest) };
  if (amendment.sequence !== sequence)
    return { code: 'sequence_broken', at: 'sequence', wanted: `${sequence}` };
  const { change } = amendment;
  switch (change.kind) {
    case 'candidate_withdrawn': {
      const contest = checked.package.contests[change.contest];
      if (contest === undefined)
        return { code: 'contest_unknown', at: 'change.contest', wanted: 'a contest of the package' };
      if (change.candidate >= contest.candidatesCount)
        return {
          code: 'candidate_unknown',
          at: 'change.candidate',
          wanted: `below ${contest.candidatesCount}`,
        };
      return undefined;
    }
    case 'hours_changed':
      return change.closesAt > checked.package.settings.opensAt
        ? undefined
        : { code: 'hours_reversed', at: 'change.closesAt', wanted: 'later than opensAt' };
    case 'station_replaced': {
      if (!stations.has(change.station.id as StationId))
        return { code: 'station_unknown', at: 'change.station.id', wanted: 'a station of the package' };
      const broken = stationBreaks(change.station)[0];
      return broken === undefined ? undefined : { ...broken, at: `change.station.${broken.at}` };
    }
  }
}

export function checkAmendments(
  files: ProvisioningFiles,
  crypto: Ports,
  authorityKey: Bytes,
  checked: CheckedPackage,
  stations: StationIds,
): Checked<readonly CheckedAmendment[]> {
  const names = [...files.keys()].filter((name) => name.startsWith('amendments/'));
  if (names.length > AMENDMENTS_MAX)
    return fault('amendments_count', 'amendments/', `at most ${AMENDMENTS_MAX} files`);
  const amendments: CheckedAmendment[] = [];
  for (let sequence = 1; sequence <= names.length; sequence++) {
    const file = amendmentFile(sequence);
    const bytes = files.get(file);
    if (bytes === undefined)
      return fault('sequence_broken', file, 'this amendment: later ones are there, it is not');
    const parsed = parseTyped(bytes, 'amendment', amendmentShape, STATION_BYTES_MAX + SMALL_RECORD_BYTES_MAX);
    if (!parsed.ok) return ofRecord(file, parsed.fault);
    const { record, value } = parsed.value;
    const signed = checkAuthority(crypto, authorityKey, file, record, checked.election);
    if (!signed.ok) return signed;
    const broken = amendmentBreak(checked, stations, value, sequence);
    if (broken !== undefined) return ofBreak(file, broken);
    amendments.push({ amendment: value, digest: crypto.sha256(record.payload) });
  }
  return success(amendments);
}

/** A provisioning folder but for its stations and amendments. */
export type CheckedFolder = Omit<Provisioning, 'stations' | 'amendments'>;

/**
 * Everything of a provisioning folder that is there once: all but stations and amendments.
 * @param pictures `apart`: the reader looks at the pictures one by one, where it shows them at all; a station opens
 * without a portrait, but publishes and verifies nothing
 */
export function checkFolder(
  files: ProvisioningFiles,
  crypto: Ports,
  authorityKey: Bytes,
  pictures: 'with_the_rest' | 'apart' = 'with_the_rest',
): Checked<CheckedFolder> {
  const authority = checkAuthorityFile(files, authorityKey);
  if (!authority.ok) return authority;
  const checked = checkPackage(files, crypto, authorityKey);
  if (!checked.ok) return checked;
  const lists = checkCandidates(files, crypto, checked.value.package);
  if (!lists.ok) return lists;
  if (pictures === 'with_the_rest') {
    const all = checkPictures(files, crypto, lists.value);
    if (!all.ok) return all;
  }
  const { election, package: signed } = checked.value;
  const law = checkLawFile(crypto, files.get(LAW_FILE), election, signed, lists.value);
  if (!law.ok) return law;
  const rasters = checkRasters(files, signed, lists.value);
  if (!rasters.ok) return rasters;
  return success({
    ...checked.value,
    authorityKey,
    candidateLists: lists.value,
    law: law.value,
    rasters: rasters.value,
  });
}

/** Checks a whole provisioning folder under the authority key that the reader was given. */
export function checkProvisioning(
  files: ProvisioningFiles,
  crypto: Ports,
  authorityKey: Bytes,
  pictures: 'with_the_rest' | 'apart' = 'with_the_rest',
): Checked<Provisioning> {
  const folder = checkFolder(files, crypto, authorityKey, pictures);
  if (!folder.ok) return folder;
  const stations = checkStations(files, crypto, authorityKey, folder.value);
  if (!stations.ok) return stations;
  const amendments = checkAmendments(files, crypto, authorityKey, folder.value, stations.value);
  if (!amendments.ok) return amendments;
  return success({ ...folder.value, stations: stations.value, amendments: amendments.value });
}

/** A file name that a provisioning folder may have; anything else in the folder is none of ours and is not read. */
export function isProvisioningFile(name: string): boolean {
  if ([AUTHORITY_KEY_FILE, PACKAGE_FILE, RASTERS_FILE, LAW_FILE].includes(name)) return true;
  if (/^candidates-[0-7]\.cbor$/.test(name) || /^amendments\/[0-9]{4}\.cose$/.test(name)) return true;
  if (PICTURE_FILE.test(name)) return true;
  const station = /^stations\/([^/]+)\.cose$/.exec(name)?.[1];
  return station !== undefined && parseStationId(station) !== undefined;
}

/** Amendments that are in force at a time (epoch seconds). */
export const amendmentsInForce = (
  provisioning: Provisioning,
  atSeconds: number,
): readonly CheckedAmendment[] =>
  provisioning.amendments.filter(({ amendment }) => amendment.effectiveAt <= atSeconds);

/** The station's entry with the replacements of the given amendments. */
export function stationUnder(
  provisioning: Provisioning,
  amendments: readonly CheckedAmendment[],
  id: StationId,
): Station | undefined {
  let station = provisioning.stations.get(id);
  for (const { amendment } of amendments)
    if (amendment.change.kind === 'station_replaced' && amendment.change.station.id === id)
      station = amendment.change.station;
  return station;
}

/** The settings with the changed hours of the given amendments. */
export function settingsUnder(provisioning: Provisioning, amendments: readonly CheckedAmendment[]): Settings {
  let settings = provisioning.package.settings;
  for (const { amendment } of amendments)
    if (amendment.change.kind === 'hours_changed')
      settings = {
        ...settings,
        closesAt: amendment.change.closesAt,
        openMinutesMin: amendment.change.openMinutesMin,
      };
  return settings;
}

/** Candidate indexes of a contest that the given amendments withdrew. */
export const withdrawnUnder = (
  amendments: readonly CheckedAmendment[],
  contest: number,
): ReadonlySet<number> =>
  new Set(
    amendments.flatMap(({ amendment: { change } }) =>
      change.kind === 'candidate_withdrawn' && change.contest === contest ? [change.candidate] : [],
    ),
  );

const enrolledStations = new WeakSet<Station>();

/** Says of an entry that all its keys were checked already, by another thread of the same process. */
export const markEnrolled = (station: Station): void => {
  enrolledStations.add(station);
};

/** Checking a station's dozen keys costs more than its signatures: verdicts are kept as long as the entry. */
const soundKeys = new WeakMap<Station, Map<Bytes, boolean>>();

function keyHolds(station: Station, key: Bytes): boolean {
  if (enrolledStations.has(station)) return true;
  const known = soundKeys.get(station) ?? new Map<Bytes, boolean>();
  soundKeys.set(station, known);
  const before = known.get(key);
  if (before !== undefined) return before;
  const holds = enrolPublicKey(key);
  known.set(key, holds);
  return holds;
}

/** Whom to believe about one station: the authority, the province's intake, the station's devices and role cards. */
export function stationDirectory(
  provisioning: Pick<Provisioning, 'authorityKey' | 'package'>,
  station: Station,
): KeyDirectory {
  const { authorityKey, package: signed } = provisioning;
  return {
    lookup(subject, purpose) {
      if (subject === AUTHORITY_SUBJECT || subject === INTAKE_SUBJECT) {
        const isAuthority = subject === AUTHORITY_SUBJECT;
        if (purpose !== (isAuthority ? 'authority' : 'intake'))
          return failure({ code: 'purpose_not_allowed', subject });
        const key = isAuthority ? authorityKey : signed.intakeKey;
        return enrolPublicKey(key) ? success(key) : failure({ code: 'key_invalid', subject });
      }
      let isKnown = false;
      // A dozen entries: looking through them costs less than a map that is made for every slip.
      for (const device of station.devices) {
        if (device.subject !== subject) continue;
        isKnown = true;
        if (device.purpose === purpose)
          return keyHolds(station, device.key)
            ? success(device.key)
            : failure({ code: 'key_invalid', subject });
      }
      for (const role of station.roles) {
        if (role.subject !== subject) continue;
        isKnown = true;
        if (purpose === 'role')
          return keyHolds(station, role.key) ? success(role.key) : failure({ code: 'key_invalid', subject });
      }
      return failure({ code: isKnown ? 'purpose_not_allowed' : 'subject_unknown', subject });
    },
  };
}
