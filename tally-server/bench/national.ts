/**
 * `npm run bench -- national`: a nation's slips over HTTP into the real server process, judged, stored durably,
 * entered in the bulletin, totalled, the law applied, published; beside the signature checks alone in the same run.
 */
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toHex } from '@sandoq/protocol';
import { AUTHORITY_KEY } from '../test/province.ts';
import { checksAlone } from './nation/alone.ts';
import { ELECTION, STATIONS_REAL, votesAt } from './nation/plan.ts';
import { batchesOf, sendAll } from './nation/sender.ts';
import { bundlesIn, nationalProvisioning, nationalWorld, type World } from './nation/world.ts';

/** Collectors of counties, each with several requests under way. */
const LINES = 8;
const DEPTH = 3;
const BATCH = 64;

const HELP = `usage: npm run bench -- national [--stations N] [--rest]

A nation of ${STATIONS_REAL} stations sends its slips of two contests (Majles and Experts; the mean constituency of 1402:
73 candidates for 2 seats, 5 for 3) over HTTP, ${BATCH} a request, to the real server process, which judges them in threads,
stores them, enters them in the bulletin, adds up, applies the law and publishes. Beside it, in the same run, the
signature checks of the same slips alone, on all cores, before it and after it: their mean is what it is compared with.
The world is made once and kept in the temporary folder; making it, putting it into requests, and loading
the package before the day, are not counted. Kept: everything is there and right, and the whole takes at most
${1.5} times the checks alone.

  --stations N   a smaller nation
  --rest         leave the publication and the data folder behind for a look
`;
const RATIO_MAX = 1.5;
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

interface Server {
  readonly address: string;
  readonly peakBytes: () => number;
  readonly cpuSeconds: () => number;
  readonly stop: () => Promise<void>;
}

async function startServer(world: World, dataFolder: string): Promise<Server> {
  mkdirSync(dataFolder, { recursive: true });
  copyFileSync(world.intakeKeyFile, join(dataFolder, 'intake.key'));
  const config = join(dataFolder, 'config.json');
  writeFileSync(
    config,
    JSON.stringify({
      data_folder: dataFolder,
      host: '127.0.0.1',
      port: 0,
      authority_public_key: toHex(AUTHORITY_KEY),
      package_folders: [world.packageFolder],
      requests_per_minute_max: 10_000_000,
    }),
  );
  const program = join(import.meta.dirname, '..', 'bin', 'server.ts');
  const log: string[] = [];
  const child = spawn(process.execPath, [program, '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.on('data', (chunk) => {
    // One line a slip is the log of the night: here only what is not one is kept.
    for (const line of String(chunk).split('\n'))
      if (line !== '' && !line.includes('slip_taken') && log.length < 100) log.push(line);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
      const ready = /^ready (\{.*\})\n/m.exec(text)?.[1];
      if (ready !== undefined) resolve((JSON.parse(ready) as { address: string }).address);
    });
    void ended.then(() => reject(new Error(`the server ended: ${log.join('\n')}`)));
  });
  const status = (): string => readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return {
    address,
    peakBytes: () => Number(/VmHWM:\s+(\d+)/.exec(status())?.[1] ?? 0) * 1024,
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function* allBundles(world: World): Generator<Uint8Array> {
  for (const file of world.bundleFiles) yield* bundlesIn(file);
}

interface PublishedTotals {
  readonly cast: number;
  readonly slips: { readonly received: number };
  readonly contests: readonly { readonly candidates: readonly { readonly votes: number }[] }[];
}

/** What the slips were made from, added up here. */
function wrongSums(folder: string, stations: number): readonly string[] {
  const totals = JSON.parse(readFileSync(join(folder, 'totals.json'), 'utf8')) as PublishedTotals;
  const wrong: string[] = [];
  const expected = { cast: 0, contests: [[], []] as number[][] };
  for (let i = 0; i < stations; i++) {
    const votes = votesAt(i);
    expected.cast += votes.cast;
    votes.contests.forEach(({ candidates }, contest) => {
      const sums = expected.contests[contest] as number[];
      candidates.forEach((count, k) => {
        sums[k] = (sums[k] ?? 0) + count;
      });
    });
  }
  if (totals.cast !== expected.cast) wrong.push('cast');
  if (totals.slips.received !== stations) wrong.push('received');
  expected.contests.forEach((sums, contest) => {
    const found = totals.contests[contest]?.candidates.map(({ votes }) => votes) ?? [];
    if (JSON.stringify(found) !== JSON.stringify(sums)) wrong.push(`contest ${contest}`);
  });
  return wrong;
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: { stations: { type: 'string' }, rest: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return true;
  }
  const stations = Number(values.stations ?? STATIONS_REAL);
  if (!Number.isInteger(stations) || stations < 1 || stations > STATIONS_REAL) {
    process.stderr.write(`--stations wants 1 to ${STATIONS_REAL}\n${HELP}`);
    process.exit(2);
  }
  const world = await nationalWorld(stations);
  const dataFolder = join(world.folder, 'data');
  rmSync(dataFolder, { recursive: true, force: true });
  const bodies = batchesOf(allBundles(world), BATCH);
  say('the signature checks alone');
  const before = await checksAlone(world, nationalProvisioning(world));
  say(`  ${before.signatures} signatures, ${before.seconds.toFixed(1)} s; the server loads the package`);
  const server = await startServer(world, dataFolder);
  try {
    const atStart = server.cpuSeconds();
    const ownAtStart = process.cpuUsage();
    const token = readFileSync(join(dataFolder, 'administrator.token'), 'utf8').trim();
    const api = `${server.address}/api/elections/${ELECTION}`;
    const started = performance.now();
    const sent = await sendAll(new URL(`${api}/batches`), bodies, { lines: LINES, depth: DEPTH });
    const takenIn = performance.now();
    const answer = await fetch(`${api}/publications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    const finished = performance.now();
    const server_cpu_s = server.cpuSeconds() - atStart;
    const own = process.cpuUsage(ownAtStart);
    const sender_cpu_s = (own.user + own.system) / 1e6;
    const server_peak_mib = server.peakBytes() / 2 ** 20;
    const published = (await answer.json()) as { readonly slips?: number; readonly files?: number };
    const seconds = (finished - started) / 1000;
    const folder = join(dataFolder, 'publications', ELECTION);
    const wrong = answer.status === 201 ? wrongSums(folder, stations) : [`status ${answer.status}`];
    const outcome = existsSync(join(folder, 'outcome.json'));
    await server.stop();
    say('the signature checks alone, once more');
    const after = await checksAlone(world, nationalProvisioning(world));
    // Before and after: on a machine with other work one of them alone says little.
    const alone = {
      signatures: before.signatures,
      seconds: (before.seconds + after.seconds) / 2,
      cpuSeconds: (before.cpuSeconds + after.cpuSeconds) / 2,
    };
    const ratio = seconds / alone.seconds;
    const whole =
      sent.created === stations &&
      sent.others.size === 0 &&
      published.slips === stations &&
      wrong.length === 0;
    const ok = whole && outcome && ratio <= RATIO_MAX;
    const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
    const figures = {
      stations,
      slips_taken_in: sent.created,
      other_answers: Object.fromEntries(sent.others),
      wrong,
      outcome_published: outcome,
      published_files: published.files ?? 0,
      signatures: alone.signatures,
      total_s: round(seconds),
      taken_in_s: round((takenIn - started) / 1000),
      published_s: round((finished - takenIn) / 1000),
      signature_checks_alone_s: round(alone.seconds),
      ratio: round(ratio),
      ratio_max: RATIO_MAX,
      slips_per_s: round(stations / ((takenIn - started) / 1000), 0),
      // On a machine with other work these say more than the clock.
      server_cpu_s: round(server_cpu_s),
      sender_cpu_s: round(sender_cpu_s),
      signature_checks_alone_cpu_s: round(alone.cpuSeconds),
      cpu_ratio: round((server_cpu_s + sender_cpu_s) / alone.cpuSeconds),
      server_peak_mib: round(server_peak_mib, 0),
      world_made_s: round(world.madeInSeconds),
    };
    const kept = join(world.folder, 'publication');
    if (whole) {
      rmSync(kept, { recursive: true, force: true });
      renameSync(folder, kept);
    }
    process.stdout.write(`${JSON.stringify({ name: 'national', ok, figures })}\n`);
    return ok;
  } finally {
    await server.stop();
    if (values.rest !== true) rmSync(dataFolder, { recursive: true, force: true });
  }
}

process.exitCode = (await main()) ? 0 : 1;
