/** What the kill lab's workers do, one job at a time: days, and parts of a day with a kill at a step, from a seed. */
import { join } from 'node:path';
import type { DayResult } from './day.ts';
import { randomDay } from './random-days.ts';
import { removeFolder, simulationFolder } from './scene.ts';
import { killsOf, makeMoments, runSweep, type SweepKill, type SweepName, seedOf } from './sweep.ts';

export type KillJob =
  | { readonly do: 'number_steps'; readonly sweep: SweepName }
  | { readonly do: 'sweep'; readonly kill: SweepKill }
  | { readonly do: 'day'; readonly seed: string };

export interface JobDone {
  readonly kills: readonly SweepKill[];
  /** without its trace, which nobody reads of a day that is well */
  readonly result: DayResult | undefined;
  readonly cpuMs: number;
}

const cpuNow = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** @returns what does jobs, from one set of moments */
export async function createKillWorker(): Promise<(job: KillJob) => Promise<JobDone>> {
  const root = simulationFolder();
  process.once('exit', () => removeFolder(root));
  const moments = await makeMoments(root);
  const done = (result: DayResult, since: number): JobDone => ({
    kills: [],
    result,
    cpuMs: cpuNow() - since,
  });
  return async (job) => {
    const since = cpuNow();
    if (job.do === 'number_steps')
      return {
        kills: await killsOf(moments, job.sweep, join(root, 'numbering')),
        result: undefined,
        cpuMs: 0,
      };
    if (job.do === 'sweep')
      return done(
        await runSweep(moments, job.kill, join(root, seedOf(job.kill).replaceAll(':', '-'))),
        since,
      );
    return done(await randomDay(moments.loaded, job.seed, join(root, job.seed.replaceAll(':', '-'))), since);
  };
}
