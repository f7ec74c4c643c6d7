/** The layout of a publication (docs/VERIFY.md), how its files are reached, and what is said when one is wrong. */
import type { Bytes } from '../codec/bytes.ts';

/** Files by their path in the folder, with slashes. Bytes are asked for one file at a time. */
export interface PublicationReader {
  names(): readonly string[];
  read(name: string): Bytes | undefined;
  /** what was wrong with the folder itself, before any file was looked at */
  readonly faults?: readonly Fault[];
}

export const readerOf = (files: ReadonlyMap<string, Bytes>): PublicationReader => ({
  names: () => [...files.keys()],
  read: (name) => files.get(name),
});

export const INDEX_FILE = 'index.json';
export const TOTALS_FILE = 'totals.json';
export const STATIONS_FILE = 'stations.json';
export const TOTALS_CSV_FILE = 'totals.csv';
export const OUTCOME_FILE = 'outcome.json';
export const PACKAGE_FOLDER = 'package/';
export const BULLETIN_FOLDER = 'bulletin/';
export const slipFile = (station: string): string => `slips/${station}.bundle`;
export const receiptFile = (station: string, version = 1): string =>
  version === 1 ? `receipts/${station}.cose` : `receipts/${station}.${version}.cose`;
/** Ids have no full stop, so that the version cannot be taken for a part of one. */
export const correctionFile = (station: string, version: number): string =>
  `corrections/${station}.${version}.bundle`;
/** More corrections of one station than this are not read. */
export const CORRECTIONS_PER_STATION_MAX = 99;
/** A folder with more files than this is not walked: three files a station, amendments, tiles. */
export const PUBLICATION_FILES_MAX = 1_000_000;
/** The largest are rasters.bin and a nation's totals.json. */
export const PUBLICATION_FILE_BYTES_MAX = 256 * 1024 * 1024;

export interface Fault {
  readonly code: string;
  /** the file; empty where it is about the folder */
  readonly file: string;
  /** where in it */
  readonly at: string;
  /** who answers for it: a subject of RECORDS.md, or `publisher` for what nobody signs */
  readonly whose: string;
  readonly wanted: string;
}

export const PUBLISHER = 'publisher';
/** So many faults are named; the rest is counted. */
export const FAULTS_MAX = 500;

export class Faults {
  readonly named: Fault[] = [];
  #more = 0;

  add(code: string, file: string, at: string, whose: string, wanted: string): void {
    if (this.named.length < FAULTS_MAX) this.named.push({ code, file, at, whose, wanted });
    else this.#more++;
  }

  get count(): number {
    return this.named.length + this.#more;
  }

  get unnamed(): number {
    return this.#more;
  }
}
