/**
 * A claims line: a WebSocket that a station keeps, over which its requests and the answers go one after another, the
 * same bytes as over `POST …/claims` at a fifth of the processor's time. A signed request is a binary message, a signed
 * answer too; a refusal is a text message, the same JSON as over HTTP with its status. Whoever sends what is no request, or
 * none of a station's, is answered by name and cut. The POST stays, for who cannot have a line.
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
import { type Refusal, type RefusalCode, refusalBody } from '../web/refusal.ts';
import type { Claims } from './claims.ts';

/** Every station and terminal of a large province, twice; who comes then has the POST. */
export const CLAIM_LINES_MAX = 16_384;
/**
 * Of one remote address, lines on which no request was accepted yet: without a station's key nobody takes the others'
 * room. Stations behind one address prove themselves within a heartbeat and count no more.
 */
export const UNPROVED_LINES_PER_ADDRESS_MAX = 64;
/** A station asks every 20 s whether anybody is there (its heartbeat): three times in vain, and nobody is. */
export const LINE_IDLE_MS = 60_000;
const LINES_LOOKED_AT_EVERY_MS = 15_000;
/** Of one line: a limit on floods, not on a busy day (over POST the same is counted for an address). */
export const LINE_REQUESTS_PER_MINUTE_MAX = 60_000;
const MINUTE_MS = 60_000;
/** They say that the sender holds no station's key. */
const PROVES_NOTHING: readonly RefusalCode[] = [
  'claim_malformed',
  'claim_signature_invalid',
  'station_unknown',
];

/** RFC 6455, 7.4.1 */
const CLOSE_UNSUPPORTED = 1003;
const CLOSE_POLICY = 1008;

export interface LinesOptions {
  readonly claims: Pick<Claims, 'receive'>;
  readonly provisioning: (election: string) => Provisioning | undefined;
  /** our own failure, for the log: without anything of a person */
  readonly onFailure: (cause: unknown) => void;
  readonly linesMax?: number;
  readonly unprovedLinesPerAddressMax?: number;
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
  readonly address: string;
  /** whether a request on it was accepted */
  isProved: boolean;
  /** when it was opened, or a request on it was last accepted */
  heardAt: number;
  isAnswering: boolean;
  minute: number;
  requests: number;
}

const LINE_PATH = /^\/api\/elections\/([^/?]{1,64})\/claims\/line$/;
const electionOf = (url: string | undefined): string | undefined => LINE_PATH.exec(url ?? '')?.[1];

/** A socket that is gone already has none. */
const addressOf = (request: IncomingMessage): string => request.socket.remoteAddress ?? '';

const TOO_MANY: Refusal = { status: 429, code: 'too_many_requests' };
const refusalText = (refusal: Refusal): string =>
  JSON.stringify({ status: refusal.status, ...refusalBody(refusal) });

export function claimsLines(options: LinesOptions): ClaimsLines {
  const { claims, provisioning, onFailure } = options;
  const linesMax = options.linesMax ?? CLAIM_LINES_MAX;
  const idleMs = options.idleMs ?? LINE_IDLE_MS;
  const requestsMax = options.requestsPerMinuteMax ?? LINE_REQUESTS_PER_MINUTE_MAX;
  const unprovedMax = options.unprovedLinesPerAddressMax ?? UNPROVED_LINES_PER_ADDRESS_MAX;
  const lines = new Map<WebSocket, Line>();
  /** how many, by address; an address that has none is not kept */
  const unproved = new Map<string, number>();
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

  const countUnproved = (address: string, more: 1 | -1): void => {
    const count = (unproved.get(address) ?? 0) + more;
    if (count === 0) unproved.delete(address);
    else unproved.set(address, count);
  };

  const accepted = (line: Line): void => {
    line.heardAt = performance.now();
    if (line.isProved) return;
    line.isProved = true;
    countUnproved(line.address, -1);
  };

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
    if (result.ok) {
      accepted(line);
      socket.send(result.value);
    } else if (PROVES_NOTHING.includes(result.fault.code)) cut(socket, result.fault);
    else socket.send(refusalText(result.fault));
  };

  const take = (socket: WebSocket, line: Line, data: Buffer, isBinary: boolean): void => {
    if (socket.readyState !== socket.OPEN) return;
    const now = performance.now();
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
    mayOpen(request) {
      const { method, url, headers } = request;
      const election = electionOf(url);
      return (
        method === 'GET' &&
        headers.upgrade?.toLowerCase() === 'websocket' &&
        // No page in a browser speaks for a station.
        headers.origin === undefined &&
        election !== undefined &&
        provisioning(election) !== undefined &&
        lines.size < linesMax &&
        (unproved.get(addressOf(request)) ?? 0) < unprovedMax
      );
    },
    open(request, socket, head) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const now = performance.now();
        const line: Line = {
          election: electionOf(request.url) as string,
          address: addressOf(request),
          isProved: false,
          heardAt: now,
          isAnswering: false,
          minute: now,
          requests: 0,
        };
        lines.set(webSocket, line);
        countUnproved(line.address, 1);
        webSocket.on('message', (data: Buffer, isBinary) => take(webSocket, line, data, isBinary));
        // What is no WebSocket frame, or too long: `ws` says why in its close frame and ends the line.
        webSocket.on('error', () => undefined);
        webSocket.on('close', () => {
          lines.delete(webSocket);
          if (!line.isProved) countUnproved(line.address, -1);
        });
      });
    },
    close() {
      clearInterval(watch);
      for (const socket of lines.keys()) socket.terminate();
      server.close();
    },
  };
}
