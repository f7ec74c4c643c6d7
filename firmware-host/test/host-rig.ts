// A box behind any host, its metal, and a voting process's side of the link that waits for each answer: what the contract
// of the hosts and the measurements need.
import {
  type Bytes,
  boxSubject,
  type ContestBallot,
  createFrameReader,
  decodeBoxMessage,
  encodeFrame,
  encodeRequest,
  type records,
  type wire,
} from '@sandoq/protocol';
import {
  AUTHORITY,
  crypto,
  type ElectionChoices,
  makeElection,
  type PreparedBallot,
  prepareBallot,
  STATION,
  type TestElection,
} from './election.ts';
import { TestCard, TestMetal } from './metal.ts';
import {
  closingApprovals,
  HOST_SOFTWARE,
  LOAD_CHUNK_BYTES,
  linkProof,
  OPENED_BUCKET,
  OPENING_NONCE,
  openDigest,
  openingApprovals,
  partsOf,
  Refused,
  type Reply,
  type Request,
  sessionOf,
  votingNonce,
} from './station-side.ts';

/** An emulator on a machine that many share. */
export const ANSWER_TIMEOUT_MS = 60_000;
/** As the station does, while paper moves or a card is being burnt. */
const ASK_AGAIN_MS = 20;

/** What a host gives the rig. */
export interface HostUnderTest {
  powerOn(): Promise<void>;
  cutPower(): Promise<void>;
  receive(port: number, bytes: Bytes): void;
  /** with power off */
  flashImage(): Bytes;
  end(): Promise<void>;
  /** of the emulator's process, and the stack's bytes as they stand: for measurements */
  pid?(): number | undefined;
  stack?(): Promise<Bytes>;
}
export type HostMaker = (transmit: (port: number, bytes: Bytes) => void) => Promise<HostUnderTest>;

interface Waiting {
  readonly kind: string;
  readonly resolve: (value: never) => void;
  readonly reject: (why: Error) => void;
}

export class HostRig {
  readonly metal: TestMetal;
  readonly states: wire.StateEvent[] = [];
  readonly outcomes: wire.OutcomeReply[] = [];
  readonly strayRefusals: string[] = [];
  boxKey: Bytes = new Uint8Array(0);
  election!: TestElection;
  sessionId!: Bytes;
  host!: HostUnderTest;
  /** what the metal found impossible: nothing may */
  violation: Error | undefined;
  #sequence = 0;
  #waiting = new Map<number, Waiting>();
  #listeners = new Set<() => void>();
  #reader: ReturnType<typeof createFrameReader>;
  #toMetal = true;

  constructor() {
    this.metal = new TestMetal((port, bytes) => this.host.receive(port, bytes));
    this.#reader = this.#newReader();
  }

  static async start(make: HostMaker): Promise<HostRig> {
    const rig = new HostRig();
    rig.host = await make((port, bytes) => rig.received(port, bytes));
    await rig.host.powerOn();
    return rig;
  }

  async cutPower(): Promise<void> {
    this.#toMetal = false;
    await this.host.cutPower();
    this.metal.powerLost();
    this.#reader = this.#newReader();
    this.#waiting.clear();
    this.#toMetal = true;
  }

  async restart(): Promise<void> {
    await this.cutPower();
    await this.host.powerOn();
  }

  ask<Kind extends Request>(kind: Kind, body: wire.Exchanges[Kind]['request']): Promise<Reply<Kind>> {
    const sequence = ++this.#sequence;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(sequence);
        reject(new Error(`no answer to ${kind}`));
      }, ANSWER_TIMEOUT_MS);
      this.#waiting.set(sequence, {
        kind,
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        reject: (why) => {
          clearTimeout(timer);
          reject(why);
        },
      });
      this.host.receive(0, encodeFrame(encodeRequest(kind, sequence, body)));
    });
  }

  /** Waits for what `holds`, looked at whenever the box has said something. */
  until<Value>(what: string, look: () => Value | undefined): Promise<Value> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const value = this.violation ?? look();
        if (value === undefined) return;
        clearTimeout(timer);
        this.#listeners.delete(check);
        if (value instanceof Error) reject(value);
        else resolve(value);
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(check);
        reject(new Error(`waited in vain for ${what}`));
      }, ANSWER_TIMEOUT_MS);
      this.#listeners.add(check);
      check();
    });
  }

  async provision(choices: Partial<ElectionChoices> = {}): Promise<void> {
    const { key } = await this.ask('provision', {
      authorityKey: AUTHORITY.key,
      subject: boxSubject(STATION, 1),
    });
    this.boxKey = key;
    this.election = makeElection({ boxKey: key, ...choices });
  }

  async load(): Promise<void> {
    for (const [part, bytes] of partsOf(this.election)) {
      let { offset } = await this.ask('load_begin', {
        part,
        length: bytes.length,
        digest: crypto.sha256(bytes),
      });
      while (offset < bytes.length)
        ({ offset } = await this.ask('load_chunk', {
          part,
          offset,
          bytes: bytes.slice(offset, offset + LOAD_CHUNK_BYTES),
        }));
      await this.ask('load_end', { part });
    }
  }

  async link(): Promise<wire.HelloReply> {
    const hostChallenge = crypto.sha256(Uint8Array.of(this.#sequence & 255));
    const hello = await this.ask('hello', { challenge: hostChallenge, softwareHash: HOST_SOFTWARE });
    await this.ask('prove', linkProof({ ...hello, hostChallenge }));
    return hello;
  }

  async open(mode: records.Mode = 'rehearsal'): Promise<records.Session> {
    const { boxNonce } = await this.ask('open_prepare', {
      mode,
      stationCommitment: crypto.sha256(OPENING_NONCE),
    });
    const digest = openDigest(mode, OPENING_NONCE, boxNonce);
    this.sessionId = digest.slice(0, 16);
    const approvals = openingApprovals(this.election, digest);
    return sessionOf(
      await this.ask('open', { stationNonce: OPENING_NONCE, openedBucket: OPENED_BUCKET, approvals }),
    );
  }

  async close(): Promise<Bytes> {
    const closing = (action: records.Action) => closingApprovals(this.election, this.sessionId, action);
    await this.ask('close_doors', { approvals: closing('close_doors') });
    return (await this.ask('close', { approvals: closing('close') })).commitment;
  }

  /** Card on the pad, BEGIN, and the station's sealing. */
  async prepare(nonce: number, ballot: readonly ContestBallot[]): Promise<PreparedBallot> {
    const seen = this.states.length;
    this.metal.lay(new TestCard(this.election, nonce));
    // The pad's line and the host's are two lines: the box is asked once it has said that it sees a card.
    await this.until('the box to see the card', () =>
      this.states.slice(seen).find((state) => state.pad !== 'empty'),
    );
    const stationNonce = votingNonce(nonce);
    const { boxNonce } = await this.ask('begin', { stationCommitment: crypto.sha256(stationNonce) });
    return prepareBallot(this.election, this.sessionId, stationNonce, boxNonce, ballot);
  }

  async print(prepared: PreparedBallot): Promise<wire.PrintReply> {
    const { stationNonce, ballots, sealed } = prepared;
    return this.ask('print', { stationNonce, ballots, sealed });
  }

  /** PRINT, and the page stands in the window. */
  async printed(prepared: PreparedBallot): Promise<void> {
    await this.print(prepared);
    await this.until('the page in the window', () => (this.metal.window === 'paper' ? true : undefined));
  }

  /** The box's word on what became of a vote, once it is final. */
  async outcomeOf(prepared: PreparedBallot): Promise<wire.OutcomeReply> {
    for (;;) {
      try {
        const reply = await this.ask('outcome', { names: [...prepared.names] });
        if (reply.outcome !== 'printing' && reply.outcome !== 'in_window') return reply;
      } catch (cause) {
        if (!(cause instanceof Refused && cause.reason === 'busy')) throw cause;
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  /** The card leaves the pad, and the box has said so. */
  async takeCard(): Promise<void> {
    if (this.metal.card === undefined) return;
    const seen = this.states.length;
    this.metal.lay(undefined);
    await this.until('the box to see the pad empty', () =>
      this.states.slice(seen).find((state) => state.pad === 'empty'),
    );
  }

  /** Counters once they hold: what the metal tells comes on another line than the question. */
  async counters(holds: (counters: wire.Counters) => boolean): Promise<wire.Counters> {
    for (const deadline = performance.now() + ANSWER_TIMEOUT_MS; ; ) {
      const { counters } = await this.ask('status', {});
      if (holds(counters) || performance.now() > deadline) return counters;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  /** A whole vote. */
  async cast(nonce: number, ballot: readonly ContestBallot[]): Promise<PreparedBallot> {
    const prepared = await this.prepare(nonce, ballot);
    await this.printed(prepared);
    const seen = this.outcomes.length;
    this.metal.press('green');
    const { outcome } = await this.until('the vote to be cast', () =>
      this.outcomes.slice(seen).find((one) => one.outcome === 'cast'),
    );
    if (outcome !== 'cast') throw new Error(outcome);
    await this.takeCard();
    return prepared;
  }

  #newReader(): ReturnType<typeof createFrameReader> {
    return createFrameReader(
      (payload) => this.#take(payload),
      (fault) => {
        this.violation = new Error(`the box sent a bad frame: ${fault}`);
      },
    );
  }

  /** What the box sent. */
  received(port: number, bytes: Bytes): void {
    if (port === 0) this.#reader.push(bytes);
    else if (port !== 1 && this.#toMetal) {
      try {
        this.metal.receive(port, bytes);
      } catch (cause) {
        this.violation = cause instanceof Error ? cause : new Error(String(cause));
      }
    }
    for (const look of [...this.#listeners]) look();
  }

  #take(payload: Bytes): void {
    const message = decodeBoxMessage(payload);
    if (!message.ok) {
      this.violation = new Error(`the box sent ${message.fault.code}: ${message.fault.wanted}`);
      return;
    }
    const { value } = message;
    if (value.kind === 'state_event') this.states.push(value.body);
    else if (value.kind === 'outcome_event') this.outcomes.push(value.body);
    else if (value.kind === 'refusal' && value.sequence === 0) this.strayRefusals.push(value.body.reason);
    else if (value.kind === 'refusal' || value.kind === 'reply') {
      const waiting = this.#waiting.get(value.sequence);
      this.#waiting.delete(value.sequence);
      if (value.kind === 'refusal') waiting?.reject(new Refused(waiting.kind, value.body.reason));
      else waiting?.resolve(value.body as never);
    }
  }
}
