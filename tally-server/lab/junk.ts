/** `npm run lab -- junk`: junk requests at the province's door. */
import { parseArgs } from 'node:util';
import { throwJunk } from './province/junk.ts';

const HELP = `usage: npm run lab -- junk [--requests N] [--seed N]

Sends N requests (20,000; a million is ten minutes and more) to the real server process: noise, cut and bent bundles, wrong
election, mode, station and package, strangers' keys, replays, second slips, oversized bodies, what is not HTTP. Kept:
each is answered by the name that it must have, none is a 500, the process stays below 512 MiB and, where it is larger
than 384 MiB, within 1.5 times its size after the first tenth; an honest slip is still taken afterwards.
`;
const GROWTH_MAX = 1.5;
const MEMORY_MIB_MAX = 512;
/** A young process grows to its working size, however little it is asked. */
const WORKING_MIB = 384;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1405' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  process.stdout.write(HELP);
  process.exit(0);
}
const [requests, seed] = [Number(values.requests), Number(values.seed)];
if (!Number.isInteger(requests) || requests < 1 || !Number.isInteger(seed)) {
  process.stderr.write(HELP);
  process.exit(2);
}
const figures = await throwJunk({ requests, seed, say: (text) => void process.stderr.write(`${text}\n`) });
const grown = figures.memory_at_end_mib / Math.max(1, figures.memory_after_warm_up_mib);
const ok =
  figures.unexpected.length === 0 &&
  figures.server_errors === 0 &&
  figures.honest_slip_taken_after &&
  figures.memory_peak_mib <= MEMORY_MIB_MAX &&
  (figures.memory_at_end_mib <= WORKING_MIB || grown <= GROWTH_MAX);
process.stdout.write(
  `${JSON.stringify({ name: 'junk', ok, figures: { ...figures, memory_grown: Number(grown.toFixed(2)) } })}\n`,
);
process.exitCode = ok ? 0 : 1;
