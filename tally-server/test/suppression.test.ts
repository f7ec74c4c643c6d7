/** The small-cell rule, tried by working the withheld cells out again in every way there is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Withheld, withholdSmall } from '../src/publication/suppression.ts';

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Every table that fits what is published: shown cells, row sums, column sums. Only for tiny tables. */
function* tablesThatFit(
  counts: readonly (readonly number[])[],
  shown: Withheld,
): Generator<readonly number[]> {
  const columns = counts[0]?.length ?? 0;
  const flat = shown.flat();
  const rowLeft = counts.map(sum);
  const columnLeft = Array.from({ length: columns }, (_, c) => sum(counts.map((row) => row[c] as number)));
  const made: number[] = [];
  function* place(at: number): Generator<readonly number[]> {
    if (at === flat.length) {
      if (rowLeft.every((n) => n === 0) && columnLeft.every((n) => n === 0)) yield [...made];
      return;
    }
    const [r, c] = [Math.floor(at / columns), at % columns];
    const given = flat[at];
    const most = Math.min(rowLeft[r] as number, columnLeft[c] as number);
    for (let value = given ?? 0; value <= (given ?? most) && value <= most; value++) {
      rowLeft[r] = (rowLeft[r] as number) - value;
      columnLeft[c] = (columnLeft[c] as number) - value;
      made.push(value);
      // The last cell of a row must use the row up.
      if (c < columns - 1 || rowLeft[r] === 0) yield* place(at + 1);
      made.pop();
      rowLeft[r] = (rowLeft[r] as number) + value;
      columnLeft[c] = (columnLeft[c] as number) + value;
    }
  }
  yield* place(0);
}

function ranges(
  counts: readonly (readonly number[])[],
  shown: Withheld,
): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const table of tablesThatFit(counts, shown))
    table.forEach((value, i) => {
      const [least, greatest] = found[i] ?? [value, value];
      found[i] = [Math.min(least, value), Math.max(greatest, value)];
    });
  return found;
}

const K = 3;
const table = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
  .chain(([rows, columns]) =>
    fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  );

describe('small cells', () => {
  it('are withheld, and what is shown is true', () => {
    fc.assert(
      fc.property(table, (counts) => {
        withholdSmall(counts, K).forEach((row, r) => {
          row.forEach((shown, c) => {
            const value = counts[r]?.[c] as number;
            if (shown !== undefined) expect(shown).toBe(value);
            if (value > 0 && value < K) expect(shown).toBeUndefined();
          });
        });
      }),
    );
  });

  it('cannot be worked out from what is published more narrowly than the sums alone would say, up to k', () => {
    fc.assert(
      fc.property(table, (counts) => {
        const published = ranges(counts, withholdSmall(counts, K));
        const marginsOnly = ranges(
          counts,
          counts.map((row) => row.map(() => undefined)),
        );
        counts.flat().forEach((value, i) => {
          if (value === 0 || value >= K) return;
          const width = ([least, greatest]: readonly [number, number]): number =>
            Math.min(K, greatest - least);
          expect(width(published[i] as [number, number])).toBe(width(marginsOnly[i] as [number, number]));
        });
      }),
      { numRuns: 150 },
    );
  });

  it('a table without small cells is shown whole, and so is any table where the rule is off', () => {
    expect(
      withholdSmall(
        [
          [10, 0],
          [7, 12],
        ],
        5,
      ),
    ).toEqual([
      [10, 0],
      [7, 12],
    ]);
    expect(
      withholdSmall(
        [
          [1, 2],
          [3, 4],
        ],
        0,
      ),
    ).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('one small cell takes three others with it, the smallest that serve', () => {
    const shown = withholdSmall(
      [
        [2, 30, 40],
        [50, 20, 60],
        [70, 80, 90],
      ],
      5,
    );
    expect(shown).toEqual([
      [undefined, undefined, 40],
      [undefined, undefined, 60],
      [70, 80, 90],
    ]);
  });

  it('refuses rows of different lengths and tables beyond the bound', () => {
    expect(() => withholdSmall([[1], [1, 2]], 5)).toThrow(RangeError);
    expect(() =>
      withholdSmall(
        Array.from({ length: 101 }, () => Array<number>(1000).fill(9)),
        5,
      ),
    ).toThrow(RangeError);
  });
});
