/** Voters at the box and the officers around it. They are honest; what they may do wrong is in `faults.ts`. */
import { moveCard } from './admission.ts';
import { lookAtCard } from './box.ts';
import { sendRequest, type Turn } from './move.ts';
import {
  type Card,
  cardAt,
  cardOf,
  freshBox,
  freshPaper,
  NONE,
  type State,
  voterAtBox,
  voterOfBallot,
  voterOfRight,
} from './state.ts';

const DONE: readonly State['station']['session'][] = ['cast', 'rejected', 'refused', 'ended'];

/** The screen says that she may take her card. */
const mayTakeCard = (s: State): boolean =>
  s.station.up &&
  s.station.cast === 'idle' &&
  s.station.request === 'none' &&
  DONE.includes(s.station.session);

const leave = (n: State, v: number, at: 'desk' | 'home'): void => {
  (n.voters[v] as State['voters'][number]).at = at;
};

function voterMoves({ s, rules, add }: Turn): void {
  const v = voterAtBox(s);
  if (v < 0) {
    s.voters.forEach((voter, i) => {
      const card = cardOf(s, i);
      const closed = s.station.phase === 'closed' || s.station.closing;
      // The officers let nobody in while another's card or paper is there, or the screen does not say welcome.
      const welcome = s.station.up && s.station.pending === NONE && s.station.session === 'none';
      const free = cardAt(s, 'pad') === undefined && s.paper.window === 'empty' && welcome && !closed;
      if (voter.at === 'desk' && card?.state === 'armed' && free)
        add('voter', 'goes to the box', (n) => {
          (n.voters[i] as State['voters'][number]).at = 'box';
        });
    });
    return;
  }
  const held = cardOf(s, v);
  const pad = cardAt(s, 'pad');
  const move = (name: string, card: Card, change: (n: State, moved: Card) => void): void =>
    add('voter', name, (n) => change(n, n.cards[s.cards.indexOf(card)] as Card));
  if (held === undefined) {
    if (pad !== undefined && mayTakeCard(s))
      move('takes her card', pad, (_, card) => moveCard(card, 'hand', v));
    if (pad === undefined) add('voter', 'leaves: the officers have her card', (n) => leave(n, v, 'home'));
    return;
  }
  if (held.state !== 'armed')
    move('leaves; the spent card stays with the officers', held, (n, card) => {
      moveCard(card, 'stack');
      leave(n, v, 'home');
    });
  else if (pad === undefined && s.station.phase !== 'closed')
    move('lays her card', held, (n, card) => {
      moveCard(card, 'pad');
      lookAtCard(n, rules);
    });
  if (held.state === 'armed' && (!held.torn || !rules.tornCardToPadFirst) && s.paper.window === 'empty')
    move('goes back to the desk', held, (n) => leave(n, v, 'desk'));
}

function officerMoves({ s, add }: Turn): void {
  const { station, paper, box } = s;
  if (paper.window === 'jam' || paper.window === 'torn')
    add('officers', 'clear the jam', (n) => {
      if (paper.window === 'jam') n.paper.window = 'paper';
      else {
        n.paper.window = 'empty';
        n.paper.ballot = NONE;
      }
    });
  const pad = cardAt(s, 'pad');
  if (pad !== undefined && voterAtBox(s) < 0 && mayTakeCard(s) && station.link)
    if (box.step === 'idle' || box.step === 'begun')
      add('officers', 'take the card left on the pad', (n) => {
        const card = n.cards[s.cards.indexOf(pad)] as Card;
        secure(card);
      });
  const free = station.up && station.link && station.request === 'none' && s.toBox.length === 0;
  if (!free) return;
  if (station.cast === 'in_window' && voterAtBox(s) < 0)
    add('officers', 'approve that the paper is kept back', (n) => sendRequest(n, 'abandon', station.pending));
}

/** Opening and closing: two roles press, the box is asked. What was sent is kept and sent again after a restart. */
function dayMoves({ s, rules, add }: Turn): void {
  const { station, box } = s;
  const free = station.up && station.link && station.request === 'none' && s.toBox.length === 0;
  if (!free) return;
  if (station.phase === 'loaded' && box.proved && box.life === 'loaded')
    add('officers', 'approve the opening', (n) => {
      n.box.prepared = true;
      sendRequest(n, 'open', NONE);
    });
  const nobodyInside = s.voters.every((voter) => voter.at === 'outside' || voter.at === 'home');
  if (station.phase === 'open')
    add('officers', 'close the doors', (n) => {
      n.station.phase = 'doors';
    });
  const settled = station.cast === 'idle' && station.pending === NONE && station.session === 'none';
  if (station.phase === 'doors' && (settled || !rules.closeWaitsForPending) && !station.closing)
    if (nobodyInside && cardAt(s, 'pad') === undefined)
      add('officers', 'approve the closing', (n) => {
        n.station.closing = true;
        sendRequest(n, 'close', NONE);
      });
}

const secure = (card: Card): void => moveCard(card, card.state === 'armed' ? 'officer' : 'stack');

/** What the station knows of the person whose card this is: her ballot is stored, or open. */
const mayBeUsed = ({ station }: State, right: number): boolean =>
  station.stored.some(
    (times, ballot) =>
      voterOfBallot(ballot) === voterOfRight(right) && (times > 0 || station.pending === ballot),
  );

/** The box is gone for good. What it held is a segment of its own; what was open there stays open, and is named. */
function replaceBox({ s, add }: Turn): void {
  if (s.box.life !== 'lost' || !s.station.up) return;
  add('officers', 'connect the replacement box', (n) => {
    const { station } = n;
    station.earlier = { replaced: true, stored: station.stored, disputed: station.pending };
    station.stored = station.stored.map(() => 0);
    station.pending = NONE;
    station.cast = 'idle';
    station.session = 'none';
    station.ballot = NONE;
    station.request = 'none';
    station.link = false;
    station.phase = 'loaded';
    station.closing = false;
    n.toBox = [];
    n.toStation = [];
    n.truth.lost = n.truth.committed;
    // The new box does not remember what the old one spent: a card whose vote stands or is open is not laid on it.
    for (const card of n.cards) {
      card.torn = false;
      card.evidence = card.state === 'armed' && mayBeUsed(s, card.right);
      if (card.evidence) moveCard(card, 'officer');
    }
    n.box = freshBox(station.stored.length);
    n.paper = freshPaper(station.stored.length);
  });
}

export function peopleMoves(turn: Turn, wholeDay: boolean): void {
  voterMoves(turn);
  officerMoves(turn);
  if (wholeDay) dayMoves(turn);
  replaceBox(turn);
}

/** Things that were switched off or pulled out are put back: an officer does it, and it is never a fault. */
export function repairMoves({ s, add }: Turn): void {
  if (!s.station.up)
    add('station', 'starts again', (n) => {
      n.station.up = true;
    });
  if (!s.desk.up)
    add('admission', 'starts again', (n) => {
      n.desk.up = true;
    });
  if (!s.box.on && s.box.life !== 'lost')
    add('officers', 'switch the box on', (n) => {
      n.box.on = true;
      n.box.step = 'boot';
    });
  if (!s.plugged)
    add('officers', 'plug the cable in', (n) => {
      n.plugged = true;
    });
}
