/**
 * What one admission costs its process: document, proof, two presses, journal, armed card, over the real reader protocol
 * and real files. The wish is the day's: 150 votes a second over several stations on two cores.
 */
import { parseArgs } from 'node:util';
import { openRoom } from '../test/admission-room.ts';
import { tarefeState, VOTER_PIN, voterState } from '../test/admission-world.ts';

const ADMISSIONS = 1500;
const WARM_UP = 50;
const CPU_WISH_MS = 3;

const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
if (values.help === true) {
  console.error(
    'usage: npm run bench -- admission\n  1500 admissions at one desk through the real reader protocol and files',
  );
  process.exit(0);
}

// What an admission costs, without the pause in which views are put together for screens.
const room = await openRoom({ votesMax: ADMISSIONS + WARM_UP, answers: 'answer_at_once' });
await room.open();
const people = Array.from({ length: ADMISSIONS + WARM_UP }, (_, number) => voterState(number));
const latencies: number[] = [];

async function admit(number: number): Promise<void> {
  room.lay('document', people[number] as ReturnType<typeof voterState>);
  room.lay('tarefe', tarefeState());
  const begun = performance.now();
  await room.call('person.read', {});
  await room.call('person.prove', { pin: VOTER_PIN });
  await room.approve('executive');
  const { state } = await room.approve('supervisor');
  latencies.push(performance.now() - begun);
  if (state !== 'armed') throw new Error(`not armed: ${state}`);
  room.take('document');
  room.take('tarefe');
}

for (let number = 0; number < WARM_UP; number++) await admit(number);
latencies.length = 0;
const cpuBefore = room.cpuMs();
const begun = performance.now();
for (let number = WARM_UP; number < ADMISSIONS + WARM_UP; number++) await admit(number);
const seconds = (performance.now() - begun) / 1000;
const cpuMs = (room.cpuMs() - cpuBefore) / ADMISSIONS;
await room.close();
latencies.sort((a, b) => a - b);
const at = (share: number): number =>
  Number((latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2));
const figures = {
  admissions: ADMISSIONS,
  cpu_ms_per_admission: Number(cpuMs.toFixed(2)),
  p50_ms: at(0.5),
  p99_ms: at(0.99),
  admissions_per_second: Number((ADMISSIONS / seconds).toFixed(1)),
};
const ok = figures.cpu_ms_per_admission <= CPU_WISH_MS;
process.stdout.write(`${JSON.stringify({ name: 'admission', ok, figures })}\n`);
process.exitCode = ok ? 0 : 1;
