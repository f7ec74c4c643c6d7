/** The people of a planned day: correct codes, and nobody in two queues. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNationalCode } from '@sandoq/protocol/persian';
import { expect, test } from 'vitest';
import { planOf, readDayOptions, UsageError } from '../rig/day-options.ts';
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

test('names of a ballots file that no election takes are told by name, before anything is started', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandoq-plan-'));
  const file = join(folder, 'ballots.csv');
  const long = 'ب'.repeat(81);
  writeFileSync(file, `precinct,choice,ballots\np, a ,3\np,"a\tb",2\n"p\nq",c,2\np,${long},1\n${long},c,1\n`);
  const plan = () =>
    planOf(readDayOptions(['--ballots', file]) as Exclude<ReturnType<typeof readDayOptions>, 'help'>);
  expect(plan).toThrow(UsageError);
  for (const named of [
    'choice " a "',
    'choice "a\\tb"',
    'precinct "p\\nq"',
    `choice "${long}"`,
    `precinct "${long}"`,
  ])
    expect(plan).toThrow(named);
  writeFileSync(file, `precinct,choice,ballots\nب,${long.slice(1)},1\n`);
  expect(plan().stations).toHaveLength(1);
  rmSync(folder, { recursive: true, force: true });
});
