/**
 * What the queue is reckoned with, each figure with where it comes from. Times are seconds. Nothing here was measured on
 * voters: what is not from a source is an assumption and says so. Change them and run `npm run bench -- queue -- --write`.
 */
import { DURATIONS_MS } from '@sandoq/hardware-sim';

/** Card, Moran & Newell, "The keystroke-level model", Comm. ACM 23 (1980), table 1: mental act, touch, a key of a code. */
export const KEYSTROKE_LEVEL = { mental: 1.35, point: 1.1, key_of_code: 0.75 } as const;

export const QUEUE_SETTINGS = {
  /** the order: a large station */
  voters: 3_000,
  hours: 10,
  seed: 1_405,
  /**
   * Share of the day's voters who come in each hour. Assumption: a rise to late morning, a lull after noon, a second
   * rise before the close. No hourly figures of an Iranian election are known to us; these sum to 1.
   */
  arrivals_by_hour: [0.08, 0.11, 0.13, 0.12, 0.09, 0.07, 0.08, 0.1, 0.12, 0.1],
  /** seats of each contest on the voter's ballot: a Majles of five seats and one seat of the Experts, in one visit */
  contests: [5, 1],
  /** assumption: share of the places that a voter fills, at least one a contest */
  filled: 0.7,
  /** assumption: how she finds a candidate; a code is known from a poster, a name is typed, a list is paged through */
  ways: { code: 0.6, name: 0.3, list: 0.1 },
  code_digits: 3,
  letters_typed: 4,
  /** assumption: pages that a voter turns in a list */
  pages_turned: 6,
  /** assumption: reading one name with its code, at a slow reader's three words a second */
  read_name: 1,
  /** assumption: reading a screen that is new to her */
  read_screen: 4,
  /** assumption: laying the card, and taking it */
  lay_card: 4,
  take_card: 5,
  /** assumption: walking to a box that is free */
  walk_to_box: 10,
  /** assumption: reading the paper in the window, beside each name of it */
  read_paper: 5,
  /** the card is read and the ballot begun: a frame each way and the card's own signature (`npm run bench -- voting`: below 0.1 s) */
  begin: 0.5,
  /** the box's mechanics, as its simulator moves */
  print: (2 * DURATIONS_MS.page) / 1_000,
  drop: DURATIONS_MS.drop / 1_000,
  /** assumption: share of papers that are rejected in the window and voted again */
  rejected: 0.02,
  /** assumption: people differ; the spread of the natural logarithm of one person's pace */
  pace_spread: 0.35,
  /** assumption: with help (a blind, illiterate or frail voter and whoever helps her) every act takes this much longer */
  help_factor: 2.5,
  /** assumption: over 65 every act takes this much longer */
  older_factor: 1.3,
  older_years: 65,
  /** assumption: at the desk, from the document to the card in her hand, by the document that is brought */
  desk: { chip: 50, paper: 90 },
} as const;
export type QueueSettings = typeof QUEUE_SETTINGS;

export const BOXES = [1, 2, 3, 4, 6, 8, 10, 12] as const;
export const HELP_SHARES = [0, 0.05, 0.1, 0.2] as const;
/** the share that the tables of desks and of large ballots are reckoned with */
export const HELP_SHARE_USUAL = 0.05;
export const DESKS = [1, 2, 4, 6, 8, 10] as const;
/** with so many the desks are nowhere what people wait for; the tables of boxes are reckoned with them */
export const DESKS_ENOUGH = 10;
/** and with so many boxes only the desks are waited for */
export const BOXES_ENOUGH = 20;
/** other ballots: seats of each contest */
export const BALLOTS = { one: [1], two: [5, 1], three: [1, 5, 7], thirty: [30] } as const;
export const CAPACITY_STEP = 50;
/** a day is kept where nobody waits longer than this, at the 95th percentile, from card to slip in the bin */
export const KEPT_P95_MINUTES = 15;
