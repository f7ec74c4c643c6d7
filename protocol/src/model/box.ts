/** The box: what it answers, and what it does by itself with card, flash and paper. firmware-host/core/cast. */
import { sendReply, type Turn } from './move.ts';
import type { Rules } from './rules.ts';
import {
  BALLOTS_PER_VOTER,
  bit,
  cardAt,
  FRAMES_MAX,
  type Frame,
  has,
  NO_ENTRY,
  NONE,
  RECORDS_PER_VOTE,
  rightIsUsed,
  type State,
  type Voter,
  voterOfRight,
  type Word,
} from './state.ts';

const NO_HAND = { right: NONE, ballot: NONE };
const NO_FATE = { ballot: NONE, fate: 'none' } as const;

/** A card that was spent here and escaped its burning is burnt as soon as the box sees it. */
export function lookAtCard(n: State, rules: Rules): void {
  const card = cardAt(n, 'pad');
  if (!rules.looksAtEveryCard || card === undefined || !n.box.on || n.box.step === 'boot') return;
  const used = rules.spentIsRemembered && rightIsUsed(n.box, card.right);
  if (card.state === 'armed' && used) card.state = 'spent';
  card.torn = false;
}

function outcomeOf(n: State, rules: Rules, ballot: number): Word {
  const { box } = n;
  const burning = box.hand.ballot === ballot && (box.step === 'commit' || box.step === 'burn');
  if (burning && rules.castToldAfterBurn) return 'in_window';
  if ((box.rows[ballot] as number) >= RECORDS_PER_VOTE)
    return box.life === 'closed' ? 'cast_unsigned' : 'cast';
  if (box.hand.ballot === ballot && box.step === 'printing') return 'printing';
  if (box.hand.ballot === ballot && box.step !== 'idle' && box.step !== 'begun') return 'in_window';
  return box.last.ballot === ballot && box.last.fate !== 'none' ? box.last.fate : 'unknown';
}

const paperBusy = (n: State): boolean =>
  (n.box.step !== 'idle' && n.box.step !== 'begun') || n.paper.window !== 'empty';

function answerBegin(n: State, rules: Rules): Word {
  const { box } = n;
  if (box.life !== 'open') return 'refused';
  if (paperBusy(n)) return 'busy';
  const card = cardAt(n, 'pad');
  if (card === undefined) return 'refused';
  box.step = 'idle';
  box.hand = NO_HAND;
  card.torn = false;
  if (card.state !== 'armed') return 'refused';
  if (rules.spentIsRemembered && rightIsUsed(box, card.right)) {
    card.state = 'spent';
    return 'refused';
  }
  // Whose ballot it is, is the model's own knowledge: she seals at most BALLOTS_PER_VOTER (the corrections' limit).
  const voter = voterOfRight(card.right);
  const made = (n.voters[voter] as Voter).ballots;
  if (made >= BALLOTS_PER_VOTER) return 'refused';
  box.step = 'begun';
  box.hand = { right: card.right, ballot: voter * BALLOTS_PER_VOTER + made };
  return 'begun';
}

/** The answer to PRINT where there is one at once; otherwise it is owed until the paper stands in the window. */
function answerPrint(n: State, rules: Rules, frame: Frame): Word | undefined {
  const { box } = n;
  if (box.life !== 'open') return 'refused';
  if (rules.printIsIdempotent) {
    const outcome = outcomeOf(n, rules, frame.ballot);
    if (outcome !== 'unknown') {
      if (outcome === 'printing') box.owes = frame.stale ? 'stale' : 'fresh';
      return outcome;
    }
    if (box.step !== 'begun') return 'refused';
  } else if (!['begun', 'printed', 'in_window'].includes(box.step)) return 'refused';
  const card = cardAt(n, 'pad');
  if (box.hand.ballot !== frame.ballot) return 'refused';
  if (card?.right !== box.hand.right || card.state !== 'armed') {
    if (rules.refusedPrintEndsBegun && box.step === 'begun') {
      box.step = 'idle';
      box.hand = NO_HAND;
    }
    return 'refused';
  }
  box.step = 'printing';
  box.owes = frame.stale ? 'stale' : 'fresh';
  box.owedKind = 'print';
  return undefined;
}

function answerAbandon(n: State, frame: Frame): Word | undefined {
  const { box } = n;
  const underWay = box.row === 'retained' && box.hand.ballot !== NONE;
  if (box.step !== 'in_window' && !underWay) return 'refused';
  if (!underWay) {
    box.row = 'retained';
    box.step = 'settle';
  }
  box.owes = frame.stale ? 'stale' : 'fresh';
  box.owedKind = 'abandon';
  return undefined;
}

function answer(n: State, rules: Rules, frame: Frame): Word | undefined {
  const { box } = n;
  if (!box.proved) return 'not_proved';
  switch (frame.kind) {
    case 'begin':
      return answerBegin(n, rules);
    case 'print':
      return answerPrint(n, rules, frame);
    case 'outcome':
      return outcomeOf(n, rules, frame.ballot);
    case 'abandon':
      return answerAbandon(n, frame);
    case 'open':
      // The kept request has the same answer for ever.
      if (box.life === 'open' || box.life === 'closed') return 'opened';
      if (box.life !== 'loaded' || !box.prepared) return 'refused';
      box.life = 'open';
      box.prepared = false;
      return 'opened';
    case 'close':
      if (box.life === 'closed') return 'closed';
      if (box.life !== 'open' || paperBusy(n) || box.row !== 'none') return 'refused';
      box.life = 'closed';
      box.step = 'idle';
      box.hand = NO_HAND;
      return 'closed';
  }
}

function receive({ s, rules, add }: Turn): void {
  const frame = s.toBox[0];
  if (frame === undefined || !s.box.on || s.toStation.length >= FRAMES_MAX) return;
  if (s.box.step === 'boot' && rules.recoverBeforeAnswer) return;
  add('box', `takes ${frame.kind}`, (n) => {
    n.toBox.shift();
    const word = answer(n, rules, frame);
    const ballot = word === 'begun' ? n.box.hand.ballot : frame.ballot;
    if (word !== undefined) sendReply(n, frame.kind, word, ballot, frame.stale);
  });
}

function payOwed(n: State, word: Word, ballot: number): void {
  if (n.box.owes === 'nothing') return;
  sendReply(n, n.box.owedKind, word, ballot, n.box.owes === 'stale');
  n.box.owes = 'nothing';
}

/** Every one of these is one word of flash; power may fail between any two. */
function commit({ s, rules, add }: Turn) {
  const { entry, hand } = s.box;
  if (entry.ballot === NONE)
    return add('box', 'writes the intent', (n) => {
      n.box.entry = { ballot: hand.ballot, right: hand.right, at: 'prepared', words: 0 };
    });
  if (entry.at === 'prepared')
    return add('box', 'writes the bodies', (n) => {
      n.box.entry = { ...entry, at: 'bodies' };
    });
  if (entry.at === 'bodies' && rules.oneCommitWord)
    return add('box', 'programs the commit word', (n) => {
      n.box.entry = { ...entry, at: 'commit' };
      n.truth.committed |= bit(entry.ballot);
    });
  rollForward({ s, rules, add });
}

/** What the commit word promised: the next word that is missing. The same in a run and at boot. */
function rollForward({ s, rules, add }: Turn): void {
  const { entry, spent, row } = s.box;
  if (entry.words < RECORDS_PER_VOTE)
    add('box', `programs slot word ${entry.words + 1}`, (n) => {
      n.box.entry = { ...entry, words: entry.words + 1 };
      n.box.rows[entry.ballot] = (n.box.rows[entry.ballot] as number) + 1;
      n.truth.committed |= bit(entry.ballot);
    });
  else if (!has(spent, entry.right))
    add('box', 'remembers the card as spent', (n) => {
      n.box.spent |= bit(entry.right);
    });
  else if (row === 'window')
    add('box', 'marks the paper for the bin', (n) => {
      n.box.row = 'bin';
    });
  else
    add('box', 'clears the intent', (n) => {
      n.box.entry = NO_ENTRY;
      if (n.box.step === 'commit') n.box.step = rules.commitBeforeBurn ? 'burn' : 'settle';
    });
}

function recover(turn: Turn): void {
  const { s, rules, add } = turn;
  const { entry } = s.box;
  if (entry.ballot === NONE) {
    add('box', 'has booted; looks at the pad and the window', (n) => {
      n.box.step = 'settle';
      lookAtCard(n, rules);
    });
  } else if (entry.at !== 'commit') {
    add('box', 'undoes the intent', (n) => {
      n.box.spoiled += entry.at === 'bodies' ? RECORDS_PER_VOTE : 0;
      n.box.entry = NO_ENTRY;
    });
  } else rollForward(turn);
}

function finishPaper(n: State, rules: Rules): void {
  const { box } = n;
  const fate = box.row;
  if (fate === 'bin') box.counted.bin++;
  if (fate === 'rejected') box.counted.rejected++;
  if (fate === 'retained') box.counted.retained++;
  const ballot = box.hand.ballot;
  box.row = 'none';
  box.dropping = false;
  if (ballot !== NONE && fate === 'bin') {
    if (!rules.countFromSlots) box.count++;
    if (box.proved) sendReply(n, 'outcome', 'event', ballot, false);
  }
  if (ballot !== NONE && (fate === 'rejected' || fate === 'retained')) {
    box.last = { ballot, fate };
    if (fate === 'rejected' && box.proved) sendReply(n, 'outcome', 'event', ballot, false);
  }
  if (fate === 'retained') payOwed(n, 'retained', ballot);
  box.owes = 'nothing';
  box.hand = NO_HAND;
  box.step = 'idle';
}

/** Where a paper whose fate is open gets one, from its word in flash and what the sensors see; in a run and at boot. */
function settle({ s, rules, add }: Turn): void {
  const { row, dropping, hand } = s.box;
  const { window, over } = s.paper;
  if (window === 'jam' || window === 'torn') return; // an officer's hand
  if (window === 'empty') {
    if (row === 'none')
      add('box', 'finds the window empty', (n) => {
        n.box.step = 'idle';
        n.box.hand = NO_HAND;
      });
    else if (dropping) add('box', 'counts the fallen paper', (n) => finishPaper(n, rules));
    else
      add('box', 'counts the paper as lost', (n) => {
        n.box.counted.lost++;
        n.box.row = 'none';
        n.box.step = 'idle';
        n.box.hand = NO_HAND;
      });
  } else if (row === 'none')
    add('box', 'finds a paper without a word', (n) => {
      n.box.row = 'window';
    });
  else if (row === 'window' && hand.ballot === NONE)
    add('box', rules.bootRejectsUncommitted ? 'rejects the uncommitted paper' : 'takes it for cast', (n) => {
      n.box.row = rules.bootRejectsUncommitted ? 'rejected' : 'bin';
    });
  else if (row === 'rejected' && !over && rules.correctionOverprints)
    add('box', 'asks for overprinting', (n) => {
      n.box.step = 'overprint';
    });
  else if (!dropping)
    add('box', 'marks the drop', (n) => {
      n.box.dropping = true;
    });
  else
    add('box', 'asks the flap to open', (n) => {
      n.box.step = 'falling';
    });
}

function burn({ s, rules, add }: Turn): void {
  const { hand } = s.box;
  add('box', 'burns the card', (n) => {
    const card = cardAt(n, 'pad');
    if (card !== undefined && card.right === hand.right && card.state === 'armed') card.state = 'spent';
    n.box.step = rules.commitBeforeBurn ? 'settle' : 'commit';
  });
}

export function boxMoves(turn: Turn) {
  const { s, rules, add } = turn;
  const { box, paper } = s;
  if (box.life === 'lost' || !box.on) return;
  receive(turn);
  switch (box.step) {
    case 'boot':
      return recover(turn);
    case 'printed':
      return add('box', 'counts the paper in the window', (n) => {
        n.box.row = 'window';
        n.box.step = 'in_window';
        payOwed(n, 'in_window', n.box.hand.ballot);
      });
    case 'in_window':
      if (!rules.greenCommits)
        add('box', 'commits by itself', (n) => {
          n.box.step = 'commit';
        });
      return;
    case 'commit':
      return commit(turn);
    case 'burn':
      return burn(turn);
    case 'settle':
      return settle(turn);
    case 'falling':
      if (paper.window === 'empty' && (!paper.fallUnseen || rules.windowProvesFall))
        add('box', paper.fallUnseen ? 'looks at the window: the paper is gone' : 'sees the fall', (n) => {
          n.paper.fallUnseen = false;
          n.box.step = 'settle';
        });
  }
}

/** Printer, window and flap. They move only with power, and never by themselves. */
export function metalMoves({ s, add }: Turn): void {
  const { box, paper } = s;
  if (!box.on || box.life === 'lost') return;
  if (box.step === 'printing')
    add('metal', 'prints: the paper stands in the window', (n) => {
      if (paper.window !== 'empty') n.truth.wrong = 'a page printed onto a paper in the window';
      n.paper.window = 'paper';
      n.paper.ballot = box.hand.ballot;
      n.paper.over = false;
      n.box.step = 'printed';
    });
  if (box.step === 'overprint')
    add('metal', 'overprints', (n) => {
      n.paper.over = true;
      n.box.step = 'settle';
    });
  if (box.step === 'falling' && paper.window === 'paper') add('metal', 'drops the paper', fall);
}

export function fall(n: State): void {
  const { paper, box } = n;
  if (box.row === 'bin') {
    paper.bin[paper.ballot] = (paper.bin[paper.ballot] as number) + 1;
    if (paper.over) n.truth.wrong = 'an overprinted paper among the ballots';
  }
  if (box.row === 'rejected') {
    paper.rejected++;
    if (!paper.over) n.truth.wrong = 'a readable paper among the rejected';
  }
  if (box.row === 'retained') paper.retained++;
  paper.window = 'empty';
  paper.ballot = NONE;
  paper.over = false;
}

/** The voter's keys on the box. */
export function keyMoves({ s, rules, add }: Turn): void {
  const { box } = s;
  if (!box.on || !s.voters.some((voter) => voter.at === 'box')) return;
  const card = cardAt(s, 'pad');
  const cardIsThere = card?.state === 'armed' && card.right === box.hand.right;
  if (box.step === 'in_window' && (cardIsThere || !rules.greenNeedsCard))
    add('voter', 'presses green', (n) => {
      if (cardIsThere) n.truth.green |= bit(box.hand.ballot);
      n.box.last = NO_FATE;
      n.box.step = rules.commitBeforeBurn ? 'commit' : 'burn';
    });
  const mayCorrect = box.hand.ballot % BALLOTS_PER_VOTER < BALLOTS_PER_VOTER - 1;
  if (box.step === 'in_window' && mayCorrect)
    add('voter', 'presses correction', (n) => {
      n.box.row = 'rejected';
      n.box.step = 'settle';
    });
}
