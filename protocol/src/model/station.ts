/** The voting process: asks, keeps, and learns a ballot's fate from the box. station-app/src/voting, src/machines. */
import { makeStale, sendRequest, type Turn } from './move.ts';
import type { Rules } from './rules.ts';
import { cardAt, FRAMES_MAX, type Frame, NONE, type State, voterAtBox, voterOfBallot } from './state.ts';

/** The ballot's fate is known: `pending` becomes a stored record, or nothing, in one transaction. */
function end(n: State, session: State['station']['session'], store: boolean): void {
  const { station } = n;
  const ballot = station.pending;
  if (store && ballot !== NONE) station.stored[ballot] = (station.stored[ballot] as number) + 1;
  station.pending = NONE;
  station.cast = 'idle';
  station.session = session;
  station.ballot = NONE;
}

function learn(n: State, rules: Rules, frame: Frame) {
  const { station } = n;
  if (station.pending === NONE) {
    if (rules.pendingBeforePrint) return;
    station.pending = station.ballot;
  }
  switch (frame.word) {
    case 'cast':
      return end(n, 'cast', true);
    case 'rejected':
    case 'unknown':
      return end(n, 'rejected', false);
    case 'retained':
      return end(n, 'ended', false);
    case 'in_window':
    case 'printing':
      station.cast = frame.word;
      return;
    case 'cast_unsigned':
      station.cast = 'unresolved';
      return;
    case 'refused':
      if (rules.refusedPrintIsAsked) station.cast = 'asking';
      else end(n, 'rejected', false);
      return;
    default:
      station.cast = 'asking';
  }
}

function takeReply(n: State, rules: Rules, frame: Frame) {
  const { station } = n;
  if (frame.word === 'event') {
    if (rules.eventsOnlyPrompt) {
      if (station.pending !== NONE && station.cast !== 'sealed') station.cast = 'asking';
      return;
    }
    // Believed as it stands: the box's last ballot is taken for ours.
    if (station.pending !== NONE) learn(n, rules, { ...frame, word: eventFate(n, frame) });
    return;
  }
  if (frame.stale || frame.kind !== station.request) return;
  station.request = 'none';
  if (frame.word === 'not_proved') {
    station.link = false;
    return;
  }
  switch (frame.kind) {
    case 'begin':
      if (frame.word === 'begun') station.ballot = frame.ballot;
      station.session = frame.word === 'begun' ? 'choosing' : frame.word === 'busy' ? 'none' : 'refused';
      return;
    case 'print':
    case 'outcome':
      return learn(n, rules, frame);
    case 'abandon':
      if (station.pending !== NONE) station.cast = 'asking';
      return;
    case 'open':
      if (frame.word === 'opened') station.phase = 'open';
      station.closing = false;
      return;
    case 'close':
      if (frame.word === 'closed') station.phase = 'closed';
      station.closing = false;
  }
}

const eventFate = (n: State, frame: Frame): Frame['word'] =>
  (n.box.rows[frame.ballot] as number) > 0 ? 'cast' : 'rejected';

function loseLink(n: State): void {
  const { station } = n;
  station.link = false;
  station.request = 'none';
  station.closing = false;
  n.toStation = [];
  makeStale(n);
  if (station.cast !== 'idle') station.cast = 'unresolved';
  if (station.session === 'choosing') station.session = 'none';
}

/** hello and proof: the wire is in order, so whatever was under way before has come or is gone. */
function linkUp(n: State, rules: Rules): void {
  const { station, box } = n;
  if (rules.helloEndsBegun && box.step === 'begun') {
    box.step = 'idle';
    box.hand = { right: NONE, ballot: NONE };
  }
  station.link = true;
  station.closing = false;
  n.toStation = [];
  box.proved = true;
  if (station.pending !== NONE) station.cast = 'asking';
  else if (station.cast !== 'idle') end(n, 'none', false);
  if (station.session === 'choosing') station.session = 'none';
  if (station.phase === 'loaded' && box.life === 'open') sendRequest(n, 'open', NONE);
  if (station.phase === 'doors' && box.life === 'closed') sendRequest(n, 'close', NONE);
}

/** No frame of the request in hand is under way, nor will the box send one by itself. */
const answerIsLost = (s: State): boolean =>
  !s.toBox.some(({ stale }) => !stale) &&
  !s.toStation.some(({ stale, word }) => !stale && word !== 'event') &&
  s.box.owes !== 'fresh' &&
  !s.held.some(({ stale }) => !stale);

function linkMoves({ s, rules, add }: Turn): void {
  const { station, box } = s;
  const boxAnswers = s.plugged && box.on && box.life !== 'lost';
  if (!station.link && boxAnswers && s.toBox.length === 0)
    if (box.step !== 'boot' || !rules.recoverBeforeAnswer)
      add('station', 'links and proves', (n) => linkUp(n, rules));
  if (!station.link) return;
  if (!boxAnswers) add('station', 'finds the box silent', loseLink);
  else if (!box.proved && station.request === 'none')
    add('station', 'finds that the box has restarted', loseLink);
  if (station.request !== 'none' && boxAnswers && answerIsLost(s) && s.toBox.length < FRAMES_MAX)
    add('station', `repeats ${station.request}`, (n) => {
      sendRequest(n, station.request as Frame['kind'], requestBallot(n));
    });
}

function requestBallot(n: State): number {
  const { station } = n;
  if (station.request === 'begin') return NONE;
  return station.pending === NONE ? station.ballot : station.pending;
}

/** The status that comes with every heartbeat says what the window holds. */
const boxHoldsOurPaper = (s: State): boolean =>
  s.box.hand.ballot === s.station.pending && ['printed', 'in_window', 'commit', 'burn'].includes(s.box.step);

function castMoves({ s, rules, add }: Turn): void {
  const { station } = s;
  if (station.cast === 'sealed')
    add('station', 'sends PRINT', (n) => {
      n.station.cast = 'printing';
      sendRequest(n, 'print', station.ballot);
    });
  const asks =
    station.cast === 'asking' ||
    (station.cast === 'in_window' && !boxHoldsOurPaper(s)) ||
    (station.cast === 'printing' && !(s.box.hand.ballot === station.pending && s.box.step === 'printing'));
  if (station.pending !== NONE && asks)
    add('station', 'asks for the outcome', (n) => {
      sendRequest(n, 'outcome', station.pending);
    });
  // Without a pending row nothing is known to ask for.
  if (!rules.pendingBeforePrint && station.pending === NONE && asks && station.cast !== 'idle')
    add('station', 'forgets the ballot', (n) => end(n, 'none', false));
}

function sessionMoves({ s, add }: Turn): void {
  const { station } = s;
  const card = cardAt(s, 'pad');
  const mayBegin = station.session === 'none' || station.session === 'rejected';
  if (card !== undefined && mayBegin && station.phase !== 'loaded' && station.phase !== 'closed') {
    if (station.closing) return;
    add('station', 'sends BEGIN', (n) => {
      n.station.ballot = NONE;
      sendRequest(n, 'begin', NONE);
    });
  }
  if (card === undefined && station.session !== 'none')
    add('station', 'sees the pad empty', (n) => {
      n.station.session = 'none';
      n.station.ballot = NONE;
    });
  if (card !== undefined && station.session === 'choosing' && voterAtBox(s) < 0)
    add('station', 'ends the session: nobody chooses', (n) => {
      n.station.session = 'ended';
    });
}

export function stationMoves(turn: Turn): void {
  const { s, rules, add } = turn;
  const { station } = s;
  if (!station.up) return;
  linkMoves(turn);
  const frame = s.toStation[0];
  if (frame !== undefined && station.link)
    add('station', `hears ${frame.word === 'event' ? 'an event' : `${frame.kind}: ${frame.word}`}`, (n) => {
      n.toStation.shift();
      takeReply(n, rules, frame);
    });
  if (!station.link || station.request !== 'none' || s.toBox.length >= FRAMES_MAX) return;
  castMoves(turn);
  if (station.cast === 'idle') sessionMoves(turn);
}

/** What the voter does at the screen: the choice itself is nobody's but hers. */
export function screenMoves({ s, rules, add }: Turn): void {
  const { station } = s;
  if (!station.up || voterAtBox(s) < 0 || station.cast !== 'idle') return;
  if (station.session !== 'choosing' || station.ballot === NONE || !station.link) return;
  add('voter', 'presses the first green: sealed', (n) => {
    const voter = n.voters[voterOfBallot(station.ballot)];
    if (voter !== undefined) voter.ballots++;
    if (rules.pendingBeforePrint) n.station.pending = station.ballot;
    n.station.cast = 'sealed';
    n.station.session = 'paper';
  });
  add('voter', 'gives up before printing', (n) => {
    n.station.session = 'ended';
  });
}
