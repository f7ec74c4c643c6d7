/** The box is asked for its ledgers after every vote, but not once a vote where votes come faster than people vote. */
import { describe, expect, it } from 'vitest';
import { createSpacedDeed, LEDGERS_INTERVAL_MS } from '../src/voting/spaced-deed.ts';
import { virtualClock } from './virtual-clock.ts';

function room() {
  const clock = virtualClock();
  const done: number[] = [];
  const deed = createSpacedDeed(clock, LEDGERS_INTERVAL_MS, () => done.push(clock.elapsedMs()));
  return { clock, done, deed };
}

describe('a spaced deed', () => {
  it('is done at once after a pause, each time', () => {
    const { clock, done, deed } = room();
    deed.ask();
    clock.advance(LEDGERS_INTERVAL_MS);
    deed.ask();
    expect(done).toEqual([0, LEDGERS_INTERVAL_MS]);
  });

  it('asked for many times within an interval, is done once more when it is over, and the last ask is not lost', () => {
    const { clock, done, deed } = room();
    deed.ask();
    for (let i = 0; i < 20; i++) {
      clock.advance(10);
      deed.ask();
    }
    expect(done).toEqual([0]);
    clock.advance(LEDGERS_INTERVAL_MS);
    expect(done).toEqual([0, LEDGERS_INTERVAL_MS]);
    clock.advance(10 * LEDGERS_INTERVAL_MS);
    expect(done).toHaveLength(2);
  });

  it('cancelled, is not done, and leaves no timer behind', () => {
    const { clock, done, deed } = room();
    deed.ask();
    deed.ask();
    deed.cancel();
    clock.advance(10 * LEDGERS_INTERVAL_MS);
    expect(done).toEqual([0]);
    expect(clock.pending).toBe(0);
  });
});
