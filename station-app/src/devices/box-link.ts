/**
 * The host's end of the box link: one request at a time, repeated until answered or given up, by name. It supervises
 * itself: a pulled cable, a restarted box or a silent one ends what was asked with a fault, and the link is opened and
 * proved again after a growing pause. The process goes on.
 */
import {
  type Bytes,
  type Crypto,
  createFrameReader,
  decodeBoxMessage,
  encodeFrame,
  encodeRequest,
  failure,
  NONCE_BYTES,
  type RandomBytes,
  type RefusalName,
  type Result,
  type records,
  SEQUENCE_MAX,
  success,
  type wire,
} from '@sandoq/protocol';
import { boxProofFault, type LinkIdentity, type ProofFault, proveHost } from './box-proof.ts';
import { type ByteLink, ByteLinkRefused, type OpenByteLink } from './byte-link.ts';
import type { Clock } from './clock.ts';

/** WIRE.md, "Frames". */
export const REPLY_TIMEOUT_MS = 2_000;
export const SLOW_REPLY_TIMEOUT_MS = 30_000;
export const REQUEST_TRIES_MAX = 5;
export const BUSY_WAIT_MS = 20;
export const BUSY_TRIES_MAX = 250;
export const REQUESTS_WAITING_MAX = 16;
/** An idle link is asked for the box's state this often; it is also how a silent loss is found. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
export const RECONNECT_MIN_MS = 100;
export const RECONNECT_MAX_MS = 5_000;
/** Link-ups within one request: a box that restarts again and again is lost, not asked for ever. */
export const RELINKS_PER_REQUEST_MAX = 3;
/** Greetings in one link-up until the box takes our proof; afterwards it is tried again after a pause. */
export const PROOF_TRIES_MAX = 3;
export const PROOF_RETRY_MS = 5_000;

const SLOW: ReadonlySet<wire.RequestKind> = new Set(['print', 'close', 'load_end', 'abandon']);

export type LinkFault = 'port_absent' | 'port_locked' | 'link_lost' | 'no_answer' | 'reply_malformed';
export type BoxRefusal = RefusalName | LinkFault | 'request_too_many';

export interface BoxLinkStatus {
  readonly state: 'connecting' | 'connected' | 'lost' | 'fault';
  readonly code: LinkFault | ProofFault | 'station_not_proved' | null;
  /** the box has accepted the station's proof: everything may be asked */
  readonly proved: boolean;
  readonly subject: string | null;
  readonly badFrames: number;
}

export interface BoxLinkOptions {
  readonly open: OpenByteLink;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly crypto: Pick<Crypto, 'sign' | 'verify'>;
  readonly identity: LinkIdentity;
  /** boxes of the Station record */
  readonly boxes: readonly records.EnrolledDevice[];
  readonly onChange: (status: BoxLinkStatus) => void;
  /** After each link-up, also after a restart of the box behind an unbroken port: ask what became of things. */
  readonly onUp: (lifecycle: wire.Lifecycle) => void;
  readonly onEvent: (event: BoxEvent) => void;
  /** each answer to `status`, asked by anybody or by the heartbeat */
  readonly onStatus: (status: wire.StatusReply) => void;
}

export type BoxEvent =
  | { readonly kind: 'state_event'; readonly body: wire.StateEvent }
  | { readonly kind: 'outcome_event'; readonly body: wire.OutcomeReply }
  | { readonly kind: 'key_event'; readonly body: wire.KeyEvent };

type Reply<Kind extends wire.RequestKind> = wire.Exchanges[Kind]['reply'];
type AnyReply = Reply<wire.RequestKind>;
type Outcome = Result<AnyReply, BoxRefusal>;

export interface BoxLink {
  status(): BoxLinkStatus;
  request<Kind extends wire.RequestKind>(
    kind: Kind,
    body: wire.Exchanges[Kind]['request'],
  ): Promise<Result<Reply<Kind>, BoxRefusal>>;
  /** Greets and proves anew: after loading a package the box knows our key. */
  relink(): Promise<Result<void, BoxRefusal>>;
  close(): void;
}

interface Request {
  readonly kind: wire.RequestKind;
  readonly body: wire.Exchanges[wire.RequestKind]['request'];
  readonly settle: (outcome: Outcome) => void;
  /** made when the request is first sent */
  frame: Bytes | undefined;
  sequence: number;
  tries: number;
  busyTries: number;
  relinks: number;
}

const NOTHING = (): void => undefined;

class BoxLinkActor implements BoxLink {
  readonly #options: BoxLinkOptions;
  #link: ByteLink | undefined;
  /** Counts links: what an old one still delivers is not listened to. */
  #generation = 0;
  #sequence = 0;
  #current: Request | undefined;
  #waiting: Request[] = [];
  /** link-up's own requests go before everything that waits */
  #urgent: Request[] = [];
  #linking = false;
  #cancelTimer = NOTHING;
  #cancelHeartbeat = NOTHING;
  #cancelProof = NOTHING;
  #failures = 0;
  /** of the box when it was last greeted */
  #boots: number | undefined;
  #statusAtMs = 0;
  #closed = false;
  #status: BoxLinkStatus = { state: 'connecting', code: null, proved: false, subject: null, badFrames: 0 };

  constructor(options: BoxLinkOptions) {
    this.#options = options;
    this.#connect();
  }

  status(): BoxLinkStatus {
    return this.#status;
  }

  request<Kind extends wire.RequestKind>(
    kind: Kind,
    body: wire.Exchanges[Kind]['request'],
  ): Promise<Result<Reply<Kind>, BoxRefusal>> {
    return new Promise((resolve) => {
      if (this.#status.state !== 'connected') resolve(failure('link_lost'));
      else if (this.#waiting.length >= REQUESTS_WAITING_MAX) resolve(failure('request_too_many'));
      else {
        this.#waiting.push(this.#make(kind, body, resolve as (outcome: Outcome) => void));
        this.#startNext();
      }
    });
  }

  async relink(): Promise<Result<void, BoxRefusal>> {
    if (this.#link === undefined) return failure('link_lost');
    const linked = await this.#linkUp();
    return linked ? success(undefined) : failure('link_lost');
  }

  close(): void {
    this.#closed = true;
    this.#lose('link_lost');
  }

  #make(kind: wire.RequestKind, body: Request['body'], settle: (outcome: Outcome) => void): Request {
    return { kind, body, settle, frame: undefined, sequence: 0, tries: 0, busyTries: 0, relinks: 0 };
  }

  #connect(): void {
    const mine = ++this.#generation;
    const live = (): boolean => mine === this.#generation && !this.#closed;
    this.#setStatus({ state: 'connecting' });
    const frames = createFrameReader(
      (payload) => {
        if (live()) this.#onPayload(payload);
      },
      () => {
        this.#status = { ...this.#status, badFrames: this.#status.badFrames + 1 };
      },
    );
    this.#options
      .open({
        onBytes: (bytes) => {
          if (live()) frames.push(bytes);
        },
        onEnd: () => {
          if (live()) this.#lose('link_lost');
        },
      })
      .then(
        (link) => {
          if (!live()) {
            link.close();
            return;
          }
          this.#link = link;
          // A zero byte closes whatever half a frame an earlier host has left in the box's reader.
          link.write(Uint8Array.of(0));
          void this.#linkUp();
        },
        (cause: unknown) => {
          if (live()) this.#lose(cause instanceof ByteLinkRefused ? cause.code : 'port_absent');
        },
      );
  }

  /** hello, proof of the box, our own proof. @returns whether the link stands. */
  async #linkUp(): Promise<boolean> {
    const mine = this.#generation;
    this.#linking = true;
    this.#cancelProof();
    let greeted = await this.#greet(mine);
    // A hello that the line repeated has made the box another challenge than the one that was answered.
    for (let tries = 1; greeted !== undefined && !greeted.accepted && tries < PROOF_TRIES_MAX; tries++)
      greeted = await this.#greet(mine);
    if (greeted === undefined) return false;
    const { reply, proved, accepted } = greeted;
    this.#linking = false;
    this.#failures = 0;
    this.#setStatus({
      state: 'connected',
      code: accepted ? null : 'station_not_proved',
      proved,
      subject: reply.subject,
    });
    if (!accepted)
      this.#cancelProof = this.#options.clock.after(PROOF_RETRY_MS, () => this.#proveAgain(mine));
    this.#options.onUp(reply.lifecycle);
    this.#startNext();
    return true;
  }

  #proveAgain(generation: number): void {
    if (generation === this.#generation && !this.#linking && !this.#closed) void this.#linkUp();
  }

  /** @returns undefined where the link was lost or given up meanwhile */
  async #greet(
    mine: number,
  ): Promise<{ readonly reply: wire.HelloReply; proved: boolean; accepted: boolean } | undefined> {
    const challenge = this.#options.random(NONCE_BYTES);
    const hello = await this.#ask('hello', { challenge, softwareHash: this.#options.identity.softwareHash });
    if (mine !== this.#generation) return undefined;
    if (!hello.ok) {
      this.#lose('no_answer');
      return undefined;
    }
    const reply = hello.value as wire.HelloReply;
    const fault = boxProofFault(this.#options.crypto, this.#options.boxes, challenge, reply);
    if (fault !== undefined) {
      this.#lose(fault);
      return undefined;
    }
    if (reply.lifecycle === 'provisioned') return { reply, proved: false, accepted: true };
    // Before the proof: a restart in between spoils the proof, and any later one shows in a later status.
    const status = await this.#ask('status', {});
    if (mine !== this.#generation) return undefined;
    this.#boots = status.ok ? (status.value as wire.StatusReply).boots : undefined;
    const proof = await this.#ask(
      'prove',
      proveHost(this.#options.crypto, this.#options.identity, challenge, reply.challenge),
    );
    if (mine !== this.#generation) return undefined;
    return { reply, proved: proof.ok, accepted: proof.ok };
  }

  #ask(kind: wire.RequestKind, body: Request['body']): Promise<Outcome> {
    return new Promise((settle) => {
      this.#urgent.push(this.#make(kind, body, settle));
      this.#startNext();
    });
  }

  /** Ends this link and everything that waits on it; opens another after a pause. */
  #lose(code: LinkFault | ProofFault): void {
    this.#generation++;
    this.#link?.close();
    this.#link = undefined;
    this.#linking = false;
    this.#cancelTimer();
    this.#cancelHeartbeat();
    this.#cancelProof();
    const ended = [
      ...(this.#current === undefined ? [] : [this.#current]),
      ...this.#urgent,
      ...this.#waiting,
    ];
    this.#current = undefined;
    this.#urgent = [];
    this.#waiting = [];
    if (!this.#closed) {
      const pauseMs = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** Math.min(this.#failures, 10));
      this.#failures++;
      this.#cancelTimer = this.#options.clock.after(pauseMs, () => this.#connect());
      const fault =
        code === 'box_unprovisioned' || code === 'box_not_enrolled' || code === 'box_proof_invalid';
      this.#setStatus({ state: fault ? 'fault' : 'lost', code, proved: false });
    }
    const asked: LinkFault = code === 'no_answer' || code === 'reply_malformed' ? code : 'link_lost';
    for (const request of ended) request.settle(failure(asked));
  }

  #setStatus(next: Partial<BoxLinkStatus>): void {
    this.#status = { ...this.#status, ...next };
    this.#options.onChange(this.#status);
  }

  #startNext(): void {
    if (this.#current !== undefined || this.#link === undefined) return;
    const next = this.#urgent.shift() ?? (this.#linking ? undefined : this.#waiting.shift());
    this.#cancelHeartbeat();
    if (next !== undefined) {
      this.#current = next;
      this.#transmit(next);
    } else if (!this.#linking) {
      // Counted from the last status, not from the last request: a busy box is asked as often as an idle one.
      const dueMs = this.#statusAtMs + HEARTBEAT_INTERVAL_MS - this.#options.clock.elapsedMs();
      this.#cancelHeartbeat = this.#options.clock.after(Math.max(0, dueMs), () => {
        void this.request('status', {});
      });
    }
  }

  #transmit(request: Request): void {
    if (request.frame === undefined) {
      this.#sequence = this.#sequence >= SEQUENCE_MAX ? 1 : this.#sequence + 1;
      request.sequence = this.#sequence;
      request.frame = encodeFrame(encodeRequest(request.kind, request.sequence, request.body as never));
    }
    request.tries++;
    this.#cancelTimer();
    const timeoutMs = SLOW.has(request.kind) ? SLOW_REPLY_TIMEOUT_MS : REPLY_TIMEOUT_MS;
    this.#cancelTimer = this.#options.clock.after(timeoutMs, () => this.#again(request));
    this.#link?.write(request.frame);
  }

  /** Nothing, or nothing readable, came back: every request is idempotent, so it is simply repeated. */
  #again(request: Request): void {
    if (request.tries >= REQUEST_TRIES_MAX) this.#lose('no_answer');
    else this.#transmit(request);
  }

  #settle(request: Request, outcome: Outcome): void {
    this.#current = undefined;
    this.#cancelTimer();
    this.#cancelTimer = NOTHING;
    // The frame of PRINT holds nonces and choices.
    request.frame?.fill(0);
    if (request.kind === 'status') this.#statusAtMs = this.#options.clock.elapsedMs();
    if (outcome.ok && request.kind === 'status' && !this.#linking)
      this.#onStatus(outcome.value as wire.StatusReply);
    request.settle(outcome);
    this.#startNext();
  }

  /** A box that has restarted answers `status` as before, and tells no event: it is greeted again. */
  #onStatus(status: wire.StatusReply): void {
    const restarted = this.#status.proved && this.#boots !== undefined && status.boots !== this.#boots;
    this.#options.onStatus(status);
    if (restarted && !this.#linking && this.#link !== undefined) void this.#linkUp();
  }

  #onPayload(payload: Bytes): void {
    const message = decodeBoxMessage(payload);
    if (!message.ok) {
      this.#status = { ...this.#status, badFrames: this.#status.badFrames + 1 };
      return;
    }
    const { value } = message;
    if (value.kind !== 'reply' && value.kind !== 'refusal') {
      this.#options.onEvent(value);
      return;
    }
    const current = this.#current;
    if (current === undefined) return;
    if (value.kind === 'refusal') this.#onRefusal(current, value.sequence, value.body.reason);
    else if (value.sequence === current.sequence && value.request === current.kind)
      this.#settle(current, success(value.body));
  }

  #onRefusal(current: Request, sequence: number, reason: RefusalName): void {
    if (sequence === 0 || reason === 'frame_check_failed') {
      this.#again(current); // our frame was damaged on the way
      return;
    }
    if (sequence !== current.sequence) return;
    if (reason === 'busy' && current.busyTries < BUSY_TRIES_MAX) {
      current.busyTries++;
      current.tries--;
      this.#cancelTimer();
      this.#cancelTimer = this.#options.clock.after(BUSY_WAIT_MS, () => this.#transmit(current));
    } else if (reason === 'not_proved' && this.#mayRelink(current)) {
      // The box has restarted behind an unbroken port: greet it again, then repeat what was asked.
      current.relinks++;
      this.#cancelTimer();
      this.#current = undefined;
      this.#waiting.unshift(current);
      void this.#linkUp();
    } else this.#settle(current, failure(reason));
  }

  #mayRelink(current: Request): boolean {
    return (
      !this.#linking &&
      current.relinks < RELINKS_PER_REQUEST_MAX &&
      current.kind !== 'hello' &&
      current.kind !== 'prove'
    );
  }
}

/** Starts connecting at once. */
export const createBoxLink = (options: BoxLinkOptions): BoxLink => new BoxLinkActor(options);
