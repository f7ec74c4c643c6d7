/**
 * kill -9 of real voting, admission and bench processes, many times a day: real ptys, sockets, files and cards. Whoever was in
 * the middle of something begins again as the screens say; after every voter both recorders must hold one vote more.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchClient, createBenchClient } from '@sandoq/hardware-sim';
import { type SeededRandom, seededRandom } from '@sandoq/seeds';
import {
  type AdmissionCalls,
  type AdmissionView,
  admissionViewSchema,
  type ContractClient,
  connectContract,
  type OfficerView,
  officerViewSchema,
  Refused,
  type VoterView,
  type VotingCalls,
  voterViewSchema,
} from '@sandoq/station-app';
import {
  type DayPlan,
  DEMONSTRATION_DATE,
  type PlannedVoter,
  planDemonstration,
  VOTING_AGE_YEARS,
} from '../day-plan.ts';
import { comparePlan, countsOfSlip, slipOfBundle } from '../day-result.ts';
import { closeStation, openStation, roleCard, tarefeCard } from '../hands.ts';
import { type RunningProcess, startProcess } from '../processes.ts';
import { BENCH_PINS, foldersUnder, provision, stationBench, TAREFE_CARDS, writeRoll } from '../provision.ts';
import { type CoreConfigs, coreConfigs, type StationOrder, startCore } from '../station.ts';

export interface RealKills {
  readonly kills: number;
  readonly days: number;
  readonly votes: number;
  readonly findings: readonly string[];
}

const VICTIMS = ['voting', 'admission', 'bench', 'voting'] as const;
type Victim = (typeof VICTIMS)[number];
const KILLS_A_VOTER_MAX = 4;
const VOTERS_A_DAY = 40;
/** Wherever it stands then. */
const KILL_AFTER_MS_MAX = 250;
const PATIENCE_MS = 120_000;
const LOOK_AGAIN_MS = 15;
const CLIENT_WAIT_MS = 60;

type Place = 'document' | 'tarefe' | 'executive' | 'supervisor' | 'box_pad' | 'pocket';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Cores {
  officer: ContractClient<VotingCalls, OfficerView>;
  voter: ContractClient<VotingCalls, VoterView>;
  desk: ContractClient<AdmissionCalls, AdmissionView>;
}

class RealDay {
  readonly root = mkdtempSync(join(tmpdir(), 'sandoq-kill-'));
  readonly #sockets = mkdtempSync(join(tmpdir(), 'sk-'));
  readonly plan: DayPlan;
  kills = 0;
  votes = 0;
  readonly #random: SeededRandom;
  #order!: StationOrder;
  #configs!: CoreConfigs;
  #processes!: { voting: RunningProcess; admission: RunningProcess; bench: RunningProcess };
  #bench!: BenchClient;
  #clients!: Cores;
  #views: { officer?: OfficerView; voter?: VoterView; desk?: AdmissionView } = {};

  constructor(seed: number, voters: number) {
    const whole = planDemonstration(voters, seed);
    this.plan = { ...whole, stations: whole.stations.slice(0, 1) };
    this.#random = seededRandom(seed);
  }

  get station() {
    return this.plan.stations[0] as DayPlan['stations'][number];
  }

  async setUp(): Promise<void> {
    const folders = foldersUnder(this.root);
    const config = stationBench(folders, this.#sockets, this.station.id, 'virtual', null);
    const bench = await this.#startBench([]);
    this.#bench = await createBenchClient(join(this.#sockets, 'control'));
    const provisioned = await provision(
      this.#bench,
      folders,
      this.plan.definition,
      this.plan.stations,
      () => config,
      () => undefined,
    );
    const rollPath = join(this.root, 'people.roll');
    writeRoll({ path: rollPath, admissionFolder: folders.admission(this.station.id) }, folders, {
      election: provisioned.election,
      electionDate: DEMONSTRATION_DATE,
      votingAgeYears: VOTING_AGE_YEARS,
      people: this.station.deal(),
    });
    await this.#bench.perform({ do: 'add_station', config });
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
    this.#clients = { ...this.#connectVoting(), desk: this.#connectDesk() };
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
    delete this.#views.officer;
    delete this.#views.voter;
    officer.onView((view) => {
      this.#views.officer = view;
    });
    voter.onView((view) => {
      this.#views.voter = view;
    });
    return { officer, voter };
  }

  #connectDesk(): Cores['desk'] {
    const { socket, token } = this.#configs.admission;
    const desk = connectContract<AdmissionCalls, AdmissionView>(socket, token, 'executive', (raw) =>
      admissionViewSchema.parse(raw),
    );
    delete this.#views.desk;
    desk.onView((view) => {
      this.#views.desk = view;
    });
    return desk;
  }

  async kill(victim: Victim): Promise<void> {
    this.kills++;
    await this.#processes[victim].kill();
    if (victim === 'bench') {
      this.#bench.close();
      this.#processes.bench = await this.#startBench([this.#order.bench]);
      this.#bench = await createBenchClient(join(this.#sockets, 'control'));
    } else if (victim === 'voting') {
      this.#clients.officer.close();
      this.#clients.voter.close();
      this.#processes.voting = await startCore(this.#order, 'voting', this.#configs);
      Object.assign(this.#clients, this.#connectVoting());
    } else {
      this.#clients.desk.close();
      this.#processes.admission = await startCore(this.#order, 'admission', this.#configs);
      this.#clients.desk = this.#connectDesk();
    }
  }

  /** Whatever fails because somebody died is done again; what never comes to an end is a finding. */
  async #until(what: string, step: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        if (await Promise.race([step(), pause(CLIENT_WAIT_MS * 100).then(() => false)])) return;
      } catch {
        // A core, a reader or the bench has gone in the middle: it is looked at again.
        await pause(CLIENT_WAIT_MS);
      }
      if (performance.now() > end) {
        const { officer, voter, desk } = this.#views;
        throw new Error(
          `nobody gets out of this: ${what}; ${JSON.stringify({ next: officer?.next, fault: officer?.fault, voter: voter?.phase, code: voter?.code, desk: desk?.state, desk_next: desk?.next, refusal: desk?.refusal })}`,
        );
      }
      await pause(LOOK_AGAIN_MS);
    }
  }

  async #put(card: string, where: Place): Promise<void> {
    const { cards, slots } = await this.#bench.perform({ do: 'state', station: this.station.id });
    if (cards.find((one) => one.card === card)?.where === where) return;
    const other = where === 'pocket' ? null : slots[where];
    if (other != null)
      await this.#bench.perform({ do: 'place_card', station: this.station.id, card: other, where: 'pocket' });
    await this.#bench.perform({ do: 'place_card', station: this.station.id, card, where });
  }

  async #deskReady(): Promise<AdmissionView | undefined> {
    for (const role of ['executive', 'supervisor'] as const) await this.#put(roleCard(role), role);
    const view = this.#views.desk;
    if (
      view === undefined ||
      view.devices[0]?.state !== 'connected' ||
      !view.slots.executive ||
      !view.slots.supervisor
    )
      return undefined;
    for (const role of ['executive', 'supervisor'] as const)
      if (!view.unlocked[role]) await this.#clients.desk.call('role.unlock', { role, pin: BENCH_PINS[role] });
    return this.#views.desk;
  }

  async #admit(voter: PlannedVoter, card: string): Promise<void> {
    const document = `voter-${voter.national_code}`;
    await this.#until(`admitting with ${card}`, async () => {
      const { cards } = await this.#bench.perform({ do: 'state', station: this.station.id });
      if (!cards.some((one) => one.card === document))
        await this.#bench.perform({
          do: 'make_card',
          station: this.station.id,
          as: document,
          card: {
            kind: 'voter',
            national_code: voter.national_code,
            name: voter.name.fa,
            birth_date: voter.birth_date,
          },
        });
      await this.#bench.perform({
        do: 'finger',
        station: this.station.id,
        national_code: voter.national_code,
      });
      const view = await this.#deskReady();
      if (view === undefined) return false;
      await this.#put(document, 'document');
      await this.#put(card, 'tarefe');
      const now = this.#views.desk;
      if (now === undefined || !now.slots.document || !now.slots.tarefe) return false;
      return this.#admitStep(now, voter.national_code);
    });
    await this.#until('taking the cards away', async () => {
      await this.#put(card, 'pocket');
      await this.#put(document, 'pocket');
      return true;
    });
  }

  async #admitStep(view: AdmissionView, code: string): Promise<boolean> {
    const { desk } = this.#clients;
    switch (view.state) {
      case 'armed':
        return view.person?.national_code === code;
      case 'idle':
      case 'done':
        await desk.call('person.read', {});
        return false;
      case 'refused':
        // Her card was armed before the desk forgot who stands there: it lies in the slot.
        if (view.refusal?.code === 'already_admitted_here' && view.person?.national_code === code)
          return true;
        await desk.call('person.cancel', {});
        return false;
      case 'needs_proof':
        try {
          await desk.call('person.prove', { fingerprint: true });
        } catch (cause) {
          // The desk was further than the view that we acted on: nobody is sent away for that.
          if (!(cause instanceof Refused) || cause.refusal.code !== 'wrong_state')
            await desk.call('person.cancel', {});
        }
        return false;
      case 'identified':
      case 'awaiting_approvals':
        for (const role of ['executive', 'supervisor'] as const)
          if (!view.approvals[role]) await desk.call('tarefe.approve', { role });
        return false;
      default:
        return false;
    }
  }

  async #vote(voter: PlannedVoter, card: string): Promise<void> {
    let seen = '';
    let since = performance.now();
    await this.#until(`voting with ${card}`, async () => {
      const view = this.#views.voter;
      if (view === undefined) return false;
      if (view.phase !== seen) since = performance.now();
      seen = view.phase;
      const forMs = performance.now() - since;
      if (view.phase === 'cast') return true;
      if (view.phase === 'card_refused' && view.code === 'card_spent') return true;
      const again =
        (view.phase === 'card_refused' && forMs > 1_500) ||
        view.phase === 'ended' ||
        (view.phase === 'welcome' && forMs > 3_000);
      if (again) {
        await this.#put(card, 'pocket');
        await pause(100);
        since = performance.now();
      }
      await this.#put(card, 'box_pad');
      if (view.phase === 'choosing' || view.phase === 'review') {
        for (const { contest, choice } of voter.choices)
          await this.#clients.voter.call('voter.choose', {
            contest,
            choice: choice === 'blank' ? choice : [...choice],
          });
        await this.#clients.voter.call('voter.print', {});
      } else if (view.phase === 'in_window') {
        await this.#bench.perform({ do: 'press', station: this.station.id, key: 'green' });
        await pause(40);
      } else if (view.phase === 'officer_needed' && forMs > 3_000)
        await this.#clients.officer.call('fault.acknowledge', {});
      return false;
    });
    await this.#until('taking the card', async () => {
      await this.#put(card, 'pocket');
      return true;
    });
  }

  /** Both recorders at rest. @returns votes */
  async rest(): Promise<number> {
    let count = -1;
    await this.#until('coming to rest', async () => {
      const view = this.#views.officer;
      if (view === undefined || view.counters === null || view.voter !== 'none' || view.fault !== null)
        return false;
      if (view.devices.some(({ id, state }) => id === 'box' && state !== 'connected')) return false;
      const contests = this.plan.definition.contests.length;
      if (view.counters.records !== view.public_count * contests) return false;
      count = view.public_count;
      return true;
    });
    return count;
  }

  async #killAround(work: Promise<void>, killsLeft: number): Promise<void> {
    let over = false;
    const guarded = work.finally(() => {
      over = true;
    });
    guarded.catch(() => undefined);
    for (let kills = this.#random.below(Math.min(KILLS_A_VOTER_MAX, killsLeft) + 1); kills > 0; kills--) {
      await pause(this.#random.below(KILL_AFTER_MS_MAX));
      if (over) break;
      await this.kill(this.#random.pick(VICTIMS));
    }
    await guarded;
  }

  async play(killsWanted: number): Promise<void> {
    await openStation(this.#hands());
    for (const [i, voter] of [...this.station.deal()].entries()) {
      const card = tarefeCard(1 + (i % TAREFE_CARDS));
      await this.#killAround(
        (async () => {
          await this.#admit(voter, card);
          await this.#vote(voter, card);
        })(),
        killsWanted - this.kills,
      );
      const count = await this.rest();
      if (count < i + 1) throw new Error(`lost: ${i + 1} people have voted, ${count} votes are counted`);
      if (count > i + 1) throw new Error(`doubled: ${i + 1} people have voted, ${count} votes are counted`);
      this.votes = count;
    }
    await this.#until(
      'the desk before the close',
      async () => (await this.#deskReady())?.unlocked.supervisor === true,
    );
    const { recountAgreed } = await closeStation(this.#hands(), false);
    if (!recountAgreed) throw new Error('the recount does not agree');
    const { id } = this.station;
    const slip = slipOfBundle(
      new Uint8Array(readFileSync(join(this.#order.folders.voting(id), 'out', `${id}.bundle`))),
    );
    if (slip.disputed) throw new Error('the slip is disputed');
    const differences = comparePlan(this.plan, [{ station: id, counts: countsOfSlip(this.plan, slip) }]);
    if (differences.length > 0) throw new Error(differences.join('; '));
  }

  #hands() {
    const stop = (): Promise<void> => Promise.resolve();
    return {
      bench: this.#bench,
      station: this.station.id,
      cores: { ...this.#processes, ...this.#clients, stop },
    };
  }

  async end(): Promise<void> {
    this.#clients?.officer.close();
    this.#clients?.voter.close();
    this.#clients?.desk.close();
    this.#bench?.close();
    await Promise.all(Object.values(this.#processes ?? {}).map((one) => one.stop()));
    rmSync(this.root, { recursive: true, force: true });
    rmSync(this.#sockets, { recursive: true, force: true });
  }
}

/** @param voters people a day, and `daysMax` days: a short run takes fewer */
export async function killRealProcesses(
  wanted: number,
  firstSeed: number,
  onProgress: (text: string) => void,
  voters = VOTERS_A_DAY,
  daysMax = Number.POSITIVE_INFINITY,
): Promise<RealKills> {
  const findings: string[] = [];
  let kills = 0;
  let days = 0;
  let votes = 0;
  for (let seed = firstSeed; kills < wanted && days < daysMax && findings.length === 0; seed++) {
    const day = new RealDay(seed, voters);
    try {
      await day.setUp();
      await day.play(wanted - kills);
    } catch (cause) {
      findings.push(`real day ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`);
    } finally {
      await day.end();
    }
    kills += day.kills;
    votes += day.votes;
    days++;
    onProgress(`  real day ${seed}: ${day.kills} kills, ${day.votes} votes`);
  }
  return { kills, days, votes, findings };
}
