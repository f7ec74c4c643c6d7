/**
 * `npm run lab -- kill [--virtual N] [--real N] [--sweep NAME|none] [--seed S]`: station and box killed at every numbered
 * step of the day's parts, at random instants of virtual days, and as real processes. Progress on stderr, one JSON line on
 * stdout. A failing seed is named, and `--seed` plays it again with its trace.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type DayResult, simulateDay } from '../rig/simulation/day.ts';
import { killRealProcesses, type RealKills } from '../rig/simulation/real-kills.ts';
import { removeFolder, simulationFolder } from '../rig/simulation/scene.ts';
import { missingSentences } from '../rig/simulation/sentences.ts';
import {
  killsOf,
  type Moments,
  makeMoments,
  parseSweepSeed,
  runSweep,
  SWEEPS,
  seedOf,
} from '../rig/simulation/sweep.ts';

const VIRTUAL_KILLS = 10_000;
const REAL_KILLS = 500;
const KILLS_A_DAY = 12;
const VOTERS_A_DAY = 8;
const PROGRESS_EVERY = 200;

const USAGE = `usage: npm run lab -- kill [--virtual N] [--real N] [--sweep NAME,…|none] [--first-seed N] [--seed S]

  --virtual N     random kills in virtual days (${VIRTUAL_KILLS})
  --real N        kill -9 of real processes (${REAL_KILLS})
  --sweep NAMES   parts of the day to be killed at every step: ${SWEEPS.join(',')} (all), or none
  --first-seed N  where the seeds of the random days begin (1)
  --seed S        one seed again, with its trace: a number, or PART:VICTIM:STEP
`;

function usage(why: string): never {
  console.error(`${why}\n\n${USAGE}`);
  process.exit(2);
}

const options = (() => {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean' },
        virtual: { type: 'string' },
        real: { type: 'string' },
        sweep: { type: 'string' },
        seed: { type: 'string' },
        'first-seed': { type: 'string' },
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
const number = (text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) usage(`not a number: ${text}`);
  return Number(text);
};
const sweeps = SWEEPS.filter(
  (name) => options.sweep === undefined || options.sweep.split(',').includes(name),
);
if (sweeps.length === 0 && options.sweep !== 'none') usage(`no part named ${options.sweep}`);

interface Tally {
  kills: number;
  days: number;
  votes: number;
  cpuMs: number;
  readonly failing: { readonly seed: string; readonly findings: readonly string[] }[];
  readonly passed: Set<string>;
}
const tally = (): Tally => ({ kills: 0, days: 0, votes: 0, cpuMs: 0, failing: [], passed: new Set() });

const cpuNow = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function add(into: Tally, result: DayResult): void {
  into.kills += result.kills;
  into.days++;
  into.votes += result.votes;
  for (const one of result.passed) into.passed.add(one);
  if (result.findings.length === 0) return;
  into.failing.push({ seed: result.seed, findings: result.findings });
  console.error(`FAILS --seed ${result.seed}: ${result.findings.join('; ').slice(0, 1500)}`);
}

/** A random day: mostly kills, and in every third day the rest of what can go wrong as well. */
const randomDay = (moments: Moments, seed: number, folder: string): Promise<DayResult> =>
  simulateDay({
    scene: moments.loaded,
    seed: String(seed),
    folder,
    voters: VOTERS_A_DAY,
    trouble: {
      kills: KILLS_A_DAY,
      line: seed % 3 === 0 ? 40 : 0,
      cables: seed % 3 === 0 ? 2 : 0,
      papers: seed % 3 === 1 ? 3 : 0,
      clock: seed % 5 === 0 ? 1 : 0,
      flash: seed % 20 === 7 ? 1 : 0,
    },
  }).finally(() => removeFolder(folder));

const root = simulationFolder();
process.once('exit', () => removeFolder(root));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const moments = await makeMoments(root);

async function replay(seed: string): Promise<never> {
  const sweep = parseSweepSeed(seed);
  if (sweep === undefined && !/^\d+$/.test(seed)) usage(`no seed: ${seed}`);
  const folder = join(root, 'again');
  const result =
    sweep === undefined
      ? await randomDay(moments, Number(seed), folder)
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
if (options.seed !== undefined) await replay(options.seed);

const stepped = tally();
const sweptSteps: Record<string, number> = {};
for (const name of sweeps) {
  const kills = await killsOf(moments, name, join(root, 'sweep'));
  sweptSteps[`steps_${name}`] = new Set(kills.map(({ step }) => step)).size;
  console.error(`${name}: ${sweptSteps[`steps_${name}`]} steps, ${kills.length} kills`);
  for (const kill of kills) {
    add(stepped, await runSweep(moments, kill, join(root, seedOf(kill).replaceAll(':', '-'))));
    if (stepped.days % PROGRESS_EVERY === 0) console.error(`  ${stepped.days} kills at numbered steps`);
  }
}

const random = tally();
const wanted = number(options.virtual, VIRTUAL_KILLS);
const cpuBefore = cpuNow();
for (let seed = number(options['first-seed'], 1); random.kills < wanted; seed++) {
  add(random, await randomDay(moments, seed, join(root, `day-${seed}`)));
  if (random.days % PROGRESS_EVERY === 0)
    console.error(`  ${random.days} days, ${random.kills} kills, ${random.votes} votes`);
}
random.cpuMs = cpuNow() - cpuBefore;

const realWanted = number(options.real, REAL_KILLS);
const real: RealKills | undefined =
  realWanted === 0
    ? undefined
    : await killRealProcesses(realWanted, number(options['first-seed'], 1), (text) => console.error(text));
for (const finding of real?.findings ?? []) console.error(`FAILS real processes: ${finding}`);

const passed = new Set([...stepped.passed, ...random.passed]);
const unnamed = missingSentences(passed);
for (const one of unnamed) console.error(`FAILS no sentence for ${one}`);
const findings = [...stepped.failing, ...random.failing].flatMap((one) => one.findings);
const matching = (pattern: RegExp): number =>
  findings.filter((one) => pattern.test(one)).length +
  (real?.findings ?? []).filter((one) => pattern.test(one)).length;
const ok =
  findings.length === 0 && unnamed.length === 0 && (real === undefined || real.findings.length === 0);
console.log(
  JSON.stringify({
    name: 'kill',
    ok,
    figures: {
      ...sweptSteps,
      step_kills: stepped.kills,
      random_kills: random.kills,
      random_days: random.days,
      real_kills: real?.kills ?? 0,
      real_days: real?.days ?? 0,
      votes: stepped.votes + random.votes + (real?.votes ?? 0),
      lost: matching(/lost/),
      doubled: matching(/doubled/),
      unnamed_states: unnamed.length + matching(/nobody gets out/),
      failing_seeds: stepped.failing.length + random.failing.length,
      states_seen: passed.size,
      virtual_votes_per_second_of_cpu: Math.round((random.votes / Math.max(1, random.cpuMs)) * 10_000) / 10,
    },
  }),
);
process.exit(ok ? 0 : 1);
