// Where a box's flash keeps what, restated from docs/FLASH.md for readers that must not trust the core's own tables.
import type { records } from '@sandoq/protocol';
import { rasterItemBytes, sealedBytes } from '@sandoq/protocol';

export const SECTOR = 4096;
export const FLASH_TOTAL = 16 * 1024 * 1024;
export const WORDS_FREE = 0xffff_ffff;

export const AT = {
  life: 0,
  identity: 1 * SECTOR,
  boots: 2 * SECTOR,
  heads: 3 * SECTOR,
  package: 6 * SECTOR,
  station: 8 * SECTOR,
  secret: 10 * SECTOR,
  session: 11 * SECTOR,
  zeroReport: 12 * SECTOR,
  commitment: 13 * SECTOR,
  minutes: 15 * SECTOR,
  intents: 16 * SECTOR,
  rasters: 17 * SECTOR,
} as const;

/** From each step of the lifecycle the word and the name of the only one that may follow. */
export const LIFE_SUCCESSORS: ReadonlyMap<string, readonly [number, string]> = new Map([
  ['unprovisioned', [0x1111_0001, 'provisioned']],
  ['provisioned', [0x2222_0002, 'open']],
  ['open', [0x3333_0003, 'doors_closed']],
  ['doors_closed', [0x4444_0004, 'closed']],
  ['closed', [0x5555_0005, 'clearing']],
  ['clearing', [0x1111_0001, 'provisioned']],
]);

export const ROW_COMMITTED = 0x0000_c0de;
/** A spent row whose card was seen burnt. */
export const ROW_BURNT = 0x0000_c0da;
export const SPARE_ROWS = 64;
export const ROW_BYTES = 16;
export const NAME_BYTES = 12;
export const INTENT_BYTES = 64;
/** Event and bucket, votes, papers; chain; commit word. */
export const LOG_ROW_BYTES = 48;
export const LOG_FACT_BYTES = 12;
export const LOG_CHAIN_BYTES = 32;
const LOG_ROWS_PER_VOTE = 6;
const LOG_ROWS_SPARE = 1024;

export const PAPER_BITS = {
  printed: 1,
  bin: 2,
  rejected: 4,
  retained: 8,
  dropping: 16,
  done: 32,
  lost: 64,
} as const;

export interface StoreLayout {
  readonly index: number;
  readonly slots: number;
  readonly spent: number;
  readonly spentRows: number;
  readonly papers: number;
  readonly paperRows: number;
  readonly bodies: number;
  readonly stride: number;
  readonly sealedBytes: number;
  readonly log: number;
  readonly logRows: number;
  readonly logHead: number;
  readonly end: number;
}

const sectorUp = (address: number): number => Math.ceil(address / SECTOR) * SECTOR;

export function storeLayout(election: records.Package, votesMax: number): StoreLayout {
  const sealed = sealedBytes(election.contests);
  const slots = votesMax * election.contests.length + SPARE_ROWS;
  const spentRows = votesMax + SPARE_ROWS;
  const paperRows = votesMax * 2 + 4 * SPARE_ROWS;
  const stride = Math.ceil(sealed / 4) * 4;
  const index = sectorUp(AT.rasters + rasterItemBytes(election.rasters) * election.rasters.count);
  const spent = sectorUp(index + slots * ROW_BYTES);
  const papers = sectorUp(spent + spentRows * ROW_BYTES);
  const bodies = sectorUp(papers + paperRows * 4);
  const log = sectorUp(bodies + slots * stride);
  const logRows = Math.min(
    votesMax * LOG_ROWS_PER_VOTE + LOG_ROWS_SPARE,
    Math.floor((FLASH_TOTAL - SECTOR - log) / LOG_ROW_BYTES),
  );
  const logHead = sectorUp(log + logRows * LOG_ROW_BYTES);
  return {
    ...{ index, slots, spent, spentRows, papers, paperRows, bodies, stride, sealedBytes: sealed },
    ...{ log, logRows, logHead },
    end: logHead + SECTOR,
  };
}
