/** A canonical prefix code (Huffman's, no word above 15 bits) of small numbers, given by its lengths alone. */
export const CODE_BITS_MAX = 15;

export interface PrefixCode {
  /** for each symbol its bits, and its word in the low bits */
  readonly lengths: Uint8Array;
  readonly words: Uint16Array;
  /** for each CODE_BITS_MAX next bits the symbol; `lengths` of it says how many bits are its own */
  readonly symbols: Uint16Array;
  /** 1 where a word begins with these bits: the bits of the others are no word */
  readonly known: Uint8Array;
}

/** Depth of each leaf of Huffman's tree. */
function depthsOf(counts: readonly number[]): Uint8Array {
  const depths = new Uint8Array(counts.length);
  const nodes: { readonly count: number; readonly left: number; readonly right: number; symbol: number }[] =
    [];
  const leaves = counts
    .flatMap((count, symbol) => (count > 0 ? [{ count, left: -1, right: -1, symbol }] : []))
    .sort((a, b) => a.count - b.count || a.symbol - b.symbol);
  nodes.push(...leaves);
  // Two queues: leaves in order, and the joined nodes, which come in order by themselves.
  let leaf = 0;
  let joined = leaves.length;
  const take = (): number => {
    const fromLeaves =
      leaf < leaves.length &&
      (joined >= nodes.length ||
        (leaves[leaf] as { count: number }).count <= (nodes[joined] as { count: number }).count);
    return fromLeaves ? leaf++ : joined++;
  };
  for (let join = 1; join < leaves.length; join++) {
    const left = take();
    const right = take();
    const count = (nodes[left] as { count: number }).count + (nodes[right] as { count: number }).count;
    nodes.push({ count, left, right, symbol: -1 });
  }
  const depth = new Uint16Array(nodes.length);
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at];
    if (node === undefined) continue;
    if (node.symbol >= 0) depths[node.symbol] = Math.max(1, Math.min(255, depth[at] as number));
    else for (const child of [node.left, node.right]) depth[child] = (depth[at] as number) + 1;
  }
  return depths;
}

/** @param counts how often each symbol comes; at most 2^15 of them above zero */
export function codeLengthsFor(counts: Iterable<number>): Uint8Array {
  let scaled = [...counts];
  for (;;) {
    const depths = depthsOf(scaled);
    if (depths.every((depth) => depth <= CODE_BITS_MAX)) return depths;
    // Rare symbols count for more until no word is longer: a few bits lost on what hardly ever comes.
    scaled = scaled.map((count) => Math.ceil(count / 2));
  }
}

/** @returns undefined where the lengths are no prefix code. */
export function prefixCode(lengths: Uint8Array): PrefixCode | undefined {
  const table = 2 ** CODE_BITS_MAX;
  const words = new Uint16Array(lengths.length);
  const symbols = new Uint16Array(table);
  const known = new Uint8Array(table);
  let next = 0;
  for (let bits = 1; bits <= CODE_BITS_MAX; bits++) {
    const step = 2 ** (CODE_BITS_MAX - bits);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== bits) continue;
      if (next + step > table) return undefined;
      words[symbol] = next / step;
      symbols.fill(symbol, next, next + step);
      known.fill(1, next, next + step);
      next += step;
    }
  }
  return lengths.some((bits) => bits > CODE_BITS_MAX) ? undefined : { lengths, words, symbols, known };
}
