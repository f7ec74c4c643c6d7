/** Child processes of the rig: started by their command lines, waited for by their `ready` line, always ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
/** A core that has not said `ready` by then has failed. Generous: two cores may be shared by many. */
export const READY_TIMEOUT_MS = 60_000;
export const STOP_TIMEOUT_MS = 10_000;
const LOG_LINE_LENGTH_MAX = 1_000;

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** the JSON that followed `ready` */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly exited: Promise<number | null>;
  /** processor seconds so far, as the kernel counts them; 0 where it does not say */
  cpuSeconds(): number;
  /** SIGTERM, and SIGKILL where that is not heard */
  stop(): Promise<void>;
  /** SIGKILL: the power cut of a process */
  kill(): Promise<void>;
}

export interface ProcessOrder {
  readonly name: string;
  /** path, from the repository's root where it is relative */
  readonly script: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly configPath: string;
  /** after --config */
  readonly arguments?: readonly string[];
  /** standard error goes here */
  readonly logPath: string;
  /** the processor that it is held to; any where left out */
  readonly processor?: number | undefined;
}

const COMPILE_CACHE = join(ROOT, '.build', 'compile-cache');

/** Configs hold tokens. */
export function writeConfig(path: string, config: Readonly<Record<string, unknown>>): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(config, null, 1)}\n`, { mode: 0o600 });
}

export interface SpawnOrder {
  /** path, from the repository's root where it is relative */
  readonly script: string;
  readonly arguments: readonly string[];
  /** standard error goes here */
  readonly logPath: string;
  /** the processor that it is held to; any where left out */
  readonly processor?: number | undefined;
  /** whether standard input is a pipe that we write to */
  readonly input: boolean;
}

/** A program of ours, its words on a pipe. */
export function spawnProgram(order: SpawnOrder): ChildProcess {
  mkdirSync(dirname(order.logPath), { recursive: true });
  const log = openSync(order.logPath, 'a', 0o600);
  try {
    // Replaced by Node itself (taskset execs): the pid and its signals are the process's own.
    const before = order.processor === undefined ? [] : ['-c', String(order.processor), process.execPath];
    return spawn(
      order.processor === undefined ? process.execPath : 'taskset',
      [...before, '--disable-warning=ExperimentalWarning', resolve(ROOT, order.script), ...order.arguments],
      {
        stdio: [order.input ? 'pipe' : 'ignore', 'pipe', log],
        env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
      },
    );
  } finally {
    closeSync(log);
  }
}

/** Linux counts processor time in hundredths of a second (USER_HZ, fixed for user space). */
const TICKS_PER_SECOND = 100;

/** Of a process and its ended children; 0 where the kernel does not say. */
export function cpuSecondsOf(pid: number): number {
  try {
    // After the command's closing bracket: state is field 3; utime, stime, and the same of ended children, are 14 to 17 (proc_pid_stat(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** What a process said last, or that it said nothing. */
export function lastLineOf(path: string): string {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  return lines.at(-1)?.slice(0, LOG_LINE_LENGTH_MAX) || 'it said nothing';
}

/** Starts a process and waits for its `ready` line. @throws with the path of its log where it ends before that */
export async function startProcess(order: ProcessOrder): Promise<RunningProcess> {
  writeConfig(order.configPath, order.config);
  const child = spawnProgram({
    ...order,
    arguments: ['--config', order.configPath, ...(order.arguments ?? [])],
    input: false,
  });
  const exited = new Promise<number | null>((settle) => child.once('exit', (code) => settle(code)));
  const ready = await new Promise<Readonly<Record<string, unknown>>>((settle, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`${order.name} ${why}: ${lastLineOf(order.logPath)} (all of it in ${order.logPath})`));
    };
    const timer = setTimeout(() => fail('did not become ready'), READY_TIMEOUT_MS);
    let text = '';
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (chunk: string) => {
      text += chunk;
      const line = /^ready (\{.*\})$/m.exec(text);
      if (line === null) return;
      clearTimeout(timer);
      child.stdout?.removeAllListeners('data');
      child.stdout?.resume();
      settle(JSON.parse(line[1] as string) as Readonly<Record<string, unknown>>);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code ?? 'a signal'} before it was ready`);
    });
    child.once('error', (cause) => fail(cause.message));
  });
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  };
  return {
    name: order.name,
    pid: child.pid as number,
    ready,
    exited,
    cpuSeconds: () => cpuSecondsOf(child.pid as number),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
