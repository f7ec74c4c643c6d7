/** The files that nobody signs: sums, index and names, each compared with what the signed files make of it. */
import { type Bytes, equalBytes, fromUtf8 } from '../codec/bytes.ts';
import { isProvisioningFile } from '../records/provisioning.ts';
import { unpacking } from './packs.ts';
import {
  BULLETIN_FOLDER,
  Faults,
  INDEX_FILE,
  OUTCOME_FILE,
  PACKAGE_FOLDER,
  PUBLISHER,
  type PublicationReader,
  STATIONS_FILE,
  stationOf,
  TOTALS_CSV_FILE,
  TOTALS_FILE,
} from './publication.ts';
import { differences, jsonFile, readJson } from './published-json.ts';
import { electionHead, type Folder } from './published-sums.ts';

export interface FilesOrder {
  readonly reader: PublicationReader;
  /** SHA-256 in hexadecimal digits; undefined where the file is not there or cannot be read */
  readonly digestOf: (name: string) => string | undefined;
  /** files of no station that the package has, in the order of the folder */
  readonly others: readonly string[];
}

/** Differences of one file beyond these are not spelled out. */
const DIFFERENCES_MAX = 10;

/** The file must be exactly what was made again; otherwise its first differences are faults. */
export function checkJson(
  order: Pick<FilesOrder, 'reader'>,
  faults: Faults,
  file: string,
  wanted: Bytes,
  write: (value: unknown) => Bytes = jsonFile,
): void {
  const bytes = order.reader.read(file);
  if (bytes === undefined) {
    faults.add('file_missing', file, '', PUBLISHER, 'this file of a publication');
    return;
  }
  // As a rule it is byte for byte what the slips make; only where it is not it is read to name the place.
  if (equalBytes(wanted, bytes)) return;
  const found = readJson(bytes, write);
  if (found === undefined) {
    faults.add('json_malformed', file, '', PUBLISHER, 'JSON exactly as the province writes it');
    return;
  }
  // Both sides from their text, so that they have the same idea of what is absent.
  const plain: unknown = JSON.parse(fromUtf8(wanted) ?? '');
  for (const { at, wanted: text } of differences(plain, found.value, DIFFERENCES_MAX))
    faults.add('totals_differ', file, at, PUBLISHER, text);
}

/** totals.csv beside the rows that the slips make, share by share: nobody holds two of them. */
export class CsvMatch {
  readonly #bytes: Bytes | undefined;
  #at = 0;
  /** where the two part; undefined as long as they agree */
  #parted: number | undefined;

  constructor(bytes: Bytes | undefined) {
    this.#bytes = bytes;
  }

  add(rows: Bytes): void {
    if (this.#bytes === undefined || this.#parted !== undefined) return;
    const here = this.#bytes.subarray(this.#at, this.#at + rows.length);
    if (!equalBytes(here, rows)) this.#parted = this.#at + rows.findIndex((byte, i) => here[i] !== byte);
    this.#at += rows.length;
  }

  report(faults: Faults): void {
    const bytes = this.#bytes;
    if (bytes === undefined) faults.add('file_missing', TOTALS_CSV_FILE, '', PUBLISHER, 'the totals as CSV');
    if (bytes === undefined || (this.#parted === undefined && this.#at === bytes.length)) return;
    let line = 1;
    for (const byte of bytes.subarray(0, this.#parted ?? this.#at)) if (byte === LINE_FEED) line++;
    faults.add('totals_differ', TOTALS_CSV_FILE, `line ${line}`, PUBLISHER, 'the sums of the slips');
  }
}

const LINE_FEED = 0x0a;

/** What the index says, read before the digests of the files are known. */
export interface Index {
  /** path → digits; undefined where there is no index to speak of */
  readonly digests: Readonly<Record<string, unknown>> | undefined;
  readonly faults: Faults;
}

export function readIndex({ reader }: Pick<FilesOrder, 'reader'>, folder: Folder, stations: number): Index {
  const faults = new Faults();
  const bytes = reader.read(INDEX_FILE);
  const own = (code: string, at: string, wanted: string): void =>
    faults.add(code, INDEX_FILE, at, PUBLISHER, wanted);
  if (bytes === undefined) own('file_missing', '', 'the digests of all files');
  const found = bytes === undefined ? undefined : readJson(bytes);
  if (bytes !== undefined && found === undefined)
    own('json_malformed', '', 'JSON exactly as the province writes it');
  const { files, ...head } = (found?.value ?? {}) as { readonly files?: unknown };
  if (found === undefined) return { digests: undefined, faults };
  for (const { at, wanted } of differences(electionHead(folder, stations), head, DIFFERENCES_MAX))
    own('totals_differ', at, wanted);
  const digests = typeof files === 'object' && files !== null ? (files as Record<string, unknown>) : {};
  return { digests, faults };
}

/**
 * The index: its head, and the digest of every file but itself and the bulletin, none more and none fewer.
 * @returns files that the index binds and that nothing is made of here
 */
export function checkIndex(
  { digests, faults: own }: Index,
  order: FilesOrder,
  faults: Faults,
): readonly string[] {
  faults.addAll(own);
  if (digests === undefined) return [];
  const bound: string[] = [];
  const others = new Set(order.others);
  const names = order.reader
    .names()
    .filter((name) => name !== INDEX_FILE && !name.startsWith(BULLETIN_FOLDER));
  for (const name of names) {
    const wanted = Object.hasOwn(digests, name) ? digests[name] : undefined;
    if (wanted === undefined) faults.add('file_unknown', name, '', PUBLISHER, 'a file that the index names');
    else if (order.digestOf(name) !== wanted)
      faults.add('digest_differs', name, '', PUBLISHER, `SHA-256 ${String(wanted).slice(0, 64)}`);
    else if (others.has(name) && !isKnown(name)) bound.push(name);
  }
  const present = new Set(names);
  for (const name of Object.keys(digests))
    if (!present.has(name))
      faults.add('file_missing', name, '', PUBLISHER, 'this file, which the index names');
  return bound;
}

/** What the index names and is not there: how many files, and the first of them. For a word to the reader, no check. */
export function missingFiles(given: PublicationReader): { readonly count: number; readonly first: string } {
  const reader = unpacking(given);
  const index = readJson(reader.read(INDEX_FILE) ?? new Uint8Array(0))?.value as
    | { readonly files?: object }
    | undefined;
  const present = new Set(reader.names());
  const missing = Object.keys(index?.files ?? {}).filter((name) => !present.has(name));
  return { count: missing.length, first: missing[0] ?? '' };
}

function isKnown(name: string): boolean {
  if ([TOTALS_FILE, STATIONS_FILE, TOTALS_CSV_FILE, OUTCOME_FILE].includes(name)) return true;
  if (name.startsWith(PACKAGE_FOLDER)) return isProvisioningFile(name.slice(PACKAGE_FOLDER.length));
  return stationOf(name) !== undefined;
}

/**
 * Slips of stations that the election does not have, and receipts and corrections without their slip.
 * @param unused files of known stations that no version has a use for
 */
export function checkStrays(
  { reader, others }: Pick<FilesOrder, 'reader' | 'others'>,
  faults: Faults,
  unused: ReadonlySet<string>,
): void {
  const strangers = new Map(others.map((name) => [name, stationOf(name)]));
  const strays = new Set([...unused, ...others.filter((name) => strangers.get(name) !== undefined)]);
  for (const name of strays.size === 0 ? [] : reader.names()) {
    if (!strays.has(name)) continue;
    const station = strangers.get(name);
    if (station !== undefined)
      faults.add('station_unknown', name, '', `station/${station}`, 'a station of this election');
    else if (!faults.named.some(({ file }) => file === name))
      faults.add(
        'file_unknown',
        name,
        '',
        `station/${stationOf(name)}`,
        'the slip or correction that it belongs to',
      );
  }
}
