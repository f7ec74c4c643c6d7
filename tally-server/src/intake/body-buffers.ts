/**
 * Bodies of batches, read into memory that is used again: on the night of a nation a fresh megabyte for every request,
 * cleared by the system and given back, costs more than looking into the slips does.
 */
import type { Readable } from 'node:stream';
import type { Bytes } from '@sandoq/protocol';

/** What nearly every batch fits into; a longer one gets memory of its own, which is not kept. */
export const BUFFER_BYTES = 1024 * 1024;
/** Buffers that lie ready; as many requests as the judges' queue holds, and those that wait for the disk. */
export const BUFFERS_KEPT_MAX = 64;

/** `no_memory`: what was there for bodies is in use; the sender may come again */
export type BodyFault = 'too_large' | 'cut_off' | 'no_memory';

export interface BodyBuffers {
  /**
   * A body, whole, in memory that is its reader's until it is given back.
   * @param declared the request's `Content-Length`, where it has one
   */
  read(body: Readable, declared: number | undefined, bytesMax: number): Promise<Bytes | BodyFault>;
  /** Back for the next body: nobody looks at it any more. Other memory than `read` gave, or detached, is left alone. */
  give(buffer: ArrayBufferLike): void;
  /** how many lie ready */
  readonly kept: number;
}

/** @param allocate throws where there is no more memory */
export function createBodyBuffers(
  allocate: (bytes: number) => ArrayBuffer = (bytes) => new ArrayBuffer(bytes),
): BodyBuffers {
  const ready: ArrayBuffer[] = [];
  const bufferFor = (bytes: number): ArrayBuffer =>
    bytes > BUFFER_BYTES ? allocate(bytes) : (ready.pop() ?? allocate(BUFFER_BYTES));
  const give = (buffer: ArrayBufferLike): void => {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== BUFFER_BYTES) return;
    if (ready.length < BUFFERS_KEPT_MAX && !ready.includes(buffer)) ready.push(buffer);
  };
  return {
    read: (body, declared, bytesMax) =>
      new Promise((resolve) => {
        if (declared !== undefined && declared > bytesMax) {
          resolve('too_large');
          return;
        }
        let into: Uint8Array<ArrayBuffer> | undefined;
        let length = 0;
        const end = (outcome: Bytes | BodyFault): void => {
          body.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
          if (typeof outcome === 'string' && into !== undefined) give(into.buffer);
          resolve(outcome);
        };
        const onData = (chunk: Buffer): void => {
          const needed = length + chunk.length;
          if (needed > bytesMax) {
            end('too_large');
            return;
          }
          try {
            into ??= new Uint8Array(bufferFor(declared ?? 0));
            if (needed > into.length) {
              const wider = new Uint8Array(allocate(bytesMax));
              wider.set(into.subarray(0, length));
              give(into.buffer);
              into = wider;
            }
          } catch {
            end('no_memory');
            return;
          }
          into.set(chunk, length);
          length = needed;
        };
        const onEnd = (): void => end(into === undefined ? new Uint8Array(0) : into.subarray(0, length));
        const onCut = (): void => end('cut_off');
        body.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
      }),
    give,
    get kept() {
      return ready.length;
    },
  };
}
