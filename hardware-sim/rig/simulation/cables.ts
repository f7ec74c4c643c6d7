/**
 * The cables of a station in virtual time: the box's serial line, and a reader's. Both keep the order of what they carry,
 * as a wire does; what comes through may be lost, doubled, late or damaged, and the plug may be out.
 */
import type { ReaderDevice } from '@sandoq/hardware-sim';
import { type Bytes, concatBytes, REPORT_BYTES } from '@sandoq/protocol';
import { ByteLinkRefused, type OpenByteLink, type OpenReportLink } from '@sandoq/station-app';
import type { Chance } from './chance.ts';
import type { VirtualTime } from './virtual-time.ts';

/** One frame in so many; 0: never. */
export interface LineFaults {
  lost: number;
  doubled: number;
  late: number;
  flipped: number;
}

export const noLineFaults = (): LineFaults => ({ lost: 0, doubled: 0, late: 0, flipped: 0 });

const LATE_MS_MAX = 4_000;
const BYTES_A_MS = 92;

/** One direction of a line: in order, each frame behind the one before. */
class Lane {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #faults: LineFaults;
  readonly #onFault: (fault: string) => void;
  #freeAtMs = 0;
  #generation = 0;

  constructor(time: VirtualTime, chance: Chance, faults: LineFaults, onFault: (fault: string) => void) {
    this.#time = time;
    this.#chance = chance;
    this.#faults = faults;
    this.#onFault = onFault;
  }

  /** What was under way is gone. */
  clear(): void {
    this.#generation++;
    this.#freeAtMs = 0;
  }

  send(bytes: Bytes, arrive: (bytes: Bytes) => void): void {
    const drawn = (name: keyof LineFaults): boolean => {
      const oneIn = this.#faults[name];
      const hit = oneIn > 0 && this.#chance.oneIn(oneIn);
      if (hit) this.#onFault(`frame ${name}`);
      return hit;
    };
    if (drawn('lost')) return;
    let carried = bytes.slice();
    if (drawn('flipped')) {
      carried = carried.slice();
      const at = this.#chance.below(carried.length);
      carried[at] = (carried[at] as number) ^ (1 << this.#chance.below(8));
    }
    const copies = drawn('doubled') ? 2 : 1;
    const lateMs = drawn('late') ? this.#chance.between(100, LATE_MS_MAX) : 0;
    for (let copy = 0; copy < copies; copy++) this.#carry(carried, lateMs, arrive);
  }

  #carry(bytes: Bytes, lateMs: number, arrive: (bytes: Bytes) => void): void {
    const now = this.#time.elapsedMs();
    this.#freeAtMs = Math.max(this.#freeAtMs, now) + 1 + bytes.length / BYTES_A_MS + lateMs;
    const generation = this.#generation;
    this.#time.after(this.#freeAtMs - now, () => {
      if (generation === this.#generation) arrive(bytes);
    });
  }
}

export interface BoxCable {
  readonly faults: LineFaults;
  plugged(): boolean;
  plug(): void;
  pull(): void;
  readonly open: OpenByteLink;
  fromBox(bytes: Bytes): void;
  /** the process at the station's end is no more */
  letGo(): void;
}

export interface CablePorts {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly onFault: (fault: string) => void;
}

export function createBoxCable(ports: CablePorts, toBox: (bytes: Bytes) => void): BoxCable {
  const faults = noLineFaults();
  const up = new Lane(ports.time, ports.chance, faults, ports.onFault);
  const down = new Lane(ports.time, ports.chance, faults, ports.onFault);
  let plugged = true;
  let end: { readonly onBytes: (bytes: Bytes) => void; readonly onEnd: () => void } | undefined;
  const letGo = (): void => {
    end = undefined;
    up.clear();
    down.clear();
  };
  return {
    faults,
    plugged: () => plugged,
    plug() {
      plugged = true;
    },
    pull() {
      plugged = false;
      const cut = end;
      letGo();
      cut?.onEnd();
    },
    letGo,
    fromBox(bytes) {
      if (end !== undefined) down.send(bytes, (carried) => end?.onBytes(carried));
    },
    open: async (events) => {
      if (!plugged) throw new ByteLinkRefused('port_absent');
      if (end !== undefined) throw new ByteLinkRefused('port_locked');
      end = events;
      return {
        write(bytes) {
          if (end === events) up.send(bytes, toBox);
        },
        close() {
          if (end === events) letGo();
        },
      };
    },
  };
}

/** Several programs may have a reader open, as with hidraw. */
export interface ReaderCable {
  plugged(): boolean;
  plug(): void;
  pull(): void;
  openFor(owner: object): OpenReportLink;
  /** The process that owned these ends is no more. */
  letGo(owner: object): void;
}

/** A chip's thinking and the field's slowness, in one: before the card hears the command. */
const CARD_MS = 40;

interface ReaderEnd {
  readonly owner: object;
  readonly host: { push(report: Bytes): void; close(): void };
  readonly lane: Lane;
  readonly onEnd: () => void;
}

export function createVirtualReaderCable(ports: CablePorts, device: ReaderDevice): ReaderCable {
  const ends = new Set<ReaderEnd>();
  let plugged = true;
  const drop = (end: ReaderEnd): void => {
    if (!ends.delete(end)) return;
    end.lane.clear();
    end.host.close();
  };
  const openFor =
    (owner: object): OpenReportLink =>
    async (events) => {
      if (!plugged) throw new Error('no reader');
      const lane = new Lane(ports.time, ports.chance, noLineFaults(), ports.onFault);
      const host = device.attach((reports) =>
        lane.send(concatBytes(...reports), (bytes) => {
          for (let at = 0; at < bytes.length && ends.has(end); at += REPORT_BYTES)
            events.onReport(bytes.subarray(at, at + REPORT_BYTES));
        }),
      );
      const end: ReaderEnd = { owner, host, lane, onEnd: () => events.onEnd() };
      ends.add(end);
      return {
        write(reports) {
          ports.time.after(CARD_MS, () => {
            for (const report of reports) if (ends.has(end)) host.push(report);
          });
        },
        close: () => drop(end),
      };
    };
  return {
    plugged: () => plugged,
    plug() {
      plugged = true;
    },
    pull() {
      plugged = false;
      for (const end of [...ends]) {
        drop(end);
        end.onEnd();
      }
    },
    openFor,
    letGo(owner) {
      for (const end of [...ends]) if (end.owner === owner) drop(end);
    },
  };
}
