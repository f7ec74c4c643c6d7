/**
 * A station of real processes that may be killed at any time: voting, admission, the bench, and the box, which loses its power or, emulated,
 * dies by kill -9 of its emulator. Real ptys, sockets, files and cards.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchClient, type BoxHostKind, createBenchClient } from '@sandoq/hardware-sim';
import {
  type AdmissionCalls,
  type AdmissionView,
  admissionViewSchema,
  type ContractClient,
  connectContract,
  type OfficerView,
  officerViewSchema,
  type VoterView,
  type VotingCalls,
  voterViewSchema,
} from '@sandoq/station-app';
import { type DayPlan, DEMONSTRATION_DATE, planDemonstration, VOTING_AGE_YEARS } from '../day-plan.ts';
import type { Hands } from '../hands.ts';
import { type RunningProcess, startProcess } from '../processes.ts';
import { foldersUnder, provision, stationBench, writeRoll } from '../provision.ts';
import { type CoreConfigs, coreConfigs, type StationOrder, startCore } from '../station.ts';

export type RealVictim = 'voting' | 'admission' | 'bench' | 'box';

const PATIENCE_MS = 120_000;
const LOOK_AGAIN_MS = 15;
const CLIENT_WAIT_MS = 60;
/** A box without power, before somebody gives it again. */
const DARK_MS = 200;
const EMULATOR = 'qemu-system-arm';

export type Place = 'document' | 'tarefe' | 'executive' | 'supervisor' | 'box_pad' | 'pocket';
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Cores {
  officer: ContractClient<VotingCalls, OfficerView>;
  voter: ContractClient<VotingCalls, VoterView>;
  desk: ContractClient<AdmissionCalls, AdmissionView>;
}

/** The emulator that this bench has started, while there is one (proc_pid_stat(5)). */
function emulatorOf(bench: number): number | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const parent = Number(stat.replace(/^.*\) \S /s, '').split(' ')[0]);
      // The name is cut to fifteen characters.
      if (parent === bench && stat.includes(`(${EMULATOR.slice(0, 15)})`)) return Number(pid);
    } catch {
      // It has gone meanwhile.
    }
  return undefined;
}

export class RealStation {
  readonly root = mkdtempSync(join(tmpdir(), 'sandoq-kill-'));
  readonly #sockets = mkdtempSync(join(tmpdir(), 'sk-'));
  readonly plan: DayPlan;
  readonly box: BoxHostKind;
  #order!: StationOrder;
  #configs!: CoreConfigs;
  #processes!: { voting: RunningProcess; admission: RunningProcess; bench: RunningProcess };
  bench!: BenchClient;
  clients!: Cores;
  views: { officer?: OfficerView; voter?: VoterView; desk?: AdmissionView } = {};

  constructor(seed: number, voters: number, box: BoxHostKind) {
    this.box = box;
    const whole = planDemonstration(voters, seed);
    this.plan = { ...whole, stations: whole.stations.slice(0, 1) };
  }

  get station() {
    return this.plan.stations[0] as DayPlan['stations'][number];
  }

  async setUp(): Promise<void> {
    const folders = foldersUnder(this.root);
    const config = stationBench(folders, this.#sockets, this.station.id, 'virtual', null, {
      host: this.box,
    });
    const bench = await this.#startBench([]);
    this.bench = await createBenchClient(join(this.#sockets, 'control'));
    const provisioned = await provision(
      this.bench,
      folders,
      this.plan.definition,
      this.plan.stations,
      () => config,
      () => undefined,
    );
    const rollPath = join(this.root, 'people.roll');
    writeRoll({ path: rollPath, admissionFolders: [folders.admission(this.station.id)] }, folders, {
      election: provisioned.election,
      electionDate: DEMONSTRATION_DATE,
      votingAgeYears: VOTING_AGE_YEARS,
      people: this.station.deal(),
    });
    await this.bench.perform({ do: 'add_station', config });
    this.#order = {
      folders,
      sockets: this.#sockets,
      bench: config,
      authorityPublicKey: provisioned.authorityPublicKey,
      provinceUrl: null,
      rollPath,
    };
    this.#configs = coreConfigs(this.#order);
    const [voting, admission] = await Promise.all([
      startCore(this.#order, 'voting', this.#configs),
      startCore(this.#order, 'admission', this.#configs),
    ]);
    this.#processes = { bench, voting, admission };
    this.clients = { ...this.#connectVoting(), desk: this.#connectDesk() };
  }

  #startBench(stations: readonly unknown[]): Promise<RunningProcess> {
    return startProcess({
      name: 'bench',
      script: 'hardware-sim/bin/bench.ts',
      configPath: join(this.root, 'bench.json'),
      logPath: join(this.root, 'bench.log'),
      config: {
        data_folder: join(this.root, 'bench'),
        control_socket: join(this.#sockets, 'control'),
        panel: null,
        stations,
      },
    });
  }

  #connectVoting(): Pick<Cores, 'officer' | 'voter'> {
    const { socket, token } = this.#configs.voting;
    const officer = connectContract<VotingCalls, OfficerView>(socket, token, 'executive', (raw) =>
      officerViewSchema.parse(raw),
    );
    const voter = connectContract<VotingCalls, VoterView>(socket, token, 'voter', (raw) =>
      voterViewSchema.parse(raw),
    );
    delete this.views.officer;
    delete this.views.voter;
    officer.onView((view) => {
      this.views.officer = view;
    });
    voter.onView((view) => {
      this.views.voter = view;
    });
    return { officer, voter };
  }

  #connectDesk(): Cores['desk'] {
    const { socket, token } = this.#configs.admission;
    const desk = connectContract<AdmissionCalls, AdmissionView>(socket, token, 'executive', (raw) =>
      admissionViewSchema.parse(raw),
    );
    delete this.views.desk;
    desk.onView((view) => {
      this.views.desk = view;
    });
    return desk;
  }

  async kill(victim: RealVictim): Promise<void> {
    if (victim === 'box') return this.#cutBox();
    await this.#processes[victim].kill();
    if (victim === 'bench') {
      this.bench.close();
      this.#processes.bench = await this.#startBench([this.#order.bench]);
      this.bench = await createBenchClient(join(this.#sockets, 'control'));
    } else if (victim === 'voting') {
      this.clients.officer.close();
      this.clients.voter.close();
      this.#processes.voting = await startCore(this.#order, 'voting', this.#configs);
      Object.assign(this.clients, this.#connectVoting());
    } else {
      this.clients.desk.close();
      this.#processes.admission = await startCore(this.#order, 'admission', this.#configs);
      this.clients.desk = this.#connectDesk();
    }
  }

  async #cutBox(): Promise<void> {
    if (this.box === 'qemu') {
      let emulator: number | undefined;
      await this.until('an emulator to kill', async () => {
        await this.giveBoxPower();
        emulator = emulatorOf(this.#processes.bench.pid);
        return emulator !== undefined;
      });
      process.kill(emulator as number, 'SIGKILL');
      return;
    }
    await this.bench.perform({ do: 'power', station: this.station.id, on: false });
    await pause(DARK_MS);
    await this.giveBoxPower();
  }

  /** As an officer does who sees it dark: three deaths in a row before its start, and a box stays so. */
  async giveBoxPower(): Promise<void> {
    const { power } = await this.bench.perform({ do: 'state', station: this.station.id });
    if (!power) await this.bench.perform({ do: 'power', station: this.station.id, on: true });
  }

  /** Whatever fails because somebody died is done again; what never comes to an end is a finding. */
  async until(what: string, step: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        if (await Promise.race([step(), pause(CLIENT_WAIT_MS * 100).then(() => false)])) return;
      } catch {
        // A core, a reader or the bench has gone in the middle: it is looked at again.
        await pause(CLIENT_WAIT_MS);
      }
      if (performance.now() > end) {
        const { officer, voter, desk } = this.views;
        throw new Error(
          `nobody gets out of this: ${what}; ${JSON.stringify({ next: officer?.next, fault: officer?.fault, voter: voter?.phase, code: voter?.code, desk: desk?.state, desk_next: desk?.next, refusal: desk?.refusal })}`,
        );
      }
      await pause(LOOK_AGAIN_MS);
    }
  }

  async put(card: string, where: Place): Promise<void> {
    const { cards, slots } = await this.bench.perform({ do: 'state', station: this.station.id });
    if (cards.find((one) => one.card === card)?.where === where) return;
    const other = where === 'pocket' ? null : slots[where];
    if (other != null)
      await this.bench.perform({ do: 'place_card', station: this.station.id, card: other, where: 'pocket' });
    await this.bench.perform({ do: 'place_card', station: this.station.id, card, where });
  }

  hands(): Hands {
    const stop = (): Promise<void> => Promise.resolve();
    return {
      bench: this.bench,
      station: this.station.id,
      cores: { ...this.#processes, ...this.clients, stop },
    };
  }

  /** @returns the bundle of the closed day */
  bundle(): Uint8Array {
    const { id } = this.station;
    return new Uint8Array(readFileSync(join(this.#order.folders.voting(id), 'out', `${id}.bundle`)));
  }

  async end(): Promise<void> {
    this.clients?.officer.close();
    this.clients?.voter.close();
    this.clients?.desk.close();
    this.bench?.close();
    await Promise.all(Object.values(this.#processes ?? {}).map((one) => one.stop()));
    rmSync(this.root, { recursive: true, force: true });
    rmSync(this.#sockets, { recursive: true, force: true });
  }
}
