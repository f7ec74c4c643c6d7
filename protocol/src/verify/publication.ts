/** The layout of a publication (docs/VERIFY.md), how its files are reached, and what is said when one is wrong. */
import type { Bytes } from '../codec/bytes.ts';
import { parseStationId } from '../records/identifiers.ts';
import { stationFile } from '../records/provisioning.ts';

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

/** Keeps what was read of some files: those that are wanted more than once, and are large. */
export function remembering(reader: PublicationReader, names: readonly string[]): PublicationReader {
  const kept = new Map<string, Bytes | undefined>();
  return {
    ...reader,
    read: (name) => {
      if (!names.includes(name)) return reader.read(name);
      if (!kept.has(name)) kept.set(name, reader.read(name));
      return kept.get(name);
    },
  };
}

export const INDEX_FILE = 'index.json';
export const TOTALS_FILE = 'totals.json';
export const STATIONS_FILE = 'stations.json';
export const TOTALS_CSV_FILE = 'totals.csv';
export const OUTCOME_FILE = 'outcome.json';
export const PACKAGE_FOLDER = 'package/';
export const BULLETIN_FOLDER = 'bulletin/';
export const entryFile = (station: string): string => `${PACKAGE_FOLDER}${stationFile(station)}`;
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

/** The station whose slip, receipt or correction a file is, by its path alone. */
export function stationOf(name: string): string | undefined {
  const [, station] =
    /^slips\/([^/.]+)\.bundle$/.exec(name) ??
    /^receipts\/([^/.]+)(?:\.[1-9][0-9]?[0-9]?)?\.cose$/.exec(name) ??
    /^corrections\/([^/.]+)\.[1-9][0-9]?[0-9]?\.bundle$/.exec(name) ??
    [];
  return station !== undefined && parseStationId(station) !== undefined ? station : undefined;
}

/** The station whose entry in the package a file is, by its path alone. */
export function entryOf(name: string): string | undefined {
  const station = /^package\/stations\/([^/]+)\.cose$/.exec(name)?.[1];
  return station !== undefined && parseStationId(station) !== undefined ? station : undefined;
}

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

  /** Another list behind this one, with what it did not name. */
  addAll({ named, unnamed }: { readonly named: readonly Fault[]; readonly unnamed: number }): void {
    for (const { code, file, at, whose, wanted } of named) this.add(code, file, at, whose, wanted);
    this.#more += unnamed;
  }

  get count(): number {
    return this.named.length + this.#more;
  }

  get unnamed(): number {
    return this.#more;
  }
}
