/**
 * The one roll-up: sums of leaves at every place above them, up to the whole. It knows neither slips nor files; the
 * province's totals and the reconciliation of reported results are both made by it. Pure; the order of leaves makes
 * no difference.
 */

/** A leaf: where it stands, from the widest place to itself, and its counts column by column. */
export interface Unit {
  readonly path: readonly string[];
  readonly counts: ArrayLike<number>;
}

/** A place: the sum of all leaves under it. The whole has the empty path. */
export interface RolledUp {
  readonly path: readonly string[];
  readonly counts: readonly number[];
  /** how many leaves were added */
  readonly leaves: number;
}

interface Node {
  readonly path: readonly string[];
  readonly counts: Float64Array;
  leaves: number;
}

/** No place name holds this character: names have no control characters. */
const SEPARATOR = '\u0000';
export const pathKey = (path: readonly string[]): string => path.join(SEPARATOR);

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i] as string, b[i] as string];
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

/**
 * @param width how many columns each leaf has
 * @returns the whole first, then every place in the order of its path; leaves themselves are not repeated
 * @throws RangeError for a leaf of another width, a count that is no whole number of 0 or more, or a sum that a
 * number cannot hold exactly
 */
export function rollUp(width: number, leaves: Iterable<Unit>): readonly RolledUp[] {
  const nodes = new Map<string, Node>();
  const nodeOf = (path: readonly string[]): Node => {
    const key = pathKey(path);
    let node = nodes.get(key);
    if (node === undefined) {
      node = { path, counts: new Float64Array(width), leaves: 0 };
      nodes.set(key, node);
    }
    return node;
  };
  const whole = nodeOf([]);
  for (const { path, counts } of leaves) {
    if (counts.length !== width) throw new RangeError(`a leaf of ${counts.length} columns, not ${width}`);
    if (path.length === 0) throw new RangeError('a leaf without a name');
    const parent = nodeOf(path.slice(0, -1));
    for (let i = 0; i < width; i++) {
      const count = counts[i] as number;
      if (!Number.isSafeInteger(count) || count < 0)
        throw new RangeError('a count that is no whole number of 0 or more');
      parent.counts[i] = (parent.counts[i] as number) + count;
    }
    parent.leaves += 1;
  }
  // From the deepest places upward: each is added to its parent once, when all below it is in.
  const depths = Math.max(...[...nodes.values()].map(({ path }) => path.length));
  for (let depth = depths; depth > 0; depth--)
    for (const node of [...nodes.values()]) {
      if (node.path.length !== depth) continue;
      const parent = nodeOf(node.path.slice(0, -1));
      for (let i = 0; i < width; i++)
        parent.counts[i] = (parent.counts[i] as number) + (node.counts[i] as number);
      parent.leaves += node.leaves;
    }
  if (!whole.counts.every((sum) => Number.isSafeInteger(sum)))
    throw new RangeError('a sum beyond what a number holds exactly');
  return [...nodes.values()]
    .sort((a, b) => comparePaths(a.path, b.path))
    .map(({ path, counts, leaves: many }) => ({ path, counts: [...counts], leaves: many }));
}
