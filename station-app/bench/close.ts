/**
 * The end of the largest station's day: from the second representative's key to the signed slip, over the real voting
 * process, its real files and the real firmware behind a real pty, with every vote sealed and stored as on the day.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { slipPages } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { Refused } from '../src/contract/socket.ts';
import { PINS, type RoomRole, VotingRoom } from '../test/voting-room.ts';

const HELP = `npm run bench -- close [--votes N]
Casts N votes (default 5000) of two contests, one of 300 candidates and 30 seats, then closes and counts.
Its files lie in memory, so that casting them takes a minute or two; the box, the processes and the pty are real.
Kept: the slip is signed at most 10 s after the second representative's key, undisputed, with every vote and paper.
The last line on stdout is JSON {name, ok, figures}.`;

const WISH_SECONDS = 10;
const VOTES_MAX = 20_000;
/** Between two lines of progress. */
const PROGRESS_VOTES = 500;
/** Armed while another card votes: nobody waits for the desk. */
const CARDS = 3;
const TICKS_PER_SECOND = 100;
/** Debian's memory-backed folder. */
const MEMORY_FOLDER = '/dev/shm';

/** Processor seconds of a process so far (proc(5): utime and stime in ticks). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function votesAsked(): number {
  const { values } = parseArgs({ options: { votes: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    process.stdout.write(`${HELP}\n`);
    process.exit(0);
  }
  const votes = Number(values.votes ?? 5_000);
  if (Number.isSafeInteger(votes) && votes >= 1 && votes <= VOTES_MAX) return votes;
  process.stderr.write(`--votes wants a whole number from 1 to ${VOTES_MAX}\n`);
  process.exit(2);
}

/** Thirty names of the three hundred, other ones for each voter. */
const thirty = (number: number): number[] =>
  Array.from({ length: 30 }, (_, i) => (number * 7 + i * 10) % 300).sort((a, b) => a - b);

/** What ends an attempt without a vote on a machine that many share: a person lifts her card and lays it again. */
const ATTEMPTS_MAX = 5;
const SETTLE_MS = 500;

async function printed(room: VotingRoom, number: number, card: string): Promise<boolean> {
  try {
    await room.place(card, 'box_pad');
    for (const from of ['welcome', 'reading_card'] as const) await room.call('voter.await', { from });
    await room.call('voter.choose', { contest: 0, choice: [number % 4] });
    await room.call('voter.choose', { contest: 1, choice: thirty(number) });
    const { phase } = await room.call('voter.print', {});
    if (phase === 'in_window') return true;
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause;
    process.stderr.write(`vote ${number + 1}: ${cause.refusal.code}, tried again\n`);
  }
  // The link may have been lost meanwhile: then the box is asked what has become of the paper.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await room.until(
    'the fate of the paper',
    () => !['printing', 'officer_needed', 'reading_card'].includes(room.voterView?.phase ?? ''),
  );
  return room.voterView?.phase === 'in_window';
}

async function vote(room: VotingRoom, number: number, card: string): Promise<void> {
  for (let attempt = 1; !(await printed(room, number, card)); attempt++) {
    if (attempt === ATTEMPTS_MAX)
      throw new Error(`no paper: ${room.voterView?.phase} ${room.voterView?.code}`);
    await room.place(card, 'pocket');
    await room.untilVoter('welcome');
  }
  await room.press('green');
  const { phase } = await room.call('voter.await', { from: 'in_window' });
  if (phase !== 'cast') await room.untilVoter('cast');
  await room.place(card, 'pocket');
  await room.call('voter.await', { from: 'cast' });
}

/** The desk arms the next card while the voter before is at the box, as in a real room. */
async function voteAll(room: VotingRoom, votes: number): Promise<void> {
  const begun = performance.now();
  const card = (number: number): string => `tarefe-${(number % CARDS) + 1}`;
  await room.arm(card(0));
  for (let number = 0; number < votes; number++) {
    const next = number + 1 < votes ? room.arm(card(number + 1)) : undefined;
    await vote(room, number, card(number));
    await next;
    if ((number + 1) % PROGRESS_VOTES === 0)
      process.stderr.write(
        `${number + 1} of ${votes} votes, ${((performance.now() - begun) / 1000).toFixed(0)} s\n`,
      );
  }
}

async function closeBox(room: VotingRoom): Promise<{ readonly begun: number; readonly cpu: number }> {
  await room.call('doors.close_begin', {});
  await room.approve(['governor_representative', 'council_representative']);
  await room.untilPhase('doors_closed');
  await room.call('close.begin', { amendment: null });
  await room.layClosingCards();
  await room.call('step.approve', { slot: 'first', pin: PINS.governor_representative });
  const start = { begun: performance.now(), cpu: cpuSeconds(room.pid) };
  await room.call('step.approve', { slot: 'second', pin: PINS.council_representative });
  return start;
}

const votes = votesAsked();
// Thousands of synced votes wait for a disk; the close itself writes but a few pages.
if (existsSync(MEMORY_FOLDER)) process.env.TMPDIR = MEMORY_FOLDER;
const room = new VotingRoom({
  votesMax: votes,
  tarefeCards: CARDS,
  officersStay: true,
  answers: 'answer_at_once',
});
let figures: Readonly<Record<string, unknown>> = {};
let ok = false;
try {
  await room.setUp();
  await room.open();
  const castBegun = performance.now();
  const castCpu = { station: cpuSeconds(room.pid), own: process.cpuUsage() };
  await voteAll(room, votes);
  const castSeconds = (performance.now() - castBegun) / 1000;
  const own = process.cpuUsage(castCpu.own);
  const castCpuSeconds = cpuSeconds(room.pid) - castCpu.station + (own.user + own.system) / 1e6;
  const benchCpu = process.cpuUsage();
  const { begun, cpu } = await closeBox(room);
  const closedSeconds = (performance.now() - begun) / 1000;
  await room.call('count.run', { admission_summary: room.summary(), pins: room.closingPins });
  const seconds = (performance.now() - begun) / 1000;
  const stationCpu = cpuSeconds(room.pid) - cpu;
  const boxCpu = process.cpuUsage(benchCpu);
  await room.untilPhase('counted');
  await room.takeClosingCards();
  await room.call('slip.approve_begin', {});
  const signers: readonly RoomRole[] = [
    'executive',
    'supervisor',
    'governor_representative',
    'council_representative',
  ];
  await room.approve(signers);
  await room.call('slip.send', {});
  const out = join(room.data, 'out');
  const bundle = readdirSync(out).find((name) => name.endsWith('.bundle'));
  const bytes = bundle === undefined ? undefined : new Uint8Array(readFileSync(join(out, bundle)));
  const slip = room.officerView?.slip;
  const pages = bytes === undefined ? 0 : slipPages(nodeCrypto, bytes).length;
  figures = {
    votes,
    records_counted: slip?.slots.tallied ?? 0,
    papers_in_bin: slip?.papers.in_bin ?? 0,
    disputed: slip?.disputed ?? null,
    second_key_to_signed_slip_seconds: Number(seconds.toFixed(2)),
    of_which_box_closing_seconds: Number(closedSeconds.toFixed(2)),
    wish_seconds: WISH_SECONDS,
    station_cpu_seconds: Number(stationCpu.toFixed(2)),
    box_and_cards_cpu_seconds: Number(((boxCpu.user + boxCpu.system) / 1e6).toFixed(2)),
    bundle_bytes: bytes?.length ?? 0,
    qr_pages: pages,
    casting_seconds: Number(castSeconds.toFixed(1)),
    casting_cpu_seconds: Number(castCpuSeconds.toFixed(1)),
  };
  ok =
    seconds <= WISH_SECONDS &&
    slip?.disputed === false &&
    slip.slots.tallied === votes * 2 &&
    slip.papers.in_bin === votes &&
    pages > 0;
} finally {
  await room.tearDown();
}
process.stdout.write(`${JSON.stringify({ name: 'close', ok, figures })}\n`);
process.exit(ok ? 0 : 1);
