/** Shares of a publication judged in a page's workers, one a core, all made from one program. */
import type { ShareResult } from '../src/verify/share.ts';
import { shareMemory } from '../src/verify/share.ts';
import type { Judges } from '../src/verify/verify.ts';
import type { JudgeAnswer, WorkerRequest } from './messages.ts';

const WORKERS_MAX = 8;
/** Enough that no worker waits while the first one reads and hashes by itself. */
const SHARES_AHEAD_PER_WORKER = 32;

export interface PageJudges extends Judges {
  close(): void;
}

/** Workers are started at once; they compile while the folder is read. */
export function pageJudges(source: string): PageJudges {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const waiting = new Map<number, PromiseWithResolvers<ShareResult>>();
  let failed: Error | undefined;
  const count = Math.min(navigator.hardwareConcurrency, WORKERS_MAX);
  const load = Array.from({ length: count }, () => 0);
  const workers = load.map((_, i) => {
    const worker = new Worker(url);
    worker.onmessage = ({ data: { id, result } }: MessageEvent<JudgeAnswer>) => {
      load[i] = (load[i] as number) - 1;
      waiting.get(id)?.resolve(result);
      waiting.delete(id);
    };
    worker.onerror = () => {
      failed = new Error('a worker of the page failed');
      for (const { reject } of waiting.values()) reject(failed);
    };
    return worker;
  });
  const tell = (worker: number, request: WorkerRequest, memory: ArrayBuffer[] = []): void =>
    workers[worker]?.postMessage(request, memory);
  let next = 0;
  return {
    sharesAhead: count * SHARES_AHEAD_PER_WORKER,
    begin: (folder) => {
      for (let i = 0; i < count; i++) tell(i, { kind: 'folder', folder });
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
    close: () => {
      for (const worker of workers) worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
