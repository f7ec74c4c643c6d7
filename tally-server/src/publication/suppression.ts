/**
 * The small-cell rule for cross-tables whose margins are published: a count from 1 to k − 1 is withheld, and with it
 * as many others as it takes that nobody can work it out again from the sums. Pure.
 *
 * A withheld small cell is held safe when, by the published sums alone, it could be any value of a range at least k
 * wide, or as wide as its margins allow
 * (least and greatest value by maximum flow over the withheld cells: Gusfield 1988, "A graph theoretic approach to
 * statistical data security").
 */

export const TABLE_CELLS_MAX = 100_000;

/** undefined: withheld */
export type Withheld = readonly (readonly (number | undefined)[])[];

type Counts = readonly (readonly number[])[];
type Mask = boolean[][];

/**
 * By how much the flow from one node to another can be raised over the withheld cells. Nodes 0…R−1 are rows, R…R+C−1
 * columns. Along row → column a cell may grow without bound (its margin holds it), along column → row it may shrink
 * to 0. Stops at `enough`.
 */
function slack(
  counts: Counts,
  mask: Mask,
  skip: readonly [number, number],
  from: number,
  to: number,
  enough: number,
): number {
  const rows = counts.length;
  const columns = counts[0]?.length ?? 0;
  // What was moved so far, cell by cell.
  const moved = counts.map((row) => row.map(() => 0));
  let total = 0;
  while (total < enough) {
    const before = new Map<number, number>([[from, from]]);
    const queue = [from];
    for (let node = queue.shift(); node !== undefined && !before.has(to); node = queue.shift()) {
      const isRow = node < rows;
      for (let i = 0; i < (isRow ? columns : rows); i++) {
        const [r, c] = isRow ? [node, i] : [i, node - rows];
        if (mask[r]?.[c] !== true || (r === skip[0] && c === skip[1])) continue;
        const next = isRow ? rows + i : i;
        if (before.has(next)) continue;
        const room = isRow ? enough : (counts[r]?.[c] as number) + (moved[r]?.[c] as number);
        if (room <= 0) continue;
        before.set(next, node);
        queue.push(next);
      }
    }
    if (!before.has(to)) return total;
    let step = enough - total;
    const path: (readonly [number, number, boolean])[] = [];
    for (let node = to; node !== from; node = before.get(node) as number) {
      const previous = before.get(node) as number;
      const grows = previous < rows;
      const [r, c] = grows ? [previous, node - rows] : [node, previous - rows];
      path.push([r, c, grows]);
      if (!grows) step = Math.min(step, (counts[r]?.[c] as number) + (moved[r]?.[c] as number));
    }
    for (const [r, c, grows] of path) {
      const row = moved[r] as number[];
      row[c] = (row[c] as number) + (grows ? step : -step);
    }
    total += step;
  }
  return total;
}

/** The least and the greatest value that a withheld cell can have by the published sums; the greatest up to least + `width`. */
export function rangeOf(
  counts: Counts,
  mask: Mask,
  r: number,
  c: number,
  width: number,
): readonly [number, number] {
  const rows = counts.length;
  const value = counts[r]?.[c] as number;
  // To shrink this cell, its row grows elsewhere and its column too: flow from the row to the column without it.
  const down = Math.min(value, slack(counts, mask, [r, c], r, rows + c, value));
  const up = slack(counts, mask, [r, c], rows + c, r, width);
  return [value - down, value + up];
}

const widthOf = (counts: Counts, mask: Mask, r: number, c: number, k: number): number => {
  const [least, greatest] = rangeOf(counts, mask, r, c, k);
  return Math.min(k, greatest - least);
};

/**
 * The next cell to withhold for the sake of (r, c): one beside it in its row, one in its column, then one that closes
 * a ring over rows and columns that already hold withheld cells; of these the smallest that is not 0, for a 0 cannot
 * shrink and hides less.
 */
function nextToWithhold(
  counts: Counts,
  mask: Mask,
  r: number,
  c: number,
): readonly [number, number] | undefined {
  const shown = counts.flatMap((row, i) =>
    row.flatMap((value, k) => (mask[i]?.[k] === true ? [] : [{ at: [i, k] as const, value }])),
  );
  const alone = (cells: readonly boolean[]): boolean => cells.filter(Boolean).length < 2;
  const inRow = shown.filter(({ at }) => at[0] === r);
  const inColumn = shown.filter(({ at }) => at[1] === c);
  const closing = shown.filter(
    ({ at: [i, k] }) => mask[i]?.includes(true) === true && mask.some((row) => row[k]),
  );
  const wanted = [
    alone(mask[r] ?? []) ? inRow : [],
    alone(mask.map((row) => row[c] === true)) ? inColumn : [],
    closing,
    shown,
  ].find((cells) => cells.length > 0);
  return wanted?.toSorted((a, b) => Number(a.value === 0) - Number(b.value === 0) || a.value - b.value)[0]
    ?.at;
}

/**
 * @param counts rows of equal length, whole numbers; the sums of rows and columns are published as they are
 * @param k 0 or 1 withholds nothing
 */
export function withholdSmall(counts: Counts, k: number): Withheld {
  const columns = counts[0]?.length ?? 0;
  if (counts.some((row) => row.length !== columns)) throw new RangeError('rows of different lengths');
  if (counts.length * columns > TABLE_CELLS_MAX) throw new RangeError(`more than ${TABLE_CELLS_MAX} cells`);
  const small = (value: number): boolean => value > 0 && value < k;
  const mask: Mask = counts.map((row) => row.map(small));
  const primary = counts.flatMap((row, r) =>
    row.flatMap((value, c) => (small(value) ? [[r, c] as const] : [])),
  );
  const all: Mask = counts.map((row) => row.map(() => true));
  for (const [r, c] of primary) {
    // Where the margins alone say more than k would hide, no withheld cell can hide it: then as wide as they allow.
    const wanted = widthOf(counts, all, r, c, k);
    while (widthOf(counts, mask, r, c, k) < wanted) {
      const next = nextToWithhold(counts, mask, r, c);
      if (next === undefined) break;
      (mask[next[0]] as boolean[])[next[1]] = true;
    }
  }
  return counts.map((row, r) => row.map((value, c) => (mask[r]?.[c] === true ? undefined : value)));
}
