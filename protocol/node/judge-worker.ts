/** A thread that judges shares with libsodium. */
import { parentPort } from 'node:worker_threads';
import {
  type JudgeAnswer,
  type JudgeRequest,
  judgeTogether,
  resultMemory,
  type ShareFolder,
  setMerkleHash,
} from '@sandoq/protocol';
import { nodeCrypto } from './crypto.ts';

setMerkleHash(nodeCrypto.sha256);
let folder: ShareFolder | undefined;
parentPort?.on('message', (request: JudgeRequest) => {
  if (request.kind === 'folder') {
    folder = request.folder;
    return;
  }
  if (folder === undefined) throw new Error('a share before its folder');
  const result = judgeTogether(folder, nodeCrypto, request.share);
  const answer: JudgeAnswer = { id: request.id, result };
  parentPort?.postMessage(answer, resultMemory(result));
});
