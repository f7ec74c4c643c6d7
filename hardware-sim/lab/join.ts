/** `npm run lab -- join`: everything that is left of a day, against the secrecy of the vote. */
import { parseArgs } from 'node:util';
import { joinDay, PLANTS, plant } from '../test/join-day.ts';

const HELP = `npm run lab -- join [options]
  --voters N   of one station's day through every process (default 40)
  --seed N     of people, choices and their order (default 1)
Then everything that station, box, bench and province hold is searched for orders of voters (rows, cells, bytes and freed
pages, times, counters, times of files, the queue itself, arrivals at the province) and for orders of sealed records, and
each is laid beside each, forwards and backwards. Printed beside the baseline: what chance joins, what the order of the
queue is worth, and what guessing the commonest choice is worth. Then leaks are planted, and each must be found.
The last line on stdout is JSON {name, ok, figures}.`;

const BOUNDS = { voters: 2_000, seed: 1_000_000 } as const;
const DEFAULTS = { voters: 40, seed: 1 } as const;

function readOptions(): Record<keyof typeof BOUNDS, number> | undefined {
  const { values } = parseArgs({
    options: { voters: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) return undefined;
  const number = (name: keyof typeof BOUNDS): number => {
    const value = values[name] === undefined ? DEFAULTS[name] : Number(values[name]);
    if (!Number.isSafeInteger(value) || value < (name === 'voters' ? 12 : 1) || value > BOUNDS[name])
      throw new Error(`--${name} wants a whole number up to ${BOUNDS[name]}, voters at least 12`);
    return value;
  };
  return { voters: number('voters'), seed: number('seed') };
}

const round = (value: number): number => Number(value.toFixed(4));

async function run(voters: number, seed: number): Promise<boolean> {
  console.error(`a day of ${voters} voters`);
  const day = await joinDay(voters, seed);
  try {
    console.error('everything that is left is searched');
    const { leaks, ...figures } = day.attack();
    for (const leak of leaks) console.error(`LEAK ${JSON.stringify(leak)}`);
    const found: Record<string, boolean> = {};
    const planted: Record<string, number> = {};
    for (const kind of PLANTS) {
      const remove = plant(day, kind);
      const attacked = day.attack();
      remove();
      planted[kind] = round(attacked.best_joined);
      // Who came when says nothing of votes, as long as no record has an order: the queue is known to the room.
      found[kind] =
        kind === 'voters_only' ? attacked.leaks.length === leaks.length : attacked.leaks.length > 0;
      console.error(`planted ${kind}: ${attacked.leaks.length} joins, best ${planted[kind]}`);
    }
    const isWhole = day.truth.queue.length === voters && day.records.length >= voters;
    const ok = isWhole && leaks.length === 0 && Object.values(found).every(Boolean);
    process.stdout.write(
      `${JSON.stringify({
        name: 'join',
        ok,
        figures: {
          ...Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, round(value)])),
          leaks: leaks.length,
          planted_leaks_as_expected: found,
          planted_best_joined: planted,
          // With a snapshot after each voter the new records are hers: the room, and nobody else, can do this.
          observer_with_snapshots_joined: 1,
        },
      })}\n`,
    );
    return ok;
  } finally {
    await day.rehearsal.end();
  }
}

let options: ReturnType<typeof readOptions>;
try {
  options = readOptions();
} catch (cause) {
  console.error(`${cause instanceof Error ? cause.message : 'bad options'}\n\n${HELP}`);
  process.exit(2);
}
if (options === undefined) console.log(HELP);
else process.exitCode = (await run(options.voters, options.seed)) ? 0 : 1;
