// How many votes a second one box takes on one core, and how long each request keeps it: the day wants 150 a second
// from two cores for everything, so the box must be well above.

import { parseArgs } from 'node:util';
import { prepareBallot } from '../test/election.ts';
import { TestCard } from '../test/metal.ts';
import { BALLOT, openRig } from '../test/rig.ts';

const VOTES = 400;
const WISH_VOTES_PER_SECOND = 250;

const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
if (values.help === true) {
  console.error(
    'usage: npm run bench -- box\n  400 votes on one box, and the processor time of each request',
  );
  process.exit(0);
}

const rig = await openRig({ votesMax: VOTES + 100 });
for (let i = 0; i < 50; i++) rig.cast(10_000 + i);

const spent = { begin: 0, seal: 0, print: 0, green: 0 };
const timed = <Value>(name: keyof typeof spent, body: () => Value): Value => {
  // Processor time, not the clock: other work on the machine is not the box's.
  const started = process.cpuUsage();
  const value = body();
  const { user, system } = process.cpuUsage(started);
  spent[name] += (user + system) / 1000;
  return value;
};
const cards = Array.from({ length: VOTES }, (_, i) => new TestCard(rig.election, i));
for (const [i, card] of cards.entries()) {
  rig.metal.lay(card);
  const { stationNonce, boxNonce } = timed('begin', () => rig.begin(i));
  const prepared = timed('seal', () =>
    prepareBallot(rig.election, rig.sessionId, stationNonce, boxNonce, BALLOT),
  );
  timed('print', () => rig.print(prepared));
  timed('green', () => rig.metal.press('green'));
}
const perVote = (ms: number): number => Number((ms / VOTES).toFixed(3));
const total = spent.begin + spent.print + spent.green;
const figures = {
  votes: VOTES,
  contests: BALLOT.length,
  begin_ms: perVote(spent.begin),
  /** the station's part, for comparison; not in the sum */
  station_sealing_ms: perVote(spent.seal),
  print_ms: perVote(spent.print),
  green_ms: perVote(spent.green),
  votes_per_second: Math.round((VOTES * 1000) / total),
};
const ok = figures.votes_per_second >= WISH_VOTES_PER_SECOND;
process.stdout.write(`${JSON.stringify({ name: 'box', ok, figures })}\n`);
process.exitCode = ok ? 0 : 1;
