/**
 * Every transition of every machine, reached by paths that xstate makes from the machines themselves, and run through
 * what drives them in the processes. A machine, state or transition that nothing reaches fails here by its name.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type AnyEventObject,
  type AnyStateMachine,
  createActor,
  createMachine,
  initialTransition,
  StateMachine,
} from 'xstate';
import { admissionMachine } from '../src/machines/admission.ts';
import { castMachine } from '../src/machines/cast.ts';
import { closeMachine } from '../src/machines/close.ts';
import { pureMachine } from '../src/machines/pure.ts';
import { stationMachine } from '../src/machines/station.ts';
import { voterMachine } from '../src/machines/voter.ts';
import { ADMISSION_EVENTS } from './admission-events.ts';
import { declaredTransitions, machinePaths, unreached } from './machine-paths.ts';

const SOURCES = join(import.meta.dirname, '..', 'src');
const bare = (machine: AnyStateMachine): AnyEventObject[] => machine.events.map((type) => ({ type }));

/** Driven by the pure driver in the voting process: no context, no guards, no payloads. */
const PURE: readonly AnyStateMachine[] = [stationMachine, voterMachine, castMachine, closeMachine];
const MACHINES: readonly (readonly [AnyStateMachine, readonly AnyEventObject[]])[] = [
  ...PURE.map((machine) => [machine, bare(machine)] as const),
  [admissionMachine, ADMISSION_EVENTS],
];

describe('the machines', () => {
  it('are all here', async () => {
    const made: string[] = [];
    for (const entry of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
      if (!entry.endsWith('.ts')) continue;
      if (!readFileSync(join(SOURCES, entry), 'utf8').includes('createMachine(')) continue;
      const face: Record<string, unknown> = await import(join(SOURCES, entry));
      const machines = Object.values(face).filter((each) => each instanceof StateMachine);
      expect(machines, `${entry} makes a machine and does not export it`).not.toEqual([]);
      made.push(...machines.map(({ id }) => id));
    }
    expect(made.sort()).toEqual(MACHINES.map(([{ id }]) => id).sort());
  });

  it('are told every event that they know', () => {
    for (const [machine, events] of MACHINES)
      expect(new Set(events.map(({ type }) => type))).toEqual(new Set(machine.events));
  });

  it('would be found out by a transition that nothing reaches', () => {
    const grown = createMachine({
      id: 'grown',
      initial: 'here',
      context: { never: false },
      states: {
        here: { on: { GO: [{ guard: ({ context }) => context.never, target: 'nowhere' }, 'there'] } },
        there: { on: { GO: 'here' } },
        nowhere: { on: { GO: 'here' } },
      },
    });
    expect(unreached(grown, machinePaths(grown, bare(grown)))).toEqual([
      'grown.here GO #1 → grown.nowhere',
      'grown.nowhere GO #1 → grown.here',
    ]);
  });
});

describe.each(MACHINES)('$id', (machine, events) => {
  const paths = machinePaths(machine, events);

  it('takes every transition that it declares on some path from its start', () => {
    expect(unreached(machine, paths)).toEqual([]);
    expect(paths).toHaveLength(declaredTransitions(machine).size);
    expect(paths.length).toBeGreaterThan(5);
  });
});

describe.each(PURE)('$id, as the voting process drives it', (machine) => {
  it.each(machinePaths(machine, bare(machine)))('$transition', ({ events, states }) => {
    const driven = pureMachine(machine);
    for (const [i, event] of events.entries()) {
      const seen = driven.peek(event);
      expect(driven.send(event)).toEqual(seen);
      expect(seen.taken).toBe(true);
      if (states[i] !== undefined) expect(driven.state()).toBe(states[i].value);
    }
    const before = states.at(-1) ?? initialTransition(machine)[0];
    const last = events.at(-1) as AnyEventObject;
    const [target] = machine.getTransitionData(before, last)[0]?.target ?? [];
    if (target !== undefined) expect(driven.state()).toBe(target.key);
    // A process that comes back to the state before goes the same way.
    const again = pureMachine(machine, String(before.value));
    expect(again.send(last)).toMatchObject({ state: driven.state(), taken: true });
  });
});

describe('admission, as the desk drives it', () => {
  it.each(machinePaths(admissionMachine, ADMISSION_EVENTS))('$transition', ({ events, states }) => {
    const desk = createActor(admissionMachine).start();
    for (const [i, event] of events.entries()) {
      const before = desk.getSnapshot();
      expect(before.can(event as never)).toBe(true);
      desk.send(event as never);
      const now = desk.getSnapshot();
      if (states[i] !== undefined)
        expect([now.value, now.context]).toEqual([states[i].value, states[i].context]);
      else expect(now).not.toBe(before);
    }
    expect(desk.getSnapshot().status).toBe('active');
    desk.stop();
  });
});
