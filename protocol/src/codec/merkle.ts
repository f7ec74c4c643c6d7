/** Merkle tree hashing of RFC 9162 section 2.1.1 over SHA-256, computed as the leaves arrive. */
import { sha256 as referenceSha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, equalBytes } from './bytes.ts';

/** The reference's, unless a process has a faster one: a nation's log is hundreds of thousands of hashes. */
let sha256: (bytes: Bytes) => Bytes = referenceSha256;

/** Another implementation of the same function. Called once, where a process is put together. */
export function setMerkleHash(hash: (bytes: Bytes) => Bytes): void {
  sha256 = hash;
}

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Two digests and their mark; hashed and written over again: a tree is twice as many hashes as it has leaves. */
const node = new Uint8Array(NODE.length + 2 * 32);
node.set(NODE);

export const leafHash = (leaf: Bytes): Bytes => sha256(concatBytes(LEAF, leaf));
export function nodeHash(left: Bytes, right: Bytes): Bytes {
  if (left.length !== 32 || right.length !== 32) return sha256(concatBytes(NODE, left, right));
  node.set(left, NODE.length);
  node.set(right, NODE.length + 32);
  return sha256(node);
}

/** 2^32 leaves are more than any set of ours: 32 hashes of stack suffice. */
export const MERKLE_DEPTH_MAX = 32;

/** The root of a list of leaves in bounded memory; the empty list's root is SHA-256 of nothing. */
export class MerkleRoot {
  readonly #stack: { readonly height: number; readonly hash: Bytes }[] = [];
  #leaves = 0;

  add(leaf: Bytes): void {
    this.addHash(leafHash(leaf));
  }

  addHash(hash: Bytes): void {
    let node = { height: 0, hash };
    for (
      let top = this.#stack.at(-1);
      top !== undefined && top.height === node.height;
      top = this.#stack.at(-1)
    ) {
      this.#stack.pop();
      node = { height: node.height + 1, hash: nodeHash(top.hash, node.hash) };
    }
    this.#stack.push(node);
    this.#leaves++;
    if (this.#stack.length > MERKLE_DEPTH_MAX)
      throw new RangeError('merkle tree deeper than MERKLE_DEPTH_MAX');
  }

  get leaves(): number {
    return this.#leaves;
  }

  root(): Bytes {
    const top = this.#stack.at(-1);
    if (top === undefined) return sha256(new Uint8Array(0));
    let hash = top.hash;
    for (let i = this.#stack.length - 2; i >= 0; i--)
      hash = nodeHash((this.#stack[i] as { hash: Bytes }).hash, hash);
    return hash;
  }
}

export function merkleRoot(leaves: Iterable<Bytes>): Bytes {
  const tree = new MerkleRoot();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root();
}

/** The same over leaves' hashes, or over the roots of equal full subtrees. */
export function merkleRootOfHashes(hashes: Iterable<Bytes>): Bytes {
  const tree = new MerkleRoot();
  for (const hash of hashes) tree.addHash(hash);
  return tree.root();
}

/** Whether a number can be a size or an index of our trees: exact in arithmetic, and within the depth. */
const isTreeSize = (value: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= 2 ** MERKLE_DEPTH_MAX;

/** The largest power of two smaller than `size` (RFC 9162's k), for sizes above 1. */
export function splitOf(size: number): number {
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
}

/**
 * The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2).
 * @param leaf the hash of the leaf; @param proof bottom up; @returns undefined where the proof has the wrong length
 */
export function rootOfInclusion(
  leaf: Bytes,
  index: number,
  size: number,
  proof: readonly Bytes[],
): Bytes | undefined {
  if (!isTreeSize(size) || !isTreeSize(index) || index >= size || leaf.length !== 32) return undefined;
  let hash = leaf;
  let at = index;
  let last = size - 1;
  for (const sibling of proof) {
    if (last === 0 || sibling.length !== 32) return undefined;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
      }
    } else hash = nodeHash(hash, sibling);
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}

export function inclusionHolds(
  leaf: Bytes,
  index: number,
  size: number,
  proof: readonly Bytes[],
  root: Bytes,
): boolean {
  const reached = rootOfInclusion(leaf, index, size, proof);
  return reached !== undefined && equalBytes(reached, root);
}

/** Whether the tree of `before` leaves is a prefix of the tree of `after` leaves (RFC 9162 section 2.1.4.2). */
export function consistencyHolds(
  before: number,
  after: number,
  proof: readonly Bytes[],
  rootBefore: Bytes,
  rootAfter: Bytes,
): boolean {
  // RFC 9162 asks 0 < m: of the empty tree there is nothing to prove.
  if (!isTreeSize(before) || !isTreeSize(after) || before < 1 || before > after) return false;
  if (before === after) return proof.length === 0 && equalBytes(rootBefore, rootAfter);
  if (rootBefore.length !== 32 || rootAfter.length !== 32 || proof.some(({ length }) => length !== 32))
    return false;
  if (proof.length === 0) return false;
  const isPowerOfTwo = 2 ** Math.round(Math.log2(before)) === before;
  const path = isPowerOfTwo ? [rootBefore, ...proof] : proof;
  let at = before - 1;
  let last = after - 1;
  while (at % 2 === 1) {
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  let left = path[0] as Bytes;
  let right = left;
  for (const hash of path.slice(1)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      left = nodeHash(hash, left);
      right = nodeHash(hash, right);
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
      }
    } else right = nodeHash(right, hash);
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(left, rootBefore) && equalBytes(right, rootAfter);
}
