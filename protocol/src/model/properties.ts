/** What must be true: in every state, in every state of rest, and of every way on. */
import { admissionInstruction, STEPS_OF_CODE, votingInstruction } from './names.ts';
import type { Rules } from './rules.ts';
import {
  type Card,
  cardsOut,
  has,
  isCommitted,
  NONE,
  popcount,
  RECORDS_PER_VOTE,
  rightIsUsed,
  type Start,
  type State,
  voterOfBallot,
  voterOfRight,
} from './state.ts';

export const PROPERTIES = {
  vote_not_lost: 'no vote is lost after its commit word',
  vote_not_doubled: 'no vote is counted twice, and no person has two',
  recorders_agree: 'at rest box and station hold the same votes',
  cast_needs_green_and_armed_card: 'nothing is cast without the green key and a card armed by both roles',
  one_armed_card: 'never two usable cards for one person, and none beside her vote',
  admitted_has_card: 'an admitted voter has a card, a vote, or a state that gives her one',
  one_paper_a_vote: 'at rest each vote has one readable paper in the bin, and no other paper is there',
  commands_possible: 'no party commands what its neighbour must refuse',
  state_is_named: 'where only people can go on, the officers are told a step that is possible',
  close_is_settled: 'the box is never closed over an open ballot',
  ledgers_hold: 'at rest the ledgers of cards, papers and slots hold',
  rest_is_reachable:
    'from every state, without further faults, everybody can go home with everything settled',
} as const;
export type PropertyName = keyof typeof PROPERTIES;

const ballots = (s: State): readonly number[] => s.box.rows.map((_, ballot) => ballot);
const stored = (s: State, ballot: number): number =>
  (s.station.stored[ballot] as number) + (s.station.earlier.stored[ballot] as number);
const isLive = (s: State, card: Card): boolean =>
  card.state === 'armed' && card.right !== NONE && !rightIsUsed(s.box, card.right);

/** Nothing is under way: both processes up, linked, no frame, no open ballot, no paper, no card in the middle. */
export function isAtRest(s: State): boolean {
  const { station, box, desk } = s;
  const stationRests = station.up && station.link && station.pending === NONE && station.cast === 'idle';
  const wireRests =
    s.plugged && s.toBox.length + s.toStation.length + s.held.length === 0 && station.request === 'none';
  const boxRests = box.on && (box.step === 'idle' || box.step === 'begun') && box.row === 'none';
  return (
    stationRests &&
    wireRests &&
    boxRests &&
    box.entry.ballot === NONE &&
    s.paper.window === 'empty' &&
    desk.up &&
    desk.intent.task === 'none' &&
    desk.task === 'none'
  );
}

/** Rest, and nobody is left inside: what an evening looks like. */
export const isOver = (s: State, bounds: Pick<Start, 'wholeDay' | 'desk'>): boolean =>
  isAtRest(s) &&
  (!bounds.wholeDay || s.station.phase === 'closed') &&
  s.voters.every(({ at }) => at === 'home' || at === 'outside') &&
  s.cards.every(
    ({ at, evidence }) => at === 'stack' || at === 'hand' || (at === 'officer' && (evidence || !bounds.desk)),
  );

function lost(s: State): boolean {
  const { box, station, truth } = s;
  if (box.life === 'lost') return false;
  for (const ballot of ballots(s)) {
    if (!has(truth.committed, ballot) || has(truth.lost, ballot)) continue;
    if (!isCommitted(box, ballot)) return true;
    if (isAtRest(s) && station.stored[ballot] === 0) return true;
  }
  return false;
}

function doubled(s: State): boolean {
  const twice = ballots(s).some(
    (ballot) => (s.box.rows[ballot] as number) > RECORDS_PER_VOTE || stored(s, ballot) > 1,
  );
  if (twice) return true;
  return s.voters.some((_, voter) => {
    let votes = 0;
    for (const ballot of ballots(s))
      if (voterOfBallot(ballot) === voter && (isCommitted(s.box, ballot) || stored(s, ballot) > 0)) votes++;
    return votes > 1;
  });
}

const recordersDiffer = (s: State): boolean =>
  isAtRest(s) &&
  ballots(s).some(
    (ballot) => (s.box.rows[ballot] as number) !== RECORDS_PER_VOTE * (s.station.stored[ballot] as number),
  );

function castOfNothing(s: State): boolean {
  const { committed, green, armed } = s.truth;
  if ((committed & ~green) !== 0) return true;
  return (s.box.spent & ~armed) !== 0;
}

const voteOf = (s: State, voter: number): boolean =>
  ballots(s).some(
    (ballot) =>
      voterOfBallot(ballot) === voter &&
      (has(s.truth.committed, ballot) || s.station.earlier.disputed === ballot || stored(s, ballot) > 0),
  );

const liveCards = (s: State, voter: number): readonly Card[] =>
  s.cards.filter((card) => isLive(s, card) && voterOfRight(card.right) === voter);

/** A card that a lost box may have used is kept by the officers, and is no usable one. */
const secured = (card: Card): boolean => card.evidence;

function twoCards(s: State): boolean {
  return s.voters.some((_, voter) => {
    const live = liveCards(s, voter);
    if (live.length > 1) return true;
    const [card] = live;
    if (card === undefined || s.box.life === 'lost') return false;
    const used = ballots(s).some(
      (ballot) => voterOfBallot(ballot) === voter && (isCommitted(s.box, ballot) || stored(s, ballot) > 0),
    );
    return used && !secured(card);
  });
}

function leftOut(s: State): boolean {
  return s.voters.some((person, voter) => {
    if (person.line !== 'admitted' || person.walked || cardsOut(person) === 0) return false;
    const { desk } = s;
    if (desk.intent.voter === voter || desk.voter === voter) return false;
    return !voteOf(s, voter) && liveCards(s, voter).length === 0;
  });
}

function papersDiffer(s: State): boolean {
  const { paper, box } = s;
  const extra = ballots(s).some(
    (ballot) => (paper.bin[ballot] as number) > (has(s.truth.committed, ballot) ? 1 : 0),
  );
  if (extra) return true;
  if (!isAtRest(s) || box.counted.lost > 0) return false;
  return ballots(s).some(
    (ballot) => box.rows[ballot] === RECORDS_PER_VOTE && (paper.bin[ballot] as number) !== 1,
  );
}

/** Cards: issued = cast + returned + spoiled + abandoned + outstanding. Papers and slots: what is counted is there. */
function ledgerBreaks(s: State, rules: Rules): boolean {
  if (!isAtRest(s)) return false;
  const { box, paper } = s;
  const { earlier } = s.station;
  const sum = (of: (person: State['voters'][number]) => number): number =>
    s.voters.reduce((total, person) => total + of(person), 0);
  const records = box.rows.reduce((total, words) => total + words, 0);
  const cast = rules.countFromSlots ? records / RECORDS_PER_VOTE : box.count;
  if (cast * RECORDS_PER_VOTE !== records) return true;
  if (earlier.disputed !== NONE) return false;
  const castBefore = earlier.stored.reduce((total, times) => total + times, 0);
  const ended =
    castBefore + popcount(box.spent) + sum((person) => person.spoiled + person.returned) + s.desk.abandoned;
  const outstanding = s.cards.filter((card) => isLive(s, card) && !secured(card)).length;
  if (sum((person) => person.armings) !== ended + outstanding) return true;
  const bin = paper.bin.reduce((total, papers) => total + papers, 0);
  const { counted } = box;
  return bin !== counted.bin || paper.rejected !== counted.rejected || paper.retained !== counted.retained;
}

function closedOverBallot(s: State): boolean {
  const { box, station, paper } = s;
  if (box.life !== 'closed') return false;
  return (
    station.pending !== NONE || paper.window !== 'empty' || box.row !== 'none' || box.entry.ballot !== NONE
  );
}

function uninstructed(s: State, { machines, people, bounds }: Around): boolean {
  if (machines > 0 || isOver(s, bounds)) return false;
  return ![votingInstruction(s), admissionInstruction(s)].some(({ code }) =>
    (STEPS_OF_CODE[code] ?? []).some((step) => people.some((name) => name.startsWith(step))),
  );
}

export interface Around {
  /** steps that somebody other than a person can take now */
  readonly machines: number;
  /** the names of people's steps */
  readonly people: readonly string[];
  readonly bounds: Pick<Start, 'wholeDay' | 'desk'>;
}

type Check = (s: State, rules: Rules, around: Around) => boolean;

/** True where the property is broken; the gravest first. `rest_is_reachable` is of the whole graph. */
const CHECKS: readonly (readonly [PropertyName, Check])[] = [
  ['commands_possible', (s) => s.truth.wrong !== ''],
  ['cast_needs_green_and_armed_card', castOfNothing],
  ['vote_not_lost', lost],
  ['vote_not_doubled', doubled],
  ['one_armed_card', twoCards],
  ['admitted_has_card', leftOut],
  ['close_is_settled', closedOverBallot],
  ['one_paper_a_vote', papersDiffer],
  ['recorders_agree', recordersDiffer],
  ['ledgers_hold', ledgerBreaks],
  ['state_is_named', (s, _, around) => uninstructed(s, around)],
];

/** @param only the properties that are looked at; all where it is undefined */
export function brokenProperty(
  s: State,
  rules: Rules,
  around: Around,
  only?: ReadonlySet<PropertyName>,
): PropertyName | undefined {
  for (const [name, isBroken] of CHECKS)
    if ((only === undefined || only.has(name)) && isBroken(s, rules, around)) return name;
  return undefined;
}
