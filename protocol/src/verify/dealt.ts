/** Shares of a publication dealt to others that judge them: threads of a process or workers of a page. */
import { type Share, type ShareFolder, type ShareResult, shareMemory } from './share.ts';
import type { Judges } from './verify.ts';

export type JudgeRequest =
  | { readonly kind: 'folder'; readonly folder: ShareFolder }
  | { readonly kind: 'share'; readonly id: number; readonly share: Share };

export interface JudgeAnswer {
  readonly id: number;
  readonly result: ShareResult;
}

/** @param memory is the judge's from now on */
export type TellJudge = (request: JudgeRequest, memory: ArrayBuffer[]) => void;

export interface DealtJudges extends Judges {
  answered(judge: number, answer: JudgeAnswer): void;
  /** One of them has ended: nobody would answer any more. */
  failed(cause: unknown): void;
}

/** Each share goes to the judge with the fewest; how many are under way is its caller's bound, `sharesAhead`. */
export function dealtJudges(judges: readonly TellJudge[], sharesAheadEach: number): DealtJudges {
  const waiting = new Map<number, PromiseWithResolvers<ShareResult>>();
  const load = judges.map(() => 0);
  let failure: { readonly cause: unknown } | undefined;
  let next = 0;
  return {
    sharesAhead: judges.length * sharesAheadEach,
    begin: (folder) => {
      for (const tell of judges) tell({ kind: 'folder', folder }, []);
    },
    judge: (share) => {
      if (failure !== undefined) return Promise.reject(failure.cause);
      const id = next++;
      const answer = Promise.withResolvers<ShareResult>();
      waiting.set(id, answer);
      const idle = load.indexOf(Math.min(...load));
      load[idle] = (load[idle] as number) + 1;
      judges[idle]?.({ kind: 'share', id, share }, shareMemory(share));
      return answer.promise;
    },
    answered: (judge, { id, result }) => {
      load[judge] = (load[judge] as number) - 1;
      waiting.get(id)?.resolve(result);
      waiting.delete(id);
    },
    failed: (cause) => {
      failure ??= { cause };
      for (const { reject } of waiting.values()) reject(cause);
      waiting.clear();
    },
  };
}
