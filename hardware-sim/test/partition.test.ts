/** The short form of `npm run lab -- partition`: real desks, a real province, everything cut and killed. */
import { expect, test } from 'vitest';
import { runPartition } from './partition-day.ts';

test.for([
  { stations: 5, people: 60, seed: 5 },
  // A desk was given its next card before it had seen the last one go.
  { stations: 8, people: 150, seed: 1 },
])('$people people at $stations desks, cuts and deaths of seed $seed: every double found and attributed, none admitted twice online, sums untouched', {
  timeout: 120_000,
}, async (order) => {
  const { ok, figures } = await runPartition({ ...order, onProgress: () => undefined });
  expect(figures).toMatchObject({
    doubles_found: figures.doubles,
    doubles_attributed_wrongly: 0,
    admitted_twice_online: 0,
    journals_disagree: 0,
    summaries_changed_by_merge: 0,
    totals_changed_by_merge: false,
    turned_away_for_good: 0,
    votes_cast: figures.admissions - figures.admitted_on_return,
  });
  expect(ok).toBe(true);
  // A day on which nothing happened would show nothing.
  expect(figures.doubles).toBeGreaterThan(0);
  expect(figures.station_kills).toBeGreaterThan(0);
  expect(figures.server_kills).toBeGreaterThan(0);
  expect(figures.admitted_unconfirmed).toBeGreaterThan(0);
  expect(figures.admitted_online).toBeGreaterThan(0);
});
