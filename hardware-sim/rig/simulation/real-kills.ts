/**
 * kill -9 of real voting, admission and bench processes, and of the box, many times a day. Whoever was in the middle of something
 * begins again as the screens say; after every voter both recorders must hold one vote more.
 */
import { type SeededRandom, seededRandom } from '@sandoq/seeds';
import { type AdmissionView, Refused } from '@sandoq/station-app';
import type { PlannedVoter } from '../day-plan.ts';
import { comparePlan, countsOfSlip, slipOfBundle } from '../day-result.ts';
import { closeStation, openStation, roleCard, tarefeCard } from '../hands.ts';
import { BENCH_PINS, TAREFE_CARDS } from '../provision.ts';
import { pause, RealStation, type RealVictim } from './real-station.ts';

export interface RealKills {
  readonly kills: number;
  /** of these, the box's power, or its emulator */
  readonly boxKills: number;
  readonly days: number;
  readonly votes: number;
  readonly findings: readonly string[];
}

/** Who dies, and within how long of a voter's coming: an emulated board takes longer over everything. */
const VICTIMS: Readonly<Record<'sim' | 'qemu', readonly RealVictim[]>> = {
  sim: ['voting', 'admission', 'bench', 'voting', 'box'],
  qemu: ['box', 'box', 'box', 'voting', 'bench'],
};
const KILL_AFTER_MS_MAX: Readonly<Record<'sim' | 'qemu', number>> = { sim: 250, qemu: 900 };
const KILLS_A_VOTER_MAX = 4;
const VOTERS_A_DAY: Readonly<Record<'sim' | 'qemu', number>> = { sim: 40, qemu: 20 };

class RealDay {
  readonly #station: RealStation;
  readonly #box: 'sim' | 'qemu';
  readonly #random: SeededRandom;
  kills = 0;
  boxKills = 0;
  votes = 0;

  constructor(station: RealStation, seed: number, box: 'sim' | 'qemu') {
    this.#station = station;
    this.#box = box;
    this.#random = seededRandom(seed);
  }

  async #deskReady(): Promise<AdmissionView | undefined> {
    for (const role of ['executive', 'supervisor'] as const) await this.#station.put(roleCard(role), role);
    const view = this.#station.views.desk;
    if (
      view === undefined ||
      view.devices[0]?.state !== 'connected' ||
      !view.slots.executive ||
      !view.slots.supervisor
    )
      return undefined;
    for (const role of ['executive', 'supervisor'] as const)
      if (!view.unlocked[role])
        await this.#station.clients.desk.call('role.unlock', { role, pin: BENCH_PINS[role] });
    return this.#station.views.desk;
  }

  async #admit(voter: PlannedVoter, card: string): Promise<void> {
    const document = `voter-${voter.national_code}`;
    await this.#station.until(`admitting with ${card}`, async () => {
      await this.#station.giveBoxPower();
      const { cards } = await this.#station.bench.perform({ do: 'state', station: this.#station.station.id });
      if (!cards.some((one) => one.card === document))
        await this.#station.bench.perform({
          do: 'make_card',
          station: this.#station.station.id,
          as: document,
          card: {
            kind: 'voter',
            national_code: voter.national_code,
            name: voter.name.fa,
            birth_date: voter.birth_date,
          },
        });
      await this.#station.bench.perform({
        do: 'finger',
        station: this.#station.station.id,
        national_code: voter.national_code,
      });
      const view = await this.#deskReady();
      if (view === undefined) return false;
      await this.#station.put(document, 'document');
      await this.#station.put(card, 'tarefe');
      const now = this.#station.views.desk;
      if (now === undefined || !now.slots.document || !now.slots.tarefe) return false;
      return this.#admitStep(now, voter.national_code);
    });
    await this.#station.until('taking the cards away', async () => {
      await this.#station.put(card, 'pocket');
      await this.#station.put(document, 'pocket');
      return true;
    });
  }

  async #admitStep(view: AdmissionView, code: string): Promise<boolean> {
    const { desk } = this.#station.clients;
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
    await this.#station.until(`voting with ${card}`, async () => {
      const view = this.#station.views.voter;
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
        await this.#station.put(card, 'pocket');
        await pause(100);
        since = performance.now();
      }
      await this.#station.put(card, 'box_pad');
      if (view.phase === 'choosing' || view.phase === 'review') {
        for (const { contest, choice } of voter.choices)
          await this.#station.clients.voter.call('voter.choose', {
            contest,
            choice: choice === 'blank' ? choice : [...choice],
          });
        await this.#station.clients.voter.call('voter.print', {});
      } else if (view.phase === 'in_window') {
        await this.#station.bench.perform({ do: 'press', station: this.#station.station.id, key: 'green' });
        await pause(40);
      } else if (view.phase === 'officer_needed' && forMs > 3_000)
        await this.#station.clients.officer.call('fault.acknowledge', {});
      return false;
    });
    await this.#station.until('taking the card', async () => {
      await this.#station.put(card, 'pocket');
      return true;
    });
  }

  /** Both recorders at rest. @returns votes */
  async rest(): Promise<number> {
    let count = -1;
    await this.#station.until('coming to rest', async () => {
      const view = this.#station.views.officer;
      if (view === undefined || view.counters === null || view.voter !== 'none' || view.fault !== null)
        return false;
      if (view.devices.some(({ id, state }) => id === 'box' && state !== 'connected')) return false;
      const contests = this.#station.plan.definition.contests.length;
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
      await pause(this.#random.below(KILL_AFTER_MS_MAX[this.#box]));
      if (over) break;
      const victim = this.#random.pick(VICTIMS[this.#box]);
      this.kills++;
      if (victim === 'box') this.boxKills++;
      await this.#station.kill(victim);
    }
    await guarded;
  }

  async play(killsWanted: number): Promise<void> {
    await openStation(this.#station.hands());
    for (const [i, voter] of [...this.#station.station.deal()].entries()) {
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
    await this.#station.until(
      'the desk before the close',
      async () => (await this.#deskReady())?.unlocked.supervisor === true,
    );
    const { recountAgreed } = await closeStation(this.#station.hands(), false);
    if (!recountAgreed) throw new Error('the recount does not agree');
    const { id } = this.#station.station;
    const slip = slipOfBundle(this.#station.bundle());
    if (slip.disputed) throw new Error('the slip is disputed');
    const differences = comparePlan(this.#station.plan, [
      { station: id, counts: countsOfSlip(this.#station.plan, slip) },
    ]);
    if (differences.length > 0) throw new Error(differences.join('; '));
  }
}

export interface RealOrder {
  readonly wanted: number;
  readonly firstSeed: number;
  readonly box: 'sim' | 'qemu';
  /** people a day, and days at most: a short run takes fewer */
  readonly voters?: number;
  readonly daysMax?: number;
  readonly onProgress: (text: string) => void;
}

export async function killRealProcesses(order: RealOrder): Promise<RealKills> {
  const { wanted, box } = order;
  const findings: string[] = [];
  const sum = { kills: 0, boxKills: 0, days: 0, votes: 0 };
  const daysMax = order.daysMax ?? Number.POSITIVE_INFINITY;
  for (
    let seed = order.firstSeed;
    sum.kills < wanted && sum.days < daysMax && findings.length === 0;
    seed++
  ) {
    const station = new RealStation(seed, order.voters ?? VOTERS_A_DAY[box], box);
    const day = new RealDay(station, seed, box);
    try {
      await station.setUp();
      await day.play(wanted - sum.kills);
    } catch (cause) {
      const finding = `real day ${seed} on ${box}: ${cause instanceof Error ? cause.message : String(cause)}`;
      findings.push(finding);
      order.onProgress(`FAILS ${finding}`);
    } finally {
      await station.end();
    }
    sum.kills += day.kills;
    sum.boxKills += day.boxKills;
    sum.votes += day.votes;
    sum.days++;
    order.onProgress(
      `  real day ${seed} on ${box}: ${day.kills} kills (${day.boxKills} of the box), ${day.votes} votes`,
    );
  }
  return { ...sum, findings };
}
