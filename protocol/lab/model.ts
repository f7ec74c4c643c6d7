/**
 * `npm run lab -- model [--short] [--scenario NAME] [--show RULE]`: the model of the cast (docs/CAST.md), every state
 * within its bounds, and every broken protocol caught. Progress on stderr, one JSON line on stdout.
 */
import { parseArgs } from 'node:util';
import { type Exploration, explore, type Violation } from '../src/model/explore.ts';
import { PROPERTIES } from '../src/model/properties.ts';
import { type Bounds, type Breakage, broken, SOUND } from '../src/model/rules.ts';
import { BREAKAGES, SCENARIOS, scenario } from '../src/model/scenarios.ts';

/** About 40 bytes each and 4 a transition: some 300 MB. */
const STATES_MAX = 3_000_000;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    short: { type: 'boolean' },
    scenario: { type: 'string' },
    show: { type: 'string' },
  },
});
if (values.help === true) {
  console.error('usage: npm run lab -- model [--short] [--scenario NAME] [--show RULE]');
  console.error(`scenarios: ${SCENARIOS.map(({ name }) => name).join(' ')}`);
  console.error(`rules: ${Object.keys(SOUND).join(' ')}`);
  process.exit(0);
}
if (values.show !== undefined && !Object.hasOwn(SOUND, values.show)) {
  console.error(`no rule ${values.show}; --help names them`);
  process.exit(2);
}

function printTrace({ property, trace }: Violation): void {
  console.error(`  ${property}: ${PROPERTIES[property]}`);
  for (const { actor, name } of trace) console.error(`    ${actor.padEnd(10)} ${name}`);
}

function walk(bounds: Bounds): Exploration {
  const started = performance.now();
  const result = explore({
    bounds,
    rules: SOUND,
    statesMax: STATES_MAX,
    onProgress: (states, depth) => {
      if (depth % 20 === 0 && depth > 0) console.error(`  ${bounds.name}: ${states} states, depth ${depth}`);
    },
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const held = result.violation === undefined && result.complete;
  console.error(
    `${held ? 'holds' : 'FAILS'} ${bounds.name}: ${bounds.voters} voters, ${bounds.cards} cards, ` +
      `${bounds.faults} faults of ${bounds.kinds.length} kinds; ${result.states} states, ` +
      `${result.transitions} transitions, depth ${result.depth}, ${seconds} s`,
  );
  if (result.violation !== undefined) printTrace(result.violation);
  if (!result.complete) console.error(`  more than ${STATES_MAX} states: not all were seen`);
  return result;
}

function catchBroken(one: Breakage): boolean {
  const { rules, scenario: name, caughtBy } = one;
  const { violation, states } = explore({
    bounds: scenario(name),
    rules: broken(rules),
    statesMax: STATES_MAX,
  });
  const caught = violation?.property === caughtBy;
  const how =
    violation === undefined ? 'nothing seen' : `${violation.property}, ${violation.trace.length} steps`;
  console.error(
    `${caught ? 'caught' : 'NOT CAUGHT'} without ${rules.join(' and ')}: ${how}, ${states} states`,
  );
  if (violation !== undefined && (!caught || rules.some((rule) => rule === values.show)))
    printTrace(violation);
  return caught;
}

const chosen = SCENARIOS.filter(({ name, short }) =>
  values.scenario === undefined ? values.short !== true || short : name === values.scenario,
);
if (chosen.length === 0) {
  console.error(`no scenario ${values.scenario}`);
  process.exit(2);
}
const results = chosen.map(walk);
const caught = values.scenario === undefined ? BREAKAGES.filter(catchBroken).length : 0;
const wanted = values.scenario === undefined ? BREAKAGES.length : 0;
const failed = results.filter(({ violation, complete }) => violation !== undefined || !complete).length;
const sum = (of: (one: Exploration) => number): number => results.reduce((total, one) => total + of(one), 0);
const names = new Set(results.flatMap(({ names: { station, box, desk } }) => [...station, ...box, ...desk]));
const ok = failed === 0 && caught === wanted;
console.log(
  JSON.stringify({
    name: 'model',
    ok,
    figures: {
      scenarios: results.length,
      scenarios_failed: failed,
      states: sum(({ states }) => states),
      transitions: sum(({ transitions }) => transitions),
      depth_max: Math.max(...results.map(({ depth }) => depth)),
      properties: Object.keys(PROPERTIES).length,
      state_names: names.size,
      broken: wanted,
      broken_caught: caught,
    },
  }),
);
process.exit(ok ? 0 : 1);
