/** The recorded day, all its crashes, and what became of each. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize } from 'node:v8';
import { chanceOf } from '../simulation/chance.ts';
import { missingSentences } from '../simulation/sentences.ts';
import { makeMoments } from '../simulation/sweep.ts';
import { type Crash, crashes, type Files } from './crashes.ts';
import { buildRecorder, type DiskOperation, readRecording } from './recorder.ts';
import { CORE_FOLDERS, goOnFrom } from './replay.ts';
import { MARK_FILE, type ShortDay } from './short-day.ts';

const CHILD = join(import.meta.dirname, 'short-day.ts');
const PROGRESS_EVERY = 200;

export interface FullDisks {
  readonly days: number;
  readonly timesFull: number;
  readonly failing: DiskCheck['failing'];
}

const FULL_CHILD = join(import.meta.dirname, 'full-day.ts');

/** Days on a disk that is full, or slow, now and then: refused by name, nothing lost, and on it goes when there is room. */
export function checkFullDisks(
  root: string,
  seeds: readonly number[],
  onProgress: (text: string) => void,
): FullDisks {
  const failing: { what: string; findings: readonly string[] }[] = [];
  let timesFull = 0;
  for (const seed of seeds) {
    const folder = join(root, `full-${seed}`);
    const control = join(root, `control-${seed}`);
    const child = spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', FULL_CHILD, folder, `${seed}`],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          LD_PRELOAD: buildRecorder(),
          SANDOQ_DISK_CONTROL: control,
          SANDOQ_RECORD_FOLDER: join(folder, 'world'),
          UV_USE_IO_URING: '0',
        },
      },
    );
    const line = child.stdout.trimEnd().split('\n').at(-1) ?? '';
    if (!line.startsWith('{')) {
      failing.push({ what: `full disk, seed ${seed}`, findings: [child.stderr.slice(-600)] });
      continue;
    }
    const told = JSON.parse(line) as { findings: string[]; votes: number; full: number; passed: string[] };
    timesFull += told.full;
    const unnamed = missingSentences(told.passed).map((one) => `no sentence for ${one}`);
    const named = told.passed.includes('code.disk_full') ? [] : ['nobody was told that the disk is full'];
    const findings = [...told.findings, ...unnamed, ...named];
    if (findings.length > 0) failing.push({ what: `full disk, seed ${seed}`, findings });
    onProgress(`  full disk, seed ${seed}: ${told.full} times, ${told.votes} votes`);
  }
  return { days: seeds.length, timesFull, failing };
}

export interface DiskFigures {
  readonly operations: number;
  readonly syncs: number;
  readonly prefixes: number;
  readonly reorderings: number;
  /** different disks that were opened */
  readonly states: number;
  readonly lost: number;
  readonly doubled: number;
}

export interface DiskCheck {
  readonly figures: DiskFigures;
  readonly failing: readonly { readonly what: string; readonly findings: readonly string[] }[];
}

export interface DiskOptions {
  readonly everySync: number;
  readonly everyPrefix: number;
  readonly only: number | undefined;
  readonly onProgress: (text: string) => void;
}

function filesOf(folder: string): Files {
  const files: Files = new Map();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const whole = join(folder, path);
    if (statSync(whole).isFile()) files.set(path, readFileSync(whole));
  }
  return files;
}

/** The day in a process of its own, under the recorder. */
function recordDay(root: string): { readonly day: ShortDay; readonly operations: readonly DiskOperation[] } {
  const recording = join(root, 'recording');
  const child = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, root], {
    encoding: 'utf8',
    env: {
      ...process.env,
      LD_PRELOAD: buildRecorder(),
      SANDOQ_RECORD: recording,
      SANDOQ_RECORD_FOLDER: join(root, 'world'),
      // Its writes would go past the library.
      UV_USE_IO_URING: '0',
    },
  });
  if (child.status !== 0) throw new Error(`the recorded day failed: ${child.stderr}`);
  return {
    day: deserialize(readFileSync(join(root, 'day.v8'))) as ShortDay,
    operations: readRecording(recording),
  };
}

interface Recorded {
  /** without marks */
  readonly operations: readonly DiskOperation[];
  /** for each operation, the moment that it belongs to */
  readonly momentOf: readonly number[];
}

const CORES = Object.values(CORE_FOLDERS);

/** Takes the marks out, and what is not a core's. */
function withoutMarks(all: readonly DiskOperation[]): Recorded {
  const operations: DiskOperation[] = [];
  const momentOf: number[] = [];
  let moment = -1;
  for (const operation of all) {
    if (operation.path === MARK_FILE) {
      if (operation.kind !== 'write') continue;
      const [a = 0, b = 0, c = 0] = operation.data;
      moment = a | (b << 8) | (c << 16);
      if (moment === 0xffffff) break;
    } else if (
      moment >= 0 &&
      CORES.some((core) => operation.path === core || operation.path.startsWith(`${core}/`)) &&
      !operation.path.endsWith('-shm')
    ) {
      operations.push(operation);
      momentOf.push(moment);
    }
  }
  return { operations, momentOf };
}

/** The files of both cores when the recorded process took them over. */
function baseOf(root: string): Files {
  const files: Files = new Map();
  for (const [name, core] of Object.entries(CORE_FOLDERS))
    for (const [path, content] of filesOf(join(root, 'scenes', 'loaded', name)))
      files.set(`${core}/${path}`, content);
  return files;
}

const digestOf = (crash: Crash, moment: number): string => {
  const hash = createHash('sha256').update(`${moment}`);
  for (const [path, content] of [...crash.files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(path).update('\0').update(content);
  return hash.digest('hex');
};

export async function checkDisks(root: string, options: DiskOptions): Promise<DiskCheck> {
  const { day, operations: all } = recordDay(root);
  if (day.findings.length > 0) throw new Error(`the recorded day: ${day.findings.join('; ')}`);
  const { operations, momentOf } = withoutMarks(all);
  const scenes = await makeMoments(join(root, 'again'));
  const base = baseOf(root);
  const chance = chanceOf('disk');
  const seen = new Set<string>();
  const failing: { what: string; findings: readonly string[] }[] = [];
  let prefixes = 0;
  let reorderings = 0;
  options.onProgress(
    `${operations.length} operations, ${operations.filter(({ kind }) => kind.startsWith('sync')).length} syncs`,
  );
  for (const crash of crashes(base, operations, { below: chance.below, everySync: options.everySync })) {
    const isPrefix = crash.what === 'prefix';
    if (isPrefix && crash.at % options.everyPrefix !== 0) continue;
    if (options.only !== undefined && crash.at !== options.only) continue;
    // The box as it was when the last of these was done, and no later one begun.
    const momentAt = momentOf[Math.max(0, crash.at - 1)] as number;
    const digest = digestOf(crash, momentAt);
    if (seen.has(digest)) continue;
    seen.add(digest);
    if (isPrefix) prefixes++;
    else reorderings++;
    const moment = day.moments[momentAt];
    if (moment === undefined) throw new Error(`no moment ${momentAt}`);
    const result = await goOnFrom(crash, moment, day, scenes.loaded, join(root, 'crash'));
    if (result.findings.length > 0) {
      failing.push({
        what: `--at ${crash.at} (${crash.what}, ${operations[crash.at - 1]?.path ?? ''})`,
        findings: result.findings,
      });
      options.onProgress(
        `FAILS --at ${crash.at} (${crash.what}): ${result.findings.join('; ').slice(0, 700)}`,
      );
      if (options.only !== undefined) for (const line of result.trace) options.onProgress(line);
    }
    if (seen.size % PROGRESS_EVERY === 0)
      options.onProgress(
        `  ${seen.size} disks, ${failing.length} fail; at ${crash.at} of ${operations.length}`,
      );
  }
  const matching = (pattern: RegExp): number =>
    failing.filter(({ findings }) => findings.some((one) => pattern.test(one))).length;
  return {
    figures: {
      operations: operations.length,
      syncs: operations.filter(({ kind }) => kind.startsWith('sync')).length,
      prefixes,
      reorderings,
      states: seen.size,
      lost: matching(/lost/),
      doubled: matching(/doubled/),
    },
    failing,
  };
}
