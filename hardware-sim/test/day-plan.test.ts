/** The people of a planned day: correct codes, and nobody in two queues. */
import { parseNationalCode } from '@sandoq/protocol/persian';
import { expect, test } from 'vitest';
import { PLANNED_STATIONS_MAX, planDemonstration, plannedCode } from '../rig/day-plan.ts';

test('nobody stands in two queues, every code is correct, and a plan deals the same people each time', () => {
  const plan = planDemonstration(200, 3);
  const codes = plan.stations.flatMap((station) => [...station.deal()].map((one) => one.national_code));
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(parseNationalCode(code, { length: 'exact' }).ok).toBe(true);
  const again = plan.stations.flatMap((station) => [...station.deal()].map((one) => one.national_code));
  expect(again).toEqual(codes);
});

test('each voter of each station of the largest plan has a code, also where ten equal digits would come', () => {
  const seen = new Set<string>();
  for (const station of [0, 1110, 116, 2221, PLANNED_STATIONS_MAX - 1])
    for (let voter = 0; voter < 20_000; voter++) {
      const code = plannedCode(1, station, voter);
      if (seen.has(code) || !/^\d{10}$/.test(code)) throw new Error(`${station}/${voter}: ${code}`);
      seen.add(code);
    }
  expect(() => plannedCode(1, PLANNED_STATIONS_MAX, 0)).toThrow(RangeError);
});
