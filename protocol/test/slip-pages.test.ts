/** A bundle cut into pages comes together again, byte for byte, or what is wrong is named. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BUNDLE_BYTES_MAX,
  joinSlipPages,
  PAGE_BYTES_MAX,
  PAGES_MAX,
  parseSlipPage,
  referenceCrypto,
  slipPages,
} from '../src/index.ts';

const bundleOf = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 7)) & 0xff);
const cut = (bundle: Uint8Array) => slipPages(referenceCrypto, bundle);
const join = (pages: readonly Uint8Array[]) => joinSlipPages(referenceCrypto, pages);

describe('pages of a bundle', () => {
  it('come together from any order, each as often as it was read', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }).chain((length) => {
          const bundle = bundleOf(length, length);
          const pages = cut(bundle);
          return fc.tuple(
            fc.constant(bundle),
            fc.shuffledSubarray([...pages, ...pages], { minLength: pages.length * 2 }),
          );
        }),
        ([bundle, pages]) => {
          expect(join(pages)).toEqual({ ok: true, value: bundle });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('hold the longest bundle in the pages that are named, none longer than a code holds', () => {
    const pages = cut(bundleOf(BUNDLE_BYTES_MAX, 1));
    expect(pages.length).toBe(PAGES_MAX);
    expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(PAGE_BYTES_MAX);
    expect(() => cut(bundleOf(BUNDLE_BYTES_MAX + 1, 1))).toThrow();
    expect(() => cut(new Uint8Array(0))).toThrow();
  });

  it('say which are missing', () => {
    const pages = cut(bundleOf(9_000, 2));
    expect(join(pages.filter((_, i) => i !== 3 && i !== 7))).toEqual({
      ok: false,
      fault: { code: 'pages_missing', missing: [4, 8], of: pages.length },
    });
    expect(join([])).toEqual({ ok: false, fault: { code: 'pages_missing', missing: [], of: 0 } });
  });

  it('are refused from another bundle, and where one page is there in two versions', () => {
    const pages = cut(bundleOf(5_000, 3));
    const other = cut(bundleOf(5_000, 4));
    expect(join([...pages.slice(1), other[0] as Uint8Array])).toMatchObject({
      fault: { code: 'page_of_another', index: pages.length - 1 },
    });
    const changed = (pages[2] as Uint8Array).slice();
    changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
    expect(join([...pages, changed])).toEqual({ ok: false, fault: { code: 'pages_differ', number: 3 } });
  });

  it('with any one bit changed never give another bundle', () => {
    const bundle = bundleOf(3_000, 5);
    const pages = cut(bundle);
    for (const [at, page] of pages.entries())
      for (let bit = 0; bit < page.length * 8; bit += 5) {
        const changed = page.slice();
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        const joined = join(pages.map((one, i) => (i === at ? changed : one)));
        expect(joined.ok).toBe(false);
      }
  });

  it('are not read from arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: PAGE_BYTES_MAX + 1 }), (bytes) => {
        expect(parseSlipPage(bytes)).toBeUndefined();
      }),
    );
  });
});
