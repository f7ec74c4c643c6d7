/** Inclusion and consistency proofs of RFC 9162, on the published vectors and over every small tree. */
import { consistencyHolds, inclusionHolds, leafHash, merkleRoot, toHex, utf8 } from '@sandoq/protocol';
import { describe, expect, it } from 'vitest';
import { appendedTiles, bulletinRoot, emptyBulletin } from '../src/bulletin/bulletin.ts';
import { consistencyProof, inclusionProof, rootFromTiles } from '../src/bulletin/tiles.ts';
import { corpus } from './corpora.ts';

interface Vectors {
  readonly inclusion: readonly {
    readonly file: string;
    readonly leafIdx: number;
    readonly treeSize: number;
    readonly root: string;
    readonly leafHash: string;
    readonly proof: readonly string[] | null;
    readonly wantErr: boolean;
  }[];
  readonly consistency: readonly {
    readonly file: string;
    readonly size1: number;
    readonly size2: number;
    readonly root1: string;
    readonly root2: string;
    readonly proof: readonly string[] | null;
    readonly wantErr: boolean;
  }[];
}

const vectors = corpus('merkle/rfc6962-proofs.json') as Vectors | undefined;
const raw = (base64: string | null) => Uint8Array.from(Buffer.from(base64 ?? '', 'base64'));

describe.skipIf(vectors === undefined)('published vectors', () => {
  it('inclusion: each is accepted or refused as published', () => {
    const wrong = vectors?.inclusion.filter(
      (one) =>
        inclusionHolds(
          raw(one.leafHash),
          one.leafIdx,
          one.treeSize,
          (one.proof ?? []).map(raw),
          raw(one.root),
        ) === one.wantErr,
    );
    expect(wrong?.map(({ file }) => file)).toEqual([]);
    expect(vectors?.inclusion.length).toBeGreaterThan(90);
  });

  it('consistency: each is accepted or refused as published', () => {
    const wrong = vectors?.consistency.filter(
      (one) =>
        consistencyHolds(one.size1, one.size2, (one.proof ?? []).map(raw), raw(one.root1), raw(one.root2)) ===
        one.wantErr,
    );
    expect(wrong?.map(({ file }) => file)).toEqual([]);
    expect(vectors?.consistency.length).toBeGreaterThan(90);
  });
});

describe('proofs read from tiles', () => {
  const entries = Array.from({ length: 600 }, (_, i) => utf8(`entry ${i}`));
  const logOf = (size: number) => {
    const { state, tiles } = appendedTiles(emptyBulletin('test'), entries.slice(0, size));
    return { root: bulletinRoot(state), reader: { read: (path: string) => tiles.get(path) } };
  };
  const SIZES = [1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 600];

  it('the root is that of the plain tree, from the right edge and from tiles', () => {
    expect(toHex(logOf(0).root)).toBe(toHex(merkleRoot([])));
    for (const size of SIZES) {
      const { root, reader } = logOf(size);
      expect(toHex(root)).toBe(toHex(merkleRoot(entries.slice(0, size))));
      expect(toHex(rootFromTiles(reader, size) as Uint8Array)).toBe(toHex(root));
    }
  });

  it('every leaf of a tree is proved, and no other leaf by its proof', () => {
    for (const size of SIZES) {
      const { root, reader } = logOf(size);
      for (let index = 0; index < size; index += size < 20 ? 1 : 37) {
        const proof = inclusionProof(reader, index, size) as readonly Uint8Array[];
        const leaf = leafHash(entries[index] as Uint8Array);
        expect(inclusionHolds(leaf, index, size, proof, root)).toBe(true);
        expect(inclusionHolds(leafHash(utf8('other')), index, size, proof, root)).toBe(false);
        expect(inclusionHolds(leaf, index, size, [...proof, leaf], root)).toBe(false);
        if (size > 1) expect(inclusionHolds(leaf, (index + 1) % size, size, proof, root)).toBe(false);
      }
    }
  });

  it('every tree continues every smaller one, also where only the later tiles are left', () => {
    for (const after of SIZES)
      for (const before of SIZES.filter((size) => size <= after)) {
        const later = logOf(after);
        const proof = consistencyProof(later.reader, before, after) as readonly Uint8Array[];
        const { root } = logOf(before);
        expect(consistencyHolds(before, after, proof, root, later.root)).toBe(true);
        const other = merkleRoot([...entries.slice(0, Math.max(0, before - 1)), utf8('forged')]);
        expect(consistencyHolds(before, after, proof, other, later.root)).toBe(false);
      }
  });

  it('a tile that is missing gives no proof', () => {
    expect(inclusionProof({ read: () => undefined }, 0, 2)).toBeUndefined();
    expect(() => inclusionProof(logOf(3).reader, 3, 3)).toThrow(RangeError);
    expect(() => consistencyProof(logOf(3).reader, 4, 3)).toThrow(RangeError);
  });
});
