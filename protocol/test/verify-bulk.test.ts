/** Verified in bulk, by threads or by whatever answers later: the same verdict as one by one, honest or bent. */
import {
  type BulkChecks,
  type Bytes,
  CHECKS_PER_BATCH,
  readerOf,
  type VerifyOrder,
  verifyInBulk,
  verifyPublication,
} from '@sandoq/protocol';
import { nodeCrypto, threadedChecks } from '@sandoq/protocol/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY_KEY } from '../../tally-server/test/province.ts';
import { type Files, SmallPublication } from './publication-builder.ts';

const small = new SmallPublication();
let honest: Files;
beforeAll(async () => {
  await small.start();
  honest = small.publish();
});
afterAll(() => small.province.remove());

const orderOf = (files: Files): VerifyOrder => ({
  reader: readerOf(files),
  crypto: nodeCrypto,
  authorityKey: AUTHORITY_KEY,
  keyFromFolder: false,
  lots: null,
});
let asked = 0;
/** Answers out of order, as threads do. */
const later: BulkChecks = {
  signatures: async (checks) => {
    asked += checks.length;
    await new Promise((resolve) => setTimeout(resolve, checks.length % 5));
    expect(checks.length).toBeLessThanOrEqual(CHECKS_PER_BATCH);
    return checks.flatMap(({ publicKey, message, signature }, i) =>
      nodeCrypto.verify(publicKey, message, signature) ? [] : [i],
    );
  },
};
const flipped = (files: Files, name: string, at: number): Files => {
  const bent = Uint8Array.from(files.get(name) as Bytes);
  bent[at] = (bent[at] as number) ^ (1 << (at % 8));
  return new Map(files).set(name, bent);
};

describe('in bulk', () => {
  it('every signature of an honest publication is asked for, once, and the verdict is the same', async () => {
    asked = 0;
    const bulk = await verifyInBulk(orderOf(honest), later);
    const single = verifyPublication(orderOf(honest));
    expect(bulk?.verdict).toEqual(single.verdict);
    expect(single.verdict.ok).toBe(true);
    expect(asked).toBe(single.verdict.checked.signatures);
  });

  it('the verdict on a bent one is the same, fault by fault', async () => {
    let faulty = 0;
    for (const name of honest.keys()) {
      const { length } = honest.get(name) as Bytes;
      for (const at of [Math.floor(length / 2), length - 3]) {
        if (at < 0 || at >= length) continue;
        const files = flipped(honest, name, at);
        const single = verifyPublication(orderOf(files)).verdict;
        const bulk = await verifyInBulk(orderOf(files), later);
        expect(bulk?.verdict, `${name} at ${at}`).toEqual(single);
        if (!single.ok) faulty++;
      }
    }
    expect(faulty).toBeGreaterThan(30);
  });

  it('many failures at once are all found', async () => {
    let files = honest;
    for (const name of honest.keys())
      if (/^(slips|receipts)/.test(name)) files = flipped(files, name, (files.get(name) as Bytes).length - 2);
    const bulk = await verifyInBulk(orderOf(files), later);
    expect(bulk?.verdict).toEqual(verifyPublication(orderOf(files)).verdict);
    expect(bulk?.verdict.faults.length).toBeGreaterThan(3);
  });

  it('threads say the same', async () => {
    const bulk = threadedChecks(2);
    try {
      for (const files of [honest, flipped(honest, 'slips/s1.bundle', 300)])
        expect((await verifyInBulk(orderOf(files), bulk))?.verdict).toEqual(
          verifyPublication(orderOf(files)).verdict,
        );
    } finally {
      await bulk.close();
    }
  });
});
