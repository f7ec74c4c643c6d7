/** Verified in shares, by threads or by whatever answers later: the same verdict as on one thread, honest or bent. */
import {
  type Bytes,
  type Judges,
  judgeTogether,
  readerOf,
  type Share,
  type ShareFolder,
  type VerifyOrder,
  verifyInShares,
  verifyPublication,
} from '@sandoq/protocol';
import { nodeCrypto, threadedJudges } from '@sandoq/protocol/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY_KEY } from '../../tally-server/test/province.ts';
import { STATIONS_PER_SHARE } from '../src/verify/verification.ts';
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
/** A share for each station, answered out of order as threads do; every share must stand on what it was given. */
class OneByOne implements Judges {
  readonly sharesAhead = 2;
  judged = 0;
  #folder: ShareFolder | undefined;
  begin(folder: ShareFolder): void {
    this.#folder = structuredClone(folder);
  }
  async judge(share: Share) {
    expect(share.stations.length).toBeLessThanOrEqual(STATIONS_PER_SHARE);
    const own = structuredClone(share);
    const turn = ++this.judged;
    await new Promise((resolve) => setTimeout(resolve, (turn * 3) % 5));
    if (this.#folder === undefined) throw new Error('a share before its folder');
    return structuredClone(judgeTogether(this.#folder, nodeCrypto, own));
  }
}
const flipped = (files: Files, name: string, at: number): Files => {
  const bent = Uint8Array.from(files.get(name) as Bytes);
  bent[at] = (bent[at] as number) ^ (1 << (at % 8));
  return new Map(files).set(name, bent);
};
const inShares = async (files: Files) => (await verifyInShares(orderOf(files), new OneByOne(), 1)).verdict;
const onOneThread = (files: Files) => verifyPublication(orderOf(files)).verdict;

describe('in shares', () => {
  it('an honest publication has the same verdict', async () => {
    const single = onOneThread(honest);
    expect(single.ok).toBe(true);
    expect(await inShares(honest)).toEqual(single);
  });

  it('the verdict on a bent one is the same, fault by fault', async () => {
    let faulty = 0;
    for (const name of honest.keys()) {
      const { length } = honest.get(name) as Bytes;
      for (const at of [Math.floor(length / 2), length - 3]) {
        if (at < 0 || at >= length) continue;
        const files = flipped(honest, name, at);
        const single = onOneThread(files);
        expect(await inShares(files), `${name} at ${at}`).toEqual(single);
        if (!single.ok) faulty++;
      }
    }
    expect(faulty).toBeGreaterThan(30);
  });

  it('many failures at once are all found', async () => {
    let files = honest;
    for (const name of honest.keys())
      if (/^(slips|receipts)/.test(name)) files = flipped(files, name, (files.get(name) as Bytes).length - 2);
    const verdict = await inShares(files);
    expect(verdict).toEqual(onOneThread(files));
    expect(verdict.faults.length).toBeGreaterThan(3);
  });

  it('a slip under the name of another share’s station is told whose it is, one of no station that it is none', async () => {
    const moved = new Map(honest)
      .set('slips/s3.bundle', honest.get('slips/s2.bundle') as Bytes)
      .set('receipts/s3.cose', honest.get('receipts/s2.cose') as Bytes);
    const verdict = await inShares(moved);
    expect(verdict).toEqual(onOneThread(moved));
    expect(verdict.faults).toContainEqual(
      expect.objectContaining({
        code: 'file_name_differs',
        file: 'slips/s3.bundle',
        whose: 'station/s2',
      }),
    );
    const judges = new OneByOne();
    await verifyInShares(orderOf(moved), judges, 1);
    // Three stations, and the one share again beside the other's entry.
    expect(judges.judged).toBe(4);
    const strange = new Map(honest).set('slips/zz.bundle', honest.get('slips/s2.bundle') as Bytes);
    expect(await inShares(strange)).toEqual(onOneThread(strange));
  });

  it('a judge that fails is heard', async () => {
    const judges = new OneByOne();
    judges.judge = () => Promise.reject(new Error('out of memory'));
    await expect(verifyInShares(orderOf(honest), judges)).rejects.toThrow('out of memory');
  });

  it('threads say the same', async () => {
    const judges = threadedJudges(2);
    try {
      for (const files of [honest, flipped(honest, 'slips/s1.bundle', 300)])
        expect((await verifyInShares(orderOf(files), judges, 1)).verdict).toEqual(onOneThread(files));
    } finally {
      await judges.close();
    }
  });
});
