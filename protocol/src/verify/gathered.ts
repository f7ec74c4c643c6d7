/** What the results of all shares come to, taken up one by one in the order of the stations. */
import { type Bytes, utf8 } from '../codec/bytes.ts';
import { MerkleRoot } from '../codec/merkle.ts';
import type { CheckedAmendment, CheckedFolder } from '../records/provisioning.ts';
import { AppliedLaw } from './applied-law.ts';
import { CsvMatch } from './check-files.ts';
import { Faults } from './publication.ts';
import { Places, sumsLength, TotalsCsv, totalsIn } from './published-sums.ts';
import { DIGEST_DIGITS, type EntryFault, LEAF_BYTES, type ShareResult } from './share.ts';
import type { Verdict } from './verdict.ts';

export type Folder = CheckedFolder & { readonly amendments: readonly CheckedAmendment[] };

export class Gathered {
  readonly faults = new Faults();
  readonly entryFaults: EntryFault[] = [];
  readonly digests = new Map<string, string>();
  readonly unused = new Set<string>();
  readonly disputed: Verdict['disputed'][number][] = [];
  readonly corrected: Verdict['corrected'][number][] = [];
  readonly tree = new MerkleRoot();
  readonly places: Places;
  readonly law: AppliedLaw | undefined;
  readonly csv: CsvMatch;
  readonly rows: Bytes[] = [];
  entrySignatures = 0;
  slipSignatures = 0;
  readonly #folder: Folder;

  constructor(folder: Folder, csv: Bytes | undefined) {
    this.#folder = folder;
    this.places = new Places(folder);
    this.law = AppliedLaw.of(folder);
    this.csv = new CsvMatch(csv);
    this.csv.add(utf8(new TotalsCsv(folder).head));
  }

  /** @param stations of the share, and the names of its files */
  add(stations: readonly string[], names: readonly string[], result: ShareResult): void {
    names.forEach((name, i) => {
      this.digests.set(name, result.digests.slice(DIGEST_DIGITS * i, DIGEST_DIGITS * (i + 1)));
    });
    this.entrySignatures += result.signatures.entries;
    this.slipSignatures += result.signatures.slips;
    this.entryFaults.push(...result.entryFaults);
    if (this.entryFaults.length > 0) return;
    for (let at = 0; at < result.leaves.length; at += LEAF_BYTES)
      this.tree.addHash(result.leaves.slice(at, at + LEAF_BYTES));
    this.faults.addAll({ named: result.faults, unnamed: result.faultsUnnamed });
    for (const name of result.unused) this.unused.add(name);
    this.disputed.push(...result.disputed);
    this.corrected.push(...result.corrected);
    this.csv.add(result.csv);
    this.rows.push(...(this.rows.length === 0 ? [] : [utf8(',')]), result.rows);
    this.#addSums(stations, result);
  }

  #addSums(stations: readonly string[], { places, sums }: ShareResult): void {
    const length = sumsLength(this.#folder);
    let at = 0;
    places.forEach(({ province, county, stands }, i) => {
      const numbers = stands ? sums.subarray(at, at + length) : undefined;
      this.places.add(province, county, numbers);
      if (numbers === undefined) return;
      at += length;
      this.law?.add(stations[i] as string, totalsIn(this.#folder, numbers));
    });
  }
}
