/**
 * What keeps a voter's choices from outliving her session in this process's memory. Wiping our own buffers is not
 * enough: the engine moves and copies (parsed JSON, strings of the socket, intermediate arrays). So the process runs
 * under flags that zero what the collector frees, under an allocator that overwrites what is freed, and collects when a
 * session has ended. Core dumps are off. Swap is the launcher's and the machine's (docs/VOTING.md).
 */

import { createConnection } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Zero what is collected, rather than leave it until it is reused. And compile at the first call: a station's process
 * sees hundreds of votes, not millions, and would spend them in the interpreter (measured: a tenth of a vote's time).
 */
const ENGINE_FLAGS = [
  '--expose-gc',
  '--clear-free-memory',
  '--zero-unused-memory',
  '--always-sparkplug',
] as const;
/** glibc's tunables: fill what is freed; and no cache of small pieces a thread, which would be put aside unfilled. */
const ALLOCATOR = 'glibc.malloc.perturb=165:glibc.malloc.tcache_count=0';
const HARDENED = 'SANDOQ_HARDENED';

/**
 * Makes every small Buffer an allocation of its own: the shared pool would keep pieces of sockets' lines for ever. Then
 * replaces this process's image by itself (execve: same process, same arguments) with core dumps off, the engine's flags
 * and the allocator's fill, once. @returns where it is so already
 */
export function harden(): void {
  Buffer.poolSize = 0;
  // Electron's utility processes get their flags from the launcher that forks them.
  const mayReplace = process.execve !== undefined && process.versions.electron === undefined;
  if (process.env[HARDENED] === '1' || !mayReplace) return;
  const script = process.argv[1] as string;
  process.execve?.(
    '/bin/sh',
    [
      'sh',
      '-c',
      'ulimit -c 0; exec "$0" "$@"',
      process.execPath,
      ...process.execArgv,
      '--disable-warning=ExperimentalWarning',
      script,
      ...process.argv.slice(2),
    ],
    { ...process.env, [HARDENED]: '1', GLIBC_TUNABLES: ALLOCATOR } as Record<string, string>,
  );
}

/**
 * The engine's flags, once this process's code is loaded and before it has anything to hide. On the command line they
 * would make the engine refuse all code that was compiled without them, Node's own too.
 */
export function hardenEngine(): void {
  for (const flag of ENGINE_FLAGS) setFlagsFromString(flag);
  collect ??= runInNewContext('gc') as Collect;
}

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

let collect: Collect | undefined;

/** Sizes of pieces that lines, frames and records take, and how many of each cover what the allocator has free. */
const PIECES: readonly (readonly [bytes: number, count: number])[] = [
  [65_536, 8],
  [16_384, 16],
  [4_096, 32],
  [1_024, 64],
  [256, 128],
  [64, 256],
];

/**
 * Collects everything that is dead; under the flags above its memory is zeroed. Then takes what the allocator has free,
 * overwrites it and gives it back: pieces that were split or merged while free keep edges that no fill has reached.
 */
export function scrubMemory(): void {
  if (collect === undefined) return;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const taken = PIECES.flatMap(([bytes, count]) =>
    Array.from({ length: count }, () => Buffer.allocUnsafeSlow(bytes).fill(0)),
  );
  // Given back at once: a second collection for their sake would look through the whole heap again.
  for (const piece of taken) piece.buffer.transfer(0);
}

/** Four times the buffer that Node keeps for reading sockets. */
const SOCKET_FILL_BYTES = 256 * 1024;

/**
 * Node reads every socket into one buffer that lives as long as the process, and overwrites no more of it than the next
 * line is long. So we send ourselves blanks: a client that says nothing, and is gone before it must have said who it is.
 */
export function scrubSocketBuffer(path: string): void {
  const socket = createConnection(path);
  socket.on('error', () => socket.destroy());
  socket.write(Buffer.alloc(SOCKET_FILL_BYTES, ' '), () => socket.destroy());
}
