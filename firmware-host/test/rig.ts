// A box, its metal and a host that speaks the protocol's own codec, all in one thread and one virtual clock.
import { createHash } from 'node:crypto';
import {
  type Bytes,
  boxSubject,
  type ContestBallot,
  createFrameReader,
  decodeBoxMessage,
  encode,
  encodeFrame,
  encodeProtectedHeader,
  encodeRequest,
  equalBytes,
  parseTyped,
  records,
  type Subject,
  sessionSubject,
  signatureInput,
  toHex,
  verifyRecord,
  type wire,
} from '@sandoq/protocol';
import { buildFirmware } from '../bin/build.ts';
import {
  createFlash,
  createSimBox,
  type Firmware,
  loadFirmware,
  type NorFlash,
  type SimBox,
  type StopReason,
} from '../src/index.ts';
import {
  AUTHORITY,
  crypto,
  type ElectionChoices,
  makeElection,
  type PreparedBallot,
  prepareBallot,
  STATION,
  type TestElection,
  type TestRole,
  VOTING,
} from './election.ts';
import { TestCard, TestMetal } from './metal.ts';
import {
  approvalsOf,
  closeDigest,
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

let firmware: Firmware | undefined;
export async function builtFirmware(): Promise<Firmware> {
  if (firmware === undefined) {
    await buildFirmware();
    firmware = loadFirmware();
  }
  return firmware;
}

export interface Events {
  readonly states: wire.StateEvent[];
  readonly outcomes: wire.OutcomeReply[];
  readonly keys: string[];
  readonly stops: StopReason[];
  readonly strayRefusals: string[];
}

export class Rig {
  readonly box: SimBox;
  readonly metal: TestMetal;
  readonly flash: NorFlash;
  readonly firmware: Firmware;
  readonly events: Events = { states: [], outcomes: [], keys: [], stops: [], strayRefusals: [] };
  /** Every reason of a refusal, in order. */
  readonly reasons: string[] = [];
  /** Every byte that left on the host port since it was last emptied. */
  readonly sent: Bytes[] = [];
  /** The ballot that a test has in hand across a restart. */
  pending: PreparedBallot | undefined;
  /** Takes every frame of the box instead of this host: for floods that nobody can keep. */
  tap: ((frame: Bytes) => void) | undefined;
  /** Asked first for each piece of entropy; true where it has filled it: draws of rows ask for four bytes. */
  draws: ((into: Uint8Array) => boolean) | undefined;
  nowMs = 1_000_000;
  election!: TestElection;
  sessionId!: Bytes;
  boxKey!: Bytes;
  sessionKey!: Bytes;
  #sequence = 0;
  #answers = new Map<number, wire.Exchanges[Request]['reply'] | Refused>();
  #entropy: number;
  readonly #readFrames: ReturnType<typeof createFrameReader>;

  constructor(
    built: Firmware,
    flash = createFlash(),
    seed = 1,
    toMetal: (port: number, bytes: Bytes) => void = (port, bytes) => this.metal.receive(port, bytes),
  ) {
    this.firmware = built;
    this.flash = flash;
    this.#entropy = seed;
    this.#readFrames = createFrameReader(
      (payload) => this.#take(payload),
      (fault) => {
        throw new Error(`the box sent a bad frame: ${fault}`);
      },
    );
    this.metal = new TestMetal((port, bytes) => this.box.receive(port, bytes));
    this.box = createSimBox({
      firmware: built,
      flash,
      nowMs: () => this.nowMs,
      entropy: (into) => {
        if (this.draws?.(into) !== true) this.#fill(into);
      },
      onStop: (reason) => this.events.stops.push(reason),
      transmit: (port, bytes) => {
        if (port === 0 && this.tap !== undefined) this.tap(bytes);
        else if (port === 0) {
          this.sent.push(bytes);
          this.#readFrames.push(bytes);
        } else if (port !== 1) toMetal(port, bytes);
      },
    });
    this.box.powerOn();
  }

  #fill(into: Uint8Array): void {
    for (let at = 0; at < into.length; at += 32) {
      const block = createHash('sha256')
        .update(`entropy ${this.#entropy++}`)
        .digest();
      into.set(block.subarray(0, Math.min(32, into.length - at)), at);
    }
  }

  #take(payload: Bytes): void {
    const message = decodeBoxMessage(payload);
    if (!message.ok) throw new Error(`the box sent ${message.fault.code}: ${message.fault.wanted}`);
    const { value } = message;
    if (value.kind === 'refusal') this.reasons.push(value.body.reason);
    if (value.kind === 'state_event') this.events.states.push(value.body);
    else if (value.kind === 'outcome_event') this.events.outcomes.push(value.body);
    else if (value.kind === 'key_event') this.events.keys.push(value.body.key);
    else if (value.kind === 'refusal' && value.sequence === 0)
      this.events.strayRefusals.push(value.body.reason);
    else if (value.kind === 'refusal')
      this.#answers.set(value.sequence, new Refused('request', value.body.reason));
    else this.#answers.set(value.sequence, value.body);
  }

  newCard(nonce: number): TestCard {
    return new TestCard(this.election, nonce);
  }

  /** Whether these are the session key's signatures over the Vote records of these sealed records. */
  verifyVotes(sealed: readonly Bytes[], signatures: readonly Bytes[]): boolean {
    const signer = sessionSubject(toHex(this.sessionId));
    const header = encodeProtectedHeader({ type: 'vote', election: this.election.id, signer });
    return (
      sealed.length === signatures.length &&
      sealed.every((record, i) => {
        const vote = encode(records.voteShape, {
          sessionId: this.sessionId,
          sealedDigest: crypto.sha256(record),
        });
        return crypto.verify(this.sessionKey, signatureInput(header, vote), signatures[i] as Bytes);
      })
    );
  }

  verifyRejection(record: Bytes, challenge: Bytes): boolean {
    const parsed = parseTyped(record, 'rejection', records.rejectionShape);
    if (!parsed.ok || !verifyRecord(crypto, this.sessionKey, parsed.value.record)) return false;
    return (
      equalBytes(parsed.value.value.challenge, challenge) &&
      equalBytes(parsed.value.value.sessionId, this.sessionId)
    );
  }

  /** From here on the entropy is that of this seed. */
  reseed(seed: number): void {
    this.#entropy = seed;
  }

  restart(): void {
    this.box.powerOff();
    this.metal.powerLost();
    this.box.powerOn();
  }

  pass(ms: number, step = 100): void {
    for (let gone = 0; gone < ms; gone += step) {
      this.nowMs += Math.min(step, ms - gone);
      this.box.tick();
    }
  }

  /** Sends without waiting; the answer is asked for by its number. */
  send<Kind extends Request>(
    kind: Kind,
    body: wire.Exchanges[Kind]['request'],
    sequence = ++this.#sequence,
  ): number {
    this.box.receive(0, encodeFrame(encodeRequest(kind, sequence, body)));
    return sequence;
  }

  answer<Kind extends Request>(sequence: number): Reply<Kind> | undefined {
    const answer = this.#answers.get(sequence);
    this.#answers.delete(sequence);
    if (answer instanceof Refused) throw answer;
    return answer as Reply<Kind> | undefined;
  }

  ask<Kind extends Request>(kind: Kind, body: wire.Exchanges[Kind]['request']): Reply<Kind> {
    const answer = this.answer<Kind>(this.send(kind, body));
    if (answer === undefined) throw new Error(`no answer to ${kind}`);
    return answer;
  }

  status(): wire.StatusReply {
    return this.ask('status', {});
  }

  /** Makes the box's key, and an election that enrols it. */
  provision(choices: Partial<ElectionChoices> = {}): void {
    this.boxKey = this.ask('provision', { authorityKey: AUTHORITY.key, subject: boxSubject(STATION, 1) }).key;
    this.election = makeElection({ boxKey: this.boxKey, ...choices });
  }

  loadPart(part: wire.LoadPart, bytes: Bytes, chunk = LOAD_CHUNK_BYTES): wire.Lifecycle {
    let { offset } = this.ask('load_begin', { part, length: bytes.length, digest: crypto.sha256(bytes) });
    while (offset < bytes.length) {
      offset = this.ask('load_chunk', { part, offset, bytes: bytes.slice(offset, offset + chunk) }).offset;
    }
    return this.ask('load_end', { part }).lifecycle;
  }

  load(): void {
    for (const [part, bytes] of partsOf(this.election)) this.loadPart(part, bytes);
  }

  hello(): wire.HelloReply & { readonly hostChallenge: Bytes } {
    const hostChallenge = crypto.sha256(Uint8Array.of(this.#sequence));
    const reply = this.ask('hello', {
      challenge: hostChallenge,
      softwareHash: HOST_SOFTWARE,
    });
    return { ...reply, hostChallenge };
  }

  prove(hello: { readonly hostChallenge: Bytes; readonly challenge: Bytes }, secret = VOTING.secret): void {
    this.ask('prove', linkProof(hello, secret));
  }

  link(): void {
    this.prove(this.hello());
  }

  approvals(roles: readonly TestRole[], action: records.Action, digest: Bytes): Bytes[] {
    return approvalsOf(this.election, roles, action, digest);
  }

  statement(mode: records.Mode, stationNonce: Bytes, boxNonce: Bytes): Bytes {
    return openDigest(mode, stationNonce, boxNonce);
  }

  open(mode: records.Mode = 'rehearsal'): wire.OpenReply {
    const stationNonce = OPENING_NONCE;
    const { boxNonce } = this.ask('open_prepare', { mode, stationCommitment: crypto.sha256(stationNonce) });
    const digest = this.statement(mode, stationNonce, boxNonce);
    this.sessionId = digest.slice(0, 16);
    const approvals = openingApprovals(this.election, digest);
    const opened = this.ask('open', { stationNonce, openedBucket: OPENED_BUCKET, approvals });
    this.sessionKey = sessionOf(opened).sessionKey;
    return opened;
  }

  closeDigest(): Bytes {
    return closeDigest(this.sessionId);
  }

  closing(action: records.Action): Bytes[] {
    return closingApprovals(this.election, this.sessionId, action);
  }

  close(): Bytes {
    this.ask('close_doors', { approvals: this.closing('close_doors') });
    return this.ask('close', { approvals: this.closing('close') }).commitment;
  }

  begin(nonce: number): wire.BeginReply & { readonly stationNonce: Bytes } {
    const stationNonce = votingNonce(nonce);
    return { ...this.ask('begin', { stationCommitment: crypto.sha256(stationNonce) }), stationNonce };
  }

  /** BEGIN and the sealing: everything before PRINT. */
  prepared(nonce: number, ballot: readonly ContestBallot[]): PreparedBallot {
    const { stationNonce, boxNonce } = this.begin(nonce);
    return prepareBallot(this.election, this.sessionId, stationNonce, boxNonce, ballot);
  }

  seal(stationNonce: Bytes, boxNonce: Bytes, ballot: readonly ContestBallot[]): PreparedBallot {
    return prepareBallot(this.election, this.sessionId, stationNonce, boxNonce, ballot);
  }

  print(prepared: PreparedBallot): wire.PrintReply {
    return this.ask('print', {
      stationNonce: prepared.stationNonce,
      ballots: prepared.ballots,
      sealed: prepared.sealed,
    });
  }

  /** A whole vote: card, print, green. */
  cast(nonce: number, ballot: readonly ContestBallot[] = BALLOT): PreparedBallot {
    this.metal.lay(new TestCard(this.election, nonce));
    const prepared = this.prepared(nonce, ballot);
    this.print(prepared);
    this.metal.press('green');
    this.metal.lay(undefined);
    return prepared;
  }
}

export const BALLOT: readonly ContestBallot[] = [
  { contest: 0, class: 'marked', choices: [2] },
  { contest: 1, class: 'marked', choices: [0, 7, 19] },
  { contest: 2, class: 'marked', choices: [1, 8] },
];

/** A second box that wakes up with a copy of the first one's flash, and a host that knows what the first one knew. */
export function twin(rig: Rig, image = rig.flash.image(), flash = createFlash({ image })): Rig {
  const other = new Rig(rig.firmware, flash, 5000);
  other.election = rig.election;
  other.sessionId = rig.sessionId;
  other.boxKey = rig.boxKey;
  other.sessionKey = rig.sessionKey;
  return other;
}

/** A box that is provisioned, loaded, linked and open. */
export async function openRig(
  choices: Partial<ElectionChoices> = {},
  mode: records.Mode = 'rehearsal',
): Promise<Rig> {
  const rig = new Rig(await builtFirmware());
  rig.provision(choices);
  rig.load();
  rig.link();
  rig.open(mode);
  return rig;
}

export const refusalOf = (body: () => unknown): string => {
  try {
    body();
  } catch (cause) {
    if (cause instanceof Refused) return cause.reason;
    throw cause;
  }
  return 'nothing was refused';
};

export const hex = toHex;
export type { Subject };
