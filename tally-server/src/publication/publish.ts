/** A publication made by the running server: from the slips that it has judged, their files written by a thread. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Provisioning } from '@sandoq/protocol';
import type { Bulletin } from '../bulletin/log.ts';
import type { Elections } from '../elections/elections.ts';
import type { HeldSlip } from '../intake/held.ts';
import { isPacked } from './packs.ts';
import {
  beginFolder,
  databasePath,
  finishFolder,
  type PreparedPublication,
  type Published,
  preparePublication,
  resultsDocuments,
  versionsOf,
} from './publication.ts';
import type { Publications } from './revisions.ts';
import type { FileOrder, WriteAnswer, WriteOrder } from './write-worker.ts';

export interface Publisher {
  readonly dataFolder: string;
  readonly elections: Elections;
  readonly bulletin: Bulletin;
  /** the slips that may be public */
  readonly held: (provisioning: Provisioning) => readonly HeldSlip[];
  readonly publications: Pick<Publications, 'current' | 'revisions'>;
  readonly writer: Writer;
}

/** Tried again so often where another process publishes at the same time. */
const ATTEMPTS_MAX = 5;

export interface Writer {
  /** Makes the thread ready: its start costs as much as the slips of a province. */
  start(): void;
  /** One order after another. Buffers of files are the thread's from now on. */
  write(order: WriteOrder | FileOrder): Promise<void>;
  close(): Promise<void>;
}

interface Ordered {
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

class WritingThread implements Writer {
  #worker: Worker | undefined;
  /** answered in the order in which they were given */
  #ordered: Ordered[] = [];

  start(): void {
    this.#started();
  }

  write(order: WriteOrder | FileOrder): Promise<void> {
    const worker = this.#started();
    return new Promise((resolve, reject) => {
      this.#ordered.push({ resolve, reject });
      worker.postMessage(order, order.kind === 'file' ? [order.bytes.buffer as ArrayBuffer] : []);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('./write-worker.ts', import.meta.url));
    worker.unref();
    worker.on('message', (why: WriteAnswer) => {
      const one = this.#ordered.shift();
      if (why === undefined) one?.resolve();
      else one?.reject(new Error(why));
    });
    // A thread that ended is none: whoever waits for it hears so, and the next order starts another.
    let cause: unknown = new Error('the writing thread ended');
    worker.on('error', (error) => {
      cause = error;
    });
    worker.once('exit', () => {
      this.#worker = undefined;
      for (const { reject } of this.#ordered.splice(0)) reject(cause);
    });
    this.#worker = worker;
    return worker;
  }
}

export const createWriter = (): Writer => new WritingThread();

/** One at a time in a folder: the caller sees to that. */
export async function publish(
  publisher: Publisher,
  provisioning: Provisioning,
  folder: string,
): Promise<Published> {
  const { dataFolder, elections, bulletin } = publisher;
  const { election } = provisioning;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = publisher.held(provisioning);
    const inPacks = isPacked(provisioning.stations.size);
    mkdirSync(folder, { recursive: true });
    const making = beginFolder(folder);
    const database = databasePath(dataFolder);
    const { writer } = publisher;
    // The thread writes the slips, and then the longest document, while the rest is made here.
    const versions = versionsOf(held);
    const writing = [writer.write({ kind: 'versions', database, making, election, versions, inPacks })];
    let prepared: PreparedPublication | undefined;
    try {
      prepared = preparePublication({
        provisioning,
        held,
        packageDigests: elections.digestsOf(election),
        bulletin,
        results: resultsDocuments(publisher.publications, provisioning),
        handOver: (name, bytes) => {
          writing.push(writer.write({ kind: 'file', path: join(making, name), bytes }));
        },
      });
    } finally {
      // Whatever becomes of the sums: the folder has one writer, and it has ended before another begins.
      await Promise.allSettled(writing);
    }
    await Promise.all(writing);
    if (prepared === undefined) continue;
    finishFolder(folder, elections.folderOf(election), prepared);
    return prepared.published;
  }
  throw new Error('another process takes in slips for this election');
}
