/**
 * The roll of a nation on one station: made of a synthetic register, written, opened, asked, damaged byte by byte, and
 * used at an admission desk that has no line to anywhere.
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeVoterCard } from '@sandoq/hardware-sim';
import { authorityEntry, directoryOf } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import {
  BLOCK_INDEX_BYTES,
  buildRollDelta,
  createRollBuilder,
  ROLL_MAGIC,
  ROLL_PREFIX_BYTES,
  type RollChange,
  readPrefix,
} from '@sandoq/protocol/roll';
import { createRegister, REGISTER_CONSTITUENCIES, REGISTER_PEOPLE_MAX, type Register } from '@sandoq/seeds';
import { deltaPath, openRollFile, type RollFile } from '../src/admission/roll-file.ts';
import { openRoom } from '../test/admission-room.ts';
import {
  AUTHORITY,
  AUTHORITY_KEY,
  ELECTION,
  ROLL_KEY,
  tarefeState,
  VOTER_PIN,
} from '../test/admission-world.ts';

const NATION_ELIGIBLE = 61_400_000;
const SEED = 1405;
const TODAY = Date.UTC(2026, 10, 22);
const WISHES = { megabytes: 120, lookup_p99_us: 50, decision_p99_ms: 50 };
const LOOKUP_ROUNDS = 40;
const LOOKUPS_PER_ROUND = 5000;
const DECISION_ROUNDS = 8;
const DECISIONS_PER_ROUND = 60;
const ADMISSIONS = DECISION_ROUNDS * DECISIONS_PER_ROUND;
const WARM_UP = 30;
/** Flips tried in each part of the file; each of head and index opens the whole roll once more. */
const FLIPS = { prefix: 12, head: 12, index: 12, block: 400, delta: 24 } as const;
/** A day of a nation, by a year's round figures: 1.2 million come of age, 450,000 die, a million move. */
const DAY_PER_MILLION = { of_age: 54, died: 20, moved: 45 } as const;
const MILLION = 1_000_000;

const { values } = parseArgs({
  options: {
    eligible: { type: 'string' },
    help: { type: 'boolean' },
    seed: { type: 'string' },
    keep: { type: 'string' },
    /** the measuring process of its own: the register's people */
    lookups: { type: 'string' },
  },
});
if (values.help === true) {
  console.error(
    'usage: npm run bench -- roll [--eligible N] [--seed N] [--keep FOLDER]\n  --eligible N   people on the roll (default 61400000)\n  --seed N       of the synthetic register (default 1405)\n  --keep FOLDER  where the roll is left',
  );
  process.exit(0);
}
const wanted = Number(values.eligible ?? NATION_ELIGIBLE);
if (!Number.isInteger(wanted) || wanted < 1000 || wanted > NATION_ELIGIBLE) {
  console.error('--eligible: a whole number from 1000 to 61400000');
  process.exit(2);
}
const seed = Number(values.seed ?? SEED);
if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
  console.error('--seed: a whole number from 0 to 4294967295');
  process.exit(2);
}
const progress = (text: string): void => void process.stderr.write(`${text}\n`);
const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

const register: Register = createRegister({
  seed,
  people: REGISTER_PEOPLE_MAX,
  today: TODAY,
  votingAgeYears: 18,
});
const isMeasuring = values.lookups !== undefined;
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'roll-'));
const path = join(folder, 'nation.roll');
const asOf = Math.floor(TODAY / 1000);
const order = { key: ROLL_KEY, election: ELECTION, asOf } as const;

function build() {
  const builder = createRollBuilder({
    ...order,
    votingAgeYears: 18,
    constituencies: REGISTER_CONSTITUENCIES,
  });
  let eligible = 0;
  let people = 0;
  for (; eligible < wanted; people++) {
    const { nine, constituency: home, status } = register.line(people);
    if (status === 'under_age') continue;
    builder.add(nine, { status, home });
    if (status === 'eligible' && ++eligible % 10_000_000 === 0) progress(`${eligible} eligible people added`);
  }
  const built = builder.finish(nodeCrypto, AUTHORITY);
  if (!built.ok) throw new Error(built.fault.code);
  const file = openSync(path, 'w');
  for (const piece of built.value.pieces) writeSync(file, piece);
  closeSync(file);
  return { people, eligible, entries: builder.entries, head: built.value.head, payload: built.value.payload };
}

/** Who comes of age, dies or moves on one day, out of the whole register. */
function* dayOfChanges(people: number): Generator<{ nine: number; change: RollChange }> {
  const limits = { of_age: 0, died: 0, moved: 0 };
  for (const kind of ['of_age', 'died', 'moved'] as const)
    limits[kind] = Math.ceil((wanted / MILLION) * DAY_PER_MILLION[kind]);
  for (let number = 0; number < people; number += 7) {
    const { nine, constituency: home, status } = register.line(number);
    if (status === 'under_age' && limits.of_age-- > 0) yield { nine, change: { status: 'eligible', home } };
    if (status !== 'eligible') continue;
    if (limits.died-- > 0) yield { nine, change: { status: 'dead', home } };
    else if (limits.moved-- > 0)
      yield { nine, change: { status: 'eligible', home: (home + 1) % REGISTER_CONSTITUENCIES.length } };
  }
}

const trust = {
  crypto: nodeCrypto,
  directory: directoryOf([authorityEntry(AUTHORITY_KEY)]),
  election: ELECTION,
  at: asOf,
};

function open(): RollFile | string {
  const opened = openRollFile(path, ROLL_KEY, trust);
  return opened.ok ? opened.value : opened.fault.code;
}

interface Flips {
  tried: number;
  refused: number;
}

/** Turns one bit at a place, asks, and turns it back. */
function flip(file: number, at: number, isRefused: () => boolean, flips: Flips): void {
  const byte = new Uint8Array(1);
  readSync(file, byte, 0, 1, at);
  const bent = Uint8Array.of((byte[0] as number) ^ (1 << (at % 8)));
  writeSync(file, bent, 0, 1, at);
  flips.tried++;
  if (isRefused()) flips.refused++;
  else progress(`a flipped byte at ${at} was not noticed`);
  writeSync(file, byte, 0, 1, at);
}

const cannotOpen = (): boolean => {
  const opened = open();
  if (typeof opened === 'string') return true;
  opened.close();
  return false;
};

/** Every kind of byte there is: a flipped one is refused at opening, or where its block is read. */
function damage(blocks: number): Flips {
  const flips: Flips = { tried: 0, refused: 0 };
  const file = openSync(path, 'r+');
  const prefix = new Uint8Array(ROLL_PREFIX_BYTES);
  readSync(file, prefix, 0, prefix.length, 0);
  const headLength = readPrefix(prefix, ROLL_MAGIC) ?? 0;
  const indexAt = ROLL_PREFIX_BYTES + headLength;
  const indexLength = blocks * BLOCK_INDEX_BYTES;
  const places = (from: number, length: number, count: number): number[] =>
    Array.from(
      { length: Math.min(count, length) },
      (_, i) => from + Math.floor((i * length) / Math.min(count, length)),
    );
  for (const at of [
    ...places(0, ROLL_PREFIX_BYTES, FLIPS.prefix),
    ...places(ROLL_PREFIX_BYTES, headLength, FLIPS.head),
    ...places(indexAt, indexLength, FLIPS.index),
  ])
    flip(file, at, cannotOpen, flips);
  const opened = open();
  if (typeof opened === 'string') throw new Error(opened);
  const offsets = new Map<number, string>();
  // A person whose block holds the byte: found by asking where each person's block lies.
  for (let number = 0; offsets.size < FLIPS.block; number++) {
    // Every seventh may be answered from the day's changes, without her block.
    if (number % 7 === 0) continue;
    const code = register.person(number).national_code;
    const place = opened.blockOf(code);
    if (place.length > 0) offsets.set(place.at + (number % place.length), code);
  }
  for (const [at, code] of offsets) flip(file, at, () => !opened.lookup(code).ok, flips);
  opened.close();
  closeSync(file);
  const deltaFile = openSync(deltaPath(path, 1), 'r+');
  for (const at of places(0, statSync(deltaPath(path, 1)).size, FLIPS.delta))
    flip(deltaFile, at, cannotOpen, flips);
  closeSync(deltaFile);
  return flips;
}

/** In a process of its own, which has built nothing: its memory is a station's. */
async function measureLookups(people: number): Promise<Record<string, number>> {
  const child = spawn(
    process.execPath,
    [import.meta.filename, '--keep', folder, '--lookups', String(people), '--seed', String(seed)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error('the process of lookups failed');
  return JSON.parse(out) as Record<string, number>;
}

/**
 * Without any line: until a document that was laid is read, its holder proved and the person judged by roll and journal
 * (decided); and until her card is armed behind two presses. The figures are of the quietest round, as with the lookups.
 */
async function measureDecisions(): Promise<{ p50: number; p99: number; worst: number; armed: number }> {
  const room = await openRoom({ rollPath: path, votesMax: ADMISSIONS + WARM_UP });
  const milliseconds: number[] = [];
  const untilArmed: number[] = [];
  try {
    await room.open();
    let number = 1;
    for (let done = 0; done < ADMISSIONS + WARM_UP; number += 11) {
      const { national_code: nationalCode, name, birth_date: birthDate, status } = register.person(number);
      // The first of each seven may have changed on the day of the delta.
      if (status !== 'eligible' || number % 7 === 0) continue;
      room.lay('document', makeVoterCard(nodeCrypto, { nationalCode, name: name.fa, birthDate }, VOTER_PIN));
      room.lay('tarefe', tarefeState());
      const begun = performance.now();
      await room.call('person.read', {});
      await room.call('person.prove', { pin: VOTER_PIN });
      const decided = performance.now() - begun;
      await room.approve('executive');
      const { state, refusal } = await room.approve('supervisor');
      if (state !== 'armed') throw new Error(`not armed: ${state} ${refusal?.code}`);
      if (done++ >= WARM_UP) {
        milliseconds.push(decided);
        untilArmed.push(performance.now() - begun);
      }
      room.take('document');
      room.take('tarefe');
    }
  } finally {
    await room.close();
  }
  const rounds = Array.from({ length: DECISION_ROUNDS }, (_, turn) => {
    const own = milliseconds.slice(turn * DECISIONS_PER_ROUND, (turn + 1) * DECISIONS_PER_ROUND);
    own.sort((a, b) => a - b);
    return {
      p50: own[Math.floor(own.length * 0.5)] as number,
      p99: own[Math.floor(own.length * 0.99)] as number,
    };
  }).sort((a, b) => a.p99 - b.p99);
  const quietest = rounds[0] as (typeof rounds)[number];
  untilArmed.sort((a, b) => a - b);
  const armed = untilArmed[Math.floor(untilArmed.length / 2)] as number;
  return { ...quietest, worst: (rounds.at(-1) as typeof quietest).p99, armed };
}

/**
 * Random people of the register and as many codes of nobody, in rounds; the figures are of the quietest round, since
 * this machine's other work is no property of the roll. Prints its own JSON.
 */
function lookups(people: number): void {
  const before = process.memoryUsage().rss;
  const begun = performance.now();
  const file = open();
  const openMs = performance.now() - begun;
  if (typeof file === 'string') throw new Error(file);
  const rounds: { p50: number; p99: number; perSecond: number }[] = [];
  let wrong = 0;
  let at = 1;
  for (let turn = 0; turn < LOOKUP_ROUNDS; turn++) {
    const microseconds = new Float64Array(LOOKUPS_PER_ROUND);
    for (let done = 0; done < LOOKUPS_PER_ROUND; done++) {
      at = (at * 16_807) % 2_147_483_647;
      const { national_code: code, constituency, status } = register.person(at % people);
      const begunAt = performance.now();
      const found = file.lookup(code);
      microseconds[done] = (performance.now() - begunAt) * 1000;
      const standing = found.ok ? found.value : undefined;
      const said = standing?.status ?? 'under_age';
      // Those whose line changed on the day of the delta are every seventh person.
      const isKnown = (at % people) % 7 === 0;
      const home =
        standing !== undefined && 'home' in standing ? file.constituencies[standing.home] : constituency;
      if (!found.ok || (!isKnown && (said !== status || home !== constituency))) wrong++;
    }
    microseconds.sort();
    const total = microseconds.reduce((sum, one) => sum + one, 0);
    const quantile = (share: number): number => microseconds[Math.floor(LOOKUPS_PER_ROUND * share)] as number;
    rounds.push({ p50: quantile(0.5), p99: quantile(0.99), perSecond: (LOOKUPS_PER_ROUND / total) * 1e6 });
  }
  rounds.sort((a, b) => a.p99 - b.p99);
  const quietest = rounds[0] as (typeof rounds)[number];
  const result = {
    open_ms: round(openMs),
    lookups_per_second: Math.round(quietest.perSecond),
    lookup_p50_us: round(quietest.p50),
    lookup_p99_us: round(quietest.p99),
    lookup_p99_us_worst_round: round((rounds.at(-1) as typeof quietest).p99),
    wrong_answers: wrong,
    resident_megabytes: round((process.memoryUsage().rss - before) / 1e6),
  };
  file.close();
  process.stdout.write(JSON.stringify(result));
}

async function main(): Promise<void> {
  let begun = performance.now();
  const built = build();
  const buildSeconds = (performance.now() - begun) / 1000;
  const bytes = statSync(path).size;
  progress(`built: ${bytes} bytes in ${round(buildSeconds)} s`);
  begun = performance.now();
  const delta = buildRollDelta(
    {
      ...order,
      head: built.head,
      roll: built.payload,
      previous: built.payload,
      sequence: 1,
      changes: dayOfChanges(built.people),
    },
    nodeCrypto,
    AUTHORITY,
  );
  if (!delta.ok) throw new Error(delta.fault.code);
  writeFileSync(deltaPath(path, 1), delta.value.bytes);
  const opened = open();
  if (typeof opened === 'string') throw new Error(opened);
  const { changes } = opened;
  opened.close();
  const lookups = await measureLookups(built.people);
  progress(`asked: ${JSON.stringify(lookups)}`);
  const decision = await measureDecisions();
  progress('flipping bytes');
  const flips = damage(built.head.blocks);
  const figures = {
    eligible: built.eligible,
    entries: built.entries,
    build_s: round(buildSeconds),
    bytes,
    megabytes: round(bytes / 1e6),
    bits_per_entry: round((bytes * 8) / built.entries, 2),
    delta_changes: changes,
    delta_bytes: delta.value.bytes.length,
    ...lookups,
    decision_p50_ms: round(decision.p50, 2),
    decision_p99_ms: round(decision.p99, 2),
    decision_p99_ms_worst_round: round(decision.worst, 2),
    armed_p50_ms: round(decision.armed, 2),
    bytes_flipped: flips.tried,
    flips_refused: flips.refused,
  };
  const ok =
    figures.megabytes <= WISHES.megabytes &&
    (lookups['lookup_p99_us'] ?? Number.POSITIVE_INFINITY) <= WISHES.lookup_p99_us &&
    figures.decision_p99_ms <= WISHES.decision_p99_ms &&
    lookups['wrong_answers'] === 0 &&
    flips.tried === flips.refused;
  process.stdout.write(`${JSON.stringify({ name: 'roll', ok, figures })}\n`);
  process.exitCode = ok ? 0 : 1;
}

try {
  if (isMeasuring) lookups(Number(values.lookups));
  else await main();
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}
