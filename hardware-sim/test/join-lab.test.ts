/** The short form of `npm run lab -- join`: a real day, everything that is left of it, and planted leaks. */
import { afterAll, expect, test } from 'vitest';
import { LEAK_DEVIATIONS, lay } from './join-attacks.ts';
import { type JoinDay, joinDay, PLANTS, plant } from './join-day.ts';

const VOTERS = 14;
let day: JoinDay | undefined;
afterAll(() => day?.rehearsal.end());

test('nothing that is left of a day joins voters to votes, and each planted leak is found', {
  timeout: 200_000,
}, async () => {
  day = await joinDay(VOTERS, 7);
  expect(day.truth.ownerOf.size).toBe(day.records.length);
  expect(day.records.length % VOTERS).toBe(0);
  const clean = day.attack();
  expect(clean.leaks).toEqual([]);
  // The attacker found what there is to find: the journal, the province's lines, the store's slots, the box's flash.
  expect(clean.orders_of_voters).toBeGreaterThan(2);
  expect(clean.orders_of_records).toBeGreaterThan(2);
  expect(Math.abs(clean.best_deviations)).toBeLessThan(LEAK_DEVIATIONS);
  for (const kind of PLANTS) {
    const remove = plant(day, kind);
    const { leaks, best_joined } = day.attack();
    remove();
    if (kind === 'voters_only') expect(leaks).toEqual([]);
    else {
      expect(leaks.length, kind).toBeGreaterThan(0);
      expect(best_joined, kind).toBe(1);
    }
  }
});

test('an order laid beside itself joins everything, and beside an unrelated one what chance joins', () => {
  const ids = Array.from({ length: 50 }, (_, i) => `v${i}`);
  const ownerOf = new Map(ids.map((id) => [`r${id}`, id]));
  const truth = { queue: ids, ownerOf, choiceOf: new Map(ids.map((id) => [id, id])) };
  const voters = { how: 'queue', ids };
  const same = lay(voters, { how: 'same', ids: ids.map((id) => `r${id}`) }, truth);
  expect(same).toMatchObject({ joined: 1, choices_guessed: 1 });
  expect(same.deviations).toBeGreaterThan(LEAK_DEVIATIONS);
  const mixed = ids.map((_, i) => `rv${(i * 23 + 11) % 50}`);
  expect(Math.abs(lay(voters, { how: 'mixed', ids: mixed }, truth).deviations)).toBeLessThan(LEAK_DEVIATIONS);
});
