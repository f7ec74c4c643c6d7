/** `POST {province}/api/elections/{election}/claims` over kept connections: bounded in time and size, total. */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Bytes, CLAIM_ANSWER_BYTES_MAX } from '@sandoq/protocol';
import { type ClaimsSent, refusalIn } from './claims-sent.ts';

function read(status: number, body: Buffer): ClaimsSent {
  return status === 200
    ? { kind: 'answered', answer: new Uint8Array(body) }
    : refusalIn(body.toString('utf8'), status);
}

/** A claim in the middle of an admission and the journal's batch behind it. */
export const CONNECTIONS_MAX = 2;
/** Requests under way and waiting for a connection: a desk has one and its journal one; more are not sent. */
export const POSTS_MAX = 8;

export interface ClaimsPosts {
  /** One try, and one more over a new connection where the kept one had ended; never throws. */
  send(request: Bytes, timeoutMs: number): Promise<ClaimsSent>;
  close(): void;
}

export function claimsPosts(url: URL): ClaimsPosts {
  const isSecure = url.protocol === 'https:';
  const keepAlive = { keepAlive: true, maxSockets: CONNECTIONS_MAX, maxFreeSockets: CONNECTIONS_MAX };
  const agent = isSecure ? new HttpsAgent(keepAlive) : new HttpAgent(keepAlive);
  const ask = isSecure ? httpsRequest : httpRequest;
  const underWay = new Set<ClientRequest>();
  let closed = false;
  const once = (body: Bytes, timeoutMs: number): Promise<ClaimsSent & { readonly stale?: true }> =>
    new Promise((resolve) => {
      const options: RequestOptions = {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/octet-stream', 'content-length': body.length },
      };
      const request = ask(url, options);
      underWay.add(request);
      const deadline = setTimeout(() => request.destroy(new Error('too late')), timeoutMs);
      const end = (sent: ClaimsSent & { readonly stale?: true }): void => {
        clearTimeout(deadline);
        underWay.delete(request);
        resolve(sent);
      };
      request.on('error', (cause: NodeJS.ErrnoException) => {
        // The other side had closed a kept connection: nothing was heard, and the same claim may be sent once more.
        const isStale = request.reusedSocket && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE');
        end(isStale ? { kind: 'unreachable', stale: true } : { kind: 'unreachable' });
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > CLAIM_ANSWER_BYTES_MAX) request.destroy(new Error('too long'));
          else chunks.push(chunk);
        });
        response.on('error', () => end({ kind: 'unreachable' }));
        response.on('end', () => end(read(response.statusCode ?? 0, Buffer.concat(chunks))));
      });
      request.end(body);
    });
  return {
    async send(body, timeoutMs) {
      if (closed || underWay.size >= POSTS_MAX) return { kind: 'unreachable' };
      const first = await once(body, timeoutMs);
      return first.stale === true && !closed ? await once(body, timeoutMs) : first;
    },
    close() {
      closed = true;
      for (const request of underWay) request.destroy(new Error('closed'));
      agent.destroy();
    },
  };
}
