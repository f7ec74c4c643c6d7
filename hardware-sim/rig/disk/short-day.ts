/**
 * The short day that is recorded: opened, three people, one of them with a corrected paper, closed. Run as a process of its own
 * under the recorder; beside the recording it leaves what the room was like before each step.
 */
import { mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import type { CardState, MechanicsFacts } from '@sandoq/hardware-sim';
import { chanceOf } from '../simulation/chance.ts';
import { dealVoters, settleDay } from '../simulation/day.ts';
import { People } from '../simulation/people.ts';
import { makeMoments } from '../simulation/sweep.ts';
import type { Habit, SimulatedVoter } from '../simulation/voter.ts';
import { World } from '../simulation/world.ts';

const HABITS: readonly Habit[] = ['votes', 'corrects', 'votes'];
/** Written before each step: which moment the operations after it belong to. */
export const MARK_FILE = 'MARK';
export const CARD_OF = (voter: number): string => `tarefe-${voter + 1}`;

export type Stage = 'opening' | 'day' | 'closing';

/** The room before a step. */
export interface Moment {
  /** words of the box's flash programmed so far */
  readonly words: number;
  readonly facts: MechanicsFacts;
  readonly cards: readonly (readonly [string, CardState])[];
  readonly stage: Stage;
  readonly voters: readonly Pick<SimulatedVoter, 'outcome' | 'pressedGreen'>[];
}

export interface ShortDay {
  readonly image: Uint8Array;
  readonly words: readonly (readonly [number, Uint8Array])[];
  readonly moments: readonly Moment[];
  readonly findings: readonly string[];
}

export const shortDayVoters = (): SimulatedVoter[] =>
  dealVoters(HABITS.length, chanceOf('short day')).map((voter, i) => ({
    ...voter,
    habit: HABITS[i] as Habit,
  }));

/** What hands do between two steps is a moment too: a core may write of it before the next step. */
function markWhenHandled(voter: SimulatedVoter, mark: () => void): void {
  let { outcome } = voter;
  Object.defineProperty(voter, 'outcome', {
    enumerable: true,
    get: () => outcome,
    set: (next: SimulatedVoter['outcome']) => {
      outcome = next;
      mark();
    },
  });
}

/** @param root where everything is; the recorded folder is `root/world` */
export async function playShortDay(root: string): Promise<ShortDay> {
  const scenes = await makeMoments(join(root, 'scenes'));
  const folder = join(root, 'world');
  mkdirSync(folder, { recursive: true });
  const moments: Moment[] = [];
  let stage: Stage = 'opening';
  const mark = openSync(join(folder, MARK_FILE), 'w');
  const voters = shortDayVoters();
  const takeMoment = (at: World): void => {
    writeSync(
      mark,
      Uint8Array.of(moments.length & 255, (moments.length >> 8) & 255, moments.length >> 16),
      0,
      3,
      0,
    );
    moments.push({
      words: at.box.programmed().length,
      facts: at.box.mechanics.facts(),
      cards: at.cardStates(),
      stage,
      voters: voters.map(({ outcome, pressedGreen }) => ({ outcome, pressedGreen })),
    });
  };
  const world: World = new World({
    scene: scenes.loaded,
    seed: 'short day',
    folder,
    onStep: takeMoment,
    onCard: takeMoment,
  });
  for (const voter of voters) markWhenHandled(voter, () => takeMoment(world));
  const people = new People(world, voters);
  const findings = await world.time.run(async () => {
    world.switchOn();
    let over = false;
    void people.hall(() => over);
    await people.openDay();
    await people.openDesk();
    stage = 'day';
    for (const [i, voter] of voters.entries()) {
      await people.admit(voter, CARD_OF(i));
      await people.vote(voter, CARD_OF(i));
    }
    stage = 'closing';
    const summary = await people.closeDay();
    over = true;
    return settleDay(world, people, summary);
  }, 6 * 3_600_000);
  // What follows is no part of the day.
  writeSync(mark, Uint8Array.of(255, 255, 255), 0, 3, 0);
  return { image: scenes.loaded.image, words: [...world.box.programmed()], moments, findings };
}

const [root] = process.argv.slice(2);
if (import.meta.main && root !== undefined) {
  const day = await playShortDay(root);
  writeFileSync(join(root, 'day.v8'), serialize(day));
  process.exit(day.findings.length === 0 ? 0 : 1);
}
