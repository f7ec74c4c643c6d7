// Root of a Merkle tree (RFC 9162 §2.1.1) over leaves as they come, in 32 hashes of memory.
import { sha256_final, sha256_init, sha256_update, sha256_update_byte } from '../crypto/sha256';

const DEPTH_MAX: u32 = 32;
const HASHES: usize = memory.data(32 * 32, 8);
const HEIGHTS: usize = memory.data(32 * 4, 4);
const CONTEXT: usize = memory.data(104, 8);
const NODE: usize = memory.data(32, 8);
let depth: u32 = 0;

export function merkle_begin(): void {
  depth = 0;
}

function join(left: usize, right: usize, out: usize): void {
  sha256_init(CONTEXT);
  sha256_update_byte(CONTEXT, 1);
  sha256_update(CONTEXT, left, 32);
  sha256_update(CONTEXT, right, 32);
  sha256_final(CONTEXT, out);
}

/** Adds a leaf by its hash, SHA-256(00 ‖ leaf). */
export function merkle_add_hash(hash: usize): void {
  memory.copy(NODE, hash, 32);
  let height: u32 = 0;
  while (depth > 0 && load<u32>(HEIGHTS + ((depth - 1) << 2)) == height) {
    depth--;
    join(HASHES + ((depth as usize) << 5), NODE, NODE);
    height++;
  }
  assert(depth < DEPTH_MAX);
  memory.copy(HASHES + ((depth as usize) << 5), NODE, 32);
  store<u32>(HEIGHTS + (depth << 2), height);
  depth++;
}

/** The root; of no leaves, SHA-256 of nothing. */
export function merkle_root(out: usize): void {
  if (depth == 0) {
    sha256_init(CONTEXT);
    sha256_final(CONTEXT, out);
    return;
  }
  memory.copy(NODE, HASHES + (((depth - 1) as usize) << 5), 32);
  for (let i = (depth as i32) - 2; i >= 0; i--) join(HASHES + ((i as usize) << 5), NODE, NODE);
  memory.copy(out, NODE, 32);
}
