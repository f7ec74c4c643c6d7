/** Shares of a publication judged in a page's workers, one a core, all made from one program. */
import { dealtJudges, type JudgeAnswer } from '../src/verify/dealt.ts';
import type { Judges } from '../src/verify/verify.ts';

const WORKERS_MAX = 8;
/** Enough that no worker waits while the first one reads and hashes by itself. */
const SHARES_AHEAD_PER_WORKER = 32;

export interface PageJudges extends Judges {
  close(): void;
}

/** Workers are started at once; they compile while the folder is read. */
export function pageJudges(source: string): PageJudges {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const count = Math.min(navigator.hardwareConcurrency, WORKERS_MAX);
  const workers = Array.from({ length: count }, () => new Worker(url));
  const judges = dealtJudges(
    workers.map((worker) => (request, memory) => worker.postMessage(request, memory)),
    SHARES_AHEAD_PER_WORKER,
  );
  workers.forEach((worker, i) => {
    worker.onmessage = ({ data }: MessageEvent<JudgeAnswer>) => judges.answered(i, data);
    worker.onerror = () => judges.failed(new Error('a worker of the page failed'));
  });
  return {
    ...judges,
    close: () => {
      for (const worker of workers) worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
