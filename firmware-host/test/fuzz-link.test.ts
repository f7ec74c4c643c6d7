// The short version of `npm run lab -- fuzz-link`.
import { describe, expect, test, vi } from 'vitest';
import { HOSTILE_KINDS, hostileFrames } from './hostile-frames.ts';
import { FUZZ_STATES, startFuzz } from './link-fuzz.ts';

vi.setConfig({ testTimeout: 300_000 });

const ROUNDS = 30;

describe('hostile frames at the core', () => {
  test.each(FUZZ_STATES)('%s: each is answered, none traps, the next good one is answered', async (state) => {
    const fuzz = await startFuzz(state, 20_261_122);
    for (let round = 0; round < ROUNDS; round++) fuzz.round();
    const { figures } = fuzz;
    expect(figures.hostile).toBeGreaterThan(10_000);
    expect(figures).toMatchObject({ traps: 0, memoryGrowth: 0, good: ROUNDS, goodAnswered: ROUNDS });
    // Nothing is swallowed: but for the few that become requests which a card or a paper must answer first.
    expect(figures.answers).toBeGreaterThan(0.999 * figures.hostile);
    if (state !== 'provisioned') expect(figures.flashWords).toBe(0);
  });

  test('every kind is among them, with frames at both sides of the bound', () => {
    const hostile = hostileFrames(1);
    const seen = new Set<string>();
    let longest = 0;
    for (let i = 0; i < 20; i++) {
      const block = hostile.block(512);
      for (const kind of HOSTILE_KINDS) if (block.kinds[kind] > 0) seen.add(kind);
      let length = 0;
      for (const byte of block.bytes) {
        length = byte === 0 ? 0 : length + 1;
        longest = Math.max(longest, length);
      }
    }
    expect([...seen].sort()).toEqual([...HOSTILE_KINDS].sort());
    expect(longest).toBeGreaterThan(6144);
  });
});
