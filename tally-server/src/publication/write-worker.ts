/** A thread that writes the slips and receipts of publications; the database is open for reading only. */
import { parentPort } from 'node:worker_threads';
import { openDatabaseToRead } from '../database/database.ts';
import { intakeStore } from '../intake/store.ts';
import { type VersionName, writeVersions } from './publication.ts';

export interface WriteOrder {
  readonly database: string;
  readonly making: string;
  readonly election: string;
  readonly versions: readonly VersionName[];
  readonly inPacks: boolean;
}
/** undefined: all is written */
export type WriteAnswer = string | undefined;

function write({ database: path, making, election, versions, inPacks }: WriteOrder): void {
  const database = openDatabaseToRead(path);
  try {
    writeVersions(making, intakeStore(database), election, versions, inPacks);
  } finally {
    database.close();
  }
}

parentPort?.on('message', (order: WriteOrder) => {
  let answer: WriteAnswer;
  try {
    write(order);
  } catch (cause) {
    answer = cause instanceof Error ? cause.message : 'not written';
  }
  parentPort?.postMessage(answer);
});
