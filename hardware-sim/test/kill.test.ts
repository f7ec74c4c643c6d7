/** Promise: killed at random moments of a day, station and box resume, and every ledger holds. */

import { seededRandom } from '@sandoq/seeds';
import { afterAll, describe, expect, it } from 'vitest';
import type { PlannedVoter } from '../rig/day-plan.ts';
import { comparePlan, fetchStationTotals } from '../rig/day-result.ts';
import { closeStation, type Hands, openStation, place, roleCard, tarefeCard } from '../rig/hands.ts';
import { until } from '../rig/station.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

const VOTERS = 10;
/** Fixed so that a failure comes again; a failing seed becomes a permanent one. */
const SEEDS = [3];

const ended: Rehearsal[] = [];
afterAll(async () => {
  for (const one of ended) await one.end();
});

type Victim = 'voting' | 'admission' | 'bench';
const VICTIMS: readonly Victim[] = ['voting', 'admission', 'bench'];

/** Kills one process after a few milliseconds, wherever it stands then. */
async function killSoon(day: Rehearsal, hands: Hands, victim: Victim, afterMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  if (victim === 'bench') await day.restartBench();
  else await hands.cores[victim].kill();
}

/** Opens everything again after a kill: roles' cards back in their slots, PINs given anew. */
async function reopen(day: Rehearsal, before: Hands): Promise<Hands> {
  await before.cores.stop();
  const hands = await day.open();
  for (const card of [roleCard('executive'), roleCard('supervisor')]) await put(hands, card, 'pocket');
  await openStation(hands);
  return hands;
}

/** Lays a card somewhere, whether or not it lies there already. */
async function put(hands: Hands, card: string, where: Parameters<typeof place>[2]): Promise<void> {
  const { cards } = await hands.bench.perform({ do: 'state', station: hands.station });
  if (cards.find((one) => one.card === card)?.where !== where) await place(hands, card, where);
}

/** The officer's way out of any half-done admission: a card that is armed goes to its voter, another is spoiled and replaced. */
async function admitOnce(hands: Hands, voter: PlannedVoter, card: string, before: number): Promise<void> {
  const { bench, station, cores } = hands;
  const document = `voter-${voter.national_code}`;
  const { cards } = await bench.perform({ do: 'state', station });
  if (!cards.some((one) => one.card === document)) {
    await bench.perform({
      do: 'make_card',
      station,
      as: document,
      card: {
        kind: 'voter',
        national_code: voter.national_code,
        name: voter.name.fa,
        birth_date: voter.birth_date,
      },
    });
  }
  await bench.perform({ do: 'finger', station, national_code: voter.national_code });
  await put(hands, document, 'document');
  await put(hands, card, 'tarefe');
  const view = await until(
    cores.desk,
    (one) =>
      one.phase === 'open' &&
      one.slots.document &&
      one.slots.tarefe &&
      !['arming', 'reading'].includes(one.state),
    'the desk to see both cards and to have finished what a restart interrupted',
  );
  // `done` of the voter before stands until the next document is read: the ledger says whose it is.
  const finished = ['armed', 'done', 'idle'].includes(view.state) && view.ledger.admitted > before;
  if (!finished) {
    if (view.state !== 'awaiting_approvals') {
      const read = await cores.desk.call('person.read', {});
      if (read.state === 'refused') throw new Error(`refused: ${read.refusal?.code}`);
      if (read.state === 'needs_proof') await cores.desk.call('person.prove', { fingerprint: true });
    }
    await cores.desk.call('tarefe.approve', { role: 'executive' });
    await cores.desk.call('tarefe.approve', { role: 'supervisor' });
  }
  await put(hands, card, 'pocket');
  await put(hands, document, 'pocket');
}

/** True when the vote is in the box; the card stays where it was when something died on the way. */
async function voteOnce(hands: Hands, voter: PlannedVoter, card: string): Promise<void> {
  const { bench, station, cores } = hands;
  const screen = cores.voter;
  const { cards } = await bench.perform({ do: 'state', station });
  for (const left of cards.filter((one) => one.where === 'box_pad' && one.card !== card))
    await put(hands, left.card, 'pocket');
  await put(hands, card, 'box_pad');
  const steps = ['choosing', 'in_window', 'cast', 'card_refused', 'officer_needed'];
  for (let phase = ''; ; ) {
    const from = phase;
    const view = await until(
      screen,
      (one) => steps.includes(one.phase) && one.phase !== from,
      'the next step at the box',
    );
    phase = view.phase;
    if (phase === 'choosing') {
      for (const { contest, choice } of voter.choices)
        await screen.call('voter.choose', { contest, choice: choice === 'blank' ? choice : [...choice] });
      await screen.call('voter.print', {});
    } else if (phase === 'in_window') await bench.perform({ do: 'press', station, key: 'green' });
    // A spent card says that the vote of before the restart is in the box: the count tells.
    else if (phase === 'cast' || view.code === 'card_spent') break;
    else throw new Error(`${phase}: ${view.code}`);
  }
  await put(hands, card, 'pocket');
  await until(screen, (view) => view.phase === 'welcome', 'the next voter');
}

/** Whether the box has committed as many votes as `wanted`, whatever the screens last said. */
async function settled(hands: Hands): Promise<number> {
  const view = await until(
    hands.cores.officer,
    (one) => one.phase === 'open' && one.counters !== null && one.voter !== 'printing',
    'the station after a restart',
  );
  return view.public_count;
}

describe.each(SEEDS)('with seed %i', (seed) => {
  it('every vote is counted once, through kills of each process', { timeout: 300_000 }, async () => {
    const random = seededRandom(seed);
    const day = await rehearse(VOTERS, seed);
    ended.push(day);
    let hands: Hands = await day.open();
    await openStation(hands);
    const station = day.plan.stations[0] as (typeof day.plan.stations)[number];
    let cast = 0;
    let kills = 0;
    for (const [i, voter] of [...station.deal()].entries()) {
      const card = tarefeCard(1 + (i % 6));
      let admitted = false;
      for (let tries = 0; ; tries++) {
        expect(tries, 'one kill a voter at most').toBeLessThan(3);
        const victim = tries === 0 && i % 2 === 0 ? random.pick(VICTIMS) : undefined;
        const death =
          victim === undefined ? Promise.resolve() : killSoon(day, hands, victim, random.below(60));
        const step = (async () => {
          if (!admitted) await admitOnce(hands, voter, card, i);
          admitted = true;
          await voteOnce(hands, voter, card);
        })();
        const outcome = await Promise.race([
          step.then(
            () => 'done' as const,
            (cause: Error) => `died: ${cause.message}`,
          ),
          death.then(async () =>
            victim === undefined
              ? step.then(
                  () => 'done' as const,
                  (cause: Error) => `died: ${cause.message}`,
                )
              : ('killed' as const),
          ),
        ]);
        step.catch(() => undefined);
        await death;
        if (victim === undefined) {
          expect(outcome).toBe('done');
          break;
        }
        kills++;
        hands = await reopen(day, hands);
        const count = await settled(hands);
        if (count > cast) break;
      }
      cast++;
      expect(await settled(hands)).toBe(cast);
    }
    expect(kills).toBe(VOTERS / 2);
    const closed = await closeStation(hands, true);
    expect(closed.recountAgreed).toBe(true);
    const totals = await fetchStationTotals(day.provinceUrl, day.provisioned.election, station.id, day.plan);
    expect(comparePlan(day.plan, [totals])).toEqual([]);
  });
});
