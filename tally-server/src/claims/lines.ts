/**
 * A claims line: a WebSocket that a station keeps, over which its requests and the answers go one after another, the
 * same bytes as over `POST …/claims` at a fifth of the processor's time. A signed request is a binary message, a signed
 * answer too; a refusal is a text message, the same JSON as over HTTP with its status. What is no request is answered by
 * name and cut. The POST stays, for who cannot have a line.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type Bytes,
  CLAIM_ANSWER_BYTES_MAX,
  CLAIM_REQUEST_BYTES_MAX,
  type Provisioning,
} from '@sandoq/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Refusal, refusalBody } from '../web/refusal.ts';
import type { Claims } from './claims.ts';

/** Every station and terminal of a large province, twice; who comes then has the POST. */
export const CLAIM_LINES_MAX = 16_384;
/** A station asks every 20 s whether anybody is there (its heartbeat): three times in vain, and nobody is. */
export const LINE_IDLE_MS = 60_000;
const LINES_LOOKED_AT_EVERY_MS = 15_000;
/** Of one line: a limit on floods, not on a busy day (over POST the same is counted for an address). */
export const LINE_REQUESTS_PER_MINUTE_MAX = 60_000;
const MINUTE_MS = 60_000;

/** RFC 6455, 7.4.1 */
const CLOSE_UNSUPPORTED = 1003;
const CLOSE_POLICY = 1008;

export interface LinesOptions {
  readonly claims: Pick<Claims, 'receive'>;
  readonly provisioning: (election: string) => Provisioning | undefined;
  /** our own failure, for the log: without anything of a person */
  readonly onFailure: (cause: unknown) => void;
  readonly linesMax?: number;
  readonly idleMs?: number;
  readonly requestsPerMinuteMax?: number;
}

export interface ClaimsLines {
  /** @returns whether this request may become a line; where not, it is answered as any other */
  mayOpen(request: IncomingMessage): boolean;
  open(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

interface Line {
  readonly election: string;
  heardAt: number;
  isAnswering: boolean;
  minute: number;
  requests: number;
}

const LINE_PATH = /^\/api\/elections\/([^/?]{1,64})\/claims\/line$/;
const electionOf = (url: string | undefined): string | undefined => LINE_PATH.exec(url ?? '')?.[1];

const TOO_MANY: Refusal = { status: 429, code: 'too_many_requests' };
const refusalText = (refusal: Refusal): string =>
  JSON.stringify({ status: refusal.status, ...refusalBody(refusal) });

export function claimsLines(options: LinesOptions): ClaimsLines {
  const { claims, provisioning, onFailure } = options;
  const linesMax = options.linesMax ?? CLAIM_LINES_MAX;
  const idleMs = options.idleMs ?? LINE_IDLE_MS;
  const requestsMax = options.requestsPerMinuteMax ?? LINE_REQUESTS_PER_MINUTE_MAX;
  const lines = new Map<WebSocket, Line>();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: CLAIM_REQUEST_BYTES_MAX,
  });
  const watch = setInterval(
    () => {
      const now = performance.now();
      for (const [socket, line] of lines) if (now - line.heardAt > idleMs) socket.terminate();
    },
    Math.min(LINES_LOOKED_AT_EVERY_MS, idleMs),
  ).unref();

  const cut = (socket: WebSocket, refusal: Refusal, code = CLOSE_POLICY): void => {
    socket.send(refusalText(refusal));
    socket.close(code);
  };

  const answer = async (socket: WebSocket, line: Line, bytes: Bytes): Promise<void> => {
    const election = provisioning(line.election);
    if (election === undefined) {
      cut(socket, { status: 404, code: 'election_unknown', at: 'url' });
      return;
    }
    const result = await claims.receive(election, bytes);
    if (socket.readyState !== socket.OPEN) return;
    if (result.ok) socket.send(result.value);
    else if (result.fault.code === 'claim_malformed') cut(socket, result.fault);
    else socket.send(refusalText(result.fault));
  };

  const take = (socket: WebSocket, line: Line, data: Buffer, isBinary: boolean): void => {
    if (socket.readyState !== socket.OPEN) return;
    const now = performance.now();
    line.heardAt = now;
    if (!isBinary) {
      const refusal: Refusal = { status: 415, code: 'unsupported_media_type', wanted: 'binary' };
      cut(socket, refusal, CLOSE_UNSUPPORTED);
      return;
    }
    // One after another: whoever does not wait for its answer, or does not read it, is no station.
    if (line.isAnswering || socket.bufferedAmount > CLAIM_ANSWER_BYTES_MAX) {
      cut(socket, TOO_MANY);
      return;
    }
    if (now - line.minute > MINUTE_MS) {
      line.minute = now;
      line.requests = 0;
    }
    if (++line.requests > requestsMax) {
      socket.send(refusalText(TOO_MANY));
      return;
    }
    line.isAnswering = true;
    answer(socket, line, new Uint8Array(data))
      .catch((cause: unknown) => {
        onFailure(cause);
        if (socket.readyState === socket.OPEN) socket.send(refusalText({ status: 500, code: 'internal' }));
      })
      .finally(() => {
        line.isAnswering = false;
      });
  };

  return {
    mayOpen({ method, url, headers }) {
      const election = electionOf(url);
      return (
        method === 'GET' &&
        headers.upgrade?.toLowerCase() === 'websocket' &&
        // No page in a browser speaks for a station.
        headers.origin === undefined &&
        election !== undefined &&
        provisioning(election) !== undefined &&
        lines.size < linesMax
      );
    },
    open(request, socket, head) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const now = performance.now();
        const line: Line = {
          election: electionOf(request.url) as string,
          heardAt: now,
          isAnswering: false,
          minute: now,
          requests: 0,
        };
        lines.set(webSocket, line);
        webSocket.on('message', (data: Buffer, isBinary) => take(webSocket, line, data, isBinary));
        // What is no WebSocket frame, or too long: `ws` says why in its close frame and ends the line.
        webSocket.on('error', () => undefined);
        webSocket.on('close', () => lines.delete(webSocket));
      });
    },
    close() {
      clearInterval(watch);
      for (const socket of lines.keys()) socket.terminate();
      server.close();
    },
  };
}
