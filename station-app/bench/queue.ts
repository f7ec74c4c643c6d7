/**
 * `npm run bench -- queue [-- --write]`: the day of a large station in virtual time, by number of boxes and by share of
 * voters who need help; and whether the planners' page (`docs/queue.fa.md`, `docs/queue.en.md`) says these figures.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fill } from './queue/page.ts';
import { HELP_SHARE_USUAL, KEPT_P95_MINUTES, QUEUE_SETTINGS } from './queue/settings.ts';
import { queueTables } from './queue/tables.ts';

const { values } = parseArgs({ options: { help: { type: 'boolean' }, write: { type: 'boolean' } } });
if (values.help === true) {
  console.error(
    'usage: npm run bench -- queue [--write]\n\n  --write   writes the figures into station-app/docs/queue.fa.md and queue.en.md',
  );
  process.exit(0);
}
const tables = queueTables((text) => console.error(text));
const stale: string[] = [];
for (const locale of ['fa', 'en'] as const) {
  const path = join(import.meta.dirname, '..', 'docs', `queue.${locale}.md`);
  const page = readFileSync(path, 'utf8');
  const filled = fill(page, tables, locale);
  if (filled === page) continue;
  if (values.write === true) writeFileSync(path, filled);
  else stale.push(`queue.${locale}.md`);
}
for (const page of stale) console.error(`${page} says other figures; run with --write`);
const everyone = tables.by_boxes.every(({ voted }) => voted === QUEUE_SETTINGS.voters);
const figures = {
  voters: QUEUE_SETTINGS.voters,
  hours: QUEUE_SETTINGS.hours,
  helped_share_usual: HELP_SHARE_USUAL,
  promise_p95_minutes: KEPT_P95_MINUTES,
  everyone_voted: everyone,
  pages_are_current: stale.length === 0,
  ...tables,
};
const ok = everyone && stale.length === 0;
console.log(JSON.stringify({ name: 'queue', ok, figures }));
process.exit(ok ? 0 : 1);
