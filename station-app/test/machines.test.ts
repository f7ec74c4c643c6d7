/** The machines' tables, exhaustively: what each event does in each state, and what is never possible. */

import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { castMachine } from '../src/machines/cast.ts';
import { closeMachine, closeStateAfterRestart } from '../src/machines/close.ts';
import { pureMachine } from '../src/machines/pure.ts';
import { stationMachine, stationStateAfterRestart } from '../src/machines/station.ts';
import { voterMachine } from '../src/machines/voter.ts';

const statesOf = (machine: AnyStateMachine): string[] => Object.keys(machine.states);
const send = (machine: AnyStateMachine, from: string, type: string) =>
  pureMachine(machine, from).send({ type });

/** `STATE EVENT → STATE [effects]` of everything that is taken. */
function table(machine: AnyStateMachine): string[] {
  return statesOf(machine).flatMap((from) =>
    [...machine.events].sort().flatMap((type) => {
      const step = send(machine, from, type);
      const effects = step.effects.length > 0 ? ` [${step.effects.join(' ')}]` : '';
      return step.taken ? [`${from} ${type} → ${step.state}${effects}`] : [];
    }),
  );
}

function reachable(machine: AnyStateMachine, from: string): Set<string> {
  const seen = new Set([from]);
  for (const state of seen) for (const type of machine.events) seen.add(send(machine, state, type).state);
  return seen;
}

describe('the cast machine', () => {
  it('writes pending exactly once, on sealing, and leaves a ballot only by a named fate', () => {
    const rows = table(castMachine);
    expect(rows.filter((row) => row.includes('writePending'))).toEqual([
      'idle BALLOT_SEALED → printing [writePending]',
    ]);
    const toIdle = rows.filter((row) => row.includes('→ idle'));
    expect(toIdle).toHaveLength(12);
    for (const row of toIdle)
      expect(row).toMatch(
        row.includes('VOTE_CAST')
          ? /→ idle \[storeRecords\]$/
          : /(REJECTED|RETAINED|NOTHING_AT_BOX) → idle \[clearPending\]$/,
      );
  });

  it('never takes a second ballot while one is in hand', () => {
    for (const state of statesOf(castMachine).filter((name) => name !== 'idle'))
      expect(send(castMachine, state, 'BALLOT_SEALED').taken).toBe(false);
  });

  it('asks before anything else once it is unresolved', () => {
    expect(table(castMachine).filter((row) => row.startsWith('unresolved '))).toEqual([
      'unresolved ASK → asking',
    ]);
  });
});

describe('the station and close machines', () => {
  it('go one way: nothing leads back behind a stage that has happened', () => {
    const stages = ['open', 'doors_closed', 'closed', 'counted', 'finished'];
    for (const [i, stage] of stages.entries())
      for (const earlier of stages.slice(0, i))
        expect(reachable(closeMachine, stage).has(earlier)).toBe(false);
    expect(reachable(stationMachine, 'open')).toEqual(new Set(['open']));
  });

  it('fall back, after a restart, to the stage before the step whose approvals are gone', () => {
    for (const state of statesOf(closeMachine)) {
      const after = closeStateAfterRestart(state as never);
      expect(['open', 'doors_closed', 'closed', 'counted', 'finished']).toContain(after);
      expect(reachable(closeMachine, after).has(state)).toBe(true);
    }
    expect(stationStateAfterRestart('opening')).toBe('loaded');
  });

  it('refuse a snapshot of a state that they do not have', () => {
    expect(() => pureMachine(stationMachine, 'half_open')).toThrow('no state half_open');
  });
});

describe('the voter machine', () => {
  it('prints only from review, and reaches "cast" only by the box’s word', () => {
    const rows = table(voterMachine);
    expect(rows.filter((row) => row.includes('PRINTING_STARTED'))).toEqual([
      'review PRINTING_STARTED → printing',
    ]);
    for (const row of rows.filter((one) => one.endsWith('→ cast'))) expect(row).toContain('VOTE_CAST');
  });

  it('starts no session while a paper stands in the window', () => {
    for (const event of ['CARD_LAID', 'BALLOT_BEGUN', 'CARD_TAKEN', 'REVIEW_OPENED', 'VOTING_ENDED'])
      expect(send(voterMachine, 'in_window', event).taken).toBe(false);
  });

  it('has no state without a way out', () => {
    for (const state of statesOf(voterMachine))
      expect(reachable(voterMachine, state).size).toBeGreaterThan(1);
  });
});
