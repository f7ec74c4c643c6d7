import { describe, expect, it } from 'vitest';
import type { Clock } from '../src/devices/clock.ts';
import { AWAIT_MAX_MS, AWAITS_MAX, createPhaseWaiters } from '../src/voting/phase-waiters.ts';

type Phase = 'welcome' | 'reading_card' | 'choosing';

function voter() {
  let phase: Phase = 'welcome';
  const timers: { readonly delayMs: number; readonly run: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => 0,
    elapsedMs: () => 0,
    after(delayMs, run) {
      timers.push({ delayMs, run });
      return () => undefined;
    },
  };
  const waiters = createPhaseWaiters<Phase>(clock, () => phase);
  return {
    waiters,
    timers,
    go(next: Phase) {
      phase = next;
      waiters.changed();
    },
  };
}

describe('whoever waits for the voter', () => {
  it('is told when none of the phases that were named holds any more, and not before', async () => {
    const { waiters, go } = voter();
    const told: string[] = [];
    const both = waiters.changeFrom(['welcome', 'reading_card']).then((phase) => told.push(`both ${phase}`));
    const first = waiters.changeFrom(['welcome']).then((phase) => told.push(`first ${phase}`));
    go('reading_card');
    await first;
    expect(told).toEqual(['first reading_card']);
    go('choosing');
    await both;
    expect(told).toEqual(['first reading_card', 'both choosing']);
  });

  it('is told at once where the phase is another already, or none was named', async () => {
    const { waiters } = voter();
    expect(await waiters.changeFrom(['choosing'])).toBe('welcome');
    expect(await waiters.changeFrom([])).toBe('welcome');
  });

  it('waits no longer than the bound, and no more of them than the bound', async () => {
    const { waiters, timers } = voter();
    const all = Array.from({ length: AWAITS_MAX }, () => waiters.changeFrom(['welcome']));
    expect(() => waiters.changeFrom(['welcome'])).toThrow('request_too_many');
    expect(timers.every((timer) => timer.delayMs === AWAIT_MAX_MS)).toBe(true);
    for (const timer of timers) timer.run();
    expect(new Set(await Promise.all(all))).toEqual(new Set(['welcome']));
  });
});
