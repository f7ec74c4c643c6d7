/** A worker of the kill lab: jobs come and results go over the channel of `fork`. */
import { createKillWorker, type KillJob } from './kill-jobs.ts';

const work = await createKillWorker();
process.on('message', (job: KillJob) => {
  work(job).then(
    (done) =>
      process.send?.({
        done: { ...done, ...(done.result === undefined ? {} : { result: { ...done.result, trace: [] } }) },
      }),
    (cause: unknown) => process.send?.({ failed: cause instanceof Error ? cause.stack : String(cause) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
