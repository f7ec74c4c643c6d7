/** A thread that writes its part of a publication's files; the database is open for reading only. */
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabaseToRead } from '../database/database.ts';
import { intakeStore } from '../intake/store.ts';
import { type VersionPart, writeVersions } from './publication.ts';

export interface WriteOrder {
  readonly database: string;
  readonly making: string;
  readonly election: string;
  readonly versions: readonly { readonly station: string; readonly version: number }[];
  readonly part: VersionPart;
}

const { database: path, making, election, versions, part } = workerData as WriteOrder;
const database = openDatabaseToRead(path);
try {
  writeVersions(making, intakeStore(database), election, versions, [part]);
} finally {
  database.close();
}
parentPort?.postMessage('written');
