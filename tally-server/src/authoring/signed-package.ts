/** What the desk's process tells its page of a signed package. */

/** What a signed package holds, as far as it can be amended. */
export interface SignedPackage {
  readonly package: string;
  readonly amendments: number;
  /** ISO 8601, with the amendments so far */
  readonly closes_at: string;
  readonly contests: readonly {
    readonly id: string;
    readonly title: { readonly fa: string };
    readonly candidates: readonly {
      readonly code: string;
      readonly name: { readonly fa: string };
      readonly withdrawn: boolean;
    }[];
  }[];
}
