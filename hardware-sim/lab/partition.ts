/** `npm run lab -- partition`: one admission a round while the province is cut off and back at random. */
import { parseArgs } from 'node:util';
import { runPartition } from '../test/partition-day.ts';

const HELP = `npm run lab -- partition [options]
  --stations N   admission desks, each with its own files (default 50)
  --people N     people, of whom a third try twice, at any station (default 900)
  --seed N       of people, cuts and kills (default 1)
Real admission code and stores, claims over HTTP to a real province process. Lines are cut and mended, requests and
answers are lost, the province is killed (SIGKILL) and desks are killed before and after their writes. Then: every double
found and attributed to its two stations, nobody admitted twice while the province answered, totals and sums untouched,
nobody refused for good whom no station has.
The last line on stdout is JSON {name, ok, figures}.`;

const BOUNDS = { stations: 500, people: 50_000, seed: 1_000_000 } as const;
const DEFAULTS = { stations: 50, people: 900, seed: 1 } as const;

function readOptions(): Record<keyof typeof BOUNDS, number> | undefined {
  const { values } = parseArgs({
    options: {
      stations: { type: 'string' },
      people: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return undefined;
  const number = (name: keyof typeof BOUNDS): number => {
    const value = values[name] === undefined ? DEFAULTS[name] : Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1 || value > BOUNDS[name])
      throw new Error(`--${name} wants a whole number from 1 to ${BOUNDS[name]}`);
    return value;
  };
  return { stations: number('stations'), people: number('people'), seed: number('seed') };
}

let options: ReturnType<typeof readOptions>;
try {
  options = readOptions();
} catch (cause) {
  console.error(`${cause instanceof Error ? cause.message : 'bad options'}\n\n${HELP}`);
  process.exit(2);
}
if (options === undefined) console.log(HELP);
else {
  const { ok, figures } = await runPartition({
    ...options,
    onProgress: (text) => console.error(text),
  });
  process.stdout.write(`${JSON.stringify({ name: 'partition', ok, figures })}\n`);
  process.exitCode = ok ? 0 : 1;
}
