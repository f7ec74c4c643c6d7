/** A thread that writes the slips and receipts of publications; the database is open for reading only. */
import { closeSync, fdatasyncSync, openSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { Bytes } from '@sandoq/protocol';
import { openDatabaseToRead } from '../database/database.ts';
import { intakeStore } from '../intake/store.ts';
import { type VersionName, writeVersions } from './publication.ts';

/** One file of the publication. */
export interface FileOrder {
  readonly kind: 'file';
  readonly path: string;
  readonly bytes: Bytes;
}
export interface WriteOrder {
  readonly kind: 'versions';
  readonly database: string;
  readonly making: string;
  readonly election: string;
  readonly versions: readonly VersionName[];
  readonly inPacks: boolean;
}
/** undefined: all is written */
export type WriteAnswer = string | undefined;

function writeAll({ database: path, making, election, versions, inPacks }: WriteOrder): void {
  const database = openDatabaseToRead(path);
  try {
    writeVersions(making, intakeStore(database), election, versions, inPacks);
  } finally {
    database.close();
  }
}

function writeFile({ path, bytes }: FileOrder): void {
  const handle = openSync(path, 'w');
  try {
    writeFileSync(handle, bytes);
    fdatasyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

parentPort?.on('message', (order: WriteOrder | FileOrder) => {
  let answer: WriteAnswer;
  try {
    if (order.kind === 'file') writeFile(order);
    else writeAll(order);
  } catch (cause) {
    answer = cause instanceof Error ? cause.message : 'not written';
  }
  parentPort?.postMessage(answer);
});
