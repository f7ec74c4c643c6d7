/** `npm start`'s own command as a child: its addresses, its processes by their configurations, Ctrl-C. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');
export const STATION = 's0001';
/** Two cores may be shared by many, and the first start makes keys and builds what is stale. */
const UP_TIMEOUT_MS = 120_000;

const NAMES = ['bench panel', 'executive', 'supervisor', 'voter', 'inspector', 'province'] as const;
export type AddressName = (typeof NAMES)[number];

export interface RunningSystem {
  readonly addresses: Readonly<Record<AddressName, string>>;
  /** standard error so far: progress and what ended unasked */
  errors(): string;
  /** one process, found by its configuration file; undefined while it is not there */
  pidOf(configuration: string): number | undefined;
  /** SIGINT, as Ctrl-C sends it; resolves with the exit code */
  interrupt(): Promise<number | null>;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** A base whose three ports nobody holds now. */
export async function freePortBase(): Promise<number> {
  for (let base = 20_000 + (process.pid % 500) * 50; base < 64_000; base += 301) {
    const free = await Promise.all([base, base + 100, base + 200].map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error('no three free ports');
}

function findPid(configuration: string): number | undefined {
  for (const entry of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(entry)) continue;
    try {
      if (readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').includes(configuration))
        return Number(entry);
    } catch {
      // It ended while the list was read.
    }
  }
  return undefined;
}

export async function startSystem(data: string, portBase: number): Promise<RunningSystem> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'hardware-sim/rig/start.ts'),
      '--data',
      data,
      '--no-open',
      '--port-base',
      String(portBase),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let out = '';
  let errors = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGTERM');
      reject(new Error(`${why}\n${out}\n${errors}`));
    };
    const timer = setTimeout(() => fail('the system did not come up'), UP_TIMEOUT_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (!out.includes('Ctrl-C stops everything')) return;
      clearTimeout(timer);
      resolve();
    });
    void exited.then((code) => fail(`npm start ended with ${code}`));
  });
  const address = (name: string): string => {
    const found = new RegExp(`^ +${name} +(http\\S+)`, 'm').exec(out);
    if (found === null) throw new Error(`no address of ${name} in:\n${out}`);
    return found[1] as string;
  };
  return {
    addresses: Object.fromEntries(NAMES.map((name) => [name, address(name)])) as Record<AddressName, string>,
    errors: () => errors,
    pidOf: (configuration) => findPid(join(data, configuration)),
    async interrupt() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
      return exited;
    },
  };
}
