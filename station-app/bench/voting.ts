/**
 * What one vote costs the voting process: ballot begun, choices, seal, pending, print, green, stored, over the real
 * firmware behind a real pty and real files. The wish is the day's: 150 votes a second over several stations on two cores.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { VotingRoom } from '../test/voting-room.ts';

const VOTES = 600;
const WARM_UP = 50;
const CPU_WISH_MS = 3;

const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
if (values.help === true) {
  console.error('usage: npm run bench -- voting\n  600 votes through the real firmware, pty and files');
  process.exit(0);
}

const room = new VotingRoom({ votesMax: VOTES + WARM_UP, answers: 'answer_at_once' });
await room.setUp();
await room.open();
const latencies: number[] = [];

/** CPU time of the process so far, milliseconds (proc(5): utime and stime in ticks of 10 ms) */
function cpuMs(): number {
  const fields = readFileSync(`/proc/${room.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function vote(number: number): Promise<void> {
  await room.arm('tarefe-1', 1);
  await room.place('tarefe-1', 'box_pad');
  const begun = performance.now();
  for (const from of ['welcome', 'reading_card'] as const) await room.call('voter.await', { from });
  await room.call('voter.choose', { contest: 0, choice: [number % 4] });
  await room.call('voter.print', {});
  await room.press('green');
  await room.call('voter.await', { from: 'in_window' });
  latencies.push(performance.now() - begun);
  await room.place('tarefe-1', 'pocket');
  await room.call('voter.await', { from: 'cast' });
}

for (let number = 0; number < WARM_UP; number++) await vote(number);
latencies.length = 0;
const cpuBefore = cpuMs();
for (let number = 0; number < VOTES; number++) await vote(number);
const cpu = (cpuMs() - cpuBefore) / VOTES;
const countBegun = performance.now();
await room.close();
await room.count();
const countSeconds = (performance.now() - countBegun) / 1000;
const disputed = room.officerView?.slip?.disputed;
await room.tearDown();
latencies.sort((a, b) => a - b);
const at = (share: number): number =>
  Number((latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2));
const figures = {
  votes: VOTES,
  contests: 2,
  cpu_ms_per_vote: Number(cpu.toFixed(2)),
  p50_ms: at(0.5),
  p99_ms: at(0.99),
  close_and_count_seconds: Number(countSeconds.toFixed(2)),
};
const ok = figures.cpu_ms_per_vote <= CPU_WISH_MS && disputed === false;
process.stdout.write(`${JSON.stringify({ name: 'voting', ok, figures })}\n`);
process.exit(ok ? 0 : 1);
