/**
 * One admission a round across stations: the seam to the province. A claim is idempotent for one station and code. The
 * local implementation knows no other station: it answers as a dead line does.
 */
import type { NationalCode } from '@sandoq/protocol/persian';

export type ClaimAnswer =
  | { readonly kind: 'granted' }
  /** where and when, for the officer; a coarse time */
  | { readonly kind: 'admitted_elsewhere'; readonly station: string; readonly bucket: number }
  | { readonly kind: 'unreachable' };

export interface Claims {
  claim(nationalCode: NationalCode): Promise<ClaimAnswer>;
  /** An unused card came back: the person may be admitted anywhere again. */
  release(nationalCode: NationalCode): Promise<void>;
}

export const localClaims: Claims = {
  claim: () => Promise.resolve({ kind: 'unreachable' }),
  release: () => Promise.resolve(),
};
