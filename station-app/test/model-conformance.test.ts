// The station held to the model of the cast (protocol/docs/CAST.md): whatever the model's station does on the way
// through all its states, the cast machine does too, with the same effect on the pending row.
import {
  type Bounds,
  explore,
  type State as ModelState,
  type Move,
  NONE,
  SOUND,
  STEPS_OF_CODE,
  scenario,
} from '@sandoq/protocol/model';
import { describe, expect, test } from 'vitest';
import { VOTING_NEXT_STEPS, VOTING_REFUSALS } from '../src/contract/codes.ts';
import { ADMISSION_NEXT_STEPS } from '../src/contract/codes-admission.ts';
import { type CastEvent, type CastState, castMachine } from '../src/machines/cast.ts';
import { pureMachine } from '../src/machines/pure.ts';

/** What is heard from the box, as the machine's events. */
const HEARD: Readonly<Record<string, CastEvent['type']>> = {
  cast: 'VOTE_CAST',
  rejected: 'BALLOT_REJECTED',
  retained: 'BALLOT_RETAINED',
  unknown: 'NOTHING_AT_BOX',
  in_window: 'PAPER_IN_WINDOW',
  printing: 'STILL_PRINTING',
  refused: 'ASK',
};

/** The model sends first and names the waiting afterwards; the machine calls both `asking`. */
function stateOf({ station }: ModelState): CastState {
  if (station.cast === 'idle' || station.cast === 'unresolved') return station.cast;
  if (station.cast === 'asking' || station.request === 'outcome') return 'asking';
  return station.cast === 'sealed' ? 'printing' : station.cast;
}

/** What the driver would tell the machine; undefined where it tells nothing. */
function eventOf(from: ModelState, move: Move): CastEvent['type'] | undefined {
  const { station } = from;
  const frame = from.toStation[0];
  if (move.name.startsWith('presses the first green')) return 'BALLOT_SEALED';
  if (move.name === 'finds the box silent' || move.name === 'finds that the box has restarted')
    return 'BOX_LOST';
  if (station.pending === NONE) return undefined;
  if (move.name === 'asks for the outcome' || move.name === 'links and proves') return 'ASK';
  if (!move.name.startsWith('hears ') || frame === undefined) return undefined;
  // Before PRINT is on its way an event can only be of an earlier ballot.
  if (frame.word === 'event') return station.cast === 'sealed' ? undefined : 'ASK';
  if (frame.stale || frame.kind !== station.request) return undefined;
  if (frame.kind === 'abandon') return 'ASK';
  return frame.kind === 'print' || frame.kind === 'outcome' ? HEARD[frame.word] : undefined;
}

const storedOf = ({ station }: ModelState): number => station.stored.reduce((sum, times) => sum + times, 0);

function effectsOf(from: ModelState, to: ModelState): readonly string[] {
  const before = from.station.pending;
  const after = to.station.pending;
  if (before === after) return [];
  if (before === NONE) return ['writePending'];
  return storedOf(to) > storedOf(from) ? ['storeRecords'] : ['clearPending'];
}

interface Edge {
  readonly from: CastState;
  readonly event: CastEvent['type'] | undefined;
  readonly to: CastState;
  readonly effects: readonly string[];
}

function edgesOf(bounds: Bounds): Map<string, Edge> {
  const edges = new Map<string, Edge>();
  explore({
    bounds,
    rules: SOUND,
    statesMax: 200_000,
    onMove: (from, move) => {
      if (!from.station.up || !move.next.station.up) return;
      // The link answers this by itself: it greets again, and only then is anything asked.
      if (move.name.endsWith('not_proved')) return;
      const edge = {
        from: stateOf(from),
        event: eventOf(from, move),
        to: stateOf(move.next),
        effects: effectsOf(from, move.next),
      };
      edges.set(JSON.stringify(edge), edge);
    },
  });
  return edges;
}

const EDGES = [...edgesOf(scenario('desk_and_box_short')), ...edgesOf(scenario('correction_short'))].map(
  ([, edge]) => edge,
);

describe('the cast machine', () => {
  test.each(
    EDGES.map((edge) => [`${edge.from} ${edge.event ?? 'told nothing'} ${edge.to}`, edge] as const),
  )('%s, as in the model', (_, { from, event, to, effects }) => {
    if (event === undefined) {
      expect({ state: to, effects }).toEqual({ state: from, effects: [] });
      return;
    }
    const step = pureMachine<CastState, CastEvent>(castMachine, from).peek({ type: event });
    expect({ state: step.state, effects: step.effects }).toEqual({ state: to, effects });
  });

  test('has no transition that the model never takes, but for answers that prove nothing and for proved events', () => {
    const taken = new Set(EDGES.map(({ from, event }) => `${from} ${event}`));
    const unused: string[] = [];
    for (const [name, state] of Object.entries(castMachine.states))
      for (const event of state.ownEvents)
        if (!taken.has(`${name} ${event}`)) unused.push(`${name} ${event}`);
    // An outcome event whose signatures hold is as good as an answer; in the model it only makes the station ask.
    const told = ['in_window VOTE_CAST', 'in_window BALLOT_REJECTED', 'in_window BALLOT_RETAINED'];
    const late = ['in_window NOTHING_AT_BOX', 'in_window PAPER_IN_WINDOW'];
    const unasked = ['printing BALLOT_RETAINED', 'printing NOTHING_AT_BOX'];
    const doubted = ['asking', 'in_window', 'printing'].map((name) => `${name} OUTCOME_DOUBTED`);
    expect(unused.sort()).toEqual([...told, ...late, ...unasked, ...doubted].sort());
  });

  test('starts again as the model does: unresolved over a pending row, else idle', () => {
    const seen = new Set<string>();
    explore({
      bounds: scenario('correction_short'),
      rules: SOUND,
      statesMax: 200_000,
      onMove: (from, { name, next }) => {
        if (name !== 'the voting process dies') return;
        seen.add(`${next.station.pending === NONE ? 'empty' : 'full'} ${stateOf(next)}`);
        expect(next.station.pending).toBe(from.station.pending);
      },
    });
    expect([...seen].sort()).toEqual(['empty idle', 'full unresolved']);
  });
});

test('every code of the model is one of the station', () => {
  const codes = new Set<string>([
    ...Object.keys(VOTING_NEXT_STEPS),
    ...Object.keys(ADMISSION_NEXT_STEPS),
    ...VOTING_REFUSALS.filter((code) => code === 'core_gone'),
  ]);
  expect(Object.keys(STEPS_OF_CODE).filter((code) => !codes.has(code))).toEqual([]);
});
