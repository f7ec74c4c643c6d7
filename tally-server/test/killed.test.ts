/** The lab's killing of the server at some instants; many of them are `npm run lab -- kill-server`. */
import { expect, it } from 'vitest';
import { killServer } from '../lab/province/killed.ts';

it('killed under load: no accepted slip is lost, no receipt is without its slip, no sum is wrong', async () => {
  const figures = await killServer({ instants: 3, stations: 60, seed: 7, say: () => undefined });
  expect(figures.broken).toEqual([]);
  expect(figures.verified).toBe(true);
  expect(figures.receipts_given).toBe(60);
  expect(figures.killed_while_taking_in).toBeGreaterThan(0);
});
