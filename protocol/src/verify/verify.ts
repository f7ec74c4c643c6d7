/**
 * The verifier: from the published files alone, every signature, chain, session, ledger and proof, the totals made
 * again, the law applied; or what is wrong, where and whose. Pure: files, cryptography and trust are passed in.
 */
import { judgeShare, type Share, type ShareFolder, type ShareResult } from './share.ts';
import type { Verified, VerifyOrder } from './verdict.ts';
import { type Task, Verification } from './verification.ts';

/** Verifies a publication on this thread. Total: any files give a verdict. */
export function verifyPublication(order: VerifyOrder): Verified {
  const verification = new Verification(order);
  const { folder } = verification;
  while (folder !== undefined && !verification.isComplete)
    for (const { number, share } of verification.round())
      verification.take(number, judgeShare(folder, order.crypto, share));
  return verification.conclude();
}

/** Others that judge shares at the same time, each by `judgeShare`: threads of a process or workers of a page. */
export interface Judges {
  /** said once, before the first share */
  begin(folder: ShareFolder): void;
  judge(share: Share): Promise<ShareResult>;
  /** how many shares keep all of them busy */
  readonly sharesAhead: number;
}

/** The same verdict, with the shares judged elsewhere. */
export async function verifyInShares(
  order: VerifyOrder,
  judges: Judges,
  stationsPerShare?: number,
): Promise<Verified> {
  const verification = new Verification(order, stationsPerShare);
  const { folder } = verification;
  if (folder === undefined) return verification.conclude();
  judges.begin(folder);
  const out = new Set<Promise<void>>();
  const send = ({ number, share }: Task): void => {
    const sent = judges.judge(share).then((result) => {
      verification.take(number, result);
      out.delete(sent);
    });
    out.add(sent);
    // It is heard where `out` is waited for; one more that fails after that is none of anybody's.
    sent.catch(() => undefined);
  };
  while (!verification.isComplete) {
    for (const task of verification.round()) {
      send(task);
      if (out.size < judges.sharesAhead) continue;
      verification.meanwhile();
      await Promise.race(out);
    }
    verification.meanwhile();
    await Promise.all(out);
  }
  return verification.conclude();
}
