/**
 * Every state has a name for each of its parties, and a code that tells the officers what to do. Both are made from
 * what the station's own processes can know: their disks and memories, and what the box tells them. The codes are
 * those of station-app/src/contract (a test compares).
 */
import { cardAt, NONE, type State, voterAtBox } from './state.ts';

export type Who = 'voting' | 'admission';

export interface Instruction {
  readonly who: Who;
  /** `next.CODE`, or `refusal.core_gone` where the process itself is down */
  readonly code: string;
}

/** What the box would tell: undefined where nobody can ask it. */
function told(s: State): { readonly jammed: boolean; readonly busy: boolean } | undefined {
  if (!s.station.up || !s.station.link || !s.box.on || !s.box.proved || !s.plugged) return undefined;
  const { window } = s.paper;
  return {
    jammed: s.box.step === 'settle' && (window === 'jam' || window === 'torn'),
    busy: ['commit', 'burn', 'settle', 'overprint', 'falling', 'printed'].includes(s.box.step),
  };
}

export function stationName(s: State): string {
  const { station } = s;
  if (!station.up) return station.pending === NONE ? 'process_down' : 'process_down_ballot_open';
  if (!station.link) return station.pending === NONE ? 'box_lost' : 'ballot_unresolved';
  if (station.cast !== 'idle') return `ballot_${station.cast}`;
  if (station.closing) return 'closing';
  if (station.session !== 'none') return `voter_${station.session}`;
  return { loaded: 'loaded', open: 'open', doors: 'doors_closed', closed: 'closed' }[station.phase];
}

export function boxName(s: State): string {
  const { box, paper } = s;
  if (box.life === 'lost') return 'lost';
  if (!box.on) {
    if (box.entry.ballot !== NONE) return `dark_intent_${box.entry.at}`;
    return box.row === 'none'
      ? `dark_${box.life}`
      : `dark_paper_${box.row}${box.dropping ? '_dropping' : ''}`;
  }
  if (box.step === 'settle' && (paper.window === 'jam' || paper.window === 'torn'))
    return `jammed_${box.row}`;
  if (box.step === 'boot' || box.step === 'commit')
    return `${box.step}_${box.entry.ballot === NONE ? 'no_intent' : box.entry.at}`;
  if (box.step === 'settle') return `settling_${box.row}`;
  return box.step === 'idle' ? box.life : box.step;
}

export function deskName(s: State): string {
  const { desk } = s;
  const { task } = desk.intent;
  if (!desk.up) return task === 'none' ? 'process_down' : `process_down_${task}_in_hand`;
  if (task === 'none') return desk.task === 'none' ? 'desk_free' : `${desk.task}_approved`;
  if (desk.task !== 'none') return `${task}_in_hand`;
  return task === 'arm' ? 'arming_interrupted' : 'taking_back_interrupted';
}

function castCode(s: State): string {
  const { station } = s;
  switch (station.cast) {
    case 'sealed':
    case 'printing':
      return 'voter_watches_printing';
    case 'in_window':
      return voterAtBox(s) < 0 ? 'approve_abandon' : 'voter_presses_green';
    default:
      return 'wait_for_reconciliation';
  }
}

function sessionCode(s: State): string {
  const { station } = s;
  switch (station.session) {
    case 'choosing':
      return 'voter_chooses';
    case 'paper':
    case 'cast':
    case 'rejected':
    case 'refused':
    case 'ended':
      return voterAtBox(s) < 0 ? 'take_refused_card' : 'voter_takes_card';
    default:
      if (station.phase === 'doors') return 'let_queue_vote_then_close';
      return station.phase === 'closed' ? 'run_count' : 'wait_for_voter';
  }
}

export function votingInstruction(s: State): Instruction {
  const { station, box } = s;
  const of = (code: string): Instruction => ({ who: 'voting', code });
  if (!station.up) return of('core_gone');
  if (box.life === 'lost') return of('replace_box');
  const box_ = told(s);
  if (box_ === undefined) return of(s.plugged && box.on ? 'wait_for_box' : 'connect_box');
  if (box_.jammed) return of('clear_jam');
  if (station.cast !== 'idle') return of(castCode(s));
  if (box_.busy) return of('wait_for_box');
  if (station.phase === 'loaded') return of(station.request === 'open' ? 'approve_opening' : 'begin_opening');
  if (station.closing) return of('approve_closing');
  return of(sessionCode(s));
}

export function admissionInstruction(s: State): Instruction {
  const { desk, station } = s;
  const of = (code: string): Instruction => ({ who: 'admission', code });
  if (!desk.up) return of('core_gone');
  const slot = cardAt(s, 'slot');
  if (desk.intent.task !== 'none') {
    if (desk.task !== 'none') return of('wait_for_card');
    return of(desk.intent.task === 'arm' ? 'lay_same_tarefe' : 'lay_tarefe_to_take_back');
  }
  if (desk.task === 'arm') return of(slot?.state === 'armed' ? 'hand_over_tarefe' : 'wait_for_card');
  if (desk.task !== 'none') return of('wait_for_card');
  if (slot?.state === 'armed') return of('hand_over_tarefe');
  if (station.phase === 'closed') return of('make_summary');
  return of(station.phase === 'doors' ? 'admit_people_inside' : 'lay_document');
}

/** The human steps that a code asks for, by the names of the model's moves; the codes not listed ask for patience. */
export const STEPS_OF_CODE: Readonly<Record<string, readonly string[]>> = {
  core_gone: ['starts again'],
  replace_box: ['connect the replacement box'],
  connect_box: ['switch the box on', 'plug the cable in'],
  wait_for_box: [],
  clear_jam: ['clear the jam'],
  voter_watches_printing: [],
  voter_presses_green: ['presses green', 'presses correction', 'lays her card'],
  approve_abandon: ['approve that the paper is kept back'],
  wait_for_reconciliation: [],
  begin_opening: ['approve the opening'],
  approve_opening: ['approve the opening'],
  approve_closing: [],
  voter_chooses: ['presses the first green: sealed', 'gives up before printing'],
  voter_takes_card: ['takes her card', 'leaves; the spent card stays with the officers'],
  take_refused_card: ['take the card left on the pad'],
  wait_for_voter: [
    'goes to the box',
    'lays her card',
    'goes back to the desk',
    'leaves',
    'close the doors',
    'takes her card',
  ],
  let_queue_vote_then_close: [
    'goes to the box',
    'lays her card',
    'goes back to the desk',
    'leaves',
    'approve the closing',
    'takes her card',
  ],
  run_count: ['the day is over'],
  wait_for_card: [],
  lay_same_tarefe: [
    'lay the same card again',
    'lay a card and approve its arming',
    'put the card back on the stack',
    'say that the card was handed over',
    'say that she left without a card',
  ],
  lay_tarefe_to_take_back: ['lay the same card again', 'say that the card was not given back'],
  hand_over_tarefe: ['takes her armed card', 'keep the card of somebody who is gone'],
  lay_document: [
    'goes home without voting',
    'leaves without a card',
    'comes to the desk',
    'lay a card',
    'take a card back',
    'approve the voiding',
    'put the card back',
  ],
  admit_people_inside: [
    'goes home without voting',
    'leaves without a card',
    'lay a card',
    'take a card back',
    'approve the voiding',
    'put the card back',
  ],
  make_summary: [
    'goes home without voting',
    'put the card back',
    'leaves without a card',
    'approve the voiding',
  ],
};
