/** What the page, its verifying thread and that thread's own workers say to each other. */
import type { JudgeRequest } from '../src/verify/dealt.ts';
import type { Verdict } from '../src/verify/verdict.ts';

export interface VerifyRequest {
  readonly kind: 'verify';
  /** by their paths in the chosen folder; read where they are used */
  readonly files: ReadonlyMap<string, File>;
  /** 64 hexadecimal digits; empty: the key in the folder */
  readonly authority: string;
  readonly lots: string;
  /** the program of every thread: workers are made from it */
  readonly source: string;
}

export type WorkerRequest = VerifyRequest | JudgeRequest;

export type VerifyAnswer =
  | { readonly kind: 'reading'; readonly done: number; readonly all: number }
  | { readonly kind: 'progress'; readonly done: number; readonly all: number }
  /** the browser runs only the reference cryptography */
  | { readonly kind: 'slow' }
  | { readonly kind: 'key_malformed' }
  | { readonly kind: 'unreadable' }
  | {
      readonly kind: 'verdict';
      readonly verdict: Verdict;
      /** files that the index names and that are not in the folder: a copy that is not whole */
      readonly missing: { readonly count: number; readonly first: string };
      readonly lines: { readonly fa: readonly string[]; readonly en: readonly string[] };
    };
