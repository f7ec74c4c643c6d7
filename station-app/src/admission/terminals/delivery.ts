/**
 * What of this terminal's lines each of the others holds. A link begins with everything on both sides; from then on lines go
 * out numbered, and an answer says up to where they are durable there.
 */
import type { Clock } from '../../devices/clock.ts';
import type { Admission } from '../journal-cell.ts';
import { LINES_MAX, type Message } from './messages.ts';
import type { Standing } from './standing.ts';

export const HOLD_MS = 2_000;

interface Peer {
  /** sequence of the last message of lines sent to it, and of the last that it holds */
  sent: number;
  acked: number;
  /** what it held when the link began has come */
  hasTold: boolean;
  /** the sequence at which it holds all that we held when the link began */
  allAt: number;
  wasReached: boolean;
}

/** It has told all it held, and holds all that we held: what we know is the same. */
const isReached = (peer: Peer): boolean => peer.hasTold && peer.acked >= peer.allAt;

export class Delivery {
  readonly #clock: Clock;
  readonly #send: (terminal: number, message: Message) => boolean;
  readonly #peers = new Map<number, Peer>();
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, send: (terminal: number, message: Message) => boolean) {
    this.#clock = clock;
    this.#send = send;
  }

  begin(terminal: number): void {
    this.#peers.set(terminal, { sent: 0, acked: 0, hasTold: false, allAt: 0, wasReached: false });
  }

  /** @returns whether it had been reached */
  end(terminal: number): boolean {
    const wasReached = this.#peers.get(terminal)?.wasReached === true;
    this.#peers.delete(terminal);
    return wasReached;
  }

  isLinked(terminal: number): boolean {
    return this.#peers.has(terminal);
  }

  reached(): readonly number[] {
    return [...this.#peers].flatMap(([terminal, peer]) => (isReached(peer) ? [terminal] : []));
  }

  /** @returns whether it is reached now and was not before; true once for each link */
  isNewlyReached(terminal: number): boolean {
    const peer = this.#peers.get(terminal);
    if (peer === undefined || peer.wasReached || !isReached(peer)) return false;
    peer.wasReached = true;
    return true;
  }

  tellAll(message: Message): void {
    for (const terminal of this.#peers.keys()) this.#send(terminal, message);
  }

  sendLines(terminal: number, lines: readonly Admission[], isAll = false): void {
    const peer = this.#peers.get(terminal);
    if (peer === undefined) return;
    peer.sent++;
    this.#send(terminal, { type: 'lines', sequence: peer.sent, isAll, lines });
  }

  sendLinesToAll(lines: readonly Admission[]): void {
    for (const terminal of this.#peers.keys()) this.sendLines(terminal, lines);
  }

  /** All that this terminal holds, when a link begins; the last message says that it is the last, even where it is empty. */
  sendEverything(terminal: number, lines: readonly Admission[]): void {
    const peer = this.#peers.get(terminal);
    if (peer === undefined) return;
    let at = 0;
    for (; at + LINES_MAX < lines.length; at += LINES_MAX)
      this.sendLines(terminal, lines.slice(at, at + LINES_MAX));
    this.sendLines(terminal, lines.slice(at), true);
    peer.allAt = peer.sent;
  }

  /** All that it held has come. */
  hasTold(terminal: number): void {
    const peer = this.#peers.get(terminal);
    if (peer !== undefined) peer.hasTold = true;
  }

  /** It holds everything up to this sequence. */
  acked(terminal: number, sequence: number): void {
    const peer = this.#peers.get(terminal);
    if (peer !== undefined) peer.acked = Math.max(peer.acked, sequence);
  }

  /** Waits until everything sent so far is where it must be. @returns whether it is */
  async hold(standing: () => Pick<Standing, 'state' | 'needed'>): Promise<boolean> {
    const targets = new Map([...this.#peers].map(([terminal, peer]) => [terminal, peer.sent]));
    const deadline = this.#clock.elapsedMs() + HOLD_MS;
    for (;;) {
      const { state, needed } = standing();
      const holding = [...targets].filter(([terminal, sequence]) => {
        const peer = this.#peers.get(terminal);
        return peer !== undefined && isReached(peer) && peer.acked >= sequence;
      });
      if (state !== 'missing' && 1 + holding.length >= needed) return true;
      const left = deadline - this.#clock.elapsedMs();
      if (left <= 0 || state === 'missing') return false;
      await this.#nextAck(left);
    }
  }

  #nextAck(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#waiting.delete(end);
        cancel();
        resolve();
      };
      const cancel = this.#clock.after(waitMs, end);
      this.#waiting.add(end);
    });
  }

  /** Whoever waits in `hold` looks again. */
  wake(): void {
    for (const end of [...this.#waiting]) end();
  }
}
