/** Shares of a publication judged on Node's threads. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Judges, type Share, type ShareFolder, type ShareResult, shareMemory } from '@sandoq/protocol';

export type JudgeRequest =
  | { readonly kind: 'folder'; readonly folder: ShareFolder }
  | { readonly kind: 'share'; readonly id: number; readonly share: Share };
export interface JudgeAnswer {
  readonly id: number;
  readonly result: ShareResult;
}

export interface ThreadedJudges extends Judges {
  close(): Promise<void>;
}

/** Enough that no thread waits while the first one reads and hashes by itself. */
const SHARES_AHEAD_PER_THREAD = 48;

/** A share's records live as long as the share: with room for them they are not moved again and again. */
const YOUNG_GENERATION_MIB = 32;

/** Threads are started at once; their programs load while the folder is read. */
export function threadedJudges(threads = availableParallelism()): ThreadedJudges {
  const waiting = new Map<number, PromiseWithResolvers<ShareResult>>();
  /** what ended a thread: nobody would answer any more */
  let failed: unknown;
  const load = Array.from({ length: threads }, () => 0);
  const workers = Array.from({ length: threads }, (_, i) => {
    const worker = new Worker(new URL('./judge-worker.ts', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    worker.on('message', ({ id, result }: JudgeAnswer) => {
      load[i] = (load[i] as number) - 1;
      waiting.get(id)?.resolve(result);
      waiting.delete(id);
    });
    worker.on('error', (cause) => {
      failed = cause;
      for (const { reject } of waiting.values()) reject(cause);
    });
    return worker;
  });
  const tell = (thread: number, request: JudgeRequest, memory: ArrayBuffer[] = []): void =>
    workers[thread]?.postMessage(request, memory);
  let next = 0;
  return {
    sharesAhead: threads * SHARES_AHEAD_PER_THREAD,
    begin: (folder) => {
      for (let i = 0; i < threads; i++) tell(i, { kind: 'folder', folder });
    },
    judge: (share) => {
      if (failed !== undefined) return Promise.reject(failed);
      const id = next++;
      const answer = Promise.withResolvers<ShareResult>();
      waiting.set(id, answer);
      const idle = load.indexOf(Math.min(...load));
      load[idle] = (load[idle] as number) + 1;
      tell(idle, { kind: 'share', id, share }, shareMemory(share));
      return answer.promise;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
