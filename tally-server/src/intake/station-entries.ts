/**
 * The stations' entries for the judges' threads: one piece of memory that all of them share, each entry read when it
 * is asked for. A nation's entries as objects, once a thread, would be most of the process.
 */
import { type Bytes, decode, encode, markEnrolled, records, type StationId } from '@sandoq/protocol';

export interface SharedEntries {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly ids: readonly string[];
  /** where each begins, and at the end where the last one ends */
  readonly at: Uint32Array<SharedArrayBuffer>;
}

export function sharedEntries(stations: ReadonlyMap<StationId, records.Station>): SharedEntries {
  const pieces: Bytes[] = [];
  let length = 0;
  const at = new Uint32Array(new SharedArrayBuffer(4 * (stations.size + 1)));
  let i = 0;
  for (const station of stations.values()) {
    const piece = encode(records.stationShape, station);
    pieces.push(piece);
    length += piece.length;
    at[++i] = length;
  }
  const bytes = new Uint8Array(new SharedArrayBuffer(length));
  pieces.forEach((piece, k) => {
    bytes.set(piece, at[k]);
  });
  return { bytes, ids: [...stations.keys()], at };
}

/** A map of stations that holds their bytes. */
export class StationEntries implements ReadonlyMap<StationId, records.Station> {
  readonly #entries: SharedEntries;
  readonly #places: ReadonlyMap<string, number>;
  /** stations whose keys were checked already, by this thread or another */
  readonly sound = new Set<string>();

  constructor(entries: SharedEntries) {
    this.#entries = entries;
    this.#places = new Map(entries.ids.map((id, i) => [id, i]));
  }

  get size(): number {
    return this.#entries.ids.length;
  }

  has(id: StationId): boolean {
    return this.#places.has(id);
  }

  get(id: StationId): records.Station | undefined {
    const place = this.#places.get(id);
    if (place === undefined) return undefined;
    const { bytes, at } = this.#entries;
    // A copy, once: what is decoded keeps views of it, and shared memory is none for them.
    const own = bytes.slice(at[place], at[place + 1]);
    const station = decode(records.stationShape, own, own.length, false);
    if (!station.ok) throw new Error(`the entry of station ${id} cannot be read`);
    if (this.sound.has(id)) markEnrolled(station.value);
    return station.value;
  }

  *entries(): MapIterator<[StationId, records.Station]> {
    for (const id of this.keys()) yield [id, this.get(id) as records.Station];
  }

  *keys(): MapIterator<StationId> {
    yield* this.#entries.ids as readonly StationId[];
  }

  *values(): MapIterator<records.Station> {
    for (const [, station] of this.entries()) yield station;
  }

  [Symbol.iterator](): MapIterator<[StationId, records.Station]> {
    return this.entries();
  }

  forEach(
    work: (station: records.Station, id: StationId, map: ReadonlyMap<StationId, records.Station>) => void,
  ): void {
    for (const [id, station] of this.entries()) work(station, id, this);
  }
}
