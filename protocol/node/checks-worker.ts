/** A thread that checks signatures and keys with libsodium, packed into one buffer a message. */
import { parentPort } from 'node:worker_threads';
import { type ChecksAnswer, type ChecksMessage, unpackChecks, unpackKeys } from './bulk.ts';
import { nodeCrypto, nodeKeyCheck } from './crypto.ts';

parentPort?.on('message', (message: ChecksMessage) => {
  const wrong: number[] = [];
  if (message.kind === 'signatures')
    unpackChecks(message.packed).forEach(({ publicKey, message: signed, signature }, i) => {
      if (!nodeCrypto.verify(publicKey, signed, signature)) wrong.push(i);
    });
  else
    unpackKeys(message.packed).forEach((key, i) => {
      if (!nodeKeyCheck(key)) wrong.push(i);
    });
  const answer: ChecksAnswer = { id: message.id, wrong };
  parentPort?.postMessage(answer);
});
