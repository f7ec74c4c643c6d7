/** Builds the recording shim with the machine's own compiler, and reads what it has written. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = join(import.meta.dirname, 'record.c');
const BUILD = join(import.meta.dirname, '..', '..', '..', '.build');

/** @returns the library's path. @throws with the name of the package that is missing */
export function buildRecorder(): string {
  const digest = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 16);
  const library = join(BUILD, `record-${digest}.so`);
  if (existsSync(library)) return library;
  mkdirSync(BUILD, { recursive: true });
  const made = `${library}.${process.pid}`;
  const built = spawnSync(
    'gcc',
    ['-O1', '-shared', '-fPIC', '-Wall', '-Werror', '-o', made, SOURCE, '-ldl', '-lpthread'],
    { encoding: 'utf8' },
  );
  if (built.error !== undefined) throw new Error('a C compiler is wanted: apt-get install gcc libc6-dev');
  if (built.status !== 0)
    throw new Error(`the recorder does not compile (apt-get install libc6-dev?):\n${built.stderr}`);
  renameSync(made, library);
  return library;
}

export type DiskOperation =
  | { readonly kind: 'write'; readonly path: string; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly bytes: number }
  | { readonly kind: 'sync' | 'create' | 'remove' | 'sync_folder'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string };

const HEAD_BYTES = 14;
const KINDS = [undefined, 'write', 'truncate', 'sync', 'create', 'rename', 'remove', 'sync_folder'] as const;

/** @throws where the recording is no recording */
export function readRecording(path: string): readonly DiskOperation[] {
  const bytes = readFileSync(path);
  const operations: DiskOperation[] = [];
  for (let at = 0; at < bytes.length; ) {
    const kind = KINDS[bytes[at] as number];
    const pathBytes = bytes[at + 1] as number;
    const dataBytes = bytes.readUInt32LE(at + 2);
    const offset = Number(bytes.readBigUInt64LE(at + 6));
    const name = bytes.toString('utf8', at + HEAD_BYTES, at + HEAD_BYTES + pathBytes);
    const data = bytes.subarray(at + HEAD_BYTES + pathBytes, at + HEAD_BYTES + pathBytes + dataBytes);
    if (kind === undefined || data.length !== dataBytes) throw new Error('the recording is damaged');
    if (kind === 'write') operations.push({ kind, path: name, offset, data });
    else if (kind === 'truncate') operations.push({ kind, path: name, bytes: offset });
    else if (kind === 'rename') operations.push({ kind, path: name, to: data.toString('utf8') });
    else operations.push({ kind, path: name });
    at += HEAD_BYTES + pathBytes + dataBytes;
  }
  return operations;
}
