/**
 * A day of many stations with the province cut off and back at random, people trying twice, servers and stations killed;
 * and what must be true of it. Everything that is drawn comes from the seed; which process is quicker does not.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { nationalCodeFrom } from '@sandoq/seeds';
import { checkElection, owedStep } from '@sandoq/station-app';
import { enrolIntake, writeProvisioning } from '@sandoq/tally-server';
import { BundleBuilder, votesOf } from '../../tally-server/test/bundle-builder.ts';
import {
  AUTHORITY_KEY,
  DEFINITION,
  provinceOf,
  secretOf,
  stationNamed,
} from '../../tally-server/test/province.ts';
import { type RunningProcess, startProcess } from '../rig/processes.ts';
import { Desk, deskFolder } from './partition-desk.ts';

export interface PartitionOrder {
  readonly stations: number;
  readonly people: number;
  readonly seed: number;
  readonly onProgress: (text: string) => void;
}

export interface PartitionFigures {
  readonly stations: number;
  readonly people: number;
  readonly attempts: number;
  readonly admissions: number;
  readonly admitted_online: number;
  readonly admitted_unconfirmed: number;
  readonly refused_elsewhere: number;
  readonly refused_here: number;
  readonly released: number;
  readonly cuts: number;
  readonly server_kills: number;
  readonly station_kills: number;
  readonly doubles: number;
  readonly doubles_found: number;
  readonly doubles_attributed_wrongly: number;
  readonly admitted_twice_online: number;
  readonly journals_disagree: number;
  readonly summaries_changed_by_merge: number;
  readonly votes_cast: number;
  readonly totals_changed_by_merge: boolean;
  /** refused while a dead line kept the province from knowing that nobody has them, and admitted later */
  readonly admitted_on_return: number;
  readonly turned_away_for_good: number;
}

export interface PartitionResult {
  readonly ok: boolean;
  readonly figures: PartitionFigures;
}

/** Debian's memory-backed folder: fifty stations of one machine would wait for one disk. */
const MEMORY_FOLDER = '/dev/shm';
const TRIES_TWICE = 0.35;
const GIVES_BACK = 0.05;
const KILLED = 0.15;
const CUT_EVERY_TASKS = 4;
const LANES = 6;
const OWED_MS = 60_000;
const KILL_EFFECTS_MAX = 9;
const VOTES_MAX = 400;

/** mulberry32 */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

interface Task {
  readonly person: string;
  readonly station: number;
  readonly givesBack: boolean;
  readonly killIn: number | undefined;
}

function tasksOf(order: PartitionOrder, draw: () => number): readonly Task[] {
  const below = (n: number): number => Math.floor(draw() * n);
  const tasks: Task[] = [];
  for (let i = 0; i < order.people; i++) {
    const person = nationalCodeFrom(String(100_000_001 + i * 37));
    const tries = draw() < TRIES_TWICE ? (draw() < 0.2 ? 3 : 2) : 1;
    for (let n = 0; n < tries; n++)
      tasks.push({
        person,
        station: below(order.stations),
        givesBack: draw() < GIVES_BACK,
        killIn: draw() < KILLED ? 1 + below(KILL_EFFECTS_MAX) : undefined,
      });
  }
  for (let i = tasks.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [tasks[i], tasks[j]] = [tasks[j] as Task, tasks[i] as Task];
  }
  return tasks;
}

class PartitionDay {
  readonly #order: PartitionOrder;
  readonly #draw: () => number;
  readonly #root = mkdtempSync(
    join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'sandoq-partition-'),
  );
  readonly #sockets = mkdtempSync(join(tmpdir(), 'sq-'));
  readonly #dataFolder = join(this.#root, 'province');
  readonly #world;
  readonly #lines: { cut: boolean; fate(): 'delivered' | 'request_lost' | 'answer_lost' }[] = [];
  readonly #desks: Desk[] = [];
  readonly #busy = new Map<Desk, Promise<unknown>>();
  /** who has an armed card of which stations: what really happened, seen from the room */
  readonly #holders = new Map<string, Set<string>>();
  readonly #turnedAway = new Set<string>();
  readonly #counts = {
    attempts: 0,
    refusedElsewhere: 0,
    refusedHere: 0,
    released: 0,
    cuts: 0,
    serverKills: 0,
    stationKills: 0,
  };
  #server: RunningProcess | undefined;
  #port = 0;
  #restart: Promise<void> = Promise.resolve();

  constructor(order: PartitionOrder) {
    this.#order = order;
    this.#draw = chance(order.seed);
    const ids = Array.from({ length: order.stations }, (_, i) => `s${String(i + 1).padStart(3, '0')}`);
    this.#world = provinceOf(
      ids.map((id) => ({ ...stationNamed(id), votesMax: VOTES_MAX })),
      enrolIntake(this.#dataFolder),
      { ...DEFINITION, settings: { ...DEFINITION.settings, partitionPolicy: 'admit' } },
    );
    writeProvisioning(join(this.#root, 'package'), this.#world.files);
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async #startServer(): Promise<void> {
    this.#server = await startProcess({
      name: 'province',
      script: 'tally-server/bin/server.ts',
      configPath: join(this.#root, 'province.json'),
      logPath: join(this.#root, 'province.log'),
      config: {
        data_folder: this.#dataFolder,
        host: '127.0.0.1',
        port: this.#port,
        authority_public_key: toHex(AUTHORITY_KEY),
        package_folders: [join(this.#root, 'package')],
        requests_per_minute_max: 1_000_000,
      },
    });
  }

  async #open(): Promise<void> {
    this.#port = await freePort();
    await this.#startServer();
    for (const [i, station] of [...this.#world.provisioning.stations.values()].entries()) {
      const folder = deskFolder(this.#root, station.id);
      mkdirSync(folder, { recursive: true });
      const device = station.devices.find((one) => one.purpose === 'admission');
      const election = checkElection(
        this.#world.files,
        nodeCrypto,
        {
          authorityKey: AUTHORITY_KEY,
          stationId: station.id as never,
          devicePublicKey: (device as NonNullable<typeof device>).key,
        },
        Math.floor(Date.now() / 1000),
      );
      if (!election.ok) throw new Error(election.fault.detail);
      const draw = chance(this.#order.seed * 1000 + i);
      const line = {
        cut: false,
        fate: () => {
          const drawn = draw();
          return drawn < 0.03 ? 'request_lost' : drawn < 0.06 ? 'answer_lost' : 'delivered';
        },
      } as const;
      this.#lines.push(line);
      const desk = new Desk(
        {
          station: station.id,
          folder,
          election: election.value,
          provinceUrl: this.#url,
          roundKey: secretOf('round key'),
          line,
        },
        join(this.#sockets, station.id),
      );
      await desk.open();
      this.#desks.push(desk);
    }
  }

  /** A storm over a third of the lines, one line torn, one mended, or the province's computer gone. */
  #weather(done: number): void {
    if (done % CUT_EVERY_TASKS !== 0) return;
    const drawn = this.#draw();
    const one = this.#lines[Math.floor(this.#draw() * this.#lines.length)] as { cut: boolean };
    if (drawn < 0.08) for (const line of this.#lines) line.cut = this.#draw() < 0.5;
    else if (drawn < 0.3) for (const line of this.#lines) line.cut = false;
    else if (drawn < 0.33) this.#killServer();
    else one.cut = this.#draw() < 0.5;
    this.#counts.cuts += drawn < 0.3 ? this.#lines.length : 1;
  }

  #killServer(): void {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#counts.serverKills++;
    this.#restart = server.kill().then(() => this.#startServer());
  }

  async #task(task: Task): Promise<void> {
    const desk = this.#desks[task.station] as Desk;
    this.#counts.attempts++;
    const deaths = desk.deaths;
    if (task.killIn !== undefined) desk.killIn(task.killIn);
    const outcome = await desk.admit(task.person);
    if (outcome === 'already_admitted_elsewhere') {
      this.#counts.refusedElsewhere++;
      this.#turnedAway.add(task.person);
    } else if (outcome === 'already_admitted_here') this.#counts.refusedHere++;
    else if (!desk.holdsArmed())
      throw new Error(
        `${desk.station}: ${outcome} and no armed card after ${desk.deaths} deaths: ${JSON.stringify(desk.view().refusal)}`,
      );
    if (desk.holdsArmed() && task.givesBack) {
      await desk.giveBack();
      if (!desk.holdsArmed()) this.#counts.released++;
    }
    if (desk.holdsArmed()) {
      const stations = this.#holders.get(task.person) ?? new Set();
      this.#holders.set(task.person, stations.add(desk.station));
    }
    await desk.spare();
    desk.takeCard();
    this.#counts.stationKills += desk.deaths - deaths;
  }

  async #voters(): Promise<void> {
    const tasks = tasksOf(this.#order, this.#draw);
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let i = next++; i < tasks.length; i = next++) {
        const task = tasks[i] as Task;
        this.#weather(i);
        if (i === Math.floor(tasks.length / 2)) this.#killServer();
        const desk = this.#desks[task.station] as Desk;
        const turn = (this.#busy.get(desk) ?? Promise.resolve()).then(() => this.#task(task));
        this.#busy.set(
          desk,
          turn.catch(() => undefined),
        );
        await turn;
        if (i % 100 === 0) this.#order.onProgress(`${i} of ${tasks.length} people came to a desk`);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  async #healed(): Promise<void> {
    await this.#restart;
    for (const line of this.#lines) {
      line.cut = false;
      line.fate = () => 'delivered';
    }
    const deadline = Date.now() + OWED_MS;
    for (const desk of this.#desks)
      while (
        desk
          .journal()
          .admissions()
          .some((one) => owedStep(one) !== undefined)
      ) {
        if (Date.now() > deadline)
          throw new Error(`${desk.station} still owes: ${JSON.stringify(desk.view())}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
  }

  /** Nobody whom no station has stays refused once the lines are back. */
  async #retryTurnedAway(): Promise<number> {
    let forGood = 0;
    for (const person of this.#turnedAway) {
      if (this.#holders.has(person)) continue;
      const desk = this.#desks[0] as Desk;
      const outcome = await desk.admit(person);
      if (outcome === 'armed') this.#holders.set(person, new Set([desk.station]));
      else forGood++;
      desk.takeCard();
    }
    return forGood;
  }

  async #json(path: string): Promise<string> {
    const response = await fetch(`${this.#url}/api/elections/${this.#world.provisioning.election}/${path}`);
    if (!response.ok) throw new Error(`${response.status} at ${path}`);
    return response.text();
  }

  /** Every armed card is a vote; each station's slip is sent while its journal may still be owed. */
  async #sendSlips(): Promise<number> {
    let votes = 0;
    for (const desk of this.#desks) {
      const cast = [...this.#holders.values()].filter((stations) => stations.has(desk.station)).length;
      if (cast === 0) continue;
      votes += cast;
      const bundle = new BundleBuilder(this.#world.provisioning, desk.station).build(votesOf(cast, 1));
      const response = await fetch(
        `${this.#url}/api/elections/${this.#world.provisioning.election}/bundles`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/octet-stream' },
          body: Buffer.from(bundle),
        },
      );
      if (response.status !== 201) throw new Error(`a slip was refused: ${await response.text()}`);
    }
    return votes;
  }

  #truePairs(): ReadonlyMap<string, number> {
    const pairs = new Map<string, number>();
    for (const stations of this.#holders.values()) {
      const sorted = [...stations].sort();
      for (const [i, a] of sorted.entries())
        for (const b of sorted.slice(i + 1)) pairs.set(`${a} ${b}`, (pairs.get(`${a} ${b}`) ?? 0) + 1);
    }
    return pairs;
  }

  /** What the journals say of each person, beside the cards in people's hands. */
  #journals() {
    let disagree = 0;
    let unconfirmed = 0;
    const online = new Map<string, number>();
    for (const desk of this.#desks)
      for (const line of desk.journal().admissions()) {
        const holds = this.#holders.get(line.nationalCode)?.has(desk.station) === true;
        if (holds !== (line.state === 'admitted')) disagree++;
        if (line.state !== 'admitted') continue;
        if (line.offline) unconfirmed++;
        else online.set(line.nationalCode, (online.get(line.nationalCode) ?? 0) + 1);
      }
    const onlineAll = [...online.values()].reduce((sum, n) => sum + n, 0);
    const twice = [...online.values()].filter((n) => n > 1).length;
    return { disagree, unconfirmed, onlineAll, twice };
  }

  async run(): Promise<PartitionResult> {
    await this.#open();
    this.#order.onProgress(`${this.#desks.length} desks are open`);
    await this.#voters();
    await this.#restart;
    const votesBefore = await this.#sendSlips();
    const totalsBefore = await this.#json('totals');
    const ledgersBefore = this.#desks.map((desk) => JSON.stringify(desk.view().ledger));
    const closedEarly = this.#desks.slice(1).filter((_, i) => i % 2 === 0);
    const summaries: string[] = [];
    for (const desk of closedEarly) summaries.push(await desk.summary());
    await this.#healed();
    const totalsAfter = await this.#json('totals');
    let changed = 0;
    for (const [i, desk] of closedEarly.entries()) if ((await desk.summary()) !== summaries[i]) changed++;
    for (const [i, desk] of this.#desks.entries())
      if (JSON.stringify(desk.view().ledger) !== ledgersBefore[i]) changed++;
    const forGood = await this.#retryTurnedAway();
    await this.#healed();
    return this.#judge({
      votesBefore,
      changed,
      forGood,
      totalsChanged: totalsBefore !== totalsAfter,
      sums: JSON.parse(await this.#json('claims')),
    });
  }

  #judge(seen: {
    readonly votesBefore: number;
    readonly changed: number;
    readonly forGood: number;
    readonly totalsChanged: boolean;
    readonly sums: {
      readonly admissions: number;
      readonly doubles: number;
      readonly pairs: readonly { readonly stations: readonly string[]; readonly persons: number }[];
    };
  }): PartitionResult {
    const admissions = [...this.#holders.values()].reduce((sum, stations) => sum + stations.size, 0);
    const doubles = admissions - this.#holders.size;
    const truth = this.#truePairs();
    const found = new Map(seen.sums.pairs.map(({ stations, persons }) => [stations.join(' '), persons]));
    const wrongly = [...new Set([...truth.keys(), ...found.keys()])].filter(
      (pair) => truth.get(pair) !== found.get(pair),
    ).length;
    const journals = this.#journals();
    const { attempts, refusedElsewhere, refusedHere, released, cuts, serverKills, stationKills } =
      this.#counts;
    const figures: PartitionFigures = {
      stations: this.#order.stations,
      people: this.#order.people,
      attempts,
      admissions,
      admitted_online: journals.onlineAll,
      admitted_unconfirmed: journals.unconfirmed,
      refused_elsewhere: refusedElsewhere,
      refused_here: refusedHere,
      released,
      cuts,
      server_kills: serverKills,
      station_kills: stationKills,
      doubles,
      doubles_found: seen.sums.doubles,
      doubles_attributed_wrongly: wrongly,
      admitted_twice_online: journals.twice,
      journals_disagree: journals.disagree,
      summaries_changed_by_merge: seen.changed,
      votes_cast: seen.votesBefore,
      totals_changed_by_merge: seen.totalsChanged,
      admitted_on_return: admissions - seen.votesBefore,
      turned_away_for_good: seen.forGood,
    };
    const ok =
      doubles === seen.sums.doubles &&
      admissions === seen.sums.admissions &&
      wrongly === 0 &&
      journals.twice === 0 &&
      journals.disagree === 0 &&
      seen.changed === 0 &&
      !seen.totalsChanged &&
      seen.forGood === 0;
    return { ok, figures };
  }

  async end(): Promise<void> {
    for (const desk of this.#desks) await desk.close();
    await this.#restart.catch(() => undefined);
    await this.#server?.stop();
    for (const folder of [this.#root, this.#sockets]) rmSync(folder, { recursive: true, force: true });
  }
}

export async function runPartition(order: PartitionOrder): Promise<PartitionResult> {
  const day = new PartitionDay(order);
  try {
    return await day.run();
  } finally {
    await day.end();
  }
}
