// Where everything stands in flash; docs/FLASH.md draws it. Sectors of 4,096 bytes are the unit of erasure, words of
// 4 bytes the unit of atomic programming. What follows the rasters is placed when package and station are known.

export const SECTOR_BYTES: u32 = 4096;
export const FLASH_BYTES: u32 = 16 * 1024 * 1024;
export const ERASED: u32 = 0xffffffff;

export const LIFE: u32 = 0; // journal of lifecycle words
export const IDENTITY: u32 = 1 * SECTOR_BYTES;
export const BOOTS: u32 = 2 * SECTOR_BYTES; // one bit a boot
export const PART_HEADS: u32 = 3 * SECTOR_BYTES; // package, station, rasters: a sector each
export const PACKAGE: u32 = 6 * SECTOR_BYTES; // 2 sectors
export const STATION: u32 = 8 * SECTOR_BYTES; // 2 sectors
export const SECRET: u32 = 10 * SECTOR_BYTES; // the session's signing seed and nothing else
export const SESSION: u32 = 11 * SECTOR_BYTES; // 2 sectors
export const COMMITMENT: u32 = 13 * SECTOR_BYTES; // 2 sectors
export const MINUTES: u32 = 15 * SECTOR_BYTES; // one bit a powered minute
export const INTENTS: u32 = 16 * SECTOR_BYTES;
export const RASTERS: u32 = 17 * SECTOR_BYTES;

/** Slots beyond votes x contests: room for what power cuts spoil. */
export const SPARE_ROWS: u32 = 64;

/** Index row: name's first 12 bytes, commit word. Spent row: card's hash, 12 bytes, commit word. */
export const ROW_BYTES: u32 = 16;
export const ROW_NAME_BYTES: u32 = 12;
export const COMMITTED: u32 = 0x0000c0de;
/** A spent row whose card was seen burnt: the same word with one bit cleared. */
export const BURNT: u32 = 0x0000c0da;

export let index_base: u32 = 0;
export let index_rows: u32 = 0;
export let spent_base: u32 = 0;
export let spent_rows: u32 = 0;
export let papers_base: u32 = 0;
export let papers_rows: u32 = 0;
export let bodies_base: u32 = 0;
export let body_stride: u32 = 0;
export let store_end: u32 = 0;
/** The event log, and behind it the sector of its signed head. */
export const LOG_ROW_BYTES: u32 = 48;
/** A vote is some three rows; the others are for restarts, jams and rejections. */
const LOG_ROWS_PER_VOTE: u64 = 6;
const LOG_ROWS_SPARE: u64 = 1024;
export let log_base: u32 = 0;
export let log_rows: u32 = 0;
export let log_head_base: u32 = 0;

export function sector_up(address: u64): u64 {
  return (address + (SECTOR_BYTES as u64) - 1) & ~((SECTOR_BYTES as u64) - 1);
}

/** Places the store behind the rasters. False where this flash is too small for it. */
export function place_store(rasters_bytes: u32, votes_max: u32, contests: u32, sealed_bytes: u32): bool {
  const slots: u64 = (votes_max as u64) * contests + SPARE_ROWS;
  const spent: u64 = (votes_max as u64) + SPARE_ROWS;
  const papers: u64 = (votes_max as u64) * 2 + 4 * SPARE_ROWS;
  const stride: u64 = (sealed_bytes + 3) & ~3;
  const index_at = sector_up((RASTERS as u64) + rasters_bytes);
  const spent_at = sector_up(index_at + slots * ROW_BYTES);
  const papers_at = sector_up(spent_at + spent * ROW_BYTES);
  const bodies_at = sector_up(papers_at + papers * 4);
  const log_at = sector_up(bodies_at + slots * stride);
  // A very large station has less log: what the flash leaves, and one of LOG_ROWS_SPARE at least.
  const log_limit: u64 = (FLASH_BYTES as u64) - SECTOR_BYTES;
  if (log_at + LOG_ROWS_SPARE * LOG_ROW_BYTES > log_limit) return false;
  const lines = min<u64>((votes_max as u64) * LOG_ROWS_PER_VOTE + LOG_ROWS_SPARE, (log_limit - log_at) / LOG_ROW_BYTES);
  const log_head_at = sector_up(log_at + lines * LOG_ROW_BYTES);
  const end = log_head_at + SECTOR_BYTES;
  index_base = index_at as u32;
  index_rows = slots as u32;
  spent_base = spent_at as u32;
  spent_rows = spent as u32;
  papers_base = papers_at as u32;
  papers_rows = papers as u32;
  bodies_base = bodies_at as u32;
  body_stride = stride as u32;
  log_base = log_at as u32;
  log_rows = lines as u32;
  log_head_base = log_head_at as u32;
  store_end = end as u32;
  return true;
}
