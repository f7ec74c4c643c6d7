/** What `npm run day` is asked for. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { parseBallotsCsv } from '@sandoq/hardware-sim';
import { NAME_BYTES_MAX } from '@sandoq/protocol';
import { parseElectionDefinition } from '@sandoq/tally-server';
import { BOX_HELP, type BoxChoice, boxChoice } from './box-choice.ts';
import { type DayPlan, planDemonstration, planFromBallots } from './day-plan.ts';

export const DAY_HELP = `npm run day -- [options]
  --ballots FILE    CSV precinct,choice,ballots: each precinct a station, each row that many voters
  --stations N      only the first N stations
  --voters N        voters a station of the demonstration (default 40)
  --lanes N         stations that vote at the same time (default: two a processor)
  --seed N          of the order of voters (default 1)
  --out DIR         leave what would be published, and totals.csv
  --papers DIR      leave each station's zero report, minutes and code pages (about a second a station)
${BOX_HELP}
  --fresh           new processes for each station; otherwise a lane's serve one after another
  --keep DIR        keep all data of the day in DIR instead of a temporary folder
The last line on stdout is JSON {name, ok, figures}.`;

export interface DayOptions {
  readonly ballots: string | undefined;
  readonly stations: number | undefined;
  readonly voters: number;
  readonly lanes: number;
  readonly seed: number;
  readonly out: string | undefined;
  readonly papers: string | undefined;
  readonly keep: string | undefined;
  readonly fresh: boolean;
  readonly box: BoxChoice;
}

const LANES_MAX = 8;
/** While one station waits for its disk, another one votes. */
const LANES_PER_PROCESSOR = 2;

export class UsageError extends Error {}

function positive(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > max)
    throw new UsageError(`--${name} wants a whole number from 1 to ${max}, got ${JSON.stringify(text)}`);
  return value;
}

function chosenBox(box: string | undefined, port: string | undefined): BoxChoice {
  const choice = boxChoice(box, port);
  if (typeof choice === 'string') throw new UsageError(choice);
  return choice;
}

/** @throws UsageError */
export function readDayOptions(argv: readonly string[]): DayOptions | 'help' {
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        ballots: { type: 'string' },
        stations: { type: 'string' },
        voters: { type: 'string' },
        lanes: { type: 'string' },
        seed: { type: 'string' },
        out: { type: 'string' },
        papers: { type: 'string' },
        keep: { type: 'string' },
        fresh: { type: 'boolean' },
        box: { type: 'string' },
        port: { type: 'string' },
        help: { type: 'boolean' },
      },
    }));
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : 'bad options');
  }
  if (values['help'] === true) return 'help';
  const text = (name: string): string | undefined => values[name] as string | undefined;
  return {
    ballots: text('ballots'),
    stations: text('stations') === undefined ? undefined : positive('stations', text('stations'), 1, 100_000),
    voters: positive('voters', text('voters'), 40, 15_000),
    lanes: positive(
      'lanes',
      text('lanes'),
      Math.min(LANES_MAX, LANES_PER_PROCESSOR * availableParallelism()),
      LANES_MAX,
    ),
    seed: positive('seed', text('seed'), 1, 1_000_000),
    out: text('out'),
    papers: text('papers'),
    keep: text('keep'),
    fresh: values['fresh'] === true,
    box: chosenBox(text('box'), text('port')),
  };
}

const MISTAKES_SHOWN_MAX = 8;

/** What an election's form does not take, said of the file's own names before anything is started. */
function nameMistakes(plan: DayPlan): readonly string[] {
  const parsed = parseElectionDefinition(plan.definition, Math.floor(Date.now() / 1000));
  const choices = (parsed.ok ? [] : parsed.fault)
    .filter(({ path }) => !path.endsWith('.name.en'))
    .map(({ path, message }) => {
      const candidate = /^contests\[0\]\.candidates\[(\d+)\]\.name\.fa$/.exec(path)?.[1];
      const what = candidate === undefined ? path : JSON.stringify(plan.choiceName(0, Number(candidate)));
      return `choice ${what}: ${message}`;
    });
  const precincts = plan.stations
    .filter(({ name }) => /\p{Cc}/u.test(name.fa) || Buffer.byteLength(name.fa) > NAME_BYTES_MAX)
    .map(
      ({ name }) =>
        `precinct ${JSON.stringify(name.fa)}: must be at most ${NAME_BYTES_MAX} bytes of UTF-8, without control characters`,
    );
  return [...choices, ...precincts].slice(0, MISTAKES_SHOWN_MAX);
}

/** @throws UsageError where the file cannot be read or says something else than ballots */
export function planOf(options: DayOptions): DayPlan {
  let plan: DayPlan;
  if (options.ballots === undefined) plan = planDemonstration(options.voters, options.seed);
  else {
    let text: string;
    try {
      text = readFileSync(options.ballots, 'utf8');
    } catch {
      throw new UsageError(`--ballots: ${options.ballots} cannot be read`);
    }
    const parsed = parseBallotsCsv(text);
    if (!parsed.ok)
      throw new UsageError(
        `--ballots: ${options.ballots}: line ${parsed.fault.line}: ${parsed.fault.code}: ${parsed.fault.detail}`,
      );
    plan = planFromBallots(parsed.value.precincts, options.seed);
    const mistakes = nameMistakes(plan);
    if (mistakes.length > 0)
      throw new UsageError(
        [`--ballots: ${options.ballots}: these cannot stand in an election:`, ...mistakes].join('\n  '),
      );
  }
  return options.stations === undefined
    ? plan
    : { ...plan, stations: plan.stations.slice(0, options.stations) };
}
