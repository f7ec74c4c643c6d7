/** What goes wrong, one at a time, as often as the bounds allow. Nothing else in the model is a fault. */
import { moveCard } from './admission.ts';
import { fall } from './box.ts';
import { makeStale, sendRequest, type Turn } from './move.ts';
import type { Rules } from './rules.ts';
import {
  type Card,
  cardAt,
  FRAMES_MAX,
  type Kind,
  NO_INTENT,
  NONE,
  type State,
  voterAtBox,
} from './state.ts';

export const FAULT_KINDS = [
  'station_crash',
  'admission_crash',
  'admission_power',
  'power_cut',
  'cable_pulled',
  'frame_lost',
  'frame_delayed',
  'frame_copied',
  'jam',
  'unseen_fall',
  'walk_away',
  'card_torn',
  'box_lost',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

type AddFault = (name: string, change: (n: State) => void) => void;

function stationCrash(n: State, rules: Rules): void {
  const { station } = n;
  makeStale(n);
  n.toStation = [];
  n.station = {
    ...station,
    up: false,
    link: false,
    pending: rules.pendingKeptOverRestart ? station.pending : NONE,
    cast: station.pending !== NONE && rules.pendingKeptOverRestart ? 'unresolved' : 'idle',
    session: 'none',
    ballot: NONE,
    request: 'none',
    closing: false,
  };
}

function admissionCrash(n: State): void {
  n.desk = { ...n.desk, up: false, task: 'none', voter: NONE };
}

function powerCut(n: State): void {
  n.toBox = [];
  n.box = {
    ...n.box,
    on: false,
    proved: false,
    step: 'boot',
    hand: { right: NONE, ballot: NONE },
    last: { ballot: NONE, fate: 'none' },
    owes: 'nothing',
    prepared: false,
  };
  n.paper.fallUnseen = false;
}

const boxIsLost = (n: State): void => {
  powerCut(n);
  n.toStation = [];
  n.box.life = 'lost';
};

function processFaults(kind: FaultKind, { s, rules }: Turn, add: AddFault): void {
  if (kind === 'station_crash' && s.station.up) add('the voting process dies', (n) => stationCrash(n, rules));
  if (kind === 'admission_crash' && s.desk.up) add('the admission process dies', admissionCrash);
  if (kind === 'admission_power' && s.desk.up && s.desk.cleared.task !== 'none')
    add('power fails at the admission computer', (n) => {
      admissionCrash(n);
      n.desk.intent = n.desk.cleared;
      n.desk.cleared = NO_INTENT;
    });
  if (kind === 'power_cut' && s.box.on && s.box.life !== 'lost') add('power fails at the box', powerCut);
  if (kind === 'box_lost' && s.box.life === 'open' && !s.station.earlier.replaced)
    add('the box is destroyed', boxIsLost);
}

function wireFaults(kind: FaultKind, { s }: Turn, add: AddFault): void {
  if (kind === 'cable_pulled' && s.plugged)
    add('the cable is pulled', (n) => {
      n.plugged = false;
      n.toBox = [];
      n.toStation = [];
    });
  if (kind === 'frame_lost') {
    if (s.toBox.length > 0) add('a frame to the box is lost', (n) => n.toBox.shift());
    if (s.toStation.length > 0) add('a frame to the station is lost', (n) => n.toStation.shift());
  }
  const waits = s.station.up && s.station.link && s.station.request !== 'none';
  if (kind === 'frame_delayed' && waits && s.toBox.length < FRAMES_MAX)
    add('the answer is late: the request is repeated', (n) => {
      const { request, pending, ballot } = s.station;
      // A repetition carries the same sequence number: what is under way still answers it.
      const before = n.toBox.length;
      const kept = [n.toBox, n.toStation, n.held, n.box.owes] as const;
      sendRequest(n, request as Kind, request === 'begin' ? NONE : pending === NONE ? ballot : pending);
      const repeated = n.toBox[before];
      n.toBox = repeated === undefined ? kept[0] : [...kept[0].slice(0, before), repeated];
      [, n.toStation, n.held, n.box.owes] = kept;
    });
  if (kind === 'frame_copied' && s.held.length === 0) {
    const [to, from] = [s.toBox[0], s.toStation[0]];
    if (to !== undefined) add('a copy of a frame to the box stays in the wire', (n) => n.held.push(to));
    if (from !== undefined)
      add('a copy of a frame to the station stays in the wire', (n) => n.held.push(from));
  }
}

function metalFaults(kind: FaultKind, { s }: Turn, add: AddFault): void {
  const { box, paper } = s;
  if (kind === 'jam' && box.on && box.step === 'printing' && paper.window === 'empty')
    add('the paper jams in the printer', (n) => {
      n.paper.window = 'torn';
      n.paper.ballot = box.hand.ballot;
      n.box.step = 'settle';
      n.box.hand = { right: NONE, ballot: NONE };
      if (box.owes !== 'nothing' && n.toStation.length < FRAMES_MAX)
        n.toStation.push({ kind: 'print', word: 'refused', ballot: NONE, stale: box.owes === 'stale' });
      n.box.owes = 'nothing';
    });
  if (kind === 'jam' && box.on && box.step === 'falling' && paper.window === 'paper')
    add('the paper jams in the flap', (n) => {
      n.paper.window = 'jam';
      n.box.step = 'settle';
    });
  if (kind === 'unseen_fall' && box.on && box.step === 'falling' && paper.window === 'paper')
    add('the paper falls unseen', (n) => {
      fall(n);
      n.paper.fallUnseen = true;
    });
}

/** A card is pulled off while somebody still needs it; voters go away in the middle. */
function peopleFaults(kind: FaultKind, { s }: Turn, add: AddFault): void {
  const v = voterAtBox(s);
  const pad = cardAt(s, 'pad');
  if (kind === 'card_torn' && v >= 0 && pad !== undefined)
    add('the voter tears her card from the pad', (n) => {
      const card = n.cards[s.cards.indexOf(pad)] as Card;
      moveCard(card, 'hand', v);
      card.torn = card.state === 'armed';
    });
  const slot = cardAt(s, 'slot');
  if (kind === 'card_torn' && slot?.state === 'armed' && s.desk.intent.task !== 'none') {
    const owner = s.voters.findIndex((_, i) => Math.floor(slot.right / 2) === i);
    if (s.voters[owner]?.at === 'desk')
      add('the voter grabs her card from the desk', (n) => {
        moveCard(n.cards[s.cards.indexOf(slot)] as Card, 'hand', owner);
        n.desk.task = 'none';
        n.desk.voter = NONE;
      });
  }
  if (kind === 'walk_away')
    s.voters.forEach((voter, i) => {
      if (voter.at === 'outside' || voter.at === 'home' || s.desk.voter === i) return;
      add('a voter walks away', (n) => {
        const gone = n.voters[i];
        if (gone !== undefined) {
          gone.at = 'home';
          gone.walked = true;
        }
      });
    });
}

/** The held copy comes when it likes: no fault of its own. */
export function heldMoves({ s, add }: Turn): void {
  const copy = s.held[0];
  if (copy === undefined || !s.plugged) return;
  const toBox = copy.word === 'ask';
  if ((toBox ? s.toBox : s.toStation).length >= FRAMES_MAX) return;
  add('wire', 'delivers the copy', (n) => {
    n.held = [];
    if (toBox && s.box.on) n.toBox.push(copy);
    if (!toBox && s.station.link) n.toStation.push(copy);
  });
}

export function faultMoves(turn: Turn, kinds: readonly FaultKind[]): void {
  if (turn.s.faultsLeft <= 0) return;
  const add: AddFault = (name, change) =>
    turn.add('fault', name, (n) => {
      n.faultsLeft--;
      change(n);
    });
  for (const kind of kinds) {
    processFaults(kind, turn, add);
    wireFaults(kind, turn, add);
    metalFaults(kind, turn, add);
    peopleFaults(kind, turn, add);
  }
}
