/**
 * `npm run lab -- kill`: station and box killed at every numbered step of the day's parts, at random instants of virtual days,
 * in storms of everything that can go wrong, and as real processes, the emulated board among them. Progress on stderr, one JSON
 * line on stdout. A failing seed is named, and `--seed` plays it again with its trace.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DayResult } from '../rig/simulation/day.ts';
import type { JobDone, KillJob } from '../rig/simulation/kill-jobs.ts';
import { type KillWorkers, startKillWorkers } from '../rig/simulation/kill-workers.ts';
import { isDaySeed, randomDay, stormSeed } from '../rig/simulation/random-days.ts';
import { killRealProcesses, type RealKills } from '../rig/simulation/real-kills.ts';
import { removeFolder, simulationFolder } from '../rig/simulation/scene.ts';
import { missingSentences } from '../rig/simulation/sentences.ts';
import { makeMoments, parseSweepSeed, runSweep, SWEEPS, type SweepName } from '../rig/simulation/sweep.ts';

const VIRTUAL_KILLS = 10_000;
const STORMS = 300;
const REAL_KILLS = 500;
const BOARD_KILLS = 60;
const WORKERS = 2;
const WORKERS_MAX = 64;
const PROGRESS_EVERY = 200;
const SHORT = { virtual: 240, storms: 10, real: 8, board: 4, everyStep: 40 };

const USAGE = `usage: npm run lab -- kill [--short] [--virtual N] [--storms N] [--real N] [--board N] [--sweep NAME,…|none]
                          [--workers N] [--first-seed N] [--seed S]

  --short         a sample of each part
  --virtual N     random kills in virtual days (${VIRTUAL_KILLS})
  --storms N      virtual days in which everything goes wrong (${STORMS})
  --real N        kill -9 of real processes (${REAL_KILLS})
  --board N       the same with the box on the emulated board, mostly of the emulator (${BOARD_KILLS})
  --sweep NAMES   parts of the day to be killed at every step: ${SWEEPS.join(',')} (all), or none
  --workers N     processes that share the virtual days (${WORKERS}); the real ones are beside them
  --first-seed N  where the seeds of the random days begin (1): a run that was broken off goes on from there
  --seed S        one seed again, with its trace: a number, storm:NUMBER, or PART:VICTIM:STEP
`;

function usage(why: string): never {
  console.error(`${why}\n\n${USAGE}`);
  process.exit(2);
}

const text = { type: 'string' } as const;
const options = (() => {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean' },
        short: { type: 'boolean' },
        virtual: text,
        storms: text,
        real: text,
        board: text,
        sweep: text,
        workers: text,
        seed: text,
        'first-seed': text,
      },
    }).values;
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'arguments are wrong');
  }
})();
if (options.help === true) {
  console.error(USAGE);
  process.exit(0);
}
const number = (given: string | undefined, otherwise: number): number => {
  if (given === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(given)) usage(`not a number: ${given}`);
  return Number(given);
};
const short = options.short === true;
const wanted = {
  virtual: number(options.virtual, short ? SHORT.virtual : VIRTUAL_KILLS),
  storms: number(options.storms, short ? SHORT.storms : STORMS),
  real: number(options.real, short ? SHORT.real : REAL_KILLS),
  board: number(options.board, short ? SHORT.board : BOARD_KILLS),
};
const firstSeed = number(options['first-seed'], 1);
const workerCount = number(options.workers, WORKERS);
if (workerCount < 1 || workerCount > WORKERS_MAX) usage(`--workers: 1 to ${WORKERS_MAX}`);
const sweeps = SWEEPS.filter(
  (name) => options.sweep === undefined || options.sweep.split(',').includes(name),
);
if (sweeps.length === 0 && options.sweep !== 'none') usage(`no part named ${options.sweep}`);

async function replay(seed: string): Promise<never> {
  const root = simulationFolder();
  process.once('exit', () => removeFolder(root));
  const sweep = parseSweepSeed(seed);
  if (sweep === undefined && !isDaySeed(seed)) usage(`no seed: ${seed}`);
  const folder = join(root, 'again');
  const moments = await makeMoments(root);
  const result =
    sweep === undefined
      ? await randomDay(moments.loaded, seed, folder)
      : await runSweep(moments, sweep, folder);
  for (const line of result.trace) console.error(line);
  for (const finding of result.findings) console.error(`FAILS ${finding}`);
  const { findings, kills, votes, steps, events } = result;
  console.log(
    JSON.stringify({
      name: 'kill',
      ok: findings.length === 0,
      figures: { seed, kills, votes, steps, events, findings: findings.length },
    }),
  );
  process.exit(findings.length === 0 ? 0 : 1);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (options.seed !== undefined) await replay(options.seed);

interface Tally {
  kills: number;
  days: number;
  votes: number;
  cpuMs: number;
  readonly failing: { readonly seed: string; readonly findings: readonly string[] }[];
  readonly passed: Set<string>;
}
const tally = (): Tally => ({ kills: 0, days: 0, votes: 0, cpuMs: 0, failing: [], passed: new Set() });

function add(into: Tally, result: DayResult, cpuMs: number): void {
  into.kills += result.kills;
  into.days++;
  into.votes += result.votes;
  into.cpuMs += cpuMs;
  for (const one of result.passed) into.passed.add(one);
  if (result.findings.length === 0) return;
  into.failing.push({ seed: result.seed, findings: result.findings });
  console.error(`FAILS --seed ${result.seed}: ${result.findings.join('; ').slice(0, 1500)}`);
}

const stepped = tally();
const random = tally();
const storms = tally();
const sweptSteps: Record<string, number> = {};

const counting =
  (into: Tally, what: string) =>
  ({ result, cpuMs }: JobDone): void => {
    if (result === undefined) return;
    add(into, result, cpuMs);
    if (into.days % PROGRESS_EVERY === 0)
      console.error(`  ${what}: ${into.days} days, ${into.kills} kills, ${into.votes} votes`);
  };

async function sweepAll(workers: KillWorkers): Promise<void> {
  const jobs: KillJob[] = [];
  await workers.all(
    sweeps.map((sweep) => ({ do: 'number_steps', sweep })),
    ({ kills }, job) => {
      const name = (job as { readonly sweep: SweepName }).sweep;
      sweptSteps[`steps_${name}`] = new Set(kills.map(({ step }) => step)).size;
      console.error(`${name}: ${sweptSteps[`steps_${name}`]} steps, ${kills.length} kills`);
      for (const [i, kill] of kills.entries())
        if (!short || i % SHORT.everyStep === 7) jobs.push({ do: 'sweep', kill });
    },
  );
  await workers.all(jobs, counting(stepped, 'numbered steps'));
}

function* randomJobs(): Generator<KillJob> {
  for (let seed = firstSeed; random.kills < wanted.virtual; seed++) yield { do: 'day', seed: `${seed}` };
}
function* stormJobs(): Generator<KillJob> {
  for (let i = 0; i < wanted.storms; i++) yield { do: 'day', seed: stormSeed(firstSeed + i) };
}

async function virtual(): Promise<void> {
  const workers = await startKillWorkers(workerCount);
  try {
    await sweepAll(workers);
    await workers.all(randomJobs(), counting(random, 'random'));
    await workers.all(stormJobs(), counting(storms, 'storms'));
  } finally {
    workers.stop();
  }
}

const NO_KILLS: RealKills = { kills: 0, boxKills: 0, days: 0, votes: 0, findings: [] };

async function real(): Promise<{ readonly inNode: RealKills; readonly onBoard: RealKills }> {
  const kill = (kills: number, box: 'sim' | 'qemu'): Promise<RealKills> =>
    kills === 0
      ? Promise.resolve(NO_KILLS)
      : killRealProcesses({
          wanted: kills,
          firstSeed,
          box,
          ...(short ? { voters: 6, daysMax: 1 } : {}),
          onProgress: (said) => console.error(said),
        });
  const inNode = await kill(wanted.real, 'sim');
  // Without its tools the emulated board is not run, and the figures say so.
  const hasBoard = spawnSync('qemu-system-arm', ['--version']).status === 0;
  if (!hasBoard) console.error('no kills of the emulated board: qemu-system-arm is missing (npm run system)');
  return { inNode, onBoard: await kill(hasBoard ? wanted.board : 0, 'qemu') };
}

const [, { inNode, onBoard }] = await Promise.all([virtual(), real()]);
const realFindings = [...inNode.findings, ...onBoard.findings];
for (const finding of realFindings) console.error(`FAILS ${finding}`);
const parts = [stepped, random, storms];
const passed = new Set(parts.flatMap((one) => [...one.passed]));
const unnamed = missingSentences(passed);
for (const one of unnamed) console.error(`FAILS no sentence for ${one}`);
const failing = parts.flatMap((one) => one.failing);
const findings = [...failing.flatMap((one) => one.findings), ...realFindings];
const matching = (pattern: RegExp): number => findings.filter((one) => pattern.test(one)).length;
const ok = findings.length === 0 && unnamed.length === 0;
console.log(
  JSON.stringify({
    name: 'kill',
    ok,
    figures: {
      ...sweptSteps,
      step_kills: stepped.kills,
      random_kills: random.kills,
      random_days: random.days,
      storms: storms.days,
      storm_kills: storms.kills,
      real_kills: inNode.kills,
      real_box_kills: inNode.boxKills,
      real_days: inNode.days,
      board_kills: onBoard.kills,
      emulator_kills: onBoard.boxKills,
      votes: [...parts, inNode, onBoard].reduce((sum, { votes }) => sum + votes, 0),
      lost: matching(/lost/),
      doubled: matching(/doubled/),
      unnamed_states: unnamed.length + matching(/nobody gets out/),
      failing_seeds: failing.length,
      states_seen: passed.size,
      virtual_votes_per_second_of_cpu: Math.round((random.votes / Math.max(1, random.cpuMs)) * 10_000) / 10,
    },
  }),
);
process.exit(ok ? 0 : 1);
