/** The short form of `npm run lab -- terminals`. */
import { expect, test } from 'vitest';
import { runTerminalsDay } from './terminals-day.ts';

test('terminals killed and cut off: nobody is admitted twice, nobody is forgotten, the sums are one', async () => {
  const { ok, figures } = await runTerminalsDay({
    terminals: 3,
    people: 10,
    seed: 5,
    onProgress: () => undefined,
  });
  expect(ok, JSON.stringify(figures)).toBe(true);
  expect(figures.kills + figures.cuts).toBeGreaterThan(0);
});
