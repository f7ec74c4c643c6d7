/** `npm start`: a province, one station on the bench and its screens. Ctrl-C stops all; the next start resumes. */

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createBenchClient, EXERCISE_PEOPLE } from '@sandoq/hardware-sim';
import { TERMINALS_MAX, toHex } from '@sandoq/protocol';
import { people, RESIDENT_CONSTITUENCY, withPortraits } from '@sandoq/seeds';
import { enrolIntake } from '@sandoq/tally-server';
import { BOX_HELP, type BoxChoice, boxChoice } from './box-choice.ts';
import {
  CONSTITUENCIES,
  DEMONSTRATION_DATE,
  DEMONSTRATION_TODAY,
  planDemonstration,
  VOTING_AGE_YEARS,
} from './day-plan.ts';
import { ROOT, type RunningProcess, startProcess } from './processes.ts';
import { foldersUnder, provision, stationBench, writeRoll } from './provision.ts';
import { coreConfigs, startCore } from './station.ts';

const HELP = `npm start -- [options]
  --data DIR        where everything is kept (default .sandoq)
  --fresh           move old data aside (never deleted) and begin anew
  --port-base N     province at N, screens at N + 100, bench panel at N + 200, authoring at N + 300,
                    terminals among themselves at N + 401 and on (default 7100)
  --terminals N     admission terminals of the station, 1 to 4, with one journal (default 1); kept with the data
  --no-open         do not open windows
  --rehearsal       the demonstration as it is: this launcher never opens a real vote
  --guide           officers' windows begin with the guided rehearsal, step by step
${BOX_HELP}`;

const STATION = 's0001';
/** People of the demonstration whose documents lie on the panel's tray. */
const PEOPLE = 60;
const PEOPLE_SEED = 1405;
/** A core that ends unasked is started again, as the screens promise; one that keeps ending is a fault to look at. */
const CORE_RESTARTS_MAX = 5;
/** One that has lived this long does not keep ending: it has all its restarts again. */
const CORE_LIVED_MS = 10_000;

interface Options {
  readonly data: string;
  readonly fresh: boolean;
  readonly portBase: number;
  readonly open: boolean;
  readonly guide: boolean;
  readonly box: BoxChoice;
  readonly terminals: number | undefined;
}

function usage(why: string): never {
  console.error(`${why}\n\n${HELP}`);
  process.exit(2);
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string' },
        fresh: { type: 'boolean' },
        'port-base': { type: 'string' },
        'no-open': { type: 'boolean' },
        rehearsal: { type: 'boolean' },
        guide: { type: 'boolean' },
        box: { type: 'string' },
        port: { type: 'string' },
        terminals: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) {
      console.log(HELP);
      process.exit(0);
    }
    const portBase = Number(values['port-base'] ?? '7100');
    if (!Number.isSafeInteger(portBase) || portBase < 1024 || portBase > 65_000)
      usage('--port-base wants a port from 1024 to 65000');
    const terminals = values.terminals === undefined ? undefined : Number(values.terminals);
    if (
      terminals !== undefined &&
      !(Number.isSafeInteger(terminals) && terminals >= 1 && terminals <= TERMINALS_MAX)
    )
      usage(`--terminals wants a number from 1 to ${TERMINALS_MAX}`);
    const box = boxChoice(values.box, values.port);
    if (typeof box === 'string') return usage(box);
    return {
      data: resolve(values.data ?? process.env['SANDOQ_DATA'] ?? join(ROOT, '.sandoq')),
      fresh: values.fresh === true,
      portBase,
      open: values['no-open'] !== true,
      guide: values.guide === true,
      box,
      terminals,
    };
  } catch (cause) {
    return usage(cause instanceof Error ? cause.message : 'bad options');
  }
}

function buildWhatIsStale(): void {
  for (const script of [
    'hardware-sim/rig/system.ts',
    'firmware-host/bin/build.ts',
    'station-app/bin/build.ts',
  ]) {
    const ran = spawnSync(process.execPath, [join(ROOT, script)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (ran.status !== 0) process.exit(ran.status ?? 1);
  }
}

function moveAside(data: string): void {
  if (!existsSync(data)) return;
  for (let number = 1; ; number++) {
    const aside = `${data}.old-${number}`;
    if (existsSync(aside)) continue;
    renameSync(data, aside);
    console.error(`old data moved to ${aside}`);
    return;
  }
}

interface RigState {
  readonly election: string;
  readonly authorityPublicKey: string;
  /** as the station was provisioned; one where left out */
  readonly terminals?: number;
}

/** The simulated documents of the demonstration: a person for each kind, in turn. */
function writePeople(path: string): void {
  const crowd = [...people(PEOPLE_SEED, PEOPLE, CONSTITUENCIES, DEMONSTRATION_TODAY)];
  writeFileSync(path, `${JSON.stringify(crowd)}\n`, { mode: 0o600 });
}

async function main(): Promise<void> {
  const options = readOptions();
  buildWhatIsStale();
  if (options.fresh) moveAside(options.data);
  const folders = foldersUnder(options.data);
  mkdirSync(folders.bench(STATION), { recursive: true, mode: 0o700 });
  const sockets = mkdtempSync(join(tmpdir(), 'sq-'));
  const running: RunningProcess[] = [];
  const again = new Map<string, () => Promise<RunningProcess>>();
  let restarts: Promise<unknown> = Promise.resolve();
  let stopping = false;
  const stop = async (code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    console.error('stopping; the next start resumes here');
    await restarts;
    for (const one of [...running].reverse()) await one.stop();
    rmSync(sockets, { recursive: true, force: true });
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));
  try {
    await startAll(options, sockets, running, again);
  } catch (cause) {
    console.error(cause instanceof Error ? cause.message : cause);
    await stop(1);
  }
  const watch = (one: RunningProcess, left: number): void => {
    const since = performance.now();
    void one.exited.then((code) => {
      if (stopping) return;
      const restartsLeft = performance.now() - since >= CORE_LIVED_MS ? CORE_RESTARTS_MAX : left;
      const restart = again.get(one.name);
      const ended = `${one.name} ended (${code ?? 'killed'})`;
      if (restart === undefined || restartsLeft === 0) {
        console.error(`${ended}: stop with Ctrl-C and start again; nothing is lost`);
        return;
      }
      console.error(`${ended}; starting it again`);
      const started = restart().then(
        (next) => {
          running.splice(running.indexOf(one), 1, next);
          watch(next, restartsLeft - 1);
        },
        (cause: unknown) => console.error(cause instanceof Error ? cause.message : cause),
      );
      restarts = Promise.all([restarts, started]);
    });
  };
  for (const one of running) watch(one, CORE_RESTARTS_MAX);
}

async function startAll(
  options: Options,
  sockets: string,
  running: RunningProcess[],
  again: Map<string, () => Promise<RunningProcess>>,
): Promise<void> {
  const folders = foldersUnder(options.data);
  const peoplePath = join(folders.bench(STATION), 'people.json');
  const rollPath = join(folders.bench(STATION), 'people.roll');
  const statePath = join(options.data, 'rig.json');
  if (!existsSync(peoplePath)) writePeople(peoplePath);
  const start = async (order: Parameters<typeof startProcess>[0]): Promise<RunningProcess> => {
    const one = await startProcess(order);
    running.push(one);
    return one;
  };
  const known = existsSync(statePath) ? (JSON.parse(readFileSync(statePath, 'utf8')) as RigState) : undefined;
  const terminals = known === undefined ? (options.terminals ?? 1) : (known.terminals ?? 1);
  if (options.terminals !== undefined && options.terminals !== terminals)
    throw new Error(
      `this station was made with ${terminals} ${terminals === 1 ? 'terminal' : 'terminals'}; --fresh makes another`,
    );
  const bench = stationBench(folders, sockets, STATION, 'real_time', peoplePath, options.box, terminals);
  const numbers = Array.from({ length: terminals }, (_, i) => i + 1);
  const control = join(sockets, 'control');
  const benchFolder = join(options.data, 'bench');
  const benchProcess = await start({
    name: 'bench',
    script: 'hardware-sim/bin/bench.ts',
    configPath: join(benchFolder, 'config.json'),
    logPath: join(benchFolder, 'stderr.log'),
    config: {
      data_folder: benchFolder,
      control_socket: control,
      panel: { host: '127.0.0.1', port: options.portBase + 200 },
      stations: [bench],
    },
  });
  let state: RigState;
  if (known !== undefined) state = known;
  else {
    console.error('first start: making keys and cards, signing the election');
    const plan = planDemonstration(1, 1);
    const { contests, pictures } = withPortraits(plan.definition.contests);
    const definition = { ...plan.definition, contests };
    const client = await createBenchClient(control);
    const benchOf = (station: string) =>
      station === STATION ? bench : stationBench(folders, sockets, station, 'virtual', null);
    const made = await provision(
      client,
      folders,
      definition,
      plan.stations,
      benchOf,
      () => undefined,
      pictures,
    );
    state = { ...made, terminals };
    client.close();
    writeFileSync(statePath, `${JSON.stringify(state)}\n`);
    // The desk begins with the definition of this demonstration, as its next version.
    const desk = join(options.data, 'authoring');
    mkdirSync(join(desk, 'pictures'), { recursive: true });
    for (const [name, picture] of pictures) writeFileSync(join(desk, 'pictures', name), picture);
    const next = { ...definition, version: (definition.version ?? 1) + 1 };
    writeFileSync(join(desk, 'draft.json'), `${JSON.stringify(next, null, 2)}\n`);
  }
  if (!existsSync(rollPath))
    writeRoll(
      { path: rollPath, admissionFolders: numbers.map((one) => folders.admission(STATION, one)) },
      folders,
      {
        election: state.election,
        electionDate: DEMONSTRATION_DATE,
        votingAgeYears: VOTING_AGE_YEARS,
        people: [
          ...people(PEOPLE_SEED, PEOPLE, CONSTITUENCIES, DEMONSTRATION_TODAY),
          { ...EXERCISE_PEOPLE.dead, constituency: RESIDENT_CONSTITUENCY, alive: false },
        ],
      },
    );
  const province = await start({
    name: 'province',
    script: 'tally-server/bin/server.ts',
    configPath: join(folders.province, 'config.json'),
    logPath: join(folders.province, 'stderr.log'),
    config: {
      data_folder: folders.province,
      host: '127.0.0.1',
      port: options.portBase,
      authority_public_key: state.authorityPublicKey,
      package_folders: [folders.package],
    },
  });
  const author = await start({
    name: 'author',
    script: 'tally-server/bin/author.ts',
    configPath: join(options.data, 'authoring', 'config.json'),
    logPath: join(options.data, 'authoring', 'stderr.log'),
    config: {
      data_folder: join(options.data, 'authoring'),
      host: '127.0.0.1',
      port: options.portBase + 300,
      launch_token: randomBytes(32).toString('hex'),
      authority_key_file: join(folders.province, 'authority.key'),
      intake_public_key: toHex(enrolIntake(folders.province)),
      stations_folder: join(folders.package, 'stations'),
    },
  });
  const order = {
    folders,
    sockets,
    bench,
    authorityPublicKey: state.authorityPublicKey,
    provinceUrl: String(province.ready['address']),
    rollPath,
    terminalPorts: numbers.map((one) => options.portBase + 400 + one),
  };
  const configs = coreConfigs(order);
  again.set('voting', () => startCore(order, 'voting', configs));
  for (const one of numbers)
    again.set(one === 1 ? 'admission' : `admission-${one}`, () =>
      startCore(order, 'admission', configs, one),
    );
  // All of them are waited for: one that cannot start must not leave the others behind, unknown and running.
  const started = await Promise.allSettled([...again.values()].map((startAgain) => startAgain()));
  for (const one of started) if (one.status === 'fulfilled') running.push(one.value);
  for (const one of started) if (one.status === 'rejected') throw one.reason;
  const launchToken = randomBytes(32).toString('hex');
  const screens = await start({
    name: 'screens',
    script: 'station-app/bin/kiosk.ts',
    configPath: join(options.data, 'screens.json'),
    logPath: join(options.data, 'screens.log'),
    arguments: options.open ? ['--open', 'windows'] : [],
    config: {
      host: '127.0.0.1',
      port: options.portBase + 100,
      launch_token: launchToken,
      panel: { px_per_mm: 3.78 },
      guide: options.guide,
      windows: [
        { role: 'executive', locale: 'fa' },
        { role: 'supervisor', locale: 'fa' },
        { role: 'voter', locale: 'fa' },
        { role: 'inspector', locale: 'fa' },
        // Each further terminal has both officers' screens of its own.
        ...configs.moreAdmissions.flatMap(({ socket, token }) =>
          (['executive', 'supervisor'] as const).map((role) => ({
            role,
            locale: 'fa' as const,
            admission: { socket, token },
          })),
        ),
      ],
      voting: { socket: configs.voting.socket, token: configs.voting.token },
      admission: { socket: configs.admission.socket, token: configs.admission.token },
    },
  });
  const windows = screens.ready['windows'] as readonly { readonly role: string; readonly address: string }[];
  console.log(
    '\nSandoq is running. Open these in a browser (each address is good once; restart for new ones):\n',
  );
  console.log(
    `  bench panel   ${String(benchProcess.ready['panel'] ?? `http://127.0.0.1:${options.portBase + 200}`)}   (the hands: cards, keys, paper)`,
  );
  for (const window of windows) console.log(`  ${window.role.padEnd(12)}  ${window.address}`);
  console.log(`  province      ${String(province.ready['address'])}   (results)`);
  console.log(
    `  officials     ${String(province.ready['address'])}/officials   (tokens: ${folders.province}/*.token)`,
  );
  console.log(`  authoring     ${String(author.ready['address'])}   (election packages)`);
  console.log('\nCtrl-C stops everything; the next start resumes where things stood.');
}

await main();
