/**
 * The bounds under which everything is explored, and the broken protocols, each of which must be caught. `short` ones
 * take seconds and run in the tests; the others run in `npm run lab -- model`.
 */
import { FAULT_KINDS, type FaultKind } from './faults.ts';
import type { Bounds, Breakage } from './rules.ts';

/** Copies of frames that overtake others are explored by themselves: a serial line keeps the order. */
const ON_A_LINE = FAULT_KINDS.filter((kind) => kind !== 'frame_copied' && kind !== 'box_lost');
const AT_THE_BOX = ON_A_LINE.filter((kind) => kind !== 'admission_crash' && kind !== 'admission_power');
const AT_THE_DESK: readonly FaultKind[] = ['admission_crash', 'admission_power', 'card_torn', 'walk_away'];
const COPIES: readonly FaultKind[] = [...AT_THE_BOX, 'frame_copied'];
const OF_THE_DAY: readonly FaultKind[] = [...AT_THE_BOX, 'box_lost'];

const BASE = { voters: 1, cards: 1, attempts: 2, armed: true, desk: false, wholeDay: false } as const;
const TWO = { voters: 2, cards: 2 } as const;

const at = (name: string, faults: number, kinds: readonly FaultKind[], more: Partial<Bounds>): Bounds => ({
  ...BASE,
  ...more,
  name,
  faults,
  kinds,
  short: more.short ?? false,
});
const SHORT = { attempts: 1, short: true } as const;
const DESK = { attempts: 1, desk: true, armed: false } as const;

export const SCENARIOS: readonly Bounds[] = [
  at('cast_short', 2, AT_THE_BOX, SHORT),
  at('queue_short', 1, AT_THE_BOX, { ...SHORT, ...TWO }),
  at('desk_short', 2, AT_THE_DESK, { ...DESK, cards: 2, short: true }),
  at('desk_and_box_short', 1, ON_A_LINE, { ...SHORT, desk: true }),
  at('day_short', 1, OF_THE_DAY, { ...SHORT, wholeDay: true }),
  at('copies_short', 2, COPIES, { ...SHORT }),
  at('correction_short', 1, COPIES, { short: true }),
  at('cast', 3, AT_THE_BOX, {}),
  at('queue', 2, AT_THE_BOX, TWO),
  at('desk', 3, AT_THE_DESK, { ...DESK, cards: 2 }),
  at('desk_two_people', 1, AT_THE_DESK, { ...DESK, ...TWO }),
  at('desk_two_people_power', 2, ['admission_power', 'card_torn'], { ...DESK, ...TWO }),
  at('desk_and_box', 2, ON_A_LINE, { desk: true }),
  at('day', 2, OF_THE_DAY, { attempts: 1, desk: true, wholeDay: true }),
  at('copies', 3, COPIES, { attempts: 1 }),
];

export function scenario(name: string): Bounds {
  const found = SCENARIOS.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`no scenario ${name}`);
  return found;
}

/** Each rule broken by itself (two hold one door shut together); where it must be caught, and by which property. */
export const BREAKAGES: readonly Breakage[] = [
  { rules: ['pendingBeforePrint'], scenario: 'cast_short', caughtBy: 'vote_not_lost' },
  { rules: ['pendingKeptOverRestart'], scenario: 'cast_short', caughtBy: 'vote_not_lost' },
  {
    rules: ['refusedPrintIsAsked', 'refusedPrintEndsBegun'],
    scenario: 'cast_short',
    caughtBy: 'state_is_named',
  },
  { rules: ['eventsOnlyPrompt'], scenario: 'correction_short', caughtBy: 'vote_not_lost' },
  { rules: ['closeWaitsForPending'], scenario: 'day_short', caughtBy: 'close_is_settled' },
  { rules: ['commitBeforeBurn'], scenario: 'cast_short', caughtBy: 'admitted_has_card' },
  { rules: ['oneCommitWord'], scenario: 'cast_short', caughtBy: 'vote_not_lost' },
  { rules: ['countFromSlots'], scenario: 'cast_short', caughtBy: 'ledgers_hold' },
  { rules: ['printIsIdempotent'], scenario: 'cast_short', caughtBy: 'commands_possible' },
  { rules: ['recoverBeforeAnswer'], scenario: 'cast_short', caughtBy: 'vote_not_lost' },
  { rules: ['bootRejectsUncommitted'], scenario: 'cast_short', caughtBy: 'one_paper_a_vote' },
  { rules: ['greenCommits'], scenario: 'cast_short', caughtBy: 'cast_needs_green_and_armed_card' },
  { rules: ['greenNeedsCard'], scenario: 'cast_short', caughtBy: 'cast_needs_green_and_armed_card' },
  { rules: ['spentIsRemembered'], scenario: 'desk_short', caughtBy: 'ledgers_hold' },
  { rules: ['helloEndsBegun'], scenario: 'copies_short', caughtBy: 'state_is_named' },
  { rules: ['refusedPrintEndsBegun'], scenario: 'copies_short', caughtBy: 'state_is_named' },
  { rules: ['castToldAfterBurn'], scenario: 'desk_and_box_short', caughtBy: 'ledgers_hold' },
  { rules: ['looksAtEveryCard'], scenario: 'desk_and_box_short', caughtBy: 'ledgers_hold' },
  { rules: ['windowProvesFall'], scenario: 'cast_short', caughtBy: 'state_is_named' },
  { rules: ['correctionOverprints'], scenario: 'cast_short', caughtBy: 'commands_possible' },
  { rules: ['journalBeforeArming'], scenario: 'desk_short', caughtBy: 'ledgers_hold' },
  { rules: ['intentBeforeJournal'], scenario: 'desk_short', caughtBy: 'admitted_has_card' },
  { rules: ['voidBeforeJournal'], scenario: 'desk_short', caughtBy: 'ledgers_hold' },
  { rules: ['takeBackClearedDurably'], scenario: 'desk_two_people_power', caughtBy: 'ledgers_hold' },
  { rules: ['tornCardToPadFirst'], scenario: 'desk_short', caughtBy: 'one_armed_card' },
  { rules: ['interruptedArmingHasExits'], scenario: 'desk_short', caughtBy: 'state_is_named' },
  { rules: ['officersKnowWhatIsOut'], scenario: 'desk_short', caughtBy: 'one_armed_card' },
  { rules: ['replacedAgainstCard'], scenario: 'desk_short', caughtBy: 'ledgers_hold' },
];
