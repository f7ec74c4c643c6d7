/** Merkle tree hashing of RFC 9162 section 2.1.1 over SHA-256, computed as the leaves arrive. */
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes } from './bytes.ts';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (leaf: Bytes): Bytes => sha256(concatBytes(LEAF, leaf));
export const nodeHash = (left: Bytes, right: Bytes): Bytes => sha256(concatBytes(NODE, left, right));

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
