// The box's flash as a file (or in memory) under NOR rules: programming clears bits and never sets one, erasing sets
// a whole sector. Power can be cut between any two words, and in the middle of one: then some of its bits are cleared
// already (or, erasing, set already). Strict: an impossible request throws, because on the real part it would be
// silent damage.
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';

export const FLASH_BYTES = 16 * 1024 * 1024;
export const SECTOR_BYTES = 4096;
export const WORD_BYTES = 4;
/** An erasure can be cut between its quarters; each counts as one write. */
const ERASE_STEPS = 4;
const FIRST_BYTES = 1024 * 1024;
/** Fewer are copied one by one sooner than a view of them is made. */
const LOOPED_BYTES_MAX = 64;

/** Power went in the middle of a write: what was written before the cut is there, the rest is not. */
export class PowerCut extends Error {
  constructor() {
    super('power was cut during a flash write');
    this.name = 'PowerCut';
  }
}

/**
 * A word that power is lost in the middle of: which of its 32 bits have reached their new value. Asked once for the
 * word of a programming, once for each word of the quarter of an erasure.
 */
export type TornBits = () => number;

/** The core asked of the flash what no flash does. */
export class FlashRuleBroken extends Error {
  constructor(rule: string) {
    super(rule);
    this.name = 'FlashRuleBroken';
  }
}

export interface NorFlash {
  read(address: number, into: Uint8Array): void;
  program(address: number, from: Uint8Array): void;
  erase(sector: number): void;
  /** Words programmed and quarters of sectors erased since it was created. */
  readonly writes: number;
  /**
   * The next `count` writes succeed and the one after throws PowerCut, undone or, with `torn`, half done; undefined:
   * no cut.
   */
  cutAfter(count: number | undefined, torn?: TornBits): void;
  /** Brings what was written into the file. Until then the file stands as after some earlier word, never out of order. */
  settle(): void;
  /** A copy of everything up to the last sector that was ever written; what lies beyond is erased. */
  image(): Uint8Array;
  close(): void;
}

export interface FlashOptions {
  /** Written in the order of the changes, at the latest by `settle`; created when first written. Without it: in memory only. */
  readonly path?: string;
  /** Initial content where there is no file. */
  readonly image?: Uint8Array;
}

function demand(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new FlashRuleBroken(rule);
}

function demandInside(address: number, bytes: number): void {
  if (!(address >= 0 && address + bytes <= FLASH_BYTES))
    throw new FlashRuleBroken(`${bytes} bytes at ${address} are outside the flash`);
}

export function createFlash(options: FlashOptions = {}): NorFlash {
  const initial =
    options.path !== undefined && existsSync(options.path)
      ? readFileSync(options.path)
      : (options.image ?? new Uint8Array(0));
  if (initial.length > FLASH_BYTES || initial.length % SECTOR_BYTES !== 0) {
    throw new RangeError(
      `a flash image is whole sectors, at most ${FLASH_BYTES} bytes; ${initial.length} are there`,
    );
  }
  const fd =
    options.path === undefined
      ? undefined
      : openSync(options.path, existsSync(options.path) ? 'r+' : 'w+', 0o600);
  let cells = new Uint8Array(Math.max(FIRST_BYTES, initial.length)).fill(0xff);
  cells.set(initial);
  let used = initial.length;
  let writes = 0;
  let left: number | undefined;
  let torn: TornBits | undefined;

  /** A file system that has little room left writes less than it was given. */
  const write = (from: number, to: number): void => {
    for (let at = from; fd !== undefined && at < to; ) at += writeSync(fd, cells, at, to - at, at);
  };
  // Most boxes touch a fraction of their flash: cells beyond the highest write are not kept.
  const reach = (end: number): void => {
    // Whole sectors: a write far beyond the last one must not end the cells in the middle of a sector.
    const sectorEnd = Math.ceil(end / SECTOR_BYTES) * SECTOR_BYTES;
    if (sectorEnd > cells.length) {
      const grown = new Uint8Array(Math.min(FLASH_BYTES, Math.max(sectorEnd, cells.length * 2))).fill(0xff);
      grown.set(cells.subarray(0, used));
      cells = grown;
    }
    if (sectorEnd > used) {
      settle();
      write(used, sectorEnd);
      used = sectorEnd;
    }
  };
  // Words programmed one behind the other go to the file together: a vote's slots are forty programmings.
  let unsettledFrom = 0;
  let unsettledTo = 0;
  const settle = (): void => {
    write(unsettledFrom, unsettledTo);
    unsettledTo = unsettledFrom;
  };
  const store = (from: number, to: number): void => {
    if (fd === undefined || to <= from) return;
    if (unsettledTo > unsettledFrom && from === unsettledTo) {
      unsettledTo = to;
      return;
    }
    settle();
    unsettledFrom = from;
    unsettledTo = to;
  };
  /** A write that power may be cut in: `tear` gets the bits that came through before it went. */
  const cut = (tear: (bits: TornBits) => void): void => {
    if (left === undefined || left-- > 0) return;
    if (torn !== undefined) tear(torn);
    throw new PowerCut();
  };
  const tearWord = (at: number, change: (old: number, bits: number) => number, bits: TornBits): void => {
    const view = new DataView(cells.buffer);
    view.setUint32(at, change(view.getUint32(at, true), bits()) >>> 0, true);
    store(at, at + WORD_BYTES);
  };
  const cutWord = (address: number, from: Uint8Array, at: number): void => {
    const wanted = new DataView(from.buffer, from.byteOffset + at, WORD_BYTES).getUint32(0, true);
    cut((bits) => tearWord(address, (old, mask) => old & (wanted | ~mask), bits));
  };

  return {
    get writes() {
      return writes;
    },
    cutAfter(count, bits) {
      left = count;
      torn = bits;
    },
    read(address, into) {
      const bytes = into.length;
      demandInside(address, bytes);
      const there = Math.max(0, Math.min(bytes, used - address));
      if (there <= LOOPED_BYTES_MAX) for (let i = 0; i < there; i++) into[i] = cells[address + i] as number;
      else into.set(cells.subarray(address, address + there));
      if (there < bytes) into.fill(0xff, there);
    },
    program(address, from) {
      const bytes = from.length;
      demand(address % WORD_BYTES === 0 && bytes % WORD_BYTES === 0, 'programming is by whole words');
      demandInside(address, bytes);
      reach(address + bytes);
      let done = 0;
      try {
        for (; done < bytes; done += WORD_BYTES) {
          for (let i = done; i < done + WORD_BYTES; i++) {
            const wanted = from[i] as number;
            if (((cells[address + i] as number) & wanted) !== wanted)
              throw new FlashRuleBroken(`programming would set a bit at ${address + i}`);
          }
          if (left !== undefined) cutWord(address + done, from, done);
          writes++;
          for (let i = done; i < done + WORD_BYTES; i++) cells[address + i] = from[i] as number;
        }
      } finally {
        store(address, address + done);
      }
    },
    erase(sector) {
      const from = sector * SECTOR_BYTES;
      demand(
        Number.isInteger(sector) && from >= 0 && from + SECTOR_BYTES <= FLASH_BYTES,
        `no sector ${sector}`,
      );
      reach(from + SECTOR_BYTES);
      const step = SECTOR_BYTES / ERASE_STEPS;
      for (let i = 0; i < ERASE_STEPS; i++) {
        cut((bits) => {
          for (let at = from + i * step; at < from + (i + 1) * step; at += WORD_BYTES)
            tearWord(at, (old, mask) => old | mask, bits);
        });
        writes++;
        cells.fill(0xff, from + i * step, from + (i + 1) * step);
        store(from + i * step, from + (i + 1) * step);
      }
    },
    settle,
    image: () => cells.slice(0, used),
    close() {
      settle();
      if (fd !== undefined) closeSync(fd);
    },
  };
}
