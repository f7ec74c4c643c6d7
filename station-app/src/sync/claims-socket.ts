/**
 * The kept line to the province: one WebSocket, one request at a time, its answer behind it. It opens beside the way that
 * requests take meanwhile, so that nobody at the desk waits for it; one that is refused, or dies before it ever answered
 * (a proxy between that lets no line through), is tried again later and later.
 */
import { type Bytes, CLAIM_ANSWER_BYTES_MAX } from '@sandoq/protocol';
import { WebSocket } from 'ws';
import { type ClaimsSent, refusalIn } from './claims-sent.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A line that could not be opened is tried again: doubling from the first to the second. */
export const REOPEN_MIN_MS = 1_000;
export const REOPEN_MAX_MS = 300_000;

export type SocketSent = ClaimsSent & {
  /** The other side had ended the kept line: nothing was heard, and the same request may be sent once more. */
  readonly stale?: true;
};

export interface ClaimsSocket {
  /** Open, and nobody's answer is awaited on it. */
  isFree(): boolean;
  /** Begins to open it, where that is due. */
  open(): void;
  /** One try, where it is free; never throws. */
  send(request: Bytes, timeoutMs: number): Promise<SocketSent>;
  close(): void;
}

interface Waiting {
  readonly end: (sent: SocketSent) => void;
}

class KeptLine implements ClaimsSocket {
  readonly #url: string;
  readonly #nowMs: () => number;
  #socket: WebSocket | undefined;
  #waiting: Waiting | undefined;
  /** whether this very line has answered: only then its end is an ordinary one */
  #hasAnswered = false;
  #failures = 0;
  #nextTryAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(url: string, nowMs: () => number) {
    this.#url = url;
    this.#nowMs = nowMs;
  }

  isFree(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN && this.#waiting === undefined;
  }

  open(): void {
    if (this.#closed || this.#socket !== undefined || this.#nowMs() < this.#nextTryAt) return;
    const socket = new WebSocket(this.#url, {
      perMessageDeflate: false,
      maxPayload: CLAIM_ANSWER_BYTES_MAX,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      followRedirects: false,
    });
    this.#socket = socket;
    this.#hasAnswered = false;
    socket.on('message', (data: Buffer, isBinary) => {
      if (socket === this.#socket) this.#take(data, isBinary);
    });
    // Refused, no WebSocket, or too long an answer: nothing that is said on it counts any more.
    socket.on('error', () => this.#cut(socket, { kind: 'unreachable' }, true));
    socket.on('close', () => this.#cut(socket, { kind: 'unreachable', stale: true }, !this.#hasAnswered));
  }

  send(request: Bytes, timeoutMs: number): Promise<SocketSent> {
    const socket = this.#socket;
    if (socket === undefined || !this.isFree()) return Promise.resolve({ kind: 'unreachable', stale: true });
    return new Promise((resolve) => {
      const deadline = setTimeout(
        () => this.#cut(socket, { kind: 'unreachable' }, !this.#hasAnswered),
        timeoutMs,
      );
      this.#waiting = {
        end: (sent) => {
          clearTimeout(deadline);
          this.#waiting = undefined;
          resolve(sent);
        },
      };
      socket.send(request);
    });
  }

  close(): void {
    this.#closed = true;
    if (this.#socket !== undefined) this.#cut(this.#socket, { kind: 'unreachable' }, false);
  }

  #take(data: Buffer, isBinary: boolean): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      // An answer to nothing: whoever speaks there is not the province's server.
      if (this.#socket !== undefined) this.#cut(this.#socket, { kind: 'unreachable' }, true);
      return;
    }
    this.#hasAnswered = true;
    this.#failures = 0;
    waiting.end(
      isBinary ? { kind: 'answered', answer: new Uint8Array(data) } : refusalIn(data.toString('utf8')),
    );
  }

  /** @param isBad tried again only after a while; an ordinary end is mended at the next request */
  #cut(socket: WebSocket, sent: SocketSent, isBad: boolean): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    if (isBad)
      this.#nextTryAt =
        this.#nowMs() + Math.min(REOPEN_MAX_MS, REOPEN_MIN_MS * 2 ** Math.min(this.#failures++, 10));
    socket.terminate();
    this.#waiting?.end(sent);
  }
}

/** @param url `http:` or `https:`; the line goes by the same host and the same TLS */
export const claimsSocket = (url: URL, nowMs: () => number): ClaimsSocket =>
  new KeptLine(url.href.replace(/^http/, 'ws'), nowMs);
