/** The seeded population of a large station: who comes when, with which document, how fast, and what she does at the box. */
import { documentOf } from '@sandoq/hardware-sim';
import { people, type SeededRandom, seededRandom } from '@sandoq/seeds';
import type { VoterEvent } from '../../src/machines/voter.ts';
import { KEYSTROKE_LEVEL, type QueueSettings } from './settings.ts';

/** One event of the voter's machine, and the seconds that pass before it. */
export interface Step {
  readonly event: VoterEvent['type'];
  readonly seconds: number;
}

export interface QueueVoter {
  /** in the population, from 0; nothing to do with when she comes */
  readonly number: number;
  readonly arrives_s: number;
  readonly desk_s: number;
  readonly isHelped: boolean;
  /** from a free box to the card taken */
  readonly steps: readonly Step[];
}

const UNIT = 2 ** 32;
const uniform = (random: SeededRandom): number => (random.below(UNIT) + 0.5) / UNIT;
/** Box and Muller. */
const normal = (random: SeededRandom): number =>
  Math.sqrt(-2 * Math.log(uniform(random))) * Math.cos(2 * Math.PI * uniform(random));

const HOUR_S = 3_600;
const YEAR_MS = 365.25 * 24 * HOUR_S * 1_000;
const TODAY = Date.UTC(2026, 10, 22);

function arrival(settings: QueueSettings, random: SeededRandom): number {
  let left = uniform(random);
  for (const [hour, share] of settings.arrivals_by_hour.entries()) {
    if (left < share) return (hour + left / share) * HOUR_S;
    left -= share;
  }
  return settings.hours * HOUR_S - 1;
}

/** Finding and marking one candidate, at an ordinary pace. */
function findSeconds(settings: QueueSettings, random: SeededRandom): number {
  const { mental, point, key_of_code } = KEYSTROKE_LEVEL;
  const { ways } = settings;
  const way = uniform(random);
  if (way < ways.code) return mental + settings.code_digits * key_of_code + settings.read_name + point;
  // The tab, the letters, the few that are found, the touch.
  if (way < ways.code + ways.name)
    return (
      2 * mental + point + settings.letters_typed * (mental / 2 + point) + 3 * settings.read_name + point
    );
  return mental + point + settings.pages_turned * (point + 2 * settings.read_name) + point;
}

function choosing(settings: QueueSettings, seats: readonly number[], random: SeededRandom): [number, number] {
  let seconds = 0;
  let names = 0;
  for (const seat of seats) {
    seconds += settings.read_screen;
    const wanted = Math.max(1, Math.round(seat * Math.min(1, settings.filled + 0.25 * normal(random))));
    for (let name = 0; name < Math.min(seat, wanted); name++) seconds += findSeconds(settings, random);
    names += Math.min(seat, wanted);
    // "Next", and the question about places left empty.
    seconds += KEYSTROKE_LEVEL.mental + KEYSTROKE_LEVEL.point;
    if (wanted < seat) seconds += settings.read_screen / 2 + KEYSTROKE_LEVEL.point;
  }
  return [seconds, names];
}

/** The voter's machine from her card on the box to her card in her hand, at her own pace; metal has its own. */
function stepsOf(
  settings: QueueSettings,
  seats: readonly number[],
  pace: number,
  random: SeededRandom,
): Step[] {
  const ballot = (isAgain: boolean): Step[] => {
    const [choose, names] = choosing(settings, seats, random);
    const review = settings.read_screen + names * settings.read_name + KEYSTROKE_LEVEL.point;
    const window = settings.read_paper + names * settings.read_name + KEYSTROKE_LEVEL.point;
    const isRejected = !isAgain && uniform(random) < settings.rejected;
    return [
      { event: 'BALLOT_BEGUN', seconds: settings.begin },
      { event: 'REVIEW_OPENED', seconds: choose * pace },
      { event: 'PRINTING_STARTED', seconds: review * pace },
      { event: 'PAPER_IN_WINDOW', seconds: settings.print },
      {
        event: isRejected ? 'PAPER_REJECTED' : 'VOTE_CAST',
        seconds: window * pace + settings.drop,
      },
      ...(isRejected ? ballot(true) : []),
    ];
  };
  return [
    { event: 'CARD_LAID', seconds: (settings.walk_to_box + settings.lay_card) * pace },
    ...ballot(false),
    { event: 'CARD_TAKEN', seconds: settings.take_card * pace },
  ];
}

/** The first `count` of the population, in order of arrival. */
export const firstOf = (voters: readonly QueueVoter[], count: number): QueueVoter[] =>
  voters.filter(({ number }) => number < count);

/**
 * In order of arrival. Each voter has a generator of her own, so that another share of helped voters or another ballot
 * changes nothing else of the day.
 */
export function queueVoters(
  settings: QueueSettings,
  helpShare: number,
  seats: readonly number[] = settings.contests,
): QueueVoter[] {
  const voters: QueueVoter[] = [];
  for (const person of people(settings.seed, settings.voters, ['large'], TODAY)) {
    const random = seededRandom(settings.seed * 1_000_003 + voters.length);
    const arrives_s = arrival(settings, random);
    const isHelped = uniform(random) < helpShare;
    const years = (TODAY - Date.parse(person.birth_date)) / YEAR_MS;
    const pace =
      Math.exp(settings.pace_spread * normal(random)) *
      (isHelped ? settings.help_factor : 1) *
      (years >= settings.older_years ? settings.older_factor : 1);
    const hasChip = documentOf(person.national_code) === 'national_card';
    const desk_s = (hasChip ? settings.desk.chip : settings.desk.paper) * Math.sqrt(pace);
    voters.push({
      number: voters.length,
      arrives_s,
      desk_s,
      isHelped,
      steps: stepsOf(settings, seats, pace, random),
    });
  }
  return voters.sort((a, b) => a.arrives_s - b.arrives_s);
}
