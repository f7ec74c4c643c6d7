/** Several slips in one request: each taken or refused for itself, in order; a body that is no batch is refused whole. */
import { decodeCbor, encodeCbor } from '@sandoq/protocol';
import type { TotalsJson } from '@sandoq/tally-server';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchOf } from '../bench/nation/sender.ts';
import { BATCH_BUNDLES_MAX, BATCH_BYTES_MAX, batchParts } from '../src/intake/batch.ts';
import { votesOf } from './bundle-builder.ts';
import { stationNamed } from './province.ts';
import { RunningProvince } from './running-province.ts';

let province: RunningProvince;
beforeAll(async () => {
  province = new RunningProvince(['s1', 's2', 's3'].map((id) => stationNamed(id)));
  await province.start();
});
afterAll(() => province.remove());

async function post(body: Uint8Array, type = 'application/cbor-seq'): Promise<Response> {
  return fetch(`${province.address}/api/elections/${province.election}/batches`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: Buffer.from(body),
  });
}

/** The answer, item by item: each is the longest prefix that is one CBOR item of ours. */
function itemsIn(bytes: Uint8Array): readonly (readonly unknown[])[] {
  const items: (readonly unknown[])[] = [];
  for (let at = 0; at < bytes.length; ) {
    let end = at + 1;
    let item = decodeCbor(bytes.subarray(at, end));
    while (!item.ok && end < bytes.length) item = decodeCbor(bytes.subarray(at, ++end));
    if (!item.ok) throw new Error('an answer that is no sequence');
    items.push(item.value as readonly unknown[]);
    at = end;
  }
  return items;
}

describe('a batch', () => {
  it('has an answer for each slip, in order, and the receipt is the one that a single slip is given', async () => {
    const junk = Uint8Array.of(1, 2, 3);
    const first = province.bundle('s1');
    const other = province.bundle('s1', {}, votesOf(77, 3));
    const response = await post(batchOf([first, junk, province.bundle('s2'), first, other]));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/cbor-seq');
    const items = itemsIn(new Uint8Array(await response.arrayBuffer()));
    expect(items.map(([status]) => status)).toEqual([201, 400, 201, 200, 409]);
    expect(items[1]?.[1]).toBe('bundle_malformed');
    expect(items[4]?.slice(1, 3)).toEqual(['slip_already_held', 'station s1']);
    expect(items[3]?.[1]).toEqual(items[0]?.[1]);
    const again = await province.send(first);
    expect(again.status).toBe(200);
    expect(Uint8Array.from(items[0]?.[1] as Uint8Array)).toEqual(again.bytes);
    const totals = await fetch(`${province.address}/api/elections/${province.election}/totals`);
    expect(((await totals.json()) as TotalsJson).slips.received).toBe(2);
  });

  it('that is none is refused whole, by name, and nothing of it is kept', async () => {
    const good = batchOf([province.bundle('s3')]);
    const bent = [
      new Uint8Array(0),
      good.subarray(0, good.length - 1),
      encodeCbor('text'),
      Buffer.concat([good, Uint8Array.of(0xff)]),
      batchOf(Array.from({ length: BATCH_BUNDLES_MAX + 1 }, () => Uint8Array.of(1))),
    ];
    for (const body of bent) {
      const response = await post(body);
      const refusal = (await response.json()) as { readonly code: string };
      expect([response.status, refusal.code]).toEqual([400, 'batch_malformed']);
    }
    expect((await post(good, 'application/octet-stream')).status).toBe(415);
    expect((await post(new Uint8Array(BATCH_BYTES_MAX + 1))).status).toBe(413);
    const all = await post(batchOf(Array.from({ length: BATCH_BUNDLES_MAX }, () => Uint8Array.of(1))));
    expect(itemsIn(new Uint8Array(await all.arrayBuffer()))).toHaveLength(BATCH_BUNDLES_MAX);
    const slip = await fetch(`${province.address}/api/elections/${province.election}/slips/s3`);
    expect(slip.status).toBe(404);
  });

  it('is read from any bytes without an exception, and never beyond them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const parts = batchParts(bytes);
        if (parts.ok) for (const at of parts.value) expect(at).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
