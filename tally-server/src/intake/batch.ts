/**
 * Several slips in one request, from a collector that has them together: a CBOR sequence (RFC 8742) of byte strings,
 * each a bundle, and for answer a CBOR sequence of arrays, one a bundle in the same order. Each is taken or refused
 * for itself; only a body that is no such sequence is refused whole, before anything is judged.
 */
import { type Bytes, encodeCbor, failure, type Result, success } from '@sandoq/protocol';
import type { Refusal } from '../web/refusal.ts';
import type { Accepted } from './intake.ts';

export const BATCH_BUNDLES_MAX = 64;
export const BATCH_BYTES_MAX = 4 * 1024 * 1024;
export const CBOR_SEQUENCE = 'application/cbor-seq';

const CREATED = 201;
const OK = 200;
const BYTE_STRING = 2;

/** @returns where each bundle begins and ends */
export function batchParts(body: Bytes): Result<readonly number[], Refusal> {
  const wrong = (at: string, wanted: string): Result<never, Refusal> =>
    failure({ status: 400, code: 'batch_malformed', at, wanted });
  const parts: number[] = [];
  for (let at = 0; at < body.length; ) {
    const item = `items[${parts.length / 2}]`;
    if (parts.length === 2 * BATCH_BUNDLES_MAX) return wrong(item, `at most ${BATCH_BUNDLES_MAX} bundles`);
    const head = body[at++] as number;
    const info = head & 31;
    if (head >> 5 !== BYTE_STRING || info > 26) return wrong(item, 'a byte string of definite length');
    let length = info;
    if (info >= 24) {
      const width = 1 << (info - 24);
      length = 0;
      for (let i = 0; i < width; i++) length = length * 256 + (body[at++] ?? 0);
    }
    if (length === 0 || at + length > body.length) return wrong(item, 'a bundle, whole');
    parts.push(at, at + length);
    at += length;
  }
  return parts.length === 0 ? wrong('', 'at least one bundle') : success(parts);
}

/** `[201 or 200, receipt]`, or `[status, code, at, wanted]`. */
export function batchAnswers(answers: readonly Result<Accepted, Refusal>[]): Bytes {
  const items = answers.map((answer) =>
    answer.ok
      ? encodeCbor([answer.value.repeated ? OK : CREATED, answer.value.receipt])
      : encodeCbor([
          answer.fault.status,
          answer.fault.code,
          answer.fault.at ?? '',
          answer.fault.wanted ?? '',
        ]),
  );
  const out = new Uint8Array(items.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const item of items) {
    out.set(item, at);
    at += item.length;
  }
  return out;
}
