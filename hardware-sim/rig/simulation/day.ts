/** A simulated day from a seed, the trouble that the seed makes, and what must hold when it is over. */
import { auditImage } from '@sandoq/firmware-host';
import { parseTyped, records, setRoot, toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { type Chance, chanceOf } from './chance.ts';
import { Finding } from './crew.ts';
import { People } from './people.ts';
import { CONTESTS, type Scene } from './scene.ts';
import type { Step } from './steps.ts';
import { Stuck } from './virtual-time.ts';
import type { Habit, SimulatedVoter } from './voter.ts';
import { type Victim, World } from './world.ts';

/** No simulated day is longer. */
const DAY_MS = 6 * 3_600_000;
/** Nobody stays dead for longer. */
const REVIVED_MS = 60_000;

export interface DayResult {
  readonly seed: string;
  readonly findings: readonly string[];
  readonly votes: number;
  readonly kills: number;
  readonly passed: ReadonlySet<string>;
  readonly disputed: boolean;
  readonly steps: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly trace: readonly string[];
}

const HABITS: readonly Habit[] = [
  'votes',
  'votes',
  'votes',
  'votes',
  'corrects',
  'leaves_choosing',
  'leaves_paper',
  'tears_card',
  'tears_card',
  'returns_card',
];

export function dealVoters(
  count: number,
  chance: Chance,
  habits: readonly Habit[] = HABITS,
): SimulatedVoter[] {
  return Array.from({ length: count }, (_, number) => ({
    number,
    habit: chance.pick(habits),
    outcome: 'waiting',
    pressedGreen: false,
    choices: CONTESTS.map(({ choicesMax, candidates }, contest) => {
      if (chance.oneIn(8)) return { contest, choice: 'blank' as const };
      const wanted = 1 + chance.below(choicesMax);
      const picked = chance.shuffle(Array.from({ length: candidates }, (__, i) => i)).slice(0, wanted);
      return { contest, choice: picked.sort((a, b) => a - b) };
    }),
  }));
}

/** What the totals must be: the choices of those whose vote is counted. */
function wantedTotals(voters: readonly SimulatedVoter[]): readonly string[] {
  return CONTESTS.map(({ candidates }, contest) => {
    const marks = Array.from({ length: candidates }, () => 0);
    let blank = 0;
    for (const { outcome, choices } of voters) {
      const choice = outcome === 'voted' ? choices[contest]?.choice : undefined;
      if (choice === 'blank') blank++;
      else for (const one of choice ?? []) marks[one] = (marks[one] ?? 0) + 1;
    }
    return JSON.stringify({ contest, blank, candidates: marks });
  });
}

/** After every day. @returns what does not hold */
export function settleDay(world: World, people: People, summaryHex: string): readonly string[] {
  const broken: string[] = [];
  const view = world.voting.officerView();
  const demand = (holds: boolean, what: string): void => {
    if (!holds) broken.push(what);
  };
  const voted = people.voters.filter(({ outcome }) => outcome === 'voted').length;
  for (const { number, outcome } of people.voters)
    demand(
      outcome === 'voted' || outcome === 'kept_back' || outcome === 'went_home',
      `voter ${number} ends as ${outcome}`,
    );
  const slip = view?.slip;
  demand(slip != null, 'there is no slip');
  if (view === undefined || slip == null) return broken;
  demand(slip.faults.length === 0 && !slip.disputed, `the slip is disputed: ${slip.faults.join(' ')}`);
  demand(view.public_count === voted, `${voted} people have voted, ${view.public_count} votes are counted`);
  demand(view.recount === 'agreed', `the recount: ${view.recount}`);
  const totals = slip.totals.map(({ contest, blank, candidates }) =>
    JSON.stringify({ contest, blank, candidates }),
  );
  const wanted = wantedTotals(people.voters);
  for (const [i, total] of totals.entries())
    demand(total === wanted[i], `totals ${total}, people chose ${wanted[i]}`);
  const report = auditImage(nodeCrypto, world.box.image());
  demand(report.sound, `the box's flash: ${JSON.stringify(report.findings)}`);
  demand(
    report.sealed.length === voted * CONTESTS.length,
    `the box holds ${report.sealed.length} records of ${voted} votes`,
  );
  const commitment = report.commitment?.value;
  demand(
    commitment !== undefined && toHex(setRoot(nodeCrypto, [...report.sealed])) === toHex(commitment.setRoot),
    'the box committed to another set',
  );
  const { bins } = world.box.mechanics.facts();
  demand(bins.bin === voted, `${bins.bin} papers in the bin, ${voted} votes`);
  demand(
    slip.papers.in_bin === bins.bin &&
      slip.papers.rejected === bins.rejected &&
      slip.papers.retained === bins.retained,
    `papers on the slip ${JSON.stringify(slip.papers)}, in the bins ${JSON.stringify(bins)}`,
  );
  const summary = parseTyped(
    Buffer.from(summaryHex, 'hex'),
    'admission-summary',
    records.admissionSummaryShape,
  );
  const went = people.voters.filter(({ outcome }) => outcome === 'went_home').length;
  demand(
    summary.ok && summary.value.value.admitted === people.voters.length - went,
    'the admission ledger counts other people',
  );
  return broken;
}

export interface Trouble {
  /** one in so many frames, for each kind; 0 none */
  readonly line: number;
  readonly kills: number;
  readonly cables: number;
  readonly papers: number;
  readonly clock: number;
  /** cells of the flash that go wrong */
  readonly flash: number;
  /** the box's lid is opened for a while */
  readonly lid: number;
  /** power may go in the middle of a word of the flash */
  readonly torn: boolean;
}

export interface DayOptions {
  readonly scene: Scene;
  readonly seed: string;
  readonly folder: string;
  readonly voters: number;
  readonly trouble: Trouble;
  readonly habits?: readonly Habit[];
}

export const NO_TROUBLE: Trouble = {
  line: 0,
  kills: 0,
  cables: 0,
  papers: 0,
  clock: 0,
  flash: 0,
  lid: 0,
  torn: false,
};
const VICTIMS: readonly Victim[] = ['voting', 'voting', 'admission', 'box', 'box', 'station', 'everything'];

const KILL_STEPS = 60;
/** Kills, pulled cables, paper and clocks at instants of the seed's, as long as the day lasts. */
async function makeTrouble(
  world: World,
  trouble: Trouble,
  chance: Chance,
  over: () => boolean,
): Promise<void> {
  const kinds = (['kills', 'cables', 'papers', 'clock', 'flash', 'lid'] as const).flatMap((kind) =>
    Array.from({ length: trouble[kind] }, () => kind),
  );
  for (const kind of chance.shuffle(kinds)) {
    await world.time.sleep(chance.between(1, 9_000));
    if (over()) return;
    if (kind === 'kills') await killOnce(world, chance);
    else if (kind === 'cables') await pullOnce(world, chance);
    else if (kind === 'flash') damageFlash(world, chance);
    else if (kind === 'lid') {
      world.box.mechanics.setLid(true);
      world.tell('lid', 'is opened');
    } else if (kind === 'papers') {
      const fault = chance.pick(['jam', 'jam', 'unseen_fall', 'out'] as const);
      if (world.box.mechanics.paperFault(fault)) world.tell('paper', fault);
    } else {
      world.timeOfDay.jumpMs += chance.between(-7_200_000, 7_200_000);
      world.tell('clock', `is off by ${world.timeOfDay.jumpMs} ms`);
    }
  }
}

/** At this instant, or a few steps after it: where nobody waits is where most can go wrong. */
async function killOnce(world: World, chance: Chance): Promise<void> {
  const victim = chance.pick(VICTIMS);
  if (chance.oneIn(2)) world.kill(victim);
  else await world.killAtStep(victim, chance.below(KILL_STEPS));
  await world.time.sleep(chance.oneIn(3) ? chance.between(0, 50) : chance.between(50, 15_000));
  world.revive(victim);
}

async function pullOnce(world: World, chance: Chance): Promise<void> {
  const [name, cable] = chance.pick([
    ['box', world.boxCable],
    ['box', world.boxCable],
    ['role reader', world.readerCables.role],
    ['admission reader', world.readerCables.admission],
  ] as const);
  cable.pull();
  world.tell('cable', `${name} out`);
  await world.time.sleep(chance.between(10, 20_000));
  cable.plug();
  world.tell('cable', `${name} in`);
}

const WORD_BITS = 0xffffffff;
/** Of the bits of a word that power is lost in: any of them, one, or all but one. */
function tornBits(chance: Chance): () => number {
  return () => {
    const one = 1 << chance.below(32);
    return chance.pick([() => chance.below(WORD_BITS), () => one, () => ~one])() >>> 0;
  };
}

/** One cell of the box's flash goes wrong: a bit falls over, or a word cannot be programmed. */
function damageFlash(world: World, chance: Chance): void {
  world.flashDamaged = true;
  if (chance.oneIn(2)) {
    world.box.flashFaults.stuckAfter = chance.below(200);
    world.tell('flash', 'a cell will be stuck');
  } else world.tell('flash', world.box.flipBit(chance));
}

export interface RunOptions {
  readonly scene: Scene;
  readonly seed: string;
  readonly folder: string;
  readonly voters: readonly SimulatedVoter[];
  readonly onStep?: (world: World, step: Step) => void;
  readonly trouble?: (world: World, over: () => boolean) => Promise<void>;
  /** @returns the admission side's summary */
  readonly play: (people: People) => Promise<string>;
}

/**
 * With a damaged flash a day may end in dispute, or stand still before an instruction that calls for other hardware; what it
 * may never do is to count other than people chose and call that undisputed.
 */
const DAMAGE_ENDS = /disputed|nobody gets out of this|the box's flash|the box holds|count_|the recount/;

function withoutDamage(world: World, findings: readonly string[]): string[] {
  if (!world.flashDamaged) return [...findings];
  const slip = world.voting.officerView()?.slip;
  const told = slip == null || slip.disputed || slip.faults.length > 0;
  return findings.filter((finding) => !(told || DAMAGE_ENDS.test(finding)));
}

/** Runs whatever part of a day `play` plays to its end, closes it, and asks whether everything holds. */
export async function runWorld(options: RunOptions): Promise<DayResult> {
  const { scene, seed, folder, voters, play } = options;
  const world = new World({
    scene,
    seed,
    folder,
    ...(options.onStep === undefined ? {} : { onStep: options.onStep }),
  });
  const people = new People(world, voters);
  const findings: string[] = [];
  let over = false;
  let failed: Error | undefined;
  const guard = (work: Promise<unknown>): Promise<unknown> =>
    work.catch((cause: Error) => {
      failed ??= cause;
      world.ring();
    });
  try {
    await world.time.run(async () => {
      world.switchOn();
      void guard(people.hall(() => over));
      if (options.trouble !== undefined) void guard(options.trouble(world, () => over));
      const playing = play(people).then(
        async (summary) => {
          // Killed after its last word, it is there again soon.
          await world.until(() => world.voting.officerView()?.slip != null, REVIVED_MS);
          findings.push(...settleDay(world, people, summary));
        },
        (cause: Error) => {
          failed ??= cause;
        },
      );
      while (!over) {
        await Promise.race([
          playing.then(() => {
            over = true;
          }),
          world.change(60_000),
        ]);
        if (failed !== undefined) over = true;
      }
    }, DAY_MS);
  } catch (cause) {
    failed ??= cause as Error;
  }
  if (failed !== undefined)
    findings.push(
      failed instanceof Finding || failed instanceof Stuck ? failed.message : String(failed.stack),
    );
  findings.push(...world.findings.filter((one) => !findings.includes(one)));
  const result: DayResult = {
    seed,
    findings: withoutDamage(world, findings),
    votes: voters.filter(({ outcome }) => outcome === 'voted').length,
    kills: world.kills,
    passed: people.passed,
    disputed: world.voting.officerView()?.slip?.disputed ?? false,
    steps: world.steps.number,
    events: world.time.events,
    virtualMs: world.time.elapsedMs(),
    trace: world.trace,
  };
  world.close();
  return result;
}

/** The whole day, with all its people at once. */
export async function simulateDay(options: DayOptions): Promise<DayResult> {
  const { scene, seed, folder, trouble } = options;
  const chance = chanceOf(`${seed}/trouble`);
  const voters = dealVoters(options.voters, chanceOf(`${seed}/voters`), options.habits);
  return runWorld({
    scene,
    seed,
    folder,
    voters,
    trouble: async (world, over) => {
      const { faults } = world.boxCable;
      if (trouble.torn) world.box.flashFaults.torn = tornBits(chanceOf(`${seed}/torn`));
      if (trouble.line > 0)
        Object.assign(faults, {
          lost: trouble.line,
          doubled: trouble.line,
          late: trouble.line,
          flipped: trouble.line,
        });
      await makeTrouble(world, trouble, chance, over);
      Object.assign(faults, { lost: 0, doubled: 0, late: 0, flipped: 0 });
    },
    async play(people) {
      await people.openDay();
      await people.openDesk();
      await Promise.all([people.desk(), people.booth()]);
      return people.closeDay();
    },
  });
}
