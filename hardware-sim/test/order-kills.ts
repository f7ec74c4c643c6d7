// The records store under `kill -9` of its process, at instants that nobody chose.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { concatBytes, toHex } from '@sandoq/protocol';
import { nodeCrypto } from '@sandoq/protocol/node';
import { maskStore } from './order-days.ts';

const CHILD = join(import.meta.dirname, 'order-store-child.ts');

export interface KilledStore {
  readonly digest: string;
  readonly kills: number;
  /** kills that left a journal to roll back */
  readonly hotJournals: number;
}

/** One life of the process; true where it came to its end before it was killed. */
function live(path: string, votes: number, seed: number, killAfterMs: number | undefined): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, path, String(votes), String(seed)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let done = false;
    let timer: NodeJS.Timeout | undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      if (text.includes('done')) done = true;
      if (text.includes('running') && killAfterMs !== undefined)
        timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (signal === null && code !== 0) reject(new Error(`the store's process ended with ${code}`));
      else resolve(done);
    });
  });
}

/** Fills the store in the order of `seed`, killing its process `kills` times. */
export async function killedStore(
  path: string,
  votes: number,
  seed: number,
  kills: number,
): Promise<KilledStore> {
  let killed = 0;
  let hotJournals = 0;
  for (;;) {
    const delay = killed < kills ? Math.random() * ((votes * 2) / Math.max(1, kills)) : undefined;
    if (await live(path, votes, seed, delay)) break;
    killed++;
    if (existsSync(`${path}-journal`) && readFileSync(`${path}-journal`).length > 0) hotJournals++;
  }
  const bytes = concatBytes(maskStore(readFileSync(path)), readFileSync(`${path}-pending`));
  return { digest: toHex(nodeCrypto.sha256(bytes)), kills: killed, hotJournals };
}
