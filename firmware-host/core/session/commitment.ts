// The commitment over the sorted set: the Merkle root of all sealed records in order of their names, in bounded
// memory. Names are spread evenly (they are hashes), so each pass takes the names of one range of their first word,
// sorts them, and adds their records; a range that does not fit is halved.
import { watchdog } from '../board';
import { sha256_final, sha256_init, sha256_update, sha256_update_byte } from '../crypto/sha256';
import { ERASED, ROW_BYTES, SECTOR_BYTES, bodies_base, body_stride, index_base, index_rows } from '../flash/layout';
import { IO, read_flash } from '../flash/nor';
import { sealed_bytes } from '../election/package';
import { merkle_add_hash, merkle_begin, merkle_root } from './merkle';

const BUCKET: u32 = 512;
/** Aimed at: half full, which 2^-128 of all hash-like sets would overflow. */
const BUCKET_AIM: u32 = 256;
// Entries of 16 bytes: 12 of the name, 4 of the slot.
const ENTRIES: usize = memory.data(512 * 16, 8);
const CONTEXT: usize = memory.data(104, 8);
const BODY: usize = memory.data(168, 8);
const LEAF: usize = memory.data(32, 8);
let filled: u32 = 0;

/** Takes the rows whose first name word is in [low, high); false where they are more than fit. */
function gather(low: u64, high: u64): bool {
  filled = 0;
  watchdog();
  const bytes = index_rows * ROW_BYTES;
  for (let at: u32 = 0; at < bytes; at += SECTOR_BYTES) {
    const n = min<u32>(SECTOR_BYTES, bytes - at);
    read_flash(index_base + at, IO, n);
    for (let i: u32 = 0; i < n; i += ROW_BYTES) {
      const word = load<u32>(IO + i, 12);
      if (word == ERASED || word == 0) continue;
      const first = bswap<u32>(load<u32>(IO + i)) as u64;
      if (first < low || first >= high) continue;
      if (filled == BUCKET) return false;
      const entry = ENTRIES + ((filled as usize) << 4);
      memory.copy(entry, IO + i, 12);
      store<u32>(entry, (at + i) / ROW_BYTES, 12);
      filled++;
    }
  }
  return true;
}

function is_before(a: usize, b: usize): bool {
  const x = bswap<u64>(load<u64>(a));
  const y = bswap<u64>(load<u64>(b));
  if (x != y) return x < y;
  return bswap<u32>(load<u32>(a, 8)) < bswap<u32>(load<u32>(b, 8));
}

const HELD: usize = memory.data(16, 8);

/** Shell sort in place: no recursion, no second buffer. */
function sort_entries(): void {
  for (let gap: u32 = 301; gap > 0; gap = gap == 301 ? 132 : gap == 132 ? 57 : gap == 57 ? 23 : gap == 23 ? 10 : gap == 10 ? 4 : gap == 4 ? 1 : 0) {
    for (let i = gap; i < filled; i++) {
      memory.copy(HELD, ENTRIES + ((i as usize) << 4), 16);
      let j = i;
      while (j >= gap && is_before(HELD, ENTRIES + (((j - gap) as usize) << 4))) {
        memory.copy(ENTRIES + ((j as usize) << 4), ENTRIES + (((j - gap) as usize) << 4), 16);
        j -= gap;
      }
      memory.copy(ENTRIES + ((j as usize) << 4), HELD, 16);
    }
  }
}

function add_entries(): void {
  for (let i: u32 = 0; i < filled; i++) {
    const slot = load<u32>(ENTRIES + ((i as usize) << 4), 12);
    read_flash(bodies_base + slot * body_stride, BODY, sealed_bytes);
    sha256_init(CONTEXT);
    sha256_update_byte(CONTEXT, 0);
    sha256_update(CONTEXT, BODY, sealed_bytes);
    sha256_final(CONTEXT, LEAF);
    merkle_add_hash(LEAF);
  }
}

/** The root over the `records` committed records; returns how many were added, to be compared. */
export function set_root(records: u32, out: usize): u32 {
  merkle_begin();
  let added: u32 = 0;
  const passes: u64 = (records / BUCKET_AIM) + 1;
  const aim: u64 = 0x100000000 / passes + 1;
  let low: u64 = 0;
  let width = aim;
  while (low < 0x100000000) {
    if (gather(low, low + width)) {
      sort_entries();
      add_entries();
      added += filled;
      low += width;
      width = aim;
    } else {
      // 513 records whose names share 32 bits do not exist.
      assert(width > 1);
      width >>= 1;
    }
  }
  merkle_root(out);
  return added;
}
