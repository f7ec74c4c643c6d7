/** A thread that writes the slips and receipts of a publication; the database is open for reading only. */
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabaseToRead } from '../database/database.ts';
import { intakeStore } from '../intake/store.ts';
import { writeVersions } from './publication.ts';

export interface WriteOrder {
  readonly database: string;
  readonly making: string;
  readonly election: string;
  readonly versions: readonly { readonly station: string; readonly version: number }[];
  readonly inPacks: boolean;
}

const { database: path, making, election, versions, inPacks } = workerData as WriteOrder;
const database = openDatabaseToRead(path);
try {
  writeVersions(making, intakeStore(database), election, versions, inPacks);
} finally {
  database.close();
}
parentPort?.postMessage('written');
