/** Shares of a publication judged on Node's threads. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { dealtJudges, type JudgeAnswer, type Judges } from '@sandoq/protocol';

export interface ThreadedJudges extends Judges {
  close(): Promise<void>;
}

/** Enough that no thread waits while the first one reads and hashes by itself. */
const SHARES_AHEAD_PER_THREAD = 48;

/** A share's records live as long as the share: with room for them they are not moved again and again. */
const YOUNG_GENERATION_MIB = 32;

/** Threads are started at once; their programs load while the folder is read. */
export function threadedJudges(threads = availableParallelism()): ThreadedJudges {
  const workers = Array.from(
    { length: threads },
    () =>
      new Worker(new URL('./judge-worker.ts', import.meta.url), {
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
      }),
  );
  const judges = dealtJudges(
    workers.map((worker) => (request, memory) => worker.postMessage(request, memory)),
    SHARES_AHEAD_PER_THREAD,
  );
  workers.forEach((worker, i) => {
    worker.on('message', (answer: JudgeAnswer) => judges.answered(i, answer));
    worker.on('error', judges.failed);
  });
  return {
    ...judges,
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
