/** TCP between the terminals of a station: listens, calls the lower numbers, calls again, and notices when one is silent. */
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net';
import type { Clock } from '../../devices/clock.ts';
import type { Message } from './messages.ts';
import { Session, type SessionOptions } from './session.ts';

export const PING_MS = 1_000;
/** Nothing heard for so long: the line or the terminal is gone. */
export const SILENCE_MS = 4_000;
/** Whoever has not proved who it is by then is dropped. */
export const HANDSHAKE_MS = 5_000;
/** Waits between calls: doubling from the first to the second. */
export const REDIAL_MIN_MS = 100;
export const REDIAL_MAX_MS = 2_000;
/** A port that could not be had is tried again this often. */
export const RELISTEN_MS = 1_000;
/** Callers who have proved nothing yet. */
export const STRANGERS_MAX = 8;

export interface PeerAddress {
  readonly terminal: number;
  readonly host: string;
  readonly port: number;
}

export interface PeerLinksOptions {
  readonly here: number;
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  readonly peers: readonly PeerAddress[];
  readonly clock: Clock;
  readonly session: Omit<SessionOptions, 'isDialer' | 'link' | 'onProved' | 'onMessage'>;
  readonly onUp: (terminal: number) => void;
  readonly onDown: (terminal: number) => void;
  readonly onMessage: (terminal: number, message: Message) => void;
  readonly onFailure: (cause: unknown) => void;
}

export interface PeerLinks {
  /** @returns false where there is no link */
  send(terminal: number, message: Message): boolean;
  up(): readonly number[];
  drop(terminal: number): void;
  /** the port that it listens on, once it does */
  port(): number | undefined;
  close(): Promise<void>;
}

interface Up {
  readonly session: Session;
  heardAt: number;
}

class TcpPeerLinks implements PeerLinks {
  readonly #options: PeerLinksOptions;
  readonly #up = new Map<number, Up>();
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<() => void>();
  readonly #server: Server | undefined;
  #strangers = 0;
  #closed = false;

  constructor(options: PeerLinksOptions) {
    this.#options = options;
    const { listen, peers, here } = options;
    if (listen !== undefined) {
      this.#server = createServer((socket) => this.#accept(socket));
      // Whoever holds the port, perhaps a process that is just ending, may let go of it: a terminal that nobody can call is lost.
      this.#server.on('error', (cause) => {
        options.onFailure(cause);
        this.#after(RELISTEN_MS, () => this.#server?.listen(listen.port, listen.host));
      });
      this.#server.listen(listen.port, listen.host);
    }
    for (const peer of peers) if (peer.terminal < here) this.#dial(peer, REDIAL_MIN_MS);
    this.#beat();
  }

  send(terminal: number, message: Message): boolean {
    const up = this.#up.get(terminal);
    up?.session.send(message);
    return up !== undefined;
  }

  up(): readonly number[] {
    return [...this.#up.keys()];
  }

  drop(terminal: number): void {
    this.#up.get(terminal)?.session.end();
  }

  port(): number | undefined {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server?.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #after(delayMs: number, run: () => void): () => void {
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      if (!this.#closed) run();
    });
    this.#timers.add(cancel);
    return () => {
      cancel();
      this.#timers.delete(cancel);
    };
  }

  #beat(): void {
    this.#after(PING_MS, () => {
      const now = this.#options.clock.elapsedMs();
      for (const { session, heardAt } of this.#up.values()) {
        if (now - heardAt > SILENCE_MS) session.end();
        else session.send({ type: 'ping' });
      }
      this.#beat();
    });
  }

  #accept(socket: Socket): void {
    if (this.#closed || this.#strangers >= STRANGERS_MAX) {
      socket.destroy();
      return;
    }
    this.#strangers++;
    let isStranger = true;
    const known = (): void => {
      if (isStranger) this.#strangers--;
      isStranger = false;
    };
    this.#carry(socket, false, known);
    socket.once('close', known);
  }

  #dial(peer: PeerAddress, waitMs: number): void {
    const socket = netConnect({ host: peer.host, port: peer.port });
    let next = Math.min(waitMs * 2, REDIAL_MAX_MS);
    socket.once('connect', () =>
      this.#carry(socket, true, () => {
        next = REDIAL_MIN_MS;
      }),
    );
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      if (!this.#closed) this.#after(next, () => this.#dial(peer, next));
    });
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #carry(socket: Socket, isDialer: boolean, onKnown: () => void): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    let terminal: number | undefined;
    const late = this.#after(HANDSHAKE_MS, () => terminal === undefined && socket.destroy());
    const session: Session = new Session({
      ...this.#options.session,
      isDialer,
      link: {
        write: (bytes) => void socket.write(bytes),
        unsentBytes: () => socket.writableLength,
        end: () => socket.destroy(),
      },
      onProved: (proved) => {
        terminal = proved;
        onKnown();
        // A terminal that was started again calls before its old link is known to be dead.
        this.#up.get(proved)?.session.end();
        this.#up.set(proved, { session, heardAt: this.#options.clock.elapsedMs() });
        this.#options.onUp(proved);
        return true;
      },
      onMessage: (message) => {
        const up = terminal === undefined ? undefined : this.#up.get(terminal);
        if (terminal === undefined || up?.session !== session) return;
        up.heardAt = this.#options.clock.elapsedMs();
        if (message.type === 'ping') return;
        try {
          this.#options.onMessage(terminal, message);
        } catch (cause) {
          // What could not be kept is not acknowledged: the link ends, and all of it is told again.
          this.#options.onFailure(cause);
          session.end();
        }
      },
    });
    socket.on('data', (bytes) => session.push(bytes));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      late();
      this.#sockets.delete(socket);
      session.end();
      if (terminal === undefined || this.#up.get(terminal)?.session !== session) return;
      this.#up.delete(terminal);
      this.#options.onDown(terminal);
    });
  }
}

export const openPeerLinks = (options: PeerLinksOptions): PeerLinks => new TcpPeerLinks(options);
