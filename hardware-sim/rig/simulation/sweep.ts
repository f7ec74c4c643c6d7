/**
 * Killed at every numbered step: one part of the day is played once to number its steps, and then again for each step and
 * each victim, from the same moment, with the kill before that step. What comes after is a whole recovery and a whole close.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chanceOf } from './chance.ts';
import { type DayResult, dealVoters, runWorld } from './day.ts';
import { People } from './people.ts';
import { makeScene, removeFolder, type Scene } from './scene.ts';
import type { Step } from './steps.ts';
import type { Habit, SimulatedVoter } from './voter.ts';
import { type Victim, World } from './world.ts';

export const SWEEPS = ['open', 'admit', 'cast', 'reject', 'close'] as const;
export type SweepName = (typeof SWEEPS)[number];

/** Moments that the sweeps go on from. */
export interface Moments {
  readonly loaded: Scene;
  /** open, the desk as well, nobody there */
  readonly open: Scene;
  /** one voter has her armed card in her hand */
  readonly admitted: Scene;
  /** her vote is in the box */
  readonly voted: Scene;
}

const CARD = 'tarefe-1';

const voterOf = (habit: Habit, outcome: SimulatedVoter['outcome']): SimulatedVoter => {
  const [voter] = dealVoters(1, chanceOf('the one voter'), [habit]);
  if (voter === undefined) throw new Error('no voter was dealt');
  voter.outcome = outcome;
  return voter;
};

async function goOn(
  root: string,
  from: Scene,
  name: string,
  play: (people: People) => Promise<void>,
): Promise<Scene> {
  const folder = join(root, `before-${name}`);
  mkdirSync(folder, { recursive: true });
  const world = new World({ scene: from, seed: `moment ${name}`, folder });
  const people = new People(world, [voterOf('votes', 'waiting')]);
  await world.time.run(async () => {
    world.switchOn();
    await play(people);
  }, 3_600_000);
  const scene = world.asScene(join(root, name));
  world.close();
  removeFolder(folder);
  return scene;
}

export async function makeMoments(root: string): Promise<Moments> {
  const provisioned = await makeScene(join(root, 'provisioned'));
  const loaded = await goOn(root, provisioned, 'loaded', (people) => people.loadPackage());
  const open = await goOn(root, loaded, 'open', async (people) => {
    await people.openDay();
    await people.openDesk();
  });
  const admitted = await goOn(root, open, 'admitted', (people) =>
    people.admit(people.voters[0] as SimulatedVoter, CARD),
  );
  const voted = await goOn(root, admitted, 'voted', (people) =>
    people.vote(people.voters[0] as SimulatedVoter, CARD),
  );
  return { loaded, open, admitted, voted };
}

interface Part {
  readonly from: keyof Moments;
  readonly voter: () => SimulatedVoter | undefined;
  readonly play: (people: People) => Promise<void>;
}

const first = (people: People): SimulatedVoter => people.voters[0] as SimulatedVoter;

const PARTS: Readonly<Record<SweepName, Part>> = {
  open: { from: 'loaded', voter: () => undefined, play: (people) => people.openDay() },
  admit: {
    from: 'open',
    voter: () => voterOf('votes', 'waiting'),
    play: (people) => people.admit(first(people), CARD),
  },
  cast: {
    from: 'admitted',
    voter: () => voterOf('votes', 'admitted'),
    play: (people) => people.vote(first(people), CARD),
  },
  reject: {
    from: 'admitted',
    voter: () => voterOf('corrects', 'admitted'),
    play: (people) => people.vote(first(people), CARD),
  },
  close: { from: 'voted', voter: () => voterOf('votes', 'voted'), play: () => Promise.resolve() },
};

/** What follows the part, up to the close: a person who was admitted votes, one who has voted is counted. */
async function rest(people: People, name: SweepName): Promise<string> {
  await people.openDesk();
  if (name === 'admit') await people.vote(first(people), CARD);
  return people.closeDay();
}

export interface SweepKill {
  readonly sweep: SweepName;
  readonly step: number;
  readonly victim: Victim;
}

export const seedOf = ({ sweep, step, victim }: SweepKill): string => `${sweep}:${victim}:${step}`;

/** @returns undefined where the text is no seed of a sweep */
export function parseSweepSeed(text: string): SweepKill | undefined {
  const [sweep, victim, step] = text.split(':');
  if (!SWEEPS.some((one) => one === sweep) || victim === undefined || !/^\d+$/.test(step ?? ''))
    return undefined;
  return { sweep: sweep as SweepName, victim: victim as Victim, step: Number(step) };
}

export async function runSweep(
  moments: Moments,
  kill: SweepKill | { readonly sweep: SweepName; readonly steps: Step[] },
  folder: string,
): Promise<DayResult> {
  const part = PARTS[kill.sweep];
  const voter = part.voter();
  let playing = true;
  const seed = 'step' in kill ? seedOf(kill) : kill.sweep;
  const chance = chanceOf(seed);
  const onStep = (world: World, step: Step): void => {
    if ('steps' in kill) {
      if (playing) kill.steps.push(step);
    } else if (step.number === kill.step) {
      world.kill(kill.victim);
      world.time.after(chance.oneIn(2) ? 20 : 4_000, () => world.revive(kill.victim));
    }
  };
  const result = await runWorld({
    scene: moments[part.from],
    // The same before every kill, so that the step is the same.
    seed: `sweep ${kill.sweep}`,
    folder,
    voters: voter === undefined ? [] : [voter],
    onStep,
    async play(people) {
      await part.play(people);
      playing = kill.sweep === 'close';
      return rest(people, kill.sweep);
    },
  });
  removeFolder(folder);
  return { ...result, seed };
}

/** Who is killed before this step: the party itself, its neighbour, both, and the computer. */
function victimsAt(step: Step, previous: Step | undefined): readonly Victim[] {
  if (step.party === 'admission') return ['admission', 'station'];
  // Between two words of the box nobody else learns anything: the neighbours die before the first of them.
  const amid = step.label === 'programs a word' && previous?.label === step.label;
  return amid ? ['box'] : ['box', 'voting', 'everything'];
}

export async function killsOf(
  moments: Moments,
  sweep: SweepName,
  folder: string,
): Promise<readonly SweepKill[]> {
  const steps: Step[] = [];
  const { findings } = await runSweep(moments, { sweep, steps }, folder);
  if (findings.length > 0) throw new Error(`${sweep} without any kill: ${findings.join('; ')}`);
  return steps.flatMap((step, i) =>
    victimsAt(step, steps[i - 1]).map((victim) => ({ sweep, step: step.number, victim })),
  );
}
