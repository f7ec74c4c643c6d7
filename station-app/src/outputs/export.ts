/** What leaves the station on a carrier: written under another name, synced, read back, compared, then named. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Bytes, equalBytes } from '@sandoq/protocol';

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

/** @throws where what is read back is not what was written: the carrier is not safe to remove. */
export function writeVerified(path: string, bytes: Bytes): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `.${process.pid}.part`);
  const handle = openSync(temporary, 'w', 0o600);
  for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
  fsyncSync(handle);
  closeSync(handle);
  if (!equalBytes(new Uint8Array(readFileSync(temporary)), bytes))
    throw new Error('export reads back otherwise');
  renameSync(temporary, path);
  syncFolder(folder);
}
