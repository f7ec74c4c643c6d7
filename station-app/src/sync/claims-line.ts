/** `POST {province}/api/elections/{election}/claims` over one kept connection: bounded in time and size, total. */
import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Bytes, CLAIM_ANSWER_BYTES_MAX } from '@sandoq/protocol';
import { z } from 'zod';

export type ClaimsSent =
  | { readonly kind: 'answered'; readonly answer: Bytes }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unreachable' };

export interface ClaimsLine {
  /** One try; never throws. */
  send(request: Bytes, timeoutMs: number): Promise<ClaimsSent>;
  close(): void;
}

const refusalSchema = z.object({ code: z.string().regex(/^[a-z0-9_]{1,64}$/) });
/** Statuses that pass by themselves: overload, restarts, gateways. */
const isPassing = (status: number): boolean =>
  status >= 500 || status === 408 || status === 425 || status === 429;

function read(status: number, body: Buffer): ClaimsSent {
  if (isPassing(status)) return { kind: 'unreachable' };
  if (status === 200) return { kind: 'answered', answer: new Uint8Array(body) };
  try {
    const refusal = refusalSchema.safeParse(JSON.parse(body.toString('utf8')));
    return { kind: 'refused', code: refusal.data?.code ?? 'claims_refused' };
  } catch {
    return { kind: 'refused', code: 'claims_refused' };
  }
}

/** A claim in the middle of an admission and the journal's batch behind it. */
const CONNECTIONS_MAX = 2;

export function openClaimsLine(provinceUrl: string, election: string): ClaimsLine {
  const base = provinceUrl.endsWith('/') ? provinceUrl : `${provinceUrl}/`;
  const url = new URL(`api/elections/${election}/claims`, base);
  const isSecure = url.protocol === 'https:';
  const keepAlive = { keepAlive: true, maxSockets: CONNECTIONS_MAX, maxFreeSockets: CONNECTIONS_MAX };
  const agent = isSecure ? new HttpsAgent(keepAlive) : new HttpAgent(keepAlive);
  const ask = isSecure ? httpsRequest : httpRequest;
  const once = (body: Bytes, timeoutMs: number): Promise<ClaimsSent & { readonly stale?: true }> =>
    new Promise((resolve) => {
      const options: RequestOptions = {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/octet-stream', 'content-length': body.length },
      };
      const request = ask(url, options);
      const deadline = setTimeout(() => request.destroy(new Error('too late')), timeoutMs);
      const end = (sent: ClaimsSent & { readonly stale?: true }): void => {
        clearTimeout(deadline);
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
      const first = await once(body, timeoutMs);
      const sent = first.stale === true ? await once(body, timeoutMs) : first;
      return sent;
    },
    close: () => agent.destroy(),
  };
}
