/** The admission desk: claim, in-hand file, journal, card. station-app/src/admission. */
import type { Turn } from './move.ts';
import type { Rules } from './rules.ts';
import {
  bit,
  type Card,
  cardAt,
  cardOf,
  cardsOut,
  has,
  NO_INTENT,
  NONE,
  RIGHTS_PER_VOTER,
  type State,
  type Task,
  type Voter,
  voterAtBox,
} from './state.ts';

const voterOf = (s: State, voter: number): Voter => s.voters[voter] as Voter;
const rightOf = (s: State, voter: number): number =>
  voter * RIGHTS_PER_VOTER + Math.max(0, voterOf(s, voter).armings - 1);

export function moveCard(card: Card, at: Card['at'], holder = NONE): void {
  card.at = at;
  card.holder = holder;
}

/** People come, lay what they hold, and two roles press: nothing of this outlives the process. */
function approveMoves({ s, rules, add }: Turn): void {
  const { desk } = s;
  if (desk.task !== 'none' || cardAt(s, 'slot') !== undefined) return;
  const busy = desk.intent.task !== 'none';
  const fresh = s.cards.findIndex((card) => card.at === 'stack');
  s.voters.forEach((voter, v) => {
    // Who only reads the screen arms a second card for the name that stands there, whoever holds the first.
    const careless = busy && !rules.officersKnowWhatIsOut && desk.intent.voter === v;
    if (voter.at !== 'desk' && !careless) return;
    const held = careless ? undefined : cardOf(s, v);
    const wanted = busy
      ? desk.intent.task === 'arm' && desk.intent.voter === v && mayRearm(s, rules, v)
      : voter.line !== 'admitted' || cardsOut(voter) === 0;
    if (held === undefined && wanted && fresh >= 0 && (busy || voter.armings < RIGHTS_PER_VOTER))
      add('officers', 'lay a card and approve its arming', (n) => {
        moveCard(n.cards[fresh] as Card, 'slot');
        n.desk.task = 'arm';
        n.desk.voter = v;
      });
    if (busy || held?.state !== 'armed' || (held.torn && rules.tornCardToPadFirst)) return;
    for (const task of ['returned', 'spoiled'] as const) {
      if (task === 'spoiled' && voter.armings >= RIGHTS_PER_VOTER) continue;
      add('officers', `take a card back as ${task}`, (n) => {
        moveCard(n.cards[s.cards.indexOf(held)] as Card, 'slot');
        n.desk.task = task;
        n.desk.voter = v;
      });
    }
  });
  const left = cardAt(s, 'officer');
  if (left !== undefined && !left.evidence && !busy)
    add('officers', 'approve the voiding of a card left behind', (n) => {
      moveCard(n.cards[s.cards.indexOf(left)] as Card, 'slot');
      n.desk.task = 'abandoned';
    });
}

/** After an interrupted arming: is the card that may have been armed still here? */
function mayRearm(s: State, rules: Rules, voter: number): boolean {
  return !rules.officersKnowWhatIsOut || !has(s.truth.armed, rightOf(s, voter));
}

const countOf = (s: State, task: Task, v: number): number => {
  if (task === 'abandoned') return s.desk.abandoned + 1;
  const voter = voterOf(s, v);
  if (task === 'arm') return voter.armings + 1;
  return (task === 'spoiled' ? voter.spoiled : voter.returned) + 1;
};

function journalHas(s: State): boolean {
  const { task, voter, count } = s.desk.intent;
  if (task === 'none') return false;
  if (task === 'abandoned') return s.desk.abandoned >= count;
  const line = voterOf(s, voter);
  return (task === 'arm' ? line.armings : task === 'spoiled' ? line.spoiled : line.returned) >= count;
}

function writeJournal(n: State): void {
  const { task, voter, count } = n.desk.intent;
  if (task === 'abandoned') {
    n.desk.abandoned = count;
    return;
  }
  const line = voterOf(n, voter);
  if (task === 'arm') {
    line.armings = count;
    line.line = 'admitted';
  } else if (task === 'spoiled') line.spoiled = count;
  else {
    line.returned = count;
    line.line = 'released';
    line.claimed = false;
  }
}

function armCard(n: State, voter: number, right: number): void {
  const card = cardAt(n, 'slot');
  if (card === undefined) return;
  card.state = 'armed';
  card.right = right;
  card.torn = false;
  n.truth.armed |= bit(right);
  if (voter !== n.desk.voter) n.truth.wrong = 'a card armed for another person';
}

function finish(n: State, rules: Rules): void {
  const durable = n.desk.intent.task !== 'arm' && rules.takeBackClearedDurably;
  n.desk.cleared = durable ? NO_INTENT : n.desk.intent;
  n.desk.intent = NO_INTENT;
  n.desk.task = 'none';
  n.desk.voter = NONE;
}

function armMoves({ s, rules, add }: Turn) {
  const { desk } = s;
  const { intent, task, voter } = desk;
  const slot = cardAt(s, 'slot');
  if (slot === undefined || task !== 'arm') return;
  const person = voterOf(s, voter);
  if (slot.state === 'armed') {
    if (!rules.intentBeforeJournal)
      return add('admission', 'finds the card armed: done', (n) => finish(n, rules));
    if (rules.journalBeforeArming) return;
    return add('admission', 'writes the journal afterwards', (n) => {
      n.desk.intent = { task: 'arm', voter, count: countOf(s, 'arm', voter) };
      writeJournal(n);
      finish(n, rules);
    });
  }
  if (!person.claimed)
    return add('admission', 'claims the person at the province', (n) => {
      voterOf(n, voter).claimed = true;
    });
  const inHand = intent.task === 'arm' || !rules.intentBeforeJournal;
  if (!inHand && rules.journalBeforeArming)
    return add('admission', 'writes down what is in hand', (n) => {
      n.desk.intent = { task: 'arm', voter, count: countOf(s, 'arm', voter) };
      n.desk.cleared = NO_INTENT;
    });
  // Without an in-hand file the journal's own line is all that says how far it came.
  const written = rules.intentBeforeJournal ? journalHas(s) : cardsOut(person) === 1;
  if (rules.journalBeforeArming && !written)
    return add('admission', 'writes the journal', (n) => {
      if (!rules.intentBeforeJournal) n.desk.intent = { task: 'arm', voter, count: countOf(s, 'arm', voter) };
      writeJournal(n);
      if (!rules.intentBeforeJournal) n.desk.intent = NO_INTENT;
    });
  const right = rules.journalBeforeArming ? rightOf(s, voter) : voter * RIGHTS_PER_VOTER + person.armings;
  add('admission', 'arms the card', (n) => armCard(n, voter, right));
}

function takeBackMoves({ s, rules, add }: Turn) {
  const { intent, task, voter } = s.desk;
  const slot = cardAt(s, 'slot');
  if (slot === undefined || task === 'none' || task === 'arm') return;
  if (intent.task === 'none')
    return add('admission', 'writes down what is in hand', (n) => {
      n.desk.intent = { task, voter, count: countOf(s, task, voter) };
      n.desk.cleared = NO_INTENT;
    });
  if (!rules.voidBeforeJournal && !journalHas(s)) return add('admission', 'writes the journal', writeJournal);
  if (slot.state === 'armed')
    return add('admission', 'voids the card', (n) => {
      const card = cardAt(n, 'slot');
      if (card === undefined) return;
      card.state = 'blank';
      card.right = NONE;
    });
}

/** The card has answered: the journal follows where it must, then nothing is in hand. Also what a crash left. */
function endMoves({ s, rules, add }: Turn) {
  const { intent, task } = s.desk;
  const slot = cardAt(s, 'slot');
  if (intent.task === 'none') return;
  if (intent.task === 'arm') {
    const line = voterOf(s, intent.voter);
    const awaitsCard = line.armings === intent.count && cardsOut(line) === 1;
    if (task === 'none' && rules.journalBeforeArming && !awaitsCard)
      return add('admission', 'drops what was not begun or is over', (n) => finish(n, rules));
    if (slot?.state === 'armed') {
      if (!journalHas(s)) return add('admission', 'writes the journal', writeJournal);
      return add('admission', 'finds the card armed: done', (n) => finish(n, rules));
    }
    if (task === 'none') interruptedArming({ s, rules, add }, slot);
    return;
  }
  if (task === 'none' && journalHas(s)) return add('admission', 'finds it done', (n) => finish(n, rules));
  if (slot === undefined) {
    const gone = intent.voter !== NONE && voterOf(s, intent.voter).at !== 'desk';
    if (task === 'none' && gone)
      add('officers', 'say that the card was not given back', (n) => finish(n, rules));
    return;
  }
  if (slot.state !== 'armed') {
    if (!journalHas(s)) return add('admission', 'writes the journal', writeJournal);
    return add('admission', 'finds the card void: done', (n) => finish(n, rules));
  }
  if (task === 'none')
    add('admission', 'finds the card untouched: nothing was done', (n) => finish(n, rules));
}

/** A crash left an arming open, and the card does not lie there armed: the two roles say what they see. */
function interruptedArming({ s, rules, add }: Turn, slot: Card | undefined): void {
  const { voter } = s.desk.intent;
  if (!rules.interruptedArmingHasExits || slot !== undefined) return;
  if (has(s.truth.armed, rightOf(s, voter))) {
    if (cardOf(s, voter)?.state !== 'armed' || voterOf(s, voter).at !== 'desk')
      add('officers', 'say that the card was handed over', (n) => finish(n, rules));
  } else if (voterOf(s, voter).at !== 'desk')
    add('officers', 'say that she left without a card', (n) => {
      const line = voterOf(n, voter);
      line.armings--;
      line.line = cardsOut(line) === 0 && line.spoiled === 0 ? 'released' : line.line;
      line.claimed = false;
      finish(n, rules);
      n.desk.cleared = NO_INTENT;
    });
}

/** Hands at the desk: cards change hands when nothing is in hand with them. */
function handMoves({ s, add }: Turn): void {
  const { desk } = s;
  const slot = cardAt(s, 'slot');
  if (slot !== undefined && desk.task === 'none') {
    const at = s.cards.indexOf(slot);
    const owner = slot.right === NONE ? NONE : Math.floor(slot.right / RIGHTS_PER_VOTER);
    const mayTake = desk.intent.task === 'none' && desk.up;
    if (slot.state === 'armed' && mayTake && s.voters[owner]?.at === 'desk')
      add('voter', 'takes her armed card', (n) => moveCard(n.cards[at] as Card, 'hand', owner));
    else if (slot.state === 'armed' && mayTake)
      add('officers', 'keep the card of somebody who is gone', (n) =>
        moveCard(n.cards[at] as Card, 'officer'),
      );
    else if (slot.state !== 'armed' && (mayTake || desk.intent.task === 'arm'))
      add('officers', 'put the card back on the stack', (n) => moveCard(n.cards[at] as Card, 'stack'));
  }
  // A card that she pulled out of the slot in the middle of its arming is laid again.
  s.cards.forEach((card, at) => {
    const { intent } = desk;
    if (card.at !== 'hand' || slot !== undefined || intent.task === 'none' || desk.task !== 'none') return;
    if (card.holder === intent.voter && voterOf(s, card.holder).at === 'desk' && card.state === 'armed')
      add('officers', 'lay the same card again', (n) => moveCard(n.cards[at] as Card, 'slot'));
  });
}

export function admissionMoves(turn: Turn): void {
  const { s, add } = turn;
  handMoves(turn);
  if (s.desk.cleared.task !== 'none')
    add('admission', 'the disk is synced', (n) => {
      n.desk.cleared = NO_INTENT;
    });
  if (!s.desk.up) return;
  approveMoves(turn);
  armMoves(turn);
  takeBackMoves(turn);
  endMoves(turn);
  replaceWithoutCard(turn);
  s.voters.forEach((voter, v) => {
    const busyWithHer = s.desk.voter === v || s.desk.intent.voter === v;
    const mayHaveOne = voter.line === 'admitted' && voter.armings < RIGHTS_PER_VOTER;
    if (voter.at === 'desk' && cardOf(s, v) === undefined && !busyWithHer && !mayHaveOne)
      if (!s.cards.some((card) => card.at === 'slot' && card.state === 'armed'))
        add('voter', 'leaves without a card', (n) => {
          voterOf(n, v).at = 'home';
          voterOf(n, v).walked = voter.line === 'admitted';
        });
    if (voter.at === 'outside' && s.station.phase === 'open')
      add('voter', 'comes to the desk', (n) => {
        voterOf(n, v).at = 'desk';
      });
  });
}

/** Only in a broken protocol: "my card is broken", and nothing is laid on the table. */
function replaceWithoutCard({ s, rules, add }: Turn): void {
  if (rules.replacedAgainstCard || s.desk.intent.task !== 'none' || s.desk.task !== 'none') return;
  s.voters.forEach((voter, v) => {
    if (voter.at === 'home')
      add('voter', 'comes back to the desk', (n) => {
        voterOf(n, v).at = 'desk';
      });
    const again = voter.at === 'desk' && cardOf(s, v) === undefined && voterAtBox(s) !== v;
    if (again && cardsOut(voter) === 1 && voter.armings < RIGHTS_PER_VOTER)
      add('officers', 'write off a card that nobody laid down', (n) => {
        voterOf(n, v).spoiled++;
      });
  });
}

/** Where the desk is not explored: a card that cannot be used goes home with its voter, and stays outstanding. */
export function homeMoves({ s, add }: Turn): void {
  s.voters.forEach((voter, v) => {
    if (voter.at !== 'desk' || (cardOf(s, v)?.torn ?? false)) return;
    add('voter', 'goes home without voting', (n) => {
      voterOf(n, v).at = 'home';
      voterOf(n, v).walked = true;
    });
  });
}
