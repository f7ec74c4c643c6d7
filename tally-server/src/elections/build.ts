/**
 * From a checked definition and the stations' enrolments to the signed files of a provisioning folder. What is
 * built is read back by the reader that stations use, before it is given out.
 */
import {
  AUTHORITY_KEY_FILE,
  AUTHORITY_SUBJECT,
  type Bytes,
  CANDIDATE_LIST_BYTES_MAX,
  candidatesFile,
  checkProvisioning,
  compareIds,
  concatBytes,
  type ElectionId,
  encode,
  encodeRasterItem,
  enrolPublicKey,
  failure,
  LAW_FILE,
  lawFileBytes,
  merkleRoot,
  PACKAGE_BYTES_MAX,
  PACKAGE_FILE,
  PICTURE_BYTES_MAX,
  type ProvisioningFault,
  type ProvisioningFiles,
  pictureFile,
  pictureKind,
  RASTERS_FILE,
  type RasterItem,
  type Result,
  records,
  STATION_BYTES_MAX,
  STATIONS_MAX,
  signRecord,
  stationBreaks,
  stationFile,
  success,
  toHex,
  utf8,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { textOf } from '../texts.ts';
import type { ElectionDefinition } from './definition.ts';
import { rasteriseNames } from './rasterise.ts';

/** A station as its devices and cards enrolled it: the unsigned Station record. */
export type StationEnrolment = records.Station;

export interface ProvisioningOrder {
  readonly definition: ElectionDefinition;
  /** Ed25519 seed; used here and not kept */
  readonly authoritySecretKey: Bytes;
  readonly intakePublicKey: Bytes;
  readonly stations: readonly StationEnrolment[];
  /** the pictures that the definition names: file name → content; none where it names none */
  readonly pictures?: ReadonlyMap<string, Bytes>;
}

type Built<Value> = Result<Value, ProvisioningFault>;

const fault = (code: string, at: string, wanted: string): Result<never, ProvisioningFault> =>
  failure({ code, at, wanted });

function candidateLists({ definition, pictures }: ProvisioningOrder): readonly records.CandidateList[] {
  return definition.contests.map((contest) => ({
    contest: contest.id,
    candidates: contest.candidates.map(({ code, name, list, picture }) => {
      const bytes = picture === undefined ? undefined : pictures?.get(picture);
      return {
        code,
        name,
        ...(list === undefined ? {} : { list }),
        ...(bytes === undefined ? {} : { pictureDigest: nodeCrypto.sha256(bytes) }),
      };
    }),
  }));
}

/** Each picture under its own digest; two candidates may share one file. */
function addPictures(
  files: Map<string, Bytes>,
  { definition, pictures }: ProvisioningOrder,
): Built<undefined> {
  for (const [i, contest] of definition.contests.entries())
    for (const [k, { picture }] of contest.candidates.entries()) {
      if (picture === undefined) continue;
      const at = `contests[${i}].candidates[${k}].picture`;
      const bytes = pictures?.get(picture);
      const kind = bytes === undefined ? undefined : pictureKind(bytes);
      if (bytes === undefined) return fault('file_missing', at, `the picture ${picture}`);
      if (kind === undefined || bytes.length > PICTURE_BYTES_MAX)
        return fault('picture_malformed', at, `PNG or JPEG of at most ${PICTURE_BYTES_MAX} bytes`);
      files.set(pictureFile(nodeCrypto.sha256(bytes), kind), bytes);
    }
  return success(undefined);
}

/** Items in the order of rasters.ts: labels, contests' titles, candidates. */
function rasterItems(definition: ElectionDefinition): readonly Bytes[] {
  type Label = Omit<RasterItem, 'bits'> & { readonly text: string };
  const fixed = { contest: 0, index: 0, code: '' };
  const labels: readonly Label[] = [
    { kind: 'election_title', text: definition.title.fa, ...fixed },
    { kind: 'watermark_rehearsal', text: textOf('fa', 'raster.watermark_rehearsal'), ...fixed },
    { kind: 'blank_vote', text: textOf('fa', 'raster.blank_vote'), ...fixed },
    { kind: 'not_in_style', text: textOf('fa', 'raster.not_in_style'), ...fixed },
    ...definition.contests.map(
      (contest, i): Label => ({ ...fixed, kind: 'contest_title', text: contest.title.fa, contest: i }),
    ),
    ...definition.contests.flatMap((contest, i) =>
      contest.candidates.map(
        (candidate, index): Label => ({
          kind: 'candidate',
          text: candidate.name.fa,
          contest: i,
          index,
          code: candidate.code,
        }),
      ),
    ),
  ];
  const pictures = rasteriseNames(
    labels.map(({ text }) => text),
    definition.rasters,
  );
  return labels.map(({ text: _, ...label }, i) => encodeRasterItem({ ...label, bits: pictures[i] as Bytes }));
}

/** Keys are checked once, when they are enrolled: this is when. */
function keyFault(stations: readonly StationEnrolment[], intakeKey: Bytes): ProvisioningFault | undefined {
  const wanted = 'an Ed25519 key of prime order';
  if (!enrolPublicKey(intakeKey)) return { code: 'key_invalid', at: 'intakePublicKey', wanted };
  const owners = new Map<string, string>([[toHex(intakeKey), 'the intake']]);
  for (const station of stations)
    for (const { subject, key } of [...station.devices, ...station.roles]) {
      const owner = owners.get(toHex(key));
      const at = `${stationFile(station.id)}: ${subject}`;
      if (owner !== undefined)
        return { code: 'key_repeated', at, wanted: `another key than that of ${owner}` };
      owners.set(toHex(key), subject);
      if (!enrolPublicKey(key)) return { code: 'key_invalid', at, wanted };
    }
  return undefined;
}

function stationFaults(stations: readonly StationEnrolment[]): ProvisioningFault | undefined {
  if (stations.length === 0 || stations.length > STATIONS_MAX)
    return { code: 'stations_count', at: 'stations', wanted: `1 to ${STATIONS_MAX} stations` };
  const ids = new Set<string>();
  for (const station of stations) {
    if (ids.has(station.id))
      return { code: 'id_repeated', at: stationFile(station.id), wanted: 'an id of its own' };
    ids.add(station.id);
    const broken = stationBreaks(station)[0];
    if (broken !== undefined) return { ...broken, at: `${stationFile(station.id)}: ${broken.at}` };
  }
  return undefined;
}

/** A value outside its shape is a fault with its path here: an enrolment is input. */
function encoded(file: string, bytesMax: number, make: () => Bytes): Built<Bytes> {
  try {
    const bytes = make();
    return bytes.length <= bytesMax
      ? success(bytes)
      : fault('too_long', file, `at most ${bytesMax} bytes, not ${bytes.length}`);
  } catch (cause) {
    if (cause instanceof RangeError) return fault('wrong_shape', file, cause.message);
    throw cause;
  }
}

function packageOf(
  order: ProvisioningOrder,
  lists: readonly Bytes[],
  items: readonly Bytes[],
  stationPayloads: readonly Bytes[],
  law: Bytes,
): records.Package {
  const { definition } = order;
  const contestIndex = new Map(definition.contests.map((contest, i) => [contest.id, i]));
  return {
    version: definition.version,
    title: definition.title,
    demonstration: definition.demonstration,
    contests: definition.contests.map((contest, i) => ({
      id: contest.id,
      title: contest.title,
      law: contest.law,
      seats: contest.seats,
      choicesMax: contest.choicesMax,
      blankAllowed: contest.blankAllowed,
      candidatesCount: contest.candidates.length,
      candidatesDigest: nodeCrypto.sha256(lists[i] as Bytes),
      codeDigits: (contest.candidates[0] as { code: string }).code.length,
      ...(contest.thresholdPermille === undefined ? {} : { thresholdPermille: contest.thresholdPermille }),
      ...(contest.district === undefined ? {} : { district: contest.district }),
    })),
    styles: definition.styles.map(({ id, name, contests }) => ({
      id,
      name,
      contests: contests.map((contest) => contestIndex.get(contest) as number).sort((a, b) => a - b),
    })),
    settings: definition.settings,
    rasters: { root: merkleRoot(items), count: items.length, ...definition.rasters },
    stationsRoot: merkleRoot(stationPayloads),
    stationsCount: order.stations.length,
    intakeKey: order.intakePublicKey,
    lawDigest: nodeCrypto.sha256(law),
  };
}

/**
 * Builds and signs the files of a provisioning folder. Expected failures (an enrolment that is incomplete, a key
 * that is no key, a package too large for the box) are named; nothing is written.
 */
export function buildProvisioning(order: ProvisioningOrder): Built<ProvisioningFiles> {
  const election = order.definition.id as ElectionId;
  const stations = [...order.stations].sort((a, b) => compareIds(a.id, b.id));
  const wrong = stationFaults(stations) ?? keyFault(stations, order.intakePublicKey);
  if (wrong !== undefined) return failure(wrong);
  const sign = (type: 'package' | 'station', payload: Bytes): Bytes =>
    signRecord(nodeCrypto, order.authoritySecretKey, { type, election, signer: AUTHORITY_SUBJECT }, payload);

  const files = new Map<string, Bytes>();
  const authorityKey = nodeCrypto.signingPublicKey(order.authoritySecretKey);
  files.set(AUTHORITY_KEY_FILE, utf8(`${toHex(authorityKey)}\n`));
  const lists: Bytes[] = [];
  for (const [i, list] of candidateLists(order).entries()) {
    const file = candidatesFile(i);
    const bytes = encoded(file, CANDIDATE_LIST_BYTES_MAX, () => encode(records.candidateListShape, list));
    if (!bytes.ok) return bytes;
    lists.push(bytes.value);
    files.set(file, bytes.value);
  }
  const pictures = addPictures(files, order);
  if (!pictures.ok) return pictures;
  const items = rasterItems(order.definition);
  files.set(RASTERS_FILE, concatBytes(...items));
  const payloads: Bytes[] = [];
  for (const station of stations) {
    const file = stationFile(station.id);
    const payload = encoded(file, STATION_BYTES_MAX, () => encode(records.stationShape, station));
    if (!payload.ok) return payload;
    payloads.push(payload.value);
    const record = encoded(file, STATION_BYTES_MAX, () => sign('station', payload.value));
    if (!record.ok) return record;
    files.set(file, record.value);
  }
  const law = lawFileBytes(order.definition);
  if (!law.ok) return fault('law_malformed', `${LAW_FILE}: ${law.fault.path}`, law.fault.problem);
  files.set(LAW_FILE, law.value);
  const signed = encoded(PACKAGE_FILE, PACKAGE_BYTES_MAX, () =>
    sign('package', encode(records.packageShape, packageOf(order, lists, items, payloads, law.value))),
  );
  if (!signed.ok) return signed;
  files.set(PACKAGE_FILE, signed.value);
  const readBack = checkProvisioning(files, nodeCrypto, authorityKey);
  return readBack.ok ? success(files) : readBack;
}
