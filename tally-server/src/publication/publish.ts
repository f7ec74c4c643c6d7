/** A publication made by the running server: from the slips that it has judged, their files written by a thread. */
import { mkdirSync } from 'node:fs';
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
import type { WriteAnswer, WriteOrder } from './write-worker.ts';

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
  /** One order at a time: the caller sees to that. */
  write(order: WriteOrder): Promise<void>;
  close(): Promise<void>;
}

export function createWriter(): Writer {
  let worker: Worker | undefined;
  const started = (): Worker => {
    if (worker !== undefined) return worker;
    const one = new Worker(new URL('./write-worker.ts', import.meta.url));
    one.unref();
    // A thread that ended is none: the next order starts another.
    one.once('exit', () => {
      if (worker === one) worker = undefined;
    });
    // Whoever waits for an order hears of it; while nobody waits it ends the thread and nothing else.
    one.on('error', () => undefined);
    worker = one;
    return one;
  };
  return {
    start: () => {
      started();
    },
    write: (order) =>
      new Promise((resolve, reject) => {
        const one = started();
        const settle = (work: () => void): void => {
          one.off('message', onMessage).off('error', onError).off('exit', onExit);
          work();
        };
        const onMessage = (why: WriteAnswer): void =>
          settle(why === undefined ? resolve : () => reject(new Error(why)));
        const onError = (cause: unknown): void => settle(() => reject(cause));
        const onExit = (): void => settle(() => reject(new Error('the writing thread ended')));
        one.on('message', onMessage).on('error', onError).on('exit', onExit);
        one.postMessage(order);
      }),
    close: async () => {
      await worker?.terminate();
    },
  };
}

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
    const order = {
      database: databasePath(dataFolder),
      election,
      versions: versionsOf(held),
      inPacks: isPacked(provisioning.stations.size),
    };
    mkdirSync(folder, { recursive: true });
    // The thread writes the slips while the sums are made here.
    const writing = publisher.writer.write({ ...order, making: beginFolder(folder) });
    let prepared: PreparedPublication | undefined;
    try {
      prepared = preparePublication({
        provisioning,
        held,
        packageDigests: elections.digestsOf(election),
        bulletin,
        results: resultsDocuments(publisher.publications, provisioning),
      });
    } finally {
      // Whatever becomes of the sums: the folder has one writer.
      await writing;
    }
    if (prepared === undefined) continue;
    finishFolder(folder, elections.folderOf(election), prepared);
    return prepared.published;
  }
  throw new Error('another process takes in slips for this election');
}
