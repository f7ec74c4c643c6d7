/**
 * Pages of slips as they are read, in any order and of several stations at once: what is there, what is missing, and the
 * whole where nothing is. Pure; for the page of the officials and for tests.
 */
import { type Bytes, type Crypto, equalBytes, joinSlipPages, parseSlipPage } from '@sandoq/protocol';

/** Slips that may lie half read on one table. */
export const SLIPS_READ_MAX = 200;

export interface GatheredSlip {
  /** the beginning of the digest, as it is printed beside each code */
  readonly digest: string;
  readonly of: number;
  /** ascending */
  readonly missing: readonly number[];
  /** page numbers that were read in two versions: neither is believed */
  readonly differing: readonly number[];
  /** the whole, once it is there and fits its digest */
  readonly bundle: Bytes | undefined;
  /** all pages are there, and together they are not what the digest says: a page was forged or badly damaged */
  readonly isSpoiled: boolean;
}

export type Added =
  | { readonly kind: 'new' | 'again' | 'differs'; readonly digest: string; readonly number: number }
  | { readonly kind: 'not_a_page' | 'too_many' };

interface Open {
  readonly digest: string;
  readonly of: number;
  readonly pages: Map<number, Bytes>;
  readonly differing: Set<number>;
}

export interface Gathering {
  add(bytes: Bytes): Added;
  /** in the order in which their first page was read */
  slips(): readonly GatheredSlip[];
  forget(digest: string): void;
}

export function createGathering(crypto: Pick<Crypto, 'sha256'>): Gathering {
  const open = new Map<string, Open>();

  const slipOf = ({ digest, of, pages, differing }: Open): GatheredSlip => {
    const missing = Array.from({ length: of }, (_, i) => i + 1).filter((number) => !pages.has(number));
    const joined = missing.length === 0 ? joinSlipPages(crypto, [...pages.values()]) : undefined;
    return {
      digest,
      of,
      missing,
      differing: [...differing].sort((a, b) => a - b),
      bundle: joined?.ok === true ? joined.value : undefined,
      isSpoiled: joined?.ok === false,
    };
  };

  return {
    add(bytes) {
      const page = parseSlipPage(bytes);
      if (page === undefined) return { kind: 'not_a_page' };
      const { digest, number, of, length } = page;
      // Two slips of one length of digest and another length of bytes are two slips.
      const key = `${digest} ${length}`;
      let slip = open.get(key);
      if (slip === undefined) {
        if (open.size >= SLIPS_READ_MAX) return { kind: 'too_many' };
        slip = { digest, of, pages: new Map(), differing: new Set() };
        open.set(key, slip);
      }
      const before = slip.pages.get(number);
      if (before === undefined) {
        slip.pages.set(number, bytes);
        // Read anew after a doubt, it is believed again.
        slip.differing.delete(number);
        return { kind: 'new', digest, number };
      }
      if (equalBytes(before, bytes)) return { kind: 'again', digest, number };
      slip.pages.delete(number);
      slip.differing.add(number);
      return { kind: 'differs', digest, number };
    },
    slips: () => [...open.values()].map(slipOf),
    forget(digest) {
      for (const [key, slip] of open) if (slip.digest === digest) open.delete(key);
    },
  };
}
