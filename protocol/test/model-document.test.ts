/** docs/CAST.md speaks of every property, rule, state and code of the model, and of none that is not there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explore } from '../src/model/explore.ts';
import { STEPS_OF_CODE } from '../src/model/names.ts';
import { PROPERTIES } from '../src/model/properties.ts';
import { SOUND } from '../src/model/rules.ts';
import { SCENARIOS } from '../src/model/scenarios.ts';

const words = new Set(
  readFileSync(join(import.meta.dirname, '..', 'docs', 'CAST.md'), 'utf8')
    .split(/[^A-Za-z_]+/)
    .filter((word) => word !== ''),
);
const missing = (names: Iterable<string>): string[] => [...names].filter((name) => !words.has(name));

test('every property and every rule', () => {
  expect(missing(Object.keys(PROPERTIES))).toEqual([]);
  expect(missing(Object.keys(SOUND))).toEqual([]);
});

test('every state that the short scenarios meet', () => {
  const names = new Set<string>();
  for (const bounds of SCENARIOS.filter(({ short }) => short)) {
    const { names: met } = explore({ bounds, rules: SOUND, statesMax: 200_000 });
    for (const name of [...met.station, ...met.box, ...met.desk]) names.add(name);
  }
  expect(names.size).toBeGreaterThan(60);
  expect(missing(names)).toEqual([]);
});

test('every code that an officer is given for a crash is one of the model, or its own row says why not', () => {
  const table = readFileSync(join(import.meta.dirname, '..', 'docs', 'CAST.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|') && line.split('|').length === 6);
  const codes = table.flatMap((line) =>
    [...(line.split('|')[4] as string).matchAll(/`([a-z_]+)`/g)].map(([, code]) => code as string),
  );
  expect(codes.length).toBeGreaterThan(20);
  // A paper taken by a hand is outside the model's faults.
  expect([...new Set(codes)].filter((code) => !(code in STEPS_OF_CODE))).toEqual(['find_lost_paper']);
});
