/** The admission side's ledger, counted from the journal each time it is asked for: nothing that can drift. */
import type { records } from '@sandoq/protocol';
import type { Admission } from './journal-cell.ts';

export interface AdmissionLedger {
  readonly admitted: number;
  readonly local: number;
  readonly visiting: number;
  readonly issued: number;
  readonly returned: number;
  readonly spoiled: number;
  readonly abandoned: number;
  readonly helped: number;
  readonly offline: number;
  readonly byDocument: ReadonlyMap<records.DocumentKind, number>;
  /** by start of bucket, epoch seconds */
  readonly byBucket: ReadonlyMap<number, number>;
}

/** Who returned an unused card is not among the admitted; her card is among the issued and the returned. */
export function ledgerOf(admissions: Iterable<Admission>, abandoned: number): AdmissionLedger {
  const sums = { admitted: 0, visiting: 0, issued: 0, returned: 0, spoiled: 0, helped: 0, offline: 0 };
  const byDocument = new Map<records.DocumentKind, number>();
  const byBucket = new Map<number, number>();
  for (const admission of admissions) {
    sums.issued += admission.armings;
    sums.returned += admission.returned;
    sums.spoiled += admission.spoiled;
    if (admission.state !== 'admitted') continue;
    sums.admitted++;
    if (admission.visiting) sums.visiting++;
    if (admission.helped) sums.helped++;
    if (admission.offline) sums.offline++;
    byDocument.set(admission.document, (byDocument.get(admission.document) ?? 0) + 1);
    byBucket.set(admission.bucket, (byBucket.get(admission.bucket) ?? 0) + 1);
  }
  return { ...sums, local: sums.admitted - sums.visiting, abandoned, byDocument, byBucket };
}
