/**
 * How claims reach the province: over a kept line where one is open and free, and by `POST` where not: while it opens,
 * while another request is on it, and where a proxy or an older server gives none (protocol/docs/CLAIMS.md).
 */
import type { Bytes } from '@sandoq/protocol';
import { claimsPosts } from './claims-post.ts';
import type { ClaimsSent, IsClaimsAnswer } from './claims-sent.ts';
import { claimsSocket } from './claims-socket.ts';

export type { ClaimsSent, IsClaimsAnswer } from './claims-sent.ts';

export interface ClaimsLine {
  /** One try; never throws. */
  send(request: Bytes, timeoutMs: number, isAnswer: IsClaimsAnswer): Promise<ClaimsSent>;
  close(): void;
}

/** @param nowMs of a clock that only goes forward */
export function openClaimsLine(
  provinceUrl: string,
  election: string,
  nowMs: () => number = () => performance.now(),
): ClaimsLine {
  const base = provinceUrl.endsWith('/') ? provinceUrl : `${provinceUrl}/`;
  const url = new URL(`api/elections/${election}/claims`, base);
  const posts = claimsPosts(url);
  const socket = claimsSocket(new URL(`${url.href}/line`), nowMs);
  return {
    async send(request, timeoutMs, isAnswer) {
      if (!socket.isFree()) {
        socket.open();
        return posts.send(request, timeoutMs);
      }
      const from = nowMs();
      const sent = await socket.send(request, timeoutMs, isAnswer);
      if (sent.stale !== true) return sent;
      const leftMs = timeoutMs - (nowMs() - from);
      socket.open();
      return leftMs > 0 ? posts.send(request, leftMs) : sent;
    },
    close() {
      socket.close();
      posts.close();
    },
  };
}
