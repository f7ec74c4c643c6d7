/**
 * `npm run lab -- fuzz-link [--seconds S] [--seed N]`: hostile frames at the core's parser, inside the wasm, in three
 * states of the box; after each block of them a good frame must be answered. One JSON line on stdout.
 */
import { parseArgs } from 'node:util';
import { FUZZ_STATES, startFuzz } from '../test/link-fuzz.ts';

const HELP = `usage: npm run lab -- fuzz-link [--seconds S] [--seed N]
  --seconds S  of frames, for all states together (default 30)
  --seed N     of the first frame (default: from the clock; printed)`;
/** The promise, in processor seconds of the core with its frames in and out. */
const WISH_FRAMES_PER_SECOND = 100_000;
const CLEAN_FRAMES = 20_000;

const { values } = parseArgs({
  options: { help: { type: 'boolean' }, seconds: { type: 'string' }, seed: { type: 'string' } },
});
if (values.help === true) {
  console.error(HELP);
  process.exit(0);
}
const seconds = Number(values.seconds ?? '30');
const seed = Number(values.seed ?? String(Date.now() % 1_000_000));
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error(HELP);
  process.exit(2);
}

const sum = { hostile: 0, good: 0, good_answered: 0, answers: 0, traps: 0, memory_growth_bytes: 0 };
let busy = 0;
const rates: Record<string, number> = {};
const ratios: Record<string, number> = {};
for (const [i, state] of FUZZ_STATES.entries()) {
  const fuzz = await startFuzz(state, seed + i);
  const clean = fuzz.cleanRate(CLEAN_FRAMES);
  fuzz.figures.answers = 0;
  const until = performance.now() + (seconds * 1000) / FUZZ_STATES.length;
  while (performance.now() < until) fuzz.round();
  const { figures } = fuzz;
  const rate = figures.hostile / figures.seconds;
  rates[`${state}_frames_per_second`] = Math.round(rate);
  ratios[`${state}_hostile_to_clean`] = Number((rate / clean).toFixed(2));
  sum.hostile += figures.hostile;
  sum.good += figures.good;
  sum.good_answered += figures.goodAnswered;
  sum.answers += figures.answers;
  sum.traps += figures.traps;
  sum.memory_growth_bytes = Math.max(sum.memory_growth_bytes, figures.memoryGrowth);
  busy += figures.seconds;
  console.error(
    `${state}: ${figures.hostile} hostile frames, ${Math.round(rate)} a second (clean ones ${Math.round(clean)}); ` +
      `${figures.traps} traps, ${figures.goodAnswered} of ${figures.good} good frames answered, ` +
      `${figures.flashWords} flash words written`,
  );
}
const rate = Math.round(sum.hostile / busy);
const ok =
  sum.traps === 0 &&
  sum.memory_growth_bytes === 0 &&
  sum.good_answered === sum.good &&
  sum.good > 0 &&
  rate >= WISH_FRAMES_PER_SECOND;
console.log(
  JSON.stringify({
    name: 'fuzz-link',
    ok,
    figures: {
      seed,
      hostile_frames_per_second: rate,
      parser_seconds: Number(busy.toFixed(2)),
      ...sum,
      ...rates,
      ...ratios,
    },
  }),
);
process.exitCode = ok ? 0 : 1;
