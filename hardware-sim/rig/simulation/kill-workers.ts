/** Processes that share the kill lab's jobs: each has its own moments, and does one job at a time. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { JobDone, KillJob } from './kill-jobs.ts';

const WORKER = join(import.meta.dirname, 'kill-worker.ts');

type Said = 'ready' | { readonly done: JobDone } | { readonly failed: string };

interface Worker {
  readonly child: ChildProcess;
  listen: (said: Said | 'gone') => void;
}

export interface KillWorkers {
  /** Does every job, in any order of ending. @throws where a worker fails, which no seed may bring about */
  all(jobs: Iterable<KillJob>, onDone: (done: JobDone, job: KillJob) => void): Promise<void>;
  stop(): void;
}

const heard = (worker: Worker): Promise<Said> =>
  new Promise((resolve, reject) => {
    worker.listen = (said) =>
      said === 'gone' ? reject(new Error('a worker of the lab has ended')) : resolve(said);
  });

async function startWorker(): Promise<Worker> {
  const child = fork(WORKER, [], {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const worker: Worker = { child, listen: () => undefined };
  child.on('message', (said) => worker.listen(said as Said));
  child.once('exit', () => worker.listen('gone'));
  await heard(worker);
  return worker;
}

export async function startKillWorkers(count: number): Promise<KillWorkers> {
  const workers = await Promise.all(Array.from({ length: count }, startWorker));
  return {
    async all(jobs, onDone) {
      const queue = jobs[Symbol.iterator]();
      await Promise.all(
        workers.map(async (worker) => {
          for (let next = queue.next(); next.done !== true; next = queue.next()) {
            const answer = heard(worker);
            worker.child.send(next.value);
            const said = await answer;
            if (said === 'ready') throw new Error('a worker answered out of turn');
            if ('failed' in said) throw new Error(`${JSON.stringify(next.value)}: ${said.failed}`);
            onDone(said.done, next.value);
          }
        }),
      );
    },
    stop() {
      for (const { child } of workers) child.disconnect();
    },
  };
}
