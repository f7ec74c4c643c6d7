/**
 * The judges: threads that check bundles, started when there is work enough for them. Few slips are judged on the
 * serving thread itself. The queue is bounded: what does not fit is refused by name and comes again.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Bytes, Provisioning } from '@sandoq/protocol';
import { keptSigner, nodeCrypto } from '@sandoq/protocol/node';
import { bundlesIn, type Job, type Judged, judgeJob, type Verdict, verdictsOf } from './judgement.ts';
import { type SharedEntries, sharedEntries } from './station-entries.ts';

/** Bundles waiting at one time; a nation's night at its worst is a few hundred a second. */
export const QUEUE_MAX = 4096;
/** The same in bytes: so many of the largest bundles would be 2 GB. */
export const QUEUE_BYTES_MAX = 64 * 1024 * 1024;
/** More waiting than this, or more stations, and the threads are started. */
const INLINE_QUEUE_MAX = 16;
const INLINE_STATIONS_MAX = 2000;
/** Bundles sent to a thread at a time, and so many messages ahead: it never waits, and the rest can still be refused. */
const BUNDLES_PER_MESSAGE_MAX = 32;
const MESSAGES_AHEAD_MAX = 3;
export const JUDGES_MAX = 16;
/** Nearly everything that a judge makes is soon forgotten: with room for it, it is never copied. */
const JUDGE_YOUNG_MIB = 64;

export interface JudgeData {
  readonly secretKey: Bytes;
  /** which share of a package's stations this thread checks the keys of */
  readonly share: number;
  readonly shares: number;
}
export type ToJudge =
  /** the stations' entries are beside it, in memory that the threads share */
  | { readonly kind: 'election'; readonly provisioning: Provisioning; readonly entries: SharedEntries }
  | { readonly kind: 'sound'; readonly election: string; readonly stations: readonly string[] }
  | { readonly kind: 'judge'; readonly jobs: readonly Job[] };
export type FromJudge =
  | { readonly kind: 'sound'; readonly election: string; readonly stations: readonly string[] }
  | { readonly kind: 'judged'; readonly judged: readonly Judged[] };

export interface Judges {
  /** Makes an election, or its amended form, known to every judge. */
  load(provisioning: Provisioning): Promise<void>;
  /** @returns undefined where the queue is full */
  judge(job: Job): Promise<Verdict> | undefined;
  /** Several bundles in one piece, whose bytes are the judges' from now on: a verdict each, in order. */
  judgeAll(job: Job): Promise<readonly Verdict[]> | undefined;
  /** Waits for a place in the queue. */
  judgeLater(job: Job): Promise<Verdict>;
  /** bundles that wait or are being judged */
  readonly waiting: number;
  close(): Promise<void>;
}

interface Waiting {
  readonly job: Job;
  /** how many bundles it holds */
  readonly bundles: number;
  /** how long it is: once handed over to a thread the job no longer says so itself */
  readonly length: number;
  readonly resolve: (verdicts: readonly Verdict[]) => void;
  readonly reject: (cause: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** sent and not answered, in order of messages */
  readonly ahead: (readonly Waiting[])[];
}

export interface JudgesOptions {
  readonly secretKey: Bytes;
  /** threads once they are started; 0: all on the serving thread */
  readonly threads?: number;
}

class Pool implements Judges {
  readonly #options: Required<JudgesOptions>;
  readonly #signer;
  readonly #elections = new Map<string, Provisioning>();
  readonly #queue: Waiting[] = [];
  #threads: Thread[] = [];
  /** who has not yet said which stations' keys of the newest election are sound, and what is done when all have */
  #asked: { readonly threads: Set<Thread>; readonly sound: string[]; readonly done: () => void } | undefined;
  /** one election is made known at a time */
  #telling: Promise<void> = Promise.resolve();
  /** elections that are being made known: nothing is judged meanwhile, lest it were by an older package */
  #untold = 0;
  #queueBytes = 0;
  /** bundles that nobody has begun with */
  #queued = 0;
  #scheduled = false;
  #closed = false;
  #roomWanted: (() => void)[] = [];
  waiting = 0;

  constructor(options: JudgesOptions) {
    const threads = Math.min(options.threads ?? availableParallelism(), JUDGES_MAX);
    this.#options = { ...options, threads };
    this.#signer = { crypto: nodeCrypto, sign: keptSigner(options.secretKey) };
  }

  async load(provisioning: Provisioning): Promise<void> {
    this.#elections.set(provisioning.election, provisioning);
    if (this.#threads.length > 0) this.#tell(provisioning);
    else if (provisioning.stations.size > INLINE_STATIONS_MAX) this.#start();
    await this.#telling;
  }

  judge(job: Job): Promise<Verdict> | undefined {
    return this.judgeAll(job)?.then(([verdict]) => verdict as Verdict);
  }

  judgeAll(job: Job): Promise<readonly Verdict[]> | undefined {
    const bundles = bundlesIn(job);
    if (this.waiting + bundles > QUEUE_MAX || this.#queueBytes + job.bytes.length > QUEUE_BYTES_MAX)
      return undefined;
    this.waiting += bundles;
    this.#queued += bundles;
    this.#queueBytes += job.bytes.length;
    const { promise, resolve, reject } = Promise.withResolvers<readonly Verdict[]>();
    this.#queue.push({ job, bundles, length: job.bytes.length, resolve, reject });
    if (this.#queued > INLINE_QUEUE_MAX && this.#threads.length === 0) this.#start();
    this.#schedule();
    return promise;
  }

  async judgeLater(job: Job): Promise<Verdict> {
    for (;;) {
      const verdict = this.judge(job);
      if (verdict !== undefined) return verdict;
      await new Promise<void>((resolve) => this.#roomWanted.push(resolve));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#queue.splice(0)) reject(new Error('the intake is closed'));
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
    this.#threads = [];
  }

  /** Once a turn of the event loop: what came in together goes out together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#threads.length > 0) this.#deal();
      else this.#judgeHere();
    });
  }

  #judgeHere(): void {
    const waiting = this.#queue.shift();
    if (waiting === undefined) return;
    this.#queued -= waiting.bundles;
    const provisioning = this.#elections.get(waiting.job.election);
    try {
      if (provisioning === undefined) throw new Error('a job of an election that was never loaded');
      this.#done(waiting, judgeJob(provisioning, this.#signer, waiting.job));
    } catch (cause) {
      this.#failed(waiting, cause);
    }
    if (this.#queue.length > 0) this.#schedule();
  }

  #deal(): void {
    if (this.#untold > 0) return;
    for (let dealt = true; dealt && this.#queue.length > 0; ) {
      dealt = false;
      for (const thread of this.#threads) {
        if (thread.ahead.length >= MESSAGES_AHEAD_MAX || this.#queue.length === 0) continue;
        // Few are shared out one by one, so that no thread stands idle beside a long message.
        const share = this.#share();
        thread.ahead.push(share);
        const jobs = share.map(({ job }) => job);
        const message: ToJudge = { kind: 'judge', jobs };
        thread.worker.postMessage(
          message,
          jobs.map(({ bytes }) => bytes.buffer as ArrayBuffer),
        );
        dealt = true;
      }
    }
  }

  #share(): readonly Waiting[] {
    const bundlesMax = Math.min(BUNDLES_PER_MESSAGE_MAX, Math.ceil(this.#queued / this.#threads.length));
    const share: Waiting[] = [];
    for (let bundles = 0; bundles < bundlesMax; ) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      share.push(next);
      bundles += next.bundles;
      this.#queued -= next.bundles;
    }
    return share;
  }

  #done(one: Waiting, judged: Judged): void {
    this.#leave(one);
    one.resolve(verdictsOf(one.job, judged));
  }

  #failed(one: Waiting, cause: unknown): void {
    this.#leave(one);
    one.reject(cause);
  }

  #leave({ bundles, length }: Waiting): void {
    this.waiting -= bundles;
    this.#queueBytes -= length;
    for (const wake of this.#roomWanted.splice(0)) wake();
  }

  #start(): void {
    const shares = this.#options.threads;
    if (shares === 0 || this.#threads.length > 0 || this.#closed) return;
    const { secretKey } = this.#options;
    this.#threads = Array.from({ length: shares }, (_, share) => {
      const workerData: JudgeData = { secretKey, share, shares };
      const worker = new Worker(new URL('./judge-worker.ts', import.meta.url), {
        workerData,
        resourceLimits: { maxYoungGenerationSizeMb: JUDGE_YOUNG_MIB },
      });
      worker.unref();
      const thread: Thread = { worker, ahead: [] };
      worker.on('message', (message: FromJudge) => this.#answered(thread, message));
      worker.on('error', (cause) => {
        this.#threads = this.#threads.filter((one) => one !== thread);
        for (const one of thread.ahead.splice(0).flat()) this.#failed(one, cause);
        // Nobody waits for what it would have said, and the others, or this thread, go on.
        this.#told(thread, []);
        if (this.#queue.length > 0) this.#schedule();
      });
      return thread;
    });
    for (const provisioning of this.#elections.values()) this.#tell(provisioning);
  }

  /** Rasters are the box's: judges never look at them. */
  #tell(provisioning: Provisioning): void {
    this.#untold++;
    this.#telling = this.#telling
      .then(() => this.#tellNow(provisioning))
      .then(() => {
        this.#untold--;
        this.#deal();
      });
  }

  async #tellNow(provisioning: Provisioning): Promise<void> {
    const bare: Provisioning = { ...provisioning, rasters: new Uint8Array(0), stations: new Map() };
    const entries = sharedEntries(provisioning.stations);
    const sound: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#asked = { threads: new Set(this.#threads), sound, done: resolve };
    if (this.#threads.length === 0) resolve();
    const toAll = (message: ToJudge): void => {
      for (const { worker } of this.#threads) worker.postMessage(message);
    };
    toAll({ kind: 'election', provisioning: bare, entries });
    await promise;
    toAll({ kind: 'sound', election: provisioning.election, stations: sound });
  }

  #told(thread: Thread, stations: readonly string[]): void {
    const told = this.#asked;
    if (told?.threads.delete(thread) !== true) return;
    told.sound.push(...stations);
    if (told.threads.size === 0) told.done();
  }

  #answered(thread: Thread, message: FromJudge): void {
    if (message.kind === 'sound') {
      this.#told(thread, message.stations);
      return;
    }
    const share = thread.ahead.shift() ?? [];
    share.forEach((waiting, i) => {
      this.#done(waiting, message.judged[i] as Judged);
    });
    this.#deal();
  }
}

export const createJudges = (options: JudgesOptions): Judges => new Pool(options);
