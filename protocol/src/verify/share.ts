/**
 * A share of a publication: some stations with their files, judged by themselves. Shares know nothing of each other, so
 * that they can be judged in any thread and in any order; src/verify/verification.ts puts their results together.
 */
import { type Bytes, toHex, utf8 } from '../codec/bytes.ts';
import { leafHash } from '../codec/merkle.ts';
import { isKeyEncoding, setKeyCheck } from '../crypto/enrol.ts';
import type { Crypto, SignatureCheck } from '../crypto/ports.ts';
import type { Station } from '../records/generated.ts';
import type { StationId } from '../records/identifiers.ts';
import { type CheckedAmendment, type CheckedFolder, checkStationFile } from '../records/provisioning.ts';
import {
  entryFile,
  entryOf,
  type Fault,
  Faults,
  PACKAGE_FOLDER,
  type PublicationReader,
  receiptFile,
} from './publication.ts';
import { stationRow, sumsLength, TotalsCsv, writeSums } from './published-sums.ts';
import { type Standing, standingOf } from './standing.ts';

/** What every share needs: the package but for its stations and pictures. */
export type ShareFolder = Omit<CheckedFolder, 'rasters' | 'law'> & {
  readonly amendments: readonly CheckedAmendment[];
};

/** In one piece of memory, so that it is handed to a thread as it is. */
export interface Share {
  /** ids in bytewise order */
  readonly stations: readonly string[];
  /** stations whose entries are only looked into: a slip of this share names them */
  readonly beside: readonly string[];
  /** ids that a slip of this share names and that the package does not have */
  readonly absent: readonly string[];
  /** how many files each of the stations has here */
  readonly files: readonly number[];
  /** paths of the files, one station's after another's, then the entries of those beside; where each ends in `bytes` */
  readonly names: readonly string[];
  readonly ends: Uint32Array;
  readonly bytes: Bytes;
}

export interface EntryFault {
  readonly file: string;
  readonly code: string;
  readonly at: string;
  readonly wanted: string;
}

export interface ShareResult {
  /** stations that slips name and that are not in this share: it is to be judged again beside them */
  readonly elsewhere: readonly string[];
  /** DIGEST_DIGITS for each of the share's names */
  readonly digests: string;
  readonly signatures: { readonly entries: number; readonly slips: number };
  /** where an entry does not hold nothing else was looked at */
  readonly entryFaults: readonly EntryFault[];
  /** 32 bytes a station: the leaf of its entry in the package's tree */
  readonly leaves: Bytes;
  readonly faults: readonly Fault[];
  readonly faultsUnnamed: number;
  /** files of these stations that no version has a use for */
  readonly unused: readonly string[];
  readonly disputed: readonly { readonly station: string; readonly reasons: readonly string[] }[];
  readonly corrected: readonly { readonly station: string; readonly version: number }[];
  /** of each station: province and county, and whether a slip stands */
  readonly places: readonly {
    readonly province: string;
    readonly county: string;
    readonly stands: boolean;
  }[];
  /** `writeSums` of those that stand, one after another */
  readonly sums: Float64Array;
  /** their lines of totals.csv, and their rows of stations.json */
  readonly csv: Bytes;
  readonly rows: Bytes;
}

/** Of one SHA-256 in `ShareResult.digests`. */
export const DIGEST_DIGITS = 64;
/** Of one leaf in `ShareResult.leaves`. */
export const LEAF_BYTES = 32;
/** A slip names a station of another share. */
class Elsewhere extends Error {
  readonly station: string;
  constructor(station: string) {
    super(`station ${station} is not in this share`);
    this.station = station;
  }
}

class Stations extends Map<StationId, Station> {
  readonly #absent: ReadonlySet<string>;
  constructor(absent: readonly string[]) {
    super();
    this.#absent = new Set(absent);
  }

  override get(id: StationId): Station | undefined {
    const own = super.get(id);
    if (own === undefined && !this.#absent.has(id)) throw new Elsewhere(id);
    return own;
  }
}

type Ports = Pick<Crypto, 'sha256' | 'verify'>;

/** The files of a share by name, their digests, and a count of what was verified. */
class Reading {
  readonly files = new Map<string, Bytes>();
  readonly digests: string;
  readonly crypto: Ports;
  signatures = 0;

  constructor({ names, ends, bytes }: Share, ports: Ports) {
    // A slip's digest is wanted by the index and by its receipt: it is made once, and known again by its memory.
    const known = new Map<Bytes, Bytes>();
    let digests = '';
    let from = 0;
    for (const [i, name] of names.entries()) {
      const file = bytes.subarray(from, ends[i]);
      const digest = ports.sha256(file);
      digests += toHex(digest);
      this.files.set(name, file);
      known.set(file, digest);
      from = ends[i] as number;
    }
    this.digests = digests;
    this.crypto = {
      sha256: (data) => known.get(data) ?? ports.sha256(data),
      verify: (key, message, signature) => {
        this.signatures++;
        return ports.verify(key, message, signature);
      },
    };
  }

  readonly reader: Pick<PublicationReader, 'read'> = { read: (name) => this.files.get(name) };
}

interface Entries {
  readonly stations: Stations;
  readonly leaves: Bytes;
  readonly faults: readonly EntryFault[];
}

function readEntries(folder: ShareFolder, share: Share, reading: Reading): Entries {
  const stations = new Stations(share.absent);
  const leaves = new Uint8Array(share.stations.length * LEAF_BYTES);
  const faults: EntryFault[] = [];
  const read = (id: string, isOwn: boolean): Bytes | undefined => {
    const file = entryFile(id);
    const bytes = reading.files.get(file);
    const entry =
      bytes &&
      checkStationFile(
        reading.crypto,
        folder.authorityKey,
        folder.election,
        file.slice(PACKAGE_FOLDER.length),
        bytes,
      );
    if (entry?.ok === true) {
      stations.set(id as StationId, entry.value.station);
      return entry.value.payload;
    }
    const fault = entry?.fault ?? {
      code: 'file_missing',
      at: file.slice(PACKAGE_FOLDER.length),
      wanted: 'an entry that can be read',
    };
    if (isOwn) faults.push({ file, ...fault });
    return undefined;
  };
  share.stations.forEach((id, i) => {
    const payload = read(id, true);
    if (payload !== undefined) leaves.set(leafHash(payload), i * LEAF_BYTES);
  });
  const own = reading.signatures;
  for (const id of share.beside) read(id, false);
  // Those belong to other shares, and are counted there.
  reading.signatures = own;
  return { stations, leaves, faults };
}

/** What the stations of a share come to, written as it is published. */
class Written {
  readonly #csv: TotalsCsv;
  readonly #length: number;
  readonly #sums: Float64Array;
  #standing = 0;
  #rows = '';
  readonly places: ShareResult['places'][number][] = [];
  readonly disputed: { station: string; reasons: readonly string[] }[] = [];
  readonly corrected: { station: string; version: number }[] = [];

  constructor(folder: ShareFolder, stations: number) {
    this.#csv = new TotalsCsv(folder);
    this.#length = sumsLength(folder);
    this.#sums = new Float64Array(stations * this.#length);
  }

  add(station: Station, standing: Standing | undefined): void {
    const { province, county } = station.place;
    this.places.push({ province, county, stands: standing !== undefined });
    this.#rows += `${this.#rows === '' ? '' : ','}${stationRow(station, standing)}`;
    if (standing === undefined) return;
    const { disputes, versions, checked } = standing;
    if (disputes.length > 0) this.disputed.push({ station: station.id, reasons: disputes });
    if (versions.length > 1) this.corrected.push({ station: station.id, version: versions.length });
    this.#csv.add(station, checked.slip.totals);
    const at = this.#standing++ * this.#length;
    writeSums(this.#sums.subarray(at, at + this.#length), standing);
  }

  result() {
    const { disputed, corrected, places } = this;
    return {
      disputed,
      corrected,
      places,
      sums: this.#sums.slice(0, this.#standing * this.#length),
      csv: this.#csv.bytes(),
      rows: utf8(this.#rows),
    };
  }
}

function unusedOf(
  standing: Standing | undefined,
  station: string,
  files: readonly string[],
): readonly string[] {
  // A slip that does not hold is named already; its receipt belongs to it.
  if (standing === undefined && files.some((name) => name.startsWith('slips/'))) return [];
  const versions = standing?.versions ?? [];
  // As a rule: the entry, the slip and its receipt.
  if (versions.length === 1 && files.length === 3 && files.includes(receiptFile(station))) return [];
  return files.filter(
    (name) =>
      entryOf(name) === undefined &&
      !versions.some(({ file, version }) => file === name || name === receiptFile(station, version)),
  );
}

/** Judges a share. Total: any files give a result. */
export function judgeShare(folder: ShareFolder, ports: Ports, share: Share): ShareResult {
  // The keys in published records were enrolled by others, who asked for their order.
  const before = setKeyCheck(isKeyEncoding);
  try {
    return judge(folder, ports, share);
  } finally {
    setKeyCheck(before);
  }
}

function judge(folder: ShareFolder, ports: Ports, share: Share): ShareResult {
  const reading = new Reading(share, ports);
  const { stations, leaves, faults: entryFaults } = readEntries(folder, share, reading);
  const entries = reading.signatures;
  const provisioning = { ...folder, rasters: new Uint8Array(0), stations };
  const { crypto, reader } = reading;
  const faults = new Faults();
  const elsewhere = new Set<string>();
  const unused: string[] = [];
  const written = new Written(folder, share.stations.length);
  let to = 0;
  const sound = entryFaults.length > 0 ? [] : (share.stations as readonly StationId[]);
  for (const [i, id] of sound.entries()) {
    const from = to;
    to += share.files[i] ?? 0;
    try {
      const standing = standingOf({ reader, provisioning, crypto, faults }, id);
      written.add(stations.get(id) as Station, standing);
      unused.push(...unusedOf(standing, id, share.names.slice(from, to)));
    } catch (cause) {
      if (!(cause instanceof Elsewhere)) throw cause;
      elsewhere.add(cause.station);
    }
  }
  return {
    elsewhere: [...elsewhere],
    digests: reading.digests,
    signatures: { entries, slips: reading.signatures - entries },
    entryFaults,
    leaves,
    faults: faults.named,
    faultsUnnamed: faults.unnamed,
    unused,
    ...written.result(),
  };
}

export interface Believed {
  /** right if every one of the checks holds */
  readonly result: ShareResult;
  readonly checks: readonly SignatureCheck[];
}

/** Judges a share believing every signature, and says which were believed. */
export function judgeBelieving(
  folder: ShareFolder,
  { sha256 }: Pick<Crypto, 'sha256'>,
  share: Share,
): Believed {
  const checks: SignatureCheck[] = [];
  const verify = (publicKey: Bytes, message: Bytes, signature: Bytes): boolean => {
    checks.push({ publicKey, message, signature });
    return true;
  };
  return { result: judgeShare(folder, { sha256, verify }, share), checks };
}

/**
 * The same result as `judgeShare`, a tenth quicker where all is well: the signatures are checked one after another
 * with nothing between them, so that the processor's caches keep what it takes. Where one fails all are checked anew
 * where they stand, so that the fault is named.
 */
export function judgeTogether(folder: ShareFolder, ports: Ports, share: Share): ShareResult {
  const { result, checks } = judgeBelieving(folder, ports, share);
  return checks.every((one) => ports.verify(one.publicKey, one.message, one.signature))
    ? result
    : judgeShare(folder, ports, share);
}

/** Whose memory may be handed over with a share and with its result. */
export const shareMemory = ({ ends, bytes }: Share): ArrayBuffer[] =>
  [ends, bytes].map(({ buffer }) => buffer as ArrayBuffer);
export const resultMemory = ({ leaves, sums, csv, rows }: ShareResult): ArrayBuffer[] => [
  ...new Set([leaves, sums, csv, rows].map(({ buffer }) => buffer as ArrayBuffer)),
];
