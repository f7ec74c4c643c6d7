/** `npm run day`: an election day without hands, through every process, to the province's totals. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchClient, createBenchClient, parseBallotsCsv } from '@sandoq/hardware-sim';
import { fromHex } from '@sandoq/protocol';
import { BOX_HELP, type BoxChoice, boxChoice } from './box-choice.ts';
import { CoreHost, type CorePair } from './core-host.ts';
import {
  type DayPlan,
  DEMONSTRATION_DATE,
  type PlannedStation,
  planDemonstration,
  planFromBallots,
  VOTING_AGE_YEARS,
} from './day-plan.ts';
import { comparePlan, fetchStationTotals, type StationTotals, totalsFigure } from './day-result.ts';
import { closeStation, type Hands, openStation, voteAll } from './hands.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import {
  type Folders,
  foldersUnder,
  type Provisioned,
  provision,
  stationBench,
  writeRoll,
} from './provision.ts';
import { startStation } from './station.ts';

const HELP = `npm run day -- [options]
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

interface Options {
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

export const LANES_MAX = 8;
/** While one station waits for its disk, another one votes. */
const LANES_PER_PROCESSOR = 2;

/** Debian's memory-backed folder. */
const MEMORY_FOLDER = '/dev/shm';

class UsageError extends Error {}

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

function readOptions(argv: readonly string[]): Options | 'help' {
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

function planOf(options: Options): DayPlan {
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
  }
  return options.stations === undefined
    ? plan
    : { ...plan, stations: plan.stations.slice(0, options.stations) };
}

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

interface Day {
  /** where each station's papers are left; undefined: nowhere */
  readonly papers: string | undefined;
  readonly box: BoxChoice;
  readonly plan: DayPlan;
  readonly folders: Folders;
  readonly sockets: string;
  readonly provisioned: Provisioned;
  readonly provinceUrl: string;
  readonly rollPath: (station: PlannedStation) => string | null;
}

interface DayClock {
  firstAdmission: number | undefined;
  lastReceipt: number;
  votes: number;
  /** processor seconds by kind of process, over the whole day with its starts and counts */
  readonly cpu: { voting: number; admission: number };
}

/**
 * A lane's processes hand each message to and fro and seldom work at once: held to one processor they wake each other
 * without a signal between processors, which costs a virtual machine more than the message. undefined: any.
 */
const processorOf = (lane: number): number | undefined =>
  process.platform === 'linux' ? lane % availableParallelism() : undefined;

/** A lane counts one station while the next one opens: two pairs of processes take turns. */
function corePairs(root: string, lane: number): CorePair[] {
  const host = (name: 'voting' | 'admission', turn: number): CoreHost =>
    new CoreHost(name, join(root, `lane${lane}`, `${name}${turn}.log`), processorOf(lane));
  return [0, 1].map((turn) => ({ voting: host('voting', turn), admission: host('admission', turn) }));
}

interface Lane {
  readonly bench: BenchClient;
  readonly processor: number | undefined;
  /** free ones */
  readonly pairs: CorePair[];
}

interface OpenStation {
  readonly station: PlannedStation;
  readonly hands: Hands;
  end(): Promise<void>;
}

async function open(
  day: Day,
  { bench, processor, pairs }: Lane,
  station: PlannedStation,
  clock: DayClock,
): Promise<OpenStation> {
  const config = stationBench(day.folders, day.sockets, station.id, 'virtual', null, day.box);
  await bench.perform({ do: 'add_station', config });
  const hosts = pairs.shift();
  const cores = await startStation({
    folders: day.folders,
    sockets: day.sockets,
    bench: config,
    authorityPublicKey: day.provisioned.authorityPublicKey,
    provinceUrl: day.provinceUrl,
    rollPath: day.rollPath(station),
    processor,
    hosts,
  });
  const end = async (): Promise<void> => {
    clock.cpu.voting += cores.voting.cpuSeconds();
    clock.cpu.admission += cores.admission.cpuSeconds();
    await cores.stop();
    if (hosts !== undefined) pairs.push(hosts);
    await bench.perform({ do: 'remove_station', station: station.id });
  };
  const hands = { bench, station: station.id, cores };
  try {
    await openStation(hands);
    return { station, hands, end };
  } catch (cause) {
    await end();
    throw cause;
  }
}

/** Printed when the receipt is there: what an officer would put into the envelope. */
async function leavePapers(into: string, folders: Folders, hands: Hands): Promise<void> {
  const folder = join(into, hands.station);
  mkdirSync(folder, { recursive: true });
  for (const form of ['zero_report', 'minutes', 'slip_pages'] as const) {
    const { file } = await hands.cores.officer.call('paper.print', { form, locale: 'fa' });
    copyFileSync(join(folders.voting(hands.station), 'out', file), join(folder, basename(file)));
  }
}

/**
 * One station after another. The next one opens while the last one counts and signs, as it would in the next room.
 * @returns how many recounts agreed
 */
async function runLane(
  day: Day,
  lane: Lane,
  waiting: PlannedStation[],
  clock: DayClock,
  onClosed: () => void,
): Promise<number> {
  const openNext = (): Promise<OpenStation> | undefined => {
    const station = waiting.shift();
    return station === undefined ? undefined : open(day, lane, station, clock);
  };
  // A board at serial ports is one board.
  const overlaps = day.box.host !== 'serial';
  let agreed = 0;
  let coming = openNext();
  while (coming !== undefined) {
    const { station, hands, end } = await coming;
    coming = undefined;
    try {
      clock.firstAdmission ??= performance.now();
      await voteAll(hands, station.deal(), () => {
        clock.votes++;
      });
      if (overlaps) coming = openNext();
      const closed = await closeStation(hands, true);
      clock.lastReceipt = performance.now();
      if (day.papers !== undefined) await leavePapers(day.papers, day.folders, hands);
      if (closed.recountAgreed) agreed++;
      onClosed();
    } catch (cause) {
      await coming?.then(
        (opened) => opened.end(),
        () => undefined,
      );
      throw cause;
    } finally {
      await end();
    }
    coming ??= openNext();
  }
  return agreed;
}

async function startBench(
  name: string,
  processor: number | undefined,
  root: string,
  sockets: string,
): Promise<{ readonly process: RunningProcess; readonly client: BenchClient }> {
  const control = join(sockets, name);
  const running = await startProcess({
    name,
    script: 'hardware-sim/bin/bench.ts',
    config: { data_folder: join(root, name), control_socket: control, panel: null, stations: [] },
    configPath: join(root, name, 'config.json'),
    logPath: join(root, name, 'stderr.log'),
    processor,
  });
  return { process: running, client: await createBenchClient(control) };
}

async function runDay(options: Options, root: string, benchRoot: string, sockets: string): Promise<boolean> {
  const plan = planOf(options);
  if (options.box.host === 'serial' && plan.stations.length !== 1)
    throw new UsageError('one board is the box of one station: --stations 1');
  const folders = foldersUnder(root, benchRoot);
  const planned = plan.stations.reduce((sum, station) => sum + station.voters, 0);
  progress(`${plan.stations.length} stations, ${planned} voters`);
  const benches = await Promise.all(
    Array.from({ length: Math.min(options.lanes, plan.stations.length) }, (_, i) =>
      startBench(`bench${i}`, processorOf(i), root, sockets),
    ),
  );
  const running: RunningProcess[] = benches.map((bench) => bench.process);
  try {
    const benchOf = (station: string) =>
      stationBench(folders, sockets, station, 'virtual', null, options.box);
    const provisioned = await provision(
      (benches[0] as (typeof benches)[number]).client,
      folders,
      plan.definition,
      plan.stations,
      benchOf,
      (done, of) => {
        if (done % 10 === 0 || done === of) progress(`enrolled ${done} of ${of} stations`);
      },
    );
    const server = await startProcess({
      name: 'province',
      script: 'tally-server/bin/server.ts',
      configPath: join(folders.province, 'config.json'),
      logPath: join(folders.province, 'stderr.log'),
      config: {
        data_folder: folders.province,
        host: '127.0.0.1',
        port: 0,
        authority_public_key: provisioned.authorityPublicKey,
        package_folders: [folders.package],
      },
    });
    running.push(server);
    const provinceUrl = String(server.ready['address']);
    const rolls = options.ballots === undefined;
    const rollPath = (station: PlannedStation): string | null => {
      if (!rolls) return null;
      const path = join(folders.bench(station.id), 'people.roll');
      writeRoll({ path, admissionFolders: [folders.admission(station.id)] }, folders, {
        election: provisioned.election,
        electionDate: DEMONSTRATION_DATE,
        votingAgeYears: VOTING_AGE_YEARS,
        people: station.deal(),
      });
      return path;
    };
    const day: Day = {
      papers: options.papers,
      box: options.box,
      plan,
      folders,
      sockets,
      provisioned,
      provinceUrl,
      rollPath,
    };
    const clock: DayClock = {
      firstAdmission: undefined,
      lastReceipt: 0,
      votes: 0,
      cpu: { voting: 0, admission: 0 },
    };
    const waiting = [...plan.stations].sort((a, b) => b.voters - a.voters);
    let done = 0;
    let recounts = 0;
    const ticker = setInterval(
      () =>
        progress(`${done} of ${plan.stations.length} stations closed, ${clock.votes} of ${planned} votes`),
      10_000,
    );
    const lanes = benches.map(({ client }, i) => ({
      bench: client,
      processor: processorOf(i),
      pairs: options.fresh ? [] : corePairs(root, i),
    }));
    const hosts = lanes.flatMap(({ pairs }) => pairs.flatMap(({ voting, admission }) => [voting, admission]));
    try {
      await Promise.all(
        lanes.map(async (lane) => {
          const agreed = await runLane(day, lane, waiting, clock, () => {
            done++;
          });
          recounts += agreed;
        }),
      );
    } finally {
      clearInterval(ticker);
      await Promise.all(hosts.map((host) => host.end()));
    }
    const totals: StationTotals[] = [];
    for (const station of plan.stations)
      totals.push(await fetchStationTotals(provinceUrl, provisioned.election, station.id, plan));
    const differences = comparePlan(plan, totals);
    for (const difference of differences.slice(0, 20)) progress(`DIFFERENCE ${difference}`);
    if (options.out !== undefined) await publish(options.out, provisioned, folders);
    const seconds = (clock.lastReceipt - (clock.firstAdmission ?? clock.lastReceipt)) / 1000;
    const ok = differences.length === 0 && recounts === plan.stations.length && clock.votes === planned;
    const figures = {
      box: options.box.host,
      stations: plan.stations.length,
      votes: clock.votes,
      seconds: Number(seconds.toFixed(1)),
      votes_per_second: Number((clock.votes / seconds).toFixed(1)),
      recounts_agreed: recounts,
      differences: differences.length,
      claims: await fetchClaims(provinceUrl, provisioned.election),
      cpu_ms_per_vote: cpuPerVote(
        clock,
        benches.map((bench) => bench.process),
        server,
      ),
      totals: totalsFigure(totals),
    };
    process.stdout.write(`${JSON.stringify({ name: 'day', ok, figures })}\n`);
    return ok;
  } finally {
    for (const bench of benches) bench.client.close();
    await Promise.all(running.map((one) => one.stop()));
  }
}

/** One admission a round, as the province holds it: on a day without cuts nothing is unconfirmed and nobody doubled. */
async function fetchClaims(provinceUrl: string, election: string): Promise<Readonly<Record<string, number>>> {
  const response = await fetch(`${provinceUrl}/api/elections/${election}/claims`);
  if (!response.ok) throw new Error(`the province does not tell its claims: ${response.status}`);
  const { admissions, unconfirmed, doubles } = (await response.json()) as Record<string, number>;
  return { admissions: admissions ?? 0, unconfirmed: unconfirmed ?? 0, doubles: doubles ?? 0 };
}

/** Where the processors' time went, in milliseconds a vote: wall-clock figures of a shared machine say little. */
function cpuPerVote(
  clock: DayClock,
  benches: readonly RunningProcess[],
  server: RunningProcess,
): Readonly<Record<string, number>> {
  const own = process.cpuUsage();
  const seconds = {
    ...clock.cpu,
    bench: benches.reduce((sum, bench) => sum + bench.cpuSeconds(), 0),
    province: server.cpuSeconds(),
    rig: (own.user + own.system) / 1e6,
  };
  return Object.fromEntries(
    Object.entries(seconds).map(([kind, spent]) => [
      kind,
      Number(((spent * 1000) / Math.max(1, clock.votes)).toFixed(2)),
    ]),
  );
}

async function publish(out: string, provisioned: Provisioned, folders: Folders): Promise<void> {
  const { writePublication } = await import('@sandoq/tally-server');
  mkdirSync(out, { recursive: true });
  const published = writePublication(out, {
    dataFolder: folders.province,
    election: provisioned.election,
    authorityKey: fromHex(provisioned.authorityPublicKey) ?? new Uint8Array(0),
  });
  if (!published.ok)
    throw new Error(`the publication is refused: ${published.fault.code} at ${published.fault.at}`);
}

async function main(): Promise<number> {
  let options: Options | 'help';
  try {
    options = readOptions(process.argv.slice(2));
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    console.error(`${cause.message}\n\n${HELP}`);
    return 2;
  }
  if (options === 'help') {
    console.log(HELP);
    return 0;
  }
  const sockets = mkdtempSync(join(tmpdir(), 'sq-'));
  const root =
    options.keep === undefined ? mkdtempSync(join(tmpdir(), 'sandoq-day-')) : resolve(options.keep);
  mkdirSync(root, { recursive: true });
  // The simulated flash and cards live in memory where they can: their writes must not wait for the station's syncs.
  const benchRoot =
    options.keep === undefined && existsSync(MEMORY_FOLDER)
      ? mkdtempSync(join(MEMORY_FOLDER, 'sandoq-bench-'))
      : join(root, 'bench');
  try {
    return (await runDay(options, root, benchRoot, sockets)) ? 0 : 1;
  } catch (cause) {
    if (cause instanceof UsageError) {
      console.error(cause.message);
      return 2;
    }
    console.error(cause instanceof Error ? cause.stack : cause);
    process.stdout.write(`${JSON.stringify({ name: 'day', ok: false, figures: {} })}\n`);
    return 1;
  } finally {
    rmSync(sockets, { recursive: true, force: true });
    if (options.keep === undefined) {
      rmSync(root, { recursive: true, force: true });
      rmSync(benchRoot, { recursive: true, force: true });
    }
  }
}

process.exitCode = await main();
