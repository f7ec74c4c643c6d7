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
  type Published,
  preparePublication,
  resultsDocuments,
} from './publication.ts';
import type { Publications } from './revisions.ts';
import type { WriteOrder } from './write-worker.ts';

export interface Publisher {
  readonly dataFolder: string;
  readonly elections: Elections;
  readonly bulletin: Bulletin;
  /** the slips that may be public */
  readonly held: (provisioning: Provisioning) => readonly HeldSlip[];
  readonly publications: Pick<Publications, 'current' | 'revisions'>;
}

/** Tried again so often where another process publishes at the same time. */
const ATTEMPTS_MAX = 5;

function written(order: WriteOrder): Promise<void> {
  const worker = new Worker(new URL('./write-worker.ts', import.meta.url), { workerData: order });
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
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
    const prepared = preparePublication({
      provisioning,
      held: publisher.held(provisioning),
      packageDigests: elections.digestsOf(election),
      bulletin,
      results: resultsDocuments(publisher.publications, provisioning),
    });
    if (prepared === undefined) continue;
    mkdirSync(folder, { recursive: true });
    const making = beginFolder(folder);
    const { versions } = prepared;
    const inPacks = isPacked(provisioning.stations.size);
    await written({ database: databasePath(dataFolder), making, election, versions, inPacks });
    finishFolder(folder, elections.folderOf(election), prepared);
    return prepared.published;
  }
  throw new Error('another process takes in slips for this election');
}
