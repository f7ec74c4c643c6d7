/** The files that nobody signs: sums, index and names, each compared with what the signed files make of it. */
import { type Bytes, equalBytes, toHex, utf8 } from '../codec/bytes.ts';
import type { Crypto } from '../crypto/ports.ts';
import { parseStationId, type StationId } from '../records/identifiers.ts';
import { isProvisioningFile, type Provisioning } from '../records/provisioning.ts';
import {
  BULLETIN_FOLDER,
  type Faults,
  INDEX_FILE,
  OUTCOME_FILE,
  PACKAGE_FOLDER,
  PUBLISHER,
  type PublicationReader,
  receiptFile,
  STATIONS_FILE,
  slipFile,
  TOTALS_CSV_FILE,
  TOTALS_FILE,
} from './publication.ts';
import { differences, jsonFile, readJson } from './published-json.ts';
import { electionHead, type Standings, totalsCsv } from './published-sums.ts';

export interface FilesOrder {
  readonly reader: PublicationReader;
  readonly crypto: Pick<Crypto, 'sha256'>;
}

/** Differences of one file beyond these are not spelled out. */
const DIFFERENCES_MAX = 10;

/** The file must be exactly what was made again; otherwise its first differences are faults. */
export function checkJson(
  order: FilesOrder,
  faults: Faults,
  file: string,
  wanted: object,
  write: (value: unknown) => Bytes = jsonFile,
): void {
  const bytes = order.reader.read(file);
  if (bytes === undefined) {
    faults.add('file_missing', file, '', PUBLISHER, 'this file of a publication');
    return;
  }
  // As a rule it is byte for byte what the slips make; only where it is not it is read to name the place.
  if (equalBytes(write(wanted), bytes)) return;
  const found = readJson(bytes, write);
  if (found === undefined) {
    faults.add('json_malformed', file, '', PUBLISHER, 'JSON exactly as the province writes it');
    return;
  }
  // Through JSON once, so that both sides have the same idea of what is absent.
  const plain: unknown = JSON.parse(JSON.stringify(wanted));
  for (const { at, wanted: text } of differences(plain, found.value, DIFFERENCES_MAX))
    faults.add('totals_differ', file, at, PUBLISHER, text);
}

export function checkCsv(
  order: FilesOrder,
  faults: Faults,
  provisioning: Provisioning,
  standings: Standings,
): void {
  const bytes = order.reader.read(TOTALS_CSV_FILE);
  if (bytes === undefined) {
    faults.add('file_missing', TOTALS_CSV_FILE, '', PUBLISHER, 'the totals as CSV');
    return;
  }
  const wanted = utf8(totalsCsv(provisioning, standings));
  if (equalBytes(bytes, wanted)) return;
  let line = 1;
  for (let i = 0; i < wanted.length && bytes[i] === wanted[i]; i++) if (wanted[i] === 0x0a) line++;
  faults.add('totals_differ', TOTALS_CSV_FILE, `line ${line}`, PUBLISHER, 'the sums of the slips');
}

/** The index: its head, and the digest of every file but itself and the bulletin, none more and none fewer. */
export function checkIndex(order: FilesOrder, faults: Faults, provisioning: Provisioning): readonly string[] {
  const { reader, crypto } = order;
  const bytes = reader.read(INDEX_FILE);
  const own = (code: string, at: string, wanted: string): void =>
    faults.add(code, INDEX_FILE, at, PUBLISHER, wanted);
  if (bytes === undefined) own('file_missing', '', 'the digests of all files');
  const found = bytes === undefined ? undefined : readJson(bytes);
  if (bytes !== undefined && found === undefined)
    own('json_malformed', '', 'JSON exactly as the province writes it');
  const { files, ...head } = (found?.value ?? {}) as { readonly files?: unknown };
  const digests = typeof files === 'object' && files !== null ? (files as Record<string, unknown>) : {};
  if (found !== undefined)
    for (const { at, wanted } of differences(electionHead(provisioning), head, DIFFERENCES_MAX))
      own('totals_differ', at, wanted);
  const bound: string[] = [];
  const names = reader.names().filter((name) => name !== INDEX_FILE && !name.startsWith(BULLETIN_FOLDER));
  for (const name of found === undefined ? [] : names) {
    const content = reader.read(name);
    const wanted = Object.hasOwn(digests, name) ? digests[name] : undefined;
    if (wanted === undefined) faults.add('file_unknown', name, '', PUBLISHER, 'a file that the index names');
    else if (content === undefined || toHex(crypto.sha256(content)) !== wanted)
      faults.add('digest_differs', name, '', PUBLISHER, `SHA-256 ${String(wanted).slice(0, 64)}`);
    else if (!isKnown(name)) bound.push(name);
  }
  const present = new Set(names);
  for (const name of Object.keys(digests))
    if (!present.has(name))
      faults.add('file_missing', name, '', PUBLISHER, 'this file, which the index names');
  return bound;
}

function isKnown(name: string): boolean {
  if ([TOTALS_FILE, STATIONS_FILE, TOTALS_CSV_FILE, OUTCOME_FILE].includes(name)) return true;
  if (name.startsWith(PACKAGE_FOLDER)) return isProvisioningFile(name.slice(PACKAGE_FOLDER.length));
  return stationOf(name) !== undefined;
}

/** Whose file it is, by its name, under slips/, receipts/ and corrections/. */
function stationOf(name: string): string | undefined {
  const [, station] =
    /^slips\/([^/.]+)\.bundle$/.exec(name) ??
    /^receipts\/([^/.]+)(?:\.[1-9][0-9]?[0-9]?)?\.cose$/.exec(name) ??
    /^corrections\/([^/.]+)\.[1-9][0-9]?[0-9]?\.bundle$/.exec(name) ??
    [];
  return station !== undefined && parseStationId(station) !== undefined ? station : undefined;
}

/** Slips of stations that the election does not have, and receipts and corrections without their slip. */
export function checkStrays(
  order: FilesOrder,
  faults: Faults,
  provisioning: Provisioning,
  standings: Standings,
): void {
  for (const name of order.reader.names()) {
    const station = stationOf(name);
    if (station === undefined) continue;
    const standing = standings.get(station);
    const versions = standing?.versions ?? [];
    const used =
      versions.some(({ file, version }) => file === name || name === receiptFile(station, version)) ||
      // A slip that does not hold is named already; its receipt belongs to it.
      (standing === undefined && order.reader.read(slipFile(station)) !== undefined);
    if (!provisioning.stations.has(station as StationId))
      faults.add('station_unknown', name, '', `station/${station}`, 'a station of this election');
    else if (!used && !faults.named.some(({ file }) => file === name))
      faults.add('file_unknown', name, '', `station/${station}`, 'the slip or correction that it belongs to');
  }
}
