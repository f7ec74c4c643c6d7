/** A little of the lab's junk; more of it is `npm run lab -- junk --requests N`. */
import { expect, it } from 'vitest';
import { throwJunk } from '../lab/province/junk.ts';

it('every kind of junk has its own named answer, none is a 500, and an honest slip is still taken', async () => {
  const figures = await throwJunk({ requests: 250, seed: 11, say: () => undefined });
  expect(figures.unexpected).toEqual([]);
  expect(figures.server_errors).toBe(0);
  expect(figures.honest_slip_taken_after).toBe(true);
  expect(Object.keys(figures.answers).length).toBeGreaterThan(15);
});
