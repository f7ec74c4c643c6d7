/** Checks in bulk on Node's threads. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type BulkChecks, packChecks } from '@sandoq/protocol';

export interface ChecksMessage {
  readonly id: number;
  readonly packed: Uint8Array;
}
export interface ChecksAnswer {
  readonly id: number;
  readonly wrong: readonly number[];
}

export interface ThreadedChecks extends BulkChecks {
  close(): Promise<void>;
}

export function threadedChecks(threads = availableParallelism()): ThreadedChecks {
  const waiting = new Map<
    number,
    { readonly resolve: (wrong: readonly number[]) => void; readonly reject: (cause: unknown) => void }
  >();
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(new URL('./checks-worker.ts', import.meta.url));
    worker.on('message', ({ id, wrong }: ChecksAnswer) => {
      waiting.get(id)?.resolve(wrong);
      waiting.delete(id);
    });
    worker.on('error', (cause) => {
      for (const { reject } of waiting.values()) reject(cause);
    });
    return worker;
  });
  let next = 0;
  const send = (packed: Uint8Array): Promise<readonly number[]> => {
    const id = next++;
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>();
    waiting.set(id, { resolve, reject });
    const message: ChecksMessage = { id, packed };
    workers[id % workers.length]?.postMessage(message, [packed.buffer as ArrayBuffer]);
    return promise;
  };
  return {
    signatures: (checks) => send(packChecks(checks)),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
