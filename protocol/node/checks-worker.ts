/** A thread that checks signatures with libsodium, packed into one buffer a message. */
import { parentPort } from 'node:worker_threads';
import { unpackChecks } from '@sandoq/protocol';
import type { ChecksAnswer, ChecksMessage } from './bulk.ts';
import { nodeCrypto } from './crypto.ts';

parentPort?.on('message', (message: ChecksMessage) => {
  const wrong: number[] = [];
  unpackChecks(message.packed).forEach(({ publicKey, message: signed, signature }, i) => {
    if (!nodeCrypto.verify(publicKey, signed, signature)) wrong.push(i);
  });
  const answer: ChecksAnswer = { id: message.id, wrong };
  parentPort?.postMessage(answer);
});
