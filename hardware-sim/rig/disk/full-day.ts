/**
 * A day whose disk is full now and then: under the recorder, which refuses every write of the stores while it is told to. Real
 * SQLite, real errors. Run as a process of its own; its last line is what it found.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chanceOf } from '../simulation/chance.ts';
import { dealVoters, runWorld } from '../simulation/day.ts';
import { makeMoments } from '../simulation/sweep.ts';

const VOTERS = 5;
const TIMES_FULL = 10;

const [root, seed] = process.argv.slice(2);
const control = process.env['SANDOQ_DISK_CONTROL'];
if (root === undefined || seed === undefined || control === undefined)
  throw new Error('full-day ROOT SEED, with SANDOQ_DISK_CONTROL');
const moments = await makeMoments(join(root, 'scenes'));
const chance = chanceOf(`full ${seed}`);
const folder = join(root, 'world');
mkdirSync(folder, { recursive: true });
let full = 0;
const result = await runWorld({
  scene: moments.open,
  seed: `full ${seed}`,
  folder,
  voters: dealVoters(VOTERS, chanceOf(`voters ${seed}`), ['votes', 'votes', 'corrects']),
  async trouble(world, over) {
    for (; full < TIMES_FULL && !over(); full++) {
      await world.time.sleep(chance.between(10, 5_000));
      writeFileSync(control, chance.oneIn(4) ? 's' : 'f');
      world.tell('disk', 'is full');
      await world.time.sleep(chance.between(500, 20_000));
      rmSync(control, { force: true });
      world.tell('disk', 'has room again');
    }
  },
  async play(people) {
    try {
      await people.openDesk();
      await Promise.all([people.desk(), people.booth()]);
      return await people.closeDay();
    } finally {
      rmSync(control, { force: true });
    }
  },
});
if (result.findings.length > 0) console.error(result.trace.slice(-60).join('\n'));
console.log(
  JSON.stringify({ findings: result.findings, votes: result.votes, full, passed: [...result.passed] }),
);
process.exit(result.findings.length === 0 ? 0 : 1);
