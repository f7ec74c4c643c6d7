/** What the papers are made from: records that are kept and signed, and nothing that is only on a screen. */
import type { Bytes, records } from '@sandoq/protocol';

export interface SignedBy {
  readonly role: records.Role;
  readonly refused: boolean;
  readonly remark: string | null;
}

export interface PaperSource {
  readonly election: {
    readonly id: string;
    readonly title: records.Bilingual;
    readonly contests: readonly records.Contest[];
    /** by contest, in index order */
    readonly candidates: readonly (readonly Pick<records.Candidate, 'code' | 'name'>[])[];
    readonly settings: Pick<records.Settings, 'utcOffsetMinutes'>;
  };
  readonly station: records.Station;
  readonly session: records.Session;
  readonly zeroReport: records.ZeroReport;
  readonly seals: readonly string[];
  /** once the votes are counted */
  readonly slip?: {
    readonly value: records.Slip;
    readonly digest: Bytes;
    readonly approvals: readonly SignedBy[];
    /** ledgers that do not hold, as the catalogues name them */
    readonly faults: readonly string[];
  };
  /** once the signing has begun */
  readonly minutes?: { readonly value: records.Minutes; readonly digest: Bytes };
  /** pages of the bundle, once it is made: `slipPages` */
  readonly pages?: readonly Bytes[];
}
