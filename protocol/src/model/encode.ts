/**
 * A state as few bytes, and as one number of 64 bits that stands for it. Voters are interchangeable and so are cards:
 * the number is the least one over all exchanges. Two different states with one number would hide the second; among n
 * states that happens with probability below n² / 2^65 (one in 10^7 for two million).
 */
import {
  BALLOTS_PER_VOTER,
  type Box,
  type Card,
  type Frame,
  type Intent,
  NONE,
  RIGHTS_PER_VOTER,
  type State,
} from './state.ts';

const ORDER: Readonly<Record<string, number>> = Object.fromEntries(
  [
    // cards, places, people
    'blank armed spent stack slot pad officer hand outside desk box home none admitted released',
    // tasks, kinds, words
    'arm returned spoiled abandoned begin print outcome abandon open close ask begun printing in_window cast',
    'cast_unsigned rejected retained unknown refused busy not_proved opened closed event',
    // station, box, paper
    'loaded doors idle sealed asking unresolved choosing paper ended boot printed commit burn settle overprint',
    'falling nothing fresh stale lost prepared bodies window bin empty jam torn',
  ]
    .join(' ')
    .split(' ')
    .map((word, i) => [word, i] as const),
);

const BYTES_MAX = 256;
const bytes = new Uint8Array(BYTES_MAX);
let length = 0;

const put = (value: number): void => {
  bytes[length++] = value + 1;
};
const putWord = (word: string): void => {
  bytes[length++] = ORDER[word] as number;
};
const putFlags = (...flags: readonly boolean[]): void => {
  let mask = 0;
  for (const flag of flags) mask = mask * 2 + (flag ? 1 : 0);
  put(mask);
};

/** An exchange of voters: who stands at each place. */
type Exchange = readonly number[];

const moved = (exchange: Exchange, item: number, perVoter: number): number =>
  item < 0 ? item : (exchange[Math.floor(item / perVoter)] as number) * perVoter + (item % perVoter);

function movedMask(exchange: Exchange, mask: number, perVoter: number): number {
  let out = 0;
  for (let item = 0; 1 << item <= mask; item++)
    if ((mask & (1 << item)) !== 0) out |= 1 << moved(exchange, item, perVoter);
  return out;
}

const putBallot = (exchange: Exchange, ballot: number): void =>
  put(moved(exchange, ballot, BALLOTS_PER_VOTER));

function putPerBallot(exchange: Exchange, values: readonly number[]): void {
  const start = length;
  for (let ballot = 0; ballot < values.length; ballot++)
    bytes[start + moved(exchange, ballot, BALLOTS_PER_VOTER)] = values[ballot] as number;
  length += values.length;
}

function putFrames(exchange: Exchange, frames: readonly Frame[]): void {
  put(frames.length);
  for (const frame of frames) {
    putWord(frame.kind);
    putWord(frame.word);
    putBallot(exchange, frame.ballot);
    putFlags(frame.stale);
  }
}

function putIntent(exchange: Exchange, intent: Intent): void {
  putWord(intent.task);
  put(moved(exchange, intent.voter, 1));
  put(intent.count);
}

const cardNumber = (exchange: Exchange, card: Card): number => {
  const right = moved(exchange, card.right, RIGHTS_PER_VOTER) + 1;
  const holder = moved(exchange, card.holder, 1) + 1;
  const words = (ORDER[card.state] as number) * 8 + (ORDER[card.at] as number);
  return ((words * 8 + right) * 4 + holder) * 4 + (card.torn ? 2 : 0) + (card.evidence ? 1 : 0);
};

function putCards(exchange: Exchange, cards: readonly Card[]): void {
  const numbers = cards.map((card) => cardNumber(exchange, card)).sort((a, b) => a - b);
  for (const number of numbers) {
    bytes[length++] = number & 0xff;
    bytes[length++] = (number >> 8) & 0xff;
  }
}

function putVoters(exchange: Exchange, s: State): void {
  const start = length;
  const each = 8;
  s.voters.forEach((voter, v) => {
    length = start + (exchange[v] as number) * each;
    putWord(voter.at);
    putWord(voter.line);
    put(voter.armings);
    put(voter.spoiled);
    put(voter.returned);
    put(voter.ballots);
    putFlags(voter.claimed, voter.walked);
    put(0);
  });
  length = start + s.voters.length * each;
}

function putStation(exchange: Exchange, { station }: State): void {
  putFlags(station.up, station.link, station.closing, station.earlier.replaced);
  putBallot(exchange, station.pending);
  putBallot(exchange, station.ballot);
  putPerBallot(exchange, station.stored);
  putWord(station.phase);
  putWord(station.cast);
  putWord(station.session);
  putWord(station.request);
  putPerBallot(exchange, station.earlier.stored);
  putBallot(exchange, station.earlier.disputed);
}

function putBox(exchange: Exchange, box: Box): void {
  putFlags(box.on, box.proved, box.prepared, box.dropping);
  putWord(box.step);
  put(moved(exchange, box.hand.right, RIGHTS_PER_VOTER));
  putBallot(exchange, box.hand.ballot);
  putBallot(exchange, box.last.ballot);
  putWord(box.last.fate);
  putWord(box.owes);
  putWord(box.owedKind);
  putWord(box.life);
  putBallot(exchange, box.entry.ballot);
  put(moved(exchange, box.entry.right, RIGHTS_PER_VOTER));
  putWord(box.entry.at);
  put(box.entry.words);
  putPerBallot(exchange, box.rows);
  put(box.spoiled);
  put(movedMask(exchange, box.spent, RIGHTS_PER_VOTER));
  putWord(box.row);
  put(box.counted.bin);
  put(box.counted.rejected);
  put(box.counted.retained);
  put(box.counted.lost);
  put(box.count);
}

function putAll(exchange: Exchange, s: State): void {
  length = 0;
  putVoters(exchange, s);
  putCards(exchange, s.cards);
  putFlags(s.desk.up, s.plugged, s.paper.over, s.paper.fallUnseen);
  putIntent(exchange, s.desk.intent);
  putIntent(exchange, s.desk.cleared);
  put(s.desk.abandoned);
  putWord(s.desk.task);
  put(moved(exchange, s.desk.voter, 1));
  putStation(exchange, s);
  putFrames(exchange, s.toBox);
  putFrames(exchange, s.toStation);
  putFrames(exchange, s.held);
  putBox(exchange, s.box);
  putWord(s.paper.window);
  putBallot(exchange, s.paper.ballot);
  putPerBallot(exchange, s.paper.bin);
  put(s.paper.rejected);
  put(s.paper.retained);
  put(movedMask(exchange, s.truth.committed, BALLOTS_PER_VOTER));
  put(movedMask(exchange, s.truth.green, BALLOTS_PER_VOTER));
  put(movedMask(exchange, s.truth.armed, RIGHTS_PER_VOTER));
  put(movedMask(exchange, s.truth.lost, BALLOTS_PER_VOTER));
  put(s.truth.wrong === '' ? NONE : 0);
  put(s.faultsLeft);
}

/** High and low half of the number last made. */
export const fingerprint = { high: 0, low: 0 };

function hash(): void {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = 0; i < length; i++) {
    const value = bytes[i] as number;
    a = Math.imul(a ^ value, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b ^ value, 0x27d4eb2d);
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (b >>> 11), 0x7feb352d);
  b = Math.imul(b ^ (a >>> 16), 0x846ca68b);
  fingerprint.high = (a ^ (a >>> 15)) >>> 0;
  fingerprint.low = (b ^ (b >>> 16)) >>> 0;
}

const EXCHANGES: readonly (readonly Exchange[])[] = [
  [],
  [[0]],
  [
    [0, 1],
    [1, 0],
  ],
];

/** @throws for more voters than the exchanges are listed for */
export function takeFingerprint(s: State): void {
  const exchanges = EXCHANGES[s.voters.length];
  if (exchanges === undefined || exchanges.length === 0) throw new RangeError('one or two voters');
  let high = Number.POSITIVE_INFINITY;
  let low = Number.POSITIVE_INFINITY;
  for (const exchange of exchanges) {
    putAll(exchange, s);
    hash();
    if (fingerprint.high < high || (fingerprint.high === high && fingerprint.low < low)) {
      high = fingerprint.high;
      low = fingerprint.low;
    }
  }
  fingerprint.high = high;
  fingerprint.low = low;
}

/** The bytes under one exchange: for tests of the encoding. */
export function encodedBytes(s: State, exchange: Exchange): Uint8Array {
  putAll(exchange, s);
  return bytes.slice(0, length);
}
