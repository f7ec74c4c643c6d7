/** `npm run lab -- kill-server`: the province's server killed at many instants under load. */
import { parseArgs } from 'node:util';
import { killServer } from './province/killed.ts';

const HELP = `usage: npm run lab -- kill-server [--instants N] [--stations N] [--seed N]

Kills the real server process (SIGKILL) at N instants while stations send their slips and a publication is made, and
compares after each death what it left with the receipts that were given: no accepted slip lost, no receipt without
its slip, no slip without its entry in the bulletin and none the other way, every checkpoint that was seen continued,
no sum wrong. At the end everything is sent, published and verified. SIGKILL leaves the page cache: power is not cut.
`;

const { values } = parseArgs({
  options: {
    instants: { type: 'string', default: '40' },
    stations: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1405' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  process.stdout.write(HELP);
  process.exit(0);
}
const [instants, stations, seed] = [values.instants, values.stations, values.seed].map(Number) as [
  number,
  number,
  number,
];
if (![instants, stations, seed].every((one) => Number.isInteger(one) && one > 0)) {
  process.stderr.write(HELP);
  process.exit(2);
}
const figures = await killServer({
  instants,
  stations,
  seed,
  say: (text) => void process.stderr.write(`${text}\n`),
});
const ok = figures.verified && figures.broken.length === 0 && figures.killed_while_taking_in > 0;
process.stdout.write(`${JSON.stringify({ name: 'kill-server', ok, figures })}\n`);
process.exitCode = ok ? 0 : 1;
