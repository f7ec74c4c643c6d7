/**
 * Core processes that serve one station after another, as a bench of many stations uses them. Each is the station's own
 * program; what is spared is its start and the engine's warming up, which a real station does once, before dawn.
 */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { coreFile } from '@sandoq/station-app';
import {
  cpuSecondsOf,
  lastLineOf,
  READY_TIMEOUT_MS,
  type RunningProcess,
  STOP_TIMEOUT_MS,
  spawnProgram,
  writeConfig,
} from './processes.ts';

type Words = Readonly<Record<string, unknown>>;

export class CoreHost {
  readonly #name: 'voting' | 'admission';
  readonly #logPath: string;
  readonly #processor: number | undefined;
  #child: ChildProcess | undefined;
  #expected: { readonly word: 'ready' | 'closed'; settle(words: Words): void } | undefined;
  #exited: Promise<number | null> = Promise.resolve(null);

  constructor(name: 'voting' | 'admission', logPath: string, processor: number | undefined) {
    this.#name = name;
    this.#logPath = logPath;
    this.#processor = processor;
  }

  #running(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    const child = spawnProgram({
      script: coreFile(this.#name),
      arguments: ['--configs-from-input'],
      logPath: this.#logPath,
      processor: this.#processor,
      input: true,
    });
    this.#child = child;
    this.#exited = new Promise((settle) => {
      child.once('error', () => settle(null));
      child.once('exit', (code) => settle(code));
    });
    void this.#exited.then(() => {
      this.#child = undefined;
    });
    // Whoever waits for an answer hears of its end by #exited; a write to a dead process has nobody else to tell.
    child.stdin?.on('error', () => undefined);
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on('line', (line) => {
        const said = /^(ready|closed) (\{.*\})$/.exec(line);
        const expected = this.#expected;
        if (said === null || expected === undefined || said[1] !== expected.word) return;
        expected.settle(JSON.parse(said[2] as string) as Words);
      });
    return child;
  }

  /** One line in, its answer out. @throws with the log's last line where it ends or says nothing in time */
  async #ask(line: string, word: 'ready' | 'closed', timeoutMs: number): Promise<Words> {
    const child = this.#running();
    const fail = (why: string): Error =>
      new Error(`${this.#name} ${why}: ${lastLineOf(this.#logPath)} (all of it in ${this.#logPath})`);
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        new Promise<Words>((settle) => {
          this.#expected = { word, settle };
          child.stdin?.write(`${line}\n`);
        }),
        this.#exited.then((code) => {
          throw fail(`ended with ${code ?? 'a signal'}`);
        }),
        new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(fail(`did not say ${word}`)), timeoutMs);
        }),
      ]);
    } finally {
      clearTimeout(timer);
      this.#expected = undefined;
    }
  }

  /** The next station's core. The one before must have been stopped. */
  async start(config: Words, configPath: string): Promise<RunningProcess> {
    writeConfig(configPath, config);
    const pid = this.#running().pid as number;
    const before = cpuSecondsOf(pid);
    let spent: number | undefined;
    const ready = await this.#ask(configPath, 'ready', READY_TIMEOUT_MS);
    return {
      name: this.#name,
      pid,
      ready,
      exited: this.#exited,
      cpuSeconds: () => spent ?? cpuSecondsOf(pid) - before,
      stop: async () => {
        if (spent !== undefined || this.#child === undefined) return;
        await this.#ask('', 'closed', STOP_TIMEOUT_MS);
        spent = cpuSecondsOf(pid) - before;
      },
      kill: () => this.kill(),
    };
  }

  /** Ends the process: its input ends; SIGKILL where that is not heard. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.stdin?.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  /** SIGKILL; the next station gets a new process. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }
}

/** The two cores of the stations of a lane. */
export interface CorePair {
  readonly voting: CoreHost;
  readonly admission: CoreHost;
}
