/**
 * `npm run lab -- axe`: axe on every screen of officers and voters, in every theme and every text size, in a real browser
 * over the real shell. The tests take one look of the twenty for each screen; this takes them all.
 */
import { parseArgs } from 'node:util';
import { axeFindings, dress, LOOKS } from '../test/screens/axe.ts';
import { openScreens } from '../test/screens/shown.ts';
import { SCREEN_STATES } from '../test/screens/states.ts';

const { values } = parseArgs({
  options: { help: { type: 'boolean' }, only: { type: 'string' } },
});
if (values.help === true) {
  console.error(
    'usage: npm run lab -- axe [--only NAME]\n\n  --only NAME   screens whose name contains NAME',
  );
  process.exit(0);
}
const states = SCREEN_STATES.filter(({ name }) => name.includes(values.only ?? ''));
const screens = await openScreens();
const begun = performance.now();
const found = new Set<string>();
let looked = 0;
for (const [i, state] of states.entries()) {
  const page = await screens.show(state);
  for (const look of LOOKS) {
    await dress(page, look);
    looked++;
    for (const finding of await axeFindings(page))
      found.add(`${state.name} ${look.theme} ${look.size}: ${finding}`);
  }
  console.error(`${i + 1} of ${states.length}: ${state.name}, ${found.size} findings so far`);
}
const complaints = [...screens.windows.complaints, ...screens.station.unexpected];
await screens.close();
for (const line of [...found, ...complaints].slice(0, 60)) console.error(`FINDS ${line}`);
const ok = states.length > 0 && found.size === 0 && complaints.length === 0;
const figures = {
  screens: states.length,
  themes_and_sizes: LOOKS.length,
  pages_looked_at: looked,
  findings: found.size,
  seconds: Math.round((performance.now() - begun) / 1000),
};
console.log(JSON.stringify({ name: 'axe', ok, figures }));
process.exit(ok ? 0 : 1);
