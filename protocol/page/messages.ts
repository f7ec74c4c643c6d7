/** What the page, its verifying thread and that thread's own helpers say to each other. */
import type { Verdict } from '../src/verify/verify.ts';

export interface VerifyRequest {
  readonly kind: 'verify';
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** 64 hexadecimal digits; empty: the key in the folder */
  readonly authority: string;
  readonly lots: string;
  /** the program of every thread: helpers are made from it */
  readonly source: string;
}

export type VerifyAnswer =
  | { readonly kind: 'progress'; readonly done: number; readonly all: number }
  | { readonly kind: 'key_malformed' }
  | {
      readonly kind: 'verdict';
      readonly verdict: Verdict;
      readonly lines: { readonly fa: readonly string[]; readonly en: readonly string[] };
    };

export interface HelpRequest {
  readonly kind: 'signatures';
  readonly id: number;
  /** in one piece: src/verify/packed-checks.ts */
  readonly packed: Uint8Array;
}
/** places in the list of those that do not hold */
export interface HelpAnswer {
  readonly id: number;
  readonly wrong: readonly number[];
}
