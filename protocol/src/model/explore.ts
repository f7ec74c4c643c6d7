/**
 * Walks every state, nearest first: a broken property is shown by a shortest trace. Then it asks whether from every
 * state, without further faults, the day can be ended with everything settled.
 *
 * Kept of each state are its number, its parent and which of the parent's steps led here; the states themselves live
 * only while they are at the frontier. A trace is walked again from the start.
 */

import { fingerprint, takeFingerprint } from './encode.ts';
import type { Move } from './move.ts';
import { successors } from './moves.ts';
import { boxName, deskName, stationName } from './names.ts';
import { brokenProperty, isOver, type PropertyName } from './properties.ts';
import type { Bounds, Rules } from './rules.ts';
import { type State, startState } from './state.ts';

export interface TraceStep {
  readonly actor: string;
  readonly name: string;
}

export interface Violation {
  readonly property: PropertyName;
  readonly trace: readonly TraceStep[];
  readonly state: State;
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** names that were met: of station, box and desk */
  readonly names: { readonly station: string[]; readonly box: string[]; readonly desk: string[] };
  /** states in which everybody has gone home and everything is settled */
  readonly ends: number;
  readonly violation: Violation | undefined;
  /** false where `statesMax` ended the walk */
  readonly complete: boolean;
}

export interface ExploreOptions {
  readonly bounds: Bounds;
  readonly rules: Rules;
  /** the properties that are looked at; all where it is left out */
  readonly only?: ReadonlySet<PropertyName>;
  /** a bound on memory: about 40 bytes a state and 4 a transition */
  readonly statesMax: number;
  readonly onProgress?: (states: number, depth: number) => void;
  /** Every transition, once: for tests that hold the implementation to the model. */
  readonly onMove?: (from: State, move: Move) => void;
}

/** Numbers of 64 bits to indexes, open addressing in three typed arrays. */
class Seen {
  #high = new Uint32Array(1 << 16);
  #low = new Uint32Array(1 << 16);
  #index = new Int32Array(1 << 16).fill(-1);
  #size = 0;

  /** @returns the index under which this number stands, or −1 where it is new and now stands under `index` */
  add(high: number, low: number, index: number): number {
    if (this.#size * 2 > this.#index.length) this.#grow();
    const mask = this.#index.length - 1;
    let at = low & mask;
    for (; this.#index[at] !== -1; at = (at + 1) & mask)
      if (this.#low[at] === low && this.#high[at] === high) return this.#index[at] as number;
    this.#high[at] = high;
    this.#low[at] = low;
    this.#index[at] = index;
    this.#size++;
    return -1;
  }

  #grow(): void {
    const [high, low, index] = [this.#high, this.#low, this.#index];
    const length = index.length * 2;
    this.#high = new Uint32Array(length);
    this.#low = new Uint32Array(length);
    this.#index = new Int32Array(length).fill(-1);
    this.#size = 0;
    for (let i = 0; i < index.length; i++)
      if (index[i] !== -1) this.add(high[i] as number, low[i] as number, index[i] as number);
  }
}

/** Int32Array that grows. */
class Column {
  #values = new Int32Array(1 << 16);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const wider = new Int32Array(this.length * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.length++] = value;
  }

  at(i: number): number {
    return this.#values[i] as number;
  }
}

class Walk {
  readonly seen = new Seen();
  readonly parent = new Column();
  readonly via = new Column();
  /** targets of steps that are no faults, state after state; `edgesFrom` says where each state's begin */
  readonly edges = new Column();
  readonly edgesFrom = new Column();
  readonly over: number[] = [];
  readonly names = { station: new Set<string>(), box: new Set<string>(), desk: new Set<string>() };
  readonly #options: ExploreOptions;
  transitions = 0;

  constructor(options: ExploreOptions) {
    this.#options = options;
  }

  /** @returns the index of a new state, or −1 − index where it is known */
  enter(s: State, parent: number, via: number): number {
    takeFingerprint(s);
    const index = this.parent.length;
    const known = this.seen.add(fingerprint.high, fingerprint.low, index);
    if (known >= 0) return -1 - known;
    this.parent.push(parent);
    this.via.push(via);
    return index;
  }

  /** Looks at one state and enters its successors. @returns the property that it breaks, if it does */
  visit(s: State, index: number, next: State[], nextIndex: number[]): PropertyName | undefined {
    const { bounds, rules } = this.#options;
    const moves = successors(s, rules, bounds);
    const machines = moves.filter(({ actor }) => !['voter', 'officers', 'fault'].includes(actor)).length;
    const people = moves.filter(({ actor }) => actor === 'voter' || actor === 'officers');
    const repairs = moves.filter(({ name }) => name === 'starts again').length;
    const around = {
      machines: machines - repairs,
      people: [...people.map(({ name }) => name), ...(repairs > 0 ? ['starts again'] : [])],
      bounds,
    };
    const broken = brokenProperty(s, rules, around, this.#options.only);
    if (broken !== undefined) return broken;
    this.names.station.add(stationName(s));
    this.names.box.add(boxName(s));
    this.names.desk.add(deskName(s));
    if (isOver(s, bounds)) this.over.push(index);
    this.edgesFrom.push(this.edges.length);
    moves.forEach((move, via) => {
      this.transitions++;
      this.#options.onMove?.(s, move);
      const entered = this.enter(move.next, index, via);
      if (entered >= 0) {
        next.push(move.next);
        nextIndex.push(entered);
      }
      if (move.actor !== 'fault') this.edges.push(entered >= 0 ? entered : -1 - entered);
    });
    return undefined;
  }

  /** A state from which the end cannot be reached without further faults: the nearest one, or −1. */
  stranded(): number {
    const states = this.edgesFrom.length;
    const reaches = new Uint8Array(states);
    for (const index of this.over) reaches[index] = 1;
    // Steps lead mostly to later states, so that going backwards settles nearly all in few rounds.
    for (let changed = true; changed; ) {
      changed = false;
      for (let index = states - 1; index >= 0; index--) {
        if (reaches[index] === 1) continue;
        const end = index + 1 < states ? this.edgesFrom.at(index + 1) : this.edges.length;
        for (let edge = this.edgesFrom.at(index); edge < end; edge++)
          if (reaches[this.edges.at(edge)] === 1) {
            reaches[index] = 1;
            changed = true;
            break;
          }
      }
    }
    return reaches.indexOf(0);
  }

  trace(index: number): { readonly trace: readonly TraceStep[]; readonly state: State } {
    const { bounds, rules } = this.#options;
    const vias: number[] = [];
    for (let at = index; this.parent.at(at) >= 0; at = this.parent.at(at)) vias.unshift(this.via.at(at));
    let state = startState(bounds);
    const trace = vias.map((via) => {
      const move = successors(state, rules, bounds)[via] as Move;
      state = move.next;
      return { actor: move.actor, name: move.name };
    });
    return { trace, state };
  }
}

export function explore(options: ExploreOptions): Exploration {
  const walk = new Walk(options);
  let frontier = [startState(options.bounds)];
  let indexes = [walk.enter(frontier[0] as State, -1, 0)];
  let depth = 0;
  let found: { property: PropertyName; index: number } | undefined;
  let complete = true;
  while (frontier.length > 0 && found === undefined) {
    const next: State[] = [];
    const nextIndexes: number[] = [];
    for (let i = 0; i < frontier.length && found === undefined; i++) {
      const index = indexes[i] as number;
      const property = walk.visit(frontier[i] as State, index, next, nextIndexes);
      if (property !== undefined) found = { property, index };
    }
    options.onProgress?.(walk.parent.length, depth);
    if (walk.parent.length > options.statesMax) {
      complete = false;
      break;
    }
    frontier = next;
    indexes = nextIndexes;
    depth++;
  }
  if (found === undefined && complete && options.only?.has('rest_is_reachable') !== false) {
    const stranded = walk.stranded();
    if (stranded >= 0) found = { property: 'rest_is_reachable', index: stranded };
  }
  const sorted = (names: Set<string>): string[] => [...names].sort();
  return {
    states: walk.parent.length,
    transitions: walk.transitions,
    depth,
    names: {
      station: sorted(walk.names.station),
      box: sorted(walk.names.box),
      desk: sorted(walk.names.desk),
    },
    ends: walk.over.length,
    violation: found && { property: found.property, ...walk.trace(found.index) },
    complete,
  };
}
