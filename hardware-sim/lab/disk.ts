/**
 * `npm run lab -- disk [--short] [--at N]`: a short day on real SQLite under a recorder; then every prefix of what was written,
 * and the reorderings, losses and tears that the recorded syncs allow, each opened and reconciled by the station's own code
 * against the box as it was at that moment. And days on a disk that is full or slow now and then. Progress on stderr, one JSON line on stdout.
 */
import { parseArgs } from 'node:util';
import { checkDisks, checkFullDisks } from '../rig/disk/check.ts';
import { removeFolder, simulationFolder } from '../rig/simulation/scene.ts';

const FULL_DAYS = 10;
const USAGE = `usage: npm run lab -- disk [--short] [--at N]

  --short   one sync in twelve, one prefix in forty
  --at N    only crashes after N operations, with the trace of those that fail
`;

const { values } = (() => {
  try {
    return parseArgs({
      options: { help: { type: 'boolean' }, short: { type: 'boolean' }, at: { type: 'string' } },
    });
  } catch (cause) {
    console.error(`${cause instanceof Error ? cause.message : 'arguments are wrong'}\n\n${USAGE}`);
    process.exit(2);
  }
})();
if (values.help === true) {
  console.error(USAGE);
  process.exit(0);
}
const root = simulationFolder();
process.once('exit', () => removeFolder(root));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const { figures, failing } = await checkDisks(root, {
  everySync: values.short === true ? 12 : 1,
  everyPrefix: values.short === true ? 40 : 1,
  only: values.at === undefined ? undefined : Number(values.at),
  onProgress: (text) => console.error(text),
});
const full =
  values.at === undefined
    ? checkFullDisks(
        root,
        Array.from({ length: values.short === true ? 1 : FULL_DAYS }, (_, i) => i + 1),
        (text) => console.error(text),
      )
    : { days: 0, timesFull: 0, failing: [] };
for (const { what, findings } of [...failing, ...full.failing])
  console.error(`FAILS ${what}: ${findings.join('; ').slice(0, 800)}`);
const ok = failing.length === 0 && full.failing.length === 0 && figures.states > 0;
console.log(
  JSON.stringify({
    name: 'disk',
    ok,
    figures: {
      ...figures,
      full_disk_days: full.days,
      times_full: full.timesFull,
      full_disk_failing: full.failing.length,
    },
  }),
);
process.exit(ok ? 0 : 1);
