/** `npm run lab -- terminals`: several admission terminals, one journal, while they are killed and cut off. */
import { parseArgs } from 'node:util';
import { buildCores, coreFile } from '../src/shells/cores-build.ts';
import { runTerminalsDay } from '../test/terminals-day.ts';

const HELP = `npm run lab -- terminals [options]
  --terminals N  admission terminals of the station, 3 or 4 (default 3)
  --people N     people who come, some to two desks at once, some again (default 60)
  --seed N       of people, kills and cuts (default 1)
Real admission processes on real files, a local line between them. Terminals are killed (SIGKILL) while a card is being
armed, half of them lose their disks; lines are cut. Then: nobody has two cards, nobody who has one is admitted again at
any terminal, every terminal signs the same sums, and the sums are the cards that were armed.
The last line on stdout is JSON {name, ok, figures}.`;

const BOUNDS = { terminals: [3, 4], people: [1, 5_000], seed: [1, 1_000_000] } as const;
const DEFAULTS = { terminals: 3, people: 60, seed: 1 } as const;

function readOptions(): Record<keyof typeof BOUNDS, number> | undefined {
  const { values } = parseArgs({
    options: {
      terminals: { type: 'string' },
      people: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return undefined;
  const number = (name: keyof typeof BOUNDS): number => {
    const value = values[name] === undefined ? DEFAULTS[name] : Number(values[name]);
    const [min, max] = BOUNDS[name];
    if (!Number.isSafeInteger(value) || value < min || value > max)
      throw new Error(`--${name} wants a whole number from ${min} to ${max}`);
    return value;
  };
  return { terminals: number('terminals'), people: number('people'), seed: number('seed') };
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
  await buildCores();
  const { ok, figures } = await runTerminalsDay({
    ...options,
    program: coreFile('admission'),
    onProgress: (text) => console.error(text),
  });
  process.stdout.write(`${JSON.stringify({ name: 'terminals', ok, figures })}\n`);
  process.exitCode = ok ? 0 : 1;
}
