/**
 * The bins. Papers fall and mix: there is no order in a bin. By default a bin is a number; an audit in a rehearsal test
 * may ask for the papers themselves, which then lie in memory, packed, in random order, and never in a file.
 */
import { deflateSync, inflateSync } from 'node:zlib';
import type { DROP_TARGETS } from '@sandoq/protocol';
import type { Raster } from './printer.ts';

export type Bin = keyof typeof DROP_TARGETS;

/** Above this a test should take a smaller station: about 1 kB a packed paper. */
export const PAPERS_KEPT_MAX = 20_000;

interface PackedPaper {
  readonly widthBytes: number;
  readonly rows: number;
  readonly packed: Uint8Array;
}

export interface PaperBins {
  add(bin: Bin, raster: Raster | undefined): void;
  /** @throws where papers are not kept. */
  read(bin: Bin): readonly Raster[];
}

export function createPaperBins(keep: boolean, randomBelow: (bound: number) => number): PaperBins {
  const bins: Record<Bin, PackedPaper[]> = { bin: [], rejected: [], retained: [] };
  return {
    add(bin, raster) {
      if (!keep || raster === undefined) return;
      const papers = bins[bin];
      if (papers.length >= PAPERS_KEPT_MAX) throw new RangeError('more than PAPERS_KEPT_MAX papers kept');
      papers.push({
        widthBytes: raster.widthBytes,
        rows: raster.rows,
        packed: new Uint8Array(deflateSync(raster.bits)),
      });
      // One step of a Fisher-Yates shuffle a paper keeps the whole bin uniformly mixed.
      const other = randomBelow(papers.length);
      const last = papers.length - 1;
      [papers[other], papers[last]] = [papers[last] as PackedPaper, papers[other] as PackedPaper];
    },
    read(bin) {
      if (!keep) throw new Error('papers are kept only where an audit asked for it');
      return bins[bin].map((paper) => ({
        widthBytes: paper.widthBytes,
        rows: paper.rows,
        bits: new Uint8Array(inflateSync(paper.packed)),
      }));
    },
  };
}
