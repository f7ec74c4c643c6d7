/** Memory for bodies, used again: bounded, never two bodies' at once, and a body that is too long or cut off leaves none. */
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BUFFER_BYTES, BUFFERS_KEPT_MAX, createBodyBuffers } from '../src/intake/body-buffers.ts';

const BYTES_MAX = 4 * BUFFER_BYTES;

function bodyOf(...chunks: readonly Uint8Array[]): PassThrough {
  const body = new PassThrough();
  for (const chunk of chunks) body.write(chunk);
  body.end();
  return body;
}
const filled = (bytes: number, value: number): Uint8Array => new Uint8Array(bytes).fill(value);
const read = async (
  buffers: ReturnType<typeof createBodyBuffers>,
  body: PassThrough,
  declared?: number,
): Promise<Uint8Array> => {
  const got = await buffers.read(body, declared, BYTES_MAX);
  if (typeof got === 'string') throw new Error(got);
  return got;
};

it('reads a body whole, whatever pieces it comes in and whatever it says of its length', async () => {
  const buffers = createBodyBuffers();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 }),
      fc.boolean(),
      async (chunks, isDeclared) => {
        const whole = Buffer.concat(chunks);
        const got = await read(buffers, bodyOf(...chunks), isDeclared ? whole.length : undefined);
        expect(Buffer.compare(got, whole)).toBe(0);
        if (got.length > 0) buffers.give(got.buffer);
      },
    ),
  );
  expect(buffers.kept).toBe(1);
});

it('gives memory to one body at a time, and again when it came back', async () => {
  const buffers = createBodyBuffers();
  const first = await read(buffers, bodyOf(filled(10, 1)));
  const second = await read(buffers, bodyOf(filled(10, 2)));
  expect(second.buffer).not.toBe(first.buffer);
  expect(first).toEqual(filled(10, 1));
  const { buffer } = first;
  buffers.give(buffer);
  buffers.give(buffer);
  expect(buffers.kept).toBe(1);
  const third = await read(buffers, bodyOf(filled(5, 3)));
  expect(third.buffer).toBe(buffer);
  expect(third).toEqual(filled(5, 3));
  expect(buffers.kept).toBe(0);
});

it('keeps a named number of buffers, of one size; what another thread has is no longer ours', async () => {
  const buffers = createBodyBuffers();
  const many = await Promise.all(
    Array.from({ length: BUFFERS_KEPT_MAX + 2 }, () => read(buffers, bodyOf(filled(1, 1)))),
  );
  const [away, ...others] = many as [Uint8Array, ...Uint8Array[]];
  structuredClone(away, { transfer: [away.buffer as ArrayBuffer] });
  buffers.give(away.buffer);
  expect(buffers.kept).toBe(0);
  for (const { buffer } of others) buffers.give(buffer);
  expect(buffers.kept).toBe(BUFFERS_KEPT_MAX);
  const long = await read(buffers, bodyOf(filled(BUFFER_BYTES, 1), filled(9, 2)), BUFFER_BYTES + 9);
  expect(long.length).toBe(BUFFER_BYTES + 9);
  buffers.give(long.buffer);
  expect(buffers.kept).toBe(BUFFERS_KEPT_MAX);
});

it('a body without a length grows as it comes, to the limit and no byte further', async () => {
  const buffers = createBodyBuffers();
  const pieces = Array.from({ length: 4 }, (_, i) => filled(BUFFER_BYTES, i + 1));
  const whole = await read(buffers, bodyOf(...pieces));
  expect(Buffer.compare(whole, Buffer.concat(pieces))).toBe(0);
  expect(await buffers.read(bodyOf(...pieces, filled(1, 9)), undefined, BYTES_MAX)).toBe('too_large');
  expect(await buffers.read(bodyOf(filled(1, 1)), BYTES_MAX + 1, BYTES_MAX)).toBe('too_large');
});

it('a body that is cut off is told so, and its memory is kept for the next', async () => {
  const buffers = createBodyBuffers();
  const body = new PassThrough();
  const reading = buffers.read(body, 100, BYTES_MAX);
  body.write(filled(50, 1));
  setImmediate(() => body.destroy());
  expect(await reading).toBe('cut_off');
  expect(buffers.kept).toBe(1);
});

it('memory that is not there is a fault of its own, and what was taken is kept', async () => {
  let left = 1;
  const buffers = createBodyBuffers((bytes) => {
    if (left-- <= 0) throw new RangeError('Array buffer allocation failed');
    return new ArrayBuffer(bytes);
  });
  const body = bodyOf(filled(BUFFER_BYTES, 1), filled(1, 2));
  expect(await buffers.read(body, undefined, BYTES_MAX)).toBe('no_memory');
  expect(buffers.kept).toBe(1);
  const held = await read(buffers, bodyOf(filled(3, 3)));
  expect(await buffers.read(bodyOf(filled(1, 1)), 1, BYTES_MAX)).toBe('no_memory');
  expect(held).toEqual(filled(3, 3));
});
