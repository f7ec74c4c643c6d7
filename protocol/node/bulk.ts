/** Checks in bulk on Node's threads. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { BulkChecks, Bytes, SignatureCheck } from '@sandoq/protocol';

export interface ChecksMessage {
  readonly id: number;
  readonly kind: 'signatures' | 'keys';
  readonly packed: Uint8Array;
}
export interface ChecksAnswer {
  readonly id: number;
  readonly wrong: readonly number[];
}

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const LENGTH_BYTES = 4;
const HEAD_BYTES = KEY_BYTES + SIGNATURE_BYTES + LENGTH_BYTES;

function packChecks(checks: readonly SignatureCheck[]): Uint8Array {
  const bytes = checks.reduce((sum, { message }) => sum + HEAD_BYTES + message.length, 0);
  const packed = new Uint8Array(bytes);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const { publicKey, message, signature } of checks) {
    packed.set(publicKey, at);
    packed.set(signature, at + KEY_BYTES);
    view.setUint32(at + KEY_BYTES + SIGNATURE_BYTES, message.length);
    packed.set(message, at + HEAD_BYTES);
    at += HEAD_BYTES + message.length;
  }
  return packed;
}

export function unpackChecks(packed: Uint8Array): readonly SignatureCheck[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const checks: SignatureCheck[] = [];
  for (let at = 0; at < packed.length; ) {
    const length = view.getUint32(at + KEY_BYTES + SIGNATURE_BYTES);
    const end = at + HEAD_BYTES + length;
    checks.push({
      publicKey: packed.subarray(at, at + KEY_BYTES),
      signature: packed.subarray(at + KEY_BYTES, at + KEY_BYTES + SIGNATURE_BYTES),
      message: packed.subarray(at + HEAD_BYTES, end),
    });
    at = end;
  }
  return checks;
}

export const unpackKeys = (packed: Uint8Array): readonly Bytes[] =>
  Array.from({ length: packed.length / KEY_BYTES }, (_, i) =>
    packed.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES),
  );

export interface ThreadedChecks extends BulkChecks {
  close(): Promise<void>;
}

/** Keys of another length are none, and are not sent. */
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
  const send = (kind: ChecksMessage['kind'], packed: Uint8Array): Promise<readonly number[]> => {
    const id = next++;
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>();
    waiting.set(id, { resolve, reject });
    const message: ChecksMessage = { id, kind, packed };
    workers[id % workers.length]?.postMessage(message, [packed.buffer as ArrayBuffer]);
    return promise;
  };
  return {
    signatures: (checks) => send('signatures', packChecks(checks)),
    keys: async (keys) => {
      const odd = keys.flatMap(({ length }, i) => (length === KEY_BYTES ? [] : [i]));
      if (odd.length > 0) return odd;
      const packed = new Uint8Array(keys.length * KEY_BYTES);
      keys.forEach((key, i) => {
        packed.set(key, i * KEY_BYTES);
      });
      return send('keys', packed);
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
