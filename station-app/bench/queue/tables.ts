/** Everything that the planners' page says, reckoned from the settings. */
import { type DayResult, day } from './day.ts';
import {
  BALLOTS,
  BOXES,
  BOXES_ENOUGH,
  CAPACITY_STEP,
  DESKS,
  DESKS_ENOUGH,
  HELP_SHARE_USUAL,
  HELP_SHARES,
  KEPT_P95_MINUTES,
  QUEUE_SETTINGS,
} from './settings.ts';
import { firstOf, type QueueVoter, queueVoters } from './voters.ts';

export interface BoxesLine extends DayResult {
  readonly boxes: number;
  readonly helped_share: number;
  /** most voters of such a day with which p95 stays within `KEPT_P95_MINUTES` */
  readonly voters_within_promise: number;
}
export interface DesksLine {
  readonly desks: number;
  readonly desk_p95_minutes: number;
  readonly cards_an_hour: number;
}
export interface BallotLine {
  readonly ballot: keyof typeof BALLOTS;
  readonly seats: readonly number[];
  /** of one voter alone, from the card in her hand to the slip in the bin */
  readonly alone_median_minutes: number;
  readonly boxes_needed: number;
}
export interface QueueTables {
  readonly by_boxes: readonly BoxesLine[];
  readonly by_desks: readonly DesksLine[];
  readonly by_ballot: readonly BallotLine[];
}

const { hours } = QUEUE_SETTINGS;
const run = (voters: readonly QueueVoter[], boxes: number, desks = DESKS_ENOUGH): DayResult =>
  day(voters, { desks, boxes, hours });
const isKept = (result: DayResult): boolean => result.p95_minutes <= KEPT_P95_MINUTES;

/** By halving: more voters never wait less. */
function capacity(voters: readonly QueueVoter[], boxes: number): number {
  let kept = 0;
  let tooMany = voters.length / CAPACITY_STEP + 1;
  while (tooMany - kept > 1) {
    const tried = Math.floor((kept + tooMany) / 2);
    if (isKept(run(firstOf(voters, tried * CAPACITY_STEP), boxes))) kept = tried;
    else tooMany = tried;
  }
  return kept * CAPACITY_STEP;
}

export function boxesNeeded(voters: readonly QueueVoter[]): number {
  for (let boxes = 1; ; boxes++) if (isKept(run(voters, boxes))) return boxes;
}

function byDesks(voters: readonly QueueVoter[]): DesksLine[] {
  return DESKS.map((desks) => {
    const { desk_p95_minutes, voters_an_hour } = run(voters, BOXES_ENOUGH, desks);
    return { desks, desk_p95_minutes, cards_an_hour: voters_an_hour };
  });
}

function byBallot(): BallotLine[] {
  return (Object.keys(BALLOTS) as (keyof typeof BALLOTS)[]).map((ballot) => {
    const voters = queueVoters(QUEUE_SETTINGS, HELP_SHARE_USUAL, BALLOTS[ballot]);
    const alone = run(voters, voters.length, voters.length);
    return {
      ballot,
      seats: BALLOTS[ballot],
      alone_median_minutes: alone.median_minutes,
      boxes_needed: boxesNeeded(voters),
    };
  });
}

export function queueTables(progress: (text: string) => void): QueueTables {
  const by_boxes = HELP_SHARES.flatMap((helped_share) => {
    progress(`${helped_share * 100} of a hundred voters are helped`);
    const voters = queueVoters(QUEUE_SETTINGS, helped_share);
    return BOXES.map((boxes) => ({
      boxes,
      helped_share,
      ...run(voters, boxes),
      voters_within_promise: capacity(voters, boxes),
    }));
  });
  progress('desks and other ballots');
  const usual = queueVoters(QUEUE_SETTINGS, HELP_SHARE_USUAL);
  return { by_boxes, by_desks: byDesks(usual), by_ballot: byBallot() };
}
