/**
 * The cast as a model: everything that voters, officers, the two processes, the wire, the box and its metal can be in,
 * as plain data. docs/CAST.md tells the story; `explore.ts` walks all of it. Nothing here is used by the product.
 *
 * A *right* is one arming of a card (in the product: its arming nonce); a *ballot* is one sealed ballot (its records'
 * names). Both are numbered by voter, so that who cast what can be checked. The product holds no such link.
 */

/** Bounds: a voter has at most this many cards armed and ballots sealed. */
export const RIGHTS_PER_VOTER = 2;
export const BALLOTS_PER_VOTER = 2;
/** A vote is several records, each in a slot of its own: two show every cut between them. */
export const RECORDS_PER_VOTE = 2;
/** Frames under way in one direction; more wait at the sender. */
export const FRAMES_MAX = 2;
export const NONE = -1;

export interface Voter {
  at: 'outside' | 'desk' | 'box' | 'home';
  /** the province's record: admitted at this station */
  claimed: boolean;
  /** the journal's line */
  line: 'none' | 'admitted' | 'released';
  armings: number;
  spoiled: number;
  returned: number;
  ballots: number;
  /** she went away in the middle: nobody looks for her card's owner */
  walked: boolean;
}

export interface Card {
  state: 'blank' | 'armed' | 'spent';
  right: number;
  at: 'stack' | 'slot' | 'pad' | 'officer' | 'hand';
  holder: number;
  /** left the pad before the box was done with it, and has not been on it since */
  torn: boolean;
  /** the officers keep it: a lost box may have taken a vote with it */
  evidence: boolean;
}

export type Task = 'none' | 'arm' | 'returned' | 'spoiled' | 'abandoned';
/** The in-hand file: what is being done to a card; `count` is what the journal will say. */
export interface Intent {
  task: Task;
  voter: number;
  count: number;
}

/** The admission process. `intent` and `abandoned` are on its disk, the rest in its memory. */
export interface Desk {
  up: boolean;
  intent: Intent;
  /** what was cleared last and may come back if power fails before the disk is synced */
  cleared: Intent;
  /** journal: cards left behind and voided */
  abandoned: number;
  /** both roles have approved this for the card in the slot */
  task: Task;
  voter: number;
}

export type Kind = 'begin' | 'print' | 'outcome' | 'abandon' | 'open' | 'close';
export type Word =
  | 'ask'
  | 'begun'
  | 'printing'
  | 'in_window'
  | 'cast'
  | 'cast_unsigned'
  | 'rejected'
  | 'retained'
  | 'unknown'
  | 'refused'
  | 'busy'
  | 'not_proved'
  | 'opened'
  | 'closed'
  | 'event';

export interface Frame {
  kind: Kind;
  word: Word;
  ballot: number;
  /** belongs to a request that the station no longer waits for: its sequence number says so */
  stale: boolean;
}

/** The voting process. `pending`, `stored`, `phase` and `earlier` are on its disk, the rest in its memory. */
export interface Station {
  up: boolean;
  link: boolean;
  /** the ballot whose fate is open, or NONE */
  pending: number;
  /** times that each ballot stands in the store */
  stored: number[];
  phase: 'loaded' | 'open' | 'doors' | 'closed';
  cast: 'idle' | 'sealed' | 'printing' | 'in_window' | 'asking' | 'unresolved';
  session: 'none' | 'choosing' | 'paper' | 'cast' | 'rejected' | 'refused' | 'ended';
  /** of the session: what it will seal */
  ballot: number;
  request: Kind | 'none';
  /** The station is closing: no ballot is begun. */
  closing: boolean;
  /** the recorder of a box that was lost: votes that stand there, and one whose fate nobody can ask */
  earlier: { replaced: boolean; stored: number[]; disputed: number };
}

export interface Entry {
  ballot: number;
  right: number;
  at: 'prepared' | 'bodies' | 'commit';
  /** slot words already programmed */
  words: number;
}

/** Where a paper's word in flash says that it goes. */
export type Row = 'none' | 'window' | 'bin' | 'rejected' | 'retained';
export type BoxStep =
  | 'boot'
  | 'idle'
  | 'begun'
  | 'printing'
  | 'printed'
  | 'in_window'
  | 'commit'
  | 'burn'
  | 'settle'
  | 'overprint'
  | 'falling';

/** The box. From `life` on it is flash; what stands before is gone with the power. */
export interface Box {
  on: boolean;
  proved: boolean;
  step: BoxStep;
  hand: { right: number; ballot: number };
  last: { ballot: number; fate: 'none' | 'rejected' | 'retained' };
  owes: 'nothing' | 'fresh' | 'stale';
  owedKind: Kind;
  prepared: boolean;
  life: 'loaded' | 'open' | 'closed' | 'lost';
  entry: Entry;
  /** committed slot words of each ballot */
  rows: number[];
  spoiled: number;
  /** rights, as bits */
  spent: number;
  row: Row;
  dropping: boolean;
  counted: { bin: number; rejected: number; retained: number; lost: number };
  /** only a broken box stores a count beside the slots */
  count: number;
}

/** Metal and paper: what is so, whoever knows it. */
export interface Paper {
  window: 'empty' | 'paper' | 'jam' | 'torn';
  ballot: number;
  over: boolean;
  /** readable papers of each ballot in the bin */
  bin: number[];
  rejected: number;
  retained: number;
  fallUnseen: boolean;
}

/** What happened, for the properties; no party of the protocol sees it. Bits of ballots and rights. */
export interface Truth {
  committed: number;
  green: number;
  armed: number;
  /** committed in a box that was lost */
  lost: number;
  /** a command that no correct party gives */
  wrong: string;
}

export interface State {
  voters: Voter[];
  cards: Card[];
  desk: Desk;
  station: Station;
  toBox: Frame[];
  toStation: Frame[];
  /** one copy that the wire delivers when it likes; only where the bounds say that it may */
  held: Frame[];
  plugged: boolean;
  box: Box;
  paper: Paper;
  truth: Truth;
  faultsLeft: number;
}

export const NO_INTENT: Intent = { task: 'none', voter: NONE, count: 0 };
export const NO_ENTRY: Entry = { ballot: NONE, right: NONE, at: 'prepared', words: 0 };
export const bit = (n: number): number => 1 << n;
export const has = (mask: number, n: number): boolean => n >= 0 && (mask & bit(n)) !== 0;
export const voterOfRight = (right: number): number => Math.floor(right / RIGHTS_PER_VOTER);
export const voterOfBallot = (ballot: number): number => Math.floor(ballot / BALLOTS_PER_VOTER);
export const cardsOut = (voter: Voter): number => voter.armings - voter.spoiled - voter.returned;

export function popcount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** A vote that the commit word has made true, whether or not its slots have their words yet. */
export const isCommitted = (box: Box, ballot: number): boolean =>
  (box.rows[ballot] as number) >= RECORDS_PER_VOTE ||
  (box.entry.ballot === ballot && box.entry.at === 'commit');

export const rightIsUsed = (box: Box, right: number): boolean =>
  has(box.spent, right) || (box.entry.at === 'commit' && box.entry.right === right && right !== NONE);

export const cardAt = (s: State, at: Card['at']): Card | undefined => s.cards.find((card) => card.at === at);
export const cardOf = (s: State, voter: number): Card | undefined =>
  s.cards.find((card) => card.at === 'hand' && card.holder === voter);
export const voterAtBox = (s: State): number => s.voters.findIndex((voter) => voter.at === 'box');

/** Every move works on a copy. */
export function copy(s: State): State {
  return {
    voters: s.voters.map((voter) => ({ ...voter })),
    cards: s.cards.map((card) => ({ ...card })),
    desk: { ...s.desk },
    station: { ...s.station, stored: s.station.stored.slice() },
    toBox: s.toBox.slice(),
    toStation: s.toStation.slice(),
    held: s.held.slice(),
    plugged: s.plugged,
    box: { ...s.box, rows: s.box.rows.slice(), counted: { ...s.box.counted } },
    paper: { ...s.paper, bin: s.paper.bin.slice() },
    truth: { ...s.truth },
    faultsLeft: s.faultsLeft,
  };
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

export function freshBox(ballots: number): Box {
  return {
    on: true,
    proved: false,
    step: 'idle',
    hand: { right: NONE, ballot: NONE },
    last: { ballot: NONE, fate: 'none' },
    owes: 'nothing',
    owedKind: 'print',
    prepared: false,
    life: 'loaded',
    entry: NO_ENTRY,
    rows: zeros(ballots),
    spoiled: 0,
    spent: 0,
    row: 'none',
    dropping: false,
    counted: { bin: 0, rejected: 0, retained: 0, lost: 0 },
    count: 0,
  };
}

export const freshPaper = (ballots: number): Paper => ({
  window: 'empty',
  ballot: NONE,
  over: false,
  bin: zeros(ballots),
  rejected: 0,
  retained: 0,
  fallUnseen: false,
});

export interface Start {
  readonly voters: number;
  readonly cards: number;
  readonly faults: number;
  /** voters stand at the desk with armed cards: the admission side is not explored */
  readonly armed: boolean;
  /** 2, or 1: each voter seals once and is not asked to correct */
  readonly attempts: 1 | 2;
  /** the desk takes cards back, and admits where the cards are not armed yet */
  readonly desk: boolean;
  /** from the loaded box to the closed one; else the day is open and stays so */
  readonly wholeDay: boolean;
}

export function startState(start: Start): State {
  const ballots = start.voters * BALLOTS_PER_VOTER;
  const voters: Voter[] = Array.from({ length: start.voters }, () => ({
    at: start.armed ? 'desk' : 'outside',
    claimed: start.armed,
    line: start.armed ? 'admitted' : 'none',
    armings: start.armed ? 1 : 0,
    spoiled: 0,
    returned: 0,
    ballots: BALLOTS_PER_VOTER - start.attempts,
    walked: false,
  }));
  const cards: Card[] = Array.from({ length: start.cards }, (_, i) =>
    start.armed && i < start.voters
      ? { state: 'armed', right: i * RIGHTS_PER_VOTER, at: 'hand', holder: i, torn: false, evidence: false }
      : { state: 'blank', right: NONE, at: 'stack', holder: NONE, torn: false, evidence: false },
  );
  return {
    voters,
    cards,
    desk: { up: true, intent: NO_INTENT, cleared: NO_INTENT, abandoned: 0, task: 'none', voter: NONE },
    station: {
      up: true,
      link: true,
      pending: NONE,
      stored: zeros(ballots),
      phase: start.wholeDay ? 'loaded' : 'open',
      cast: 'idle',
      session: 'none',
      ballot: NONE,
      request: 'none',
      closing: false,
      earlier: { replaced: false, stored: zeros(ballots), disputed: NONE },
    },
    toBox: [],
    toStation: [],
    held: [],
    plugged: true,
    box: { ...freshBox(ballots), proved: true, life: start.wholeDay ? 'loaded' : 'open' },
    paper: freshPaper(ballots),
    truth: {
      committed: 0,
      green: 0,
      armed: start.armed ? cards.reduce((mask, { right }) => (right < 0 ? mask : mask | bit(right)), 0) : 0,
      lost: 0,
      wrong: '',
    },
    faultsLeft: start.faults,
  };
}
