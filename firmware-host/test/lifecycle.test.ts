import { parseTyped, records } from '@sandoq/protocol';
import { expect, test } from 'vitest';
import { openRig } from './rig.ts';

test('smoke: a box opens, takes a vote and closes', async () => {
  const rig = await openRig();
  rig.cast(1);
  expect(rig.events.outcomes.map((one) => one.outcome)).toEqual(['cast']);
  expect(rig.status().counters).toMatchObject({
    records: 3,
    cardsSpent: 1,
    papersPrinted: 1,
    papersInBin: 1,
  });
  const commitment = rig.close();
  const parsed = parseTyped(commitment, 'commitment', records.commitmentShape);
  expect(parsed.ok).toBe(true);
});
