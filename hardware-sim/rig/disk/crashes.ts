/**
 * What a disk may hold after the power has gone: everything before the last sync of a file, and of what came after it any part.
 * A write may be there whole, not at all, or torn between sectors; a name may be there without its content, or not at all.
 */
import type { DiskOperation } from './recorder.ts';

export const SECTOR_BYTES = 512;
/** Up to so many unsynced operations every subset is tried; beyond, a sample. */
export const ALL_SUBSETS_MAX = 5;
export const SAMPLED_SUBSETS = 20;
const TORN_WRITES = 6;

export type Files = Map<string, Buffer>;

/** An operation that no sync has made durable yet, in the order of the recording. */
interface Pending {
  readonly at: number;
  readonly operation: DiskOperation;
}

export interface Crash {
  /** operations that the process had got done */
  readonly at: number;
  readonly what: string;
  readonly files: Files;
}

function apply(files: Files, operation: DiskOperation, sectors?: (sector: number) => boolean): void {
  if (operation.kind === 'create') {
    if (!files.has(operation.path)) files.set(operation.path, Buffer.alloc(0));
  } else if (operation.kind === 'remove') files.delete(operation.path);
  else if (operation.kind === 'rename') {
    const moved = files.get(operation.path);
    if (moved !== undefined) files.set(operation.to, moved);
    files.delete(operation.path);
  } else if (operation.kind === 'truncate') {
    const before = files.get(operation.path);
    if (before === undefined) return;
    const after = Buffer.alloc(operation.bytes);
    before.copy(after, 0, 0, operation.bytes);
    files.set(operation.path, after);
  } else if (operation.kind === 'write') write(files, operation, sectors);
}

function write(
  files: Files,
  { path, offset, data }: Extract<DiskOperation, { kind: 'write' }>,
  sectors?: (sector: number) => boolean,
): void {
  const before = files.get(path);
  if (before === undefined) return; // its name was lost, and it with it
  const end = offset + data.length;
  const after = Buffer.alloc(Math.max(before.length, end));
  before.copy(after);
  for (let at = offset; at < end; ) {
    const next = Math.min(end, (Math.floor(at / SECTOR_BYTES) + 1) * SECTOR_BYTES);
    if (sectors === undefined || sectors(Math.floor(at / SECTOR_BYTES)))
      data.copy(after, at, at - offset, next - offset);
    at = next;
  }
  files.set(path, after);
}

const copyOf = (files: Files): Files => new Map(files);
const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');
const isName = ({ kind }: DiskOperation): boolean =>
  kind === 'create' || kind === 'remove' || kind === 'rename';

/** A file's sync makes its content durable, and its creation, as every journalling file system does; a folder's, its names. */
const madeDurable = ({ operation }: Pending, sync: DiskOperation): boolean =>
  sync.kind === 'sync_folder'
    ? isName(operation) && folderOf(operation.path) === sync.path
    : sync.kind === 'sync' &&
      operation.path === sync.path &&
      operation.kind !== 'remove' &&
      operation.kind !== 'rename';

function subset(base: Files, pending: readonly Pending[], chosen: (i: number) => boolean): Files {
  const files = copyOf(base);
  pending.forEach(({ operation }, i) => {
    if (chosen(i)) apply(files, operation);
  });
  return files;
}

export interface CrashChoices {
  readonly below: (bound: number) => number;
  /** only every n-th sync is enumerated, for a short run */
  readonly everySync: number;
}

function* subsets(
  pending: readonly Pending[],
  choices: CrashChoices,
): Generator<{ readonly what: string; readonly chosen: (i: number) => boolean }> {
  const n = pending.length;
  if (n <= ALL_SUBSETS_MAX) {
    for (let bits = 0; bits < 2 ** n; bits++)
      yield {
        what: `subset ${bits.toString(2).padStart(n, '0')} of ${n}`,
        chosen: (i) => ((bits >> i) & 1) === 1,
      };
    return;
  }
  yield { what: 'nothing unsynced', chosen: () => false };
  yield { what: 'everything', chosen: () => true };
  for (let sample = 0; sample < SAMPLED_SUBSETS; sample++) {
    const bits = Array.from({ length: n }, () => choices.below(2) === 1);
    const one = choices.below(n);
    // One lost, one kept, or anything.
    const chosen =
      sample % 3 === 0
        ? (i: number) => i !== one
        : sample % 3 === 1
          ? (i: number) => i === one
          : (i: number) => bits[i] === true;
    yield { what: `sample ${sample} of ${n}`, chosen };
  }
}

function* torn(
  base: Files,
  pending: readonly Pending[],
  choices: CrashChoices,
): Generator<{ readonly what: string; readonly files: Files }> {
  const writes = pending.flatMap(({ operation }, i) =>
    operation.kind === 'write' && operation.data.length > SECTOR_BYTES ? [i] : [],
  );
  for (let sample = 0; sample < Math.min(TORN_WRITES, 2 * writes.length); sample++) {
    const which = writes[choices.below(writes.length)] as number;
    const files = copyOf(base);
    const keep = new Map<number, boolean>();
    pending.forEach(({ operation }, i) => {
      // What was written before it may be lost as well; what came after it in half of the cases.
      if (i < which ? choices.below(4) > 0 : i > which && choices.below(2) === 0) apply(files, operation);
      if (i === which)
        apply(files, operation, (sector) => {
          if (!keep.has(sector)) keep.set(sector, choices.below(2) === 0);
          return keep.get(sector) as boolean;
        });
    });
    yield { what: `torn write ${which} of ${pending.length}`, files };
  }
}

/**
 * Every prefix of the recording, and before every sync what it would have made durable in every part.
 * @param base the files when the recording began
 */
export function* crashes(
  base: Files,
  operations: readonly DiskOperation[],
  choices: CrashChoices,
): Generator<Crash> {
  let durable = copyOf(base);
  const written = copyOf(base);
  let pending: Pending[] = [];
  let syncs = 0;
  for (const [at, operation] of operations.entries()) {
    const syncing = operation.kind === 'sync' || operation.kind === 'sync_folder';
    if (!syncing) {
      apply(written, operation);
      pending.push({ at, operation });
      yield { at: at + 1, what: 'prefix', files: copyOf(written) };
      continue;
    }
    if (syncs++ % choices.everySync === 0 && pending.length > 0) {
      for (const { what, chosen } of subsets(pending, choices))
        yield { at, what, files: subset(durable, pending, chosen) };
      for (const { what, files } of torn(durable, pending, choices)) yield { at, what, files };
    }
    const next = copyOf(durable);
    for (const one of pending) if (madeDurable(one, operation)) apply(next, one.operation);
    durable = next;
    pending = pending.filter((one) => !madeDurable(one, operation));
  }
}
