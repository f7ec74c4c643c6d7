/** The model of the cast within its short bounds; `npm run lab -- model` walks the long ones. */
import { describe, expect, test } from 'vitest';
import { encodedBytes, fingerprint, takeFingerprint } from '../src/model/encode.ts';
import { explore } from '../src/model/explore.ts';
import { successors } from '../src/model/moves.ts';
import { PROPERTIES } from '../src/model/properties.ts';
import { type Bounds, broken, SOUND } from '../src/model/rules.ts';
import { BREAKAGES, SCENARIOS, scenario } from '../src/model/scenarios.ts';
import { type State, startState } from '../src/model/state.ts';

const STATES_MAX = 200_000;
const SHORT = SCENARIOS.filter(({ short }) => short);

describe('the protocol as it is meant', () => {
  test.each(
    SHORT.map((bounds) => [bounds.name, bounds] as const),
  )('%s: every property holds', (_, bounds) => {
    const { violation, complete, states, ends } = explore({ bounds, rules: SOUND, statesMax: STATES_MAX });
    expect(violation?.trace.map(({ name }) => name) ?? []).toEqual([]);
    expect(complete).toBe(true);
    expect(states).toBeGreaterThan(5_000);
    expect(ends).toBeGreaterThan(0);
  });

  test('one rule less at the wire is enough where frames keep their order', () => {
    const rules = broken(['helloEndsBegun', 'refusedPrintEndsBegun']);
    const { violation } = explore({ bounds: scenario('cast_short'), rules, statesMax: STATES_MAX });
    expect(violation).toBeUndefined();
  });
});

describe('a broken protocol is caught', () => {
  test.each(BREAKAGES.map((one) => [one.rules.join(' and '), one] as const))('without %s', (_, one) => {
    const { violation } = explore({
      bounds: scenario(one.scenario),
      rules: broken(one.rules),
      statesMax: STATES_MAX,
    });
    expect(violation?.property).toBe(one.caughtBy);
    expect(violation?.trace.length).toBeGreaterThan(0);
  });

  test('every rule is broken somewhere', () => {
    const rules = new Set(BREAKAGES.flatMap((one) => one.rules));
    expect([...rules].sort()).toEqual(Object.keys(SOUND).sort());
  });

  // A nearer property is mostly seen first; looked at alone, each of these sees what it is there for.
  test.each([
    ['vote_not_doubled', 'spentIsRemembered', 'correction_short'],
    ['recorders_agree', 'pendingKeptOverRestart', 'cast_short'],
    ['rest_is_reachable', 'windowProvesFall', 'cast_short'],
  ] as const)('%s alone catches a protocol without %s', (property, rule, name) => {
    const { violation } = explore({
      bounds: scenario(name),
      rules: broken([rule]),
      only: new Set([property]),
      statesMax: STATES_MAX,
    });
    expect(violation?.property).toBe(property);
  });

  test('every property catches something', () => {
    const catching = new Set<string>([
      ...BREAKAGES.map(({ caughtBy }) => caughtBy),
      'vote_not_doubled',
      'recorders_agree',
      'rest_is_reachable',
    ]);
    expect([...catching].sort()).toEqual(Object.keys(PROPERTIES).sort());
  });
});

describe('the explorer itself', () => {
  const tiny: Bounds = { ...scenario('cast_short'), faults: 0 };

  /** A walk through the model that takes the first move whose name starts with each word. */
  function walk(start: State, bounds: Bounds, names: readonly string[]): State {
    return names.reduce((s, name) => {
      const move = successors(s, SOUND, bounds).find((one) => one.name.startsWith(name));
      if (move === undefined) throw new Error(`${name} is not possible`);
      return move.next;
    }, start);
  }

  test('exchanging the voters changes the bytes and not the number', () => {
    const bounds = scenario('queue_short');
    const goes = (who: number): State => {
      const s = startState(bounds);
      const moves = successors(s, SOUND, bounds).filter(({ name }) => name === 'goes to the box');
      return (moves[who] as { next: State }).next;
    };
    const [first, second] = [goes(0), goes(1)];
    expect(encodedBytes(first, [0, 1])).not.toEqual(encodedBytes(second, [0, 1]));
    expect(encodedBytes(first, [1, 0])).toEqual(encodedBytes(second, [0, 1]));
    takeFingerprint(first);
    const number = { ...fingerprint };
    takeFingerprint(second);
    expect({ ...fingerprint }).toEqual(number);
  });

  test('different states along a whole vote have different numbers, and no field is forgotten', () => {
    const names = [
      'goes',
      'lays',
      'sends BEGIN',
      'takes',
      'hears',
      'presses the first',
      'sends PRINT',
      'takes',
    ];
    const numbers = new Set<string>();
    names.reduce((s, name) => {
      const next = walk(s, tiny, [name]);
      takeFingerprint(next);
      numbers.add(`${fingerprint.high} ${fingerprint.low}`);
      return next;
    }, startState(tiny));
    expect(numbers.size).toBe(names.length);
  });

  test('the numbers stand for the states: as many as there are different encodings', () => {
    const bounds = scenario('queue_short');
    const exact = new Set<string>();
    const add = (s: State): void => {
      const both = [encodedBytes(s, [0, 1]), encodedBytes(s, [1, 0])].map((bytes) => bytes.join());
      exact.add(both.sort()[0] as string);
    };
    add(startState(bounds));
    const onMove = (_: State, { next }: { readonly next: State }): void => add(next);
    const { states } = explore({ bounds, rules: SOUND, statesMax: STATES_MAX, onMove });
    expect(states).toBe(exact.size);
  });

  test('the bound on states is kept and said', () => {
    const { complete, states } = explore({ bounds: scenario('cast_short'), rules: SOUND, statesMax: 500 });
    expect(complete).toBe(false);
    expect(states).toBeLessThan(5_000);
  });

  test('a trace is the shortest: no scenario of fewer faults shows the breakage earlier', () => {
    const one = explore({
      bounds: scenario('cast_short'),
      rules: broken(['pendingKeptOverRestart']),
      statesMax: STATES_MAX,
    });
    const fewer = explore({
      bounds: { ...scenario('cast_short'), faults: 0 },
      rules: broken(['pendingKeptOverRestart']),
      statesMax: STATES_MAX,
    });
    expect(one.violation?.trace.filter(({ actor }) => actor === 'fault')).toHaveLength(1);
    expect(fewer.violation).toBeUndefined();
  });
});
