/** The admission side's ledger, counted from the journal each time it is asked for: nothing that can drift. */
import type { records } from '@sandoq/protocol';
import { owedStep } from './claims.ts';
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
  /** of the admitted, those that the province has not yet answered for */
  readonly unconfirmed: number;
  /** lines that the province is still to be told */
  readonly owed: number;
  /** of the admitted, those that another station, or another terminal of this one, has admitted too */
  readonly doubled: number;
  readonly byDocument: ReadonlyMap<records.DocumentKind, number>;
  /** by start of bucket, epoch seconds */
  readonly byBucket: ReadonlyMap<number, number>;
}

/** Who returned an unused card is not among the admitted; her card is among the issued and the returned. */
export function ledgerOf(admissions: Iterable<Admission>, abandoned: number): AdmissionLedger {
  const sums = {
    admitted: 0,
    visiting: 0,
    issued: 0,
    returned: 0,
    spoiled: 0,
    helped: 0,
    offline: 0,
    unconfirmed: 0,
    owed: 0,
    doubled: 0,
  };
  const byDocument = new Map<records.DocumentKind, number>();
  const byBucket = new Map<number, number>();
  const ofStation = new Set<string>();
  const apart: Admission[] = [];
  for (const admission of admissions) {
    sums.issued += admission.armings;
    if (owedStep(admission) !== undefined) sums.owed++;
    sums.returned += admission.returned;
    sums.spoiled += admission.spoiled;
    if (admission.state !== 'admitted') continue;
    sums.admitted++;
    if (admission.visiting) sums.visiting++;
    if (admission.helped) sums.helped++;
    if (admission.offline) sums.offline++;
    if (admission.told !== 'claimed') sums.unconfirmed++;
    if (admission.doubled) sums.doubled++;
    if (admission.apart === true) apart.push(admission);
    else if (admission.terminal !== undefined) ofStation.add(admission.nationalCode);
    byDocument.set(admission.document, (byDocument.get(admission.document) ?? 0) + 1);
    byBucket.set(admission.bucket, (byBucket.get(admission.bucket) ?? 0) + 1);
  }
  // Terminals that were cut off from each other: each further line of a person is a double inside the station.
  for (const { nationalCode, doubled } of apart) {
    if (ofStation.has(nationalCode) && !doubled) sums.doubled++;
    ofStation.add(nationalCode);
  }
  return { ...sums, local: sums.admitted - sums.visiting, abandoned, byDocument, byBucket };
}
