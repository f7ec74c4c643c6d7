/** The roll-up and the reconciliation: properties on random trees. */
import { type Finding, reconcile, rollUp, type Unit } from '@sandoq/tally-server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const WIDTH = 3;
const count = fc.integer({ min: 0, max: 1_000_000 });
const name = fc.constantFrom('a', 'b', 'c', 'd', 'ساری', '0012');
const leaf: fc.Arbitrary<Unit> = fc.record({
  path: fc.tuple(name, name, name, fc.uuid()),
  counts: fc.tuple(count, count, count),
});
const leaves = fc.array(leaf, { maxLength: 40 });

const plus = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
  Array.from({ length: WIDTH }, (_, i) => (a[i] as number) + (b[i] as number));
const begins = (path: readonly string[], prefix: readonly string[]): boolean =>
  prefix.every((part, i) => path[i] === part);

describe('roll-up', () => {
  it('each place is the sum of all leaves under it, counted one by one', () => {
    fc.assert(
      fc.property(leaves, (units) => {
        for (const place of rollUp(WIDTH, units)) {
          const under = units.filter(({ path }) => begins(path, place.path));
          expect(place.counts).toEqual(
            under.reduce<number[]>((sum, { counts }) => plus(sum, counts), [0, 0, 0]),
          );
          expect(place.leaves).toBe(under.length);
        }
      }),
    );
  });

  it('every place above a leaf is there, once, the whole first, and no leaf', () => {
    fc.assert(
      fc.property(leaves, (units) => {
        const paths = rollUp(WIDTH, units).map(({ path }) => JSON.stringify(path));
        const wanted = new Set([
          '[]',
          ...units.flatMap(({ path }) => [1, 2, 3].map((n) => JSON.stringify(path.slice(0, n)))),
        ]);
        expect(paths[0]).toBe('[]');
        expect([...paths].sort()).toEqual([...wanted].sort());
      }),
    );
  });

  it('the order of leaves makes no difference', () => {
    fc.assert(
      fc.property(leaves, fc.infiniteStream(fc.nat()), (units, draws) => {
        const shuffled = units
          .map((unit) => ({ unit, at: draws.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ unit }) => unit);
        expect(rollUp(WIDTH, shuffled)).toEqual(rollUp(WIDTH, units));
      }),
    );
  });

  it('a correction added to the sum is the same as counting again', () => {
    fc.assert(
      fc.property(
        fc.array(leaf, { minLength: 1, maxLength: 20 }),
        fc.tuple(count, count, count),
        fc.nat(),
        (units, counts, pick) => {
          const at = pick % units.length;
          const before = rollUp(WIDTH, units)[0]?.counts as number[];
          const old = units[at] as Unit;
          const again = rollUp(
            WIDTH,
            units.map((unit, i) => (i === at ? { ...unit, counts } : unit)),
          )[0]?.counts;
          expect(again).toEqual(
            before.map((sum, i) => sum - (old.counts[i] as number) + (counts[i] as number)),
          );
        },
      ),
    );
  });

  it('refuses what would make a wrong sum', () => {
    expect(() => rollUp(2, [{ path: ['a'], counts: [1] }])).toThrow(RangeError);
    expect(() => rollUp(1, [{ path: [], counts: [1] }])).toThrow(RangeError);
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53])
      expect(() => rollUp(1, [{ path: ['a'], counts: [wrong] }])).toThrow(RangeError);
    const most = { path: ['a', 'x'], counts: [Number.MAX_SAFE_INTEGER] };
    expect(() => rollUp(1, [most, { path: ['b', 'x'], counts: [1] }])).toThrow(RangeError);
  });
});

const EQUATION = [{ name: 'first = second + third', left: 0, right: [1, 2] }];
const honest = fc.array(
  fc
    .record({ path: fc.tuple(name, fc.uuid()), counts: fc.tuple(count, count) })
    .map(({ path, counts: [b, c] }) => ({
      path,
      counts: [b + c, b, c],
    })),
  { minLength: 1, maxLength: 20 },
);

describe('reconciliation', () => {
  it('finds nothing in reports and sums that agree', () => {
    fc.assert(
      fc.property(honest, (reports) => {
        expect(reconcile(WIDTH, EQUATION, reports, rollUp(WIDTH, reports))).toEqual([]);
      }),
    );
  });

  it('one figure changed in one report is found there and in every sum above it, and nowhere else', () => {
    fc.assert(
      fc.property(
        honest,
        fc.nat(),
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 0, max: 2 }),
        (reports, pick, by, column) => {
          const sums = rollUp(WIDTH, reports);
          const at = pick % reports.length;
          const bent = reports.map((one, i) =>
            i === at
              ? { ...one, counts: one.counts.map((value, k) => (k === column ? value + by : value)) }
              : one,
          );
          const found = reconcile(WIDTH, EQUATION, bent, sums);
          const path = reports[at]?.path as readonly string[];
          const places = found.map((finding: Finding) => JSON.stringify(finding.path));
          expect(places).toEqual([JSON.stringify(path), '[]', JSON.stringify([path[0]])]);
          expect(found.map(({ kind }) => kind)).toEqual(['equation', 'parts', 'parts']);
          for (const finding of found)
            if (finding.kind === 'parts') expect(finding).toMatchObject({ column, difference: -by });
        },
      ),
    );
  });

  it('names a place without parts, a place without its sum, and one that is told twice', () => {
    const report = (...path: string[]) => ({ path, counts: [2, 1, 1] });
    const kinds = reconcile(
      WIDTH,
      EQUATION,
      [report('a', '1'), report('b', '1'), report('b', '1')],
      [report('a'), report('c')],
    ).map(({ kind, path }) => `${kind} ${path.join('/')}`);
    expect(kinds).toEqual(['repeated b/1', 'parts_missing c', 'sum_missing b']);
  });

  it('says nothing about a figure that was not reported', () => {
    const found = reconcile(
      WIDTH,
      EQUATION,
      [{ path: ['a', '1'], counts: [5, undefined, 1] }],
      [{ path: ['a'], counts: [5, 77, undefined] }],
    );
    expect(found).toEqual([]);
  });
});
