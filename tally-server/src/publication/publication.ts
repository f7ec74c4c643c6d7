/**
 * What is published, as a folder of static files: the provisioning files, every bundle and receipt as they came, the
 * sums and the outcome made from them, and the bulletin. Whoever has the folder can make all of it again.
 */
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Bytes,
  failure,
  outcomeOf,
  type Provisioning,
  type Result,
  success,
  utf8,
} from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import {
  BULLETIN_MIGRATIONS,
  type Bulletin,
  createBulletin,
  type PublishedBulletin,
} from '../bulletin/log.ts';
import { openDatabase } from '../database/database.ts';
import { fileDigests } from '../elections/elections.ts';
import {
  readProvisioning,
  readProvisioningFiles,
  syncFileSystem,
  writeFileDurably,
} from '../elections/folder.ts';
import { intakeKeyPath, keyInFile } from '../elections/keys.ts';
import { type HeldSlip, lawSlips } from '../intake/held.ts';
import { INTAKE_MIGRATIONS, type IntakeStore, intakeStore } from '../intake/store.ts';
import { judgeStored } from '../intake/stored.ts';
import { electionJson, stationsJson, totalsJson } from '../totals/json.ts';
import { totalsCsv } from './csv.ts';
import { isPacked, keepStationPacks, stationPacksFolder, writePacks } from './packs.ts';
import {
  isVotingOver,
  PUBLICATION_RULES_DEFAULT,
  type PublicationRules,
  signaturesMissing,
} from './release.ts';
import { createPublications, PUBLICATION_MIGRATIONS, type Publications } from './revisions.ts';

export interface PublicationOrder {
  /** the server's data folder; the server may be running */
  readonly dataFolder: string;
  readonly election: string;
  readonly authorityKey: Bytes;
  /** the law of publication; the default where it is left out */
  readonly rules?: PublicationRules;
  /** epoch seconds: what may be public is judged then; where it is left out, when the last slip was received */
  readonly nowSeconds?: number;
}

export interface Published {
  readonly slips: number;
  readonly missing: number;
  /** path in the folder → SHA-256, hexadecimal: the content of `index.json` */
  readonly files: Readonly<Record<string, string>>;
}

export interface PublicationFault {
  readonly code: string;
  readonly at: string;
  readonly wanted: string;
}

/** Everything of a revision as files: results in their three forms, cross-tables, and the log of all revisions. */
export function resultsDocuments(
  publications: Pick<Publications, 'current' | 'revisions'>,
  provisioning: Provisioning,
): ReadonlyMap<string, Bytes> {
  // A nation in one package is larger than one text may be; its sums are in totals.json and totals.csv.
  if (isPacked(provisioning.stations.size)) return new Map();
  const { json, csv, nist, crossTables } = publications.current(provisioning);
  const { election } = provisioning;
  return new Map([
    ['results.json', utf8(json)],
    ['results.csv', utf8(csv)],
    ['results.nist.json', utf8(nist)],
    ['cross-tables.json', jsonBytes(crossTables)],
    ['revisions.json', jsonBytes({ election, revisions: publications.revisions(election) })],
  ]);
}

/** A running server may take in a slip while the sums are made: then they are made again. */
const ATTEMPTS_MAX = 5;
const PARTS = ['package', 'slips', 'receipts', 'corrections', 'bulletin', 'packs'];
export const INDEX_FILE = 'index.json';
const TOTALS_TABLE = 'totals.csv';
export const databasePath = (dataFolder: string): string => join(dataFolder, 'province.sqlite');
export const bulletinFolder = (dataFolder: string): string => join(dataFolder, 'bulletin');

const jsonBytes = (value: unknown): Bytes => utf8(`${JSON.stringify(value, null, 1)}\n`);

/** The names under which a version of a station's result and its receipt are published. */
export const bundleName = (station: string, version: number): string =>
  version > 1 ? `corrections/${station}.${version}.bundle` : `slips/${station}.bundle`;
export const receiptName = (station: string, version: number): string =>
  `receipts/${station}${version > 1 ? `.${version}` : ''}.cose`;

/** The files that are made from the slips: sums, standings and the outcome of the law. Pure. */
export function documentsOf(
  provisioning: Provisioning,
  held: readonly HeldSlip[],
): ReadonlyMap<string, Bytes> {
  const files = new Map<string, Bytes>();
  files.set('totals.json', jsonBytes(totalsJson(provisioning, held)));
  files.set('stations.json', jsonBytes(stationsJson(provisioning, held)));
  files.set(TOTALS_TABLE, totalsCsv(provisioning, held));
  if (provisioning.law !== undefined) {
    const outcome = outcomeOf(provisioning, lawSlips(provisioning, held), null);
    if (outcome.ok) files.set('outcome.json', utf8(`${JSON.stringify(outcome.value)}\n`));
  }
  return files;
}

/** One version of a station's result, by name: `s00001 1`. */
export type VersionName = string;
const versionName = (station: string, version: number): VersionName => `${station} ${version}`;
export const versionsOf = (held: readonly HeldSlip[]): readonly VersionName[] =>
  held.flatMap(({ station, versions }) => versions.map(({ version }) => versionName(station, version)));

/** As `toHex`: Node's own, for a nation's digests. */
const hexOf = ({ buffer, byteOffset, length }: Bytes): string =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, length).toString('hex');

/** A publication whose every byte is decided and whose entry is in the bulletin; only its files are to be written. */
export interface PreparedPublication {
  readonly provisioning: Provisioning;
  readonly documents: ReadonlyMap<string, Bytes>;
  readonly bulletin: PublishedBulletin;
  readonly published: Published;
}

export interface Preparation {
  readonly provisioning: Provisioning;
  readonly held: readonly HeldSlip[];
  /** names of a provisioning folder → SHA-256, hexadecimal */
  readonly packageDigests: ReadonlyMap<string, string>;
  readonly bulletin: Bulletin;
  /** further files, bound by the index */
  readonly results: ReadonlyMap<string, Bytes>;
  /** Writes a long document elsewhere, its buffer with it: then it is not among those that are still to be written. */
  readonly handOver?: (name: string, bytes: Bytes) => void;
}

/**
 * Decides a publication in one step, with its entry in the bulletin.
 * @returns undefined where another process took in a slip meanwhile: the sums would not be those of the bulletin
 */
export function preparePublication(order: Preparation): PreparedPublication | undefined {
  const { provisioning, held, packageDigests, bulletin, results } = order;
  const documents = new Map([...documentsOf(provisioning, held), ...results]);
  const digests: Record<string, string> = {};
  for (const { station, versions } of held)
    for (const { version, bundleDigest, receiptDigest } of versions) {
      digests[bundleName(station, version)] = hexOf(bundleDigest);
      digests[receiptName(station, version)] = hexOf(receiptDigest);
    }
  for (const [name, bytes] of documents) digests[name] = hexOf(nodeCrypto.sha256(bytes));
  const longest = documents.get(TOTALS_TABLE);
  if (longest !== undefined && order.handOver !== undefined) {
    order.handOver(TOTALS_TABLE, longest);
    documents.delete(TOTALS_TABLE);
  }
  for (const [name, digest] of packageDigests) digests[`package/${name}`] = digest;
  const index = jsonBytes({ ...electionJson(provisioning), files: digests });
  documents.set(INDEX_FILE, index);
  const versions = held.reduce((sum, slip) => sum + slip.versions.length, 0);
  const { election } = provisioning;
  const log = bulletin.publish({ election, index, versions, at: lastReceived(held) });
  if (log === undefined) return undefined;
  return {
    provisioning,
    documents,
    bulletin: log,
    published: {
      slips: held.length,
      missing: provisioning.stations.size - held.length,
      files: digests,
    },
  };
}

const lastReceived = (held: readonly HeldSlip[]): number =>
  held.reduce(
    (last, slip) => slip.versions.reduce((latest, { receivedAt }) => Math.max(latest, receivedAt), last),
    0,
  );

/** The folder shows every slip that the bulletin has: until all may be public there is none. */
function notYetPublic(
  rules: PublicationRules,
  provisioning: Provisioning,
  nowSeconds: number,
  held: readonly HeldSlip[],
): PublicationFault | undefined {
  if (held.length > 0 && !isVotingOver(provisioning, nowSeconds))
    return { code: 'slip_not_public', at: 'slips', wanted: 'the end of voting' };
  for (const slip of held) {
    const missing = signaturesMissing(rules, slip);
    if (missing.length > 0)
      return { code: 'slip_not_public', at: `slips/${slip.station}.bundle`, wanted: missing.join(', ') };
  }
  return undefined;
}

/**
 * Writes a publication into a folder, over an earlier one if there is one; other files there are left alone. Judges
 * every slip anew, on this thread.
 */
export function writePublication(
  folder: string,
  order: PublicationOrder,
): Result<Published, PublicationFault> {
  const source = join(order.dataFolder, 'elections', order.election);
  const provisioning = readProvisioning(source, order.authorityKey);
  if (!provisioning.ok) return provisioning;
  const files = readProvisioningFiles(source);
  if (!files.ok) return files;
  const database = openDatabase(databasePath(order.dataFolder), [
    INTAKE_MIGRATIONS,
    BULLETIN_MIGRATIONS,
    PUBLICATION_MIGRATIONS,
  ]);
  try {
    const store = intakeStore(database);
    const bulletin = createBulletin({
      database,
      folder: bulletinFolder(order.dataFolder),
      secretKey: keyInFile(intakeKeyPath(order.dataFolder)).secretKey,
    });
    let prepared: PreparedPublication | undefined;
    let versions: readonly VersionName[] = [];
    for (let attempt = 0; prepared === undefined; attempt++) {
      if (attempt === ATTEMPTS_MAX) throw new Error('slips came in faster than they could be published');
      const held = judgeStored(store, nodeCrypto, provisioning.value);
      const rules = order.rules ?? PUBLICATION_RULES_DEFAULT;
      const now = order.nowSeconds ?? lastReceived(held);
      const open = notYetPublic(rules, provisioning.value, now, held);
      if (open !== undefined) return failure(open);
      bulletin.open(provisioning.value, () =>
        held.flatMap(({ station, versions }) => versions.map((one) => ({ station, ...one }))),
      );
      const packageDigests = fileDigests(files.value);
      const publications = createPublications({ database, rules, held: () => held, now: () => now });
      versions = versionsOf(held);
      prepared = preparePublication({
        provisioning: provisioning.value,
        held,
        packageDigests,
        bulletin,
        results: resultsDocuments(publications, provisioning.value),
      });
    }
    const making = beginFolder(folder);
    writeVersions(making, store, order.election, versions, isPacked(provisioning.value.stations.size));
    finishFolder(folder, source, prepared);
    return success(prepared.published);
  } finally {
    database.close();
  }
}

/** @returns the folder beside the place in which the publication is made */
export function beginFolder(folder: string): string {
  const making = join(folder, '.making');
  rmSync(making, { recursive: true, force: true });
  for (const part of PARTS) mkdirSync(join(making, part), { recursive: true });
  return making;
}

interface PublishedFile {
  readonly path: string;
  readonly bytes: Bytes;
}

/** Station by station, the bundles and receipts of the versions that are published. */
function* filesOf(
  store: IntakeStore,
  election: string,
  versions: readonly VersionName[],
): Generator<readonly PublishedFile[]> {
  const wanted = new Set(versions);
  let of = '';
  let files: PublishedFile[] = [];
  for (const { station, version, bundle, receipt } of store.published(election)) {
    if (!wanted.delete(versionName(station, version))) continue;
    if (station !== of && files.length > 0) {
      yield files;
      files = [];
    }
    of = station;
    files.push(
      { path: bundleName(station, version), bytes: bundle },
      { path: receiptName(station, version), bytes: receipt },
    );
  }
  if (files.length > 0) yield files;
  if (wanted.size > 0) throw new Error(`${wanted.size} versions are no longer in the store`);
}

/** The bytes of every version as they came, one file each or in packs. */
export function writeVersions(
  making: string,
  store: IntakeStore,
  election: string,
  versions: readonly VersionName[],
  inPacks: boolean,
): void {
  const stations = filesOf(store, election, versions);
  if (inPacks) writePacks(making, 'slips', stations);
  else
    for (const files of stations)
      for (const { path, bytes } of files) writeFileSync(join(making, path), bytes);
}

/** A file of the province's own copy is never changed in place: where it can, the publication shares it. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** The rest, synced to the disk as a whole, and moved in part by part, the index last: without it there is no publication. */
export function finishFolder(folder: string, source: string, prepared: PreparedPublication): void {
  const making = join(folder, '.making');
  const folders = new Set<string>();
  const write = (name: string, bytes: Bytes): void => {
    const of = dirname(join(making, name));
    if (!folders.has(of)) mkdirSync(of, { recursive: true });
    folders.add(of);
    writeFileSync(join(making, name), bytes);
  };
  for (const part of ['stations', 'amendments'])
    mkdirSync(join(making, 'package', part), { recursive: true });
  const { stations } = prepared.provisioning;
  const inPacks = isPacked(stations.size);
  for (const name of Object.keys(prepared.published.files))
    if (name.startsWith('package/') && !(inPacks && name.startsWith('package/stations/')))
      linkOrCopy(join(source, name.slice('package/'.length)), join(making, name));
  if (inPacks) {
    keepStationPacks(source, stations.keys());
    const packs = join(stationPacksFolder(source), 'packs');
    mkdirSync(join(making, 'packs'), { recursive: true });
    for (const pack of readdirSync(packs)) linkOrCopy(join(packs, pack), join(making, 'packs', pack));
  }
  for (const [name, bytes] of prepared.documents) write(name, bytes);
  for (const [name, bytes] of prepared.bulletin.files) write(`bulletin/${name}`, bytes);
  for (const part of ['package/stations', 'package/amendments', ...PARTS])
    if (readdirSync(join(making, part)).length === 0) rmSync(join(making, part), { recursive: true });
  // One sync of the file system instead of two hundred thousand of files. Where the tool is missing nothing is lost
  // but the promise about a power cut: the verifier would name what is.
  syncFileSystem(making);
  const index = join(folder, INDEX_FILE);
  rmSync(index, { force: true });
  // Of an earlier publication nothing may stay behind, a correction least of all.
  for (const part of PARTS) rmSync(join(folder, part), { recursive: true, force: true });
  for (const entry of readdirSync(making)) {
    if (entry === INDEX_FILE) continue;
    rmSync(join(folder, entry), { recursive: true, force: true });
    renameSync(join(making, entry), join(folder, entry));
  }
  if (!prepared.documents.has('outcome.json') && existsSync(join(folder, 'outcome.json')))
    rmSync(join(folder, 'outcome.json'));
  writeFileDurably(index, prepared.documents.get(INDEX_FILE) as Bytes);
  rmSync(making, { recursive: true });
}
