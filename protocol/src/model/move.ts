/** One step of one party. */
import type { Rules } from './rules.ts';
import { copy, FRAMES_MAX, type Frame, type Kind, type State, type Word } from './state.ts';

export type Actor = 'voter' | 'officers' | 'admission' | 'station' | 'box' | 'metal' | 'wire' | 'fault';

export interface Move {
  readonly actor: Actor;
  readonly name: string;
  readonly next: State;
}

/** The state that a party finds, the rules in force, and where its possible steps go. */
export interface Turn {
  readonly s: State;
  readonly rules: Rules;
  /** `change` works on a copy of the state. */
  add(actor: Actor, name: string, change: (next: State) => void): void;
}

export function turnOf(s: State, rules: Rules): { readonly turn: Turn; readonly moves: Move[] } {
  const moves: Move[] = [];
  const add: Turn['add'] = (actor, name, change) => {
    const next = copy(s);
    change(next);
    moves.push({ actor, name, next });
  };
  return { turn: { s, rules, add }, moves };
}

/** From the station; the caller has seen that there is room. Earlier requests are no longer waited for. */
export function sendRequest(n: State, kind: Kind, ballot: number): void {
  makeStale(n);
  n.station.request = kind;
  if (n.plugged && n.box.on && n.box.life !== 'lost')
    n.toBox.push({ kind, word: 'ask', ballot, stale: false });
}

export function makeStale(n: State): void {
  const stale = (frame: Frame): Frame => (frame.stale ? frame : { ...frame, stale: true });
  n.toBox = n.toBox.map(stale);
  n.toStation = n.toStation.map(stale);
  n.held = n.held.map(stale);
  if (n.box.owes === 'fresh') n.box.owes = 'stale';
}

/**
 * From the box. What comes before the link is up is dropped there, and an event that finds no room is lost: all that it
 * says can be asked.
 */
export function sendReply(n: State, kind: Kind, word: Word, ballot: number, stale: boolean): void {
  if (!n.plugged || !n.station.link || n.toStation.length >= FRAMES_MAX) return;
  n.toStation.push({ kind, word, ballot, stale });
}
