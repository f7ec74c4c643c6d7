/**
 * The kept line to the province: one WebSocket, one request at a time, its answer behind it. It opens beside the way that
 * requests take meanwhile, so that nobody at the desk waits for it; one that is refused, or that ends, stays silent or
 * talks nonsense before it ever gave the province's word (a proxy between that lets no line through), is tried again
 * later and later.
 */
import { type Bytes, CLAIM_ANSWER_BYTES_MAX } from '@sandoq/protocol';
import { WebSocket } from 'ws';
import { type ClaimsSent, type IsClaimsAnswer, NAMELESS_REFUSAL, refusalIn } from './claims-sent.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A line that could not be opened is tried again: doubling from the first to the second. */
export const REOPEN_MIN_MS = 1_000;
export const REOPEN_MAX_MS = 300_000;
/** Of the deadline, for a line that never answered; the rest is left for the POST behind it. */
export const UNPROVED_LINE_SHARE = 1 / 3;

export type SocketSent = ClaimsSent & {
  /** Nothing that counts was heard, for the line's own fault: the same request may be sent once more. */
  readonly stale?: true;
};

const STALE: SocketSent = { kind: 'unreachable', stale: true };

export interface ClaimsSocket {
  /** Open, and nobody's answer is awaited on it. */
  isFree(): boolean;
  /** Begins to open it, where that is due. */
  open(): void;
  /** One try, where it is free; never throws. */
  send(request: Bytes, timeoutMs: number, isAnswer: IsClaimsAnswer): Promise<SocketSent>;
  close(): void;
}

interface Waiting {
  readonly isAnswer: IsClaimsAnswer;
  readonly end: (sent: SocketSent) => void;
}

class KeptLine implements ClaimsSocket {
  readonly #url: string;
  readonly #nowMs: () => number;
  #socket: WebSocket | undefined;
  #waiting: Waiting | undefined;
  /** whether this very line has given the province's word: only then its end is an ordinary one */
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
    socket.on('error', () => this.#cut(socket, STALE, true));
    socket.on('close', () => this.#cut(socket, STALE, !this.#hasAnswered));
  }

  send(request: Bytes, timeoutMs: number, isAnswer: IsClaimsAnswer): Promise<SocketSent> {
    const socket = this.#socket;
    if (socket === undefined || !this.isFree()) return Promise.resolve(STALE);
    const isProved = this.#hasAnswered;
    return new Promise((resolve) => {
      const deadline = setTimeout(
        () => this.#cut(socket, isProved ? { kind: 'unreachable' } : STALE, !isProved),
        isProved ? timeoutMs : timeoutMs * UNPROVED_LINE_SHARE,
      );
      this.#waiting = {
        isAnswer,
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
    const socket = this.#socket as WebSocket;
    if (waiting === undefined) {
      // An answer to nothing: whoever speaks there is not the province's server.
      this.#cut(socket, { kind: 'unreachable' }, true);
    } else if (isBinary) {
      const answer = new Uint8Array(data);
      if (!waiting.isAnswer(answer)) {
        this.#cut(socket, STALE, true);
        return;
      }
      this.#hasAnswered = true;
      this.#failures = 0;
      waiting.end({ kind: 'answered', answer });
    } else {
      // Nobody signs a refusal: it is reported, and proves nothing of the line.
      const refusal = refusalIn(data.toString('utf8'));
      if (refusal.kind === 'refused' && refusal.code === NAMELESS_REFUSAL) this.#cut(socket, STALE, true);
      else waiting.end(refusal);
    }
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
