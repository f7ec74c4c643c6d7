/** `npm run day`: an election day without hands, through every process, to the province's totals. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BenchClient, createBenchClient } from '@sandoq/hardware-sim';
import { fromHex } from '@sandoq/protocol';
import { corePairs, type Day, type DayClock, processorOf, runLane } from './day-lanes.ts';
import { DAY_HELP, type DayOptions, planOf, readDayOptions, UsageError } from './day-options.ts';
import { DEMONSTRATION_DATE, type PlannedStation, VOTING_AGE_YEARS } from './day-plan.ts';
import { comparePlan, fetchStationTotals, type StationTotals, totalsFigure } from './day-result.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import {
  type Folders,
  foldersUnder,
  type Provisioned,
  provision,
  stationBench,
  writeRoll,
} from './provision.ts';

/** Debian's memory-backed folder. */
const MEMORY_FOLDER = '/dev/shm';

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

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

async function runDay(
  options: DayOptions,
  root: string,
  benchRoot: string,
  sockets: string,
): Promise<boolean> {
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
  let options: DayOptions | 'help';
  try {
    options = readDayOptions(process.argv.slice(2));
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    console.error(`${cause.message}\n\n${DAY_HELP}`);
    return 2;
  }
  if (options === 'help') {
    console.log(DAY_HELP);
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
