/** What the page and its worker say to each other. */
import type { Verdict } from '../src/verify/verify.ts';

export interface VerifyRequest {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** 64 hexadecimal digits; empty: the key in the folder */
  readonly authority: string;
  readonly lots: string;
}

export type VerifyAnswer =
  | { readonly kind: 'progress'; readonly done: number; readonly all: number }
  | { readonly kind: 'key_malformed' }
  | {
      readonly kind: 'verdict';
      readonly verdict: Verdict;
      readonly lines: { readonly fa: readonly string[]; readonly en: readonly string[] };
    };
